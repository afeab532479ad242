package control

import (
	"time"

	"elevator/internal/elevator"
)

func (c *Car) raise(t time.Duration, f elevator.Fault) {
	if c.faults.Has(f) {
		return
	}
	c.faults = c.faults.With(f)
	c.event(t, elevator.FaultRaised).Fault = f
}

func (c *Car) clear(t time.Duration, f elevator.Fault) {
	if !c.faults.Has(f) {
		return
	}
	c.faults = c.faults.Without(f)
	c.event(t, elevator.FaultCleared).Fault = f
}

// blocked reports a fault with which the car does not run: it stays at the
// next floor and lets everybody out.
func (c *Car) blocked() bool { return c.faults&^workable != 0 }

// workable are the faults that have an answer of their own: the car tries
// again, or does without.
const workable = 1<<elevator.FaultStartFailure | 1<<elevator.FaultDoorOpening | 1<<elevator.FaultDoorClosing |
	1<<elevator.FaultCarStoppedOutsideLandingZone | 1<<elevator.FaultLoadMeasurement | 1<<elevator.FaultOverload |
	1<<elevator.FaultCallButtonStuck

// felt are the workable faults that show when the car runs into them, not
// when the plant reports them.
const felt = 1<<elevator.FaultStartFailure | 1<<elevator.FaultDoorOpening | 1<<elevator.FaultDoorClosing |
	1<<elevator.FaultCarStoppedOutsideLandingZone | 1<<elevator.FaultOverload

// feel looks at the sensors after the plant has reported a change.
func (c *Car) feel(t time.Duration) {
	s := c.plant.Sense(t)
	was := c.blocked()
	for f := elevator.FaultController; f <= elevator.FaultOverload; f++ {
		switch {
		case elevator.FaultSet(felt).Has(f):
		case s.Faults.Has(f):
			c.raise(t, f)
		case f == elevator.FaultRuntimeLimitExceeded && c.phase == travelling:
			// Maybe this flight's own; it clears on arrival.
		default:
			c.clear(t, f)
		}
	}
	if !s.Faults.Has(elevator.FaultStartFailure) {
		c.clear(t, elevator.FaultStartFailure)
		if c.retries {
			c.decide(t)
		}
	}
	switch {
	case c.phase == travelling && s.Drive == DriveStopped:
		c.strand(t, s.PositionM)
	case c.phase == stranded:
		c.runOn(t)
	case c.phase == closing && s.Obstructed && !c.stop.nudging:
		c.openDoors(t, c.direction)
	case c.phase == open && !s.Obstructed:
		c.stop.heldUntil = 0
	}
	if c.blocked() != was {
		c.recallAnew(t)
		c.reconsider(t)
	}
}

// recallAnew begins or ends the recall of a car that a fault has blocked or no
// longer blocks.
func (c *Car) recallAnew(t time.Duration) {
	c.recalled = false
	c.setRecall(t)
	c.ridersPress(t)
}

// doesNotArrive raises the fault of a car whose flight takes too long: its drive
// runs on, or what its sensors had to tell got lost. Nothing moves while the
// drive may run. Where the car does come to a stop, it lets everybody out.
func (c *Car) doesNotArrive(t time.Duration) {
	c.until = t + tryAgain
	was := c.blocked()
	c.raise(t, elevator.FaultRuntimeLimitExceeded)
	if c.blocked() != was {
		c.recallAnew(t)
	}
}

// runtimeEnds clears that fault of a car that has arrived after all.
func (c *Car) runtimeEnds(t time.Duration) {
	if !c.faults.Has(elevator.FaultRuntimeLimitExceeded) || c.plant.Sense(t).Faults.Has(elevator.FaultRuntimeLimitExceeded) {
		return
	}
	c.clear(t, elevator.FaultRuntimeLimitExceeded)
	if !c.blocked() {
		c.recallAnew(t)
	}
}

// acknowledge tries at once what failed before.
func (c *Car) acknowledge(t time.Duration) {
	switch c.phase {
	case resting:
		c.clear(t, elevator.FaultStartFailure)
		c.decide(t)
	case opening, closing:
		if c.faults != 0 {
			c.until = t
		}
	case open:
		c.stop.heldUntil = 0
	}
}

// doorsDoNotOpen raises the fault and tries again.
func (c *Car) doorsDoNotOpen(t time.Duration) {
	c.raise(t, elevator.FaultDoorOpening)
	c.plant.OpenDoors(t)
	c.until = t + tryAgain
}

// doorsDoNotClose raises the fault, opens the doors again, and lets them try
// after a while: a car with doors that do not close stays where it is.
func (c *Car) doorsDoNotClose(t time.Duration) {
	c.raise(t, elevator.FaultDoorClosing)
	c.openDoors(t, c.direction)
	c.stop.heldUntil = t + tryAgain
}

// strand takes note that the car has stopped between two floors. The journal
// learns where, since from here on that cannot be computed.
func (c *Car) strand(t time.Duration, positionM float64) {
	c.phase, c.target = stranded, elevator.NoFloor
	c.raise(t, elevator.FaultCarStoppedOutsideLandingZone)
	c.foundAt(t, positionM)
}

// foundAt tells where between two floors the car is.
func (c *Car) foundAt(t time.Duration, positionM float64) {
	e := c.event(t, elevator.CarRecovered)
	e.PositionM, e.Detail = positionM, c.ridersDetail()
}

// runOn takes a car that has stopped between two floors to the nearest floor
// at levelling speed, once its drive lets it.
func (c *Car) runOn(t time.Duration) {
	positionM := c.plant.Sense(t).PositionM
	to := c.nearestServed(positionM)
	c.plant.Level(t, c.floor, to)
	drive := c.plant.Sense(t).Drive
	if drive == DriveStopped {
		return
	}
	c.clear(t, elevator.FaultCarStoppedOutsideLandingZone)
	c.phase, c.target, c.departedAt, c.levelling = travelling, to, t, true
	c.until = t + c.law.LevellingTime(positionM, to) + flightOverdue
	// It goes on serving the direction it had: its riders want that way.
	c.heading = elevator.Up
	if c.law.ElevationM(to) < positionM {
		c.heading = elevator.Down
	}
	e := c.eventHere(t, elevator.CarDeparted)
	e.To, e.Direction, e.PositionM = to, c.heading, positionM
	if drive == DriveStands {
		c.arrive(t)
	}
}

// nearestServed returns the floor nearest to a height at which the car has
// doors.
func (c *Car) nearestServed(positionM float64) elevator.FloorIndex {
	best, distance := c.spec.Home, 1e9
	for f := range c.spec.Serves.All() {
		if d := max(c.law.ElevationM(f)-positionM, positionM-c.law.ElevationM(f)); d < distance {
			best, distance = f, d
		}
	}
	return best
}

// ridersDetail names those aboard, for the journal.
func (c *Car) ridersDetail() *elevator.Detail {
	d := &elevator.Detail{Riders: make([]elevator.PassengerID, len(c.riders))}
	for i := range c.riders {
		d.Riders[i] = c.riders[i].ID
	}
	return d
}
