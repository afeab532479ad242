package gotask_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"elevator/internal/gotask"
	"elevator/internal/localmesos"
)

// localApp runs a scheduler with f as its function on the cluster and returns what Run returned.
func localApp(ctx context.Context, t *testing.T, config gotask.Config, f func(a *app), specs ...gotask.TaskSpec) error {
	t.Helper()
	a := &app{t: t, inbox: map[string][]string{}}
	a.s = newScheduler(t, config, func(in <-chan gotask.TaskMsg, out chan<- gotask.TaskMsg, events <-chan gotask.SchedEvent) {
		a.in, a.out, a.events = in, out, events
		f(a)
	})
	spawn(t, a.s, specs...)
	return a.s.Run(ctx)
}

// onCluster is a config for a cluster of the test's own, since the test breaks things.
func onCluster(t *testing.T, cluster localmesos.Config) (*localmesos.Cluster, gotask.Config) {
	t.Helper()
	t.Parallel()
	c := startCluster(t, cluster)
	config := testConfigAt(t, c.MasterAddr())
	config.OnTaskFailure = gotask.RestartOnFailure
	config.Backoff.Min = 10 * time.Millisecond
	return c, config
}

func TestProcessGetsMinimalEnvironment(t *testing.T) {
	err := localApp(t.Context(), t, testConfig(t), func(a *app) {
		if got, want := a.receive("show-0"), "show-0 x COLOUR=red HOME="; got != want {
			a.t.Errorf("show-0 was given %q, want %q", got, want)
		}
	}, gotask.TaskSpec{Name: "show", Count: 1, Args: []string{"x"}, Env: map[string]string{"COLOUR": "red"}})
	if err != nil {
		t.Fatal(err)
	}
}

func TestPortsAndConstraints(t *testing.T) {
	_, config := onCluster(t, localmesos.Config{Attributes: [][]localmesos.Attribute{{{Name: "rack", Value: "a"}}, {{Name: "rack", Value: "b"}}}})
	spec := gotask.TaskSpec{
		Name: "ports", Count: 2, Resources: gotask.Resources{CPUs: 0.1, MemMB: 32, Ports: 2},
		Constraints: []gotask.Constraint{{Attribute: "rack", Op: gotask.OpEquals, Value: "b"}},
	}
	ports := map[string]bool{}
	err := localApp(t.Context(), t, config, func(a *app) {
		for _, name := range []string{"ports-0", "ports-1"} {
			for port := range strings.FieldsSeq(a.receive(name)) {
				ports[port] = true
			}
			if e := a.await(gotask.EventTaskRunning, name); e.Agent.Hostname != "agent-2" {
				a.t.Errorf("%s runs on %s", name, e.Agent.Hostname)
			}
		}
	}, spec)
	if err != nil {
		t.Fatal(err)
	}
	if len(ports) != 4 {
		t.Errorf("ports: %v", ports)
	}
}

func TestProcessThatExitsIsReplaced(t *testing.T) {
	_, config := onCluster(t, localmesos.Config{Agents: 1})
	err := localApp(t.Context(), t, config, func(a *app) {
		a.await(gotask.EventTaskRunning, "exit-0")
		a.receive("echo-0")
		a.send("exit-0", "now")
		if e := a.await(gotask.EventExecutorLost, ""); e.Text != "executor exited with code 3" {
			a.t.Errorf("event: %+v", e)
		}
		if e := a.await(gotask.EventTaskFailed, "echo-0"); e.Reason != "REASON_EXECUTOR_TERMINATED" {
			a.t.Errorf("event: %+v", e)
		}
		if got := a.receive("echo-0"); got != "hello 2" {
			a.t.Errorf("echo-0 said %q", got)
		}
	}, gotask.TaskSpec{Name: "echo", Count: 1}, gotask.TaskSpec{Name: "exit", Count: 1})
	if err != nil {
		t.Fatal(err)
	}
}

func TestProcessesOutliveTheScheduler(t *testing.T) {
	_, config := onCluster(t, localmesos.Config{})
	config.OnExit = gotask.KeepOnExit
	config.State = gotask.NewFileStore(t.TempDir() + "/state.json")
	specs := []gotask.TaskSpec{{Name: "echo", Count: 3}}
	ctx, cancel := context.WithCancel(t.Context())
	err := localApp(ctx, t, config, func(a *app) {
		for _, name := range []string{"echo-0", "echo-1", "echo-2"} {
			a.receive(name)
		}
		cancel()
		a.untilEnd()
	}, specs...)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("first Run: %v", err)
	}
	err = localApp(t.Context(), t, config, func(a *app) {
		for i := range 3 {
			name := fmt.Sprintf("echo-%d", i)
			if e := a.await(gotask.EventTaskRunning, name); e.Attempt != 1 {
				a.t.Errorf("event: %+v", e)
			}
			a.send(name, "still you?")
			if got := a.receive(name); got != "still you?" {
				a.t.Errorf("%s said %q", name, got)
			}
		}
		// A task more goes into an executor that the predecessor started, described as it was then.
		if _, err := a.s.Scale("echo", 5); err != nil {
			a.t.Error(err)
		}
		a.receive("echo-4")
	}, specs...)
	if err != nil {
		t.Fatal(err)
	}
}

// The executors of an earlier version go on beside those of the present one; an agent takes neither for the other.
func TestUpgradeOfTheExecutor(t *testing.T) {
	_, config := onCluster(t, localmesos.Config{Agents: 1})
	config.OnExit = gotask.KeepOnExit
	config.State = gotask.NewFileStore(t.TempDir() + "/state.json")
	specs := []gotask.TaskSpec{{Name: "echo", Count: 1}}
	ctx, cancel := context.WithCancel(t.Context())
	err := localApp(ctx, t, config, func(a *app) {
		a.receive("echo-0")
		cancel()
		a.untilEnd()
	}, specs...)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("first Run: %v", err)
	}
	config.ExecutorEnv = map[string]string{"VERSION": "2"}
	err = localApp(t.Context(), t, config, func(a *app) {
		if _, err := a.s.Scale("echo", 2); err != nil {
			a.t.Error(err)
		}
		a.receive("echo-1")
		if list := a.s.Status().Executors; len(list) != 2 || list[0].Tasks != 1 || list[1].Tasks != 1 {
			a.t.Errorf("executors: %+v", list)
		}
		if err := a.s.RestartTask("echo-0"); err != nil { // the way to get it upgraded, too
			a.t.Error(err)
		}
		if got := a.receive("echo-0"); got != "hello 2" {
			a.t.Errorf("echo-0 said %q", got)
		}
		if list := a.s.Status().Executors; len(list) != 1 || list[0].Tasks != 2 {
			a.t.Errorf("executors: %+v", list)
		}
		if n := a.count(gotask.EventTaskFailed) + a.count(gotask.EventTaskLost); n > 0 {
			a.t.Errorf("%d tasks failed: %+v", n, a.seen)
		}
	}, specs...)
	if err != nil {
		t.Fatal(err)
	}
}

func TestMasterRestartAndFailover(t *testing.T) {
	c, config := onCluster(t, localmesos.Config{Masters: 2})
	config.Master = strings.Join(c.MasterAddrs(), ",")
	err := localApp(t.Context(), t, config, func(a *app) {
		a.receive("echo-0")
		for i, disturb := range []func() error{c.RestartMaster, func() error { return c.Elect(1) }} {
			if err := disturb(); err != nil {
				a.t.Fatal(err)
			}
			a.await(gotask.EventDisconnected, "")
			a.await(gotask.EventReregistered, "")
			a.send("echo-0", fmt.Sprint(i))
			if got := a.receive("echo-0"); got != fmt.Sprint(i) {
				a.t.Errorf("echo-0 said %q", got)
			}
		}
		if _, err := a.s.Scale("echo", 2); err != nil {
			a.t.Error(err)
		}
		a.receive("echo-1")
		if n := a.count(gotask.EventTaskLost) + a.count(gotask.EventTaskFailed); n > 0 {
			a.t.Errorf("%d tasks were lost: %+v", n, a.seen)
		}
	}, gotask.TaskSpec{Name: "echo", Count: 1})
	if err != nil {
		t.Fatal(err)
	}
}

func TestMessagesOverLossyStreams(t *testing.T) {
	c, config := onCluster(t, localmesos.Config{})
	config.Checkpoint = true // else executors end when their stream breaks
	c.SetMessageFaults(localmesos.MessageFaults{ToExecutor: 0.05, ToScheduler: 0.05})
	const each = 200
	names := []string{"echo-0", "echo-1"}
	err := localApp(t.Context(), t, config, func(a *app) {
		for _, name := range names {
			a.receive(name)
		}
		go func() {
			for i := range each {
				for _, name := range names {
					a.send(name, fmt.Sprint(i))
				}
				if i == 50 {
					c.CutSchedulers()
				}
				if i == 120 {
					for _, e := range c.Executors() {
						c.CutExecutor(e.ExecutorID)
					}
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
	}, gotask.TaskSpec{Name: "echo", Count: 2})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAgentRestart(t *testing.T) {
	c, config := onCluster(t, localmesos.Config{Agents: 1})
	config.Checkpoint = true
	err := localApp(t.Context(), t, config, func(a *app) {
		a.receive("echo-0")
		if err := c.StopAgent(0); err != nil {
			a.t.Fatal(err)
		}
		if err := c.StartAgent(0); err != nil {
			a.t.Fatal(err)
		}
		a.send("echo-0", "survived?")
		if got := a.receive("echo-0"); got != "survived?" {
			a.t.Errorf("echo-0 said %q", got)
		}
		if _, err := a.s.Scale("echo", 2); err != nil {
			a.t.Error(err)
		}
		a.receive("echo-1")
	}, gotask.TaskSpec{Name: "echo", Count: 1})
	if err != nil {
		t.Fatal(err)
	}
}

func TestNoMasterInTime(t *testing.T) {
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	config := gotask.Config{Master: "127.0.0.1:1", FrameworkName: "f", ExecutorPath: binary, ConnectTimeout: 200 * time.Millisecond}
	err = localApp(t.Context(), t, config, (*app).untilEnd, gotask.TaskSpec{Name: "echo", Count: 1})
	if !errors.Is(err, gotask.ErrNoMaster) {
		t.Errorf("Run: %v", err)
	}
}
