package ui

import (
	"math"
	"slices"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/alarm"
	"elevator/internal/elevator/stats"
)

// historyMinutes is how far back the charts go, in the building's time.
const historyMinutes = 60

// longWait is the wait from which on the field speaks of a long one.
const longWait = alarm.LongWait

// figures are the statistics as they were at the last full second: of those
// who arrived in the last minutes, waits that still go on included.
type figures struct {
	five, quarter, hour stats.Result
	minutes             []stats.Minute // the last hour, the oldest first
	run                 stats.Result   // the whole run
	runKnown            bool           // somebody has seen the whole run
	up, down            []int          // landing calls registered at each floor since this dashboard looks
}

func newFigures(floors int) figures {
	return figures{up: make([]int, floors), down: make([]int, floors)}
}

// compute takes the figures of the last minutes before now from the collector.
func (f *figures) compute(c *stats.Collector, now time.Duration) {
	f.five = c.Between(now-5*time.Minute, math.MaxInt64)
	f.quarter = c.Between(now-15*time.Minute, math.MaxInt64)
	f.hour = c.Between(now-historyMinutes*time.Minute, math.MaxInt64)
	f.minutes = c.PerMinute(historyMinutes)
}

// count notes a landing call.
func (f *figures) count(e *elevator.Event) {
	switch {
	case e.Kind != elevator.LandingCallRegistered:
	case e.Direction == elevator.Down:
		f.down[e.Floor]++
	default:
		f.up[e.Floor]++
	}
}

func (f *figures) clone() figures {
	c := *f
	c.minutes, c.up, c.down = slices.Clone(f.minutes), slices.Clone(f.up), slices.Clone(f.down)
	return c
}
