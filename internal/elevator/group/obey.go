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
	e := elevator.NewEvent(now, elevator.CommandGiven)
	e.Detail = &elevator.Detail{
		RequestID: cmd.RequestID, By: cmd.By, Command: cmd.Kind.String(), Result: Accepted, WallTime: cmd.WallTime, Task: cmd.Task,
	}
	if err := cmd.Check(c.building); err != nil {
		e.Detail.Result = err.Error()
		return append(c.journal(&e, out), Output{Refused: err})
	}
	refused := c.refuseNow(cmd)
	if refused != nil {
		e.Detail.Result = refused.Error()
	}
	out = c.journal(&e, out)
	if refused != nil {
		return out
	}
	return c.obey(now, cmd, out)
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
		out = c.lockLanding(cmd.Floor, cmd.On, out)
		return c.lockCarCalls(elevator.NoCar, cmd.Floor, cmd.On, out)
	case LockLanding:
		return c.lockLanding(cmd.Floor, cmd.On, out)
	case LockCarCalls:
		return c.lockCarCalls(cmd.Car, cmd.Floor, cmd.On, out)
	case ClearCarCalls:
		for i := range c.group.Cars {
			if car := elevator.CarIndex(i); cmd.Car == car || cmd.Car == elevator.NoCar {
				out, _ = send(Car, i, control.CancelCalls, out)
			}
		}
	case ClearCalls:
		return c.clear(now, cmd.Floor, out)
	case SetDispatcher:
		entry, _ := dispatch.ByName(cmd.Dispatcher)
		c.direct(entry.New(dispatch.Plant{Building: c.building, Law: c.law}))
	case RaiseFault:
		return c.drill(cmd.Car, cmd.Fault, cmd.On, cmd.By, out)
	case Acknowledge:
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
// its cars are recalled; when that ends they return to normal, but for those that
// were ordered to something else meanwhile.
func (c *Control) setGroupMode(now time.Duration, cmd *Command, out []Output) []Output {
	before := c.group.Mode
	e := elevator.NewEvent(now, elevator.ModeChanged)
	e.GroupMode, e.Detail = cmd.GroupMode, &elevator.Detail{By: cmd.By}
	out = c.journal(&e, out)
	c.view.Changed |= dispatch.ServiceChanged
	switch {
	case cmd.GroupMode == elevator.GroupEmergencyPower:
		return c.setAllModes(elevator.ModeEmergencyPower, elevator.NoFloor, cmd.By, out)
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

// lockLanding refuses landing calls at floor f, or takes them again. Calls that
// are lit already are answered.
func (c *Control) lockLanding(f elevator.FloorIndex, on bool, out []Output) []Output {
	if on {
		c.lockedLandings.Add(f)
	} else {
		c.lockedLandings.Remove(f)
	}
	out, m := send(Landing, int(f), control.LockLanding, out)
	m.On = on
	return out
}

// lockCarCalls makes a car, or all where it is NoCar, refuse car calls for floor
// f, or take them again. Whoever is on the way there arrives; nobody who wants to
// go there boards.
func (c *Control) lockCarCalls(only elevator.CarIndex, f elevator.FloorIndex, on bool, out []Output) []Output {
	for i := range c.orders {
		if only != elevator.NoCar && only != elevator.CarIndex(i) {
			continue
		}
		o := &c.orders[i]
		if on {
			o.locked.Add(f)
		} else {
			o.locked.Remove(f)
		}
		var m *control.Message
		out, m = send(Car, i, control.LockCarCalls, out)
		m.Floors = o.locked
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
