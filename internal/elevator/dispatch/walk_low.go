package dispatch

import (
	"math/bits"

	"elevator/internal/elevator"
)

// lowWork is the work of a walk in a building of at most 64 floors, each set of
// floors in one word.
type lowWork struct {
	carCalls, own, other uint64 // own and other are landing calls, of the walk's direction and against it
}

func (w lowWork) none() bool { return w.carCalls|w.own|w.other == 0 }

// turned returns the same work for a walk that goes the other way.
func (w lowWork) turned() lowWork { return lowWork{w.carCalls, w.other, w.own} }

// costLow is cost in a building of at most 64 floors: the walk of costTall, which
// it is tested against, with everything in a few variables. Dispatchers spend most
// of their time here.
func (p *planner) costLow(s *start, mask uint64) float64 {
	landing := p.lowLandings(mask)
	up := s.direction == elevator.Up || s.direction == elevator.None && p.lowSide(s, landing)
	w := lowWork{s.carCalls[0], landing[0], landing[1]}
	if up {
		w = w.turned()
	}
	at, t, persons, flying := int(s.floor), s.ready, s.persons, s.moving
	bypass, capacity := p.bypass[s.car], p.capacity[s.car]
	cost, worked, legs := 0.0, false, 0
	switch {
	case s.bound:
		legs, t = -1, 0 // it stops at first before it has a choice
	case flying:
		at, t = int(s.first)-int(s.direction), 0
	default:
		cost = p.weights.ride * persons * t
	}
	for ; legs < maxLegs; legs++ {
		stop := int(s.first)
		if legs >= 0 {
			if !flying && w.none() {
				break
			}
			full := persons >= bypass
			if stop = w.ahead(up, at, flying, full); stop < 0 {
				if flying {
					// Nothing left on this flight: it ends where it can.
					at, flying = int(s.first), false
					t = p.fly(s.floor, s.first) - s.elapsed
				}
				w, up = w.turned(), !up
				if stop = w.ahead(up, at, false, full && w.carCalls != 0); stop < 0 {
					break
				}
			}
		}
		arrival := t
		if flying {
			arrival, flying = p.fly(s.floor, elevator.FloorIndex(stop))-s.elapsed, false
		} else if stop != at {
			arrival += p.fly(elevator.FloorIndex(at), elevator.FloorIndex(stop))
		}
		at, worked = stop, true
		open := arrival + p.open
		cost += p.weights.ride * persons * (open - t)
		here, out, in := uint64(1)<<uint(at), 0.0, 0.0
		if w.carCalls&here != 0 {
			out = persons / float64(bits.OnesCount64(w.carCalls))
			w.carCalls &^= here
			persons -= out
		}
		answers := false
		if persons < capacity {
			if w.own&here == 0 && w.other&here != 0 && w.ahead(up, at, false, false) < 0 {
				w, up = w.turned(), !up
			}
			if answers = w.own&here != 0; answers {
				call := p.callAt(mask, at, up)
				cost += call.displeasure(call.age + open)
				w.own &^= here
				w.carCalls |= call.to[0]
				in = min(call.persons, capacity-persons)
			}
		}
		stay := p.timing.stop(out+in, answers)
		cost += p.weights.ride * ((persons+out/2+in/2)*stay + (persons+in)*p.close)
		persons += in
		t = open + stay + p.close
	}
	if legs == maxLegs {
		cost *= 2
	}
	if worked {
		cost += p.weights.busy * t
	}
	return cost
}

// lowLandings returns the landing calls of the mask by side.
func (p *planner) lowLandings(mask uint64) (landing [2]uint64) {
	for m := mask; m != 0; m &= m - 1 {
		c := &p.calls[bits.TrailingZeros64(m)]
		landing[c.side] |= 1 << uint(c.floor)
	}
	return landing
}

// callAt returns the call of the mask at a floor and for a direction.
func (p *planner) callAt(mask uint64, floor int, up bool) *planCall {
	for m := mask; ; m &= m - 1 {
		c := &p.calls[bits.TrailingZeros64(m)]
		if int(c.floor) == floor && (c.side == 1) == up {
			return c
		}
	}
}

// ahead returns the next stop of a walk that is at a floor, or flies past it: see
// the function ahead. It returns -1 where there is none.
func (w lowWork) ahead(up bool, at int, flying, full bool) int {
	stops, turns := w.carCalls, uint64(0)
	here := uint64(1) << uint(at)
	if !full {
		if !flying && w.own&here != 0 {
			return at
		}
		stops, turns = stops|w.own, w.other
	}
	if up {
		beyond := ^(here<<1 - 1)
		if stops &= beyond; stops != 0 {
			return bits.TrailingZeros64(stops)
		}
		if turns&beyond != 0 {
			return 63 - bits.LeadingZeros64(turns)
		}
		return -1
	}
	beyond := here - 1
	if stops &= beyond; stops != 0 {
		return 63 - bits.LeadingZeros64(stops)
	}
	if turns&beyond != 0 {
		return bits.TrailingZeros64(turns)
	}
	return -1
}

// lowSide reports whether a car without direction begins upwards: see side.
func (p *planner) lowSide(s *start, landing [2]uint64) bool {
	at := uint(s.floor)
	here := uint64(1) << at
	switch {
	case landing[0]&here != 0:
		return false
	case landing[1]&here != 0:
		return true
	}
	work := s.carCalls[0] | landing[0] | landing[1]
	above, below := work&^(here<<1-1), work&(here-1)
	switch {
	case below == 0:
		return true
	case above == 0:
		return false
	}
	nearestUp, nearestDown := bits.TrailingZeros64(above), 63-bits.LeadingZeros64(below)
	return p.fly(s.floor, elevator.FloorIndex(nearestUp)) <= p.fly(s.floor, elevator.FloorIndex(nearestDown))
}
