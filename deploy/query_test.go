package deploy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Labels that targets get from their scrape job, that every histogram has, or
// that alerts have.
var targetLabels = []string{"job", "instance", "building", "app", "agent", "le"}

var (
	quoted     = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	selector   = regexp.MustCompile(`([a-zA-Z_:][\w:]*)\s*\{([^}]*)\}`)
	braces     = regexp.MustCompile(`\{[^}]*\}`)
	window     = regexp.MustCompile(`\[[^\]]*\]`)
	grouping   = regexp.MustCompile(`\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)`)
	identifier = regexp.MustCompile(`[a-zA-Z_:][\w:]*(\s*\()?`)
	rated      = regexp.MustCompile(`(?:rate|increase|changes|resets)\(\s*([a-zA-Z_:][\w:]*)`)
)

var operators = []string{"and", "or", "unless", "bool", "offset"}

// checkQueries returns an error for a metric or a label in one of the
// expressions that neither metrics.txt lists nor a rule records nor every Go
// program has, and for a counter that is not looked at by its rate.
func checkQueries(root string, rules []rule, expressions []string) error {
	p, err := built()
	if err != nil {
		return err
	}
	known, err := listedMetrics(root)
	if err != nil {
		return err
	}
	for name, m := range p.metrics {
		if !strings.HasPrefix(name, "elevator_") {
			known[name] = m
		}
	}
	known["up"] = exported{kind: "gauge"}
	for _, r := range rules {
		if r.Record != "" {
			known[r.Record] = exported{kind: "gauge", labels: []string{"car", "type", "floor", "direction"}}
		}
	}
	labels := slices.Clone(targetLabels)
	for _, m := range known {
		labels = append(labels, m.labels...)
	}
	for _, expr := range expressions {
		if err := checkQuery(known, labels, expr); err != nil {
			return fmt.Errorf("%w, in\n%s", err, expr)
		}
	}
	return nil
}

func checkQuery(known map[string]exported, labels []string, expr string) error {
	for _, m := range selector.FindAllStringSubmatch(expr, -1) {
		metric, ok := known[m[1]]
		if !ok {
			return fmt.Errorf("no metric %s is exported or recorded", m[1])
		}
		for _, l := range labelName.FindAllStringSubmatch(m[2], -1) {
			if !slices.Contains(metric.labels, l[1]) && !slices.Contains(targetLabels, l[1]) {
				return fmt.Errorf("metric %s has no label %s", m[1], l[1])
			}
		}
	}
	plain := braces.ReplaceAllString(quoted.ReplaceAllString(expr, `""`), "")
	plain = window.ReplaceAllString(plain, "")
	for _, m := range grouping.FindAllStringSubmatch(plain, -1) {
		for l := range strings.SplitSeq(m[1], ",") {
			if l = strings.TrimSpace(l); l != "" && !slices.Contains(labels, l) {
				return fmt.Errorf("no metric has a label %s", l)
			}
		}
	}
	plain = grouping.ReplaceAllString(plain, "")
	counted := make(map[string]bool)
	for _, m := range rated.FindAllStringSubmatch(plain, -1) {
		counted[m[1]] = true
	}
	for _, m := range identifier.FindAllStringSubmatch(plain, -1) {
		if m[1] != "" || slices.Contains(operators, m[0]) {
			continue // a function, or an operator
		}
		switch metric, ok := known[m[0]]; {
		case !ok && slices.Contains([]string{"sum", "min", "max", "count", "avg"}, m[0]):
		case !ok:
			return fmt.Errorf("no metric %s is exported or recorded", m[0])
		case metric.kind == "counter" && !counted[m[0]]:
			return fmt.Errorf("%s is a counter: want its rate or increase", m[0])
		}
	}
	return nil
}

// TestQueriesAreUnderstood holds the reading of queries against examples,
// since a query that is not understood is not checked.
func TestQueriesAreUnderstood(t *testing.T) {
	known := map[string]exported{
		"elevator_calls_total": {kind: "counter", labels: []string{"direction"}},
		"elevator_load":        {kind: "gauge", labels: []string{"car"}},
	}
	labels := slices.Concat(targetLabels, []string{"direction", "car"})
	for expr, want := range map[string]string{
		`sum by (car) (elevator_load{car=~"A|B", job="x"}) > 0`:               "",
		`sum without (direction) (rate(elevator_calls_total[5m]))`:            "",
		`elevator_load and on (car) elevator_load unless elevator_load == 1`:  "",
		`sum(elevator_calls_total)`:                                           "is a counter",
		`elevator_load + elevator_missing`:                                    "no metric elevator_missing",
		`max_over_time(elevator_missing{car="elevator_load"}[5m])`:            "no metric elevator_missing",
		`elevator_load{floor="1"}`:                                            "no label floor",
		`sum by (floor) (elevator_load)`:                                      "label floor",
		`histogram_quantile(0.9, sum by (le) (rate(elevator_x_bucket[15m])))`: "no metric elevator_x_bucket",
	} {
		err := checkQuery(known, labels, expr)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v, want %q", expr, err, want)
		}
	}
}
