package elevator

import (
	"iter"
	"math/bits"
)

// Mode is how a car is operated: BACnet's Car_Mode (ASHRAE 135-2020, object
// Lift) with its values.
type Mode uint8

// The car modes.
const (
	ModeUnknown Mode = iota
	ModeNormal
	ModeVIP
	ModeHoming
	ModeParking
	ModeAttendantControl
	ModeFirefighterControl
	ModeEmergencyPower
	ModeInspection
	ModeCabinetRecall
	ModeEarthquakeOperation
	ModeFireOperation
	ModeOutOfService
	ModeOccupantEvacuation
)

var modeNames = [...]string{
	"unknown", "normal", "vip", "homing", "parking", "attendant-control", "firefighter-control",
	"emergency-power", "inspection", "cabinet-recall", "earthquake-operation", "fire-operation",
	"out-of-service", "occupant-evacuation",
}

// String returns BACnet's name of the mode.
func (m Mode) String() string {
	if int(m) < len(modeNames) {
		return modeNames[m]
	}
	return modeNames[ModeUnknown]
}

// ParseMode returns the mode of that name, and false where there is none.
func ParseMode(name string) (Mode, bool) {
	for i, n := range modeNames {
		if n == name {
			return Mode(i), true
		}
	}
	return ModeUnknown, false
}

// InGroup reports whether a car of this mode answers landing calls that the
// dispatcher assigns.
func (m Mode) InGroup() bool { return m == ModeNormal || m == ModeParking || m == ModeHoming }

// EndsByHand reports whether the mode protects somebody in the shaft or in the
// building, so that only who knows that the danger is over may end it.
func (m Mode) EndsByHand() bool {
	switch m {
	case ModeFirefighterControl, ModeInspection, ModeEarthquakeOperation, ModeFireOperation:
		return true
	}
	return false
}

// DoorCommand is what a car's doors are told by hand: BACnet's Car_Door_Command.
type DoorCommand uint8

// The door commands.
const (
	NoDoorCommand DoorCommand = iota
	OpenDoors
	CloseDoors
)

var doorCommandNames = [...]string{"none", "open", "close"}

// String returns BACnet's name of the command.
func (c DoorCommand) String() string {
	if int(c) < len(doorCommandNames) {
		return doorCommandNames[c]
	}
	return doorCommandNames[NoDoorCommand]
}

// ParseDoorCommand returns the command of that name, and false where there is
// none.
func ParseDoorCommand(name string) (DoorCommand, bool) {
	for i, n := range doorCommandNames {
		if n == name {
			return DoorCommand(i), true
		}
	}
	return NoDoorCommand, false
}

// GroupMode is the traffic mode of the whole group: BACnet's Group_Mode.
type GroupMode uint8

// The group modes.
const (
	GroupUnknown GroupMode = iota
	GroupNormal
	GroupDownPeak
	GroupTwoWay
	GroupFourWay
	GroupEmergencyPower
	GroupUpPeak
)

var groupModeNames = [...]string{"unknown", "normal", "down-peak", "two-way", "four-way", "emergency-power", "up-peak"}

// String returns BACnet's name of the group mode.
func (m GroupMode) String() string {
	if int(m) < len(groupModeNames) {
		return groupModeNames[m]
	}
	return groupModeNames[GroupUnknown]
}

// ParseGroupMode returns the group mode of that name, and false where there
// is none.
func ParseGroupMode(name string) (GroupMode, bool) {
	for i, n := range groupModeNames {
		if n == name {
			return GroupMode(i), true
		}
	}
	return GroupUnknown, false
}

// Fault is one of BACnet's Fault_Signals, and overload, which BACnet reports
// as a load.
type Fault uint8

// The faults.
const (
	NoFault Fault = iota
	FaultController
	FaultDriveAndMotor
	FaultGovernorAndSafetyGear
	FaultLiftShaftDevice
	FaultPowerSupply
	FaultSafetyInterlock
	FaultDoorClosing
	FaultDoorOpening
	FaultCarStoppedOutsideLandingZone
	FaultCallButtonStuck
	FaultStartFailure
	FaultControllerSupply
	FaultSelfTestFailure
	FaultRuntimeLimitExceeded
	FaultPositionLost
	FaultDriveTemperatureExceeded
	FaultLoadMeasurement
	FaultOverload
)

var faultNames = [...]string{
	"none", "controller", "drive-and-motor", "governor-and-safety-gear", "lift-shaft-device", "power-supply",
	"safety-interlock", "door-closing", "door-opening", "car-stopped-outside-landing-zone", "call-button-stuck",
	"start-failure", "controller-supply", "self-test-failure", "runtime-limit-exceeded", "position-lost",
	"drive-temperature-exceeded", "load-measurement", "overload",
}

// String returns BACnet's name of the fault.
func (f Fault) String() string {
	if int(f) < len(faultNames) {
		return faultNames[f]
	}
	return faultNames[NoFault]
}

// ParseFault returns the fault of that name, and false where there is none.
func ParseFault(name string) (Fault, bool) {
	for i, n := range faultNames {
		if n == name {
			return Fault(i), true
		}
	}
	return NoFault, false
}

// FaultSet is the set of a car's present faults.
type FaultSet uint32

// Has reports whether f is in the set.
func (s FaultSet) Has(f Fault) bool { return s&(1<<f) != 0 }

// With returns the set with f in it.
func (s FaultSet) With(f Fault) FaultSet { return s | 1<<f }

// Without returns the set without f.
func (s FaultSet) Without(f Fault) FaultSet { return s &^ (1 << f) }

// All yields the faults in the set, in the order of their numbers.
func (s FaultSet) All() iter.Seq[Fault] {
	return func(yield func(Fault) bool) {
		for ; s != 0; s &= s - 1 {
			if !yield(Fault(bits.TrailingZeros32(uint32(s)))) {
				return
			}
		}
	}
}

// Names returns the names of the faults in the set; nil of none.
func (s FaultSet) Names() []string {
	var names []string
	for f := range s.All() {
		names = append(names, f.String())
	}
	return names
}
