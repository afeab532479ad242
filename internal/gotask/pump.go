package gotask

import (
	"sync"
	"sync/atomic"
)

// pump carries values to a user's channel through a queue, so that whoever pushes never waits for the user.
//
// Invariant: only run sends on the channel, and only run closes it.
type pump[T any] struct {
	out   chan<- T
	queue *queue[pumped[T]]

	finishing  chan struct{} // closed to end once the queue is empty
	finishOnce sync.Once
	cut        chan struct{} // closed to end at once
	cutOnce    sync.Once
	taken      atomic.Int64 // values the user has taken
}

type pumped[T any] struct {
	value     T
	delivered func() // called when the user has taken the value; may be nil
}

func newPump[T any](out chan<- T) *pump[T] {
	return &pump[T]{
		out: out, queue: newQueue[pumped[T]](),
		finishing: make(chan struct{}), cut: make(chan struct{}),
	}
}

// push queues v; what is pushed after finish or stop may never arrive.
func (p *pump[T]) push(v T, delivered func()) { p.queue.push(pumped[T]{v, delivered}) }

// finish closes the channel once everything pushed so far is delivered.
func (p *pump[T]) finish() { p.finishOnce.Do(func() { close(p.finishing) }) }

// stop closes the channel now; what is queued is not delivered.
func (p *pump[T]) stop() { p.cutOnce.Do(func() { close(p.cut) }) }

// run delivers until finish or stop, and then closes the channel.
func (p *pump[T]) run() {
	defer close(p.out)
	for {
		select {
		case <-p.cut: // wins over a user who is ready to receive
			return
		default:
		}
		next, ok := p.queue.pop()
		if !ok {
			select {
			case <-p.queue.ready:
				continue
			case <-p.cut:
				return
			case <-p.finishing:
			}
			if p.queue.empty() {
				return
			}
			continue
		}
		select {
		case p.out <- next.value:
			p.taken.Add(1)
			if next.delivered != nil {
				next.delivered()
			}
		case <-p.cut:
			return
		}
	}
}
