package ui

import (
	"errors"
	"strings"
	"testing"
	"time"

	"elevator/internal/elevator"
)

// The description of every scene, in which nothing is said by drawing.
func TestDescription(t *testing.T) {
	for name, build := range scenes {
		m := build().show(5 * time.Second)
		golden(t, "description-"+name, m.live().description())
	}
}

// The description says what no scene has: calls to destinations, locks, what a
// desk is told when it asks, and alarms that are over.
func TestDescriptionOfParticulars(t *testing.T) {
	m := strange().show(time.Second)
	s := m.live()
	s.group.LockedLandings.Add(1)
	s.group.Cars[2].LockedCalls.Add(7)
	s.report = taskReport{known: true, Warnings: []string{"the clock was set"}, Tasks: []task{
		{Name: "car-0", State: "pending", Pending: "no offer has 0.1 cpus left"},
		{Name: "car-1", State: "running", Agent: agent{Hostname: "m1"}},
	}}
	s.figures.run.Passengers, s.figures.run.Saturated, s.figures.run.WaitS.Max = 9, true, 312.4
	s.refresh()
	s.report.Warnings = nil
	s.acknowledgeOwn(elevator.AllAlarms)
	m.update(lostMessage{0, 1, errors.New("refused"), false})
	s.refresh()
	golden(t, "description-particulars", s.description())
}

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
				t.Errorf("%v becomes %q", faultNames(set), got)
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
			t.Errorf("%s in %d columns: %q, want %q", strings.Join(faultNames(set), " "), test.w, got, test.want)
		}
	}
}
