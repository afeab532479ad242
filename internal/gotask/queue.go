package gotask

import "sync"

// queue passes values from goroutines that never wait to one that does. It has no bound; whoever pushes sees to that.
type queue[T any] struct {
	ready chan struct{} // of one element: there may be something to pop

	mu    sync.Mutex
	items []T
}

func newQueue[T any]() *queue[T] { return &queue[T]{ready: make(chan struct{}, 1)} }

func (q *queue[T]) push(v T) { q.replace(v, nil) }

// replace removes the first queued value that same accepts, if same is not nil, and pushes v.
func (q *queue[T]) replace(v T, same func(T) bool) {
	q.mu.Lock()
	if same != nil {
		for i, old := range q.items {
			if same(old) {
				q.items = append(q.items[:i], q.items[i+1:]...)
				break
			}
		}
	}
	q.items = append(q.items, v)
	q.mu.Unlock()
	poke(q.ready)
}

func (q *queue[T]) pop() (T, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var zero T
	if len(q.items) == 0 {
		return zero, false
	}
	v := q.items[0]
	q.items[0] = zero
	q.items = q.items[1:]
	return v, true
}

func (q *queue[T]) empty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.items) == 0
}

// poke makes the receiver of a channel of one element look again.
func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
