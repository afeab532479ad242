package operator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"elevator/internal/elevator"
)

// fakeGroup carries commands out by writing them down.
type fakeGroup struct {
	mu   sync.Mutex
	done []string
	do   func(ctx context.Context, cmd Command) (Result, error) // nil: all is well
}

func (g *fakeGroup) command(ctx context.Context, by string, cmd Command) (Result, error) {
	g.mu.Lock()
	g.done = append(g.done, by+" "+cmd.Name)
	n := len(g.done)
	g.mu.Unlock()
	if g.do != nil {
		return g.do(ctx, cmd)
	}
	return Result{Result: fmt.Sprintf("done as number %d", n), Seq: uint64(n)}, nil
}

func (g *fakeGroup) count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.done)
}

func commanded(g *fakeGroup) func(t *testing.T) Config {
	return func(t *testing.T) Config { return Config{Hub: newHub(t, small(t)), Command: g.command} }
}

func park(id string) string { return fmt.Sprintf(`{"request_id":%q,"command":"park","car":"A"}`, id) }

// An alarm is acknowledged by its name as the group's state has it; once
// nothing is left to acknowledge, the answer says who did.
func TestAlarmsAreAcknowledgedByName(t *testing.T) {
	g := new(fakeGroup)
	inBubble(t, commanded(g), func(t *testing.T, s *service) {
		raised := elevator.NewEvent(0, elevator.FaultRaised)
		raised.Car, raised.Fault, raised.Seq = 0, elevator.FaultDoorClosing, 1
		given := elevator.NewEvent(0, elevator.CommandGiven)
		given.Detail = &elevator.Detail{Command: "acknowledge", Alarm: "fault:A:door-closing", By: "ann", Result: "ok"}
		given.Seq = 2
		for n, step := range []struct {
			event  *elevator.Event
			alarm  string
			status int
			answer string
			told   int // commands that the group was given
		}{
			{nil, "fault:A:door-closing", http.StatusNotFound, "there is none of that name", 0},
			{nil, "all", http.StatusOK, "there is no alarm that nobody has acknowledged", 0},
			{&raised, "fault:A:door-closing", http.StatusOK, "done as number 1", 1},
			{nil, "all", http.StatusOK, "done as number 2", 2},
			{&given, "fault:A:door-closing", http.StatusOK, "acknowledged already by ann", 2},
			{nil, "fault:B:door-closing", http.StatusNotFound, "there is none of that name", 2},
		} {
			if step.event != nil {
				if err := s.hub.Publish([]elevator.Event{*step.event}); err != nil {
					t.Fatal(err)
				}
			}
			resp, body := s.command(fmt.Sprintf(`{"request_id":"%d","command":"acknowledge","alarm":%q}`, n, step.alarm))
			if resp.StatusCode != step.status || !strings.Contains(body, step.answer) || g.count() != step.told {
				t.Errorf("%d: %d %s, %d commands; want %+v", n, resp.StatusCode, body, g.count(), step)
			}
		}
		state := s.hub.State(time.Now())
		if len(state.Alarms) != 1 || state.Alarms[0].State != "acknowledged" || state.Alarms[0].AcknowledgedBy != "ann" {
			t.Errorf("the state says %+v", state.Alarms)
		}
	})
}

// A task is named as the group's tasks are; before any is known the group says
// that it is not ready.
func TestOnlyATaskOfTheGroupIsRestarted(t *testing.T) {
	g := new(fakeGroup)
	inBubble(t, commanded(g), func(t *testing.T, s *service) {
		restart := func(id, task string) (status int, body string) {
			resp, body := s.command(fmt.Sprintf(`{"request_id":%q,"command":"restart-task","task":%q}`, id, task))
			return resp.StatusCode, body
		}
		if status, body := restart("1", "car-7"); status != http.StatusOK || g.count() != 1 {
			t.Errorf("before any task is known: %d %s, %d commands", status, body, g.count())
		}
		launched := elevator.NewEvent(0, elevator.TaskStateChanged)
		launched.Detail = &elevator.Detail{Task: "car-0", State: "launched"}
		publish(t, s.hub, launched)
		if status, body := restart("2", "car-7"); status != http.StatusNotFound || unquoted(t, body) != `task "car-7": the group has none of that name` {
			t.Errorf("unknown task: %d %s", status, body)
		}
		if status, body := restart("3", "car-0"); status != http.StatusOK || g.count() != 2 {
			t.Errorf("known task: %d %s, %d commands", status, body, g.count())
		}
	})
}

func TestACommandIsCarriedOutOnce(t *testing.T) {
	g := new(fakeGroup)
	inBubble(t, commanded(g), func(t *testing.T, s *service) {
		want := `{"request_id":"7","result":"done as number 1","seq":1}` + "\n"
		for range 3 {
			if resp, body := s.command(park("7")); resp.StatusCode != http.StatusOK || body != want {
				t.Errorf("%s %s; want %s", resp.Status, body, want)
			}
		}
		if _, body := s.command(park("8")); !strings.Contains(body, "done as number 2") {
			t.Errorf("another command: %s", body)
		}
		resp, body := s.command(`{"request_id":"7","command":"park","car":"B"}`)
		if resp.StatusCode != http.StatusConflict || !strings.Contains(body, "used for another command") {
			t.Errorf("the same id for another command: %s %s", resp.Status, body)
		}
		if g.count() != 2 || g.done[0] != "local park" {
			t.Errorf("carried out: %v", g.done)
		}
	})
}

func TestCommandsSentAtTheSameTimeWaitForTheFirst(t *testing.T) {
	var release chan struct{}
	g := &fakeGroup{do: func(context.Context, Command) (Result, error) {
		<-release
		return Result{Result: "done"}, nil
	}}
	inBubble(t, commanded(g), func(t *testing.T, s *service) {
		release = make(chan struct{})
		const clients = 5
		answers := make(chan string, clients)
		for range clients {
			go func() {
				_, body := s.command(park("1"))
				answers <- body
			}()
		}
		synctest.Wait()
		close(release)
		for range clients {
			if got := <-answers; !strings.Contains(got, `"result":"done"`) {
				t.Errorf("answer %s", got)
			}
		}
		if g.count() != 1 {
			t.Errorf("carried out %d times", g.count())
		}
	})
}

func TestACommandIsCarriedOutAlthoughItsGiverLeaves(t *testing.T) {
	var release chan struct{}
	g := &fakeGroup{do: func(ctx context.Context, _ Command) (Result, error) {
		select {
		case <-release:
			return Result{}, nil
		case <-ctx.Done():
			return Result{}, ctx.Err()
		}
	}}
	inBubble(t, commanded(g), func(t *testing.T, s *service) {
		release = make(chan struct{})
		ctx, leave := context.WithCancel(context.Background())
		left := make(chan error)
		go func() {
			_, err := s.client().Command(ctx, Command{RequestID: "1", Name: "park", Car: "A"})
			left <- err
		}()
		synctest.Wait()
		leave()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Errorf("the one who left: %v", err)
		}
		close(release)
		if got, err := s.client().Command(context.Background(), Command{RequestID: "1", Name: "park", Car: "A"}); err != nil || got.Result != "ok" {
			t.Errorf("sent again: %+v, %v", got, err)
		}
		if g.count() != 1 {
			t.Errorf("carried out %d times", g.count())
		}
	})
}

func TestAnswersSayWhyNot(t *testing.T) {
	for _, test := range []struct {
		name   string
		do     func(context.Context, Command) (Result, error)
		status int
		says   string
		again  bool // the same command is carried out again
	}{
		{"refused", func(context.Context, Command) (Result, error) {
			return Result{}, fmt.Errorf("wrapped: %w", &RefusedError{"the car is out of service"})
		}, http.StatusConflict, "the car is out of service", false},
		{"not ready", func(context.Context, Command) (Result, error) {
			return Result{}, fmt.Errorf("%w: 3 tasks are pending", ErrNotReady)
		}, http.StatusServiceUnavailable, "3 tasks are pending", true},
		{"failed", func(context.Context, Command) (Result, error) {
			return Result{}, errors.New("secret detail")
		}, http.StatusInternalServerError, "the scheduler's log says why", true},
		{"too slow", func(ctx context.Context, _ Command) (Result, error) {
			<-ctx.Done()
			return Result{}, ctx.Err()
		}, http.StatusGatewayTimeout, "again with the same request_id", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := &fakeGroup{do: test.do}
			inBubble(t, commanded(g), func(t *testing.T, s *service) {
				for range 2 {
					resp, body := s.command(park("1"))
					if resp.StatusCode != test.status || !strings.Contains(unquoted(t, body), test.says) || strings.Contains(body, "secret") {
						t.Errorf("%s %s; want %d and %q", resp.Status, body, test.status, test.says)
					}
					if retry := resp.Header.Get("Retry-After"); (retry != "") != (test.status == http.StatusServiceUnavailable) {
						t.Errorf("Retry-After %q", retry)
					}
				}
				if want := map[bool]int{false: 1, true: 2}[test.again]; g.count() != want {
					t.Errorf("carried out %d times, want %d", g.count(), want)
				}
			})
		})
	}
}

func TestCommandBodies(t *testing.T) {
	g := new(fakeGroup)
	inBubble(t, commanded(g), func(t *testing.T, s *service) {
		for _, test := range []struct {
			name, kind, body string
			status           int
		}{
			{"no type", "", park("1"), http.StatusUnsupportedMediaType},
			{"a form's type", "text/plain", park("1"), http.StatusUnsupportedMediaType},
			{"with a charset", "application/json; charset=utf-8", park("1"), http.StatusOK},
			{"the largest", "application/json", park("2") + strings.Repeat(" ", longestCommand-len(park("2"))), http.StatusOK},
			{"too large", "application/json", park("3") + strings.Repeat(" ", longestCommand), http.StatusRequestEntityTooLarge},
			{"no JSON", "application/json", "park A", http.StatusBadRequest},
			{"no such car", "application/json", `{"request_id":"4","command":"park","car":"Z"}`, http.StatusNotFound},
		} {
			req := s.request(http.MethodPost, commandsPath, test.body)
			if test.kind != "" {
				req.Header.Set("Content-Type", test.kind)
			}
			if resp, body := s.ask(req); resp.StatusCode != test.status {
				t.Errorf("%s: %s %s; want %d", test.name, resp.Status, body, test.status)
			}
		}
	})
}

func TestASchedulerThatTakesNoCommands(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, s *service) {
		if resp, body := s.command(park("1")); resp.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("%s %s", resp.Status, body)
		}
	})
}

func TestCommandsAreLimited(t *testing.T) {
	g := new(fakeGroup)
	inBubble(t, commanded(g), func(t *testing.T, s *service) {
		for i := range commandBurst {
			if resp, body := s.command(park(fmt.Sprint(i))); resp.StatusCode != http.StatusOK {
				t.Fatalf("command %d: %s %s", i, resp.Status, body)
			}
		}
		resp, body := s.command(park("one more"))
		if resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") != "1" {
			t.Errorf("one more: %s %s", resp.Status, body)
		}
		time.Sleep(time.Second / commandsPerSecond) // the bubble's time
		if resp, body := s.command(park("later")); resp.StatusCode != http.StatusOK {
			t.Errorf("later: %s %s", resp.Status, body)
		}
		if resp, _ := s.command(park("later")); resp.StatusCode != http.StatusTooManyRequests {
			t.Errorf("at once after it: %s", resp.Status)
		}
	})
}

func TestTheLimiterForgetsFullBuckets(t *testing.T) {
	l := newLimiter()
	now := epoch
	for i := range 10 * mostBuckets {
		now = now.Add(time.Second)
		if ok, _ := l.take(fmt.Sprint(i), now); !ok {
			t.Fatal("a new client is limited")
		}
	}
	if n := len(l.buckets); n > mostBuckets {
		t.Errorf("%d buckets", n)
	}
}

func TestAnswersAreBounded(t *testing.T) {
	a := newAnswers(3)
	cmd := func(id int) *Command { return &Command{RequestID: fmt.Sprint(id), Name: "park", Car: "A"} }
	give := func(id int) *remembered {
		t.Helper()
		r, first, refused := a.begin("me", cmd(id))
		if !first {
			t.Fatalf("command %d: %+v", id, refused)
		}
		return r
	}
	for i := range 10 {
		a.end(give(i), answer{status: i}, true)
	}
	if len(a.byID) != 3 {
		t.Errorf("%d answers are kept", len(a.byID))
	}
	if r, first, _ := a.begin("me", cmd(8)); first || r.answer.status != 8 {
		t.Error("a kept answer is not given again")
	}
	if _, _, refused := a.begin("you", cmd(8)); refused.status != http.StatusConflict {
		t.Errorf("somebody else's id: %+v", refused)
	}
	oldest := give(0) // forgotten, so given anew
	give(11)
	give(12)
	if r, _, refused := a.begin("me", cmd(13)); r != nil || refused.status != http.StatusServiceUnavailable {
		t.Errorf("with all being carried out: %+v", refused)
	}
	a.end(oldest, answer{status: 200}, false)
	give(13)
	if _, ok := a.byID["0"]; ok {
		t.Error("an answer that is not final is kept")
	}
}

func TestAPanicInACommandAnswersAndFreesItsPlace(t *testing.T) {
	var panicked atomic.Bool
	g := &fakeGroup{do: func(context.Context, Command) (Result, error) {
		if panicked.CompareAndSwap(false, true) {
			panic("a bug")
		}
		return Result{}, nil
	}}
	inBubble(t, commanded(g), func(t *testing.T, s *service) {
		if _, err := s.http.Do(s.request(http.MethodPost, commandsPath, park("1"), "Content-Type", "application/json")); err == nil {
			t.Error("the connection of a panic answers")
		}
		if resp, body := s.command(park("1")); resp.StatusCode != http.StatusOK {
			t.Errorf("%s %s", resp.Status, body)
		}
	})
}

func TestCloseWaitsForCommands(t *testing.T) {
	g := &fakeGroup{do: func(ctx context.Context, _ Command) (Result, error) {
		<-ctx.Done()
		return Result{}, ctx.Err()
	}}
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, commanded(g)(t))
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			resp, err := s.http.Do(s.request(http.MethodPost, commandsPath, park("1"), "Content-Type", "application/json"))
			if err == nil {
				resp.Body.Close()
			}
		}()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := s.server.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("close: %v", err)
		}
		<-ended
		s.http.CloseIdleConnections()
	})
}
