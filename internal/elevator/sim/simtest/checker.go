// Package simtest reads runs for tests. A Checker finds out from the events alone
// whether the rules of the house were kept. It shares no code with the
// controllers, the group control or the fold: it is the second opinion that tests
// of the simulator and of a run on a cluster ask for. Sentence and Film tell
// people what happened, in words and in pictures of the shafts.
package simtest

import (
	"errors"
	"fmt"
	"math"
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

	building   *elevator.Building
	seq        uint64
	t          time.Duration
	cars       []car
	people     map[elevator.PassengerID]*person
	lit        map[elevator.CallKey]time.Duration
	boardedAt  map[elevator.CallKey]time.Duration // by landing and direction: when somebody did last
	promises   promises
	violations []error
}

type car struct {
	floor      elevator.FloorIndex
	positionM  float64
	moving     bool
	target     elevator.FloorIndex
	direction  elevator.Direction
	departedAt time.Duration

	betweenFloors bool // stopped or was found in the shaft and has not departed since
	levelling     bool // its present run began there: slow, to the nearest floor, whichever way
	obliged       bool // on its present run it carries nobody away from their floor
	mode          elevator.Mode
	faults        elevator.FaultSet
	doors         elevator.EventKind // the last door event
	riders        map[elevator.PassengerID]*person
	loadKg        float64
}

type person struct {
	floor, to elevator.FloorIndex
	massKg    float64
	car       elevator.CarIndex
	detoured  bool // aboard on a run that did not oblige the car, so maybe past their floor
	gone      bool
	promised  // at a panel
}

// NewChecker returns a Checker for a run of building b from its start.
func NewChecker(b *elevator.Building) *Checker {
	c := &Checker{
		building: b,
		cars:     make([]car, len(b.Cars)),
		people:   make(map[elevator.PassengerID]*person),
		lit:      make(map[elevator.CallKey]time.Duration), boardedAt: make(map[elevator.CallKey]time.Duration),
		promises: newPromises(),
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
	c.t, c.seq = e.T, e.Seq
	c.starved()
	switch e.Kind {
	case elevator.PassengerArrived:
		if c.people[e.Passenger] != nil {
			c.fail("passenger %d arrives twice", e.Passenger)
		}
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

// serves reports whether the car carries its riders to their floors: it is not
// recalled or driven by firefighters, and has no fault.
func (car *car) serves() bool {
	switch car.mode {
	case elevator.ModeFireOperation, elevator.ModeEmergencyPower, elevator.ModeCabinetRecall,
		elevator.ModeEarthquakeOperation, elevator.ModeInspection, elevator.ModeOutOfService,
		elevator.ModeFirefighterControl:
		return false
	}
	return car.faults == 0
}

// recovered takes a car's word for where it woke up again after its controller
// had died, as far as that can be: on the way of its last flight, or where it
// stood, and with the people who were aboard.
func (c *Checker) recovered(e *elevator.Event) {
	car := &c.cars[e.Car]
	at := e.PositionM
	if e.Floor != elevator.NoFloor {
		at = c.building.Floors[e.Floor].ElevationM
	}
	least, most := car.positionM, car.positionM
	if car.moving {
		to := c.building.Floors[car.target].ElevationM
		least, most = min(least, to), max(most, to)
	}
	if at < least-levelM || at > most+levelM {
		c.fail("car %d recovers at %.3f m but was between %.3f and %.3f m", e.Car, at, least, most)
	}
	same := len(e.Detail.Riders) == len(car.riders)
	for _, id := range e.Detail.Riders {
		same = same && car.riders[id] != nil
	}
	if !same {
		c.fail("car %d recovers with the riders %v, but %d were aboard", e.Car, e.Detail.Riders, len(car.riders))
	}
	car.moving, car.target, car.doors, car.positionM = false, elevator.NoFloor, elevator.DoorsClosed, at
	car.betweenFloors = e.Floor == elevator.NoFloor
	if !car.betweenFloors {
		car.floor = e.Floor
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
		c.promises.waits(p, e.T)
	}
}

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

func (c *Checker) departed(e *elevator.Event) {
	car := &c.cars[e.Car]
	if car.moving {
		c.fail("car %d departs in motion", e.Car)
	}
	if car.doors != elevator.DoorsClosed {
		c.fail("car %d departs with its doors not closed (last door event %d)", e.Car, car.doors)
	}
	if car.betweenFloors {
		car.floor = e.Floor // the floor it names is the one it passed last
	}
	car.levelling, car.betweenFloors = car.betweenFloors, false
	car.obliged = car.serves() && !car.levelling
	if e.Floor != car.floor || math.Abs(e.PositionM-car.positionM) > 1e-6 {
		c.fail("car %d departs from floor %d at %.3f m but stood at %d, %.3f m", e.Car, e.Floor, e.PositionM, car.floor, car.positionM)
	}
	for id, p := range car.riders {
		p.detoured = p.detoured || !car.obliged
		if !p.detoured && elevator.Toward(e.Floor, p.to) != e.Direction {
			c.fail("car %d departs %v from floor %d with passenger %d, who wants floor %d", e.Car, e.Direction, e.Floor, id, p.to)
		}
	}
	car.moving, car.target, car.direction, car.departedAt = true, e.To, e.Direction, e.T
}

func (c *Checker) arrived(e *elevator.Event) {
	car := &c.cars[e.Car]
	if !car.moving {
		c.fail("car %d arrives but did not depart", e.Car)
	}
	if e.Floor != car.target {
		c.fail("car %d arrives at floor %d but travelled to %d", e.Car, e.Floor, car.target)
	}
	for id, p := range car.riders {
		if car.obliged && !p.detoured && between(p.to, car.floor, e.Floor) {
			c.fail("car %d passed floor %d, where passenger %d wanted out", e.Car, p.to, id)
		}
	}
	at := c.building.Floors[e.Floor].ElevationM
	if d := at - car.positionM; d != 0 && (d > 0) != (car.direction == elevator.Up) {
		c.fail("car %d travelled %v but arrived %.2f m further up", e.Car, car.direction, d)
	}
	least := c.leastFlight(car.floor, e.Floor, math.Abs(at-car.positionM))
	if car.levelling {
		least = math.Abs(at-car.positionM) / levellingMps
	}
	if took := (e.T - car.departedAt + c.Late).Seconds(); took < least-1e-6 {
		c.fail("car %d flew from floor %d to %d in %.3f s, faster than %.3f s", e.Car, car.floor, e.Floor, took, least)
	}
	car.moving, car.floor, car.positionM, car.target = false, e.Floor, at, elevator.NoFloor
}

// levelM is how far from a floor's height a car still stands at it.
const levelM = 0.01

// levellingMps is the speed of a car that runs to the next floor from between
// two.
const levellingMps = 0.25

func (c *Checker) doors(e *elevator.Event) {
	car := &c.cars[e.Car]
	if car.moving {
		c.fail("car %d: door event %d in motion", e.Car, e.Kind)
	}
	if e.Floor != car.floor {
		c.fail("car %d: door event %d at floor %d, it stands at %d", e.Car, e.Kind, e.Floor, car.floor)
	}
	legal := false
	switch e.Kind {
	case elevator.DoorsOpening:
		legal = car.doors == elevator.DoorsClosed || car.doors == elevator.DoorsClosing
	case elevator.DoorsOpened:
		legal = car.doors == elevator.DoorsOpening
	case elevator.DoorsClosing:
		legal = car.doors == elevator.DoorsOpened
	case elevator.DoorsClosed:
		legal = car.doors == elevator.DoorsClosing
	}
	if !legal {
		c.fail("car %d: door event %d after door event %d", e.Car, e.Kind, car.doors)
	}
	car.doors = e.Kind
}

func between(f, a, b elevator.FloorIndex) bool { return f > min(a, b) && f < max(a, b) }

// leastFlight returns the seconds that the building's motion needs at least for
// a flight, by the closed formulas of Peters (1996) for the S-curve.
func (c *Checker) leastFlight(from, to elevator.FloorIndex, d float64) float64 {
	m := c.building.Motion
	if m.Model == elevator.FloorTime {
		return m.FloorTime.Seconds() * math.Abs(float64(to-from))
	}
	v, j := m.SpeedMps, m.JerkMps3
	a := min(m.AccelerationMps2, math.Sqrt(v*j)) // the acceleration that can be reached at all
	switch {
	case d <= 0:
		return 0
	case d >= (a*a*v+v*v*j)/(j*a):
		return d/v + v/a + a/j
	case d >= 2*a*a*a/(j*j):
		return a/j + math.Sqrt(4*d/a+(a/j)*(a/j))
	}
	return math.Cbrt(32 * d / j)
}
