package gotask_test

import (
	"errors"
	"log/slog"
	"os"
	"testing"
	"time"

	"elevator/internal/gotask"
	"elevator/internal/localmesos"
)

// testConfig is for a framework whose executors are this test binary, on a local cluster or that of ELEVATOR_TEST_MASTER.
func testConfig(t *testing.T) gotask.Config {
	t.Helper()
	master := os.Getenv("ELEVATOR_TEST_MASTER")
	if master == "" {
		master = startCluster(t, localmesos.Config{}).MasterAddr()
	}
	return testConfigAt(t, master)
}

func testConfigAt(t *testing.T, master string) gotask.Config {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return gotask.Config{Master: master, FrameworkName: t.Name(), ExecutorPath: binary, Logger: testLogger(t)}
}

func startCluster(t *testing.T, config localmesos.Config) *localmesos.Cluster {
	t.Helper()
	config.WorkDir = t.ArtifactDir() // sandboxes: kept by go test -artifacts
	c, err := localmesos.Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func testLogger(t *testing.T) *slog.Logger {
	if os.Getenv("GOTASK_TEST_LOG") == "" {
		return nil
	}
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// newScheduler returns a scheduler with the function registered.
func newScheduler(t *testing.T, config gotask.Config, f gotask.SchedFunc) *gotask.GoTaskScheduler {
	t.Helper()
	s, err := gotask.NewGoTaskScheduler(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.RegisterSchedFunc(f); err != nil {
		t.Fatal(err)
	}
	return s
}

func spawn(t *testing.T, s *gotask.GoTaskScheduler, specs ...gotask.TaskSpec) []string {
	t.Helper()
	for i := range specs {
		if specs[i].Resources == (gotask.Resources{}) {
			specs[i].Resources = gotask.Resources{CPUs: 0.1, MemMB: 32}
		}
	}
	names, err := s.SpawnTasks(specs)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestMessagesThroughProcesses(t *testing.T) {
	const rounds = 50
	sent := time.Now()
	var latencies []time.Duration
	s := newScheduler(t, testConfig(t), func(in <-chan gotask.TaskMsg, out chan<- gotask.TaskMsg, events <-chan gotask.SchedEvent) {
		for m := range in {
			if m.MessageData == "hello 1" {
				break
			}
		}
		for range rounds {
			sent = time.Now()
			out <- gotask.TaskMsg{TaskName: "echo-0", MessageData: "x"}
			<-in
			latencies = append(latencies, time.Since(sent))
		}
	})
	spawn(t, s, gotask.TaskSpec{Name: "echo", Count: 1})
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Log(latencies)
}

func TestTaskFailureEndsTheSystem(t *testing.T) {
	s := newScheduler(t, testConfig(t), func(in <-chan gotask.TaskMsg, out chan<- gotask.TaskMsg, events <-chan gotask.SchedEvent) {
		for e := range events {
			if e.Kind == gotask.EventTaskRunning && e.Task == "fail-0" {
				out <- gotask.TaskMsg{TaskName: e.Task, MessageData: "out of coffee"}
			}
		}
	})
	spawn(t, s, gotask.TaskSpec{Name: "fail", Count: 1}, gotask.TaskSpec{Name: "echo", Count: 3})
	err := s.Run(t.Context())
	te, ok := errors.AsType[*gotask.TaskError](err)
	if !ok || te.Task != "fail-0" || te.Text != "out of coffee" || te.Agent.Hostname == "" {
		t.Fatalf("Run returned %v", err)
	}
}
