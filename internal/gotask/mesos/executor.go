package mesos

import (
	"context"
	"errors"

	"github.com/mesos/mesos-go/api/v1/lib/executor"
)

// ExecutorEvent is what an executor's handler gets: exactly one of its fields is set.
type ExecutorEvent struct {
	Connected    *Connected
	Disconnected *Disconnected

	// Event is an event as the agent sent it, SUBSCRIBED, HEARTBEAT, SHUTDOWN and ERROR included. It is the handler's
	// to keep.
	Event *executor.Event
}

// Executor is a subscription to the agent that started this process, and the calls that belong to it.
type Executor struct {
	config ExecutorConfig
}

// NewExecutor checks the configuration. Nothing is connected before Run.
func NewExecutor(config ExecutorConfig) (*Executor, error) {
	return nil, errors.New("not built yet")
}

// Run keeps the executor subscribed and gives every event to handle, one at a time, in the order of their arrival, until
// ctx ends (then it returns ctx's error), the stream ends after a SHUTDOWN event (nil), or the executor must end:
// [ErrDisconnected], a [SubscribeError] or an [EventError]. A lost subscription is renewed only with checkpointing, after
// random pauses of up to SubscriptionBackoffMax, for as long as RecoveryTimeout. Run may be called once.
func (e *Executor) Run(ctx context.Context, handle func(ExecutorEvent)) error {
	return errors.New("not built yet")
}

// Call sends an UPDATE, MESSAGE or HEARTBEAT call and waits for its answer. The ids are filled in where they are missing;
// the call may be changed as soon as Call returns. Order and errors are those of Scheduler.Call.
func (e *Executor) Call(ctx context.Context, call *executor.Call) error {
	return errors.New("not built yet")
}

// Enqueue sends a call like Call but does not wait, as Scheduler.Enqueue does.
func (e *Executor) Enqueue(call *executor.Call, done func(error)) error {
	return errors.New("not built yet")
}
