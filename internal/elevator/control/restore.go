package control

import (
	"time"

	"elevator/internal/elevator"
)

// restore goes on from the state the group control kept, after the task of
// this car has started anew. A car that has done something already is its own
// witness, so it takes no notice.
func (c *Car) restore(t time.Duration, in *Message) {
	was := in.Restored
	if was == nil || c.active || was.Floor < 0 || int(was.Floor) >= len(c.building.Floors) {
		return
	}
	c.floor, c.heading = was.Floor, was.Direction
	c.stop.number = max(c.stop.number, in.Stop)
	c.riders = append(c.riders[:0], in.Passengers...)
	c.work.carCalls = was.CarCalls
	c.mode, c.conduct = was.Mode, conductOf(was.Mode)
	c.asked = in.Floor
	c.direction = was.Direction
	if was.CarCalls.Empty() && len(c.riders) == 0 {
		c.direction = elevator.None
	}
	positionM, _ := c.law.CarAt(was, t)
	c.floor = c.law.FloorAt(positionM)
	if c.floor == elevator.NoFloor {
		c.floor, c.phase = was.Floor, stranded
		c.followRiders()
		c.plant.Place(t, positionM, DriveStopped)
		c.restoreFaults(t, was.Faults, in.Faults)
		c.setRecall(t)
		c.foundAt(t, positionM)
		c.ridersPress(t)
		c.runOn(t)
		return
	}
	c.followRiders()
	c.plant.Place(t, c.law.ElevationM(c.floor), DriveStands)
	c.restoreFaults(t, was.Faults, in.Faults)
	c.setRecall(t)
	c.eventHere(t, elevator.CarRecovered).Detail = c.ridersDetail()
	c.ridersPress(t)
	if was.Doors != elevator.DoorsAreClosed && !was.Moving {
		w := c.takes()
		c.openDoors(t, w.serve(c.floor, c.direction, false, c.law))
		return
	}
	c.reachRecall()
	if d, opens := c.opensHere(true); opens {
		c.openDoors(t, d)
		return
	}
	c.decide(t)
}

// restoreFaults takes over the faults that the car had, but for those that its
// plant has no more: what is broken is not mended by a program that starts anew, and
// what was mended meanwhile is not broken.
// Those that show only when the car runs into them show again when it does.
func (c *Car) restoreFaults(t time.Duration, had, broken elevator.FaultSet) {
	for f := elevator.FaultController; f <= elevator.FaultOverload; f++ {
		c.plant.Inject(t, f, broken.Has(f))
	}
	senses := c.plant.Sense(t).Faults
	shows := senses &^ felt
	shows |= senses & had & (1 << elevator.FaultStartFailure)
	if c.phase == stranded {
		shows |= senses & (1 << elevator.FaultCarStoppedOutsideLandingZone)
	}
	c.faults = had
	for f := elevator.FaultController; f <= elevator.FaultOverload; f++ {
		if shows.Has(f) {
			c.raise(t, f)
		} else {
			c.clear(t, f)
		}
	}
}
