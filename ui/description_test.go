package ui

import (
	"errors"
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
	s.told(taskReport{Warnings: []string{"the clock was set"}, Tasks: []task{
		{Name: "car-0", State: "pending", Pending: "no offer has 0.1 cpus left"},
		{Name: "car-1", State: "running", Agent: agent{Hostname: "m1"}},
		{Name: "car-2", State: "running", Agent: agent{Hostname: "m2"}, Silent: true},
	}})
	s.figures.run.Passengers, s.figures.run.Saturated, s.figures.run.WaitS.Max = 9, true, 312.4
	s.refresh()
	s.report.Warnings = nil
	s.acknowledgeOwn(elevator.AllAlarms)
	m.update(lostMessage{0, 1, errors.New("refused"), false})
	s.refresh()
	golden(t, "description-particulars", s.description())
}
