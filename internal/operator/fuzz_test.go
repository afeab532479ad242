package operator

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// FuzzCommand gives any bytes as a command: every answer is one that is
// described, nothing but a command is carried out, and what was carried out is
// answered again in the same words.
func FuzzCommand(f *testing.F) {
	for _, form := range commandForms {
		f.Add([]byte(`{"request_id":"1","command":"` + form.Name + `","car":"A","floor":"2","on":true}`))
	}
	f.Add([]byte(park("7")))
	f.Add([]byte(`{"request_id":"7","command":"landing-call","floor":"G","direction":"up"}`))
	f.Add([]byte(`{"request_id":"7","command":"landing-call","floor":"G","direction":null}`))
	f.Add([]byte(`[{"request_id":{}}]`))
	f.Add([]byte("{\"\\ud800\":1e999}"))
	d := readDescription(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		g := new(fakeGroup)
		server := NewServer(Config{Hub: fuzzHub(t), Command: g.command})
		defer server.endLife()
		post := func() *httptest.ResponseRecorder {
			w := httptest.NewRecorder()
			r := httptest.NewRequestWithContext(localContext(t.Context()), http.MethodPost, "http://localhost"+commandsPath, strings.NewReader(string(body)))
			r.Header.Set("Content-Type", "application/json")
			server.http.Handler.ServeHTTP(w, r)
			return w
		}
		first := post()
		if _, err := d.response(commandsPath, http.MethodPost, first.Code); err != nil {
			t.Fatal(err)
		}
		carried := map[bool]int{true: 1}[first.Code == http.StatusOK]
		if second := post(); second.Code != first.Code || second.Body.String() != first.Body.String() || g.count() != carried {
			t.Fatalf("%d %s, then %d %s; carried out %d times", first.Code, first.Body, second.Code, second.Body, g.count())
		}
		if first.Code == http.StatusOK {
			if _, err := parseCommand(body); err != nil {
				t.Fatalf("carried out, but %v", err)
			}
			return
		}
		unquoted(t, first.Body.String())
	})
}

// FuzzEventsQuery asks for the event stream with any parameters.
func FuzzEventsQuery(f *testing.F) {
	for _, query := range []string{"", "from=1", "from=2", "from=99", "from=-1", "from=1&from=2", "from=%zz", "from=1;2", "&&=", "from=18446744073709551615"} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		server := NewServer(Config{Hub: fuzzHub(t)})
		defer server.endLife()
		ctx, leave := context.WithCancel(localContext(t.Context()))
		leave() // so that a stream ends when it has written what there is
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, "http://localhost"+eventsPath, nil)
		r.URL.RawQuery = query
		w := httptest.NewRecorder()
		server.http.Handler.ServeHTTP(w, r)
		if !slices.Contains([]int{http.StatusOK, http.StatusBadRequest, http.StatusGone}, w.Code) {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		if w.Code != http.StatusOK {
			unquoted(t, w.Body.String())
		}
	})
}

// FuzzTokens reads any text as a token file: it is refused without giving
// anything away, or every token in it is known.
func FuzzTokens(f *testing.F) {
	f.Add(tokenFile)
	f.Add("viewer anna short")
	f.Add("operator otto 0123456789abcdef # comment")
	f.Fuzz(func(t *testing.T, text string) {
		holders, err := parseTokens(text)
		if err != nil {
			for word := range strings.FieldsSeq(text) {
				if len(word) >= leastToken && strings.Contains(err.Error(), word) {
					t.Fatalf("%v has %q in it", err, word)
				}
			}
			return
		}
		if len(holders) == 0 {
			t.Fatal("a file without tokens is taken")
		}
		for _, h := range holders {
			if h.Name == "" || h.Role != Viewer && h.Role != Operator {
				t.Fatalf("holder %+v", h.Principal)
			}
		}
	})
}

func fuzzHub(t *testing.T) *Hub {
	hub := newHub(t, small(t))
	publish(t, hub, tick(0))
	return hub
}

// localContext is that of a request to the loopback.
func localContext(ctx context.Context) context.Context {
	return context.WithValue(ctx, http.LocalAddrContextKey, pipeAddr(loopback))
}
