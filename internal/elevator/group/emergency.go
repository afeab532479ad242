package group

import (
	"time"

	"elevator/internal/elevator"
)

// beginEmergencyPower stops every car at the next floor it can, where people may
// get out: the generator moves one car at a time. Cars that people work on or
// firefighters drive are left alone.
func (c *Control) beginEmergencyPower(now time.Duration, by string, out []Output) []Output {
	for i := range c.orders {
		car := elevator.CarIndex(i)
		if !c.keepsItsMode(car) && c.mayChange(car, elevator.ModeEmergencyPower) == nil {
			out = c.setMode(car, elevator.ModeEmergencyPower, c.nextFloor(car, now), by, out)
		}
	}
	return out
}

// nextFloor returns where the car stands, or could stop next.
func (c *Control) nextFloor(car elevator.CarIndex, now time.Duration) elevator.FloorIndex {
	s := &c.group.Cars[car]
	if !s.Moving || s.Target == elevator.NoFloor {
		return s.Floor
	}
	return c.law.NextStop(s.Floor, s.Target, now-s.DepartedAt)
}

// takeTurns sends the cars of a group on emergency power to the main terminal, one
// after another: the next when all stand and the one before is there with open doors, or
// cannot move. Then all of them stay there, and those that the operator sets to
// normal run on what power there is.
func (c *Control) takeTurns(out []Output) []Output {
	next := elevator.NoCar
	for i := range c.orders {
		car, o, s := elevator.CarIndex(i), &c.orders[i], &c.group.Cars[i]
		if o.mode != elevator.ModeEmergencyPower || s.Faults != 0 || !s.TaskRunning || c.silent.Has(car) {
			continue
		}
		to := c.emergencyFloor(car)
		switch {
		case !s.Moving && s.Floor == to && s.Doors == elevator.DoorsAreOpen:
		case s.Moving, o.recall == to:
			return out // it is on its way there, or to the next floor
		case next == elevator.NoCar:
			next = car
		}
	}
	if next == elevator.NoCar {
		return out
	}
	return c.setMode(next, elevator.ModeEmergencyPower, c.emergencyFloor(next), c.orders[next].modeBy, out)
}

// emergencyFloor is the main terminal or, where the car does not serve it, its home.
func (c *Control) emergencyFloor(car elevator.CarIndex) elevator.FloorIndex {
	if to := c.building.MainTerminal(); c.building.Cars[car].Serves.Has(to) {
		return to
	}
	return c.building.Cars[car].Home
}
