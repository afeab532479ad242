package control

import (
	"time"

	"elevator/internal/elevator"
)

// Plant is the machinery of one car: drive, doors and load cell. The car
// controller commands it and looks at its sensors; it never assumes that a
// command was carried out.
type Plant interface {
	// Depart starts a flight from the floor where the car stands.
	Depart(now time.Duration, from, to elevator.FloorIndex)
	// Retarget makes the present flight end at another floor. The controller
	// asks for it only while the motion law allows it.
	Retarget(now time.Duration, to elevator.FloorIndex)
	// Level starts a levelling run from between two floors.
	Level(now time.Duration, from, to elevator.FloorIndex)
	OpenDoors(now time.Duration)
	CloseDoors(now time.Duration)
	// Sense reads the sensors.
	Sense(now time.Duration) Sensors
	// LoadKg reads the load cell, false while it gives no trustworthy value. A
	// simulated cell weighs what is told to be aboard, a real one need not listen.
	LoadKg(aboardKg float64) (float64, bool)
	// Next returns when Sense will differ from now on if nothing is commanded:
	// Never where that is not known to come.
	Next() time.Duration
	// Place tells where the car was found after its controller has started
	// anew, doors closed. Real machinery knows.
	Place(now time.Duration, positionM float64, drive Drive)
	// Inject makes a fault happen, or heals it. Real machinery ignores it.
	Inject(now time.Duration, fault elevator.Fault, on bool)
}

// Drive is what a car's drive is doing.
type Drive uint8

// The states of a drive.
const (
	DriveStands  Drive = iota // at a floor, or told to run and not running
	DriveRuns                 // in motion
	DriveStopped              // between two floors
)

// Sensors is what the controller can see of its plant.
type Sensors struct {
	Drive      Drive
	PositionM  float64 // height above the lowest floor, where Drive is DriveStopped
	Doors      elevator.DoorState
	Obstructed bool // something stands between doors that are not closed
	Faults     elevator.FaultSet
}
