package group

import (
	"fmt"
	"slices"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/dispatch"
)

// CommandKind says what the operator wants.
type CommandKind uint8

// The kinds of commands, with the fields that each reads.
const (
	PressButton      CommandKind = iota + 1 // Floor, Direction or To: a landing call
	PressCarButton                          // Car, Floor: a car call
	SetCarMode                              // Car, Mode, Floor (the recall floor, where the mode has one; NoFloor: the main terminal; with vip: as CallVIP)
	SetGroupMode                            // GroupMode
	ParkCar                                 // Car, Floor (NoFloor: where the dispatcher likes)
	LockFloor                               // Floor, On: landing calls there and car calls for it are refused, or taken again
	ClearCarCalls                           // Car (NoCar: all cars)
	ClearCalls                              // Floor (NoFloor: all floors): put out lit landing calls that nobody waits for
	SetDispatcher                           // Dispatcher
	RaiseFault                              // Car, Fault, On: a drill
	ResetFaults                             // Car, Fault: latched faults may clear, and what failed is tried at once
	LockLanding                             // Floor, On: landing calls there are refused, or taken again
	LockCarCalls                            // Floor, On, Car (NoCar: all cars): car calls for the floor are refused, or taken again
	SetAllModes                             // Mode, Floor: as SetCarMode, for every car that nobody works on and no firefighter drives
	WorkDoors                               // Car, Doors: by hand, where firefighters drive the car
	CallVIP                                 // Floor, Car (NoCar: the one that is missed least): a priority ride; the car leaves the group until it is over
	RestartTask                             // Task
	AcknowledgeAlarm                        // Alarm: somebody has seen it
	SendCar                                 // Car, Floor: as a car call, also where car calls are locked
)

var commandNames = [...]string{
	"", "landing-call", "car-call", "car-mode", "group-mode", "park", elevator.LockFloor, "clear-car-calls",
	"clear-landing-calls", elevator.ChangeDispatcher, "fault", "reset-faults",
	elevator.LockLandingCalls, elevator.LockCarCalls, "all-cars-mode", "car-doors", "vip-call", "restart-task", elevator.AcknowledgeAlarm, "send",
}

// String returns the command's name in the operator's API.
func (k CommandKind) String() string {
	if int(k) < len(commandNames) {
		return commandNames[k]
	}
	return ""
}

// CommandNames returns the names of all commands in the operator's API.
func CommandNames() []string { return slices.Clone(commandNames[1:]) }

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
	Doors      elevator.DoorCommand
	On         bool
	Dispatcher string
	Task       string // as TaskStateChanged names it
	Alarm      string // by its name, or elevator.AllAlarms
}

// NewCommand returns a command of the given kind with no car and no floor.
func NewCommand(kind CommandKind) Command {
	return Command{Kind: kind, Car: elevator.NoCar, Floor: elevator.NoFloor, To: elevator.NoFloor}
}

// Accepted is the result of a command that was carried out; any other result
// says why not.
const Accepted = elevator.CommandAccepted

// event returns what the journal says of the command: all that it was given.
func (cmd *Command) event(now time.Duration, result string) elevator.Event {
	e := elevator.NewEvent(now, elevator.CommandGiven)
	e.Car, e.Floor, e.To, e.Direction = cmd.Car, cmd.Floor, cmd.To, cmd.Direction
	e.Mode, e.GroupMode, e.Fault = cmd.Mode, cmd.GroupMode, cmd.Fault
	e.Detail = &elevator.Detail{
		RequestID: cmd.RequestID, By: cmd.By, Command: cmd.Kind.String(), Result: result, WallTime: cmd.WallTime,
		Task: cmd.Task, Alarm: cmd.Alarm, Doors: cmd.Doors, Dispatcher: cmd.Dispatcher,
	}
	switch cmd.Kind {
	case LockFloor, LockLanding, LockCarCalls, RaiseFault:
		e.Detail.On = new(cmd.On)
	}
	return e
}

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
	case PressCarButton, SendCar:
		needsCar, needsFloor = true, true
	case SetCarMode, ParkCar, RaiseFault, ResetFaults, WorkDoors:
		needsCar = true
	case LockFloor, LockLanding, LockCarCalls, CallVIP:
		needsFloor = true
	case SetGroupMode, ClearCarCalls, ClearCalls, SetDispatcher, SetAllModes, RestartTask, AcknowledgeAlarm:
	default:
		return fmt.Errorf("there is no command of kind %d", cmd.Kind)
	}
	if cmd.Car < elevator.NoCar || int(cmd.Car) >= len(b.Cars) || needsCar && cmd.Car == elevator.NoCar {
		return fmt.Errorf("command %v: there is no car %d", cmd.Kind, cmd.Car)
	}
	if cmd.Floor < elevator.NoFloor || int(cmd.Floor) >= len(b.Floors) || needsFloor && cmd.Floor == elevator.NoFloor {
		return fmt.Errorf("command %v: there is no floor %d", cmd.Kind, cmd.Floor)
	}
	return cmd.checkWords(b)
}

// checkWords checks what the kinds of commands need beside cars and floors.
func (cmd *Command) checkWords(b *elevator.Building) error {
	switch cmd.Kind {
	case PressButton:
		return cmd.checkButton(b)
	case SetCarMode, SetAllModes:
		if cmd.Mode == elevator.ModeUnknown {
			return fmt.Errorf("command %v: want a mode to change to", cmd.Kind)
		}
	case SetGroupMode:
		if cmd.GroupMode == elevator.GroupUnknown {
			return fmt.Errorf("command %v: want a group mode to change to", cmd.Kind)
		}
	case AcknowledgeAlarm:
		if cmd.Alarm == "" {
			return fmt.Errorf("command %v: want the name of an alarm, or %s", cmd.Kind, elevator.AllAlarms)
		}
	case RaiseFault:
		if cmd.Fault == elevator.NoFault {
			return fmt.Errorf("command %v: want a fault to raise or clear", cmd.Kind)
		}
	case SetDispatcher:
		entry, ok := dispatch.ByName(cmd.Dispatcher)
		if !ok {
			return fmt.Errorf("command %v: there is no dispatcher %q", cmd.Kind, cmd.Dispatcher)
		}
		if err := entry.Fits(b); err != nil {
			return fmt.Errorf("command %v: %w", cmd.Kind, err)
		}
	}
	return nil
}

// checkButton checks that the landing has the button.
func (cmd *Command) checkButton(b *elevator.Building) error {
	floor := b.Floors[cmd.Floor].Name
	switch {
	case (cmd.To == elevator.NoFloor) == (cmd.Direction == elevator.None):
		return fmt.Errorf("command %v: want a direction or a destination, and not both", cmd.Kind)
	case b.DestinationAt(cmd.Floor) != (cmd.To != elevator.NoFloor):
		return fmt.Errorf("command %v: want a destination where there is a panel, a direction where there are buttons", cmd.Kind)
	case cmd.To < elevator.NoFloor, int(cmd.To) >= len(b.Floors), cmd.To == cmd.Floor:
		return fmt.Errorf("command %v: floor %d is no destination from floor %s", cmd.Kind, cmd.To, floor)
	case cmd.Direction == elevator.Down && cmd.Floor == 0, cmd.Direction == elevator.Up && int(cmd.Floor) == len(b.Floors)-1:
		return fmt.Errorf("command %v: floor %s has no button %v", cmd.Kind, floor, cmd.Direction)
	}
	return nil
}
