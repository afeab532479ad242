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

// TakenOver returns the clock that a successor goes on with at the wall time now:
// the same, where its wall clock is not behind what the building's time was last,
// else one that goes on from there. Either is anchored to now, whose monotonic
// reading later steps of the wall clock do not touch: the epoch in the journal
// has none.
func (c Clock) TakenOver(last time.Duration, now time.Time) Clock {
	since := now.Sub(c.Epoch)
	if c.At(now) < last {
		since = time.Duration(float64(last) / c.Speed)
	}
	return Clock{Epoch: now.Add(-since), Speed: c.Speed}
}

// trustedSkew is how far another machine's wall clock may be from ours before
// its word about the epoch is not used: more than a message takes to arrive.
const trustedSkew = 2 * time.Second

// Received returns the clock that a task goes by after it was told the clock c
// and the building's time sentAt at which it was told. Both machines' wall
// clocks are believed when they agree within trustedSkew; otherwise the
// message is taken to have travelled in no time.
func (c Clock) Received(sentAt time.Duration, now time.Time) Clock {
	behind := time.Duration(float64(c.At(now)-sentAt) / c.Speed)
	if behind > -trustedSkew/20 && behind < trustedSkew {
		// Re-anchored to now, whose monotonic reading later steps of the wall
		// clock do not touch.
		return Clock{Epoch: now.Add(-now.Sub(c.Epoch)), Speed: c.Speed}
	}
	return Clock{Epoch: now.Add(-time.Duration(float64(sentAt) / c.Speed)), Speed: c.Speed}
}

// NotBefore returns the clock that a task goes by after it was told something
// that was given at the building's time t. A clock that is slow, because the
// hello was long under way behind a cut link, is set right by the next message;
// what the clocks of one machine differ by is left alone.
func (c Clock) NotBefore(t time.Duration, now time.Time) Clock {
	const alike = time.Millisecond
	if float64(t-c.At(now)) < float64(alike)*c.Speed {
		return c
	}
	return Clock{Epoch: now.Add(-time.Duration(math.Ceil(float64(t) / c.Speed))), Speed: c.Speed}
}
