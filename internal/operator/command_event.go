package operator

import "elevator/internal/elevator"

// JournaledCommand returns the command that an event of kind CommandGiven is
// about, with the names of the building b.
func JournaledCommand(b *elevator.Building, e *elevator.Event) Command {
	d := e.Detail
	c := Command{RequestID: d.RequestID, Name: d.Command, On: d.On, Dispatcher: d.Dispatcher, Task: d.Task, Alarm: d.Alarm}
	if e.Car != elevator.NoCar {
		c.Car = b.Cars[e.Car].Name
	}
	if e.Floor != elevator.NoFloor {
		c.Floor = b.Floors[e.Floor].Name
	}
	if e.To != elevator.NoFloor {
		c.To = b.Floors[e.To].Name
	}
	if e.Direction != elevator.None {
		c.Direction = e.Direction.String()
	}
	if e.Mode != elevator.ModeUnknown {
		c.Mode = e.Mode.String()
	}
	if e.GroupMode != elevator.GroupUnknown {
		c.GroupMode = e.GroupMode.String()
	}
	if e.Fault != elevator.NoFault {
		c.Fault = e.Fault.String()
	}
	if d.Doors != elevator.NoDoorCommand {
		c.Doors = d.Doors.String()
	}
	return c
}
