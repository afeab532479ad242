// Package simtest reads runs for tests. A Checker finds out from the events alone
// whether the rules of the house were kept. It shares no code with the
// controllers, the group control or the fold: it is the second opinion that tests
// of the simulator and of a run on a cluster ask for. Sentence and Film tell
// people what happened, in words and in pictures of the shafts.
package simtest

import (
	"errors"
	"fmt"
	"time"

	"elevator/internal/elevator"
)

// maxViolations is how many violations a Checker keeps.
const maxViolations = 20

// Checker reads the events of one run in their order. A Checker is for one
// goroutine.
type Checker struct {
	// Late is by how much the times of events may be wrong: what one party did may
	// be journaled that much later than it happened.
	Late time.Duration
	// Promises asks that whoever keys in a destination rides in the car they were
	// told, which is given to their call at that instant; where that car has left
	// the service, in one that was given to it. A scheduler on a cluster takes a
	// moment to answer, so this is for simulations.
	Promises bool
	// Answered is how long each call may be lit; 0: until the end of the run. A
	// destination that is keyed in is lit as long as anybody waits for their own car:
	// there it is how long nobody may board at that landing in that direction.
	Answered time.Duration
	// Still is how long nothing at all may happen while somebody waits; 0: for ever.
	Still time.Duration

	building   *elevator.Building
	seq        uint64
	t          time.Duration
	cars       []car
	people     map[elevator.PassengerID]*person
	waiting    int // of the people, at a landing
	lit        map[elevator.CallKey]time.Duration
	boardedAt  map[elevator.CallKey]time.Duration // by landing and direction: when somebody did last
	promises   promises
	violations []error
}

// person is what a Checker knows of a passenger.
type person struct {
	floor, to elevator.FloorIndex
	massKg    float64
	car       elevator.CarIndex
	detoured  bool // aboard on a run that did not oblige the car, so maybe past their floor
	gone      bool
	promised  // where they keyed in a destination
}

// NewChecker returns a Checker for a run of building b from its start.
func NewChecker(b *elevator.Building) *Checker {
	c := &Checker{
		building: b,
		cars:     make([]car, len(b.Cars)),
		people:   make(map[elevator.PassengerID]*person),
		lit:      make(map[elevator.CallKey]time.Duration),
		promises: newPromises(),

		boardedAt: make(map[elevator.CallKey]time.Duration),
	}
	for i := range c.cars {
		start := b.Cars[i].Start
		c.cars[i] = car{
			floor: start, positionM: b.Floors[start].ElevationM, target: elevator.NoFloor,
			mode: elevator.ModeNormal, doors: elevator.DoorsClosed, riders: make(map[elevator.PassengerID]*person),
		}
	}
	return c
}

// Err returns the violations found so far, joined, or nil.
func (c *Checker) Err() error { return errors.Join(c.violations...) }

// End returns the violations of a run that is over: also everybody who has not
// arrived and every call that nobody answered.
func (c *Checker) End() error {
	for id, p := range c.people {
		if !p.gone {
			c.fail("passenger %d from %d to %d never arrived (car %d)", id, p.floor, p.to, p.car)
		}
	}
	for key, since := range c.lit {
		c.fail("the call %+v, lit since %v, was never answered", key, since)
	}
	return c.Err()
}

func (c *Checker) fail(format string, args ...any) {
	if len(c.violations) < maxViolations {
		c.violations = append(c.violations, fmt.Errorf("%v: %w", c.t, fmt.Errorf(format, args...)))
	}
}

// Event checks one event.
func (c *Checker) Event(e *elevator.Event) {
	if e.T < c.t {
		c.fail("event %d: time goes back to %v", e.Seq, e.T)
	}
	if e.Seq != c.seq+1 {
		c.fail("event %d follows event %d", e.Seq, c.seq)
	}
	if c.Still > 0 && c.waiting > 0 && e.T-c.t > c.Still {
		c.fail("nothing happens until %v while %d wait", e.T, c.waiting)
	}
	c.t, c.seq = e.T, e.Seq
	c.starved()
	switch e.Kind {
	case elevator.PassengerArrived:
		if c.people[e.Passenger] != nil {
			c.fail("passenger %d arrives twice", e.Passenger)
		}
		c.waiting++
		c.people[e.Passenger] = &person{floor: e.Floor, to: e.To, massKg: e.MassKg, car: elevator.NoCar}
		c.promises.waits(c.people[e.Passenger], e.T)
	case elevator.PassengerBoarded:
		c.boarded(e)
	case elevator.PassengerAlighted:
		c.alighted(e)
	case elevator.LandingCallRegistered:
		if _, ok := c.lit[e.Call()]; ok {
			c.fail("call %+v is registered twice", e.Call())
		}
		c.lit[e.Call()] = e.T
	case elevator.LandingCallAssigned:
		if _, ok := c.lit[e.Call()]; !ok {
			c.fail("call %+v is assigned but not lit", e.Call())
		}
		c.promises.given(e)
	case elevator.LandingCallAnswered:
		c.answered(e)
	case elevator.CarDeparted:
		c.departed(e)
	case elevator.CarTargetChanged:
		if !c.cars[e.Car].moving {
			c.fail("car %d stands but changes its target", e.Car)
		}
		c.cars[e.Car].target = e.To
	case elevator.CarArrived:
		c.arrived(e)
	case elevator.DoorsOpening, elevator.DoorsOpened, elevator.DoorsClosing, elevator.DoorsClosed:
		c.doors(e)
	case elevator.CarRecovered:
		c.recovered(e)
	case elevator.ModeChanged, elevator.FaultRaised, elevator.FaultCleared:
		c.disturbed(e)
	}
}

// starved looks for calls that have been lit for too long. Each is told once in so
// long a time.
func (c *Checker) starved() {
	if c.Answered == 0 {
		return
	}
	for key, since := range c.lit {
		if key.To != elevator.NoFloor {
			since = max(since, c.boardedAt[elevator.ConventionalCall(key.Floor, key.Direction)])
		}
		if c.t-since > c.Answered {
			c.fail("the call %+v has not been answered since %v, want %v at most", key, since, c.Answered)
			c.lit[key] = c.t
		}
	}
}

// disturbed takes note of a mode or a fault. It may send the car elsewhere than
// its riders want.
func (c *Checker) disturbed(e *elevator.Event) {
	if e.Car == elevator.NoCar {
		return
	}
	c.promises.disturbed(e.Car)
	car := &c.cars[e.Car]
	car.obliged = false
	for _, p := range car.riders {
		p.detoured = true
	}
	switch e.Kind {
	case elevator.ModeChanged:
		car.mode = e.Mode
	case elevator.FaultRaised:
		car.faults = car.faults.With(e.Fault)
	case elevator.FaultCleared:
		car.faults = car.faults.Without(e.Fault)
	}
}

func (c *Checker) boarded(e *elevator.Event) {
	p, car := c.people[e.Passenger], &c.cars[e.Car]
	switch {
	case p == nil || p.gone:
		c.fail("passenger %d boards car %d but is not in the building", e.Passenger, e.Car)
		return
	case p.car != elevator.NoCar:
		c.fail("passenger %d boards car %d while in car %d", e.Passenger, e.Car, p.car)
		return
	case p.floor != e.Floor:
		c.fail("passenger %d boards at floor %d but waits at %d", e.Passenger, e.Floor, p.floor)
	}
	c.mustStandOpen(e, "boards")
	if !c.building.Cars[e.Car].Serves.Has(p.to) {
		c.fail("passenger %d boards car %d, which does not serve floor %d", e.Passenger, e.Car, p.to)
	}
	if c.Promises && c.building.DestinationAt(e.Floor) && !p.may(e.Car) {
		c.fail("passenger %d for floor %d boards car %d, which was not promised to them but one of %b", e.Passenger, p.to, e.Car, p.told)
	}
	c.promises.boards(p)
	c.boardedAt[elevator.ConventionalCall(e.Floor, elevator.Toward(e.Floor, p.to))] = e.T
	p.car = e.Car
	c.waiting--
	car.riders[e.Passenger] = p
	car.loadKg += p.massKg
	if n, most := len(car.riders), c.building.Cars[e.Car].CapacityPersons; n > most {
		c.fail("car %d holds %d people, its capacity is %d", e.Car, n, most)
	}
	if most := c.building.Load.FullRatio * c.building.RatedKg(e.Car); car.loadKg > most+1e-6 {
		c.fail("car %d holds %.1f kg, it is full at %.1f", e.Car, car.loadKg, most)
	}
}

func (c *Checker) alighted(e *elevator.Event) {
	car := &c.cars[e.Car]
	p := car.riders[e.Passenger]
	if p == nil {
		c.fail("passenger %d leaves car %d but is not aboard", e.Passenger, e.Car)
		return
	}
	c.mustStandOpen(e, "leaves")
	delete(car.riders, e.Passenger)
	car.loadKg -= p.massKg
	p.car, p.floor, p.gone, p.detoured = elevator.NoCar, e.Floor, e.Floor == p.to, false
	if !p.gone {
		c.waiting++
		c.promises.waits(p, e.T)
	}
}

// mustStandOpen fails where the car of a transfer does not stand open at its floor.
func (c *Checker) mustStandOpen(e *elevator.Event, what string) {
	car := &c.cars[e.Car]
	if car.moving || car.floor != e.Floor || car.doors != elevator.DoorsOpened {
		c.fail("passenger %d %s car %d at floor %d, which is at %d, moving %v, last door event %d",
			e.Passenger, what, e.Car, e.Floor, car.floor, car.moving, car.doors)
	}
}

func (c *Checker) answered(e *elevator.Event) {
	if _, ok := c.lit[e.Call()]; !ok {
		c.fail("call %+v is answered but not lit", e.Call())
	}
	delete(c.lit, e.Call())
	c.promises.answered(e.Call())
	if e.Car == elevator.NoCar {
		return
	}
	if car := &c.cars[e.Car]; car.moving || car.floor != e.Floor {
		c.fail("car %d answers a call at floor %d but is at %d, moving %v", e.Car, e.Floor, car.floor, car.moving)
	}
}
