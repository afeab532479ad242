package mesos

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

func TestCallsKeepTheirOrderOnOneConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := newPipeNet()
		master := &fakeMaster{}
		network.serve(t, "m1:5050", master)
		d := drive(t, network, SchedulerConfig{Masters: "m1:5050"})
		d.expect(t, connectedM1, subscribed1)
		var outcomes []error
		for i := range 500 {
			text := fmt.Sprint(i)
			if i%5 == 0 {
				if err := d.Call(t.Context(), messageCall(text)); err != nil {
					t.Fatal(err)
				}
				continue
			}
			if err := d.Enqueue(messageCall(text), func(err error) { outcomes = append(outcomes, err) }); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if err := errors.Join(outcomes...); err != nil || len(outcomes) != 400 {
			t.Errorf("%d outcomes, %v", len(outcomes), err)
		}
		for i, call := range master.calls[1:] {
			if got := string(call.Message.Data); got != fmt.Sprint(i) {
				t.Fatalf("call %d is %q", i, got)
			}
		}
		if network.dials() != 2 {
			t.Errorf("dialled %d connections, want one for the stream and one for calls", network.dials())
		}
	})
}

func TestCallTimeoutOfTheCallerLeavesStreamAndOrderAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := newPipeNet()
		master := &fakeMaster{}
		var answered []string
		master.called = func(_ http.ResponseWriter, _ *http.Request, call *scheduler.Call) bool {
			if string(call.Message.Data) == "slow" {
				time.Sleep(10 * time.Second)
			}
			answered = append(answered, string(call.Message.Data))
			return false
		}
		network.serve(t, "m1:5050", master)
		d := drive(t, network, SchedulerConfig{Masters: "m1:5050"})
		d.expect(t, connectedM1, subscribed1)

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := d.Call(ctx, messageCall("slow"))
		wantError(t, err, context.DeadlineExceeded)
		if !strings.Contains(err.Error(), "outcome is unknown") {
			t.Error(err)
		}
		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err = d.Call(ctx, messageCall("never sent"))
		wantError(t, err, context.DeadlineExceeded)
		if !strings.Contains(err.Error(), "was not sent") {
			t.Error(err)
		}
		if err := d.Call(t.Context(), messageCall("next")); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(answered, ", "); got != "slow, next" {
			t.Errorf("the master answered %s", got)
		}
		master.current().write <- record(messageEvent("still here"))
		d.expect(t, "MESSAGE still here")
	})
}

func TestCallTimeoutBreaksOnlyTheCallConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := newPipeNet()
		master := &fakeMaster{called: func(_ http.ResponseWriter, r *http.Request, call *scheduler.Call) bool {
			if string(call.Message.Data) == "stuck" {
				<-r.Context().Done()
				return true
			}
			return false
		}}
		network.serve(t, "m1:5050", master)
		d := drive(t, network, SchedulerConfig{Masters: "m1:5050", CallTimeout: 5 * time.Second})
		d.expect(t, connectedM1, subscribed1)
		wantError(t, d.Call(t.Context(), messageCall("stuck")), errCallTimeout)
		if err := d.Call(t.Context(), messageCall("next")); err != nil {
			t.Fatal(err)
		}
		master.current().write <- record(messageEvent("still here"))
		d.expect(t, "MESSAGE still here")
	})
}

func TestRefusedCallIsTheCallersAlone(t *testing.T) {
	for status, text := range map[int]string{
		400: "Failed to validate scheduler::Call: Expecting 'agent_id' to be present",
		403: "Forbidden",
		500: "oops",
		503: "Master has not finished recovery",
	} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network := newPipeNet()
				var refused bool
				master := &fakeMaster{called: func(w http.ResponseWriter, _ *http.Request, _ *scheduler.Call) bool {
					if refused {
						return false
					}
					refused = true
					http.Error(w, text, status)
					return true
				}}
				network.serve(t, "m1:5050", master)
				var results []string
				d := drive(t, network, SchedulerConfig{Masters: "m1:5050", Observer: Observer{
					Call: func(callType, result string, _ time.Duration) { results = append(results, callType+" "+result) },
				}})
				d.expect(t, connectedM1, subscribed1)
				err := d.Call(t.Context(), messageCall("bad"))
				if refusal, ok := errors.AsType[*CallError](err); !ok || refusal.Status != status || strings.TrimSpace(refusal.Body) != text {
					t.Fatalf("call returned %v", err)
				}
				if err := d.Call(t.Context(), messageCall("good")); err != nil {
					t.Fatal(err)
				}
				if want := fmt.Sprintf("[MESSAGE %d MESSAGE ok]", status); fmt.Sprint(results) != want {
					t.Errorf("observed %v, want %s", results, want)
				}
				if master.streams != 1 {
					t.Errorf("%d streams", master.streams)
				}
			})
		})
	}
}

func TestCallShowsThatTheSubscriptionIsLost(t *testing.T) {
	for text, status := range map[string]int{
		"The stream ID 'x' included in this request didn't match the stream ID currently associated with framework ID y": 400,
		"All non-subscribe calls should include the 'Mesos-Stream-Id' header":                                            400,
		"Framework cannot be found":   400,
		"Framework is not subscribed": 403,
		"":                            307,
	} {
		t.Run(fmt.Sprint(status, text), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network := newPipeNet()
				var refused bool
				master := &fakeMaster{called: func(w http.ResponseWriter, _ *http.Request, _ *scheduler.Call) bool {
					if refused {
						return false
					}
					refused = true
					w.WriteHeader(status)
					fmt.Fprint(w, text)
					return true
				}}
				network.serve(t, "m1:5050", master)
				d := drive(t, network, SchedulerConfig{Masters: "m1:5050"})
				d.expect(t, connectedM1, subscribed1)
				wantError(t, d.Call(t.Context(), messageCall("1")), ErrNotSubscribed)
				wantError(t, d.Call(t.Context(), messageCall("2")), ErrNotSubscribed)
				if got := d.next(); !strings.HasPrefix(got, "disconnected: not subscribed") {
					t.Fatal(got)
				}
				d.expect(t, "connected stream-2 http://m1:5050/api/v1/scheduler", subscribed1)
				if err := d.Call(t.Context(), messageCall("3")); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

func TestFencedSchedulerDoesNotFenceItsSuccessor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := newPipeNet()
		master := &fakeMaster{called: func(w http.ResponseWriter, _ *http.Request, _ *scheduler.Call) bool {
			http.Error(w, "The stream ID 'x' included in this request didn't match the stream ID currently associated", 400)
			return true
		}}
		network.serve(t, "m1:5050", master)
		d := drive(t, network, SchedulerConfig{Masters: "m1:5050"})
		d.expect(t, connectedM1, subscribed1)
		wantError(t, d.Call(t.Context(), messageCall("1")), ErrNotSubscribed)
		time.Sleep(lostGrace / 2)
		master.current().write <- record(errorEvent("Framework failed over"))
		wantError(t, <-d.ended, ErrFailedOver)
		if master.streams != 1 {
			t.Errorf("subscribed %d times", master.streams)
		}
	})
}

func TestTeardownEndsRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := newPipeNet()
		master := &fakeMaster{}
		master.called = func(w http.ResponseWriter, _ *http.Request, _ *scheduler.Call) bool {
			close(master.current().close) // the stream ends before the answer
			time.Sleep(time.Second)
			w.WriteHeader(http.StatusAccepted)
			return true
		}
		network.serve(t, "m1:5050", master)
		d := drive(t, network, SchedulerConfig{Masters: "m1:5050"})
		d.expect(t, connectedM1, subscribed1)
		if err := d.Call(t.Context(), &scheduler.Call{Type: scheduler.Call_TEARDOWN}); err != nil {
			t.Fatal(err)
		}
		if err := <-d.ended; err != nil {
			t.Errorf("Run returned %v", err)
		}
		if master.streams != 1 {
			t.Errorf("subscribed %d times", master.streams)
		}
	})
}

func TestRefusedTeardownGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := newPipeNet()
		master := &fakeMaster{called: func(w http.ResponseWriter, _ *http.Request, _ *scheduler.Call) bool {
			http.Error(w, "no", http.StatusForbidden)
			return true
		}}
		network.serve(t, "m1:5050", master)
		d := drive(t, network, SchedulerConfig{Masters: "m1:5050"})
		d.expect(t, connectedM1, subscribed1)
		if err := d.Call(t.Context(), &scheduler.Call{Type: scheduler.Call_TEARDOWN}); err == nil {
			t.Fatal("refused teardown returned nil")
		}
		close(master.current().close)
		d.expect(t, "disconnected: the stream ended", "connected stream-2 http://m1:5050/api/v1/scheduler")
	})
}

func TestCallsOnTheWireFailWhenTheStreamEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := newPipeNet()
		master := &fakeMaster{called: func(_ http.ResponseWriter, r *http.Request, _ *scheduler.Call) bool {
			<-r.Context().Done()
			return true
		}}
		network.serve(t, "m1:5050", master)
		d := drive(t, network, SchedulerConfig{Masters: "m1:5050"})
		d.expect(t, connectedM1, subscribed1)
		var calls sync.WaitGroup
		errs := make([]error, 3)
		for i := range errs {
			calls.Go(func() { errs[i] = d.Call(t.Context(), messageCall("x")) })
		}
		synctest.Wait()
		close(master.current().close)
		calls.Wait()
		for _, err := range errs {
			wantError(t, err, ErrNotSubscribed)
		}
	})
}

func TestEnqueueIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := newPipeNet()
		release := make(chan struct{})
		master := &fakeMaster{called: func(http.ResponseWriter, *http.Request, *scheduler.Call) bool {
			<-release
			return false
		}}
		network.serve(t, "m1:5050", master)
		d := drive(t, network, SchedulerConfig{Masters: "m1:5050", MaxCallQueueBytes: 1000})
		d.expect(t, connectedM1, subscribed1)
		var err error
		accepted := 0
		for ; err == nil && accepted < 100; accepted++ {
			err = d.Enqueue(messageCall(strings.Repeat("x", 200)), nil)
		}
		wantError(t, err, ErrQueueFull)
		if accepted < 4 || accepted > 6 {
			t.Errorf("%d calls of more than 200 bytes were accepted into 1000 bytes", accepted)
		}
		close(release)
		synctest.Wait()
		if err := d.Enqueue(messageCall("again"), nil); err != nil {
			t.Error(err)
		}
	})
}
