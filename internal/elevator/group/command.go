package group

import (
	"fmt"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/control"
	"elevator/internal/elevator/dispatch"
)

// CommandKind says what the operator wants.
type CommandKind uint8

// The kinds of commands, with the fields that each reads.
const (
	PressButton    CommandKind = iota + 1 // Floor, Direction or To: a landing call
	PressCarButton                        // Car, Floor: a car call
	SetCarMode                            // Car, Mode, Floor (the recall floor of fire operation, homing and parking)
	SetGroupMode                          // GroupMode
	ParkCar                               // Car, Floor (NoFloor: where the dispatcher likes)
	LockFloor                             // Floor, On: landing calls there and car calls for it are refused
	ClearCarCalls                         // Car (NoCar: all cars)
	ClearCalls                            // Floor (NoFloor: all floors): put out lit landing calls that nobody waits for
	SetDispatcher                         // Dispatcher
	RaiseFault                            // Car, Fault, On: a drill
	Acknowledge                           // Car, Fault: latched faults may clear
)

var commandNames = [...]string{
	"", "landing-call", "car-call", "car-mode", "group-mode", "park", "lock-floor", "clear-car-calls",
	"clear-landing-calls", "dispatcher", "fault", "acknowledge",
}

// String returns the command's name in the operator's API.
func (k CommandKind) String() string {
	if int(k) < len(commandNames) {
		return commandNames[k]
	}
	return ""
}

// ParseCommand returns the command of that name, and false where there is none.
func ParseCommand(name string) (CommandKind, bool) {
	for i, n := range commandNames {
		if n == name && n != "" {
			return CommandKind(i), true
		}
	}
	return 0, false
}

// Command is one thing the operator wants. Which fields mean something depends
// on Kind; the others hold NoCar, NoFloor and zero.
type Command struct {
	RequestID  string // the same id again does nothing again; "": every time anew
	By         string
	WallTime   time.Time
	Kind       CommandKind
	Car        elevator.CarIndex
	Floor, To  elevator.FloorIndex
	Direction  elevator.Direction
	Mode       elevator.Mode
	GroupMode  elevator.GroupMode
	Fault      elevator.Fault
	On         bool
	Dispatcher string
}

// NewCommand returns a command of the given kind with no car and no floor.
func NewCommand(kind CommandKind) Command {
	return Command{Kind: kind, Car: elevator.NoCar, Floor: elevator.NoFloor, To: elevator.NoFloor}
}

// Accepted is the result of a command that was carried out; any other result
// says why not.
const Accepted = "ok"

// commandMemory keeps the latest request ids, so that a command that is sent
// again after a broken connection is not carried out again.
type commandMemory struct {
	ids  [256]string
	next int
}

func (m *commandMemory) seen(id string) bool {
	if id == "" {
		return false
	}
	for i := range m.ids {
		if m.ids[i] == id {
			return true
		}
	}
	m.ids[m.next] = id
	m.next = (m.next + 1) % len(m.ids)
	return false
}

// Check returns what is wrong with the command for this building, or nil.
func (cmd *Command) Check(b *elevator.Building) error {
	needsCar, needsFloor := false, false
	switch cmd.Kind {
	case PressButton:
		needsFloor = true
		if (cmd.To == elevator.NoFloor) == (cmd.Direction == elevator.None) {
			return fmt.Errorf("command %v: want a direction or a destination, and not both", cmd.Kind)
		}
		if cmd.Floor >= 0 && int(cmd.Floor) < len(b.Floors) && b.DestinationAt(cmd.Floor) != (cmd.To != elevator.NoFloor) {
			return fmt.Errorf("command %v: want a destination where there is a panel, a direction where there are buttons", cmd.Kind)
		}
		if cmd.To != elevator.NoFloor && (cmd.To < 0 || int(cmd.To) >= len(b.Floors) || cmd.To == cmd.Floor) {
			return fmt.Errorf("command %v: floor %d is no destination from floor %d", cmd.Kind, cmd.To, cmd.Floor)
		}
	case PressCarButton:
		needsCar, needsFloor = true, true
	case SetCarMode, ParkCar, RaiseFault, Acknowledge:
		needsCar = true
	case LockFloor:
		needsFloor = true
	case SetDispatcher:
		entry, ok := dispatch.ByName(cmd.Dispatcher)
		if !ok {
			return fmt.Errorf("command %v: there is no dispatcher %q", cmd.Kind, cmd.Dispatcher)
		}
		if err := entry.Fits(b); err != nil {
			return fmt.Errorf("command %v: %w", cmd.Kind, err)
		}
	case SetGroupMode, ClearCarCalls, ClearCalls:
	default:
		return fmt.Errorf("there is no command of kind %d", cmd.Kind)
	}
	if cmd.Car < elevator.NoCar || int(cmd.Car) >= len(b.Cars) || needsCar && cmd.Car == elevator.NoCar {
		return fmt.Errorf("command %v: there is no car %d", cmd.Kind, cmd.Car)
	}
	if cmd.Floor < elevator.NoFloor || int(cmd.Floor) >= len(b.Floors) || needsFloor && cmd.Floor == elevator.NoFloor {
		return fmt.Errorf("command %v: there is no floor %d", cmd.Kind, cmd.Floor)
	}
	return nil
}

// command carries out an operator's command and journals what became of it.
func (c *Control) command(now time.Duration, cmd *Command, out []Output) []Output {
	if c.done.seen(cmd.RequestID) {
		return out
	}
	e := elevator.NewEvent(now, elevator.CommandGiven)
	e.Detail = &elevator.Detail{
		RequestID: cmd.RequestID, By: cmd.By, Command: cmd.Kind.String(), Result: Accepted, WallTime: cmd.WallTime,
	}
	err := cmd.Check(c.building)
	if err != nil {
		e.Detail.Result = err.Error()
	}
	out = c.journal(&e, out)
	if err != nil {
		return append(out, Output{Refused: err})
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
		out, m = send(Car, int(cmd.Car), control.SetMode, out)
		m.Mode, m.Floor = cmd.Mode, cmd.Floor
	case SetGroupMode:
		e := elevator.NewEvent(now, elevator.ModeChanged)
		e.GroupMode, e.Detail = cmd.GroupMode, &elevator.Detail{By: cmd.By}
		out = c.journal(&e, out)
		c.view.Changed |= dispatch.ServiceChanged
	case ParkCar:
		c.view.Cars[cmd.Car].Parking = cmd.Floor
		out, m = send(Car, int(cmd.Car), control.Park, out)
		m.Floor = cmd.Floor
	case LockFloor:
		return c.lock(cmd.Floor, cmd.On, out)
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
		out, m = send(Car, int(cmd.Car), control.InjectFault, out)
		m.Fault, m.On = cmd.Fault, cmd.On
	case Acknowledge:
		out, m = send(Car, int(cmd.Car), control.AcknowledgeCar, out)
		m.Fault = cmd.Fault
	}
	return out
}

// lock refuses landing calls at floor f and car calls for it, or takes them
// again. Calls that are lit already are answered.
func (c *Control) lock(f elevator.FloorIndex, on bool, out []Output) []Output {
	if on {
		c.locked.Add(f)
	} else {
		c.locked.Remove(f)
	}
	out, m := send(Landing, int(f), control.LockLanding, out)
	m.On = on
	for i := range c.group.Cars {
		out, m = send(Car, i, control.LockCarCalls, out)
		m.Floors = c.locked
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
