package mesos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

const (
	connectedM1 = "connected stream-1 http://m1:5050/api/v1/scheduler"
	subscribed1 = "SUBSCRIBED framework-1"
)

func TestSchedulerSubscribesAndCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network, master := newPipeNet(), &fakeMaster{}
		network.serve(t, "m1:5050", master)
		config := SchedulerConfig{
			Masters:         "m1:5050",
			Credentials:     &Credentials{Principal: "elevator", Secret: "s3cret"},
			SuppressedRoles: func() []string { return []string{"quiet"} },
		}
		wantError(t, testScheduler(t, network, config).Call(t.Context(), messageCall("too early")), ErrNotSubscribed)
		d := drive(t, network, config)
		d.expect(t, connectedM1, subscribed1)
		master.current().write <- record(messageEvent("hello"))
		d.expect(t, "MESSAGE hello")

		call := messageCall("answer")
		if err := d.Call(t.Context(), call); err != nil {
			t.Fatal(err)
		}
		if call.FrameworkID != nil {
			t.Error("Call changed the caller's message")
		}
		got := master.calls[1]
		if got.FrameworkID.GetValue() != "framework-1" || string(got.Message.Data) != "answer" {
			t.Errorf("the master got %v", got)
		}
		subscribe := master.calls[0].Subscribe
		if !slices.Equal(subscribe.SuppressedRoles, []string{"quiet"}) || master.calls[0].FrameworkID != nil {
			t.Errorf("SUBSCRIBE was %v", master.calls[0])
		}
		if user, secret, ok := master.subscribes[0].BasicAuth(); !ok || user != "elevator" || secret != "s3cret" {
			t.Errorf("credentials were %q %q %v", user, secret, ok)
		}
		if err := d.Call(t.Context(), &scheduler.Call{Type: scheduler.Call_SUBSCRIBE}); err == nil {
			t.Error("SUBSCRIBE was accepted as a call")
		}
		d.stop()
		wantError(t, <-d.ended, context.Canceled)
		if err := d.Run(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "called before") {
			t.Errorf("a second Run returned %v", err)
		}
	})
}

func TestSchedulerResubscribesWithItsFrameworkID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network, master := newPipeNet(), &fakeMaster{}
		network.serve(t, "m1:5050", master)
		var states []bool
		d := drive(t, network, SchedulerConfig{Masters: "m1:5050", Observer: Observer{
			Subscribed: func(now bool) { states = append(states, now) },
		}})
		d.expect(t, connectedM1, subscribed1)
		close(master.current().close)
		d.expect(t, "disconnected: the stream ended", "connected stream-2 http://m1:5050/api/v1/scheduler", subscribed1)
		again := master.calls[1]
		if again.FrameworkID.GetValue() != "framework-1" || again.Subscribe.FrameworkInfo.ID.GetValue() != "framework-1" {
			t.Errorf("second SUBSCRIBE was %v", again)
		}
		if err := d.Call(t.Context(), messageCall("x")); err != nil {
			t.Errorf("call on the second stream: %v", err)
		}
		if !slices.Equal(states, []bool{true, false, true}) {
			t.Errorf("subscribed went %v", states)
		}
	})
}

func TestSchedulerFollowsRedirects(t *testing.T) {
	for _, location := range []string{
		"//m2:5050/master/api/v1/scheduler",
		"m2:5050",
		"http://m2:5050/master/api/v1/scheduler",
		"//m2:5050",
	} {
		t.Run(location, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network, leader := newPipeNet(), &fakeMaster{}
				var standbyCalls int
				network.serve(t, "m1:5050", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					standbyCalls++
					w.Header().Set("Location", location)
					w.WriteHeader(http.StatusTemporaryRedirect)
				}))
				network.serve(t, "m2:5050", leader)
				d := drive(t, network, SchedulerConfig{Masters: "m1:5050,m2:5050"})
				if got := d.next(); !strings.HasPrefix(got, "connected stream-1 http://m2:5050/") {
					t.Fatal(got)
				}
				d.expect(t, subscribed1)
				for range 3 {
					if err := d.Call(t.Context(), messageCall("x")); err != nil {
						t.Fatal(err)
					}
				}
				if standbyCalls != 1 || len(leader.calls) != 4 {
					t.Errorf("the standby got %d calls, the leader %v", standbyCalls, leader.types())
				}
			})
		})
	}
}

func TestSchedulerSurvivesARedirectLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := newPipeNet()
		network.serve(t, "m1:5050", http.RedirectHandler("//m1:5050/api/v1/scheduler", http.StatusTemporaryRedirect))
		err := testScheduler(t, network, SchedulerConfig{Masters: "m1:5050"}).Run(t.Context(), nil)
		wantError(t, err, ErrNoMaster)
		if !strings.Contains(err.Error(), "redirects") {
			t.Error(err)
		}
	})
}

func TestSchedulerTriesTheWholeList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := newPipeNet()
		network.serve(t, "m3:5050", &fakeMaster{})
		d := drive(t, network, SchedulerConfig{Masters: "m1:5050, m2:5050, http://m3:5050"})
		d.expect(t, "connected stream-1 http://m3:5050/api/v1/scheduler", subscribed1)
	})
}

func TestSchedulerWaitsForAStartingMaster(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := newPipeNet()
		start := time.Now()
		attempts := 0
		network.serve(t, "m1:5050", &fakeMaster{subscribed: func(w http.ResponseWriter, _ *http.Request, _ *scheduler.Call) bool {
			attempts++
			if time.Since(start) > 25*time.Second {
				return false
			}
			http.Error(w, "Master has not finished recovery", http.StatusServiceUnavailable)
			return true
		}})
		d := drive(t, network, SchedulerConfig{Masters: "m1:5050"})
		d.expect(t, connectedM1, subscribed1)
		if took := time.Since(start); took > 26*time.Second || attempts < 50 {
			t.Errorf("subscribed after %v and %d attempts, want a quick retry", took, attempts)
		}
	})
}

func TestSchedulerGivesUpWithoutAFirstMaster(t *testing.T) {
	stuck := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	})
	unavailable := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "No leader elected", http.StatusServiceUnavailable)
	})
	web := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>welcome") })
	for name, test := range map[string]struct {
		handler http.Handler
		text    string
	}{
		"refused":     {nil, "connection refused"},
		"unavailable": {unavailable, "No leader elected"},
		"stuck":       {stuck, "no SUBSCRIBED event"},
		"web server":  {web, "text/html"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network := newPipeNet()
				if test.handler != nil {
					network.serve(t, "m1:5050", test.handler)
				}
				start := time.Now()
				err := testScheduler(t, network, SchedulerConfig{Masters: "m1:5050"}).Run(t.Context(), nil)
				wantError(t, err, ErrNoMaster)
				if took := time.Since(start); took != 30*time.Second {
					t.Errorf("gave up after %v, want 30 s", took)
				}
				if !strings.Contains(err.Error(), test.text) {
					t.Errorf("error %q does not say %q", err, test.text)
				}
			})
		})
	}
}

func TestSchedulerRetriesForEverAfterTheFirstSubscription(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := newPipeNet()
		stop := network.serve(t, "m1:5050", &fakeMaster{})
		d := drive(t, network, SchedulerConfig{Masters: "m1:5050"})
		d.expect(t, connectedM1, subscribed1)
		stop()
		if got := d.next(); !strings.HasPrefix(got, "disconnected") {
			t.Fatal(got)
		}
		before := network.dials()
		time.Sleep(time.Hour)
		// Pauses are 2.5 s on average once the back-off has grown.
		if attempts := network.dials() - before; attempts < 900 || attempts > 2200 {
			t.Errorf("%d attempts in an hour, want about 1440", attempts)
		}
		network.serve(t, "m1:5050", &fakeMaster{})
		d.expect(t, connectedM1, subscribed1)
	})
}

func TestSchedulerRefusedSubscriptionIsFatal(t *testing.T) {
	for status, text := range map[int]string{
		400: "Failed to validate scheduler::Call: Expecting 'framework_info' to be present",
		401: "401 Unauthorized.",
		403: "Forbidden",
	} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network := newPipeNet()
				network.serve(t, "m1:5050", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					http.Error(w, text, status)
				}))
				err := testScheduler(t, network, SchedulerConfig{Masters: "m1:5050"}).Run(t.Context(), nil)
				refusal, ok := errors.AsType[*SubscribeError](err)
				if !ok || refusal.Status != status || !strings.Contains(refusal.Error(), text) {
					t.Errorf("Run returned %v", err)
				}
			})
		})
	}
}

func TestSchedulerErrorEventIsFatal(t *testing.T) {
	for text, sentinel := range map[string]error{
		"Framework has been removed":                           ErrFrameworkRemoved,
		"Framework failed over":                                ErrFailedOver,
		"Changing framework's principal is not allowed.":       nil,
		"User 'root' is not allowed to run frameworks without": nil,
	} {
		t.Run(text, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network, master := newPipeNet(), &fakeMaster{}
				network.serve(t, "m1:5050", master)
				d := drive(t, network, SchedulerConfig{Masters: "m1:5050"})
				d.expect(t, connectedM1, subscribed1)
				master.current().write <- record(errorEvent(text))
				d.expect(t, "ERROR", "disconnected: ERROR event from Mesos: "+text)
				err := <-d.ended
				if event, ok := errors.AsType[*EventError](err); !ok || event.Message != text {
					t.Errorf("Run returned %v", err)
				}
				for _, candidate := range []error{ErrFrameworkRemoved, ErrFailedOver} {
					if errors.Is(err, candidate) != errors.Is(candidate, sentinel) {
						t.Errorf("errors.Is(%v, %v) is %v", err, candidate, errors.Is(err, candidate))
					}
				}
			})
		})
	}
}

func TestSchedulerOldMasterIsFatal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network, master := newPipeNet(), &fakeMaster{version: "1.2.3"}
		network.serve(t, "m1:5050", master)
		err := testScheduler(t, network, SchedulerConfig{Masters: "m1:5050"}).Run(t.Context(), func(SchedulerEvent) {})
		if old, ok := errors.AsType[*VersionError](err); !ok || old.Version != "1.2.3" {
			t.Errorf("Run returned %v", err)
		}
		if calls := master.types(); !slices.Equal(calls, []string{"SUBSCRIBE"}) {
			t.Errorf("calls %v", calls)
		}
	})
}

func TestSchedulerErrorEventInsteadOfSubscribed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := newPipeNet()
		network.serve(t, "m1:5050", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", protobufType+"; charset=binary")
			w.Header().Set(streamIDHeader, "s")
			w.Write(record(errorEvent("Framework has been removed")))
		}))
		d := drive(t, network, SchedulerConfig{Masters: "m1:5050"})
		wantError(t, <-d.ended, ErrFrameworkRemoved)
	})
}

func TestSchedulerNoticesAHalfOpenStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network, master := newPipeNet(), &fakeMaster{silent: true}
		network.serve(t, "m1:5050", master)
		start := time.Now()
		d := drive(t, network, SchedulerConfig{Masters: "m1:5050"})
		d.expect(t, connectedM1, subscribed1, "disconnected: "+ErrHeartbeatLost.Error())
		if silence := time.Since(start); silence != 75*time.Second {
			t.Errorf("noticed after %v, want 5 × 15 s", silence)
		}
		d.expect(t, "connected stream-2 http://m1:5050/api/v1/scheduler")
	})
}

func TestSchedulerSlowHandlerKeepsTheStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network, master := newPipeNet(), &fakeMaster{}
		network.serve(t, "m1:5050", master)
		ctx, cancel := context.WithCancel(t.Context())
		var heartbeats, messages int
		s := testScheduler(t, network, SchedulerConfig{Masters: "m1:5050", Observer: Observer{Heartbeat: func() { heartbeats++ }}})
		err := s.Run(ctx, func(event SchedulerEvent) {
			switch text := describe(event); {
			case strings.HasPrefix(text, "connected"), text == "HEARTBEAT":
			case strings.HasPrefix(text, "SUBSCRIBED"):
				master.current().write <- record(messageEvent("1"))
				time.Sleep(10 * time.Minute)
			case text == "MESSAGE 1":
				messages++
				cancel()
			default:
				t.Error(text)
			}
		})
		wantError(t, err, context.Canceled)
		if heartbeats < 40 || messages != 1 || master.streams != 1 {
			t.Errorf("%d heart-beats, %d messages, %d streams", heartbeats, messages, master.streams)
		}
	})
}

func TestSchedulerGivesUpAStreamBeyondTheQueueLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network, master := newPipeNet(), &fakeMaster{}
		network.serve(t, "m1:5050", master)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var texts []string
		var most int64
		s := testScheduler(t, network, SchedulerConfig{
			Masters: "m1:5050", MaxEventQueueBytes: 1000,
			Observer: Observer{EventQueueBytes: func(n int64) { most = max(most, n) }},
		})
		s.Run(ctx, func(event SchedulerEvent) {
			text := describe(event)
			if text == "HEARTBEAT" {
				return
			}
			texts = append(texts, text)
			if text == subscribed1 && len(texts) == 2 {
				for range 3 {
					master.current().write <- record(messageEvent(strings.Repeat("x", 400)))
				}
				time.Sleep(time.Minute)
				if master.streams != 1 {
					t.Error("subscribed again before the queue had room")
				}
			}
			if text == subscribed1 && len(texts) > 2 {
				cancel()
			}
		})
		want := []string{
			connectedM1, subscribed1, "MESSAGE", "MESSAGE", "disconnected: " + ErrHandlerTooSlow.Error(),
			"connected stream-2 http://m1:5050/api/v1/scheduler", subscribed1,
		}
		if !slices.Equal(texts, want) {
			t.Errorf("events were\n%s\nwant\n%s", strings.Join(texts, "\n"), strings.Join(want, "\n"))
		}
		if most > 1000 {
			t.Errorf("the queue grew to %d bytes", most)
		}
	})
}

func TestSchedulerBadStreamIsRenewed(t *testing.T) {
	for name, bytes := range map[string]string{
		"not RecordIO":    "HTTP/1.1 200 OK\n",
		"not a protobuf":  "3\nxyz",
		"too long":        "1000001\n",
		"cut in a record": "",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network, master := newPipeNet(), &fakeMaster{}
				network.serve(t, "m1:5050", master)
				d := drive(t, network, SchedulerConfig{Masters: "m1:5050", MaxRecordBytes: 1_000_000})
				d.expect(t, connectedM1, subscribed1)
				if bytes == "" {
					master.current().write <- []byte("100\nxy")
					close(master.current().close)
				} else {
					master.current().write <- []byte(bytes)
				}
				if got := d.next(); !strings.HasPrefix(got, "disconnected") {
					t.Fatal(got)
				}
				d.expect(t, "connected stream-2 http://m1:5050/api/v1/scheduler", subscribed1)
			})
		})
	}
}

func TestSchedulerSurfacesUnknownEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network, master := newPipeNet(), &fakeMaster{}
		network.serve(t, "m1:5050", master)
		d := drive(t, network, SchedulerConfig{Masters: "m1:5050"})
		d.expect(t, connectedM1, subscribed1)
		master.current().write <- record(&scheduler.Event{Type: 77})
		d.expect(t, "77")
	})
}

func TestSchedulerFollowsTheDetector(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := newPipeNet()
		network.serve(t, "m1:5050", &fakeMaster{})
		network.serve(t, "m2:5050", &fakeMaster{})
		detector := &scriptedDetector{leaders: make(chan Leader, 2)}
		lost := make(chan struct{})
		detector.leaders <- Leader{URL: mustMaster(t, "m1:5050"), Lost: lost}
		detector.leaders <- Leader{URL: mustMaster(t, "m2:5050")}
		d := drive(t, network, SchedulerConfig{Detector: detector})
		d.expect(t, connectedM1, subscribed1)
		close(lost)
		d.expect(t, "disconnected: another master leads now", "connected stream-1 http://m2:5050/api/v1/scheduler", subscribed1)
		d.stop()
		<-d.ended
		if !detector.closed {
			t.Error("the detector was not closed")
		}
	})
}

type scriptedDetector struct {
	leaders chan Leader
	closed  bool
}

func (d *scriptedDetector) Detect(ctx context.Context) (Leader, error) {
	select {
	case leader := <-d.leaders:
		return leader, nil
	case <-ctx.Done():
		return Leader{}, ctx.Err()
	}
}

func (d *scriptedDetector) Close() error {
	d.closed = true
	return nil
}

func TestNewSchedulerNamesWhatIsWrong(t *testing.T) {
	framework := func() *mesosv1.FrameworkInfo { return nil }
	for _, test := range []struct {
		config SchedulerConfig
		text   string
	}{
		{SchedulerConfig{Masters: "m:5050"}, "Framework is not set"},
		{SchedulerConfig{Framework: framework}, "no master named"},
		{SchedulerConfig{Framework: framework, Masters: "m"}, "want host:port"},
		{SchedulerConfig{Framework: framework, Masters: "m:5050", CallTimeout: -1}, "CallTimeout -1ns is negative"},
		{SchedulerConfig{Framework: framework, Masters: "m:5050", BackoffMin: time.Hour}, "BackoffMax"},
		{SchedulerConfig{Framework: framework, Masters: "m:5050", Credentials: &Credentials{Principal: "a:b"}}, "colon"},
	} {
		_, err := NewScheduler(test.config)
		if err == nil || !strings.Contains(err.Error(), test.text) {
			t.Errorf("error %v, want %q", err, test.text)
		}
	}
}

func TestSecretsAreNotShown(t *testing.T) {
	credentials := Credentials{Principal: "elevator", Secret: "s3cret"}
	env := ExecutorEnv{Token: "s3cret"}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		for _, value := range []any{credentials, &credentials, SchedulerConfig{Credentials: &credentials}, env, &env} {
			if text := fmt.Sprintf(format, value); strings.Contains(text, "s3cret") {
				t.Errorf("%s shows %s", format, text)
			}
		}
	}
}
