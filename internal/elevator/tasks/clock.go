package tasks

import (
	"math"
	"time"
)

// Clock turns wall time into the building's time, which runs Speed times
// faster and was zero at Epoch.
type Clock struct {
	Epoch time.Time
	Speed float64
}

// At returns the building's time at the wall time given.
func (c Clock) At(wall time.Time) time.Duration {
	return time.Duration(float64(wall.Sub(c.Epoch)) * c.Speed)
}

// Until returns how long the wall clock has to run from now until the
// building's time is t; negative when t has passed. By then At is not less than
// t, whatever is rounded: who waits so long has waited long enough.
func (c Clock) Until(now time.Time, t time.Duration) time.Duration {
	run := time.Duration(math.Ceil(float64(t) / c.Speed))
	if time.Duration(float64(run)*c.Speed) < t {
		run++
	}
	return run - now.Sub(c.Epoch)
}

// clockAt returns the clock by which it is t at the wall time now. It is anchored
// to now, whose monotonic reading later steps of the wall clock do not touch.
func clockAt(t time.Duration, now time.Time, speed float64) Clock {
	return Clock{Epoch: now.Add(-time.Duration(math.Ceil(float64(t) / speed))), Speed: speed}
}

const (
	// trustedSkew is how far another machine's wall clock may be from ours before
	// its word about the epoch is not used: more than a message takes to arrive.
	trustedSkew = 500 * time.Millisecond
	// trustedAhead is how far the message may seem to be from the future for that.
	trustedAhead = 100 * time.Millisecond
)

// Received returns the clock that a task goes by after it was told the clock c
// and the building's time sentAt at which it was told. Both machines' wall
// clocks are believed when they agree within trustedSkew; otherwise the
// message is taken to have travelled in no time.
func (c Clock) Received(sentAt time.Duration, now time.Time) Clock {
	behind := time.Duration(float64(c.At(now)-sentAt) / c.Speed)
	if behind > -trustedAhead && behind < trustedSkew {
		return clockAt(c.At(now), now, c.Speed)
	}
	return clockAt(sentAt, now, c.Speed)
}

// NotBefore returns the clock of who hears from another that it was t: this one,
// unless it is slow by alike or more, in wall time. Nobody's clock goes back, and
// nobody's stays behind what happens: neither a task's whose hello was long under
// way behind a cut link, nor a scheduler's that has taken a run over.
func (c Clock) NotBefore(t time.Duration, now time.Time, alike time.Duration) Clock {
	if float64(t-c.At(now)) < float64(alike)*c.Speed {
		return c
	}
	return clockAt(t, now, c.Speed)
}
