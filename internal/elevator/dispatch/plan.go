package dispatch

import (
	"math/bits"

	"elevator/internal/elevator"
	"elevator/internal/elevator/motion"
)

// maxPlanned is how many lit calls are planned for at once: the oldest. Others
// keep their cars.
const maxPlanned = 64

// planCall is a lit call as a plan sees it.
type planCall struct {
	floor     elevator.FloorIndex
	side      int8 // see Side
	age       float64
	weight    float64 // how many people its wait counts for
	persons   float64 // how many are expected to board
	perSecond float64 // how many come
	to        elevator.FloorSet
	trip      float64 // seconds from open doors to those at the nearest of these floors at least
}

// start is where the plan of one car begins.
type start struct {
	car       int
	floor     elevator.FloorIndex // where it stands, or where its flight began
	moving    bool
	elapsed   float64             // seconds since its flight began
	first     elevator.FloorIndex // moving: the first floor at which it can still stop
	bound     bool                // moving: it must stop at first
	ready     float64             // standing: seconds until it can depart
	direction elevator.Direction
	persons   float64
	carCalls  elevator.FloorSet

	last    elevator.FloorIndex // the last car call in its direction; NoFloor: none
	reaches float64             // seconds until it has served that at the earliest
}

// unoccupied reports whether nobody is aboard and no car call is lit.
func (s *start) unoccupied() bool { return s.persons == 0 && s.carCalls.Empty() }

// weights are the prices of a plan.
type weights struct {
	ride float64 // β: for a person's second aboard, in the unit of squared seconds waited
	busy float64 // μ: for a second until the car's plan ends
}

// planner walks cars through what they have to do.
type planner struct {
	timing
	law     *motion.Law
	weights weights
	calls   []planCall
	starts  []start
	oldest  [2][64]uint8 // by side and floor, where those are at most 64: the first of calls there; elsewhere anything
}

// add takes a call into the plan.
func (p *planner) add(c planCall) *planCall {
	i := len(p.calls)
	p.calls = append(p.calls, c)
	if p.words == 1 {
		first := &p.oldest[c.side][c.floor]
		if old := int(*first); old >= i || p.calls[old].floor != c.floor || p.calls[old].side != c.side {
			*first = uint8(i)
		}
	}
	return &p.calls[i]
}

// begin reads where car i stands or flies.
func (p *planner) begin(v *View, i int) {
	car, s := &v.Cars[i], &p.starts[i]
	*s = start{
		car: i, floor: car.Floor, direction: car.Direction,
		persons: float64(car.Persons), carCalls: car.CarCalls,
	}
	switch {
	case car.Moving:
		p.beginMoving(v, car, s)
	case car.Doors == elevator.DoorsAreClosed:
		if car.Persons == 0 && car.CarCalls.Empty() {
			s.direction = elevator.None
		}
	default:
		p.beginOpen(v, car, s)
	}
	p.end(s)
}

func (p *planner) beginMoving(v *View, car *CarView, s *start) {
	elapsed := v.Now - car.DepartedAt
	if d := car.FromM - p.law.ElevationM(car.Floor); d > 0.01 || d < -0.01 {
		// A levelling run: it ends where it ends.
		s.floor = car.Target
		s.ready = seconds(p.law.LevellingTime(car.FromM, car.Target) - elapsed)
		return
	}
	s.moving, s.elapsed = true, seconds(elapsed)
	s.first = p.law.NextStop(car.Floor, car.Target, elapsed)
	s.bound = s.first == car.Target && elapsed > p.law.CommitTime(car.Floor, car.Target)
}

// beginOpen estimates when the doors of a standing car will have closed. Who is
// still to step out is known only where nobody aboard has a car call left.
func (p *planner) beginOpen(v *View, car *CarView, s *start) {
	since := seconds(v.Now - car.DoorsSince)
	leaving := 0.0
	if car.CarCalls.Empty() {
		leaving, s.persons = s.persons, 0
	}
	switch car.Doors {
	case elevator.DoorsAreOpening:
		s.ready = max(0, p.open-since) + p.timing.stop(leaving+1, true) + p.close
	case elevator.DoorsAreOpen:
		s.ready = max(p.timing.stop(leaving, true)-since, (leaving+0.5)*p.transfer) + p.close
	case elevator.DoorsAreClosing:
		s.ready = max(0, p.close-since)
	}
	if s.persons == 0 && car.CarCalls.Empty() {
		s.direction = elevator.None
	}
}

// earliest returns the seconds in which the car could be there for the call at
// the earliest: directly where the call lies ahead in its direction or nobody is
// aboard, else after the last car call in its direction.
func (p *planner) earliest(s *start, call *planCall) float64 {
	f := call.floor
	if s.last != elevator.NoFloor {
		from := s.floor
		if s.moving {
			from = s.first
		}
		if Side(s.direction) != int(call.side) || elevator.FloorIndex(s.direction)*(f-from) < 0 {
			return s.reaches + p.fly(s.last, f)
		}
	}
	if !s.moving {
		return s.ready + p.fly(s.floor, f)
	}
	if elevator.FloorIndex(s.direction)*(f-s.first) >= 0 && !s.bound || f == s.first {
		return p.fly(s.floor, f) - s.elapsed
	}
	return p.fly(s.floor, s.first) - s.elapsed + p.fly(s.first, f)
}

// end finds the last car call in the car's direction and when it is served.
func (p *planner) end(s *start) {
	s.last = elevator.NoFloor
	if s.direction == elevator.None || s.carCalls.Empty() {
		return
	}
	if s.direction == elevator.Up {
		s.last = s.carCalls.Below(elevator.MaxFloors)
	} else {
		s.last = s.carCalls.Above(elevator.NoFloor)
	}
	if elevator.FloorIndex(s.direction)*(s.last-s.floor) <= 0 {
		s.last = elevator.NoFloor
		return
	}
	s.reaches = p.fly(s.floor, s.last) + p.open + p.close
	if s.moving {
		s.reaches -= s.elapsed
	} else {
		s.reaches += s.ready
	}
}

// maxLegs bounds a plan: a car that still has work then is charged as if the
// rest took as long as all before.
const maxLegs = 96

// cost returns what it costs that car s serves the calls of the mask (bits
// index p.calls) beside its car calls: the sum of the displeasure of those
// calls' waits, plus weights.ride for every second of every person aboard, plus
// weights.busy for every second until the car has nothing left to do. The walk
// follows the rule of the car's collective control. It is given up once it has cost
// more than the limit: what is returned is then above the limit, too, but not all.
func (p *planner) cost(s *start, mask uint64, limit float64) float64 {
	if p.words == 1 {
		return p.costLow(s, mask, limit)
	}
	return p.costTall(s, mask, limit)
}

// costTall is cost in a building of any height.
func (p *planner) costTall(s *start, mask uint64, limit float64) float64 {
	w := walk{at: s.floor, direction: s.direction, words: p.words, t: s.ready, persons: s.persons, carCalls: s.carCalls}
	for m := mask; m != 0; m &= m - 1 {
		c := &p.calls[bits.TrailingZeros64(m)]
		w.landing[c.side].Add(c.floor)
	}
	if s.moving {
		w.flying, w.flightFrom, w.flightAt = true, s.floor, -s.elapsed
		w.t = 0
		w.at = s.first - elevator.FloorIndex(s.direction)
		if s.bound {
			p.stopAt(&w, s, s.first, mask)
		}
	} else {
		w.cost += p.weights.ride * w.persons * w.t
	}
	legs := 0
	for ; legs < maxLegs; legs++ {
		next := p.next(&w, s)
		if next == elevator.NoFloor {
			break
		}
		p.stopAt(&w, s, next, mask)
		if cost := w.cost + p.weights.busy*w.t; cost > limit {
			return cost
		}
	}
	if legs == maxLegs {
		w.cost *= 2
	}
	if w.worked {
		w.cost += p.weights.busy * w.t
	}
	return w.cost
}

// displeasure is what it costs that the call waits so many seconds in all. Who
// has come and will come after the one who pressed, at so many a second, has
// waited for less: the integral of their squares is a third of the cube.
func (c *planCall) displeasure(waited float64) float64 {
	return c.weight*displeasure(waited) + c.perSecond*waited*waited*waited/3
}

// longWait is from when on a wait counts more than its square, in seconds, so
// that no call starves for the good of all others.
const longWait = 60.0

// displeasure is what a wait of so many seconds costs.
func displeasure(waited float64) float64 {
	cost := waited * waited
	if over := waited - longWait; over > 0 {
		cost += longWaitPrice * over * over
	}
	return cost
}

// longWaitPrice is the price of the square of the seconds beyond longWait.
const longWaitPrice = 4.0
