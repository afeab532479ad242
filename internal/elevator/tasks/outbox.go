package tasks

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"elevator/internal/elevator/control"
	"elevator/internal/gotask"
)

// sendAtOnce bounds how many control messages travel in one TaskMsg.
const sendAtOnce = 64

// outbox holds what is to be sent to one task. put never blocks; what piles up
// while the task does not read leaves together once it does.
type outbox struct {
	task string
	send func(context.Context, gotask.TaskMsg) error
	log  *slog.Logger

	mu     sync.Mutex // guards up, hello and queue
	up     bool       // the task runs and was greeted, or is about to be
	hello  *hello
	queue  []told
	filled chan struct{} // capacity 1: there is something to send
}

func newOutbox(task string, send func(context.Context, gotask.TaskMsg) error, log *slog.Logger) *outbox {
	return &outbox{task: task, send: send, log: log, filled: make(chan struct{}, 1)}
}

// restart forgets what was meant for an earlier attempt of the task and greets
// the new one.
func (o *outbox) restart(h *hello) {
	o.mu.Lock()
	o.up, o.hello, o.queue = true, h, nil
	o.mu.Unlock()
	o.notify()
}

// down forgets everything: the task has ended, and its next attempt is told
// all it needs when it is restored.
func (o *outbox) down() {
	o.mu.Lock()
	o.up, o.hello, o.queue = false, nil, nil
	o.mu.Unlock()
}

// put queues m, given at the building's time t, whose slices it copies. It drops
// m while the task is down.
func (o *outbox) put(t time.Duration, m control.Message) {
	m.Passengers = slices.Clone(m.Passengers)
	m.Lamps = slices.Clone(m.Lamps)
	o.mu.Lock()
	if o.up {
		o.queue = append(o.queue, told{t, m})
	}
	o.mu.Unlock()
	o.notify()
}

func (o *outbox) notify() {
	select {
	case o.filled <- struct{}{}:
	default:
	}
}

// take removes what is sent next.
func (o *outbox) take() (toTask, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := min(len(o.queue), sendAtOnce)
	m := toTask{Hello: o.hello, Messages: o.queue[:n:n]}
	o.hello, o.queue = nil, o.queue[n:]
	return m, m.Hello != nil || n > 0
}

// run sends until ctx is done. What a task that has ended does not get, its
// next attempt is told when it is restored.
func (o *outbox) run(ctx context.Context) {
	for {
		select {
		case <-o.filled:
		case <-ctx.Done():
			return
		}
		for {
			m, found := o.take()
			if !found {
				break
			}
			msg, err := gotask.NewMsg(o.task, m)
			if err == nil {
				err = o.send(ctx, msg)
			}
			switch {
			case ctx.Err() != nil:
				return
			case errors.Is(err, gotask.ErrTaskEnded):
				o.log.Debug("message to a task that has ended", "task", o.task)
			case err != nil:
				o.log.Error("message not sent", "task", o.task, "error", err)
			}
		}
	}
}
