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
	"sync"
	"syscall"

	"elevator/internal/elevator/tasks"
	"elevator/internal/gotask"
	"elevator/internal/metrics"
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
	endpoint := os.Getenv("MESOS_AGENT_ENDPOINT")
	if endpoint == "" {
		fmt.Fprintln(os.Stderr, "elevator-executor: MESOS_AGENT_ENDPOINT is not set: a Mesos agent starts this program; to run the building, start elevator-scheduler")
		return 2
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := serve(ctx, endpoint, log); err != nil {
		log.Error("executor ends", "error", err)
		return 1
	}
	return 0
}

func serve(ctx context.Context, endpoint string, log *slog.Logger) error {
	config := gotask.ExecutorConfig{Logger: log, Introduction: gotask.Introduction{Version: version}}
	registry := metrics.NewRegistry(version)
	server, err := listenForMetrics(endpoint, registry, log)
	if err != nil {
		log.Warn("this executor has no metrics", "error", err) // cars run without them
	} else {
		config.Introduction.Metrics = server.address()
	}
	executor, err := gotask.NewGoTaskExecutor(config)
	if err != nil {
		return err
	}
	if err := executor.RegisterTaskFunc(tasks.CarTask, tasks.Car); err != nil {
		return err
	}
	if err := executor.RegisterTaskFunc(tasks.FloorTask, tasks.Floor); err != nil {
		return err
	}
	if server != nil {
		metrics.RegisterExecutor(registry, executor.State)
		serving, stop := context.WithCancel(ctx)
		var served sync.WaitGroup
		served.Go(func() { server.serve(serving, log) })
		defer served.Wait()
		defer stop()
	}
	return executor.Run(ctx)
}
