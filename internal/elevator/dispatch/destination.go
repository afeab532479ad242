package dispatch

import (
	"math"
	"slices"
	"time"

	"elevator/internal/elevator"
)

// destination gives each passenger who keys in a destination a car, for good.
//
// Each car has a ledger of trips from the main terminal: its next departure, the
// one after that, and so on, each with the seats it has promised and the set of
// floors it will go to. A passenger from the terminal is promised the first trip
// of any car that has a free seat and either stops at their floor already or
// stops at fewer than K floors; among the cars whose trip of that number will
// do, the one whose plan grows least. The plan of a car is an exact walk through
// everything promised: the seconds its people wait and ride, and those until it
// is empty and back. Going to a floor far from the trip's others costs extra. K,
// the number of stops of a trip, is the largest with which the group's handling
// capacity still exceeds the arrival rate at the terminal: few stops carry more
// people, many wait less. People elsewhere get the car whose plan grows least.
//
// Closing doors open again for whoever keys in a destination of that trip, in
// up-peak several times in a row: to give them the trip after it instead makes the
// mean wait of office14 at 12 % 17.6 s instead of 15.2, and carries less.
//
// Landing calls of up and down buttons, where the building has them, go to the
// car whose plan grows least and may be moved until that car slows down for
// them. Cars without work return to the terminal.
//
// This is hall call allocation (as in CIBSE Guide D) with a ledger of future
// trips, so that a promise is never broken by a full car.
type destination struct {
	planner
	name    string
	ledgers []ledger
	rates   rates
	traffic arrivalRate
	stops   stopLimit
	now     time.Duration

	// The cost of each car's plan with nothing more promised; NaN: not computed.
	// It is of the present now and ledger: who changes one of them makes it NaN.
	plans []float64

	// Of the walk under way: see walkPlan.
	riders []float64            // people aboard, by the floor they want to
	unkept []promise            // copies, with so many people as the car has not taken aboard yet
	again  [2]elevator.FloorSet // by side, where somebody waits on: lit again when the car has left
}

const (
	destinationTrips   = 8    // how many departures a ledger looks ahead
	destinationDetour  = 5.0  // seconds for each floor off the trip's others, at heavy traffic
	destinationBusy    = 1.0  // μ: price of a second until the car is empty and back
	destinationHeavy   = 0.12 // of the population in five minutes: heavy traffic
	destinationMargin  = 10.0 // how much better another car must be for a landing call to move, person-seconds
	destinationRide    = 1.0
	destinationUsualK  = 3     // stops a trip has before it is cut to the fewest
	destinationFewestK = 2     // stops a trip has in overload
	destinationReserve = 1.05  // by what factor the load must exceed the capacity of the usual trips for that
	destinationMinutes = 300.0 // seconds: the five minutes of handling capacity
)

func newDestination(p Plant) Dispatcher { return newDestinationNamed(p, "destination") }

func newHybrid(p Plant) Dispatcher { return newDestinationNamed(p, "hybrid") }

func newDestinationNamed(p Plant, name string) *destination {
	b := p.Building
	times := newTiming(p)
	d := &destination{
		planner: planner{timing: *times, law: p.Law, starts: make([]start, len(b.Cars))},
		name:    name,
		ledgers: make([]ledger, len(b.Cars)),
		rates:   newRates(times),
		riders:  make([]float64, len(b.Floors)),
		plans:   make([]float64, len(b.Cars)),
	}
	d.stops = newStopLimit(&d.timing, b)
	for i := range d.ledgers {
		d.ledgers[i].loading = elevator.NoFloor
	}
	return d
}

func (d *destination) Name() string { return d.name }

func (d *destination) Wake(*View) (time.Duration, bool) { return 0, false }

func (d *destination) Dispatch(v *View, out []Decision) []Decision {
	d.now = v.Now
	d.rates.observe(v)
	for i := range v.Cars {
		d.begin(v, i)
		d.plans[i] = math.NaN()
	}
	if v.Changed&ServiceChanged != 0 {
		out = d.repromise(v, out)
	}
	for _, key := range v.Pressed {
		out = d.pressed(v, key, out)
	}
	if v.Building.Signalling != elevator.Destination {
		out = d.landingCalls(v, out)
	}
	for i := range v.Cars {
		if car := &v.Cars[i]; car.InGroup && car.Parking != d.terminal && v.Building.Cars[i].Serves.Has(d.terminal) {
			out = append(out, ParkCar(elevator.CarIndex(i), d.terminal))
		}
	}
	return out
}

// Left implements Promiser.
func (d *destination) Left(c elevator.CarIndex) {
	if l := &d.ledgers[c]; l.loading != elevator.NoFloor {
		l.departed(d.terminal)
	}
}

// Load implements Promiser.
func (d *destination) Load(c elevator.CarIndex, f elevator.FloorIndex, dir elevator.Direction) elevator.FloorSet {
	l := &d.ledgers[c]
	if l.loading != elevator.NoFloor && (l.loading != f || int(l.side) != Side(dir)) {
		d.Left(c)
	}
	return l.ask(f, Side(dir))
}

// Board implements Promiser.
func (d *destination) Board(c elevator.CarIndex, along []elevator.FloorIndex, behind elevator.FloorSet) {
	d.ledgers[c].board(along, behind)
}

// Promised implements Promiser.
func (d *destination) Promised(call elevator.CallKey) elevator.CarSet {
	var cars elevator.CarSet
	for c := range d.ledgers {
		if d.ledgers[c].holds(call) {
			cars = cars.With(elevator.CarIndex(c))
		}
	}
	return cars
}

// Waiting implements Promiser.
func (d *destination) Waiting(call elevator.CallKey, c elevator.CarIndex) int {
	return int(d.ledgers[c].waiting(call))
}

// Resume implements Promiser.
func (d *destination) Resume(call elevator.CallKey, c elevator.CarIndex, persons int) {
	l := &d.ledgers[c]
	l.withdraw(call)
	for range persons {
		l.add(d.newPromise(call, 1, l.firstFree(d.capacity[c], 1)))
	}
	d.plans[c] = math.NaN()
}

// pressed promises a car to one person who has keyed in a destination.
func (d *destination) pressed(v *View, key elevator.CallKey, out []Decision) []Decision {
	fromTerminal := key.Floor == d.terminal && key.Direction == elevator.Up
	if fromTerminal {
		d.traffic.arrived(v.Now)
	}
	c, trip := d.choose(v, key, 1)
	if c == elevator.NoCar {
		return out
	}
	d.ledgers[c].add(d.newPromise(key, 1, trip))
	d.plans[c] = math.NaN()
	return append(out, Decision{Call: key, Cars: d.Promised(key), Main: c, Promise: 1, Park: elevator.NoCar})
}

func (d *destination) newPromise(key elevator.CallKey, persons float64, trip int) promise {
	p := promise{floor: key.Floor, to: key.To, side: int8(Side(key.Direction)), trip: anyTrip, persons: persons, urgency: 1}
	if key.Floor == d.terminal && key.Direction == elevator.Up {
		p.trip = trip
	}
	return p
}

// choose returns the car for so many people behind a call and, from the
// terminal, the trip: the next departure of any car that will do. While all
// seats of the next destinationTrips departures are promised, trips may have any
// number of stops.
func (d *destination) choose(v *View, key elevator.CallKey, persons float64) (elevator.CarIndex, int) {
	if key.Floor != d.terminal || key.Direction != elevator.Up {
		return d.cheapest(v, key, persons, func(int) (int, float64, bool) { return anyTrip, 0, true })
	}
	load := d.traffic.perSecond(v.Now) * destinationMinutes
	limit := d.stops.limit(&d.timing, load, groupSize(v))
	detour := destinationDetour * min(1, load/(destinationHeavy*max(1, d.stops.population)))
	for k := range 8 * destinationTrips {
		if k == destinationTrips {
			limit = d.floors
		}
		c, trip := d.cheapest(v, key, persons, func(c int) (int, float64, bool) {
			l := &d.ledgers[c]
			trip := l.next + k
			if !l.boards(trip, key.To, d.capacity[c]) {
				return 0, 0, false
			}
			taken, floors := l.seats(trip)
			fits := taken+persons <= d.capacity[c] || taken == 0
			if !fits || !floors.Has(key.To) && floors.Len() >= limit {
				return 0, 0, false
			}
			return trip, detour * offset(&floors, key.To), true
		})
		if c != elevator.NoCar {
			return c, trip
		}
	}
	return d.cheapest(v, key, persons, func(c int) (int, float64, bool) {
		return d.ledgers[c].firstFree(d.capacity[c], persons), 0, true
	})
}

// offset returns how many floors lie between a floor and the nearest of a set; 0
// where the set is empty.
func offset(floors *elevator.FloorSet, to elevator.FloorIndex) float64 {
	if floors.Empty() || floors.Has(to) {
		return 0
	}
	best := elevator.FloorIndex(elevator.MaxFloors)
	if above := floors.Above(to); above != elevator.NoFloor {
		best = above - to
	}
	if below := floors.Below(to); below != elevator.NoFloor {
		best = min(best, to-below)
	}
	return float64(best)
}

// cheapest returns the car whose plan grows least, among those that will do, and
// its trip.
func (d *destination) cheapest(v *View, key elevator.CallKey, persons float64, will func(c int) (trip int, extra float64, ok bool)) (elevator.CarIndex, int) {
	best, bestTrip, least := elevator.NoCar, anyTrip, math.Inf(1)
	for c := range d.ledgers {
		if !v.Able(elevator.CarIndex(c), key) {
			continue
		}
		trip, extra, ok := will(c)
		if !ok {
			continue
		}
		p := d.newPromise(key, persons, trip)
		if rise := d.rise(c, &p) + extra; rise < least {
			best, bestTrip, least = elevator.CarIndex(c), trip, rise
		}
	}
	return best, bestTrip
}

// rise returns by how much the plan of car c grows with one more promise.
func (d *destination) rise(c int, p *promise) float64 {
	return d.walkPlan(c, p) - d.plan(c)
}

// repromise finds new cars for those who were promised one that has left the
// group.
func (d *destination) repromise(v *View, out []Decision) []Decision {
	for c := range d.ledgers {
		if v.Cars[c].InGroup {
			continue
		}
		for len(d.ledgers[c].promises) > 0 {
			p := d.ledgers[c].promises[0]
			key := elevator.CallKey{Floor: p.floor, To: p.to, Direction: elevator.Direction(2*p.side - 1)}
			d.ledgers[c].departed(d.terminal)
			persons := d.ledgers[c].withdraw(key)
			d.plans[c] = math.NaN()
			to, trip := d.choose(v, key, persons)
			if to == elevator.NoCar || persons == 0 {
				continue // see adopt
			}
			d.ledgers[to].add(d.newPromise(key, persons, trip))
			d.plans[to] = math.NaN()
			out = append(out, Decision{
				Call: key, Cars: d.Promised(key), Main: to, Park: elevator.NoCar,
				Instead: elevator.CarSet(0).With(elevator.CarIndex(c)),
			})
		}
	}
	return d.adopt(v, out)
}

// adopt finds cars for lit calls that no car was promised for: those whose car
// was lost when there was no other.
func (d *destination) adopt(v *View, out []Decision) []Decision {
	for i := range v.Calls {
		key := v.Calls[i].Key
		if key.To == elevator.NoFloor || d.Promised(key) != 0 || slices.Contains(v.Pressed, key) {
			continue
		}
		if c, trip := d.choose(v, key, 1); c != elevator.NoCar {
			d.ledgers[c].add(d.newPromise(key, 1, trip))
			d.plans[c] = math.NaN()
			out = append(out, Decision{Call: key, Cars: elevator.CarSet(0).With(c), Main: c, Park: elevator.NoCar})
		}
	}
	return out
}

func groupSize(v *View) int {
	n := 0
	for i := range v.Cars {
		if v.Cars[i].InGroup {
			n++
		}
	}
	return n
}

func callIndex(v *View, key elevator.CallKey) int {
	for i := range v.Calls {
		if v.Calls[i].Key == key {
			return i
		}
	}
	return -1
}
