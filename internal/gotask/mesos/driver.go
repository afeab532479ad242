package mesos

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// driver is what a Scheduler and an Executor have in common: the queue that carries events to the handler, and the way for
// calls while there is a subscription.
type driver[E any] struct {
	client   client
	observer *Observer
	events   *eventQueue[E]
	ran      atomic.Bool

	mu     sync.Mutex
	sender *sender // sender is nil without a subscription
}

// run gives events to handle, one at a time, while stayConnected fills the queue. It returns what that returned.
func (d *driver[E]) run(ctx context.Context, handle func(E), stayConnected func(context.Context) error) error {
	if d.ran.Swap(true) {
		return errors.New("Run was called before")
	}
	ctx, cancel := context.WithCancel(ctx)
	var connection sync.WaitGroup
	var outcome error
	defer connection.Wait()
	defer cancel()
	connection.Go(func() {
		defer d.events.close()
		outcome = stayConnected(ctx)
	})
	for {
		event, ok := d.events.next(ctx)
		if !ok {
			break
		}
		handle(event)
	}
	cancel()
	connection.Wait()
	return outcome
}

// marshaler is a call in the types of mesos-go.
type marshaler interface{ Marshal() ([]byte, error) }

// call sends a call and waits for its answer.
func (d *driver[E]) call(ctx context.Context, callType string, call marshaler) error {
	sender, body, err := d.prepare(callType, call)
	if err != nil {
		return err
	}
	return sender.call(ctx, callType, body)
}

// enqueue sends a call and does not wait.
func (d *driver[E]) enqueue(callType string, call marshaler, done func(error)) error {
	sender, body, err := d.prepare(callType, call)
	if err != nil {
		return err
	}
	return sender.enqueue(callType, body, done)
}

func (d *driver[E]) prepare(callType string, call marshaler) (*sender, []byte, error) {
	if callType == "SUBSCRIBE" {
		return nil, nil, errors.New("SUBSCRIBE is not a call of the caller's: Run subscribes")
	}
	d.mu.Lock()
	sender := d.sender
	d.mu.Unlock()
	if sender == nil {
		d.observer.call(callType, "not_subscribed", 0)
		return nil, nil, fmt.Errorf("%s call: %w", callType, ErrNotSubscribed)
	}
	body, err := call.Marshal()
	if err != nil {
		return nil, nil, fmt.Errorf("encode %s call: %w", callType, err)
	}
	return sender, body, nil
}

// setSender opens or, with nil, closes the way for calls.
func (d *driver[E]) setSender(sender *sender) {
	d.mu.Lock()
	d.sender = sender
	d.mu.Unlock()
	d.observer.subscribed(sender != nil)
}
