package ui

import (
	"strings"
	"testing"

	"elevator/internal/elevator"
)

// What a mode or some faults are called finds room wherever the table has it.
func TestShortWords(t *testing.T) {
	for m := elevator.ModeUnknown; m <= elevator.ModeOccupantEvacuation; m++ {
		if got := modeIn(modeColumns, m); width(got) > modeColumns || got == "" {
			t.Errorf("%v becomes %q", m, got)
		}
	}
	for f := elevator.FaultController; f <= elevator.FaultOverload; f++ {
		var one, all elevator.FaultSet
		one = one.With(f)
		for g := f; g <= elevator.FaultOverload; g++ {
			all = all.With(g)
		}
		for _, set := range []elevator.FaultSet{one, all} {
			if got := faultsIn(modeColumns, set); width(got) > modeColumns || got == "" {
				t.Errorf("%v becomes %q", set.Names(), got)
			}
		}
	}
	for _, test := range []struct {
		w      int
		faults []elevator.Fault
		want   string
	}{
		{14, []elevator.Fault{elevator.FaultDoorClosing}, "door-closing"},
		{14, []elevator.Fault{elevator.FaultDriveAndMotor}, "drive"},
		{30, []elevator.Fault{elevator.FaultDriveAndMotor, elevator.FaultDoorClosing}, "drive-and-motor door-closing"},
		{20, []elevator.Fault{elevator.FaultDriveAndMotor, elevator.FaultDoorClosing}, "drive door close"},
		{14, []elevator.Fault{elevator.FaultDriveAndMotor, elevator.FaultDoorClosing}, "drive +1"},
		{14, []elevator.Fault{elevator.FaultController, elevator.FaultDoorClosing, elevator.FaultOverload}, "controller +2"},
	} {
		var set elevator.FaultSet
		for _, f := range test.faults {
			set = set.With(f)
		}
		if got := faultsIn(test.w, set); got != test.want {
			t.Errorf("%s in %d columns: %q, want %q", strings.Join(set.Names(), " "), test.w, got, test.want)
		}
	}
}
