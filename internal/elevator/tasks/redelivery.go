package tasks

import (
	"time"

	"elevator/internal/elevator"
)

// redelivery tells what of the messages that a task sends is in the journal
// already. A task's messages come in their order, and after a takeover they
// begin with those that the predecessor had not confirmed: it may have
// journaled some of them.
//
// Invariant: the first next events have been delivered again, or were confirmed.
type redelivery struct {
	events  []elevator.Event // the task's latest in the journal
	next    int
	aligned bool // an event was found in the journal
}

// align finds where in the journal the events begin that a task has delivered
// again, all of them, with the times given by the task's clock: the journal's
// last ones are the first of them, as many as fit. Without it each is looked for
// by itself, which cannot tell apart those of two alike stops that were journaled
// late, with one time.
func (r *redelivery) align(again []timedEvent) {
	r.next, r.aligned = len(r.events), true
	most := -1
	for first := max(0, len(r.events)-len(again)); first < len(r.events); first++ {
		if exact, ok := r.fits(first, again); ok && exact > most {
			r.next, most = first, exact
		}
	}
}

// fits reports whether the journal's events from first on are those delivered
// again, and how many of them have the same time.
func (r *redelivery) fits(first int, again []timedEvent) (exact int, ok bool) {
	for i, was := range r.events[first:] {
		if was.T < again[i].t || !sameEvent(&was, again[i].event) {
			return 0, false
		}
		if was.T == again[i].t {
			exact++
		}
	}
	return exact, true
}

// timedEvent is an event with the time of its owner's clock.
type timedEvent struct {
	t     time.Duration
	event *elevator.Event
}

// has reports whether the journal has the task's next event, of time t by the
// task's clock. It may stand there with a later time, see Scheduler.commit.
func (r *redelivery) has(t time.Duration, e *elevator.Event) bool {
	late := -1
	for i := r.next; i < len(r.events); i++ {
		switch was := &r.events[i]; {
		case was.T < t || !sameEvent(was, e):
		case was.T == t:
			r.next, r.aligned = i+1, true
			return true
		case late < 0:
			late = i
		}
	}
	if late < 0 {
		return false
	}
	r.next, r.aligned = late+1, true
	return true
}

// hasPassed reports whether what the task said at time t, no event, was taken
// before events that are in the journal. What is dropped wrongly here is said
// again: buttons are pressed again, and a car that still stands open tells so in
// its report.
func (r *redelivery) hasPassed(t time.Duration) bool {
	if r.aligned {
		return r.next < len(r.events)
	}
	return len(r.events) > 0 && t <= r.events[len(r.events)-1].T
}

func sameEvent(a, b *elevator.Event) bool {
	return a.Kind == b.Kind && a.Car == b.Car && a.Floor == b.Floor && a.To == b.To &&
		a.Passenger == b.Passenger && a.Mode == b.Mode && a.Fault == b.Fault
}
