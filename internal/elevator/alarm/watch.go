package alarm

import (
	"slices"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/motion"
)

// kept is how many alarms a group remembers that are over.
const kept = 100

// Watch folds events into a group and its alarms.
type Watch struct {
	law *motion.Law
	due time.Duration // no alarm is raised by time alone before this time
}

// NewWatch returns the Watch of a group whose cars move by law.
func NewWatch(law *motion.Law) *Watch { return &Watch{law: law} }

// Apply folds one event into the group, as its Apply does, and into its alarms.
// A group that was replaced by a snapshot is told by the snapshot's event.
func (w *Watch) Apply(g *elevator.Group, e *elevator.Event) error {
	if e.T >= w.due && e.T >= g.T {
		w.due = update(w.law, g, e.T)
	}
	if err := g.Apply(e); err != nil {
		return err
	}
	w.due = min(w.due, e.T+soonest)
	switch e.Kind {
	case elevator.CommandGiven:
		acknowledge(g, e)
	case elevator.FaultRaised, elevator.ModeChanged, elevator.TaskStateChanged, elevator.SnapshotTaken:
		w.due = update(w.law, g, e.T)
	default:
		if lasting(g.Alarms) { // and may be over, or sound otherwise, by this event
			w.due = update(w.law, g, e.T)
		}
	}
	return nil
}

// At returns the alarms of the group as they are at the time now, which is not
// before its last event.
func At(law *motion.Law, g *elevator.Group, now time.Duration) []elevator.Alarm {
	view := *g
	view.Alarms = slices.Clone(g.Alarms)
	update(law, &view, max(now, g.T))
	return view.Alarms
}

// update compares the group's alarms with what is abnormal at the time now, and
// returns when to look again if nothing happens.
func update(law *motion.Law, g *elevator.Group, now time.Duration) time.Duration {
	present, next := conditions(law, g, now)
	g.Alarms = Follow(g.Alarms, present, now)
	forget(g)
	return next
}

// forget drops the oldest alarms that are over: those first that somebody has
// acknowledged.
func forget(g *elevator.Group) {
	for _, seen := range []bool{true, false} {
		over := 0
		for i := range g.Alarms {
			if g.Alarms[i].Cleared {
				over++
			}
		}
		g.Alarms = slices.DeleteFunc(g.Alarms, func(a elevator.Alarm) bool {
			if over <= kept || !a.Cleared || seen && !a.Acknowledged {
				return false
			}
			over--
			return true
		})
	}
}

// acknowledge folds the command of that name, where it was carried out.
func acknowledge(g *elevator.Group, e *elevator.Event) {
	d := e.Detail
	if d == nil || d.Command != elevator.AcknowledgeAlarm || d.Result != elevator.CommandAccepted {
		return
	}
	Acknowledge(g.Alarms, d.Alarm, d.By, e.T)
}

func lasting(alarms []elevator.Alarm) bool {
	return slices.ContainsFunc(alarms, func(a elevator.Alarm) bool { return !a.Cleared })
}
