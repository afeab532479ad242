package mesos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/executor"
)

// fakeAgent speaks the executor API for one executor. Its functions may be nil.
type fakeAgent struct {
	subscribed func(w http.ResponseWriter, r *http.Request) bool
	called     func(w http.ResponseWriter, call *executor.Call) bool

	mu       sync.Mutex
	calls    []*executor.Call
	requests []*http.Request
	stream   *fakeStream
	streams  int
}

func (a *fakeAgent) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	call := new(executor.Call)
	if err != nil || r.URL.Path != executorPath || r.Header.Get("Content-Type") != protobufType || call.Unmarshal(body) != nil {
		http.Error(w, "bad request to the fake agent", http.StatusBadRequest)
		return
	}
	a.mu.Lock()
	a.calls = append(a.calls, call)
	a.requests = append(a.requests, r)
	a.mu.Unlock()
	if call.Type != executor.Call_SUBSCRIBE {
		if a.called == nil || !a.called(w, call) {
			w.WriteHeader(http.StatusAccepted)
		}
		return
	}
	if a.subscribed != nil && a.subscribed(w, r) {
		return
	}
	stream := &fakeStream{write: make(chan []byte, 100), close: make(chan struct{})}
	a.mu.Lock()
	a.stream = stream
	a.streams++
	a.mu.Unlock()
	w.Header().Set("Content-Type", protobufType)
	w.Write(record(&executor.Event{Type: executor.Event_SUBSCRIBED, Subscribed: &executor.Event_Subscribed{}}))
	w.(http.Flusher).Flush()
	stream.play(w, r, 30*time.Minute, true)
}

func (a *fakeAgent) current() *fakeStream {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.stream
}

type drivenExecutor struct {
	*Executor
	events chan string
	stop   context.CancelFunc
	ended  chan error
}

func testEnv() ExecutorEnv {
	return ExecutorEnv{
		FrameworkID: "f1", ExecutorID: "ex1", Endpoint: "agent:5051",
		RecoveryTimeout: 15 * time.Minute, SubscriptionBackoffMax: 2 * time.Second,
	}
}

func driveExecutor(t *testing.T, network *pipeNet, config ExecutorConfig) *drivenExecutor {
	t.Helper()
	if network != nil {
		config.Dial = network.dial
	}
	if testing.Verbose() {
		config.Logger = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	e, err := NewExecutor(config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	d := &drivenExecutor{Executor: e, events: make(chan string, 1000), stop: stop, ended: make(chan error, 1)}
	var running sync.WaitGroup
	running.Go(func() {
		defer close(d.events)
		d.ended <- d.Run(ctx, func(event ExecutorEvent) {
			switch {
			case event.Connected != nil:
				d.events <- "connected"
			case event.Disconnected != nil:
				d.events <- "disconnected"
			default:
				d.events <- event.Event.Type.String()
			}
		})
	})
	t.Cleanup(func() {
		stop()
		running.Wait()
	})
	return d
}

func (d *drivenExecutor) expect(t *testing.T, want ...string) {
	t.Helper()
	for _, text := range want {
		if got := <-d.events; got != text {
			t.Fatalf("next event is %q, want %q", got, text)
		}
	}
}

func updateCall(uuid string) *executor.Call {
	return &executor.Call{Type: executor.Call_UPDATE, Update: &executor.Call_Update{Status: mesosv1.TaskStatus{
		TaskID: mesosv1.TaskID{Value: "t1"}, State: mesosv1.TASK_RUNNING.Enum(), UUID: []byte(uuid),
	}}}
}

func TestExecutorSubscribesAndCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network, agent := newPipeNet(), &fakeAgent{}
		network.serve(t, "agent:5051", agent)
		config := ExecutorConfig{Env: testEnv()}
		config.Env.Token = "t0ken"
		config.Unacknowledged = func() ([]mesosv1.TaskInfo, []executor.Call_Update) {
			good, bad := updateCall("0123456789abcdef"), updateCall("short")
			return []mesosv1.TaskInfo{{Name: "t1"}}, []executor.Call_Update{*good.Update, *bad.Update}
		}
		d := driveExecutor(t, network, config)
		d.expect(t, "connected", "SUBSCRIBED")
		agent.current().write <- record(&executor.Event{Type: executor.Event_HEARTBEAT})
		d.expect(t, "HEARTBEAT")
		if err := d.Call(t.Context(), updateCall("0123456789abcdef")); err != nil {
			t.Fatal(err)
		}
		subscribe := agent.calls[0]
		if len(subscribe.Subscribe.UnacknowledgedTasks) != 1 || len(subscribe.Subscribe.UnacknowledgedUpdates) != 1 {
			t.Errorf("SUBSCRIBE was %v", subscribe)
		}
		for i, call := range agent.calls {
			if call.ExecutorID.Value != "ex1" || call.FrameworkID.Value != "f1" {
				t.Errorf("call %d has ids %v %v", i, call.ExecutorID, call.FrameworkID)
			}
			if got := agent.requests[i].Header.Get("Authorization"); got != "Bearer t0ken" {
				t.Errorf("call %d is authorized by %q", i, got)
			}
		}
		d.stop()
		wantError(t, <-d.ended, context.Canceled)
	})
}

func TestExecutorWithoutCheckpointEndsWithItsStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network, agent := newPipeNet(), &fakeAgent{}
		network.serve(t, "agent:5051", agent)
		d := driveExecutor(t, network, ExecutorConfig{Env: testEnv()})
		d.expect(t, "connected", "SUBSCRIBED")
		start := time.Now()
		close(agent.current().close)
		wantError(t, <-d.ended, ErrDisconnected)
		if took := time.Since(start); took != 0 {
			t.Errorf("ended after %v", took)
		}
		wantError(t, d.Call(t.Context(), updateCall("")), ErrNotSubscribed)
	})
}

func TestExecutorWithCheckpointSubscribesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network, agent := newPipeNet(), &fakeAgent{}
		stop := network.serve(t, "agent:5051", agent)
		env := testEnv()
		env.Checkpoint = true
		d := driveExecutor(t, network, ExecutorConfig{Env: env})
		d.expect(t, "connected", "SUBSCRIBED")
		for range 3 { // each loss has a recovery time-out of its own
			stop()
			d.expect(t, "disconnected")
			time.Sleep(14 * time.Minute)
			stop = network.serve(t, "agent:5051", agent)
			start := time.Now()
			d.expect(t, "connected", "SUBSCRIBED")
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("subscribed %v after the agent was back", took)
			}
		}
		stop()
		d.expect(t, "disconnected")
		start := time.Now()
		err := <-d.ended
		wantError(t, err, ErrDisconnected)
		if took := time.Since(start).Round(time.Second); took < 15*time.Minute || took > 15*time.Minute+2*time.Second {
			t.Errorf("gave up after %v: %v", took, err)
		}
		if !strings.Contains(err.Error(), "connection refused") {
			t.Errorf("error %q does not give the reason", err)
		}
	})
}

func TestExecutorFirstSubscription(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		text   string
		fatal  bool
	}{
		"recovering":        {503, "Agent has not finished recovery", false},
		"starting":          {404, "", false},
		"unknown framework": {400, "Framework cannot be found", true},
		"bad token":         {401, "", true},
		"wrong claims":      {403, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network, start := newPipeNet(), time.Now()
				network.serve(t, "agent:5051", &fakeAgent{subscribed: func(w http.ResponseWriter, _ *http.Request) bool {
					http.Error(w, test.text, test.status)
					return true
				}})
				d := driveExecutor(t, network, ExecutorConfig{Env: testEnv()})
				err := <-d.ended
				refusal, refused := errors.AsType[*SubscribeError](err)
				if !refused || refusal.Status != test.status || errors.Is(err, ErrDisconnected) == test.fatal {
					t.Errorf("Run returned %v", err)
				}
				if took := time.Since(start); test.fatal != (took == 0) || took > 63*time.Second {
					t.Errorf("ended after %v", took)
				}
			})
		})
	}
}

func TestExecutorShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network, agent := newPipeNet(), &fakeAgent{}
		network.serve(t, "agent:5051", agent)
		env := testEnv()
		env.Checkpoint = true
		d := driveExecutor(t, network, ExecutorConfig{Env: env})
		d.expect(t, "connected", "SUBSCRIBED")
		agent.current().write <- record(&executor.Event{Type: executor.Event_SHUTDOWN})
		d.expect(t, "SHUTDOWN")
		if err := d.Call(t.Context(), updateCall("0123456789abcdef")); err != nil {
			t.Errorf("last words: %v", err)
		}
		close(agent.current().close)
		d.expect(t, "disconnected")
		if err := <-d.ended; err != nil || agent.streams != 1 {
			t.Errorf("Run returned %v after %d streams", err, agent.streams)
		}
	})
}

func TestExecutorErrorEventIsFatal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network, agent := newPipeNet(), &fakeAgent{}
		network.serve(t, "agent:5051", agent)
		env := testEnv()
		env.Checkpoint = true
		d := driveExecutor(t, network, ExecutorConfig{Env: env})
		d.expect(t, "connected", "SUBSCRIBED")
		agent.current().write <- record(&executor.Event{Type: executor.Event_ERROR, Error: &executor.Event_Error{Message: "no"}})
		d.expect(t, "ERROR", "disconnected")
		if err, ok := errors.AsType[*EventError](<-d.ended); !ok || err.Message != "no" {
			t.Error(err)
		}
	})
}

func TestExecutorThatTheAgentForgotSubscribesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := newPipeNet()
		var refused bool
		agent := &fakeAgent{called: func(w http.ResponseWriter, _ *executor.Call) bool {
			if refused {
				return false
			}
			refused = true
			http.Error(w, "Executor is not subscribed", http.StatusForbidden)
			return true
		}}
		network.serve(t, "agent:5051", agent)
		env := testEnv()
		env.Checkpoint = true
		d := driveExecutor(t, network, ExecutorConfig{Env: env})
		d.expect(t, "connected", "SUBSCRIBED")
		wantError(t, d.Call(t.Context(), updateCall("0123456789abcdef")), ErrNotSubscribed)
		d.expect(t, "disconnected", "connected", "SUBSCRIBED")
	})
}

func TestExecutorSendsHeartbeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network, agent := newPipeNet(), &fakeAgent{}
		network.serve(t, "agent:5051", agent)
		d := driveExecutor(t, network, ExecutorConfig{Env: testEnv()})
		d.expect(t, "connected", "SUBSCRIBED")
		time.Sleep(91 * time.Minute)
		synctest.Wait()
		var types []string
		for _, call := range agent.calls {
			types = append(types, call.Type.String())
		}
		if got := strings.Join(types, " "); got != "SUBSCRIBE HEARTBEAT HEARTBEAT HEARTBEAT" {
			t.Error(got)
		}
	})
}

func TestExecutorOverADomainSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.sock")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	agent := &fakeAgent{}
	server := &http.Server{Handler: agent}
	var serving sync.WaitGroup
	serving.Go(func() { server.Serve(listener) })
	t.Cleanup(func() {
		server.Close()
		serving.Wait()
	})
	env := testEnv()
	env.Endpoint, env.DomainSocket = "192.0.2.1:1", path
	d := driveExecutor(t, nil, ExecutorConfig{Env: env})
	d.expect(t, "connected", "SUBSCRIBED")
	if err := d.Call(t.Context(), updateCall("0123456789abcdef")); err != nil {
		t.Error(err)
	}
	d.stop()
	<-d.ended
}

func TestExecutorURL(t *testing.T) {
	env := testEnv()
	if got := env.url(false).String(); got != "http://agent:5051/api/v1/executor" {
		t.Error(got)
	}
	if got := env.url(true).String(); got != "https://agent:5051/api/v1/executor" {
		t.Error(got)
	}
	if _, err := NewExecutor(ExecutorConfig{}); err == nil || !strings.Contains(err.Error(), "no framework id") {
		t.Error(err)
	}
	if _, err := NewExecutor(ExecutorConfig{Env: ExecutorEnv{FrameworkID: "f", ExecutorID: "e", Endpoint: "x"}}); err == nil {
		t.Error(fmt.Errorf("endpoint x was accepted"))
	}
}
