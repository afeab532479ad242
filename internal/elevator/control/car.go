package control

import (
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/motion"
)

// phase is what a car is doing.
type phase uint8

const (
	resting    phase = iota // at a floor, doors closed
	turning                 // the same, waiting before it departs against its last direction
	travelling              // in a flight or a levelling run
	opening
	open
	closing
	stranded // between two floors, not moving
)

// Car controls one car: doors, riders, car calls, and the directional
// collective service of its car calls and of the landing calls assigned to it.
//
// Invariant: travelling and stranded imply closed doors.
// Invariant: the car call of every rider who is in is lit while the car takes
// car calls.
// Invariant: riders and boarders together fit the car.
type Car struct {
	building *elevator.Building
	law      *motion.Law
	spec     *elevator.CarSpec
	index    elevator.CarIndex
	plant    Plant
	timing   timing

	phase     phase
	floor     elevator.FloorIndex // where it stands, or left last
	direction elevator.Direction  // the way it travels or serves; None: either
	heading   elevator.Direction  // the way it travelled last
	turned    bool                // the turn time has just passed
	until     time.Duration       // end of turning, when a flight or moving doors are overdue, or when a failed start is tried again

	target     elevator.FloorIndex // of the present flight
	departedAt time.Duration
	levelling  bool
	park       elevator.FloorIndex

	standsSince time.Duration // when the car arrived, or its doors closed, last
	lingers     bool          // it will leave to park, see parkAfter

	work      work
	pressed   [2]elevator.FloorSet // conventional landing calls assigned to it
	promised  []elevator.CallKey   // destination calls assigned to it
	lingering elevator.CallKey     // a call it had begun to slow down for when it was taken away
	locked    elevator.FloorSet

	mode     elevator.Mode
	conduct  conduct
	recallAt elevator.FloorIndex // where the mode, or a fault, sends the car
	recalled bool                // it has been there
	asked    elevator.FloorIndex // the recall floor named with the mode
	faults   elevator.FaultSet
	retries  bool // a start has failed and is tried again
	active   bool // it has done something, so it knows better than any record
	unsure   bool // it has told a group control that it has done nothing, and waits to hear what its predecessor was

	stop     stop
	patience time.Duration        // how long the doors wait for an answer
	riders   []elevator.Passenger // in the order they boarded
	boarders []elevator.Passenger // accepted, not yet aboard

	now    time.Duration
	inVain time.Duration // when the sensors were looked at and showed nothing new, or -1
	wake   time.Duration
	out    []Output
}

// NewCar returns the controller of car c, standing with closed doors at its
// start floor, over a simulated plant.
func NewCar(law *motion.Law, b *elevator.Building, c elevator.CarIndex) *Car {
	return NewCarWithPlant(law, b, c, NewSimulatedPlant(law, b))
}

// NewCarWithPlant is NewCar over the given plant.
func NewCarWithPlant(law *motion.Law, b *elevator.Building, c elevator.CarIndex, plant Plant) *Car {
	return &Car{
		building: b, law: law, spec: &b.Cars[c], index: c, plant: plant, timing: newTiming(b),
		floor: b.Cars[c].Start, target: elevator.NoFloor, park: elevator.NoFloor,
		mode: elevator.ModeNormal, conduct: conductOf(elevator.ModeNormal),
		recallAt: elevator.NoFloor, asked: elevator.NoFloor, patience: firstPatience, wake: Never, inVain: -1,
		riders:   make([]elevator.Passenger, 0, b.Cars[c].CapacityPersons),
		boarders: make([]elevator.Passenger, 0, b.Cars[c].CapacityPersons),
	}
}

// Wake implements Controller.
func (c *Car) Wake() time.Duration { return c.wake }

// Step implements Controller. What fell due before now is done first, each
// thing at its own time: a late Tick delays nothing.
func (c *Car) Step(now time.Duration, in *Message, out []Output) []Output {
	c.out = out
	now = max(now, c.now)
	c.wake = c.advance(now)
	c.now = now
	if in.Kind != Tick {
		c.receive(now, in)
		c.wake = c.advance(now)
	}
	c.active = c.active || len(c.out) > len(out) && in.Kind != Resync
	out, c.out = c.out, nil
	return out
}

// advance does what is due until now and returns when the next thing is.
func (c *Car) advance(now time.Duration) time.Duration {
	due := c.due()
	for ; due <= now; due = c.due() {
		c.now = max(due, c.now)
		c.proceed(c.now)
	}
	return due
}

// due returns when the present phase goes on by itself.
func (c *Car) due() time.Duration {
	switch c.phase {
	case turning:
		return c.until
	case travelling, opening, closing:
		return min(c.sensed(), c.until)
	case open:
		return c.stopDue()
	case resting:
		switch {
		case c.retries:
			return c.until
		case c.lingers:
			return c.standsSince + parkAfter
		}
	}
	return Never
}

// sensed returns when the sensors will show something new. A plant that has
// shown nothing at the time it named is looked at again when it is overdue.
func (c *Car) sensed() time.Duration {
	if next := c.plant.Next(); next != c.inVain {
		return next
	}
	return Never
}

// proceed does what is due at time t.
func (c *Car) proceed(t time.Duration) {
	switch c.phase {
	case resting:
		c.decide(t)
	case turning:
		c.phase, c.turned = resting, true
		c.decide(t)
		c.turned = false
	case travelling:
		switch s := c.plant.Sense(t); {
		case s.Drive == DriveStands:
			c.arrive(t)
		case s.Drive == DriveStopped:
			c.strand(t, s.PositionM)
		case t >= c.until:
			c.doesNotArrive(t)
		default:
			c.inVain = t
		}
	case opening:
		switch {
		case c.plant.Sense(t).Doors == elevator.DoorsAreOpen:
			c.doorsOpened(t)
		case t >= c.until:
			c.doorsDoNotOpen(t)
		default:
			c.inVain = t
		}
	case open:
		c.stopProceed(t)
	case closing:
		switch {
		case c.plant.Sense(t).Doors == elevator.DoorsAreClosed:
			c.doorsClosed(t)
		case t >= c.until:
			c.doorsDoNotClose(t)
		default:
			c.inVain = t
		}
	}
}

func (c *Car) event(t time.Duration, kind elevator.EventKind) *elevator.Event {
	c.out = append(c.out, Output{})
	e := &c.out[len(c.out)-1].Event
	*e = elevator.NewEvent(t, kind)
	e.Car = c.index
	return e
}

// eventHere appends an event that happens at the floor where the car stands.
func (c *Car) eventHere(t time.Duration, kind elevator.EventKind) *elevator.Event {
	e := c.event(t, kind)
	e.Floor = c.floor
	return e
}
