package tasks

import (
	"container/heap"
	"time"

	"elevator/internal/gotask"
)

// reorder holds back what tasks sent until their owners' times are certain to
// be in order: a message with time t is released once the building's clock has
// passed t by the window. What comes later than that goes out at once.
//
// Invariant: messages of one task leave in the order they came.
type reorder struct {
	items   byTime
	arrived uint64
}

type arrival struct {
	t      time.Duration
	number uint64
	from   string
	msg    fromTask
}

type byTime []arrival

func (a byTime) Len() int { return len(a) }
func (a byTime) Less(i, j int) bool {
	if a[i].t != a[j].t {
		return a[i].t < a[j].t
	}
	return a[i].number < a[j].number
}
func (a byTime) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *byTime) Push(x any)   { *a = append(*a, x.(arrival)) }
func (a *byTime) Pop() any {
	last := len(*a) - 1
	x := (*a)[last]
	(*a)[last] = arrival{}
	*a = (*a)[:last]
	return x
}

func (r *reorder) add(msg gotask.TaskMsg, decoded fromTask) {
	r.arrived++
	heap.Push(&r.items, arrival{t: decoded.T, number: r.arrived, from: msg.TaskName, msg: decoded})
}

// earliest returns the time of the first message held, and false when none is.
func (r *reorder) earliest() (time.Duration, bool) {
	if len(r.items) == 0 {
		return 0, false
	}
	return r.items[0].t, true
}

func (r *reorder) pop() arrival { return heap.Pop(&r.items).(arrival) }
