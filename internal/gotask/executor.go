package gotask

import (
	"context"
	"log/slog"
	"time"
)

// ExecutorConfig says how a GoTaskExecutor behaves. The zero value is fine inside a Mesos executor process.
type ExecutorConfig struct {
	// Driver, if set, is used instead of a connection to the agent that Getenv describes.
	Driver MesosExecutorDriver
	// Getenv looks environment variables up; default os.Getenv.
	Getenv func(string) string
	// KillGrace is how long a told task may take to return when nobody says otherwise; default 3 s.
	KillGrace time.Duration
	// Linger is how long an executor without tasks waits for the next one before it exits; default 60 s.
	Linger time.Duration
	// KeepLeaked keeps the process, and so its other tasks, running when a task does not return within its grace. By
	// default the executor fails such a task and ends as soon as no other task runs.
	KeepLeaked bool
	Logger     *slog.Logger // default slog.DiscardHandler
}

// GoTaskExecutor holds the application's task functions and runs the instances that the scheduler launches, each in a
// goroutine of its own. All methods may be called from any goroutine.
type GoTaskExecutor struct{}

// NewGoTaskExecutor returns an executor without tasks.
func NewGoTaskExecutor(cfg ExecutorConfig) (*GoTaskExecutor, error) { return nil, nil }

// RegisterTask makes t the implementation of the tasks of that type. It fails for an empty or taken name and after Run.
func (e *GoTaskExecutor) RegisterTask(name string, t Task) error { return nil }

// RegisterTaskFunc is RegisterTask for a function.
func (e *GoTaskExecutor) RegisterTaskFunc(name string, f TaskFunc) error { return nil }

// RegisterTaskContext is RegisterTask for the context form.
func (e *GoTaskExecutor) RegisterTaskContext(name string, t ContextTask) error { return nil }

// Run serves the agent until it orders a shutdown or no task was there for a while (nil), ctx is done (ctx's cause), or
// the agent is lost for longer than its recovery timeout. The tasks are told to return first.
func (e *GoTaskExecutor) Run(ctx context.Context) error { return nil }
