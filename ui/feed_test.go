package ui

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"elevator/internal/elevator"
	"elevator/internal/operator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// station is a scheduler's API as a test tells it to be.
type station struct {
	*httptest.Server
	asked chan string // the queries of event streams, in order

	mu     sync.Mutex // guards answer
	answer func(w http.ResponseWriter, r *http.Request)
}

func newStation(t *testing.T, answer func(http.ResponseWriter, *http.Request)) *station {
	s := &station{asked: make(chan string, 100), answer: answer}
	mux := http.NewServeMux()
	mux.HandleFunc("/api/v1/events", func(w http.ResponseWriter, r *http.Request) {
		s.asked <- r.URL.RawQuery
		s.mu.Lock()
		answer := s.answer
		s.mu.Unlock()
		answer(w, r)
	})
	mux.HandleFunc("/api/v1/tasks", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"connected":true,"master":"127.0.0.1:5050","tasks":[
			{"name":"car-0","state":"running","attempt":2,"agent":{"id":"a1","hostname":"agent-1"}},
			{"name":"car-1","state":"pending","pending":"no offer has 0.1 cpus left"}]}`)
	})
	mux.HandleFunc("/api/v1/group", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"seq":5,"t":100.5,"building":"B","stats":{"passengers":9,"carried":7,"wait_s":{"mean":12.5}}}`)
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *station) set(answer func(http.ResponseWriter, *http.Request)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

// opening is what a new stream of the scene's group begins with.
func (s *scene) opening() []byte {
	events := s.sorted()
	g := s.folded(time.Hour * 24)
	snapshot := elevator.NewEvent(g.T, elevator.SnapshotTaken)
	snapshot.Seq, snapshot.Detail = g.Seq, &elevator.Detail{Snapshot: g}
	return elevator.AppendEvent(elevator.AppendEvent(nil, s.b, &events[0]), s.b, &snapshot)
}

// reading is a feed that runs, and what it said.
type reading struct {
	t   *testing.T
	box *mailbox
}

func startFeed(t *testing.T, url string) *reading {
	client, err := operator.NewClient(url)
	if err != nil {
		t.Fatal(err)
	}
	r := &reading{t: t, box: newMailbox()}
	ctx, cancel := context.WithCancel(t.Context())
	f := &feed{client: client, box: r.box}
	var running sync.WaitGroup
	running.Go(func() { f.follow(ctx) })
	running.Go(func() { f.poll(ctx) })
	t.Cleanup(func() { cancel(); running.Wait(); client.Close() })
	return r
}

// await reads messages until one is as wanted.
func (r *reading) await(what string, wanted func(message) bool) {
	r.t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		select {
		case <-r.box.nudge:
			if slices.ContainsFunc(r.box.take(), wanted) {
				return
			}
		case <-deadline:
			r.t.Fatalf("no message: %s", what)
		}
	}
}

func event(kind elevator.EventKind) func(message) bool {
	return func(m message) bool {
		e, ok := m.(eventsMessage)
		return ok && len(e.events) > 0 && e.events[len(e.events)-1].Kind == kind
	}
}

func hangs(w http.ResponseWriter, r *http.Request) {
	w.(http.Flusher).Flush()
	<-r.Context().Done()
}

// After a break the stream goes on with the next event; where that is no
// longer kept it begins anew.
func TestFeedResumes(t *testing.T) {
	s := quiet()
	next := s.folded(time.Hour).Seq + 1
	station := newStation(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(s.opening()) })
	r := startFeed(t, station.URL)
	r.await("the opening", event(elevator.SnapshotTaken))
	if q := <-station.asked; q != "" {
		t.Errorf("first asked with %q", q)
	}
	r.await("the break", func(m message) bool { _, ok := m.(lostMessage); return ok })
	want := fmt.Sprintf("from=%d", next)
	if q := <-station.asked; q != want {
		t.Errorf("then asked with %q, want %q", q, want)
	}
	station.set(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery != "" {
			w.WriteHeader(http.StatusGone)
			return
		}
		_, _ = w.Write(s.opening())
		hangs(w, r)
	})
	for <-station.asked != "" {
		continue
	}
	r.await("the new opening", event(elevator.SnapshotTaken))
}

// A scheduler that started another run is noticed by its time.
func TestFeedNoticesANewRun(t *testing.T) {
	s := quiet()
	early := elevator.NewEvent(time.Second, elevator.CarArrived)
	early.Car, early.Floor, early.Seq = 0, 0, 1000
	station := newStation(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery == "" {
			_, _ = w.Write(s.opening())
			return
		}
		_, _ = w.Write(elevator.AppendEvent(nil, s.b, &early))
	})
	r := startFeed(t, station.URL)
	r.await("the new run", func(m message) bool {
		lost, ok := m.(lostMessage)
		return ok && errors.Is(lost.err, errNewRun)
	})
	for _, want := range []string{"", "from", ""} {
		if q := <-station.asked; !strings.HasPrefix(q, want) || want == "" && q != "" {
			t.Errorf("asked with %q, want %q", q, want)
		}
	}
}

func TestFeedWaitsForASchedulerThatIsNotUp(t *testing.T) {
	station := newStation(t, hangs)
	url := station.URL
	station.Close()
	r := startFeed(t, url)
	attempts := 0
	r.await("three attempts", func(m message) bool {
		lost, ok := m.(lostMessage)
		if ok {
			attempts = lost.attempt
		}
		return attempts == 3
	})
}

func TestFeedPolls(t *testing.T) {
	station := newStation(t, hangs)
	r := startFeed(t, station.URL)
	var tasks *tasksMessage
	r.await("tasks and statistics", func(m message) bool {
		if m, ok := m.(tasksMessage); ok {
			tasks = &m
		}
		run, ok := m.(runMessage)
		return ok && tasks != nil && run.now == 100500*time.Millisecond && run.stats.WaitS.Mean == 12.5
	})
	if why := tasks.report.Tasks[1].why(); why != "no offer has 0.1 cpus left" {
		t.Errorf("why pending: %q", why)
	}
}

// A full mailbox makes the feed wait until the screen has caught up.
func TestMailboxIsBounded(t *testing.T) {
	box := newMailbox()
	ctx, cancel := context.WithCancel(t.Context())
	full := make(chan error, 1)
	put := 0
	go func() {
		for {
			if err := box.put(ctx, eventsMessage{0, make([]elevator.Event, 1)}); err != nil {
				full <- err
				return
			}
			put++
		}
	}()
	taken := 0
	for taken < 3*mostWaiting {
		<-box.nudge
		for _, m := range box.take() {
			taken += len(m.(eventsMessage).events)
		}
	}
	cancel()
	if err := <-full; err == nil {
		t.Error("put went on after its context had ended")
	}
	for _, m := range box.take() {
		taken += len(m.(eventsMessage).events)
	}
	if put-taken != 0 {
		t.Errorf("%d put, %d taken", put, taken)
	}
}

func TestOnce(t *testing.T) {
	s := faulty()
	station := newStation(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(s.opening())
		hangs(w, r)
	})
	cfg := Config{URLs: []string{station.URL}}
	var object bytes.Buffer
	for format, wanted := range map[string][]string{
		"picture": {"Clinic", "LIVE", "▼", "FAULT", "no offer has 0.1 cpus left", "12.5 s"},
		"text":    {"building Clinic", "car B: fault door-opening", "what to do", "no offer has 0.1 cpus left", "12.5 s"},
	} {
		var text bytes.Buffer
		if err := Once(t.Context(), cfg, format, &text, 80, 24); err != nil {
			t.Fatal(err)
		}
		for _, want := range wanted {
			if !strings.Contains(text.String(), want) {
				t.Errorf("%s: no %q in\n%s", format, want, text.String())
			}
		}
	}
	cfg.ASCII = true
	var ascii bytes.Buffer
	if err := Once(t.Context(), cfg, "picture", &ascii, 80, 24); err != nil || strings.Contains(ascii.String(), "▼") {
		t.Errorf("%v:\n%s", err, ascii.String())
	}
	if err := Once(t.Context(), cfg, "json", &object, 0, 0); err != nil {
		t.Fatal(err)
	}
	var state operator.GroupState
	if err := json.Unmarshal(object.Bytes(), &state); err != nil || state.Seq != 5 {
		t.Errorf("%v: %s", err, object.String())
	}
	for _, bad := range []struct {
		format string
		width  int
	}{{"xml", 80}, {"picture", 20}} {
		if err := Once(t.Context(), cfg, bad.format, &object, bad.width, 24); err == nil {
			t.Errorf("format %s, width %d: no error", bad.format, bad.width)
		}
	}
	if err := Once(t.Context(), Config{}, "text", &object, 80, 24); err == nil {
		t.Error("no scheduler to connect to, and no error")
	}
}

func TestLines(t *testing.T) {
	s := busy()
	station := newStation(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(s.opening())
		e := s.at(4000, elevator.CarArrived, 0, 12, -1)
		e.Seq = 500
		_, _ = w.Write(elevator.AppendEvent(nil, s.b, &e))
	})
	var out bytes.Buffer
	if err := Lines(t.Context(), Config{URLs: []string{station.URL}}, &out); err != nil {
		t.Fatal(err)
	}
	want := "0:00.0 building Office 14: 14 floors, 6 cars, dispatcher nearest-car, 1 times as fast\n1:06:40.0 car A arrives at 13\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestBadConfigs(t *testing.T) {
	for _, cfg := range []Config{{}, {URLs: []string{"x"}, Theme: "pink"}, {URLs: []string{"ftp://x"}}} {
		if err := Run(t.Context(), cfg); err == nil {
			t.Errorf("%+v: no error", cfg)
		}
	}
}
