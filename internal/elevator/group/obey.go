package group

import (
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/control"
	"elevator/internal/elevator/dispatch"
)

// command carries out an operator's command and journals what became of it. One
// that this building could never carry out is also reported as refused; one that
// is out of place as things are is not: the journal and the operator's answer
// say so.
func (c *Control) command(now time.Duration, cmd *Command, out []Output) []Output {
	if c.done.seen(cmd.RequestID) {
		return out
	}
	if err := cmd.Check(c.building); err != nil {
		e := elevator.NewEvent(now, elevator.CommandGiven) // what it names may not exist
		e.Detail = cmd.event(now, err.Error()).Detail
		return append(c.journal(&e, out), Output{Refused: err})
	}
	if err := c.refuseNow(cmd); err != nil {
		e := cmd.event(now, err.Error())
		return c.journal(&e, out)
	}
	e := cmd.event(now, Accepted)
	return c.obey(now, cmd, c.journal(&e, out))
}

func (c *Control) obey(now time.Duration, cmd *Command, out []Output) []Output {
	var m *control.Message
	switch cmd.Kind {
	case PressButton:
		out, m = send(Landing, int(cmd.Floor), control.Press, out)
		m.Floor, m.Direction, m.To = cmd.Floor, cmd.Direction, cmd.To
	case PressCarButton:
		out, m = send(Car, int(cmd.Car), control.RegisterCall, out)
		m.Floor = cmd.Floor
	case SendCar:
		out, m = send(Car, int(cmd.Car), control.RegisterCall, out)
		m.Floor, m.On = cmd.Floor, true
	case SetCarMode:
		return c.setMode(cmd.Car, cmd.Mode, cmd.Floor, cmd.By, out)
	case SetAllModes:
		return c.setAllModes(cmd.Mode, cmd.Floor, cmd.By, out)
	case SetGroupMode:
		return c.setGroupMode(now, cmd, out)
	case ParkCar:
		c.view.Cars[cmd.Car].Parking = cmd.Floor
		out, m = send(Car, int(cmd.Car), control.Park, out)
		m.Floor = cmd.Floor
	case LockFloor:
		return c.tellLockedCalls(elevator.NoCar, c.tellLandingLock(cmd.Floor, out))
	case LockLanding:
		return c.tellLandingLock(cmd.Floor, out)
	case LockCarCalls:
		return c.tellLockedCalls(cmd.Car, out)
	case ClearCarCalls:
		for i := range c.group.Cars {
			if car := elevator.CarIndex(i); cmd.Car == car || cmd.Car == elevator.NoCar {
				out, _ = send(Car, i, control.CancelCalls, out)
			}
		}
	case ClearCalls:
		return c.clear(now, cmd.Floor, out)
	case SetDispatcher:
		for car := range c.rescues.cars.All() {
			out = c.endRescue(car, out) // the next dispatcher's begin anew
		}
		entry, _ := dispatch.ByName(cmd.Dispatcher)
		if c.direct(entry.New(dispatch.Plant{Building: c.building, Law: c.law})); c.promiser == nil {
			return c.showOneCar(out)
		}
	case RaiseFault:
		return c.drill(cmd.Car, cmd.Fault, cmd.On, cmd.By, out)
	case ResetFaults:
		out, m = send(Car, int(cmd.Car), control.AcknowledgeCar, out)
		m.Fault = cmd.Fault
	case WorkDoors:
		out, m = send(Car, int(cmd.Car), control.CommandDoors, out)
		m.Doors = cmd.Doors
	case CallVIP:
		return c.callVIP(cmd, out)
	case RestartTask:
		return append(out, Output{To: Cluster, Task: cmd.Task})
	}
	return out
}

// setAllModes orders every car to a mode that may take it, but those that keep
// theirs.
func (c *Control) setAllModes(to elevator.Mode, recall elevator.FloorIndex, by string, out []Output) []Output {
	for i := range c.orders {
		car := elevator.CarIndex(i)
		if !c.keepsItsMode(car) && c.mayChange(car, to) == nil {
			out = c.setMode(car, to, recall, by, out)
		}
	}
	return out
}

// setGroupMode changes the traffic mode. While the group runs on emergency power
// its cars are recalled, one after another; when that ends they return to normal,
// but for those that were ordered to something else meanwhile.
func (c *Control) setGroupMode(now time.Duration, cmd *Command, out []Output) []Output {
	before := c.group.Mode
	e := elevator.NewEvent(now, elevator.ModeChanged)
	e.GroupMode, e.Detail = cmd.GroupMode, &elevator.Detail{By: cmd.By}
	out = c.journal(&e, out)
	c.view.Changed |= dispatch.ServiceChanged
	switch {
	case cmd.GroupMode == elevator.GroupEmergencyPower:
		return c.beginEmergencyPower(now, cmd.By, out)
	case before == elevator.GroupEmergencyPower:
		for i := range c.orders {
			if c.orders[i].mode == elevator.ModeEmergencyPower {
				out = c.setMode(elevator.CarIndex(i), elevator.ModeNormal, elevator.NoFloor, cmd.By, out)
			}
		}
	}
	return out
}

// callVIP takes a car out of the group and sends it to a floor. It serves the
// car calls it has on its way, waits there, goes where it is told to, and
// returns to the group by itself once its doors have closed with no car call
// left.
func (c *Control) callVIP(cmd *Command, out []Output) []Output {
	car := cmd.Car
	if car == elevator.NoCar {
		car = c.carForVIP(cmd.Floor)
	}
	return c.setMode(car, elevator.ModeVIP, cmd.Floor, cmd.By, out)
}

// tellLandingLock tells the landing of floor f whether it takes calls. Those
// that are lit already are answered.
func (c *Control) tellLandingLock(f elevator.FloorIndex, out []Output) []Output {
	out, m := send(Landing, int(f), control.LockLanding, out)
	m.On = c.group.LockedLandings.Has(f)
	return out
}

// tellLockedCalls tells a car, or all where it is NoCar, for which floors it
// takes no car calls. Whoever is on the way there arrives; nobody who wants to go
// there boards.
func (c *Control) tellLockedCalls(only elevator.CarIndex, out []Output) []Output {
	for i := range c.group.Cars {
		if only == elevator.NoCar || only == elevator.CarIndex(i) {
			var m *control.Message
			out, m = send(Car, i, control.LockCarCalls, out)
			m.Floors = c.group.Cars[i].LockedCalls
		}
	}
	return out
}

// clear takes the lit calls of a floor where nobody waits (a stuck or idle
// button) from their cars and puts them out. A lit button with somebody behind
// it is a promise and stays.
func (c *Control) clear(now time.Duration, f elevator.FloorIndex, out []Output) []Output {
	for i := 0; i < len(c.group.Calls); {
		call := c.group.Calls[i]
		if f != elevator.NoFloor && call.Key.Floor != f || c.group.Waiting[call.Key.Floor] > 0 {
			i++
			continue
		}
		for car := range call.Cars.All() {
			out = c.tellCar(car, control.Unassign, call.Key, out)
		}
		e := callEvent(now, elevator.LandingCallAnswered, call.Key)
		out = c.journal(&e, out)
		c.viewAssigned(call.Key, call.Cars, 0)
		out = c.lamp(call.Key, false, elevator.NoCar, out)
	}
	c.view.Changed |= dispatch.CallsChanged
	return out
}
