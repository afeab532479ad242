package gotask

import (
	"context"
	"log/slog"
)

// Names of the environment variables that every task finds in its env beside those of its TaskSpec.
const (
	EnvTaskName  = "GOTASK_TASK_NAME"  // "<name>-<index>"
	EnvTaskIndex = "GOTASK_TASK_INDEX" // the index, from 0
	EnvAttempt   = "GOTASK_ATTEMPT"    // which launch of the task this is, from 1
)

// TaskFunc is a task: it runs in a goroutine of its own inside an executor. The closing of in tells it to return. Messages
// it sends on out reach the scheduler function; it need not close out. args[0] is the task's name, "<name>-<index>", the
// rest and env are the TaskSpec's. An error or a panic fails the task.
type TaskFunc func(in <-chan TaskMsg, out chan<- TaskMsg, args []string, env map[string]string) error

// Run calls f, so that a TaskFunc is a Task.
func (f TaskFunc) Run(in <-chan TaskMsg, out chan<- TaskMsg, args []string, env map[string]string) error {
	return f(in, out, args, env)
}

// Task is the interface form of a TaskFunc. One value serves all instances of its type in an executor, so Run is called
// from several goroutines at once.
type Task interface {
	Run(in <-chan TaskMsg, out chan<- TaskMsg, args []string, env map[string]string) error
}

// ContextTask is the form of a task that works with a context and blocking calls instead of channels. ctx is cancelled
// when the task is told to exit. RegisterTaskContext takes it.
type ContextTask interface {
	RunContext(ctx context.Context, io TaskIO) error
}

// TaskIO is what a ContextTask sees of the world. Its methods may be called from several goroutines.
type TaskIO interface {
	Name() string           // "<name>-<index>"
	Index() int             // the index, from 0
	Attempt() int           // which launch of the task this is, from 1
	Args() []string         // args[0] is the task's name
	Env() map[string]string // the TaskSpec's
	Logger() *slog.Logger   // the executor's, with the task's name

	// Recv returns the scheduler's next message, io.EOF when the task shall exit, or ctx's error.
	Recv(ctx context.Context) (TaskMsg, error)
	// Send hands data to the scheduler function. It blocks while too much is unconfirmed, and fails when data is too long,
	// with ctx's error, or with ErrStopped once the task's grace after a kill is over.
	Send(ctx context.Context, data string) error
}

// SchedFunc is the scheduler function: the application's part of the scheduler, run in a goroutine of its own. Messages of
// the tasks arrive on schedin, what it sends on schedout goes to the task it names, and schedevent tells what becomes of
// tasks and agents. schedin and schedevent are closed when the system ends, after a last EventShutdown. When the function
// returns, the system ends. It need not close schedout.
type SchedFunc func(schedin <-chan TaskMsg, schedout chan<- TaskMsg, schedevent <-chan SchedEvent)

// RunSched calls f, so that a SchedFunc is a SchedTask.
func (f SchedFunc) RunSched(schedin <-chan TaskMsg, schedout chan<- TaskMsg, schedevent <-chan SchedEvent) {
	f(schedin, schedout, schedevent)
}

// SchedTask is the interface form of a SchedFunc.
type SchedTask interface {
	RunSched(schedin <-chan TaskMsg, schedout chan<- TaskMsg, schedevent <-chan SchedEvent)
}

// ContextSchedTask is the form of a scheduler function that works with a context, may fail, and learns at once of messages
// that cannot be sent. ctx is cancelled when the system ends. An error ends the system and is wrapped by Run's.
// RegisterSchedContext takes it.
type ContextSchedTask interface {
	RunSchedContext(ctx context.Context, io SchedIO) error
}

// SchedIO is what a ContextSchedTask sees of the world.
type SchedIO struct {
	In     <-chan TaskMsg    // messages of the tasks; closed when the system ends
	Events <-chan SchedEvent // closed when the system ends
	// Send queues a message for the task it names. It blocks while that task's queue is full, and fails with
	// ErrUnknownTask, ErrTaskEnded, ErrMessageTooLarge, ErrStopped or ctx's error.
	Send func(ctx context.Context, m TaskMsg) error
	// Confirm says that the oldest count of the named task's messages that were taken from In and not confirmed yet are
	// done with. It is for Config.ExplicitConfirm, and does nothing without it. It never blocks.
	Confirm func(task string, count int)
}
