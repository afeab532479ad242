package dispatch

import (
	"math/bits"

	"elevator/internal/elevator"
)

// walk is one car on its way through a plan.
type walk struct {
	at         elevator.FloorIndex // where it stands or, moving, the floor before the first it can stop at
	direction  elevator.Direction
	t          float64 // seconds from now
	persons    float64
	carCalls   elevator.FloorSet
	landing    [2]elevator.FloorSet
	cost       float64
	worked     bool
	words      int // of each set of floors that are looked at: see timing
	flying     bool
	flightFrom elevator.FloorIndex
	flightAt   float64 // when the flight began; negative: seconds ago
}

// next returns the floor of the walk's next stop and turns the walk's direction
// towards it, or NoFloor when there is nothing left.
func (p *planner) next(w *walk, s *start) elevator.FloorIndex {
	if !w.flying && w.done() {
		return elevator.NoFloor
	}
	full := w.persons >= p.bypass[s.car]
	if w.direction == elevator.None {
		w.direction = p.side(w)
	}
	if f := ahead(w, full); f != elevator.NoFloor {
		return f
	}
	if w.flying {
		// Nothing left on this flight: it ends where it can.
		first := w.at + elevator.FloorIndex(w.direction)
		w.t = w.flightAt + p.fly(w.flightFrom, first)
		w.at, w.flying = first, false
	}
	w.direction = -w.direction
	if f := ahead(w, full && !w.carCalls.Empty()); f != elevator.NoFloor {
		return f
	}
	w.direction = -w.direction
	return elevator.NoFloor
}

// done reports whether there is no work left.
func (w *walk) done() bool {
	for i := range w.words {
		if w.carCalls[i]|w.landing[0][i]|w.landing[1][i] != 0 {
			return false
		}
	}
	return true
}

// side returns the direction in which a car without one, that has work, begins:
// that of the nearer work, ties up.
func (p *planner) side(w *walk) elevator.Direction {
	for side := range w.landing {
		if w.landing[side].Has(w.at) {
			return elevator.Direction(2*side - 1)
		}
	}
	work := w.carCalls
	for i := range w.words {
		work[i] |= w.landing[0][i] | w.landing[1][i]
	}
	up, down := work.Above(w.at), work.Below(w.at)
	switch {
	case down == elevator.NoFloor:
		return elevator.Up
	case up == elevator.NoFloor:
		return elevator.Down
	case p.fly(w.at, up) <= p.fly(w.at, down):
		return elevator.Up
	}
	return elevator.Down
}

// lower returns the lower of two floors, of which either may be NoFloor.
func lower(a, b elevator.FloorIndex) elevator.FloorIndex {
	if a == elevator.NoFloor || b != elevator.NoFloor && b < a {
		return b
	}
	return a
}

// ahead returns the next stop in the walk's direction: the nearest car call or
// landing call of that direction, else the furthest one of the other.
func ahead(w *walk, full bool) elevator.FloorIndex {
	if w.direction == elevator.Up {
		return w.above(full)
	}
	return w.below(full)
}

// above is ahead of a walk that goes up.
func (w *walk) above(full bool) elevator.FloorIndex {
	if !full && !w.flying && w.landing[1].Has(w.at) {
		return w.at
	}
	first := int(w.at >> 6)
	beyond := ^uint64(0) << (uint(w.at&63) + 1)
	for i := first; i < w.words; i++ {
		stops := w.carCalls[i]
		if !full {
			stops |= w.landing[1][i]
		}
		if stops &= beyond; stops != 0 {
			return elevator.FloorIndex(i<<6 + bits.TrailingZeros64(stops))
		}
		beyond = ^uint64(0)
	}
	if full {
		return elevator.NoFloor
	}
	for i := w.words - 1; i >= first; i-- {
		if turns := w.landing[0][i]; turns != 0 {
			if f := elevator.FloorIndex(i<<6 + 63 - bits.LeadingZeros64(turns)); f > w.at {
				return f
			}
			break
		}
	}
	return elevator.NoFloor
}

// below is ahead of a walk that goes down.
func (w *walk) below(full bool) elevator.FloorIndex {
	if !full && !w.flying && w.landing[0].Has(w.at) {
		return w.at
	}
	first := int(w.at >> 6)
	beyond := uint64(1)<<uint(w.at&63) - 1
	for i := first; i >= 0; i-- {
		stops := w.carCalls[i]
		if !full {
			stops |= w.landing[0][i]
		}
		if stops &= beyond; stops != 0 {
			return elevator.FloorIndex(i<<6 + 63 - bits.LeadingZeros64(stops))
		}
		beyond = ^uint64(0)
	}
	if full {
		return elevator.NoFloor
	}
	for i := 0; i <= first; i++ {
		if turns := w.landing[1][i]; turns != 0 {
			if f := elevator.FloorIndex(i<<6 + bits.TrailingZeros64(turns)); f < w.at {
				return f
			}
			break
		}
	}
	return elevator.NoFloor
}

// land ends the walk's flight at floor f, or makes it one there, and returns when
// it arrives.
func (t *timing) land(w *walk, f elevator.FloorIndex) (arrival float64) {
	switch {
	case w.flying:
		w.flying = false
		return w.flightAt + t.fly(w.flightFrom, f)
	case f != w.at:
		return w.t + t.fly(w.at, f)
	}
	return w.t
}

// stopAt moves the walk to floor f and lets it stop there.
func (p *planner) stopAt(w *walk, s *start, f elevator.FloorIndex, mask uint64) {
	open := p.land(w, f) + p.open
	w.cost += p.weights.ride * w.persons * (open - w.t)
	out := 0.0
	if w.carCalls.Has(f) {
		out = w.persons / float64(w.carCalls.Len())
		w.carCalls.Remove(f)
	}
	w.at, w.worked = f, true
	w.persons -= out
	call := p.answerAt(w, s, f, mask)
	in := 0.0
	if call != nil {
		w.cost += call.displeasure(call.age + open)
		in = min(call.persons, max(0, p.capacity[s.car]-w.persons))
		for i := range call.to {
			w.carCalls[i] |= call.to[i]
		}
	}
	stay := p.timing.stop(out+in, call != nil)
	w.cost += p.weights.ride * ((w.persons+out/2+in/2)*stay + (w.persons+in)*p.close)
	w.persons += in
	w.t = open + stay + p.close
}

// answerAt decides which landing call the car takes at floor f and takes it out
// of the walk's work.
func (p *planner) answerAt(w *walk, s *start, f elevator.FloorIndex, mask uint64) *planCall {
	side, ok := p.serves(w, s, f)
	if !ok {
		return nil
	}
	for m := mask; m != 0; m &= m - 1 {
		if c := &p.calls[bits.TrailingZeros64(m)]; c.floor == f && int(c.side) == side {
			return c
		}
	}
	return nil
}

// serves decides which side's calls the car takes at floor f, turns the walk's
// direction that way, and takes them out of the walk's work.
func (p *planner) serves(w *walk, s *start, f elevator.FloorIndex) (side int, ok bool) {
	if w.persons >= p.capacity[s.car] {
		return 0, false
	}
	side = Side(w.direction)
	if !w.landing[side].Has(f) {
		if !w.landing[1-side].Has(f) || ahead(w, false) != elevator.NoFloor {
			return 0, false
		}
		side = 1 - side
		w.direction = -w.direction
	}
	w.landing[side].Remove(f)
	return side, true
}
