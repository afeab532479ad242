package gotask_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"elevator/internal/gotask"
	"elevator/internal/gotask/gotasktest"
)

// app is the view of a scheduler function in a test.
type app struct {
	t      *testing.T
	s      *gotask.GoTaskScheduler
	in     <-chan gotask.TaskMsg
	out    chan<- gotask.TaskMsg
	events <-chan gotask.SchedEvent

	seen  []gotask.SchedEvent // not awaited yet
	inbox map[string][]string // by task, not received yet
}

// patience is how long, in the test's time, anything may take.
const patience = 10 * time.Minute

// step takes one event or message; it ends the function when nothing comes.
func (a *app) step(what string) {
	a.t.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case e, ok := <-a.events:
		if !ok {
			a.t.Fatalf("the system ended before %s", what)
		}
		a.seen = append(a.seen, e)
	case m := <-a.in:
		a.inbox[m.TaskName] = append(a.inbox[m.TaskName], m.MessageData)
	case <-timer.C:
		a.t.Fatalf("no %s; status %+v", what, a.s.Status())
	}
}

// await returns the next event of the kind about the task ("" for any).
func (a *app) await(kind gotask.EventKind, task string) gotask.SchedEvent {
	a.t.Helper()
	for {
		for i, e := range a.seen {
			if e.Kind == kind && (task == "" || e.Task == task) {
				a.seen = append(a.seen[:i:i], a.seen[i+1:]...)
				return e
			}
		}
		a.step(string(kind) + " of " + task)
	}
}

// receive returns the task's next message.
func (a *app) receive(task string) string {
	a.t.Helper()
	for len(a.inbox[task]) == 0 {
		a.step("message of " + task)
	}
	m := a.inbox[task][0]
	a.inbox[task] = a.inbox[task][1:]
	return m
}

func (a *app) send(task, data string) { a.out <- gotask.TaskMsg{TaskName: task, MessageData: data} }

// untilEnd takes everything until the system ends.
func (a *app) untilEnd() {
	for a.in != nil || a.events != nil {
		select {
		case e, ok := <-a.events:
			if !ok {
				a.events = nil
				continue
			}
			a.seen = append(a.seen, e)
		case m, ok := <-a.in:
			if !ok {
				a.in = nil
				continue
			}
			a.inbox[m.TaskName] = append(a.inbox[m.TaskName], m.MessageData)
		}
	}
}

// count returns how many events of the kind were seen and not awaited.
func (a *app) count(kind gotask.EventKind) int {
	n := 0
	for _, e := range a.seen {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// scene is a test in the in-process cluster, under virtual time.
type scene struct {
	t       *testing.T
	cluster *gotasktest.Cluster
	config  gotask.Config
}

// play runs the test in a bubble of its own, so that no goroutine of it outlives it.
func play(t *testing.T, config gotasktest.ClusterConfig, test func(sc *scene)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		if config.Register == nil {
			config.Register = registerTestTasks
		}
		config.Executor.Logger = testLogger(t)
		c := gotasktest.NewCluster(config)
		defer c.Close()
		sc := &scene{t: t, cluster: c, config: c.Config(t.Name())}
		sc.config.Logger = testLogger(t)
		sc.config.State = &gotask.MemoryStore{}
		test(sc)
	})
}

// scheduler returns a new scheduler that plays f.
func (sc *scene) scheduler(f func(a *app)) *gotask.GoTaskScheduler {
	sc.t.Helper()
	sc.config.Driver = sc.cluster.Driver()
	a := &app{t: sc.t, inbox: map[string][]string{}}
	a.s = newScheduler(sc.t, sc.config, func(in <-chan gotask.TaskMsg, out chan<- gotask.TaskMsg, events <-chan gotask.SchedEvent) {
		a.in, a.out, a.events = in, out, events
		f(a)
	})
	return a.s
}

// run runs a scheduler that plays f and returns what Run returned.
func (sc *scene) run(f func(a *app), specs ...gotask.TaskSpec) error {
	sc.t.Helper()
	s := sc.scheduler(f)
	spawn(sc.t, s, specs...)
	return s.Run(sc.t.Context())
}

// mustRun fails the test when Run fails.
func (sc *scene) mustRun(f func(a *app), specs ...gotask.TaskSpec) {
	sc.t.Helper()
	if err := sc.run(f, specs...); err != nil {
		sc.t.Fatalf("Run: %v", err)
	}
}

// taskError returns the error as the *TaskError it should be.
func taskError(t *testing.T, err error) *gotask.TaskError {
	t.Helper()
	te, ok := errors.AsType[*gotask.TaskError](err)
	if !ok {
		t.Fatalf("Run returned %v, want a *TaskError", err)
	}
	return te
}
