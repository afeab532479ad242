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
	Mode     elevator.GroupMode
	Cars     []CarView
	Calls    []elevator.LandingCall // the oldest first
}

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
	Full       bool                 // from bypass_ratio on: passes landing calls
	Parking    elevator.FloorIndex  // where it was last told to park; NoFloor: nowhere
}

// Decision is one thing a dispatcher wants: a call given to cars, or a car
// sent to park.
type Decision struct {
	Call elevator.CallKey // with Cars: who goes for it from now on
	Cars elevator.CarSet
	Main elevator.CarIndex // the car of Cars that the call is shown for

	Park   elevator.CarIndex // NoCar: this is about Call
	ParkAt elevator.FloorIndex
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
	// before, or control.Never.
	Wake(v *View) time.Duration
}
