package gotask_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"elevator/internal/gotask"
	"elevator/internal/gotask/gotasktest"
)

func TestEveryTaskGetsArgsAndEnv(t *testing.T) {
	play(t, gotasktest.ClusterConfig{}, func(sc *scene) {
		sc.mustRun(func(a *app) {
			if got := a.receive("show-1"); !strings.HasPrefix(got, "show-1 a b COLOUR=red") {
				a.t.Errorf("show-1 was given %q", got)
			}
			a.await(gotask.EventRegistered, "")
			for _, name := range []string{"show-0", "show-1"} {
				if e := a.await(gotask.EventTaskLaunched, name); e.Attempt != 1 || e.Agent.Hostname == "" {
					a.t.Errorf("launched: %+v", e)
				}
				a.await(gotask.EventTaskRunning, name)
			}
		}, gotask.TaskSpec{Name: "show", Count: 2, Args: []string{"a", "b"}, Env: map[string]string{"COLOUR": "red"}})
		if !sc.cluster.Removed() {
			t.Error("the framework was not torn down")
		}
	})
}

func TestShutdownPolicyNamesTheTask(t *testing.T) {
	play(t, gotasktest.ClusterConfig{}, func(sc *scene) {
		var last gotask.SchedEvent
		err := sc.run(func(a *app) {
			a.await(gotask.EventTaskRunning, "fail-0")
			a.send("fail-0", "out of coffee")
			a.untilEnd()
			last = a.seen[len(a.seen)-1]
			if words := a.inbox["fail-0"]; len(words) != 1 || words[0] != "last words" {
				a.t.Errorf("messages of fail-0: %q", words)
			}
		}, gotask.TaskSpec{Name: "echo", Count: 2}, gotask.TaskSpec{Name: "fail", Count: 1})
		te := taskError(t, err)
		if te.Task != "fail-0" || te.Attempt != 1 || te.State != gotask.TaskFailed || te.Text != "out of coffee" || te.Agent.Hostname == "" {
			t.Errorf("error: %+v", te)
		}
		if last.Kind != gotask.EventShutdown || !strings.Contains(last.Text, "out of coffee") {
			t.Errorf("last event: %+v", last)
		}
		if live := sc.cluster.Tasks(); len(live) > 0 {
			t.Errorf("left alive: %v", live)
		}
	})
}

func TestRestartPolicyBacksOff(t *testing.T) {
	play(t, gotasktest.ClusterConfig{}, func(sc *scene) {
		sc.config.OnTaskFailure = gotask.RestartOnFailure
		sc.config.Backoff = gotask.Backoff{Min: 2 * time.Second, Max: 5 * time.Second, ResetAfter: time.Minute}
		var pauses []time.Duration
		sc.mustRun(func(a *app) {
			a.await(gotask.EventTaskRunning, "fail-0")
			fail := func(attempt int) {
				a.send("fail-0", "again")
				down := a.await(gotask.EventTaskFailed, "fail-0")
				if down.Attempt != attempt || !down.Restarting {
					a.t.Errorf("failed: %+v", down)
				}
				up := a.await(gotask.EventTaskRunning, "fail-0")
				if up.Attempt != attempt+1 {
					a.t.Errorf("running: %+v", up)
				}
				pauses = append(pauses, up.Time.Sub(down.Time).Round(time.Second))
			}
			for attempt := 1; attempt <= 3; attempt++ {
				fail(attempt)
			}
			time.Sleep(2 * time.Minute) // virtual: the task proves itself
			fail(4)
		}, gotask.TaskSpec{Name: "fail", Count: 1}, gotask.TaskSpec{Name: "echo", Count: 1})
		want := []time.Duration{2 * time.Second, 4 * time.Second, 5 * time.Second, 2 * time.Second}
		for i := range want {
			if pauses[i] != want[i] {
				t.Fatalf("pauses %v, want %v", pauses, want)
			}
		}
	})
}

func TestPanicFailsOnlyItsTask(t *testing.T) {
	play(t, gotasktest.ClusterConfig{Agents: 1}, func(sc *scene) {
		sc.config.OnTaskFailure = gotask.RestartOnFailure
		sc.mustRun(func(a *app) {
			a.await(gotask.EventTaskRunning, "panic-0")
			a.receive("echo-0")
			a.send("panic-0", "at the disco")
			e := a.await(gotask.EventTaskFailed, "panic-0")
			if !strings.HasPrefix(e.Text, "panic: at the disco") || !strings.Contains(e.Text, "panicTask") {
				a.t.Errorf("text: %s", e.Text)
			}
			a.send("echo-0", "still there?")
			if got := a.receive("echo-0"); got != "still there?" {
				a.t.Errorf("echo-0 said %q", got)
			}
		}, gotask.TaskSpec{Name: "panic", Count: 1}, gotask.TaskSpec{Name: "echo", Count: 1})
	})
}

func TestUnknownTypeFails(t *testing.T) {
	play(t, gotasktest.ClusterConfig{}, func(sc *scene) {
		te := taskError(t, sc.run((*app).untilEnd, gotask.TaskSpec{Name: "nobody", Type: "unheard", Count: 1}))
		if !strings.Contains(te.Text, `"unheard"`) {
			t.Errorf("error: %v", te)
		}
	})
}

func TestKillRestartScaleSpawn(t *testing.T) {
	play(t, gotasktest.ClusterConfig{}, func(sc *scene) {
		sc.mustRun(func(a *app) {
			a.await(gotask.EventTaskRunning, "echo-1")
			if err := a.s.KillTask("echo-1"); err != nil {
				a.t.Error(err)
			}
			a.await(gotask.EventTaskKilled, "echo-1")
			if err := a.s.KillTask("echo-1"); !errors.Is(err, gotask.ErrTaskEnded) {
				a.t.Errorf("second kill: %v", err)
			}
			if err := a.s.RestartTask("echo-0"); err != nil {
				a.t.Error(err)
			}
			if e := a.await(gotask.EventTaskKilled, "echo-0"); !e.Restarting {
				a.t.Errorf("restart: %+v", e)
			}
			if e := a.await(gotask.EventTaskLaunched, "echo-0"); e.Attempt == 1 {
				e = a.await(gotask.EventTaskLaunched, "echo-0")
				if e.Attempt != 2 {
					a.t.Errorf("restart: %+v", e)
				}
			}
			names, err := a.s.Scale("echo", 3)
			if err != nil || strings.Join(names, " ") != "echo-2 echo-3" {
				a.t.Errorf("scale up: %v %v", names, err)
			}
			a.await(gotask.EventTaskRunning, "echo-3")
			if _, err := a.s.Scale("echo", 1); err != nil {
				a.t.Error(err)
			}
			a.await(gotask.EventTaskKilled, "echo-3")
			a.await(gotask.EventTaskKilled, "echo-2")
			more, err := a.s.SpawnTask("show", 1, gotask.Resources{CPUs: 0.1}, "x")
			if err != nil || more[0] != "show-0" {
				a.t.Errorf("spawn: %v %v", more, err)
			}
			a.receive("show-0")
		}, gotask.TaskSpec{Name: "echo", Count: 2})
	})
}

func TestExecutorDeath(t *testing.T) {
	for _, policy := range []gotask.FailurePolicy{gotask.ShutdownOnFailure, gotask.RestartOnFailure} {
		t.Run(string(policy), func(t *testing.T) {
			play(t, gotasktest.ClusterConfig{Agents: 1}, func(sc *scene) {
				sc.config.OnTaskFailure = policy
				err := sc.run(func(a *app) {
					a.receive("echo-0")
					a.await(gotask.EventTaskRunning, "echo-1")
					sc.cluster.KillExecutor(0)
					if e := a.await(gotask.EventExecutorLost, ""); !strings.Contains(e.Text, "signal 9") {
						a.t.Errorf("executor lost: %+v", e)
					}
					if policy == gotask.ShutdownOnFailure {
						a.await(gotask.EventTaskFailed, "") // the first of both ends the system
						a.untilEnd()
						return
					}
					a.await(gotask.EventTaskFailed, "echo-0")
					if got := a.receive("echo-0"); got != "hello 2" {
						a.t.Errorf("second attempt says %q", got)
					}
				}, gotask.TaskSpec{Name: "echo", Count: 2})
				if policy == gotask.RestartOnFailure {
					if err != nil {
						t.Fatal(err)
					}
				} else if te := taskError(t, err); te.Reason != "REASON_EXECUTOR_TERMINATED" {
					t.Errorf("error: %v", err)
				}
			})
		})
	}
}

func TestLostAgentComesBackAndItsTasksAreKilled(t *testing.T) {
	play(t, gotasktest.ClusterConfig{CPUs: 0.5}, func(sc *scene) {
		sc.config.OnTaskFailure = gotask.RestartOnFailure
		sc.mustRun(func(a *app) {
			first := a.await(gotask.EventTaskRunning, "echo-0")
			lost := 0
			if first.Agent.Hostname == "agent-2" {
				lost = 1
			}
			sc.cluster.LoseAgent(lost)
			a.await(gotask.EventTaskLost, "echo-0")
			a.await(gotask.EventAgentLost, "")
			second := a.await(gotask.EventTaskRunning, "echo-0")
			if second.Agent == first.Agent || second.Attempt != 2 {
				a.t.Errorf("second attempt: %+v", second)
			}
			sc.cluster.ReturnAgent(lost)
			for len(sc.cluster.Tasks()) > 1 {
				time.Sleep(100 * time.Millisecond) // virtual
			}
		}, gotask.TaskSpec{Name: "echo", Count: 1})
	})
}

func TestStaticAllocation(t *testing.T) {
	play(t, gotasktest.ClusterConfig{Agents: 2, CPUs: 1}, func(sc *scene) {
		s := sc.scheduler((*app).untilEnd)
		if _, err := s.SpawnTask("echo", 5, gotask.Resources{CPUs: 0.4, MemMB: 32}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(sc.t.Context())
		done := make(chan error)
		go func() { done <- s.Run(ctx) }()
		held := 0
		for range 600 {
			time.Sleep(100 * time.Millisecond) // virtual
			if sc.cluster.OffersHeld() > 0 {
				held++
			}
		}
		if live := sc.cluster.Tasks(); len(live) > 0 {
			t.Errorf("launched although not all tasks fit: %v", live)
		}
		if held < 50 || held > 450 {
			t.Errorf("offers were held in %d of 600 samples", held)
		}
		for _, task := range s.Status().Tasks {
			if task.State != gotask.TaskPending || task.Pending == "" {
				t.Errorf("status: %+v", task)
			}
		}
		if err := s.KillTask("echo-4"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute) // virtual: the longest filter passes
		synctest.Wait()
		if live := sc.cluster.Tasks(); len(live) != 4 || sc.cluster.OffersHeld() != 0 {
			t.Errorf("tasks %v, %d offers held; want 4 and 0", live, sc.cluster.OffersHeld())
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Run: %v", err)
		}
	})
}
