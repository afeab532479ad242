package mesos

import (
	"context"
	"sync"
)

// eventQueue carries events from the reader of a subscription to the handler. The reader never waits on it.
type eventQueue[E any] struct {
	limit   int64
	changed func(bytes int64)

	mu     sync.Mutex
	events []sizedEvent[E]
	bytes  int64
	closed bool

	ready chan struct{} // holds a token when there may be something to take, or the queue was closed
	space chan struct{} // holds a token when something was taken
}

type sizedEvent[E any] struct {
	event E
	bytes int64
}

func newEventQueue[E any](limit int64, changed func(int64)) *eventQueue[E] {
	return &eventQueue[E]{
		limit:   limit,
		changed: changed,
		ready:   make(chan struct{}, 1),
		space:   make(chan struct{}, 1),
	}
}

// put appends an event of an encoded size, unless that would exceed the limit and others are waiting. Events of size 0
// always find room.
func (q *eventQueue[E]) put(event E, bytes int64) bool {
	q.mu.Lock()
	if bytes > 0 && q.bytes > 0 && q.bytes+bytes > q.limit {
		q.mu.Unlock()
		return false
	}
	q.events = append(q.events, sizedEvent[E]{event, bytes})
	q.resize(bytes)
	q.mu.Unlock()
	signal(q.ready)
	return true
}

// next takes the oldest event. It reports false when ctx has ended, or when the queue is closed and empty.
func (q *eventQueue[E]) next(ctx context.Context) (E, bool) {
	for {
		if ctx.Err() != nil {
			return *new(E), false
		}
		event, taken, closed := q.take()
		if taken || closed {
			return event, taken
		}
		select {
		case <-q.ready:
		case <-ctx.Done():
		}
	}
}

func (q *eventQueue[E]) take() (event E, taken, closed bool) {
	q.mu.Lock()
	if len(q.events) == 0 {
		closed = q.closed
		q.mu.Unlock()
		return event, false, closed
	}
	oldest := q.events[0]
	q.events[0] = sizedEvent[E]{}
	q.events = q.events[1:]
	q.resize(-oldest.bytes)
	q.mu.Unlock()
	signal(q.space)
	return oldest.event, true, false
}

// resize is called with mu held, so that observers hear of changes in their order.
func (q *eventQueue[E]) resize(by int64) {
	q.bytes += by
	if by != 0 {
		q.changed(q.bytes)
	}
}

// waitHalfEmpty returns when at most half of the limit is in use, or ctx has ended.
func (q *eventQueue[E]) waitHalfEmpty(ctx context.Context) {
	for ctx.Err() == nil {
		q.mu.Lock()
		enough := q.bytes <= q.limit/2
		q.mu.Unlock()
		if enough {
			return
		}
		select {
		case <-q.space:
		case <-ctx.Done():
		}
	}
}

func (q *eventQueue[E]) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	signal(q.ready)
}

// signal leaves a token in a channel of capacity one.
func signal(token chan struct{}) {
	select {
	case token <- struct{}{}:
	default:
	}
}
