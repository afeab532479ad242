package control

import (
	"time"

	"elevator/internal/elevator"
)

// MessageKind says what a Message is about and who sends it to whom.
type MessageKind uint8

// The kinds of messages. Fields not named hold zero, NoCar or NoFloor.
const (
	// Tick carries nothing: the time has come that the receiver asked for with Wake.
	Tick MessageKind = iota

	// From the group control to a car.

	Assign         // Floor, Direction, To: go for this landing call; again and again means once
	Unassign       // Floor, Direction, To: another car goes for it
	RegisterCall   // Floor: a car call that no rider pressed (the operator, a destination promised at the landing); On: also where it is locked
	CancelCalls    // forget all car calls
	Park           // Floor: go there when there is nothing else to do; NoFloor: stay
	SetMode        // Mode, Floor (the recall floor, where the mode has one; with vip: the floor of a priority ride, after which the car returns to normal)
	LockCarCalls   // Floors: floors for which car calls are refused
	RestoreCar     // Car state to go on from after a restart: Restored, Passengers (the riders), Floor (as named with the mode), Stop (the last announcement known), Faults (that its plant had: a simulated one forgets)
	InjectFault    // Fault, On: the plant fails or heals (drills and tests)
	Board          // Stop, Car, Floor, Passengers: the landing's answer to Announce, forwarded; Floors: to which destinations somebody it was promised to finds no room
	CommandDoors   // Doors: a button that is held until the doors have moved, where they are worked by hand; none: it is let go before that
	AcknowledgeCar // Fault: the operator has seen it; latched faults may clear

	// From a car to the group control, which forwards it to the landing.

	Announce // Car, Floor, Stop, Direction, RoomPersons, RoomKg: the doors begin to open; the group control adds Floors, to which destinations it takes people (none named: to all)

	// From the group control to a landing.

	Expect         // Passengers: people who will reach this landing, each at ArrivesAt, in that order
	Lamp           // Floor, Direction, To, On, Car (the car promised for a destination), RoomPersons (to how many who have none; 0: to those who were promised one of Instead; where that is empty, to all)
	Boarded        // Car, Stop, Passenger: that passenger has started to board; On: they are gone in any case
	Left           // Car, Stop: the doors have closed; whoever has not boarded waits again
	Press          // Direction or To: the operator presses a button
	LockLanding    // On: landing calls at this floor are refused
	RestoreLanding // Passengers (waiting, in order), Lamps, Report (Promises, and Stops: the cars that stand here, and who of Passengers is boarding)
	PutBack        // Passengers let out here before their floor: they wait in front

	// From a landing to the group control.

	Button // Floor, Direction, To: a button was pressed
	// (and Board, which the group control forwards to the car).

	// Between a group control that has come back and the cars and landings that
	// went on without it.

	Resync // to each of them; Stop: say what you know, under this number
	Know   // back; Stop: that number, Report and, of a car, Car and Floor
)

// Message passes between the group control, the cars and the landings. Which
// fields mean something depends on Kind.
//
// Passengers is valid only until the receiver's Step returns, and in an Output
// until the sender's next Step; whoever keeps passengers copies them.
type Message struct {
	Kind        MessageKind
	Car         elevator.CarIndex
	Instead     elevator.CarSet `json:",omitempty"` // with Lamp: whoever was promised one of these takes Car now
	Floor       elevator.FloorIndex
	To          elevator.FloorIndex
	Direction   elevator.Direction
	Mode        elevator.Mode
	Doors       elevator.DoorCommand
	Fault       elevator.Fault
	Faults      elevator.FaultSet
	On          bool
	Stop        uint32 // numbers a car's announcements, so that a late answer is known as late
	RoomPersons int    // how many more people may board
	RoomKg      float64
	Passenger   elevator.PassengerID
	Passengers  []elevator.Passenger
	Floors      elevator.FloorSet
	Lamps       []elevator.CallKey
	Restored    *elevator.Car
	Report      *Report `json:",omitempty"`
}

// NewMessage returns a message of the given kind with no car and no floor.
func NewMessage(kind MessageKind) Message {
	return Message{Kind: kind, Car: elevator.NoCar, Floor: elevator.NoFloor, To: elevator.NoFloor}
}

// names reports whether the floors and the car of a message are the
// building's, or none.
func (m *Message) names(b *elevator.Building) bool {
	floors := elevator.FloorIndex(len(b.Floors))
	return m.Floor >= elevator.NoFloor && m.Floor < floors && m.To >= elevator.NoFloor && m.To < floors &&
		m.Car >= elevator.NoCar && int(m.Car) < len(b.Cars)
}

// Output is what a controller's Step wants done: an event that happened (when
// Event.Kind is not EventNone) or a message to the group control. The shell
// carries out outputs in their order.
type Output struct {
	Event   elevator.Event
	Message Message
}

// Never is the Wake time of a controller that waits for a message only.
const Never = time.Duration(1<<63 - 1)

// Controller is a car or a landing. Step takes one message at the building's
// time now, which it neither changes nor keeps, appends what is to be done to
// out, and returns it. Wake tells when a Tick is wanted next; it may change with
// every Step. Both are functions of state, message and time alone: the simulator
// and the tasks on a cluster run the same code.
type Controller interface {
	Step(now time.Duration, in *Message, out []Output) []Output
	Wake() time.Duration
}
