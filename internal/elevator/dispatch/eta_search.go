package dispatch

import (
	"math"
	"math/bits"

	"elevator/internal/elevator"
)

// reachOf appends for each car how soon it could open for the call, and what its
// cost rises by at least when it goes there.
func (e *eta) reachOf(call *planCall) {
	riding := e.weights.ride * call.persons * call.trip
	for c := range e.starts {
		t := e.earliest(&e.starts[c], call) + e.open
		e.reach = append(e.reach, t)
		e.least = append(e.least, call.displeasure(call.age+t)+riding)
	}
}

// atLeast is what car c's cost rises by at least when it takes call i, but for
// the rare call that makes the car go round the better way: the call waits
// until the car can be there, its people ride to the nearest floor they may
// want, and a car that had nothing to do is busy as long. Most cars need no plan
// to be ruled out.
func (e *eta) atLeast(i, c int) float64 {
	at := i*len(e.starts) + c
	if e.masks[c] == 0 && e.empty.Has(elevator.CarIndex(c)) {
		return e.least[at] + e.weights.busy*(e.reach[at]+e.calls[i].trip)
	}
	return e.least[at]
}

// keep leaves every planned call with the car that it has, if that may have it.
func (e *eta) keep(v *View) {
	e.table.reset()
	for c := range e.masks {
		e.masks[c], e.costs[c] = 0, math.NaN()
	}
	for i := range e.calls {
		if c := v.Calls[i].Car; c != elevator.NoCar && (e.isFixed(i) || e.able[i].Has(c)) {
			e.owner[i] = int8(c)
			e.masks[c] |= bit(i)
		}
	}
}

// search finds the owner of every planned call.
func (e *eta) search(v *View) {
	e.keep(v)
	given := 0
	for i := range e.calls {
		if e.owner[i] < 0 {
			e.insert(i)
			given++
		}
	}
	e.walks = min(max(0, given-1)*plansOfACall, patience*3/4)
	for range e.tuning.passes {
		if !e.improve() {
			break
		}
	}
}

// at returns the cost of car c with the calls of the mask, from the table where it
// is known. Where it is above the limit anything above that may be returned.
func (e *eta) at(c int, mask uint64, limit float64) float64 {
	if mask == 0 && e.empty.Has(elevator.CarIndex(c)) {
		return 0
	}
	entry, known := e.table.find(c, mask)
	if known && (entry.whole || entry.cost > limit) {
		return entry.cost
	}
	if !known {
		e.walks++
	}
	entry.cost = e.cost(&e.starts[c], mask, limit)
	entry.whole = entry.cost <= limit
	return entry.cost
}

// costOf returns the cost of car c with the calls that it has.
func (e *eta) costOf(c int) float64 {
	if math.IsNaN(e.costs[c]) {
		e.costs[c] = e.at(c, e.masks[c], unlimited)
	}
	return e.costs[c]
}

// total is the cost of all cars with the calls that they have.
func (e *eta) total() float64 {
	sum := 0.0
	for c := range e.costs {
		sum += e.costOf(c)
	}
	return sum
}

// loyalty is what it costs that call i goes to car c although another has it.
func (e *eta) loyalty(i, c int) float64 {
	if owner := e.loyal[i]; owner < 0 || int(owner) == c {
		return 0
	}
	return e.tuning.keep
}

// insert gives call i to the car whose cost it raises least.
func (e *eta) insert(i int) {
	first, soonest := -1, math.Inf(1)
	for c := range e.able[i].All() {
		if t := e.reach[i*len(e.starts)+int(c)]; t < soonest {
			first, soonest = int(c), t
		}
	}
	if first < 0 {
		return
	}
	best, least := first, e.rise(i, first, unlimited)
	for car := range e.able[i].Without(elevator.CarIndex(first)).All() {
		c := int(car)
		if e.atLeast(i, c)+e.loyalty(i, c) > least {
			continue
		}
		if rise := e.rise(i, c, least); rise < least || rise == least && c < best {
			best, least = c, rise
		}
	}
	e.move(i, best)
}

// rise is what it costs more that car c takes call i. Where that is above the limit
// anything above it may be returned.
func (e *eta) rise(i, c int, limit float64) float64 {
	before, loyalty := e.costOf(c), e.loyalty(i, c)
	return e.at(c, e.masks[c]|bit(i), before+limit-loyalty+leastGain) - before + loyalty
}

// move gives call i to car c, or to none where c is negative.
func (e *eta) move(i, c int) {
	if from := e.owner[i]; from >= 0 {
		e.masks[from] &^= bit(i)
		e.costs[from] = math.NaN()
	}
	e.owner[i] = int8(c)
	if c >= 0 {
		e.masks[c] |= bit(i)
		e.costs[c] = math.NaN()
	}
}

// improve makes one pass over single moves and, where none helped, over swaps.
// It reports whether anything changed.
func (e *eta) improve() bool {
	moved := false
	for i := range e.calls {
		if e.walks > patience {
			return false
		}
		if e.mayMove(i) && e.improveCall(i) {
			moved = true
		}
	}
	if moved {
		return true
	}
	for i := range e.calls {
		if e.mayMove(i) {
			for j := range i {
				if e.walks > patience {
					return false
				}
				if e.mayMove(j) && e.trySwap(i, j) {
					moved = true
				}
			}
		}
	}
	return moved
}

// mayMove reports whether call i has a car and may get another one.
func (e *eta) mayMove(i int) bool { return e.owner[i] >= 0 && !e.isFixed(i) }

// leastGain is below which a change is rounding.
const leastGain = 1e-6

// unlimited is the limit of a cost that must be known whole.
const unlimited = math.MaxFloat64

// improveCall moves call i to the car that saves most by it. It tries the few
// cars that could gain most by their bounds.
func (e *eta) improveCall(i int) bool {
	from := int(e.owner[i])
	saved := e.costOf(from) - e.at(from, e.masks[from]&^bit(i), unlimited) + e.loyalty(i, from)
	others := e.able[i].Without(elevator.CarIndex(from))
	best, most := -1, leastGain
	for range candidates {
		c := e.mostLikely(i, others, saved-most)
		if c < 0 {
			break
		}
		others = others.Without(elevator.CarIndex(c))
		if gain := saved - e.rise(i, c, saved-most); gain > most {
			best, most = c, gain
		}
	}
	if best < 0 {
		return false
	}
	e.move(i, best)
	return true
}

// mostLikely returns the car of the set with the least bound for call i, or -1
// where none is below the one given.
func (e *eta) mostLikely(i int, cars elevator.CarSet, below float64) int {
	best := -1
	for set := uint64(cars); set != 0; set &= set - 1 {
		c := bits.TrailingZeros64(set)
		if bound := e.atLeast(i, c) + e.loyalty(i, c); bound < below {
			best, below = c, bound
		}
	}
	return best
}

// candidates is how many cars a call is tried on in one pass, and patience how
// many plans are walked before the search leaves the rest to the next event. Of
// these, plansOfACall go for each call but one that had to be given a car, as long as
// a quarter is left.
const (
	candidates   = 3
	patience     = 128
	plansOfACall = 6
)

func (e *eta) trySwap(i, j int) bool {
	a, b := int(e.owner[i]), int(e.owner[j])
	if a == b || !e.able[i].Has(elevator.CarIndex(b)) || !e.able[j].Has(elevator.CarIndex(a)) {
		return false
	}
	restA, restB := e.masks[a]&^bit(i), e.masks[b]&^bit(j)
	before := e.costOf(a) + e.costOf(b) + e.loyalty(i, a) + e.loyalty(j, b) - leastGain
	after := e.loyalty(i, b) + e.loyalty(j, a)
	if e.at(a, restA, before)+e.at(b, restB, before)+e.atLeast(i, b)+e.atLeast(j, a)+after > before {
		return false
	}
	maskA, maskB := restA|bit(j), restB|bit(i)
	costA := e.at(a, maskA, before)
	costB := e.at(b, maskB, before-costA+leastGain)
	if costA+costB+after > before {
		return false
	}
	e.owner[i], e.owner[j] = int8(b), int8(a)
	e.masks[a], e.masks[b] = maskA, maskB
	e.costs[a], e.costs[b] = costA, costB
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
	car        int16
	whole      bool // the plan was not given up: see planner.cost
	generation uint32
}

func (t *costTable) reset() { t.generation++ }

// find returns the entry of car c with the calls of the mask, to be filled in where it
// is not known yet.
func (t *costTable) find(c int, mask uint64) (e *costEntry, known bool) {
	h := (mask + uint64(c)*0x9e3779b97f4a7c15) * 0xff51afd7ed558ccd
	e = &t.entries[bits.RotateLeft64(h, 10)&1023]
	if e.generation == t.generation && e.mask == mask && e.car == int16(c) {
		return e, true
	}
	e.mask, e.car, e.generation = mask, int16(c), t.generation
	return e, false
}
