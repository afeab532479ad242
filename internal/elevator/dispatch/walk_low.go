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

func (w lowWork) all() uint64 { return w.carCalls | w.own | w.other }

// turned returns the same work for a walk that goes the other way.
func (w lowWork) turned() lowWork { return lowWork{w.carCalls, w.other, w.own} }

// above is ahead of a walk that goes up, from a floor or, where passes is 1 and not
// 0, past it. It returns -1 where there is nothing.
func (w lowWork) above(at, passes int, full bool) int {
	beyond := ^uint64(1) << uint(at&63)
	stops, turns := w.carCalls&beyond, uint64(0)
	if !full {
		stops, turns = stops|w.own&(^uint64(0)<<uint((at+passes)&63)), w.other&beyond
	}
	if stops != 0 {
		return bits.TrailingZeros64(stops)
	}
	return bits.Len64(turns) - 1
}

// below is ahead of a walk that goes down.
func (w lowWork) below(at, passes int, full bool) int {
	beyond := uint64(1)<<uint(at&63) - 1
	stops, turns := w.carCalls&beyond, uint64(0)
	if !full {
		stops, turns = stops|w.own&(^uint64(0)>>uint((63-at+passes)&63)), w.other&beyond
	}
	if stops != 0 || turns == 0 {
		return bits.Len64(stops) - 1
	}
	return bits.TrailingZeros64(turns)
}

// costLow is cost in a building of at most 64 floors: the walk of costTall, which
// it is tested against, with everything in a few variables. Dispatchers spend most
// of their time here: its loop calls nothing that is not inlined.
func (p *planner) costLow(s *start, mask uint64, limit float64) float64 {
	landing := p.lowLandings(mask)
	up := s.direction == elevator.Up || s.direction == elevator.None && p.lowSide(s, landing)
	w := lowWork{s.carCalls[0], landing[0], landing[1]}
	if up {
		w = w.turned()
	}
	at, from := int(s.floor), int(s.floor)
	t, departs, persons := s.ready, s.ready, s.persons
	cost, legs, flying := 0.0, 0, 0
	switch {
	case s.bound:
		legs = -1 // it stops at first before it has a choice
		fallthrough
	case s.moving:
		at, t, departs, flying = int(s.first)-int(s.direction), 0, -s.elapsed, 1
	default:
		cost = p.weights.ride * persons * t
	}
	for ; legs < maxLegs; legs++ {
		stop := int(s.first)
		if legs >= 0 {
			if flying == 0 && w.all() == 0 {
				break
			}
			full := persons >= p.bypass[s.car]
			if up {
				stop = w.above(at, flying, full)
			} else {
				stop = w.below(at, flying, full)
			}
			if stop < 0 {
				if flying != 0 {
					// Nothing left on this flight: it ends where it can.
					at, from = int(s.first), int(s.first)
					t = p.fly(s.floor, s.first) - s.elapsed
					departs = t
				}
				w, up = w.turned(), !up
				full = full && w.carCalls != 0
				if up {
					stop = w.above(at, 0, full)
				} else {
					stop = w.below(at, 0, full)
				}
				if stop < 0 {
					break
				}
			}
		}
		open := departs + p.fly(elevator.FloorIndex(from), elevator.FloorIndex(stop)) + p.open
		cost += p.weights.ride * persons * (open - t)
		at, flying = stop, 0
		here, out, in := uint64(1)<<uint(at&63), 0.0, 0.0
		if w.carCalls&here != 0 {
			if persons != 0 {
				out = persons / float64(bits.OnesCount64(w.carCalls))
				persons -= out
			}
			w.carCalls &^= here
		}
		answers := false
		if room := p.capacity[s.car] - persons; room > 0 {
			if w.own&here == 0 && w.other&here != 0 {
				ahead := here - 1
				if up {
					ahead = ^(here<<1 - 1)
				}
				if w.all()&ahead == 0 {
					w, up = w.turned(), !up
				}
			}
			if answers = w.own&here != 0; answers {
				call := p.callAt(mask, at, up)
				cost += call.displeasure(call.age + open)
				w.own &^= here
				w.carCalls |= call.to[0]
				if in = room; call.persons < in {
					in = call.persons
				}
			}
		}
		stay := p.timing.stop(out+in, answers)
		cost += p.weights.ride * ((persons+out/2+in/2)*stay + (persons+in)*p.close)
		persons += in
		t = open + stay + p.close
		if cost+p.weights.busy*t > limit {
			return cost + p.weights.busy*t
		}
		from, departs = at, t
	}
	if legs == maxLegs {
		cost *= 2
	}
	if legs > 0 || s.bound {
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

// callAt returns the oldest call of the mask at a floor and for a direction.
func (p *planner) callAt(mask uint64, floor int, up bool) *planCall {
	side := 0
	if up {
		side = 1
	}
	if i := p.oldest[side][floor&63]; mask>>i&1 != 0 {
		return &p.calls[i]
	}
	for m := mask; ; m &= m - 1 {
		c := &p.calls[bits.TrailingZeros64(m)]
		if int(c.floor) == floor && (c.side == 1) == up {
			return c
		}
	}
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
