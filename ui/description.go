package ui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"elevator/internal/elevator"
)

// description says what the pages show in plain lines, each of which is complete by
// itself: nothing is drawn, and nothing is said by a place on the line or by a
// colour. So it suits screen readers and scripts.
func (s *site) description() string {
	d := describer{s: s}
	d.heading()
	d.alarms()
	d.cars()
	d.calls()
	d.people()
	d.tasks()
	return d.text.String()
}

type describer struct {
	s    *site
	text strings.Builder
}

func (d *describer) line(format string, args ...any) { fmt.Fprintf(&d.text, format+"\n", args...) }

func (d *describer) heading() {
	s := d.s
	d.line("building %s at %s", s.building.Name, s.address)
	d.line("time %s of the building, %s times as fast as the clock", hms(s.clock.shown), strconv.FormatFloat(s.header.Speed, 'f', -1, 64))
	traffic := s.group.Traffic.At(s.clock.shown)
	d.line("dispatcher %s, group mode %v, traffic %v", s.group.Dispatcher, s.group.Mode, traffic.Mode())
}

func (d *describer) alarms() {
	lasting, open, _ := d.s.alarmCounts()
	d.line("alarms: %d, of which nobody has acknowledged %d", lasting, open)
	for _, a := range d.s.sortedAlarms() {
		text := fmt.Sprintf("alarm %s, %s: %s; raised %s, %s ago", a.Name, alarmState(&a), a.Text, hms(a.RaisedAt), lasted(d.s.age(a.RaisedAt)))
		if a.Critical {
			text += ", critical"
		}
		if a.Cleared {
			text += ", cleared " + hms(a.ClearedAt)
		}
		if a.Acknowledged {
			text += ", acknowledged by " + alarmSeen(&a)
		} else {
			text += ", acknowledged by nobody"
		}
		if advice := d.s.advice(&a); advice != "" && !a.Cleared {
			text += "; what to do: " + advice
		}
		d.line("%s", text)
	}
}

func (d *describer) cars() {
	s := d.s
	for i := range s.group.Cars {
		c, car := elevator.CarIndex(i), &s.group.Cars[i]
		text := fmt.Sprintf("car %s at floor %s", s.carName(c), s.floorName(s.floorOf(c)))
		switch {
		case car.Moving:
			text += fmt.Sprintf(", on its way %v to %s", car.Direction, s.floorName(car.Target))
		case car.Direction != elevator.None:
			text += fmt.Sprintf(", next %v", car.Direction)
		}
		text += fmt.Sprintf(", doors %v, %d aboard, load %.0f %%, mode %v", car.Doors, len(car.Riders), 100*s.loadRatio(c), car.Mode)
		if !car.TaskRunning {
			text += ", its task does not run"
		}
		if car.Faults != 0 {
			text += ", fault " + strings.Join(car.Faults.Names(), " and ")
		}
		text += d.floors(", car calls to ", car.CarCalls) + d.floors(", locked for car calls to ", car.LockedCalls)
		d.line("%s", text)
	}
}

// floors lists floors after a lead; it is empty where there are none.
func (d *describer) floors(lead string, set elevator.FloorSet) string {
	var names []string
	for f := range set.All() {
		names = append(names, d.s.floorName(f))
	}
	if len(names) == 0 {
		return ""
	}
	return lead + strings.Join(names, " ")
}

func (d *describer) calls() {
	s := d.s
	d.line("landing calls: %d", len(s.group.Calls))
	for i := range s.group.Calls {
		call := &s.group.Calls[i]
		text := fmt.Sprintf("landing call at floor %s ", s.floorName(call.Key.Floor))
		if call.Key.To != elevator.NoFloor {
			text += "to " + s.floorName(call.Key.To)
		} else {
			text += call.Key.Direction.String()
		}
		text += ", lit for " + lasted(s.age(call.RegisteredAt))
		if call.Car != elevator.NoCar {
			text += ", car " + s.carName(call.Car) + " comes"
		} else {
			text += ", no car comes yet"
		}
		d.line("%s", text)
	}
	if locked := d.floors("floors locked for landing calls: ", s.group.LockedLandings); locked != "" {
		d.line("%s", locked)
	}
}

func (d *describer) people() {
	s := d.s
	d.line("people: %d wait, %d ride, %d were carried", s.group.WaitingTotal(), s.group.Riding(), s.group.Carried)
	for f, n := range s.group.Waiting {
		if n > 0 {
			d.line("waiting at floor %s: %d", s.floorName(elevator.FloorIndex(f)), n)
		}
	}
	run := &s.figures.run
	switch w := &run.WaitS; {
	case run.Passengers == 0:
	case run.Saturated:
		d.line("more people come than the cars can carry; the longest wait so far %.1f s", w.Max)
	default:
		d.line("wait so far: mean %.1f s, 90 %% under %.1f s, longest %.1f s, over 60 s %.1f %%", w.Mean, w.P90, w.Max, 100*w.Over60Ratio)
		d.line("ride so far: mean %.1f s; time to destination: mean %.1f s", run.TransitS.Mean, run.TimeToDestinationS.Mean)
	}
}

func (d *describer) tasks() {
	running, total, agents := d.s.taskCounts()
	said := []string{fmt.Sprintf("tasks: %d of %d running", running, total)}
	for _, a := range agents {
		said = append(said, fmt.Sprintf("%d on %s", a.running, a.name))
	}
	if report := &d.s.report; report.known && !report.Connected {
		said = append(said, "not subscribed with a Mesos master")
	}
	d.line("%s", strings.Join(said, ", "))
	for _, t := range d.s.tasks() {
		if t.State == taskRunning {
			continue
		}
		text := fmt.Sprintf("task %s %s", t.Name, t.State)
		if t.host() != "" {
			text += " on " + t.host()
		}
		if why := t.why(); why != "" {
			text += ": " + why
		}
		d.line("%s", text)
	}
}

// lasted writes how long something has lasted, in words: 35 s, 12 min, 3 h.
func lasted(d time.Duration) string {
	switch s := int64(d / time.Second); {
	case s < 120:
		return fmt.Sprintf("%d s", s)
	case s < 120*60:
		return fmt.Sprintf("%d min", s/60)
	default:
		return fmt.Sprintf("%d h", s/3600)
	}
}
