package gotask_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"elevator/internal/gotask"
)

// TestMain makes the test binary the executor when an agent starts it, and a scheduler when a test does.
func TestMain(m *testing.M) {
	run := runExecutor
	if master := os.Getenv("GOTASK_TEST_SCHEDULER"); master != "" {
		run = func() error { return runStreamScheduler(master, os.Getenv("GOTASK_TEST_STATE")) }
	} else if os.Getenv("MESOS_EXECUTOR_ID") == "" {
		goleak.VerifyTestMain(m)
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func runExecutor() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	linger, err := time.ParseDuration(os.Getenv("TEST_LINGER"))
	if err != nil {
		linger = 0
	}
	e, err := gotask.NewGoTaskExecutor(gotask.ExecutorConfig{Logger: logger, Linger: linger})
	if err != nil {
		return err
	}
	if err := registerTestTasks(e); err != nil {
		return err
	}
	return e.Run(ctx)
}

// registerTestTasks registers the tasks of all tests.
func registerTestTasks(e *gotask.GoTaskExecutor) error {
	return errors.Join(
		e.RegisterTaskFunc("echo", echoTask),
		e.RegisterTaskFunc("show", showTask),
		e.RegisterTaskFunc("count", countTask),
		e.RegisterTaskFunc("fail", failTask),
		e.RegisterTaskFunc("panic", panicTask),
		e.RegisterTaskFunc("exit", exitTask),
		e.RegisterTaskFunc("ports", portsTask),
		e.RegisterTaskFunc("stream", streamTask),
	)
}

// echoTask says hello with its attempt and returns every message.
func echoTask(in <-chan gotask.TaskMsg, out chan<- gotask.TaskMsg, args []string, env map[string]string) error {
	out <- gotask.TaskMsg{MessageData: "hello " + env[gotask.EnvAttempt]}
	for m := range in {
		out <- m
	}
	return nil
}

// showTask sends what it was given and waits for its end.
func showTask(in <-chan gotask.TaskMsg, out chan<- gotask.TaskMsg, args []string, env map[string]string) error {
	out <- gotask.TaskMsg{MessageData: strings.Join(args, " ") + " COLOUR=" + env["COLOUR"] + " HOME=" + os.Getenv("HOME")}
	for range in {
	}
	return nil
}

// countTask sends as many numbers as it is told, and ends at once.
func countTask(in <-chan gotask.TaskMsg, out chan<- gotask.TaskMsg, args []string, env map[string]string) error {
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	for i := range n {
		out <- gotask.TaskMsg{MessageData: strconv.Itoa(i)}
	}
	return nil
}

// failTask waits for a message and fails with it.
func failTask(in <-chan gotask.TaskMsg, out chan<- gotask.TaskMsg, args []string, env map[string]string) error {
	m, ok := <-in
	if !ok {
		return nil
	}
	out <- gotask.TaskMsg{MessageData: "last words"}
	return errors.New(m.MessageData)
}

// panicTask panics at its first message.
func panicTask(in <-chan gotask.TaskMsg, out chan<- gotask.TaskMsg, args []string, env map[string]string) error {
	if m, ok := <-in; ok {
		panic(m.MessageData)
	}
	return nil
}

// exitTask ends the whole executor process at its first message.
func exitTask(in <-chan gotask.TaskMsg, out chan<- gotask.TaskMsg, args []string, env map[string]string) error {
	if _, ok := <-in; ok {
		os.Exit(3)
	}
	return nil
}

// portsTask sends its ports and waits for its end.
func portsTask(in <-chan gotask.TaskMsg, out chan<- gotask.TaskMsg, args []string, env map[string]string) error {
	out <- gotask.TaskMsg{MessageData: env["PORT0"] + " " + env["PORT1"]}
	for range in {
	}
	return nil
}

// writeFile returns the path of a new file with the content.
func writeFile(t *testing.T, content string) string {
	t.Helper()
	path := t.TempDir() + "/file"
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
