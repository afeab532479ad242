package gotasktest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"elevator/internal/gotask"
	"elevator/internal/gotask/gotasktest"
)

// counter answers every message with how many it has got, and which attempt of the task it is.
type counter struct{}

func (counter) RunContext(ctx context.Context, task gotask.TaskIO) error {
	for n := 1; ; n++ {
		_, err := task.Recv(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := task.Send(ctx, fmt.Sprintf("attempt %d has got %d", task.Attempt(), n)); err != nil {
			return err
		}
	}
}

// script is a scheduler function in the context form.
type script func(ctx context.Context, io gotask.SchedIO) error

func (s script) RunSchedContext(ctx context.Context, io gotask.SchedIO) error { return s(ctx, io) }

// An application's test breaks what can break: here every third message is lost, then the executor's process dies.
func Example() {
	cluster := gotasktest.NewCluster(gotasktest.ClusterConfig{
		Agents:   1,
		Register: func(e *gotask.GoTaskExecutor) error { return e.RegisterTaskContext("counter", counter{}) },
	})
	defer cluster.Close()
	cluster.DropMessages(func(toExecutor bool, n int) bool { return n%3 == 0 })

	config := cluster.Config("example")
	config.OnTaskFailure = gotask.RestartOnFailure
	config.Backoff.Min = 10 * time.Millisecond
	s, err := gotask.NewGoTaskScheduler(config)
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := s.SpawnTask("counter", 1, gotask.Resources{CPUs: 0.5, MemMB: 64}); err != nil {
		fmt.Println(err)
		return
	}
	err = s.RegisterSchedContext(script(func(ctx context.Context, io gotask.SchedIO) error {
		ask := func() error {
			if err := io.Send(ctx, gotask.TaskMsg{TaskName: "counter-0", MessageData: "count"}); err != nil {
				return err
			}
			fmt.Println((<-io.In).MessageData)
			return nil
		}
		for range 3 {
			if err := ask(); err != nil {
				return err
			}
		}
		cluster.KillExecutor(0)
		for e := range io.Events {
			if e.Kind == gotask.EventTaskFailed {
				fmt.Println(e.Task, "failed, restarting:", e.Restarting)
				break
			}
		}
		return ask()
	}))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Run(context.Background()))
	// Output:
	// attempt 1 has got 1
	// attempt 1 has got 2
	// attempt 1 has got 3
	// counter-0 failed, restarting: true
	// attempt 2 has got 1
	// <nil>
}
