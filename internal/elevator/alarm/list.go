package alarm

import (
	"slices"
	"time"

	"elevator/internal/elevator"
)

// Follow brings a list of alarms up to what is abnormal at the time now: an alarm
// that is not present any more is cleared, one that lasts says what it says now,
// and what is new is raised as it stands in present.
func Follow(list, present []elevator.Alarm, now time.Duration) []elevator.Alarm {
	lasts := func(name string) func(elevator.Alarm) bool {
		return func(a elevator.Alarm) bool { return !a.Cleared && a.Name == name }
	}
	for i := range list {
		if a := &list[i]; !a.Cleared && !slices.ContainsFunc(present, lasts(a.Name)) {
			a.Cleared, a.ClearedAt = true, now
		}
	}
	for _, a := range present {
		if i := slices.IndexFunc(list, lasts(a.Name)); i >= 0 {
			list[i].Text = a.Text
		} else {
			list = append(list, a)
		}
	}
	return list
}

// Acknowledge marks the alarms of that name, or elevator.AllAlarms, as seen by
// somebody at the time given, where nobody has seen them before.
func Acknowledge(list []elevator.Alarm, name, by string, at time.Duration) {
	for i := range list {
		a := &list[i]
		if !a.Acknowledged && (a.Name == name || name == elevator.AllAlarms) {
			a.Acknowledged, a.AcknowledgedAt, a.AcknowledgedBy = true, at, by
		}
	}
}
