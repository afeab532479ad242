// Command elevator-executor is the executor that Mesos agents start: it holds
// the task functions of cars and floors and runs those that the scheduler
// launches, each in its own goroutine. It takes everything it needs from the
// environment that a Mesos agent gives and from its tasks, and logs to stderr,
// a file of its sandbox.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"elevator/internal/elevator/tasks"
	"elevator/internal/gotask"
)

// version is set by the linker.
var version = "dev"

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	if len(args) == 1 && args[0] == "--version" {
		fmt.Println("elevator-executor", version)
		return 0
	}
	if len(args) > 0 {
		fmt.Fprintf(os.Stderr, "elevator-executor: unexpected argument %q: a Mesos agent starts this program; only --version is taken\n", args[0])
		return 2
	}
	if os.Getenv("MESOS_AGENT_ENDPOINT") == "" {
		fmt.Fprintln(os.Stderr, "elevator-executor: MESOS_AGENT_ENDPOINT is not set: a Mesos agent starts this program; to run the building, start elevator-scheduler")
		return 2
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := serve(ctx, log); err != nil {
		log.Error("executor ends", "error", err)
		return 1
	}
	return 0
}

func serve(ctx context.Context, log *slog.Logger) error {
	executor, err := gotask.NewGoTaskExecutor(gotask.ExecutorConfig{Logger: log})
	if err != nil {
		return err
	}
	if err := executor.RegisterTaskFunc(tasks.CarTask, tasks.Car); err != nil {
		return err
	}
	if err := executor.RegisterTaskFunc(tasks.FloorTask, tasks.Floor); err != nil {
		return err
	}
	return executor.Run(ctx)
}
