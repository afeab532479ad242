package alarm

import (
	"slices"
	"strings"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/motion"
)

// kept is how many alarms a group remembers that are over.
const kept = 100

// Watch folds events into a group and its alarms. It looks at the whole group only
// when that may change an alarm: when it is due, and for the few events that can.
//
// Invariant: due, stuck and waiting follow from the group as it was last looked at,
// and from the events since; a Watch that has seen nothing looks at once.
type Watch struct {
	law     *motion.Law
	due     time.Duration   // no alarm is raised by time alone before this time
	stuck   elevator.CarSet // cars that are said to be stuck: any event of theirs may change that
	waiting bool            // a long wait lasts: an answered call may end it
}

// NewWatch returns the Watch of a group whose cars move by law.
func NewWatch(law *motion.Law) *Watch { return &Watch{law: law} }

// Apply folds one event into the group, as its Apply does, and into its alarms.
// A group that was replaced by a snapshot is told by the snapshot's event.
func (w *Watch) Apply(g *elevator.Group, e *elevator.Event) error {
	if e.T >= w.due && e.T >= g.T {
		w.look(g, e.T)
	}
	if err := g.Apply(e); err != nil {
		return err
	}
	w.due = min(w.due, e.T+soonest)
	if e.Kind == elevator.CommandGiven {
		acknowledge(g, e)
	} else if w.mayChange(e) {
		w.look(g, e.T)
	}
	return nil
}

// mayChange reports whether an event can raise or clear an alarm, or have one say
// something else.
func (w *Watch) mayChange(e *elevator.Event) bool {
	switch e.Kind {
	case elevator.FaultRaised, elevator.FaultCleared, elevator.ModeChanged, elevator.TaskStateChanged, elevator.CarRecovered, elevator.SnapshotTaken:
		return true
	case elevator.LandingCallAnswered:
		return w.waiting || w.stuck.Has(e.Car)
	}
	return w.stuck.Has(e.Car)
}

// look brings the group's alarms up to the time now.
func (w *Watch) look(g *elevator.Group, now time.Duration) {
	w.due = update(w.law, g, now)
	w.stuck, w.waiting = 0, false
	for i := range g.Alarms {
		a := &g.Alarms[i]
		if a.Cleared {
			continue
		}
		kind, about, _ := strings.Cut(a.Name, ":")
		switch kind {
		case kindStuck:
			if c := g.Building.CarByName(about); c != elevator.NoCar {
				w.stuck = w.stuck.With(c)
			}
		case kindLongWait:
			w.waiting = true
		}
	}
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
