package tasks

import (
	"container/heap"
	"time"

	"elevator/internal/elevator"
)

// reorder holds back events until their owners' times are certain to be in
// order: an event with time t is released once the building's clock has passed
// t by the window. One that comes later than that is released at once.
//
// Invariant: events of equal time leave in the order they came, so what follows
// from an event never overtakes it.
type reorder struct {
	events byTime
	added  uint64
}

type heldEvent struct {
	event  elevator.Event
	number uint64
}

type byTime []heldEvent

func (b byTime) Len() int { return len(b) }
func (b byTime) Less(i, j int) bool {
	if b[i].event.T != b[j].event.T {
		return b[i].event.T < b[j].event.T
	}
	return b[i].number < b[j].number
}
func (b byTime) Swap(i, j int) { b[i], b[j] = b[j], b[i] }
func (b *byTime) Push(x any)   { *b = append(*b, x.(heldEvent)) }
func (b *byTime) Pop() any {
	last := len(*b) - 1
	x := (*b)[last]
	(*b)[last] = heldEvent{}
	*b = (*b)[:last]
	return x
}

func (r *reorder) add(e elevator.Event) {
	r.added++
	heap.Push(&r.events, heldEvent{e, r.added})
}

// earliest returns the time of the first event held, and false when none is.
func (r *reorder) earliest() (time.Duration, bool) {
	if len(r.events) == 0 {
		return 0, false
	}
	return r.events[0].event.T, true
}

func (r *reorder) pop() elevator.Event { return heap.Pop(&r.events).(heldEvent).event }
