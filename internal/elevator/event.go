package elevator

import "time"

// EventKind says what happened.
type EventKind uint8

// The kinds of events, in the order of design and of the journal's table.
const (
	EventNone             EventKind = iota // also what only a later version of the program knows; nothing happens
	BuildingLoaded                         // first line of each journal file: Header
	SnapshotTaken                          // second line of a file that continues another: Snapshot
	PassengerArrived                       // Passenger, Floor, To, MassKg
	LandingCallRegistered                  // Floor, Direction, To
	LandingCallAssigned                    // Floor, Direction, To, Car, Cars
	LandingCallAnswered                    // Floor, Direction, To, Car
	CarCallRegistered                      // Car, Floor
	CarCallAnswered                        // Car, Floor
	CarDeparted                            // Car, Floor, To, Direction, PositionM
	CarTargetChanged                       // Car, To
	CarArrived                             // Car, Floor
	DoorsOpening                           // Car, Floor, Direction
	DoorsOpened                            // Car, Floor
	DoorsClosing                           // Car, Floor
	DoorsClosed                            // Car, Floor
	PassengerBoarded                       // Passenger, Car, Floor
	PassengerAlighted                      // Passenger, Car, Floor
	CarRecovered                           // Car, Floor or PositionM, Detail.Riders
	ModeChanged                            // Car (NoCar: the group), Mode or GroupMode, Detail.By
	FaultRaised                            // Car, Fault, Detail.By
	FaultCleared                           // Car, Fault, Detail.By
	TaskStateChanged                       // Car (NoCar: not a car's task), Detail: Task, State, Agent, Reason
	CommandGiven                           // Detail: RequestID, By, Command, Result, WallTime; and the fields that the command takes
)

// Event is one thing that happened. Which fields mean something depends on
// Kind (see the constants); the others hold NoCar, NoFloor and zero. It is a
// flat value, so that a million of them cost no garbage.
type Event struct {
	T         time.Duration // the building's time since the start of the run
	Seq       uint64        // 1, 2, … in the journal; 0 before it is appended
	Kind      EventKind
	Direction Direction
	Mode      Mode
	GroupMode GroupMode
	Fault     Fault
	Car       CarIndex
	Floor     FloorIndex
	To        FloorIndex
	Cars      CarSet // LandingCallAssigned: every car that goes for the call, Car among them; 0 means Car alone
	Passenger PassengerID
	PositionM float64 // height above the lowest floor
	MassKg    float64
	Transfer  TransferTimes // PassengerArrived, where the building's transfer times are drawn
	Detail    *Detail       // the words of the rare events; nil for all others
}

// TransferTimes are the times one passenger takes to step in and out.
type TransferTimes struct {
	Board, Alight time.Duration
}

// Detail holds what only the rare events carry.
type Detail struct {
	Header   *Header
	Snapshot *Group
	Riders   []PassengerID

	By, Task, State, Agent, Reason string
	RequestID, Command, Result     string
	WallTime                       time.Time

	// CommandGiven, beside the fields of the event itself.
	On                *bool
	Doors             DoorCommand
	Dispatcher, Alarm string
}

// Header describes a run: the fields of the journal's first line.
type Header struct {
	Building   *Building
	WallTime   time.Time
	Speed      float64
	Seed       uint64
	Dispatcher string
	Version    string
	Format     int // of the journal's lines; see JournalFormat
}

// JournalFormat is the format of the journal that this version writes; a building
// line says it unless it is 0. Whoever adds a field, a kind of event or a key of
// the snapshot raises it: a version that knows less passes over what it does not
// know in a journal of a later format, and nowhere else. So the version before can
// take a run back.
const JournalFormat = 0

// NewEvent returns an event of the given kind and time with no car and no
// floor in it.
func NewEvent(t time.Duration, kind EventKind) Event {
	return Event{T: t, Kind: kind, Car: NoCar, Floor: NoFloor, To: NoFloor}
}

// CallKey names a landing call. A conventional call has a Direction and To
// NoFloor; a destination call has To, and the Direction that leads there.
type CallKey struct {
	Floor     FloorIndex
	To        FloorIndex
	Direction Direction
}

// ConventionalCall is the key of an up or down button.
func ConventionalCall(f FloorIndex, d Direction) CallKey { return CallKey{f, NoFloor, d} }

// DestinationCall is the key of a destination keyed in at a landing.
func DestinationCall(f, to FloorIndex) CallKey { return CallKey{f, to, Toward(f, to)} }

// Call returns the landing call the event is about.
func (e *Event) Call() CallKey { return CallKey{e.Floor, e.To, e.Direction} }
