package mesos

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
)

// The files of testdata/transcripts were recorded between drivers written for the purpose and a master and agents of
// Apache Mesos 1.12, over JSON. What they show is replayed at the drivers of this package, over protobuf.

// exchange is a request of a transcript with its answer and, for subscriptions, the events that followed.
type exchange struct {
	file    string
	line    int
	who     string // "scheduler", "executor ex1 pid 1296", "stranger"
	path    string
	header  http.Header
	body    string
	status  int
	answer  http.Header
	text    string
	events  []string // JSON; those that were cut for the transcript are left out
	dropped int
	closed  bool
}

func (x *exchange) String() string { return fmt.Sprintf("%s:%d", x.file, x.line) }

// isJSON reports whether the request is one that a correct driver sends, JSON in place of protobuf aside.
func (x *exchange) isJSON() bool {
	return x.header.Get("Content-Type") == "application/json" && json.Valid([]byte(x.body))
}

func (x *exchange) callType() string {
	var call struct{ Type string }
	json.Unmarshal([]byte(x.body), &call)
	return call.Type
}

// isStream reports whether the exchange is a SUBSCRIBE over JSON with the events that followed.
func (x *exchange) isStream() bool {
	isText := func(event string) bool { return !strings.HasPrefix(event, "{") } // as protobuf streams were recorded
	return x.isJSON() && x.callType() == "SUBSCRIBE" && x.status == 200 && len(x.events) > 0 && !slices.ContainsFunc(x.events, isText)
}

// errLossy is part of decodeJSON's error when mesos-go has no place for a field.
var errLossy = errors.New("mesos-go loses")

var transcriptLine = regexp.MustCompile(`^=== \+[0-9.]+ (.*) \[(.*)\] ([A-Z]+)`)

func readTranscripts(t *testing.T, pattern string) []*exchange {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "transcripts", pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	var all []*exchange
	for _, file := range files {
		all = append(all, readTranscript(t, file)...)
	}
	return all
}

func readTranscript(t *testing.T, file string) []*exchange {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var exchanges []*exchange
	last := map[string]*exchange{} // by connection
	line := 1
	for i, part := range strings.Split(string(data), "\n=== ") {
		if i > 0 {
			part = "=== " + part
		}
		title, text, _ := strings.Cut(part, "\n")
		here := line
		line += strings.Count(part, "\n") + 1
		match := transcriptLine.FindStringSubmatch(title)
		if match == nil {
			continue
		}
		who, conn, kind := match[1], match[2], match[3]
		if strings.HasPrefix(conn, "x") {
			conn = who + conn
		}
		switch x := last[conn]; {
		case kind == "REQUEST":
			x = &exchange{file: filepath.Base(file), line: here, who: who}
			x.readRequest(t, text)
			exchanges = append(exchanges, x)
			last[conn] = x
		case x == nil:
		case kind == "RESPONSE":
			x.readAnswer(t, text)
		case kind == "EVENT" && strings.Contains(text, "…trimmed"):
			x.dropped++
		case kind == "EVENT":
			x.events = append(x.events, strings.TrimSpace(text))
		case kind == "CLOSED":
			x.closed = true
		}
	}
	return exchanges
}

func (x *exchange) readRequest(t *testing.T, text string) {
	head, body, _ := strings.Cut(text, "\n\n")
	request, err := http.ReadRequest(bufio.NewReader(strings.NewReader(strings.ReplaceAll(head, "\n", "\r\n") + "\r\n\r\n")))
	if err != nil {
		return // recorded to see what Mesos says to nonsense
	}
	x.path, x.header, x.body = request.URL.Path, request.Header, strings.TrimSpace(body)
}

func (x *exchange) readAnswer(t *testing.T, text string) {
	head, body, _ := strings.Cut(text, "\n\n")
	answer, err := http.ReadResponse(bufio.NewReader(strings.NewReader(strings.ReplaceAll(strings.TrimSpace(head), "\n", "\r\n")+"\r\n\r\n")), nil)
	if err != nil {
		t.Fatalf("%v: %v", x, err)
	}
	x.status, x.answer, x.text = answer.StatusCode, answer.Header, strings.TrimSpace(body)
}

// decodeJSON reads recorded JSON into a message of mesos-go, and fails if a part of it does not arrive there. Master
// capabilities that mesos-go does not know are left out: its JSON reader refuses them, while protobuf passes them.
func decodeJSON(text string, into json.Unmarshaler) error {
	var tree any
	if err := json.Unmarshal([]byte(text), &tree); err != nil {
		return err
	}
	tree = withoutUnknownCapabilities(tree)
	clean, err := json.Marshal(tree)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(clean, into); err != nil {
		return err
	}
	back, err := json.Marshal(into)
	if err != nil {
		return err
	}
	var again any
	if err := json.Unmarshal(back, &again); err != nil {
		return err
	}
	if missing := notWithin(tree, again, ""); missing != "" {
		return fmt.Errorf("%w %s", errLossy, missing)
	}
	return nil
}

func withoutUnknownCapabilities(tree any) any {
	switch node := tree.(type) {
	case map[string]any:
		for key, value := range node {
			value = withoutUnknownCapabilities(value)
			if list, ok := value.([]any); ok && key == "capabilities" {
				value = knownCapabilities(list)
			}
			node[key] = value
		}
	case []any:
		for i := range node {
			node[i] = withoutUnknownCapabilities(node[i])
		}
	}
	return tree
}

func knownCapabilities(list []any) []any {
	known := []any{}
	for _, item := range list {
		name, _ := item.(map[string]any)["type"].(string)
		_, master := mesosv1.MasterInfo_Capability_Type_value[name]
		_, agent := mesosv1.AgentInfo_Capability_Type_value[name]
		_, framework := mesosv1.FrameworkInfo_Capability_Type_value[name]
		if master || agent || framework {
			known = append(known, item)
		}
	}
	return known
}

// notWithin names the first part of a tree that another does not have; "" if there is none.
func notWithin(part, whole any, path string) string {
	switch part := part.(type) {
	case map[string]any:
		node, _ := whole.(map[string]any)
		for key, value := range part {
			if list, ok := value.([]any); ok && len(list) == 0 {
				continue
			}
			other, found := node[key]
			if !found {
				return path + "." + key
			}
			if missing := notWithin(value, other, path+"."+key); missing != "" {
				return missing
			}
		}
		return ""
	case []any:
		list, _ := whole.([]any)
		if len(list) != len(part) {
			return path
		}
		for i := range part {
			if missing := notWithin(part[i], list[i], path+"["+strconv.Itoa(i)+"]"); missing != "" {
				return missing
			}
		}
		return ""
	}
	if !reflect.DeepEqual(part, whole) {
		return fmt.Sprintf("%s: %v became %v", path, part, whole)
	}
	return ""
}
