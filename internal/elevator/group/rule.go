package group

import (
	"fmt"

	"elevator/internal/elevator"
	"elevator/internal/elevator/control"
)

// urgency orders the modes of operation by what they protect. A car changes to a
// mode at least as urgent as the one it is in, or back to normal.
func urgency(m elevator.Mode) int {
	switch m {
	case elevator.ModeInspection:
		return 4 // somebody may be in the shaft
	case elevator.ModeEarthquakeOperation:
		return 3 // the shaft may be damaged
	case elevator.ModeFireOperation, elevator.ModeFirefighterControl:
		return 2
	case elevator.ModeEmergencyPower, elevator.ModeCabinetRecall, elevator.ModeOccupantEvacuation:
		return 1
	}
	return 0
}

// mayChange returns why a car cannot be ordered from one mode to another, or
// nil. Firefighters take over a car that fire operation has recalled, and no
// other (phase II follows phase I, as in ASME A17.1, 2.27.3).
func (c *Control) mayChange(car elevator.CarIndex, to elevator.Mode) error {
	from, name := c.orders[car].mode, c.building.Cars[car].Name
	switch {
	case to == from, to == elevator.ModeNormal:
		return nil
	case to == elevator.ModeFirefighterControl && from != elevator.ModeFireOperation:
		return fmt.Errorf("car %s is in mode %v; firefighters take over a car in fire-operation only", name, from)
	case urgency(to) < urgency(from):
		return fmt.Errorf("car %s is in mode %v, which %v does not end; set it to normal first", name, from, to)
	}
	return nil
}

// keepsItsMode reports whether a car is left alone by what is said to all cars:
// people work on it or firefighters drive it.
func (c *Control) keepsItsMode(car elevator.CarIndex) bool {
	m := c.orders[car].mode
	return m == elevator.ModeInspection || m == elevator.ModeFirefighterControl
}

// refuseNow returns why the command, which fits the building, cannot be carried
// out as things are, or nil.
func (c *Control) refuseNow(cmd *Command) error {
	switch cmd.Kind {
	case PressButton:
		return c.refuseLandingCall(cmd.Floor)
	case PressCarButton:
		return c.refuseCarCall(cmd.Car, cmd.Floor)
	case SendCar:
		return c.refuseSend(cmd.Car, cmd.Floor)
	case SetCarMode:
		return c.refuseCarMode(cmd.Car, cmd.Mode, cmd.Floor)
	case SetGroupMode:
		if c.group.Mode == elevator.GroupEmergencyPower && cmd.GroupMode != elevator.GroupNormal && cmd.GroupMode != c.group.Mode {
			return fmt.Errorf("the group runs on emergency power, which %v does not end; set it to normal first", cmd.GroupMode)
		}
	case SetAllModes:
		return c.refuseAllModes(cmd.Mode)
	case ParkCar:
		return c.refusePark(cmd.Car, cmd.Floor)
	case WorkDoors:
		return c.refuseDoors(cmd.Car)
	case RaiseFault, ResetFaults:
		return c.refuseDead(cmd.Car)
	case ClearCarCalls:
		if cmd.Car != elevator.NoCar {
			return c.refuseDead(cmd.Car)
		}
	case CallVIP:
		if cmd.Car != elevator.NoCar {
			return c.refuseVIP(cmd.Car, cmd.Floor)
		}
		if c.carForVIP(cmd.Floor) == elevator.NoCar {
			return fmt.Errorf("no car that serves floor %s can leave the group", c.building.Floors[cmd.Floor].Name)
		}
	case RestartTask:
		if _, known := c.group.Tasks[cmd.Task]; !known {
			return fmt.Errorf("the group has no task %.40q", cmd.Task)
		}
	}
	return nil
}

// refuseLandingCall refuses a button that nobody would hear.
func (c *Control) refuseLandingCall(f elevator.FloorIndex) error {
	name := c.building.Floors[f].Name
	if c.group.LockedLandings.Has(f) {
		return fmt.Errorf("floor %s takes no landing calls; unlock it first", name)
	}
	// No task at all: a simulation, where nothing can be down.
	task, known := c.group.Tasks[elevator.TaskName(elevator.FloorTask, int(f))]
	if known && task.State != elevator.TaskRunning {
		return fmt.Errorf("the task of floor %s does not run; wait until it does", name)
	}
	return nil
}

// refuseDead refuses what is not kept for a car that cannot hear it now.
func (c *Control) refuseDead(car elevator.CarIndex) error {
	switch {
	case !c.group.Cars[car].TaskRunning:
		return fmt.Errorf("the task of car %s does not run; wait until it does", c.building.Cars[car].Name)
	case c.silent.Has(car):
		return fmt.Errorf("car %s does not answer; wait until it does", c.building.Cars[car].Name)
	}
	return nil
}

// refuseCarMode refuses also a recall to a floor where the car cannot go.
func (c *Control) refuseCarMode(car elevator.CarIndex, to elevator.Mode, recall elevator.FloorIndex) error {
	if err := c.mayChange(car, to); err != nil {
		return err
	}
	return c.refuseServing(car, recall)
}

// refuseGoing refuses to have a car go to a floor (NoFloor: wherever it likes)
// that cannot hear it now, or does not serve it.
func (c *Control) refuseGoing(car elevator.CarIndex, f elevator.FloorIndex) error {
	if err := c.refuseDead(car); err != nil {
		return err
	}
	if err := c.refuseInspected(car); err != nil {
		return err
	}
	return c.refuseServing(car, f)
}

// refuseInspected refuses to move a car under inspection, or its doors. Whoever
// inspects it drives it by constant pressure on the buttons at the station on its
// roof (EN 81-20, 5.12.1.5), which overrule everybody else; an operator far away
// cannot see who stands there.
func (c *Control) refuseInspected(car elevator.CarIndex) error {
	if c.orders[car].mode != elevator.ModeInspection {
		return nil
	}
	return fmt.Errorf("car %s is under inspection: it is moved from its roof alone; set it to normal when nobody is in the shaft", c.building.Cars[car].Name)
}

func (c *Control) refuseServing(car elevator.CarIndex, f elevator.FloorIndex) error {
	if f == elevator.NoFloor || c.building.Cars[car].Serves.Has(f) {
		return nil
	}
	return fmt.Errorf("car %s does not serve floor %s", c.building.Cars[car].Name, c.building.Floors[f].Name)
}

func (c *Control) refuseCarCall(car elevator.CarIndex, f elevator.FloorIndex) error {
	if err := c.refuseGoing(car, f); err != nil {
		return err
	}
	name, mode := c.building.Cars[car].Name, c.orders[car].mode
	switch {
	case c.group.Cars[car].LockedCalls.Has(f):
		return fmt.Errorf("car %s takes no car calls for floor %s; unlock it first", name, c.building.Floors[f].Name)
	case !control.TakesCarCalls(mode, 0):
		return fmt.Errorf("car %s takes no car calls in mode %v; set it to normal first", name, mode)
	case !control.TakesCarCalls(mode, c.group.Cars[car].Faults):
		return fmt.Errorf("car %s takes no car calls before its fault is cleared", name)
	}
	return nil
}

// refuseSend returns why the car cannot be sent, or nil. A lock keeps passengers
// from a floor, not the operator; a recall is not overruled.
func (c *Control) refuseSend(car elevator.CarIndex, f elevator.FloorIndex) error {
	if err := c.refuseGoing(car, f); err != nil {
		return err
	}
	name, mode := c.building.Cars[car].Name, c.orders[car].mode
	switch {
	case control.TakesCarCalls(mode, c.group.Cars[car].Faults):
		return nil
	case control.TakesCarCalls(mode, 0):
		return fmt.Errorf("car %s cannot be sent before its fault is cleared", name)
	}
	switch mode {
	case elevator.ModeFireOperation, elevator.ModeEmergencyPower, elevator.ModeCabinetRecall:
		return fmt.Errorf("car %s cannot be sent in mode %v; give that mode again with a floor to recall it to, or set it to normal first", name, mode)
	}
	return fmt.Errorf("car %s cannot be sent in mode %v; set it to normal first", name, mode)
}

func (c *Control) refusePark(car elevator.CarIndex, f elevator.FloorIndex) error {
	if err := c.refuseInspected(car); err != nil {
		return err
	}
	name, mode := c.building.Cars[car].Name, c.orders[car].mode
	switch {
	case !mode.InGroup():
		return fmt.Errorf("car %s is in mode %v and does not park; set it to normal first", name, mode)
	case mode == elevator.ModeHoming && f != elevator.NoFloor:
		return fmt.Errorf("car %s is in mode homing and parks at its home floor; set it to normal first", name)
	case !control.TakesCarCalls(mode, c.group.Cars[car].Faults):
		return fmt.Errorf("car %s does not park before its fault is cleared", name)
	}
	return c.refuseGoing(car, f)
}

// refuseAllModes refuses a mode that not one car can change to.
func (c *Control) refuseAllModes(to elevator.Mode) error {
	err := fmt.Errorf("every car is under inspection or driven by firefighters; each changes by a command of its own")
	for i := range c.orders {
		car := elevator.CarIndex(i)
		if c.keepsItsMode(car) {
			continue
		}
		if err = c.mayChange(car, to); err == nil {
			return nil
		}
	}
	return err
}

// refuseDoors returns why nobody can work the car's doors by hand, or nil.
func (c *Control) refuseDoors(car elevator.CarIndex) error {
	if err := c.refuseInspected(car); err != nil {
		return err
	}
	if mode := c.orders[car].mode; !control.WorksDoorsByHand(mode, 0) {
		return fmt.Errorf("car %s is in mode %v; its doors are worked by hand in mode %v only",
			c.building.Cars[car].Name, mode, elevator.ModeFirefighterControl)
	}
	return c.refuseDead(car)
}

// refuseVIP returns why the car cannot be taken for a priority call, or nil.
func (c *Control) refuseVIP(car elevator.CarIndex, f elevator.FloorIndex) error {
	if err := c.refuseInspected(car); err != nil {
		return err
	}
	if mode := c.orders[car].mode; !mode.InGroup() && mode != elevator.ModeVIP {
		return fmt.Errorf("car %s is in mode %v; set it to normal first", c.building.Cars[car].Name, mode)
	}
	return c.refuseCarCall(car, f)
}

// carForVIP returns the car that a priority call takes out of the group: the one
// with the fewest people aboard, and among those the nearest; or NoCar.
func (c *Control) carForVIP(f elevator.FloorIndex) elevator.CarIndex {
	best, least := elevator.NoCar, 0
	for i := range c.orders {
		v := &c.view.Cars[i]
		if !c.orders[i].mode.InGroup() || !v.InGroup || c.refuseCarCall(elevator.CarIndex(i), f) != nil {
			continue
		}
		cost := v.Persons*len(c.building.Floors) + int(max(v.Floor-f, f-v.Floor))
		if best == elevator.NoCar || cost < least {
			best, least = elevator.CarIndex(i), cost
		}
	}
	return best
}
