package gotask_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"elevator/internal/gotask"
	"elevator/internal/gotask/gotasktest"
)

// with registers f as "it" beside the tasks of all tests.
func with(f gotask.TaskFunc) gotasktest.ClusterConfig {
	return gotasktest.ClusterConfig{Agents: 1, Register: func(e *gotask.GoTaskExecutor) error {
		return errors.Join(registerTestTasks(e), e.RegisterTaskFunc("it", f))
	}}
}

func TestTasksThatMisbehave(t *testing.T) {
	type in = <-chan gotask.TaskMsg
	type out = chan<- gotask.TaskMsg
	tests := map[string]struct {
		f    func(in, out) error
		kind gotask.EventKind
		want string
	}{
		"oversized message": {func(i in, o out) error {
			o <- gotask.TaskMsg{MessageData: strings.Repeat("x", gotask.MaxMessageBytes+1)}
			<-i
			return nil
		}, gotask.EventTaskFailed, "too large"},
		"ends its goroutine":     {func(in, out) error { runtime.Goexit(); return nil }, gotask.EventTaskFailed, "without returning"},
		"closes out and returns": {func(i in, o out) error { close(o); return nil }, gotask.EventTaskFinished, ""},
		"closes out and sends":   {func(i in, o out) error { close(o); o <- gotask.TaskMsg{}; return nil }, gotask.EventTaskFailed, "send on closed channel"},
		"another's name":         {func(i in, o out) error { o <- gotask.TaskMsg{TaskName: "echo-0", MessageData: "x"}; return nil }, gotask.EventTaskFinished, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			cluster := with(func(i <-chan gotask.TaskMsg, o chan<- gotask.TaskMsg, args []string, env map[string]string) error {
				return test.f(i, o)
			})
			play(t, cluster, func(sc *scene) {
				sc.config.OnTaskFailure = gotask.RestartOnFailure
				sc.mustRun(func(a *app) {
					if e := a.await(test.kind, "it-0"); !strings.Contains(e.Text, test.want) {
						a.t.Errorf("event: %+v", e)
					}
					a.receive("echo-0") // another task is not troubled
					a.send("echo-0", "fine")
					if got := a.receive("echo-0"); got != "fine" {
						a.t.Errorf("echo-0 said %q", got)
					}
				}, gotask.TaskSpec{Name: "it", Count: 1}, gotask.TaskSpec{Name: "echo", Count: 1})
			})
		})
	}
}

func TestTaskThatDoesNotReturnIsAbandoned(t *testing.T) {
	play(t, gotasktest.ClusterConfig{Agents: 1, Register: func(e *gotask.GoTaskExecutor) error {
		return errors.Join(registerTestTasks(e), e.RegisterTaskFunc("stuck",
			func(in <-chan gotask.TaskMsg, out chan<- gotask.TaskMsg, args []string, env map[string]string) error {
				time.Sleep(time.Minute) // virtual; it does not look at in
				return nil
			}))
	}}, func(sc *scene) {
		sc.mustRun(func(a *app) {
			a.await(gotask.EventTaskRunning, "stuck-0")
			begin := time.Now()
			if err := a.s.KillTask("stuck-0"); err != nil {
				a.t.Error(err)
			}
			if e := a.await(gotask.EventTaskKilled, "stuck-0"); !strings.Contains(e.Text, "did not return within 3s") {
				a.t.Errorf("event: %+v", e)
			}
			if took := time.Since(begin); took > 4*time.Second {
				a.t.Errorf("the kill took %v", took)
			}
			// No other task runs there, so the executor ends: a goroutine ends only with its process.
			a.await(gotask.EventExecutorLost, "")
		}, gotask.TaskSpec{Name: "stuck", Count: 1})
		time.Sleep(time.Minute) // virtual: it returns at last
	})
}

func TestKillFreesATaskStuckInASend(t *testing.T) {
	play(t, gotasktest.ClusterConfig{Agents: 1}, func(sc *scene) {
		sc.mustRun(func(a *app) {
			a.await(gotask.EventTaskRunning, "count-0")
			time.Sleep(10 * time.Second) // virtual; this function reads no messages, the window fills
			if err := a.s.KillTask("count-0"); err != nil {
				a.t.Error(err)
			}
			for { // look at events only
				e := <-a.events
				if e.Task != "count-0" || e.Kind == gotask.EventTaskRunning {
					continue
				}
				if e.Kind != gotask.EventTaskKilled {
					a.t.Errorf("event: %+v", e)
				}
				break
			}
			for i := range 256 { // what had found room is there nevertheless, as last words
				if got := a.receive("count-0"); got != fmt.Sprint(i) {
					a.t.Fatalf("message %d is %q", i, got)
				}
			}
		}, gotask.TaskSpec{Name: "count", Count: 1, Args: []string{"1000"}})
	})
}

func TestOneDeafTaskDoesNotBlockAnother(t *testing.T) {
	deaf := with(func(in <-chan gotask.TaskMsg, out chan<- gotask.TaskMsg, args []string, env map[string]string) error {
		time.Sleep(time.Hour) // virtual
		return nil
	})
	deaf.Executor.KeepLeaked = true
	play(t, deaf, func(sc *scene) {
		sc.mustRun(func(a *app) {
			a.receive("echo-0")
			a.await(gotask.EventTaskRunning, "it-0")
			for range 1000 {
				a.send("it-0", "hello?")
			}
			a.send("echo-0", "you?")
			if got := a.receive("echo-0"); got != "you?" {
				a.t.Errorf("echo-0 said %q", got)
			}
			if err := a.s.KillTask("it-0"); err != nil {
				a.t.Error(err)
			}
			a.await(gotask.EventTaskKilled, "it-0")
		}, gotask.TaskSpec{Name: "it", Count: 1}, gotask.TaskSpec{Name: "echo", Count: 1})
		time.Sleep(time.Hour) // virtual: the deaf task returns at last
	})
}

func TestIdleExecutorEnds(t *testing.T) {
	play(t, gotasktest.ClusterConfig{Agents: 1, Executor: gotask.ExecutorConfig{Linger: 20 * time.Second}}, func(sc *scene) {
		sc.mustRun(func(a *app) {
			a.receive("echo-0")
			begin := time.Now()
			if err := a.s.KillTask("echo-0"); err != nil {
				a.t.Error(err)
			}
			if e := a.await(gotask.EventExecutorLost, ""); e.Text != "executor exited with code 0" {
				a.t.Errorf("event: %+v", e)
			}
			if took := time.Since(begin).Round(time.Second); took < 20*time.Second || took > 22*time.Second {
				a.t.Errorf("the executor ended after %v", took)
			}
			if err := a.s.RestartTask("echo-0"); err != nil {
				a.t.Error(err)
			}
			if got := a.receive("echo-0"); got != "hello 2" {
				a.t.Errorf("echo-0 said %q", got)
			}
		}, gotask.TaskSpec{Name: "echo", Count: 1})
	})
}

// sums adds up what it receives, in the context form, and sends the sum on its way out.
type sums struct{}

func (sums) RunContext(ctx context.Context, tio gotask.TaskIO) error {
	total := 0
	for {
		m, err := tio.Recv(ctx)
		if errors.Is(err, io.EOF) {
			msg, err := gotask.NewMsg(tio.Name(), map[string]int{"total": total})
			if err != nil {
				return err
			}
			return tio.Send(ctx, msg.MessageData)
		}
		if err != nil {
			return err
		}
		n, err := gotask.Decode[int](m)
		if err != nil {
			return err
		}
		total += n
	}
}

// director drives the sums in the context form of a scheduler function.
type director struct {
	s    *gotask.GoTaskScheduler
	fail error
}

func (d director) RunSchedContext(ctx context.Context, sio gotask.SchedIO) error {
	for e := range sio.Events {
		if e.Kind == gotask.EventTaskRunning {
			break
		}
	}
	for i := range 5 {
		m, err := gotask.NewMsg("sums-0", i)
		if err != nil {
			return err
		}
		if err := sio.Send(ctx, m); err != nil {
			return err
		}
	}
	if err := sio.Send(ctx, gotask.TaskMsg{TaskName: "x-0"}); !errors.Is(err, gotask.ErrUnknownTask) {
		return fmt.Errorf("message to nobody: %w", err)
	}
	time.Sleep(time.Second) // virtual: they have arrived
	if err := d.s.KillTask("sums-0"); err != nil {
		return err
	}
	m := <-sio.In
	got, err := gotask.Decode[map[string]int](m)
	if err != nil || got["total"] != 10 {
		return fmt.Errorf("got %v, %w", got, err)
	}
	return d.fail
}

func TestContextForms(t *testing.T) {
	cluster := gotasktest.ClusterConfig{Register: func(e *gotask.GoTaskExecutor) error { return e.RegisterTaskContext("sums", sums{}) }}
	for _, fail := range []error{nil, errors.New("closing time")} {
		play(t, cluster, func(sc *scene) {
			s, err := gotask.NewGoTaskScheduler(sc.config)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.RegisterSchedContext(director{s, fail}); err != nil {
				t.Fatal(err)
			}
			spawn(sc.t, s, gotask.TaskSpec{Name: "sums", Count: 1})
			if err := s.Run(sc.t.Context()); !errors.Is(err, fail) {
				t.Errorf("Run: %v, want %v", err, fail)
			}
		})
	}
}

func TestTypedMessages(t *testing.T) {
	type call struct {
		Floor string
		Up    bool
	}
	m, err := gotask.NewMsg("floor-3", call{"3", true})
	if err != nil || m.TaskName != "floor-3" {
		t.Fatalf("%+v, %v", m, err)
	}
	if c, err := gotask.Decode[call](m); err != nil || c != (call{"3", true}) {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := gotask.Decode[call](gotask.TaskMsg{TaskName: "a-0", MessageData: "{"}); err == nil || !strings.Contains(err.Error(), "a-0") {
		t.Errorf("half a message: %v", err)
	}
	if _, err := gotask.NewMsg("a-0", func() {}); err == nil {
		t.Error("a function was encoded")
	}
	if _, err := gotask.NewMsg("a-0", strings.Repeat("x", gotask.MaxMessageBytes)); !errors.Is(err, gotask.ErrMessageTooLarge) {
		t.Errorf("too large: %v", err)
	}
}
