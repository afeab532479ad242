package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"elevator/internal/elevator"
)

// Limits from which on something is abnormal, in the building's time.
const (
	stuckMoving   = 10 * time.Second // longer in flight than the flight takes
	stuckDoors    = 30 * time.Second // longer in opening or closing
	stuckStanding = 60 * time.Second // with closed doors and car calls
)

// alarm is one abnormal condition from when it began until somebody has seen
// that it is over.
type alarm struct {
	id           string // what and where: the same condition has the same id
	text         string
	critical     bool // people may be shut in, or nothing is known any more
	raisedAt     time.Duration
	clearedAt    time.Duration
	active       bool
	acknowledged bool
}

// alarmList is all alarms, the newest last. An alarm that is over and
// acknowledged stays, as a record, until keptAlarms newer ones exist.
type alarmList struct {
	list []alarm
}

const keptAlarms = 200

func (l *alarmList) clone() alarmList { return alarmList{slices.Clone(l.list)} }

// condition is something abnormal that is the case now.
type condition struct {
	id, text string
	critical bool
	since    time.Duration
}

// update compares the list with what is the case at the time now and returns
// whether a critical alarm is new.
func (l *alarmList) update(present []condition, now time.Duration) (alert bool) {
	for i := range l.list {
		a := &l.list[i]
		if a.active && !slices.ContainsFunc(present, func(c condition) bool { return c.id == a.id }) {
			a.active, a.clearedAt = false, now
		}
	}
	for _, c := range present {
		if i := l.active(c.id); i >= 0 {
			l.list[i].text = c.text
			continue
		}
		l.list = append(l.list, alarm{id: c.id, text: c.text, critical: c.critical, raisedAt: c.since, active: true})
		alert = alert || c.critical
	}
	if extra := len(l.list) - keptAlarms; extra > 0 {
		l.list = slices.DeleteFunc(l.list, func(a alarm) bool {
			if a.active || extra == 0 {
				return false
			}
			extra--
			return true
		})
	}
	return alert
}

func (l *alarmList) active(id string) int {
	return slices.IndexFunc(l.list, func(a alarm) bool { return a.active && a.id == id })
}

// acknowledge marks the alarm of that id, or all for "", as seen.
func (l *alarmList) acknowledge(id string) {
	for i := range l.list {
		if id == "" || l.list[i].key() == id {
			l.list[i].acknowledged = true
		}
	}
}

// key tells two alarms of the same condition apart.
func (a *alarm) key() string { return fmt.Sprintf("%s@%d", a.id, a.raisedAt) }

// rank orders alarms as they are listed: open ones first, then critical ones.
func (a *alarm) rank() int {
	r := 0
	if !a.active {
		r += 4
	}
	if a.acknowledged {
		r += 2
	}
	if !a.critical {
		r++
	}
	return r
}

// sorted returns the alarms in the order of their rank, the newest first.
func (l *alarmList) sorted() []alarm {
	list := slices.Clone(l.list)
	slices.Reverse(list)
	slices.SortStableFunc(list, func(a, b alarm) int { return a.rank() - b.rank() })
	return list
}

// counts returns how many alarms are active, and how many of all are neither
// acknowledged nor old news.
func (l *alarmList) counts() (active, open int) {
	for i := range l.list {
		if l.list[i].active {
			active++
		}
		if l.list[i].active && !l.list[i].acknowledged {
			open++
		}
	}
	return active, open
}

// conditions returns what is abnormal at the site now.
func (s *site) conditions() []condition {
	var list []condition
	if s.link == linkStale {
		list = append(list, condition{"link", "connection lost: " + s.problem, true, s.clock.now})
	}
	if s.group == nil {
		return list
	}
	var fire []string
	for c := range s.group.Cars {
		index := elevator.CarIndex(c)
		list = append(list, s.carConditions(index)...)
		if m := s.group.Cars[c].Mode; m == elevator.ModeFireOperation || m == elevator.ModeFirefighterControl {
			fire = append(fire, s.carName(index))
		}
	}
	if len(fire) > 0 {
		list = append(list, condition{"fire", "fire operation: car " + strings.Join(fire, " "), true, s.clock.now})
	}
	for i := range s.group.Calls {
		call := &s.group.Calls[i]
		if s.known()-call.RegisteredAt > longWait {
			list = append(list, condition{
				fmt.Sprintf("call %d %d %d %d", call.Key.Floor, call.Key.To, call.Key.Direction, call.RegisteredAt),
				"long wait: " + s.callText(call.Key), false, call.RegisteredAt + longWait,
			})
		}
	}
	for _, text := range s.report.Warnings {
		list = append(list, condition{"warning " + text, text, false, s.clock.now})
	}
	return append(list, s.taskConditions()...)
}

// known is the building's time up to which the site was heard. What would have
// to happen later may have happened: silence makes no car stuck.
func (s *site) known() time.Duration {
	if s.heard.IsZero() || s.clock.speed == 0 {
		return s.clock.now
	}
	return max(s.group.T, min(s.clock.now, s.clock.when(s.heard)))
}

func (s *site) callText(key elevator.CallKey) string {
	if key.To != elevator.NoFloor {
		return fmt.Sprintf("landing call %s to %s", s.floorName(key.Floor), s.floorName(key.To))
	}
	return fmt.Sprintf("landing call %s %v", s.floorName(key.Floor), key.Direction)
}

func (s *site) carConditions(c elevator.CarIndex) []condition {
	car, name, now, known := &s.group.Cars[c], s.carName(c), s.clock.now, s.known()
	var list []condition
	for f := elevator.FaultController; f <= elevator.FaultOverload; f++ {
		if car.Faults.Has(f) {
			list = append(list, condition{"fault " + name + " " + f.String(), "car " + name + ": fault " + f.String(), f != elevator.FaultOverload, now})
		}
	}
	stuck := func(since time.Duration, how string) {
		text := fmt.Sprintf("car %s stuck %s", name, how)
		if n := len(car.Riders); n > 0 {
			text += fmt.Sprintf(", %d aboard", n)
		}
		list = append(list, condition{"stuck " + name, text, true, since})
	}
	switch {
	case car.Mode == elevator.ModeOutOfService || !car.TaskRunning || car.Faults != 0:
	case car.Moving:
		if due := s.due(car); known > due+stuckMoving {
			stuck(due+stuckMoving, "on its way to "+s.floorName(car.Target))
		}
	case car.Doors == elevator.DoorsAreOpening || car.Doors == elevator.DoorsAreClosing:
		if known-car.DoorsSince > stuckDoors {
			stuck(car.DoorsSince+stuckDoors, "with doors "+car.Doors.String()+" at "+s.floorName(car.Floor))
		}
	case car.Doors == elevator.DoorsAreClosed && !car.CarCalls.Empty():
		if since := max(car.DoorsSince, car.DepartedAt); known-since > stuckStanding && car.Mode.InGroup() {
			stuck(since+stuckStanding, "at "+s.floorName(car.Floor)+" with car calls")
		}
	}
	return list
}

// due returns when a moving car arrives.
func (s *site) due(car *elevator.Car) time.Duration {
	if car.Target == elevator.NoFloor {
		return car.DepartedAt
	}
	if at := s.law.FloorAt(car.FromM); at == elevator.NoFloor {
		return car.DepartedAt + s.law.LevellingTime(car.FromM, car.Target)
	}
	return car.DepartedAt + s.law.FlightTime(car.Floor, car.Target)
}
