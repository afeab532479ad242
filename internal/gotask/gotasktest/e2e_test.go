package gotasktest_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"elevator/internal/gotask"
	"elevator/internal/gotask/gotasktest"
)

func logger(t *testing.T) *slog.Logger {
	if os.Getenv("GOTASK_TEST_LOG") == "" {
		return nil
	}
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// tasks is what every executor of these tests can run.
func register(e *gotask.GoTaskExecutor) error {
	return errors.Join(
		e.RegisterTaskFunc("echo", func(in <-chan gotask.TaskMsg, out chan<- gotask.TaskMsg, args []string, env map[string]string) error {
			out <- gotask.TaskMsg{MessageData: "hello from " + args[0]}
			for m := range in {
				out <- gotask.TaskMsg{MessageData: "echo " + m.MessageData}
			}
			return nil
		}),
		e.RegisterTaskFunc("fail", func(in <-chan gotask.TaskMsg, out chan<- gotask.TaskMsg, args []string, env map[string]string) error {
			out <- gotask.TaskMsg{MessageData: "last words"}
			return errors.New("out of coffee")
		}),
		e.RegisterTaskFunc("panic", func(in <-chan gotask.TaskMsg, out chan<- gotask.TaskMsg, args []string, env map[string]string) error {
			panic("at the disco")
		}),
	)
}

func newCluster(t *testing.T, config gotasktest.ClusterConfig) *gotasktest.Cluster {
	config.Executor = func(agent string, driver gotask.MesosExecutorDriver) (*gotask.GoTaskExecutor, error) {
		e, err := gotask.NewGoTaskExecutor(gotask.ExecutorConfig{Driver: driver, Logger: logger(t)})
		if err != nil {
			return nil, err
		}
		return e, register(e)
	}
	return gotasktest.NewCluster(config)
}

func config(t *testing.T, c *gotasktest.Cluster) gotask.Config {
	return gotask.Config{Driver: c.Driver(), FrameworkName: "test", ExecutorCommand: []string{"in-process"}, Logger: logger(t)}
}

var small = gotask.Resources{CPUs: 1, MemMB: 64}

func TestEcho(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, gotasktest.ClusterConfig{})
		defer c.Close()
		s, err := gotask.NewGoTaskScheduler(config(t, c))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.SpawnTask("echo", 3, small); err != nil {
			t.Fatal(err)
		}
		got := map[string]int{}
		err = s.RegisterSchedFunc(func(in <-chan gotask.TaskMsg, out chan<- gotask.TaskMsg, events <-chan gotask.SchedEvent) {
			running := 0
			for {
				select {
				case e := <-events:
					t.Log(e.Kind, e.Task, e.Text)
					if e.Kind == gotask.EventTaskRunning {
						running++
						for i := range 10 {
							out <- gotask.TaskMsg{TaskName: e.Task, MessageData: fmt.Sprint(i)}
						}
					}
				case m := <-in:
					got[m.TaskName]++
					if got["echo-0"]+got["echo-1"]+got["echo-2"] == 33 {
						return
					}
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !c.Removed() {
			t.Error("framework was not torn down")
		}
	})
}

func TestFailureShutsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, gotasktest.ClusterConfig{})
		defer c.Close()
		s, _ := gotask.NewGoTaskScheduler(config(t, c))
		s.SpawnTask("fail", 1, small)
		s.SpawnTask("echo", 2, small)
		var words []string
		s.RegisterSchedFunc(func(in <-chan gotask.TaskMsg, out chan<- gotask.TaskMsg, events <-chan gotask.SchedEvent) {
			for m := range in {
				words = append(words, m.MessageData)
			}
		})
		err := s.Run(t.Context())
		var te *gotask.TaskError
		if !errors.As(err, &te) || te.Task != "fail-0" || te.Text != "out of coffee" {
			t.Fatalf("Run returned %v", err)
		}
		if !strings.Contains(strings.Join(words, ","), "last words") {
			t.Errorf("last words are missing in %q", words)
		}
		_ = context.Canceled
		_ = time.Now
	})
}
