package gotask

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// channelSched makes a ContextSchedTask of a SchedTask.
type channelSched struct {
	s    *GoTaskScheduler
	task SchedTask
}

// RunSchedContext runs the function and forwards what it sends. A message that cannot be sent becomes an EventError.
func (c channelSched) RunSchedContext(ctx context.Context, io SchedIO) error {
	returned := make(chan struct{})
	collected := make(chan error, 1)
	go func() { collected <- c.collect(ctx, io, returned) }()
	func() {
		defer close(returned) // also when the function panics
		c.task.RunSched(io.In, c.s.schedout, io.Events)
	}()
	return <-collected
}

// collect takes what the function sends until it has returned.
func (c channelSched) collect(ctx context.Context, io SchedIO, returned <-chan struct{}) error {
	for {
		select {
		case m, ok := <-c.s.schedout:
			if !ok {
				return c.closed(returned)
			}
			if err := io.Send(ctx, m); err != nil && !errors.Is(err, ErrStopped) {
				c.s.undeliverable(m, err)
			}
		case <-returned:
			return nil
		}
	}
}

// closed acts on a function that closed its channel: that is fine for one that is returning.
func (c channelSched) closed(returned <-chan struct{}) error {
	patience := time.NewTimer(time.Second)
	defer patience.Stop()
	select {
	case <-returned:
		return nil
	case <-patience.C:
	}
	err := fmt.Errorf("%w: it closed schedout and went on", ErrSchedTask)
	c.s.endWith(err)
	<-returned
	return err
}

func (s *GoTaskScheduler) undeliverable(m TaskMsg, err error) {
	s.log.Warn("message not sent", "task", m.TaskName, "err", err)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.emit(SchedEvent{Kind: EventError, Time: time.Now(), Task: m.TaskName, Reason: "UNDELIVERABLE", Text: err.Error()})
}

// runSched runs the application's scheduler function and sends what it returned on returned, also when it panics or ends
// its goroutine.
func (s *GoTaskScheduler) runSched(ctx context.Context, task ContextSchedTask, returned chan<- error) {
	err := fmt.Errorf("%w: it ended its goroutine without returning", ErrSchedTask)
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: panic: %v\n%s", ErrSchedTask, r, debug.Stack())
		}
		returned <- err
	}()
	err = task.RunSchedContext(ctx, SchedIO{In: s.schedin, Events: s.schedevent, Send: s.send, Confirm: s.confirmTaken})
	if err != nil && !errors.Is(err, ErrSchedTask) {
		err = fmt.Errorf("scheduler function: %w", err)
	}
}
