package gotask_test

import (
	"context"
	"errors"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"elevator/internal/gotask"
	"elevator/internal/gotask/gotasktest"
)

func TestConfigErrors(t *testing.T) {
	good := gotask.Config{Master: "localhost:5050", FrameworkName: "f", ExecutorPath: "x"}
	tests := map[string]struct {
		change func(*gotask.Config)
		want   string
	}{
		"no master":            {func(c *gotask.Config) { c.Master = "" }, "no master"},
		"no name":              {func(c *gotask.Config) { c.FrameworkName = "" }, "no framework name"},
		"no executor":          {func(c *gotask.Config) { c.ExecutorPath = "" }, "no executor"},
		"two executors":        {func(c *gotask.Config) { c.ExecutorCommand = []string{"y"} }, "both"},
		"secret only":          {func(c *gotask.Config) { c.Secret = "s" }, "secret without a principal"},
		"unknown policy":       {func(c *gotask.Config) { c.OnTaskFailure = "ignore" }, `"ignore"`},
		"unknown exit":         {func(c *gotask.Config) { c.OnExit = "run" }, `"run"`},
		"negative hold":        {func(c *gotask.Config) { c.OfferHold = -1 }, "offer hold"},
		"inverted back-off":    {func(c *gotask.Config) { c.Backoff.Min = time.Hour }, "back-off"},
		"bad master":           {func(c *gotask.Config) { c.Master = "zk://" }, "zk"},
		"executor is infinite": {func(c *gotask.Config) { c.ExecutorResources.CPUs = math.Inf(1) }, "executor resources"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := good
			test.change(&c)
			if _, err := gotask.NewGoTaskScheduler(c); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
	if _, err := gotask.NewGoTaskScheduler(good); err != nil {
		t.Error(err)
	}
}

func TestSpawnErrors(t *testing.T) {
	s, err := gotask.NewGoTaskScheduler(gotask.Config{Master: "localhost:5050", FrameworkName: "f", ExecutorPath: "x"})
	if err != nil {
		t.Fatal(err)
	}
	ok := gotask.Resources{CPUs: 1, MemMB: 32}
	tests := map[string]gotask.TaskSpec{
		"no name":                      {Count: 1, Resources: ok},
		"slash in name":                {Name: "a/b", Count: 1, Resources: ok},
		"dots":                         {Name: "..", Count: 1, Resources: ok},
		"long name":                    {Name: strings.Repeat("a", 200), Count: 1, Resources: ok},
		"no count":                     {Name: "a", Resources: ok},
		"negative count":               {Name: "a", Count: -1, Resources: ok},
		"nothing":                      {Name: "a", Count: 1},
		"negative":                     {Name: "a", Count: 1, Resources: gotask.Resources{CPUs: -1}},
		"not a number":                 {Name: "a", Count: 1, Resources: gotask.Resources{CPUs: math.NaN()}},
		"below Mesos' unit":            {Name: "a", Count: 1, Resources: gotask.Resources{CPUs: 0.0001}},
		"negative ports":               {Name: "a", Count: 1, Resources: gotask.Resources{CPUs: 1, Ports: -1}},
		"environment variable with =":  {Name: "a", Count: 1, Resources: ok, Env: map[string]string{"A=B": "c"}},
		"constraint without attribute": {Name: "a", Count: 1, Resources: ok, Constraints: []gotask.Constraint{{Op: gotask.OpUnique}}},
		"unknown operator":             {Name: "a", Count: 1, Resources: ok, Constraints: []gotask.Constraint{{Attribute: "rack", Op: "near"}}},
		"max-per without number":       {Name: "a", Count: 1, Resources: ok, Constraints: []gotask.Constraint{{Attribute: "rack", Op: gotask.OpMaxPer}}},
		"negative grace":               {Name: "a", Count: 1, Resources: ok, KillGrace: -1},
	}
	for name, spec := range tests {
		t.Run(name, func(t *testing.T) {
			if names, err := s.SpawnTasks([]gotask.TaskSpec{{Name: "fine", Count: 1, Resources: ok}, spec}); err == nil {
				t.Errorf("spawned %v", names)
			}
		})
	}
	if n := len(s.Status().Tasks); n != 0 {
		t.Errorf("%d tasks of refused batches are there", n)
	}
	if names, err := s.SpawnTask("a", 2, ok); err != nil || strings.Join(names, " ") != "a-0 a-1" {
		t.Errorf("%v, %v", names, err)
	}
	if names, err := s.SpawnTask("a", 1, ok); err != nil || strings.Join(names, " ") != "a-2" {
		t.Errorf("%v, %v", names, err)
	}
	if err := s.KillTask("b-0"); !errors.Is(err, gotask.ErrUnknownTask) {
		t.Errorf("kill of an unknown task: %v", err)
	}
	if err := s.RestartTask("b-0"); !errors.Is(err, gotask.ErrUnknownTask) {
		t.Errorf("restart of an unknown task: %v", err)
	}
	if _, err := s.Scale("b", 1); !errors.Is(err, gotask.ErrUnknownTask) {
		t.Errorf("scale of an unknown type: %v", err)
	}
	if _, err := s.Scale("a", -1); err == nil {
		t.Error("scaled to -1")
	}
}

func TestRegisterErrors(t *testing.T) {
	play(t, gotasktest.ClusterConfig{}, func(sc *scene) {
		s, err := gotask.NewGoTaskScheduler(sc.config)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Run(sc.t.Context()); err == nil || !strings.Contains(err.Error(), "no scheduler function") {
			t.Errorf("Run without a function: %v", err)
		}
		if err := s.RegisterSchedFunc(nil); err == nil {
			t.Error("nil was registered")
		}
		f := func(in <-chan gotask.TaskMsg, out chan<- gotask.TaskMsg, events <-chan gotask.SchedEvent) { <-events }
		if err := s.RegisterSchedFunc(f); err != nil {
			t.Error(err)
		}
		if err := s.RegisterSchedFunc(f); err == nil {
			t.Error("registered twice")
		}
		if err := s.Run(sc.t.Context()); err != nil {
			t.Error(err)
		}
		if err := s.Run(sc.t.Context()); !errors.Is(err, gotask.ErrAlreadyRun) {
			t.Errorf("second Run: %v", err)
		}
		if _, err := s.SpawnTask("a", 1, gotask.Resources{CPUs: 1}); !errors.Is(err, gotask.ErrStopped) {
			t.Errorf("spawn after the end: %v", err)
		}
		e, err := gotask.NewGoTaskExecutor(gotask.ExecutorConfig{Driver: noDriver{}})
		if err != nil {
			t.Fatal(err)
		}
		err = errors.Join(e.RegisterTaskFunc("a", echoTask), e.RegisterTaskFunc("b", echoTask))
		if err != nil {
			t.Error(err)
		}
		for what, err := range map[string]error{
			"twice":  e.RegisterTaskFunc("a", echoTask),
			"empty":  e.RegisterTaskFunc("", echoTask),
			"nil":    e.RegisterTaskFunc("c", nil),
			"nil if": e.RegisterTask("d", nil),
		} {
			if err == nil {
				t.Errorf("registered %s", what)
			}
		}
	})
	if _, err := gotask.NewGoTaskExecutor(gotask.ExecutorConfig{}); err == nil || !strings.Contains(err.Error(), "not started by a Mesos agent") {
		t.Errorf("executor outside of Mesos: %v", err)
	}
}

// noDriver is for executors that are not run.
type noDriver struct{ gotask.MesosExecutorDriver }

func TestSchedulerFunctionsThatMisbehave(t *testing.T) {
	type channels struct {
		in     <-chan gotask.TaskMsg
		out    chan<- gotask.TaskMsg
		events <-chan gotask.SchedEvent
	}
	tests := map[string]struct {
		f    func(channels)
		want string // "" for success
	}{
		"returns at once":    {func(channels) {}, "returned at once"},
		"returns soon":       {func(c channels) { <-c.events }, ""},
		"panics":             {func(c channels) { <-c.events; panic("no lifts today") }, "no lifts today"},
		"ends its goroutine": {func(c channels) { <-c.events; runtime.Goexit() }, "without returning"},
		"closes its channel": {func(c channels) {
			<-c.events
			close(c.out)
			for range c.events {
			}
		}, "closed schedout"},
		"closes its channel and returns": {func(c channels) { <-c.events; close(c.out) }, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			play(t, gotasktest.ClusterConfig{}, func(sc *scene) {
				err := sc.run(func(a *app) { test.f(channels{a.in, a.out, a.events}) }, gotask.TaskSpec{Name: "echo", Count: 1})
				switch {
				case test.want == "" && err != nil:
					t.Errorf("Run: %v", err)
				case test.want != "" && (!errors.Is(err, gotask.ErrSchedTask) || !strings.Contains(err.Error(), test.want)):
					t.Errorf("Run: %v, want an error with %q", err, test.want)
				}
				if live := sc.cluster.Tasks(); len(live) > 0 {
					t.Errorf("left alive: %v", live)
				}
			})
		})
	}
}

func TestSchedulerFunctionThatNeverReads(t *testing.T) {
	play(t, gotasktest.ClusterConfig{}, func(sc *scene) {
		ctx, cancel := context.WithTimeoutCause(sc.t.Context(), time.Minute, errors.New("enough"))
		defer cancel()
		release := make(chan struct{})
		s := sc.scheduler(func(a *app) { <-release })
		spawn(sc.t, s, gotask.TaskSpec{Name: "count", Count: 2, Args: []string{"100000"}})
		begin := time.Now()
		err := s.Run(ctx)
		if err == nil || !strings.Contains(err.Error(), "enough") || !strings.Contains(err.Error(), "did not return within 5s") {
			t.Errorf("Run: %v", err)
		}
		if took := time.Since(begin); took > time.Minute+6*time.Second {
			t.Errorf("Run took %v", took)
		}
		close(release)
	})
}

func TestUndeliverableMessages(t *testing.T) {
	play(t, gotasktest.ClusterConfig{}, func(sc *scene) {
		sc.mustRun(func(a *app) {
			a.receive("echo-0")
			tests := []struct{ to, data, want string }{
				{"nobody-7", "x", "no such task"},
				{"", "x", "no such task"},
				{"echo-0", strings.Repeat("x", gotask.MaxMessageBytes+1), "too large"},
				{"count-0", "x", "task has ended"},
			}
			a.await(gotask.EventTaskFinished, "count-0")
			for _, test := range tests {
				a.send(test.to, test.data)
				if e := a.await(gotask.EventError, test.to); !strings.Contains(e.Text, test.want) || e.Reason != "UNDELIVERABLE" {
					a.t.Errorf("to %q: %+v", test.to, e)
				}
			}
			biggest := strings.Repeat("y", gotask.MaxMessageBytes)
			a.send("echo-0", biggest)
			if a.receive("echo-0") != biggest {
				a.t.Error("the biggest message changed on its way")
			}
		}, gotask.TaskSpec{Name: "echo", Count: 1}, gotask.TaskSpec{Name: "count", Count: 1, Args: []string{"0"}})
	})
}
