package localmesos

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// compactOffers is the short form transcripts have for all but the first offers.
func compactOffers(event map[string]any) map[string]any {
	decoded := &scheduler.Event{}
	encoded, err := json.Marshal(event)
	if err != nil || unmarshalJSON(encoded, decoded) != nil || decoded.Offers == nil {
		return event
	}
	var offers []any
	for _, o := range decoded.Offers.Offers {
		var parts []string
		for _, x := range bundleOf(o.Resources) {
			if !x.isList {
				parts = append(parts, x.name+":"+string(appendJSONFloat(nil, float64(x.milli)/1000)))
				continue
			}
			var spans []string
			for _, span := range x.ranges {
				spans = append(spans, fmt.Sprintf("%d-%d", span.Begin, span.End))
			}
			parts = append(parts, x.name+":"+strings.Join(spans, ","))
		}
		short := map[string]any{
			"id":        map[string]any{"value": o.ID.Value},
			"agent_id":  map[string]any{"value": o.AgentID.Value},
			"resources": strings.Join(parts, " "),
		}
		if o.AllocationInfo != nil {
			short["allocation_info"] = map[string]any{"role": o.AllocationInfo.GetRole()}
		}
		var executors []any
		for _, id := range o.ExecutorIDs {
			executors = append(executors, map[string]any{"value": id.Value})
		}
		if executors != nil {
			short["executor_ids"] = executors
		}
		offers = append(offers, short)
	}
	return map[string]any{"type": "OFFERS", "offers": map[string]any{"offers": offers}}
}

// offersOf are the offers of an OFFERS event.
func offersOf(event map[string]any) []any {
	content, _ := event["offers"].(map[string]any)
	offers, _ := content["offers"].([]any)
	return offers
}

func valueOf(object any, key string) string {
	fields, _ := object.(map[string]any)
	id, _ := fields[key].(map[string]any)
	return fmt.Sprint(id["value"])
}

// sortOffers brings offers into the order of their agents: Mesos' is random.
func sortOffers(event map[string]any) {
	slices.SortFunc(offersOf(event), func(x, y any) int {
		// ids end in -S0, -S1 …; what is before that is the same
		return strings.Compare(valueOf(x, "agent_id"), valueOf(y, "agent_id"))
	})
}

// learnOffers pairs the offers' ids, which go before shorter ones in them.
func (r *replay) learnOffers(recorded, got map[string]any) {
	was, is := offersOf(recorded), offersOf(got)
	for i := range min(len(was), len(is)) {
		pair := idPair{valueOf(was[i], "id"), valueOf(is[i], "id")}
		if !slices.ContainsFunc(r.ids, func(id idPair) bool { return id.recorded == pair.recorded }) {
			r.ids = slices.Insert(r.ids, 0, pair)
		}
	}
}

// volatile fields differ from run to run, or from cluster to cluster.
var volatile = map[string]bool{
	"timestamp": true, "executor_pid": true, "unreachable_time": true, "port": true, "master_info": true,
}

var uuidPattern = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// compare says where two trees differ, ids translated; new ids are learned.
func (r *replay) compare(path string, recorded, got any) string {
	switch recorded := recorded.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok {
			return fmt.Sprintf("%s: %v, recorded %v", path, got, recorded)
		}
		for key := range object {
			if _, ok := recorded[key]; !ok && !volatile[key] {
				return fmt.Sprintf("%s.%s: %v was not recorded", path, key, object[key])
			}
		}
		for key, value := range recorded {
			if volatile[key] {
				continue
			}
			if problem := r.compare(path+"."+key, value, object[key]); problem != "" {
				return problem
			}
		}
		return ""
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(recorded) {
			return fmt.Sprintf("%s: %v, recorded %v", path, got, recorded)
		}
		for i := range recorded {
			if problem := r.compare(fmt.Sprintf("%s[%d]", path, i), recorded[i], list[i]); problem != "" {
				return problem
			}
		}
		return ""
	case string:
		text, ok := got.(string)
		if !ok || !r.same(path, recorded, text) {
			return fmt.Sprintf("%s: %q, recorded %q", path, got, recorded)
		}
		return ""
	}
	if fmt.Sprint(recorded) != fmt.Sprint(got) {
		return fmt.Sprintf("%s: %v, recorded %v", path, got, recorded)
	}
	return ""
}

func (r *replay) same(path, recorded, got string) bool {
	if r.live(recorded) == got {
		return true
	}
	// How two ExecutorInfos are printed is an affair of the protobuf library.
	if start, _, ok := strings.Cut(recorded, "\n-----"); ok && strings.HasSuffix(path, ".message") {
		return strings.HasPrefix(got, start)
	}
	if strings.HasSuffix(path, ".uuid") {
		r.learn(recorded, got)
		return true
	}
	was, is := uuidPattern.FindAllString(recorded, -1), uuidPattern.FindAllString(got, -1)
	for i := range min(len(was), len(is)) {
		r.learn(was[i], is[i])
	}
	return r.live(recorded) == got
}
