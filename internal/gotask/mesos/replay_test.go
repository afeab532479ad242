package mesos

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/executor"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// replayServer answers as recorded: SUBSCRIBE with the stream, of which all but the first event wait for play, and calls
// with the answers that the test sets.
type replayServer struct {
	streamID string
	records  [][]byte
	play     chan struct{}
	end      chan struct{}
	answer   *exchange // of the next call
	got      []byte    // body of the last call
	header   http.Header
	streams  int
}

func newReplayServer(streamID string, records [][]byte) *replayServer {
	return &replayServer{streamID: streamID, records: records, play: make(chan struct{}), end: make(chan struct{})}
}

func (s *replayServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if s.streams == 0 {
		s.streams++
		w.Header().Set("Content-Type", protobufType)
		if s.streamID != "" {
			w.Header().Set(streamIDHeader, s.streamID)
		}
		w.Write(s.records[0])
		w.(http.Flusher).Flush()
		select {
		case <-s.play:
		case <-r.Context().Done():
			return
		}
		for _, data := range s.records[1:] {
			w.Write(data)
			w.(http.Flusher).Flush()
		}
		select {
		case <-s.end:
		case <-r.Context().Done():
		}
		return
	}
	s.got, s.header = body, r.Header
	if s.answer == nil { // a second subscription
		http.Error(w, "the replay is over", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(s.answer.status)
	io.WriteString(w, s.answer.text)
	s.answer = nil
}

func TestReplaySchedulerStreams(t *testing.T) {
	exchanges := readTranscripts(t, "*.txt")
	streams, events, calls := 0, 0, 0
	for _, x := range exchanges {
		if !strings.HasSuffix(x.path, schedulerPath) || !x.isStream() {
			continue
		}
		streams++
		var ours []*exchange
		for _, call := range exchanges {
			if call.file == x.file && call.isJSON() && call.header.Get(streamIDHeader) == x.answer.Get(streamIDHeader) {
				ours = append(ours, call)
			}
		}
		t.Run(x.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e, c := replayScheduler(t, x, ours)
				events += e
				calls += c
			})
		})
	}
	t.Logf("%d streams, %d events, %d calls", streams, events, calls)
	if streams < 20 || events < 200 || calls < 100 {
		t.Errorf("replayed only %d streams, %d events, %d calls", streams, events, calls)
	}
}

func replayScheduler(t *testing.T, stream *exchange, calls []*exchange) (nEvents, nCalls int) {
	var want []*scheduler.Event
	var records [][]byte
	for _, text := range stream.events {
		event := new(scheduler.Event)
		if err := decodeJSON(text, event); err != nil {
			t.Fatalf("%v: %v\n%s", stream, err, text)
		}
		want = append(want, event)
		records = append(records, record(event))
	}
	subscribe := new(scheduler.Call)
	if err := decodeJSON(stream.body, subscribe); err != nil && !errors.Is(err, errLossy) {
		t.Fatalf("%v: %v", stream, err)
	}
	network, server := newPipeNet(), newReplayServer(stream.answer.Get(streamIDHeader), records)
	var sent []byte
	network.serve(t, "m1:5050", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if sent == nil {
			sent, _ = io.ReadAll(r.Body)
			r.Body = http.NoBody
		}
		server.ServeHTTP(w, r)
	}))
	d := drive(t, network, SchedulerConfig{
		Masters:         "m1:5050",
		Framework:       func() *mesosv1.FrameworkInfo { return subscribe.Subscribe.FrameworkInfo },
		SuppressedRoles: func() []string { return subscribe.Subscribe.SuppressedRoles },
	})
	if text := d.next(); !strings.HasPrefix(text, "connected "+server.streamID) {
		t.Fatal(text)
	}
	got := new(scheduler.Call)
	if err := got.Unmarshal(sent); err != nil || !got.Equal(subscribe) {
		t.Errorf("%v: our SUBSCRIBE is %v, recorded %v", stream, got, subscribe)
	}

	first := <-d.events
	tornDown := false
	if want[0].Type == scheduler.Event_SUBSCRIBED {
		for _, call := range calls {
			if schedulerCallLost(call.status, call.text) {
				continue // it would end the stream; all such answers are tested by themselves
			}
			nCalls += replayCall(t, server, call, new(scheduler.Call), func(message *scheduler.Call) error {
				return d.Call(t.Context(), message)
			})
			tornDown = tornDown || call.callType() == "TEARDOWN" && call.status == 202
		}
	}
	close(server.play)
	events := []*scheduler.Event{first.Event}
	for len(events) < len(want) {
		event := <-d.events
		if event.Event == nil {
			t.Fatalf("%v: after %d events of %d: %s", stream, len(events), len(want), describe(event))
		}
		events = append(events, event.Event)
	}
	for i := range want {
		if !events[i].Equal(want[i]) {
			t.Errorf("%v: event %d is %v, recorded %v", stream, i, events[i], want[i])
		}
	}
	close(server.end)
	last := want[len(want)-1]
	switch {
	case tornDown:
		if err := <-d.ended; err != nil {
			t.Errorf("%v: after the teardown Run returned %v", stream, err)
		}
	case last.Type == scheduler.Event_ERROR:
		event, ok := errors.AsType[*EventError](<-d.ended)
		if !ok || event.Message != last.Error.Message {
			t.Errorf("%v: Run returned %v, recorded %v", stream, event, last)
		}
	default:
		d.expect(t, "disconnected: the stream ended")
	}
	return len(want), nCalls
}

// message is what replayCall needs of both APIs' calls.
type message interface {
	MarshalJSON() ([]byte, error)
	UnmarshalJSON([]byte) error
	Unmarshal([]byte) error
	Equal(any) bool
}

// replayCall makes a recorded call through a driver and compares what arrives with the recording. Calls that were
// malformed on purpose cannot be made with mesos-go's types, and count as 0.
func replayCall[M message](t *testing.T, server *replayServer, recorded *exchange, want M, call func(M) error) int {
	t.Helper()
	if err := decodeJSON(recorded.body, want); err != nil {
		if recorded.status/100 == 2 && !errors.Is(err, errLossy) {
			t.Errorf("%v: Mesos understood what mesos-go does not: %v", recorded, err)
		}
		return 0
	}
	server.answer, server.got = recorded, nil
	err := call(want)
	got := *new(M)
	switch into := any(&got).(type) {
	case **scheduler.Call:
		*into = new(scheduler.Call)
	case **executor.Call:
		*into = new(executor.Call)
	}
	if err := got.Unmarshal(server.got); err != nil || !got.Equal(any(want)) {
		t.Errorf("%v: our call is %v, recorded %v (%v)", recorded, got, want, err)
	}
	if id := server.header.Get(streamIDHeader); id != server.streamID {
		t.Errorf("%v: our call has the stream id %q", recorded, id)
	}
	refusal, refused := errors.AsType[*CallError](err)
	switch {
	case recorded.status/100 == 2 && err != nil:
		t.Errorf("%v: call returned %v", recorded, err)
	case recorded.status/100 != 2 && (!refused || refusal.Status != recorded.status || refusal.Body != recorded.text):
		t.Errorf("%v: call returned %v, recorded %d %s", recorded, err, recorded.status, recorded.text)
	}
	return 1
}

func TestReplayExecutorStreams(t *testing.T) {
	exchanges := readTranscripts(t, "*.txt")
	streams, events, calls := 0, 0, 0
	for _, x := range exchanges {
		if !strings.HasPrefix(x.who, "executor ") || !x.isStream() {
			continue
		}
		streams++
		var ours []*exchange
		for _, call := range exchanges {
			// A driver fills in missing ids, so that it cannot be made to leave them out.
			withIDs := strings.Contains(call.body, `"framework_id":{"value"`) && strings.Contains(call.body, `"executor_id":{"value"`)
			if call.file == x.file && call.who == x.who && call.isJSON() && call.callType() != "SUBSCRIBE" && call.status != 0 && withIDs {
				ours = append(ours, call)
			}
		}
		t.Run(x.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e, c := replayExecutor(t, x, ours)
				events += e
				calls += c
			})
		})
	}
	t.Logf("%d streams, %d events, %d calls", streams, events, calls)
	if streams < 8 || events < 50 || calls < 30 {
		t.Errorf("replayed only %d streams, %d events, %d calls", streams, events, calls)
	}
}

func replayExecutor(t *testing.T, stream *exchange, calls []*exchange) (nEvents, nCalls int) {
	var want []*executor.Event
	var records [][]byte
	for _, text := range stream.events {
		event := new(executor.Event)
		if err := decodeJSON(text, event); err != nil && !errors.Is(err, errLossy) {
			t.Fatalf("%v: %v\n%s", stream, err, text)
		}
		want = append(want, event)
		records = append(records, record(event))
	}
	subscribe := new(executor.Call)
	if err := decodeJSON(stream.body, subscribe); err != nil && !errors.Is(err, errLossy) {
		t.Fatalf("%v: %v", stream, err)
	}
	network, server := newPipeNet(), newReplayServer("", records)
	var sent []byte
	network.serve(t, "agent:5051", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if sent == nil {
			sent, _ = io.ReadAll(r.Body)
			r.Body = http.NoBody
		}
		server.ServeHTTP(w, r)
	}))
	env := testEnv()
	env.FrameworkID, env.ExecutorID = subscribe.FrameworkID.Value, subscribe.ExecutorID.Value
	got := make(chan ExecutorEvent, 1000)
	e, err := NewExecutor(ExecutorConfig{
		Env: env, Dial: network.dial,
		Unacknowledged: func() ([]mesosv1.TaskInfo, []executor.Call_Update) {
			return subscribe.Subscribe.UnacknowledgedTasks, subscribe.Subscribe.UnacknowledgedUpdates
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- e.Run(t.Context(), func(event ExecutorEvent) { got <- event }) }()

	if event := <-got; event.Connected == nil {
		t.Fatalf("%v: first event is %+v", stream, event)
	}
	call := new(executor.Call)
	if err := call.Unmarshal(sent); err != nil || !call.Equal(subscribe) {
		t.Errorf("%v: our SUBSCRIBE is %v, recorded %v", stream, call, subscribe)
	}
	next := (<-got).Event
	if want[0].Type == executor.Event_SUBSCRIBED {
		for _, call := range calls {
			nCalls += replayCall(t, server, call, new(executor.Call), func(message *executor.Call) error {
				return e.Call(t.Context(), message)
			})
		}
	}
	close(server.play)
	shutdown := false
	for i := range want {
		if !next.Equal(want[i]) {
			t.Errorf("%v: event %d is %v, recorded %v", stream, i, next, want[i])
		}
		shutdown = shutdown || want[i].Type == executor.Event_SHUTDOWN
		if i+1 < len(want) {
			next = (<-got).Event
		}
	}
	close(server.end)
	if err := <-ended; shutdown && err != nil || !shutdown && !errors.Is(err, ErrDisconnected) {
		t.Errorf("%v: Run returned %v", stream, err)
	}
	return len(want), nCalls
}

func TestReplayRefusedSubscriptions(t *testing.T) {
	refused, redirected := 0, 0
	for _, x := range readTranscripts(t, "*.txt") {
		if !strings.HasSuffix(x.path, schedulerPath) || x.callType() != "SUBSCRIBE" || x.status == 200 || x.status == 0 {
			continue
		}
		if x.status == http.StatusTemporaryRedirect {
			redirected++
			from := &url.URL{Scheme: "http", Host: "127.0.0.1:8060", Path: x.path}
			leader, err := parseLocation(x.answer.Get("Location"), from)
			if err != nil || leader.Scheme+"://"+leader.Hostname()+leader.Path != "http://127.0.0.1/master/api/v1/scheduler" || leader.Port() == "" {
				t.Errorf("%v: redirect to %v, %v", x, leader, err)
			}
			continue
		}
		refused++
		t.Run(x.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network := newPipeNet()
				network.serve(t, "m1:5050", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					w.WriteHeader(x.status)
					io.WriteString(w, x.text)
				}))
				err := testScheduler(t, network, SchedulerConfig{Masters: "m1:5050"}).Run(t.Context(), nil)
				refusal, ok := errors.AsType[*SubscribeError](err)
				if !ok || refusal.Status != x.status || refusal.Body != x.text {
					t.Errorf("Run returned %v, recorded %d %s", err, x.status, x.text)
				}
				if fatal := x.status < 404; fatal == errors.Is(err, ErrNoMaster) {
					t.Errorf("status %d: Run returned %v", x.status, err)
				}
			})
		})
	}
	if refused < 5 || redirected < 1 {
		t.Errorf("replayed only %d refusals and %d redirects", refused, redirected)
	}
}

func TestReplayLostSubscriptions(t *testing.T) {
	lost := 0
	for _, x := range readTranscripts(t, "*.txt") {
		if !strings.HasSuffix(x.path, schedulerPath) || !x.isJSON() || x.callType() == "SUBSCRIBE" || x.status < 300 {
			continue
		}
		// Recorded texts about the subscription, as against those about the call.
		about := strings.Contains(x.text, "stream ID") || strings.Contains(x.text, "Framework ") || strings.Contains(x.text, "Stream-Id") || x.status == 307
		if got := schedulerCallLost(x.status, x.text); got != about {
			t.Errorf("%v: lost is %v for %d %s", x, got, x.status, x.text)
		}
		if about {
			lost++
		}
	}
	if lost < 5 {
		t.Errorf("only %d answers about lost subscriptions were recorded", lost)
	}
}
