package operator

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"elevator/internal/elevator"
)

// description is openapi.json as far as it is tested.
type description struct {
	Paths      map[string]map[string]operation `json:"paths"`
	Components struct {
		Responses map[string]response `json:"responses"`
		Schemas   map[string]*schema  `json:"schemas"`
	} `json:"components"`
}

type operation struct {
	OperationID string              `json:"operationId"`
	Security    []map[string]any    `json:"security"`
	Responses   map[string]response `json:"responses"`
	RequestBody struct {
		Content map[string]struct {
			Schema *schema `json:"schema"`
		} `json:"content"`
	} `json:"requestBody"`
}

type response struct {
	Ref     string `json:"$ref"`
	Content map[string]struct {
		Schema *schema `json:"schema"`
	} `json:"content"`
}

// schema is the part of JSON Schema that the description uses.
type schema struct {
	Ref                  string             `json:"$ref"`
	Type                 string             `json:"type"`
	Enum                 []string           `json:"enum"`
	Pattern              string             `json:"pattern"`
	Minimum              *float64           `json:"minimum"`
	MinLength            int                `json:"minLength"`
	Required             []string           `json:"required"`
	Properties           map[string]*schema `json:"properties"`
	AdditionalProperties json.RawMessage    `json:"additionalProperties"`
	Items                *schema            `json:"items"`
	Description          string             `json:"description"`
}

func readDescription(t testing.TB) *description {
	t.Helper()
	var d description
	if err := json.Unmarshal(openAPI, &d); err != nil {
		t.Fatal(err)
	}
	return &d
}

// check returns what is wrong with a decoded value under the schema.
func (d *description) check(s *schema, v any, at string) error {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		if s = d.Components.Schemas[name]; s == nil {
			return fmt.Errorf("%s: there is no schema %s", at, name)
		}
	}
	switch s.Type {
	case "object":
		object, ok := v.(map[string]any)
		if !ok {
			return fmt.Errorf("%s: %v is no object", at, v)
		}
		return d.checkObject(s, object, at)
	case "array":
		list, ok := v.([]any)
		if !ok {
			return fmt.Errorf("%s: %v is no array", at, v)
		}
		for i, item := range list {
			if err := d.check(s.Items, item, fmt.Sprintf("%s[%d]", at, i)); err != nil {
				return err
			}
		}
	case "string":
		text, ok := v.(string)
		if !ok || len(s.Enum) > 0 && !slices.Contains(s.Enum, text) || len(text) < s.MinLength || !regexp.MustCompile(s.Pattern).MatchString(text) {
			return fmt.Errorf("%s: %v is no such text", at, v)
		}
	case "number", "integer":
		n, ok := v.(float64)
		if !ok || s.Type == "integer" && n != float64(int64(n)) || s.Minimum != nil && n < *s.Minimum {
			return fmt.Errorf("%s: %v is no such number", at, v)
		}
	case "boolean":
		if _, ok := v.(bool); !ok {
			return fmt.Errorf("%s: %v is neither true nor false", at, v)
		}
	default:
		return fmt.Errorf("%s: schema of unknown type %q", at, s.Type)
	}
	return nil
}

func (d *description) checkObject(s *schema, object map[string]any, at string) error {
	for _, name := range s.Required {
		if _, ok := object[name]; !ok {
			return fmt.Errorf("%s.%s is missing", at, name)
		}
	}
	for name, value := range object {
		property := s.Properties[name]
		if property == nil {
			switch extra := string(s.AdditionalProperties); extra {
			case "false":
				return fmt.Errorf("%s.%s is not described", at, name)
			case "", "true":
				continue
			default:
				property = new(schema)
				if err := json.Unmarshal(s.AdditionalProperties, property); err != nil {
					return err
				}
			}
		}
		if err := d.check(property, value, at+"."+name); err != nil {
			return err
		}
	}
	return nil
}

// response returns the description of an answer.
func (d *description) response(path, method string, status int) (response, error) {
	r, ok := d.Paths[path][strings.ToLower(method)].Responses[strconv.Itoa(status)]
	if !ok {
		return r, fmt.Errorf("%s %s: status %d is not described", method, path, status)
	}
	if name, ok := strings.CutPrefix(r.Ref, "#/components/responses/"); ok {
		if r, ok = d.Components.Responses[name]; !ok {
			return r, fmt.Errorf("there is no response %s", name)
		}
	}
	return r, nil
}

func TestTheDescriptionHasEveryRouteAndNoOther(t *testing.T) {
	d := readDescription(t)
	want := map[string]string{}
	ids := map[string]bool{}
	server := NewServer(Config{Hub: newHub(t, small(t))})
	t.Cleanup(server.endLife)
	for _, route := range server.routes() {
		want[route.path] = strings.ToLower(route.method)
		o, ok := d.Paths[route.path][want[route.path]]
		if !ok {
			continue
		}
		if (len(o.Security) > 0) != (route.least > Anybody) {
			t.Errorf("%s: security %v, but the least role is %v", route.path, o.Security, route.least)
		}
		if ids[o.OperationID] || o.OperationID == "" {
			t.Errorf("%s: operationId %q", route.path, o.OperationID)
		}
		ids[o.OperationID] = true
	}
	got := map[string]string{}
	for path, methods := range d.Paths {
		got[path] = strings.Join(slices.Sorted(maps.Keys(methods)), " ")
	}
	if !maps.Equal(got, want) {
		t.Errorf("described: %v\nserved: %v", got, want)
	}
}

func TestTheDescriptionOfCommandsIsThatOfTheirForms(t *testing.T) {
	d := readDescription(t)
	s := d.Components.Schemas["Command"]
	var names, sentences []string
	for _, form := range CommandForms() {
		names = append(names, form.Name)
		sentence := form.Name + ": " + strings.Join(form.Required, ", ")
		sentence = strings.Replace(sentence, ", "+directionOrTo, ", and direction or to", 1)
		for _, field := range form.Optional {
			sentence += ", optional " + field
		}
		sentences = append(sentences, strings.Replace(sentence, ": , ", ": ", 1)+".")
	}
	if !slices.Equal(s.Properties["command"].Enum, names) {
		t.Errorf("commands %v, want %v", s.Properties["command"].Enum, names)
	}
	if want := strings.Join(sentences, " ") + " No command takes another field."; s.Description != want {
		t.Errorf("description\n%s\nwant\n%s", s.Description, want)
	}
	fields := slices.Sorted(slices.Values(append([]string{"request_id", "command"}, commandFields...)))
	if got := slices.Sorted(maps.Keys(s.Properties)); !slices.Equal(got, fields) {
		t.Errorf("fields %v, want %v", got, fields)
	}
	words := map[string][]string{"direction": {"up", "down"}}
	for m := elevator.ModeNormal; m <= elevator.ModeOccupantEvacuation; m++ {
		words["mode"] = append(words["mode"], m.String())
	}
	for m := elevator.GroupNormal; m <= elevator.GroupUpPeak; m++ {
		words["group_mode"] = append(words["group_mode"], m.String())
	}
	for f := elevator.FaultController; f <= elevator.FaultOverload; f++ {
		words["fault"] = append(words["fault"], f.String())
	}
	for field, want := range words {
		if got := s.Properties[field].Enum; !slices.Equal(got, want) {
			t.Errorf("words of %s: %v, want %v", field, got, want)
		}
	}
}

// TestAnswersAreAsDescribed asks for everything in every way that has an
// answer of its own, and holds the answers against the description: their
// status, their type and every field. Each answer that is described must have
// been given.
func TestAnswersAreAsDescribed(t *testing.T) {
	d := readDescription(t)
	given := map[string]bool{}
	tokens, _ := loadTokens(t)
	synctest.Test(t, func(t *testing.T) {
		notReady := false
		failing := func() error {
			if notReady {
				return ErrNotReady
			}
			return nil
		}
		g := &fakeGroup{do: func(ctx context.Context, cmd Command) (Result, error) {
			switch cmd.RequestID {
			case "refused":
				return Result{}, &RefusedError{"no"}
			case "early":
				return Result{}, ErrNotReady
			case "broken":
				return Result{}, io.ErrUnexpectedEOF
			case "slow":
				<-ctx.Done()
				return Result{}, ctx.Err()
			}
			return Result{Seq: 9}, nil
		}}
		cfg := forgetful(40)(t)
		cfg.Command, cfg.Tokens = g.command, tokens
		cfg.Healthy, cfg.Ready = failing, failing
		cfg.Warnings = func() []string { return []string{"the clock was set"} }
		cfg.Reasons = func(context.Context) (Assignments, error) {
			if notReady {
				return Assignments{}, ErrNotReady
			}
			b := cfg.Hub.building
			a := NewAssignments(b, 9e9, "eta", []elevator.LandingCall{{Key: elevator.ConventionalCall(1, elevator.Up), Car: 0}})
			a.Calls[0].Cars = []Bid{NewBid("A", 120.5, 7, ""), NewBid("B", math.NaN(), math.NaN(), "not in the group")}
			return a, nil
		}
		s := serve(t, cfg)
		defer s.close()
		publish(t, s.hub, parseEvents(t, s.hub.building, ride)...)
		publish(t, s.hub, ticks(30, 30e9)...)

		check := func(req *http.Request) {
			t.Helper()
			resp, err := s.http.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			want, err := d.response(req.URL.Path, req.Method, resp.StatusCode)
			if err != nil {
				t.Error(err)
				return
			}
			given[fmt.Sprint(req.Method, req.URL.Path, resp.StatusCode)] = true
			kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
			content, ok := want.Content[kind]
			if !ok {
				t.Errorf("%s: the type %q is not described for %s", req.URL, kind, resp.Status)
				return
			}
			if kind == "text/plain" {
				return
			}
			var body any
			if err := json.NewDecoder(resp.Body).Decode(&body); err != nil {
				t.Errorf("%s: %v", req.URL, err)
			}
			if err := d.check(content.Schema, body, req.URL.Path); err != nil {
				t.Error(err)
			}
		}
		operator := []string{"Authorization", "Bearer " + operatorToken, "Content-Type", "application/json"}
		anna := []string{"Authorization", "Bearer " + viewerToken, "Content-Type", "application/json"}
		evil := append([]string{"Sec-Fetch-Site", "cross-site"}, anna...)
		for _, route := range s.server.routes() {
			if route.method != http.MethodGet {
				continue
			}
			check(s.request(http.MethodGet, route.path, "", anna...))
			if route.least > Anybody {
				check(s.request(http.MethodGet, route.path, ""))
			}
		}
		for _, query := range []string{"?from=1", "?from=x", "?from=70"} {
			check(s.request(http.MethodGet, eventsPath+query, "", anna...))
		}
		s.server.streams.Store(mostStreams)
		check(s.request(http.MethodGet, eventsPath, "", anna...))
		s.server.streams.Store(0)
		notReady = true
		check(s.request(http.MethodGet, "/healthz", ""))
		check(s.request(http.MethodGet, "/readyz", ""))
		check(s.request(http.MethodGet, "/api/v1/assignments", "", anna...))

		for _, id := range []string{"done", "refused", "early", "broken", "slow", ""} {
			check(s.request(http.MethodPost, commandsPath, park(id), operator...))
		}
		check(s.request(http.MethodPost, commandsPath, `{"request_id":"z","command":"park","car":"Z"}`, operator...))
		check(s.request(http.MethodPost, commandsPath, strings.Repeat(" ", longestCommand+1), operator...))
		check(s.request(http.MethodPost, commandsPath, park("1"), operator[:2]...))
		check(s.request(http.MethodPost, commandsPath, park("1")))
		check(s.request(http.MethodPost, commandsPath, park("1"), anna...))
		check(s.request(http.MethodPost, commandsPath, park("1"), evil...))
		for range commandBurst {
			check(s.request(http.MethodPost, commandsPath, park("done"), operator...))
		}
	})
	// A viewer's path is forbidden only to web pages that reached it by another
	// name, where there are no tokens.
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, Config{})
		defer s.close()
		for _, route := range s.server.routes() {
			resp, _ := s.ask(s.request(route.method, route.path, "", "Host", "evil.example"))
			if _, err := d.response(route.path, route.method, resp.StatusCode); err != nil {
				t.Error(err)
			}
			given[fmt.Sprint(route.method, route.path, resp.StatusCode)] = true
		}
	})
	for path, methods := range d.Paths {
		for method, o := range methods {
			for status := range o.Responses {
				if !given[strings.ToUpper(method)+path+status] {
					t.Errorf("%s %s: %s is described and was never given", method, path, status)
				}
			}
		}
	}
}

func TestTargetsForPrometheus(t *testing.T) {
	withExecutor := func(*testing.T) (c Config) {
		c.Targets = func() []Target { return []Target{{Address: "10.0.0.7:31007", Component: "executor", Agent: "agent-1"}} }
		return c
	}
	inBubble(t, withExecutor, func(t *testing.T, s *service) {
		_, body := s.ask(s.request(http.MethodGet, "/sd/targets", "", "Host", "localhost:9999"))
		want := `[{"targets":["localhost:9999"],"labels":{"__metrics_path__":"/metrics","__scheme__":"http","building":"Small","component":"scheduler"}},` +
			`{"targets":["10.0.0.7:31007"],"labels":{"__metrics_path__":"/metrics","__scheme__":"http","agent":"agent-1","building":"Small","component":"executor"}}]` + "\n"
		if body != want {
			t.Errorf("%s, want %s", body, want)
		}
	})
}
