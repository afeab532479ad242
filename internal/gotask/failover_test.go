package gotask_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"elevator/internal/gotask"
	"elevator/internal/gotask/gotasktest"
)

// leave runs a first scheduler until the tasks named have spoken, and ends it so
// that they stay for a successor.
func (sc *scene) leave(specs []gotask.TaskSpec, spoken ...string) *gotask.GoTaskScheduler {
	sc.t.Helper()
	ctx, cancel := context.WithCancel(sc.t.Context())
	defer cancel()
	sc.config.OnExit = gotask.KeepOnExit
	first := sc.scheduler(func(a *app) {
		for _, name := range spoken {
			a.receive(name)
		}
		cancel()
		a.untilEnd()
	})
	spawn(sc.t, first, specs...)
	if err := first.Run(ctx); !errors.Is(err, context.Canceled) {
		sc.t.Fatalf("first Run: %v", err)
	}
	return first
}

func TestKeepLetsTheSuccessorGoOn(t *testing.T) {
	play(t, gotasktest.ClusterConfig{}, func(sc *scene) {
		specs := []gotask.TaskSpec{{Name: "echo", Count: 2}}
		first := sc.leave(specs, "echo-0", "echo-1")
		id := first.Status().FrameworkID
		if sc.cluster.Removed() || len(sc.cluster.Tasks()) != 2 {
			t.Fatalf("tasks after the first scheduler: %v", sc.cluster.Tasks())
		}
		sc.mustRun(func(a *app) {
			for _, name := range []string{"echo-0", "echo-1"} {
				if e := a.await(gotask.EventTaskRunning, name); e.Attempt != 1 || e.Agent.Hostname == "" {
					a.t.Errorf("found again: %+v", e)
				}
				a.send(name, "who are you?")
				if got := a.receive(name); got != "who are you?" {
					a.t.Errorf("%s said %q", name, got)
				}
			}
			if n := a.count(gotask.EventTaskLaunched); n > 0 {
				a.t.Errorf("%d tasks were launched again", n)
			}
			if st := a.s.Status(); st.FrameworkID != id || st.Epoch != 2 {
				a.t.Errorf("successor is %s, epoch %d", st.FrameworkID, st.Epoch)
			}
		}, specs...)
		if !sc.cluster.Removed() {
			t.Error("the successor did not tear down when its function returned")
		}
		if st, _ := sc.config.State.Load(); st.FrameworkID != "" {
			t.Errorf("stored state after the teardown: %+v", st)
		}
	})
}

// A master that was started anew itself says nothing of tasks whose agents have not come back to it; a successor asks
// again soon.
func TestSuccessorAsksUntilItIsAnswered(t *testing.T) {
	play(t, gotasktest.ClusterConfig{}, func(sc *scene) {
		spec := gotask.TaskSpec{Name: "echo", Count: 2}
		sc.leave([]gotask.TaskSpec{spec}, "echo-0", "echo-1")
		sc.cluster.IgnoreReconciliations(6)
		began := time.Now()
		sc.mustRun(func(a *app) {
			a.await(gotask.EventTaskRunning, "echo-0")
			a.await(gotask.EventTaskRunning, "echo-1")
			if took := time.Since(began); took > 5*time.Second {
				a.t.Errorf("the tasks were found after %v", took)
			}
		}, spec)
	})
}

func TestSuccessorFindsLossesAndLeftovers(t *testing.T) {
	play(t, gotasktest.ClusterConfig{Agents: 1}, func(sc *scene) {
		sc.config.OnTaskFailure = gotask.RestartOnFailure
		sc.leave([]gotask.TaskSpec{{Name: "echo", Count: 1}, {Name: "show", Count: 1}}, "echo-0", "show-0")
		sc.cluster.KillExecutor(0) // both tasks die while nobody is there
		synctest.Wait()
		sc.mustRun(func(a *app) {
			if e := a.await(gotask.EventTaskFailed, "echo-0"); e.Attempt != 1 || !e.Restarting {
				a.t.Errorf("loss found: %+v", e)
			}
			e := a.await(gotask.EventTaskRunning, "echo-0")
			if e.Attempt == 1 { // the first scheduler had no time to acknowledge that
				e = a.await(gotask.EventTaskRunning, "echo-0")
			}
			if e.Attempt != 2 {
				a.t.Errorf("running: %+v", e)
			}
			time.Sleep(time.Minute) // virtual
			for id := range sc.cluster.Tasks() {
				if id != "echo-0.2" {
					a.t.Errorf("task %s still lives", id)
				}
			}
		}, gotask.TaskSpec{Name: "echo", Count: 1})
	})
}

func TestUnwantedLeftoversAreKilled(t *testing.T) {
	play(t, gotasktest.ClusterConfig{}, func(sc *scene) {
		sc.leave([]gotask.TaskSpec{{Name: "echo", Count: 2}}, "echo-1")
		sc.mustRun(func(a *app) {
			// Spawned by the function itself, a moment later: it is adopted all the same.
			if _, err := a.s.SpawnTask("echo", 1, gotask.Resources{CPUs: 0.1, MemMB: 32}); err != nil {
				a.t.Error(err)
			}
			if e := a.await(gotask.EventTaskRunning, "echo-0"); e.Attempt != 1 {
				a.t.Errorf("running: %+v", e)
			}
			time.Sleep(time.Minute) // virtual
			if live := sc.cluster.Tasks(); len(live) != 1 {
				a.t.Errorf("alive: %v", live)
			}
		})
	})
}

func TestSecondSchedulerTakesOver(t *testing.T) {
	play(t, gotasktest.ClusterConfig{}, func(sc *scene) {
		up := make(chan struct{})
		first := sc.scheduler(func(a *app) {
			a.receive("echo-0")
			close(up)
			a.untilEnd()
		})
		spawn(sc.t, first, gotask.TaskSpec{Name: "echo", Count: 1})
		done := make(chan error)
		go func() { done <- first.Run(sc.t.Context()) }()
		<-up
		sc.mustRun(func(a *app) {
			a.await(gotask.EventTaskRunning, "echo-0")
			if err := <-done; !errors.Is(err, gotask.ErrFailedOver) {
				a.t.Errorf("first Run: %v", err)
			}
		}, gotask.TaskSpec{Name: "echo", Count: 1})
	})
}

func TestRemovedFramework(t *testing.T) {
	play(t, gotasktest.ClusterConfig{}, func(sc *scene) {
		sc.mustRun(func(a *app) { a.receive("echo-0") }, gotask.TaskSpec{Name: "echo", Count: 1})
		if err := sc.config.State.Save(gotask.StoredState{FrameworkID: sc.cluster.FrameworkID(), Epoch: 7}); err != nil {
			t.Fatal(err)
		}
		err := sc.run((*app).untilEnd, gotask.TaskSpec{Name: "echo", Count: 1})
		if !errors.Is(err, gotask.ErrFrameworkRemoved) {
			t.Errorf("Run: %v", err)
		}
		if st, _ := sc.config.State.Load(); st.FrameworkID != "" {
			t.Errorf("stored: %+v", st)
		}
		sc.mustRun(func(a *app) { a.receive("echo-0") }, gotask.TaskSpec{Name: "echo", Count: 1})
	})
}

func TestMessagesSurviveLossAndCuts(t *testing.T) {
	play(t, gotasktest.ClusterConfig{}, func(sc *scene) {
		sc.cluster.DropMessages(func(toExecutor bool, n int) bool { return n%3 == 0 })
		const each = 300
		names := []string{"echo-0", "echo-1", "echo-2"}
		sc.mustRun(func(a *app) {
			for _, name := range names {
				a.receive(name)
			}
			go func() {
				for i := range each {
					for _, name := range names {
						a.send(name, fmt.Sprint(i))
					}
					if i%100 == 50 {
						sc.cluster.CutScheduler()
					}
				}
			}()
			for _, name := range names {
				for i := range each {
					if got := a.receive(name); got != fmt.Sprint(i) {
						a.t.Fatalf("message %d of %s is %q", i, name, got)
					}
				}
			}
			a.await(gotask.EventDisconnected, "")
			a.await(gotask.EventReregistered, "")
		}, gotask.TaskSpec{Name: "echo", Count: 3})
	})
}

func TestLastWordsArriveBeforeTheEnd(t *testing.T) {
	play(t, gotasktest.ClusterConfig{}, func(sc *scene) {
		sc.cluster.DropMessages(func(toExecutor bool, n int) bool { return !toExecutor })
		sc.mustRun(func(a *app) {
			a.await(gotask.EventTaskFinished, "count-0")
			for i := range 100 {
				if got := a.receive("count-0"); got != fmt.Sprint(i) {
					a.t.Fatalf("message %d is %q", i, got)
				}
			}
		}, gotask.TaskSpec{Name: "count", Count: 1, Args: []string{"100"}})
	})
}

func TestStateStores(t *testing.T) {
	file := gotask.NewFileStore(t.TempDir() + "/framework.json")
	for name, store := range map[string]gotask.StateStore{"memory": &gotask.MemoryStore{}, "file": file} {
		t.Run(name, func(t *testing.T) {
			if st, err := store.Load(); err != nil || st.FrameworkID != "" || st.Epoch != 0 {
				t.Fatalf("fresh store: %+v, %v", st, err)
			}
			want := gotask.StoredState{FrameworkID: "f", Epoch: 3, Tasks: []gotask.StoredTask{{Name: "echo-0", Attempt: 2}}}
			for range 2 {
				if err := store.Save(want); err != nil {
					t.Fatal(err)
				}
			}
			if got, err := store.Load(); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("loaded %+v, %v", got, err)
			}
		})
	}
	damaged := gotask.NewFileStore(writeFile(t, "{"))
	if _, err := damaged.Load(); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("damaged file: %v", err)
	}
	if err := gotask.NewFileStore("/nonexistent/x").Save(gotask.StoredState{}); err == nil {
		t.Error("saved into a directory that is not there")
	}
}

// fullStore is a StateStore on a disk that is full for a while.
type fullStore struct {
	gotask.MemoryStore
	full atomic.Bool
}

var errDiskFull = errors.New("no space left on device")

func (s *fullStore) Save(state gotask.StoredState) error {
	if s.full.Load() {
		return errDiskFull
	}
	return s.MemoryStore.Save(state)
}

// While the state cannot be saved nothing is launched, and what runs goes on;
// once it can, what waited happens.
func TestAFullDiskDelaysLaunches(t *testing.T) {
	play(t, gotasktest.ClusterConfig{}, func(sc *scene) {
		store := new(fullStore)
		sc.config.State = store
		sc.mustRun(func(a *app) {
			a.receive("echo-0")
			store.full.Store(true)
			if _, err := a.s.Scale("echo", 2); err != nil {
				a.t.Fatal(err)
			}
			a.listen(time.Minute)
			if n := len(sc.cluster.Tasks()); n != 1 {
				a.t.Errorf("%d tasks run on an unsaved state, want 1", n)
			}
			if why := a.s.Status().Unsaved; !strings.Contains(why, errDiskFull.Error()) {
				a.t.Errorf("status says %q", why)
			}
			a.send("echo-0", "still there?")
			if got := a.receive("echo-0"); got != "still there?" {
				a.t.Errorf("echo-0 said %q", got)
			}
			store.full.Store(false)
			a.receive("echo-1")
			if why := a.s.Status().Unsaved; why != "" {
				a.t.Errorf("status says %q with room again", why)
			}
		}, gotask.TaskSpec{Name: "echo", Count: 1})
	})
}

// A task whose executor does not answer is told as silent, and as heard again.
func TestSilentExecutorIsTold(t *testing.T) {
	play(t, gotasktest.ClusterConfig{}, func(sc *scene) {
		sc.mustRun(func(a *app) {
			a.receive("echo-0")
			a.listen(time.Minute) // quiet is not silent
			var mute atomic.Bool
			mute.Store(true)
			sc.cluster.DropMessages(func(toExecutor bool, _ int) bool { return mute.Load() && !toExecutor })
			if e := a.await(gotask.EventTaskSilence, "echo-0"); e.Reason != gotask.ReasonSilent {
				a.t.Errorf("event: %+v", e)
			}
			if ts := a.s.Status().Tasks[0]; !ts.Silent || ts.State != gotask.TaskRunning {
				a.t.Errorf("status: %+v", ts)
			}
			mute.Store(false)
			if e := a.await(gotask.EventTaskSilence, "echo-0"); e.Reason != gotask.ReasonHeard {
				a.t.Errorf("event: %+v", e)
			}
			if ts := a.s.Status().Tasks[0]; ts.Silent {
				a.t.Errorf("status: %+v", ts)
			}
		}, gotask.TaskSpec{Name: "echo", Count: 1})
	})
}

// After a new subscription a task counts as unheard until something comes from its executor: its agent may still look
// for the master.
func TestUnheardAfterReregistration(t *testing.T) {
	play(t, gotasktest.ClusterConfig{}, func(sc *scene) {
		sc.mustRun(func(a *app) {
			a.receive("echo-0")
			a.listen(10 * time.Second)
			if ts := a.s.Status().Tasks[0]; ts.Unheard {
				a.t.Errorf("status of a task that speaks: %+v", ts)
			}
			var mute atomic.Bool
			mute.Store(true)
			sc.cluster.DropMessages(func(toExecutor bool, _ int) bool { return mute.Load() && !toExecutor })
			sc.cluster.CutScheduler()
			a.await(gotask.EventReregistered, "")
			a.listen(3 * time.Second)
			if ts := a.s.Status().Tasks[0]; !ts.Unheard || ts.Silent {
				a.t.Errorf("status of a task whose agent is away: %+v", ts)
			}
			mute.Store(false)
			a.listen(3 * time.Second)
			if ts := a.s.Status().Tasks[0]; ts.Unheard {
				a.t.Errorf("status of a task that is back: %+v", ts)
			}
		}, gotask.TaskSpec{Name: "echo", Count: 1})
	})
}
