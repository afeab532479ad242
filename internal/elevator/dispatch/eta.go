package dispatch

import (
	"math"
	"math/bits"
	"time"

	"elevator/internal/elevator"
)

// eta assigns calls to cars at the least cost and reconsiders at every event.
// The cost of an assignment is the sum over cars of what planner.cost says of
// each car's calls: squared predicted waits, seconds spent aboard, and seconds
// until the car is free. The search gives the calls, the oldest first, each to
// the car with the least increase, then moves single calls and swaps pairs as
// long as that helps. A call stays with the car it has unless another is better
// by a margin, and once that car has begun to slow down for it.
//
// Continuous reassignment by estimated time of arrival is the common practice of
// modern group controls with up and down buttons; the weights were found by
// simulation of the benchmark of Crites and Barto (1996).
type eta struct {
	planner
	rates  rates
	parker parker
	table  costTable
	tuning tuning
	pins   []pin

	owner []int8 // of each planned call while searching; -1: none
	masks []uint64
	costs []float64
	able  []elevator.CarSet // the cars that may be given each call
	fixed []bool
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
	return &eta{
		planner: planner{timing: *newTiming(p), law: p.Law, weights: t.weights, starts: make([]start, cars)},
		rates:   newRates(p.Building),
		parker:  newParker(p.Building),
		tuning:  t,
		masks:   make([]uint64, cars),
		costs:   make([]float64, cars),
	}
}

func (*eta) Name() string { return "eta" }

func (e *eta) Wake(v *View) (time.Duration, bool) {
	var first time.Duration
	found := false
	if len(v.Calls) == 0 {
		return 0, false
	}
	for i := range v.Cars {
		if at, ok := e.decisionTime(v, &v.Cars[i]); ok && (!found || at < first) {
			first, found = at, true
		}
	}
	return first, found
}

func (e *eta) Dispatch(v *View, out []Decision) []Decision {
	if v.Changed&(LoadChanged|MotionChanged|ServiceChanged) != 0 {
		e.rates.observe(v)
	}
	if v.Changed == LoadChanged {
		return out // people step in and out: what matters follows when the doors close
	}
	if len(v.Calls) > 0 {
		e.read(v)
		e.search(v)
		for i := range e.calls {
			if c := e.owner[i]; c >= 0 && elevator.CarIndex(c) != v.Calls[i].Car {
				out = append(out, Give(v.Calls[i].Key, elevator.CarIndex(c)))
			}
		}
	}
	if e.tuning.park {
		out = e.parker.park(v, &e.rates, out)
	}
	return out
}

// read prepares the planner for the view.
func (e *eta) read(v *View) {
	for i := range v.Cars {
		e.starts[i] = e.begin(v, i)
	}
	n := min(len(v.Calls), maxPlanned)
	e.calls = e.calls[:0]
	e.owner = e.owner[:0]
	e.fixed, e.able = e.fixed[:0], e.able[:0]
	for i := range n {
		e.calls = append(e.calls, e.plan(v, &v.Calls[i]))
		owner := v.Calls[i].Car
		e.fixed = append(e.fixed, owner != elevator.NoCar && e.committed(v, owner, v.Calls[i].Key))
		e.able = append(e.able, e.pinned(v.Calls[i].Key, v.Available(v.Calls[i].Key)))
		e.owner = append(e.owner, -1)
	}
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

// plan estimates who stands behind a lit call and where they want to go.
func (e *eta) plan(v *View, call *elevator.LandingCall) planCall {
	side := Side(call.Key.Direction)
	age := seconds(v.Now - call.RegisteredAt)
	c := planCall{floor: call.Key.Floor, side: int8(side), age: age, weight: 1}
	c.persons = 1 + e.rates.perSecond(c.floor, side, v.Now)*age
	if v.Building.Floors[c.floor].MainTerminal {
		c.weight = c.persons
	}
	c.to = destinations(v.Building, call.Key, c.persons)
	return c
}

// destinations guesses where so many people behind a call want to go: down to
// the main terminal, or spread evenly over the floors above.
func destinations(b *elevator.Building, key elevator.CallKey, persons float64) elevator.FloorSet {
	var set elevator.FloorSet
	terminal := b.MainTerminal()
	if key.To != elevator.NoFloor {
		set.Add(key.To)
		return set
	}
	if elevator.Toward(key.Floor, terminal) == key.Direction {
		set.Add(terminal)
		return set
	}
	n := max(1, int(persons+0.5))
	low, high := key.Floor+1, elevator.FloorIndex(len(b.Floors)-1)
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

// search finds the owner of every planned call.
func (e *eta) search(v *View) {
	e.table.reset()
	for c := range e.masks {
		e.masks[c] = 0
	}
	for i := range e.calls {
		if c := v.Calls[i].Car; c != elevator.NoCar && (e.fixed[i] || e.able[i].Has(c)) {
			e.owner[i] = int8(c)
			e.masks[c] |= 1 << i
		}
	}
	for c := range e.masks {
		e.costs[c] = e.at(c, e.masks[c])
	}
	for i := range e.calls {
		if e.owner[i] < 0 {
			e.insert(v, i)
		}
	}
	for range e.tuning.passes {
		if !e.improve(v) {
			break
		}
	}
}

// at returns the cost of car c with the calls of the mask, from the table
// where it is known.
func (e *eta) at(c int, mask uint64) float64 {
	if cost, ok := e.table.get(c, mask); ok {
		return cost
	}
	cost := 0.0
	if mask != 0 || e.starts[c].persons > 0 || !e.starts[c].carCalls.Empty() {
		cost = e.cost(&e.starts[c], mask)
	}
	e.table.put(c, mask, cost)
	return cost
}

// loyalty is what it costs that call i goes to car c although another has it.
func (e *eta) loyalty(v *View, i, c int) float64 {
	if owner := v.Calls[i].Car; owner == elevator.NoCar || int(owner) == c || !e.able[i].Has(owner) {
		return 0
	}
	return e.tuning.keep
}

// insert gives call i to the car whose cost it raises least.
func (e *eta) insert(v *View, i int) {
	best, least := -1, math.Inf(1)
	for c := range e.masks {
		if !e.able[i].Has(elevator.CarIndex(c)) {
			continue
		}
		if rise := e.at(c, e.masks[c]|1<<i) - e.costs[c] + e.loyalty(v, i, c); rise < least {
			best, least = c, rise
		}
	}
	e.move(i, best)
}

// move gives call i to car c, or to none where c is negative.
func (e *eta) move(i, c int) {
	if from := e.owner[i]; from >= 0 {
		e.masks[from] &^= 1 << i
		e.costs[from] = e.at(int(from), e.masks[from])
	}
	e.owner[i] = int8(c)
	if c >= 0 {
		e.masks[c] |= 1 << i
		e.costs[c] = e.at(c, e.masks[c])
	}
}

// improve makes one pass over single moves and, where none helped, over swaps.
// It reports whether anything changed.
func (e *eta) improve(v *View) bool {
	moved := false
	for i := range e.calls {
		if !e.fixed[i] && e.owner[i] >= 0 && e.improveCall(v, i) {
			moved = true
		}
	}
	if moved {
		return true
	}
	for i := range e.calls {
		for j := range i {
			if !e.fixed[i] && !e.fixed[j] && e.trySwap(v, i, j) {
				moved = true
			}
		}
	}
	return moved
}

// gain below which a change is rounding.
const leastGain = 1e-6

func (e *eta) improveCall(v *View, i int) bool {
	from := int(e.owner[i])
	saved := e.costs[from] - e.at(from, e.masks[from]&^(1<<i)) + e.loyalty(v, i, from)
	best, most := -1, leastGain
	for c := range e.masks {
		if c == from || !e.able[i].Has(elevator.CarIndex(c)) {
			continue
		}
		if gain := saved - (e.at(c, e.masks[c]|1<<i) - e.costs[c] + e.loyalty(v, i, c)); gain > most {
			best, most = c, gain
		}
	}
	if best < 0 {
		return false
	}
	e.move(i, best)
	return true
}

func (e *eta) trySwap(v *View, i, j int) bool {
	a, b := int(e.owner[i]), int(e.owner[j])
	if a < 0 || b < 0 || a == b || !e.able[i].Has(elevator.CarIndex(b)) || !e.able[j].Has(elevator.CarIndex(a)) {
		return false
	}
	maskA, maskB := e.masks[a]&^(1<<i)|1<<j, e.masks[b]&^(1<<j)|1<<i
	before := e.costs[a] + e.costs[b] + e.loyalty(v, i, a) + e.loyalty(v, j, b)
	after := e.at(a, maskA) + e.at(b, maskB) + e.loyalty(v, i, b) + e.loyalty(v, j, a)
	if after > before-leastGain {
		return false
	}
	e.owner[i], e.owner[j] = int8(b), int8(a)
	e.masks[a], e.masks[b] = maskA, maskB
	e.costs[a], e.costs[b] = e.at(a, maskA), e.at(b, maskB)
	return true
}

// costTable remembers the costs of one search by car and set of calls. A
// collision forgets the older entry.
type costTable struct {
	entries    [1024]costEntry
	generation uint32
}

type costEntry struct {
	mask       uint64
	cost       float64
	car        int32
	generation uint32
}

func (t *costTable) reset() { t.generation++ }

func (t *costTable) slot(c int, mask uint64) *costEntry {
	h := (mask + uint64(c)*0x9e3779b97f4a7c15) * 0xff51afd7ed558ccd
	return &t.entries[bits.RotateLeft64(h, 10)&1023]
}

func (t *costTable) get(c int, mask uint64) (float64, bool) {
	e := t.slot(c, mask)
	if e.generation == t.generation && e.mask == mask && e.car == int32(c) {
		return e.cost, true
	}
	return 0, false
}

func (t *costTable) put(c int, mask uint64, cost float64) {
	*t.slot(c, mask) = costEntry{mask, cost, int32(c), t.generation}
}
