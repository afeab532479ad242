package operator

import (
	"time"

	"elevator/internal/elevator"
)

// carCallAges knows since when the lit car calls of each car are lit, which the
// group does not: nothing decides by it.
type carCallAges struct {
	since [][]time.Duration // by car and floor; means something where the call is lit
}

func newCarCallAges(b *elevator.Building) *carCallAges {
	a := &carCallAges{since: make([][]time.Duration, len(b.Cars))}
	for i := range a.since {
		a.since[i] = make([]time.Duration, len(b.Floors))
	}
	return a
}

// note takes an event that was folded. The calls of a snapshot are as old as
// the snapshot: when they were made is not in it.
func (a *carCallAges) note(e *elevator.Event, b before) {
	switch {
	case e.Kind == elevator.CarCallRegistered && !b.lit:
		a.since[e.Car][e.Floor] = e.T
	case e.Kind == elevator.SnapshotTaken:
		a.joined(e.T)
	}
}

// joined says that whatever is lit was seen first at t.
func (a *carCallAges) joined(t time.Duration) {
	for _, floors := range a.since {
		for f := range floors {
			floors[f] = t
		}
	}
}

// oldest returns for each car the age of its oldest lit call, 0 without one.
func (a *carCallAges) oldest(g *elevator.Group, now time.Duration) []time.Duration {
	ages := make([]time.Duration, len(g.Cars))
	for c := range g.Cars {
		for f := range g.Building.Floors {
			if g.Cars[c].CarCalls.Has(elevator.FloorIndex(f)) {
				ages[c] = max(ages[c], now-a.since[c][f])
			}
		}
	}
	return ages
}
