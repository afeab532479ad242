package control

import (
	"time"

	"elevator/internal/elevator"
)

// takes returns the work the car would do now: all of it, or the car calls
// alone while it passes landing calls, or only the way to where it is recalled.
func (c *Car) takes() work {
	w := c.work
	if c.recalling() {
		w = work{}
		if !c.recalled {
			w.carCalls.Add(c.recallAt)
		}
		return w
	}
	if !c.conduct.landing {
		w.landing = [2]elevator.FloorSet{}
	}
	if !w.landing[0].Empty() || !w.landing[1].Empty() {
		if c.passesLandings() {
			w.landing = [2]elevator.FloorSet{}
		}
	}
	return w
}

// opensHere reports whether there is a reason to open the doors at the floor
// where the car stands, and the direction it would announce there. Closed
// doors with people behind them do not open again for a landing call: that car
// has left. An arriving car opens for one.
func (c *Car) opensHere(arriving bool) (elevator.Direction, bool) {
	if c.worksDoorsByHand() {
		return c.direction, false
	}
	w := c.takes()
	if w.carCalls.Has(c.floor) && c.conduct.landing && !c.recalling() {
		// It stops anyway, so even a full car answers a landing call here.
		w.landing = c.work.landing
	}
	d := w.serve(c.floor, c.direction, arriving, c.law)
	switch {
	case w.carCalls.Has(c.floor):
		return d, true
	case !arriving && !w.carCalls.Empty():
		return d, false
	}
	return d, w.landingAt(c.floor, d)
}

// decide lets a car that stands with closed doors do the next thing: open
// them, depart, or rest.
func (c *Car) decide(t time.Duration) {
	c.retries, c.lingers = false, false
	if c.endsVIP() {
		c.setMode(t, elevator.ModeNormal, elevator.NoFloor)
		return
	}
	if d, opens := c.opensHere(false); opens {
		c.openDoors(t, d)
		return
	}
	if c.worksDoorsByHand() {
		c.answerCarCall(t) // by having come here
	}
	w := c.takes()
	if target := w.next(c.floor, c.direction, c.law); target != elevator.NoFloor {
		c.depart(t, target)
		return
	}
	c.phase, c.direction = resting, elevator.None
	switch {
	case c.recalling():
	case c.conduct.opensUncalled:
		c.openDoors(t, elevator.None)
	case c.parks() && t < c.standsSince+parkAfter:
		c.lingers = true
	case c.parks():
		c.depart(t, c.parksAt())
	}
}

// parks reports whether a car without work has somewhere else to wait for it.
func (c *Car) parks() bool {
	return c.parksAt() != elevator.NoFloor && c.parksAt() != c.floor
}

// parksAt returns where the car waits for work, or NoFloor for where it is.
func (c *Car) parksAt() elevator.FloorIndex {
	switch {
	case c.mode == elevator.ModeHoming:
		return c.spec.Home
	case !c.conduct.landing:
		return elevator.NoFloor // somebody uses it
	}
	return c.park
}

// depart sends the car off, after the turn time where it goes against its
// last direction.
func (c *Car) depart(t time.Duration, target elevator.FloorIndex) {
	c.direction = elevator.Toward(c.floor, target)
	if wait := c.law.TurnTime(); wait > 0 && c.heading == -c.direction && !c.turned {
		if c.phase != turning {
			c.phase, c.until = turning, t+wait
		}
		return
	}
	c.plant.Depart(t, c.floor, target)
	if c.plant.Sense(t).Drive != DriveRuns {
		c.phase, c.until, c.retries = resting, t+tryAgain, true
		c.raise(t, elevator.FaultStartFailure)
		return
	}
	c.clear(t, elevator.FaultStartFailure)
	c.phase, c.target, c.departedAt, c.heading = travelling, target, t, c.direction
	c.until = t + c.law.FlightTime(c.floor, target) + flightOverdue
	e := c.eventHere(t, elevator.CarDeparted)
	e.To, e.Direction, e.PositionM = target, c.direction, c.law.ElevationM(c.floor)
}

// committed reports whether it is too late to change where the present flight
// ends.
func (c *Car) committed(t time.Duration) bool {
	return c.levelling || t-c.departedAt > c.law.CommitTime(c.floor, c.target)
}

// retarget reconsiders where the present flight ends, while that is still
// open.
func (c *Car) retarget(t time.Duration) {
	if c.committed(t) {
		return
	}
	first := c.law.NextStop(c.floor, c.target, t-c.departedAt)
	before := first - elevator.FloorIndex(c.direction)
	w := c.takes()
	target := w.ahead(before, c.direction)
	if park := c.parksAt(); target == elevator.NoFloor && w.empty() && park != elevator.NoFloor &&
		elevator.Toward(before, park) == c.direction {
		target = park
	}
	if target == elevator.NoFloor {
		target = beyond(&c.spec.Serves, before, c.direction)
	}
	if target == c.target || target == elevator.NoFloor {
		return
	}
	c.target = target
	c.until = c.departedAt + c.law.FlightTime(c.floor, target) + flightOverdue
	c.plant.Retarget(t, target)
	c.event(t, elevator.CarTargetChanged).To = target
}

// arrive ends a flight. The doors open where somebody needs them.
func (c *Car) arrive(t time.Duration) {
	c.phase, c.floor, c.target, c.levelling = resting, c.target, elevator.NoFloor, false
	c.standsSince = t
	c.followRiders()
	c.eventHere(t, elevator.CarArrived)
	c.runtimeEnds(t)
	if c.recallsTo() == toNextFloor {
		c.recallAt = c.floor
	}
	c.reachRecall()
	if d, opens := c.opensHere(true); opens {
		c.openDoors(t, d)
		c.dropLingering()
		return
	}
	c.dropLingering()
	c.decide(t)
}

// followRiders lets a car that stands serve a way that riders want: a recall or
// a restart may have turned it. It keeps its direction while anybody aboard
// wants that; after a recall some may want the other.
func (c *Car) followRiders() {
	wanted := elevator.None
	for i := range c.riders {
		switch d := elevator.Toward(c.floor, c.riders[i].To); {
		case d == elevator.None:
		case d == c.direction:
			return
		case wanted == elevator.None:
			wanted = d
		}
	}
	if wanted != elevator.None {
		c.direction = wanted
	}
}

// workChanged looks at the work again after calls came or went.
func (c *Car) workChanged(t time.Duration) {
	switch c.phase {
	case resting:
		c.decide(t)
	case turning:
		if d, opens := c.opensHere(false); opens {
			c.openDoors(t, d)
		}
	case travelling:
		c.retarget(t)
	}
}
