package tasks

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"elevator/internal/elevator"
)

// drawLife draws what one car does, with the times at which the journal has it:
// some of them later than they were, never going back.
func drawLife(t *rapid.T) (happened, written []elevator.Event) {
	kinds := []elevator.EventKind{elevator.DoorsOpening, elevator.DoorsOpened, elevator.DoorsClosing, elevator.DoorsClosed}
	var at, latest time.Duration
	for i := range rapid.IntRange(1, 40).Draw(t, "events") {
		at += time.Duration(rapid.IntRange(1, 3).Draw(t, "seconds")) * time.Second
		e := elevator.NewEvent(at, kinds[i%len(kinds)])
		e.Car, e.Floor = 1, elevator.FloorIndex(rapid.IntRange(0, 2).Draw(t, "floor"))
		happened = append(happened, e)
		latest = max(latest, at+time.Duration(rapid.SampledFrom([]int{0, 0, 0, 500}).Draw(t, "late"))*time.Millisecond)
		e.T = latest
		written = append(written, e)
	}
	return happened, written
}

// Whatever was confirmed and however much more was journaled: of what is
// delivered again the journal has exactly that.
func TestRedelivery(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		happened, written := drawLife(t)
		journaled := rapid.IntRange(0, len(happened)).Draw(t, "journaled")
		confirmed := rapid.IntRange(0, journaled).Draw(t, "confirmed")
		remembered := rapid.IntRange(0, confirmed).Draw(t, "forgotten")
		r := redelivery{events: written[remembered:journaled]}
		for i, e := range happened[confirmed:] {
			if got, want := r.has(e.T, &e), confirmed+i < journaled; got != want {
				t.Fatalf("event %d at %v is known: %v, want %v (%d confirmed, %d journaled)", confirmed+i, e.T, got, want, confirmed, journaled)
			}
			if got, want := r.hasPassed(e.T), confirmed+i+1 < journaled; r.aligned && got != want {
				t.Fatalf("what was said with event %d has passed: %v, want %v", confirmed+i, got, want)
			}
		}
	})
}

// Two alike stops of a car that was cut off were journaled with one time. Only
// all that is delivered again tells which of them it is.
func TestRedeliveryOfAlikeStops(t *testing.T) {
	stop := []elevator.EventKind{elevator.DoorsOpening, elevator.DoorsOpened, elevator.DoorsClosing, elevator.DoorsClosed}
	var happened, written []elevator.Event
	for i := range 8 {
		e := elevator.NewEvent(time.Duration(i)*time.Second, stop[i%4])
		happened = append(happened, e)
		e.T = time.Minute
		written = append(written, e)
	}
	for confirmed := 4; confirmed < 8; confirmed++ {
		// Nothing tells four events of the one stop from the four of the other.
		for journaled := max(confirmed, 5); journaled <= 8; journaled++ {
			var again []timedEvent
			for i := range happened[confirmed:] {
				again = append(again, timedEvent{happened[confirmed+i].T, &happened[confirmed+i]})
			}
			r := redelivery{events: written[:journaled]}
			r.align(again)
			for i := range again {
				if got, want := r.has(again[i].t, again[i].event), confirmed+i < journaled; got != want {
					t.Errorf("%d confirmed, %d journaled: event %d is known: %v", confirmed, journaled, confirmed+i, got)
				}
			}
		}
	}
}

// What was said before the journal's last event of a task, and not with an
// event, is taken for passed; a task that the journal does not know says only
// news.
func TestRedeliveryOfWordsAlone(t *testing.T) {
	e := elevator.NewEvent(10*time.Second, elevator.DoorsClosed)
	r := redelivery{events: []elevator.Event{e}}
	if !r.hasPassed(9*time.Second) || r.hasPassed(11*time.Second) {
		t.Errorf("before the last event: %v, after it: %v; want true, false", r.hasPassed(9*time.Second), r.hasPassed(11*time.Second))
	}
	if r = (redelivery{}); r.hasPassed(0) || r.has(0, &e) {
		t.Error("something has passed of a task that never said anything")
	}
}

// A message is confirmed when the disk has its events, and more was written
// after them or they are old.
func TestConfirmations(t *testing.T) {
	var c confirmations
	for _, until := range []time.Duration{3, 2, 5, 9} { // the second waits for the first
		c.add(until)
	}
	const more, old = true, true
	for _, step := range []struct {
		now  progress
		want int
	}{
		{progress{2, 10, 10, more, !old}, 0},
		{progress{3, 11, 10, more, !old}, 0}, // two are written
		{progress{4, 11, 10, !more, old}, 0}, // and old, but the disk does not have them
		{progress{4, 11, 11, !more, !old}, 0},
		{progress{8, 20, 20, more, !old}, 2}, // one more is the tail
		{progress{8, 20, 20, !more, !old}, 0},
		{progress{9, 20, 20, !more, old}, 2},
		{progress{99, 30, 30, more, old}, 0},
	} {
		if got := c.confirm(step.now); got != step.want {
			t.Errorf("%+v: %d to confirm, want %d", step.now, got, step.want)
		}
	}
	c.add(50) // late: the journal was written up to 99 before
	if got := c.confirm(progress{99, 31, 30, more, !old}); got != 0 || len(c.written) != 1 {
		t.Errorf("what came late is confirmed before the disk has it: %+v", c)
	}
}
