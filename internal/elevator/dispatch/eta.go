package dispatch

import (
	"math"
	"time"

	"elevator/internal/elevator"
)

// eta assigns calls to cars at the least cost and reconsiders at every event.
// The cost of an assignment is the sum over cars of what planner.cost says of
// each car's calls: squared predicted waits, of those expected to come after the
// one who pressed too, seconds spent aboard, and seconds until the car is free. The search gives the calls, the oldest first, each to
// the car with the least increase, then moves single calls and swaps pairs as
// long as that helps. A call stays with the car it has unless another is better
// by a margin, and once that car has begun to slow down for it.
//
// Continuous reassignment by estimated time of arrival is the common practice of
// modern group controls with up and down buttons; the weights were found by
// simulation of the benchmark of Crites and Barto (1996) with seeds of their own.
type eta struct {
	planner
	rates  rates
	parker parker
	table  costTable
	tuning tuning
	pins   []pin
	solved time.Duration        // when the search was made last
	walks  int                  // plans walked to improve on the assignment in this search: see patience
	doors  []elevator.DoorState // of each car when it was looked at last
	lit    [2]elevator.FloorSet // in Wake: the floors with a call, by side

	owner []int8 // of each planned call while searching; -1: none
	masks []uint64
	costs []float64         // of each car with its mask; NaN: not computed
	reach []float64         // by call*cars+car: seconds until the car can open there at the earliest
	least []float64         // by call*cars+car: see atLeast
	able  []elevator.CarSet // the cars that may be given each call
	loyal []int8            // the car of each call, which it leaves at the price of keep; -1: none
	fixed uint64            // the planned calls whose cars keep them, a bit each
	empty elevator.CarSet   // the cars that are unoccupied
}

// tuning holds the weights of eta.
type tuning struct {
	weights
	keep   float64 // h: how much better another car must be for a call to move
	passes int
	park   bool
}

func defaultTuning() tuning {
	return tuning{weights: weights{ride: 8, busy: 25}, keep: 50, passes: 4, park: true}
}

func newETA(p Plant) Dispatcher { return newTunedETA(p, defaultTuning()) }

func newTunedETA(p Plant, t tuning) *eta {
	cars := len(p.Building.Cars)
	times := newTiming(p)
	return &eta{
		planner: planner{timing: *times, law: p.Law, weights: t.weights, starts: make([]start, cars)},
		rates:   newRates(times),
		parker:  newParker(p.Building),
		tuning:  t,
		masks:   make([]uint64, cars),
		doors:   make([]elevator.DoorState, cars),
		costs:   make([]float64, cars),
	}
}

func (*eta) Name() string { return "eta" }

func (e *eta) Wake(v *View) (time.Duration, bool) {
	if len(v.Calls) == 0 {
		return 0, false
	}
	e.lit = [2]elevator.FloorSet{}
	for i := range v.Calls {
		key := &v.Calls[i].Key
		e.lit[Side(key.Direction)].Add(key.Floor)
	}
	first := never
	for i := range v.Cars {
		if v.Cars[i].Moving {
			first = min(first, e.decisionTime(v.Now, &v.Cars[i]))
		}
	}
	return first, first != never
}

// never is a time that does not come.
const never = time.Duration(math.MaxInt64)

// decisionTime returns the next moment after now at which a moving car must
// decide whether to stop at a floor where a call is lit, and never where there
// is none. It is a little before the moment itself, so that the decision arrives
// in time.
func (e *eta) decisionTime(now time.Duration, car *CarView) time.Duration {
	if car.Target == elevator.NoFloor {
		return never
	}
	side := Side(elevator.Toward(car.Floor, car.Target))
	for f := car.Floor; f != car.Target; {
		if side == 1 {
			f = lower(e.lit[1].Above(f), car.Target)
		} else {
			f = max(e.lit[0].Below(f), car.Target)
		}
		if f == car.Target && !e.lit[0].Has(f) && !e.lit[1].Has(f) {
			break
		}
		if at := car.DepartedAt + e.law.CommitTime(car.Floor, f) - decisionLead; at > now {
			return at
		}
	}
	return never
}

// decisionLead is how long before the last moment a decision is made, for
// messages to arrive in.
const decisionLead = 50 * time.Millisecond

func (e *eta) Dispatch(v *View, out []Decision) []Decision {
	if v.Changed&(LoadChanged|MotionChanged|ServiceChanged) != 0 {
		e.rates.observe(v)
	}
	if v.Changed == LoadChanged {
		return out // people step in and out: what matters follows when the doors close
	}
	if !e.matters(v) {
		return out
	}
	if len(v.Calls) > 0 {
		e.solved = v.Now
		e.read(v)
		e.search(v)
		for i := range e.calls {
			if e.owner[i] < 0 {
				continue
			}
			c, cars := elevator.CarIndex(e.owner[i]), e.beside(v, i)
			if call := &v.Calls[i]; c != call.Car || cars != call.Cars {
				out = append(out, Decision{Call: call.Key, Cars: cars, Main: c, Park: elevator.NoCar})
			}
		}
	}
	if e.tuning.park {
		out = e.parker.park(v, &e.rates, out)
	}
	return out
}

// matters reports whether the view has changed in a way that could change a
// decision. What the cars made of the decisions of this very instant does not,
// nor do doors that have come to be open: how long they stay so was foreseen.
func (e *eta) matters(v *View) bool {
	opened, other := false, false
	for i := range v.Cars {
		doors := v.Cars[i].Doors
		if doors == e.doors[i] {
			continue
		}
		if doors == elevator.DoorsAreOpen && e.doors[i] == elevator.DoorsAreOpening {
			opened = true
		} else {
			other = true
		}
		e.doors[i] = doors
	}
	return v.Changed&^(MotionChanged|LoadChanged) != 0 || v.Now != e.solved && (other || !opened)
}

// read prepares the planner for the view.
func (e *eta) read(v *View) {
	takes := elevator.CarSet(0)
	e.empty = 0
	for i := range v.Cars {
		e.begin(v, i)
		if e.starts[i].unoccupied() {
			e.empty = e.empty.With(elevator.CarIndex(i))
		}
		if v.Cars[i].InGroup {
			takes = takes.With(elevator.CarIndex(i))
		}
	}
	n := min(len(v.Calls), maxPlanned)
	decay := e.rates.decayed(v.Now)
	e.forget()
	for i := range n {
		call := &v.Calls[i]
		e.plan(v, call, decay)
		able := e.pinned(call.Key, e.available(v, call.Key, takes))
		loyal := int8(-1)
		if able.Has(call.Car) {
			loyal = int8(call.Car)
		}
		if call.Car != elevator.NoCar && e.committed(v, call.Car, call.Key) {
			e.fixed |= bit(i)
		}
		e.able, e.loyal, e.owner = append(e.able, able), append(e.loyal, loyal), append(e.owner, -1)
		e.reachOf(&e.calls[i])
	}
}

// forget empties what read fills.
func (e *eta) forget() {
	e.calls, e.owner = e.calls[:0], e.owner[:0]
	e.able, e.loyal, e.fixed = e.able[:0], e.loyal[:0], 0
	e.reach, e.least = e.reach[:0], e.least[:0]
}

// isFixed reports whether the car of call i keeps it.
func (e *eta) isFixed(i int) bool { return e.fixed&bit(i) != 0 }

// bit is the mask of planned call i alone.
func bit(i int) uint64 { return 1 << (uint(i) % maxPlanned) }

// available is View.Available where takes are the cars in the group.
func (e *eta) available(v *View, key elevator.CallKey, takes elevator.CarSet) elevator.CarSet {
	if v.Avoid != nil || key.To != elevator.NoFloor {
		return v.Available(key)
	}
	return e.serving[key.Floor] & takes
}

// pin says of one call that a car must go for it, or must not, whatever it
// costs.
type pin struct {
	call  elevator.CallKey
	car   elevator.CarIndex
	serve bool
	until time.Duration
}

// pinned returns which of the able cars the pins leave for a call.
func (e *eta) pinned(call elevator.CallKey, able elevator.CarSet) elevator.CarSet {
	for i := range e.pins {
		p := &e.pins[i]
		switch {
		case p.call != call || !able.Has(p.car):
		case p.serve:
			return elevator.CarSet(0).With(p.car)
		case able != elevator.CarSet(0).With(p.car):
			able = able.Without(p.car)
		}
	}
	return able
}

// plan takes a lit call into the plan: it estimates who stands behind it and
// where they want to go. Decay is what is left now of the rates' counts.
func (e *eta) plan(v *View, call *elevator.LandingCall, decay float64) {
	side := Side(call.Key.Direction)
	age := seconds(v.Now - call.RegisteredAt)
	c := e.add(planCall{floor: call.Key.Floor, side: int8(side), age: age, weight: 1})
	c.perSecond = e.rates.count[side][c.floor] * decay / rateMemory.Seconds()
	c.persons = 1 + c.perSecond*age
	if c.floor == e.terminal {
		c.weight = c.persons
	}
	c.to = e.destinations(call.Key, c.persons)
	nearest := c.to.Above(c.floor)
	if side == 0 {
		nearest = c.to.Below(c.floor)
	}
	c.trip = e.close + e.fly(c.floor, nearest) + e.open
}

// destinations guesses where so many people behind a call want to go: down to
// the main terminal, or spread evenly over the floors above.
func (t *timing) destinations(key elevator.CallKey, persons float64) elevator.FloorSet {
	var set elevator.FloorSet
	if key.To != elevator.NoFloor {
		set.Add(key.To)
		return set
	}
	if elevator.Toward(key.Floor, t.terminal) == key.Direction {
		set.Add(t.terminal)
		return set
	}
	n := max(1, int(persons+0.5))
	low, high := key.Floor+1, elevator.FloorIndex(t.floors-1)
	if key.Direction == elevator.Down {
		low, high = 0, key.Floor-1
	}
	span := float64(high - low + 1)
	for i := range n {
		set.Add(low + elevator.FloorIndex((float64(i)+0.5)*span/float64(n)))
	}
	return set
}

// committed reports whether the car has begun to slow down for the call, or
// stands at its floor.
func (e *eta) committed(v *View, c elevator.CarIndex, key elevator.CallKey) bool {
	car := &v.Cars[c]
	if !car.InGroup {
		return false
	}
	return car.Moving && car.Target == key.Floor &&
		v.Now-car.DepartedAt > e.law.CommitTime(car.Floor, car.Target)
}
