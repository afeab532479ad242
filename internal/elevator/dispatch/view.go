package dispatch

import (
	"time"

	"elevator/internal/elevator"
)

// View is all that a dispatcher may know: what the signalling of a real
// building knows. Lit calls and since when, the cars' states, loads and car
// calls. It holds no waiting passengers, and destinations only where the
// landing's signalling gives them.
//
// A View and its slices are the group control's; a dispatcher reads them
// during one call and keeps nothing of them.
type View struct {
	Now      time.Duration
	Building *elevator.Building
	Mode     elevator.GroupMode // as the operator wants it
	Detected elevator.GroupMode // as the traffic is: see elevator.TrafficDetector
	Changed  Change             // since the dispatcher was asked last
	Cars     []CarView
	Calls    []elevator.LandingCall // the oldest first
	Pressed  []elevator.CallKey     // destinations keyed in since the dispatcher was asked last, one entry a person; for a Promiser alone
	Avoid    *[2][]elevator.CarSet  // by side and floor: cars that opened for a call with room and were not wanted; nil where all cars serve all floors
}

// Change says what may have changed in a View, so that a dispatcher that cares
// for little can return at once.
type Change uint8

// The kinds of changes.
const (
	CallsChanged   Change = 1 << iota // a landing call was registered or answered
	ServiceChanged                    // a car joined or left the group, or came to be Full or not
	MotionChanged                     // a car departed, arrived, changed its target or moved its doors
	LoadChanged                       // people stepped in or out, or car calls changed
	WakeCame                          // the time that Wake asked for
)

// CarView is what the signalling knows of one car.
type CarView struct {
	Floor      elevator.FloorIndex // where it stands, or left last
	Target     elevator.FloorIndex // where it travels to; NoFloor when it stands
	Direction  elevator.Direction  // of travel or, standing, as announced; None: either way
	Moving     bool
	FromM      float64       // where the present flight began, metres above the lowest floor
	DepartedAt time.Duration // when it began
	Doors      elevator.DoorState
	DoorsSince time.Duration
	LoadKg     float64
	Persons    int // counted by the light curtain as they pass it
	CarCalls   elevator.FloorSet
	Assigned   [2]elevator.FloorSet // landing calls it goes for: [0] down, [1] up
	InGroup    bool                 // takes landing calls: in a group mode, without faults, its task running
	Full       bool                 // passes landing calls, see elevator.Building.PassesLandings
	Parking    elevator.FloorIndex  // where it was last told to park; NoFloor: nowhere
}

// Side returns the index of direction d in CarView.Assigned: 1 for up, 0 for
// down.
func Side(d elevator.Direction) int {
	if d == elevator.Up {
		return 1
	}
	return 0
}

// Idle reports whether the car stands with closed doors, nobody aboard and
// nothing to do.
func (c *CarView) Idle() bool {
	return !c.Moving && c.Doors == elevator.DoorsAreClosed && c.Persons == 0 &&
		c.CarCalls.Empty() && c.Assigned[0].Empty() && c.Assigned[1].Empty()
}

// Able reports whether car c takes landing calls and can answer this one.
func (v *View) Able(c elevator.CarIndex, call elevator.CallKey) bool {
	if !v.Cars[c].InGroup || !v.Building.Cars[c].Serves.Has(call.Floor) {
		return false
	}
	if call.To != elevator.NoFloor {
		return v.Building.Cars[c].Serves.Has(call.To)
	}
	return v.Avoid == nil || !v.Avoid[Side(call.Direction)][call.Floor].Has(c)
}

// Available returns the cars that are Able to answer the call; where that is
// none, those that would be if nobody had refused them.
func (v *View) Available(call elevator.CallKey) elevator.CarSet {
	var serving, refused elevator.CarSet
	for i := range v.Cars {
		serves := &v.Building.Cars[i].Serves
		if v.Cars[i].InGroup && serves.Has(call.Floor) && (call.To == elevator.NoFloor || serves.Has(call.To)) {
			serving = serving.With(elevator.CarIndex(i))
		}
	}
	if v.Avoid != nil && call.To == elevator.NoFloor {
		refused = v.Avoid[Side(call.Direction)][call.Floor]
	}
	if able := serving &^ refused; able != 0 {
		return able
	}
	return serving
}

// Decision is one thing a dispatcher wants: a call given to cars, or a car
// sent to park.
type Decision struct {
	Call    elevator.CallKey // with Cars: who goes for it from now on
	Cars    elevator.CarSet
	Main    elevator.CarIndex // the car of Cars that the call is shown for
	Promise int               // destination calls of a Promiser: to how many who have no car yet Main is promised; 0: to those of Instead
	Instead elevator.CarSet   // whoever was promised one of these is promised Main now; none: so is everybody

	Park   elevator.CarIndex // NoCar: this is about Call
	ParkAt elevator.FloorIndex
}

// Give is the decision that car c alone goes for the call.
func Give(call elevator.CallKey, c elevator.CarIndex) Decision {
	return Decision{Call: call, Cars: elevator.CarSet(0).With(c), Main: c, Park: elevator.NoCar}
}

// ParkCar is the decision that car c waits at floor f when it has nothing to do.
func ParkCar(c elevator.CarIndex, f elevator.FloorIndex) Decision {
	return Decision{Park: c, ParkAt: f}
}

// Promiser is a Dispatcher that gives each passenger at a destination panel a
// car of their own. It sees every destination that is keyed in, in View.Pressed,
// and answers each with a Decision.
type Promiser interface {
	Dispatcher
	// Load is asked when car c opens at a landing with a destination panel to
	// go in direction d. It returns the destinations whose passengers may board it
	// now.
	Load(c elevator.CarIndex, f elevator.FloorIndex, d elevator.Direction) elevator.FloorSet
	// Board is told who of those goes along, a destination for each person, and the
	// destinations of those who stay behind because the car is full: they keep the
	// car and wait until it comes again.
	Board(c elevator.CarIndex, along []elevator.FloorIndex, behind elevator.FloorSet)
	// Left is told that car c has closed its doors.
	Left(c elevator.CarIndex)
	// Promised returns the cars that were promised to somebody who waits behind the
	// call.
	Promised(call elevator.CallKey) elevator.CarSet
	// Waiting returns how many people wait behind the call who were promised car c.
	Waiting(call elevator.CallKey, c elevator.CarIndex) int
	// Resume takes over the promises of a predecessor: so many people wait behind
	// the call who were told car c. It replaces what was known of them.
	Resume(call elevator.CallKey, c elevator.CarIndex, persons int)
}

// Dispatcher decides which car answers which landing call and where idle cars
// wait. Dispatch is called whenever something changed that could matter, and at
// the times that Wake asks for; it appends its decisions to out. Calls not named
// stay with the cars they have. A dispatcher may keep what it learned between
// calls, is owned by one group control, and must be deterministic.
type Dispatcher interface {
	Name() string
	Dispatch(v *View, out []Decision) []Decision
	// Wake returns when Dispatch wants to be called next if nothing happens
	// before, and false where it does not.
	Wake(v *View) (time.Duration, bool)
}
