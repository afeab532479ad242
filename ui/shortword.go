package ui

import (
	"fmt"
	"strings"

	"elevator/internal/elevator"
)

// shortModes are what lift engineers call the modes whose BACnet names find no
// room in a table. The others are short enough.
var shortModes = map[elevator.Mode]string{
	elevator.ModeAttendantControl:    "attendant",
	elevator.ModeFirefighterControl:  "fire phase II",
	elevator.ModeEmergencyPower:      "emergency pwr",
	elevator.ModeEarthquakeOperation: "earthquake",
	elevator.ModeOccupantEvacuation:  "evacuation",
}

// shortFaults are the same for faults: of at most 11 columns, so that there is
// room for how many more there are.
var shortFaults = map[elevator.Fault]string{
	elevator.FaultDriveAndMotor:                "drive",
	elevator.FaultGovernorAndSafetyGear:        "governor",
	elevator.FaultLiftShaftDevice:              "shaft",
	elevator.FaultPowerSupply:                  "power",
	elevator.FaultSafetyInterlock:              "interlock",
	elevator.FaultDoorClosing:                  "door close",
	elevator.FaultDoorOpening:                  "door open",
	elevator.FaultCarStoppedOutsideLandingZone: "off landing",
	elevator.FaultCallButtonStuck:              "call button",
	elevator.FaultStartFailure:                 "start",
	elevator.FaultControllerSupply:             "ctrl supply",
	elevator.FaultSelfTestFailure:              "self-test",
	elevator.FaultRuntimeLimitExceeded:         "run time",
	elevator.FaultPositionLost:                 "position",
	elevator.FaultDriveTemperatureExceeded:     "drive temp.",
	elevator.FaultLoadMeasurement:              "load cell",
}

// modeIn writes a mode in at most w columns, its whole name where that fits.
func modeIn(w int, m elevator.Mode) string {
	if short, ok := shortModes[m]; ok && width(m.String()) > w {
		return short
	}
	return m.String()
}

// faultsIn writes some faults in at most w columns: all of them, all in short,
// or the first and how many more there are.
func faultsIn(w int, set elevator.FaultSet) string {
	names := set.Names()
	if text := strings.Join(names, " "); width(text) <= w {
		return text
	}
	for i, name := range names {
		fault, _ := elevator.ParseFault(name)
		if short, ok := shortFaults[fault]; ok {
			names[i] = short
		}
	}
	if text := strings.Join(names, " "); len(names) == 1 || width(text) <= w {
		return text
	}
	return fmt.Sprintf("%s +%d", names[0], len(names)-1)
}
