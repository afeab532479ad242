package mesos

import (
	"context"
	"errors"

	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// SchedulerEvent is what a scheduler's handler gets: exactly one of its fields is set.
type SchedulerEvent struct {
	Connected    *Connected
	Disconnected *Disconnected

	// Event is an event as Mesos sent it, SUBSCRIBED, HEARTBEAT and ERROR included. It is the handler's to keep.
	Event *scheduler.Event
}

// Connected says that a subscription was accepted; its SUBSCRIBED event follows, and calls work from then on.
type Connected struct {
	StreamID string // StreamID names the subscription; agents give none.
	Endpoint string // Endpoint is the URL of the master or agent.
}

// Disconnected says that a subscription ended, after its last event. Offers held are void.
type Disconnected struct {
	Err error
}

// Scheduler is a subscription to the leading master, renewed as often as necessary, and the calls that belong to it.
type Scheduler struct {
	config SchedulerConfig
}

// NewScheduler checks the configuration. Nothing is connected before Run.
func NewScheduler(config SchedulerConfig) (*Scheduler, error) {
	return nil, errors.New("not built yet")
}

// Run keeps the framework subscribed and gives every event to handle, one at a time, in the order of their arrival, until
// ctx ends (then it returns ctx's error), a TEARDOWN call was accepted (nil), or going on makes no sense:
// [ErrNoMaster], a [SubscribeError] or an [EventError]. Run may be called once.
func (s *Scheduler) Run(ctx context.Context, handle func(SchedulerEvent)) error {
	return errors.New("not built yet")
}

// Call sends a call of any type but SUBSCRIBE and waits for its answer, which says only that Mesos has accepted the
// call. Calls and enqueued calls go out in the order in which they were made. The framework id is filled in where it is missing; the call may be
// changed as soon as Call returns. It returns [ErrNotSubscribed] without a subscription, a [CallError] for a refusal, and
// ctx's error when that ends first; a call on the wire is then left to finish, and its outcome is unknown.
func (s *Scheduler) Call(ctx context.Context, call *scheduler.Call) error {
	return errors.New("not built yet")
}

// Enqueue sends a call like Call but does not wait. Unless Enqueue returns an error ([ErrNotSubscribed], [ErrQueueFull]),
// done, if not nil, is called exactly once with the outcome, on a goroutine of the driver that must not be blocked.
func (s *Scheduler) Enqueue(call *scheduler.Call, done func(error)) error {
	return errors.New("not built yet")
}
