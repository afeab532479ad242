package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/alarm"
)

// linkAlarm is the name of the alarm about this desk's own connection.
const linkAlarm = "connection"

// alarmKey tells the entries of one alarm that came again apart.
func alarmKey(a *elevator.Alarm) string { return fmt.Sprintf("%s@%d", a.Name, a.RaisedAt) }

// alarmRank orders alarms as they are listed: what lasts first, of these what
// nobody has seen, and of these what is critical.
func alarmRank(a *elevator.Alarm) int {
	r := 0
	if a.Cleared {
		r += 4
	}
	if a.Acknowledged {
		r += 2
	}
	if !a.Critical {
		r++
	}
	return r
}

// sortedAlarms returns the site's alarms in the order of their rank, the newest
// first.
func (s *site) sortedAlarms() []elevator.Alarm {
	list := slices.Clone(s.alarms)
	slices.SortStableFunc(list, func(a, b elevator.Alarm) int {
		if by := alarmRank(&a) - alarmRank(&b); by != 0 {
			return by
		}
		return int(max(-1, min(1, b.RaisedAt-a.RaisedAt)))
	})
	return list
}

// alarmCounts returns how many alarms last, and how many nobody has seen: those
// and the ones that are over.
func (s *site) alarmCounts() (lasting, open, unseen int) {
	for i := range s.alarms {
		a := &s.alarms[i]
		if !a.Cleared {
			lasting++
		}
		if !a.Acknowledged {
			unseen++
		}
		if !a.Cleared && !a.Acknowledged {
			open++
		}
	}
	return lasting, open, unseen
}

// hasAlarm reports whether the alarm of that name lasts.
func (s *site) hasAlarm(name string) bool {
	return slices.ContainsFunc(s.alarms, func(a elevator.Alarm) bool { return a.Name == name && !a.Cleared })
}

// refreshAlarms brings the list up to what is known now, and reports whether a
// critical alarm is new.
func (s *site) refreshAlarms() (alert bool) {
	before := s.alarms
	s.watchOwn()
	s.alarms = append(alarm.At(s.law, s.group, s.known()), s.own...)
	for i := range s.alarms {
		a := &s.alarms[i]
		alert = alert || a.Critical && !a.Cleared && !a.Acknowledged &&
			!slices.ContainsFunc(before, func(b elevator.Alarm) bool { return alarmKey(&b) == alarmKey(a) })
	}
	return alert
}

// keptOwn is how many alarms of its own a desk remembers.
const keptOwn = 20

// watchOwn keeps the alarms that no event tells of: the loss of this desk's own
// connection, and what the scheduler warns of when it is asked.
func (s *site) watchOwn() {
	now := s.clock.now
	var present []elevator.Alarm
	if s.link == linkStale {
		present = append(present, elevator.Alarm{Name: linkAlarm, Text: "connection lost: " + s.problem, Critical: true, RaisedAt: now})
	}
	for _, text := range s.report.Warnings {
		present = append(present, elevator.Alarm{Name: warningName(text), Text: text, RaisedAt: now})
	}
	s.own = alarm.Follow(s.own, present, now)
	s.own = s.own[max(len(s.own)-keptOwn, 0):]
}

// warningName names a warning by its words without figures: one that says for how
// long something has lasted stays the same alarm.
func warningName(text string) string {
	words := slices.DeleteFunc(strings.Fields(text), func(word string) bool { return strings.ContainsAny(word, "0123456789") })
	return "warning:" + strings.Join(words, " ")
}

// isOwn reports whether the alarm is one of this desk's own, which other desks
// may have acknowledged or not.
func (s *site) isOwn(a *elevator.Alarm) bool {
	return slices.ContainsFunc(s.own, func(b elevator.Alarm) bool { return b.Name == a.Name })
}

// advice says what an operator does about an alarm.
func (s *site) advice(a *elevator.Alarm) string {
	switch {
	case !s.isOwn(a):
		return alarm.Advice(a)
	case a.Name == linkAlarm:
		return "this desk's own alarm: look after the network and the scheduler; cars serve who is aboard, and this desk connects again by itself"
	}
	return "this desk's own alarm: have somebody look at the scheduler; its log and /readyz say more"
}

// acknowledgeOwn marks alarms of this desk's own as seen: that of a name, or
// all.
func (s *site) acknowledgeOwn(name string) {
	alarm.Acknowledge(s.own, name, "this desk", s.clock.now)
	s.refreshAlarms()
}

// known is the building's time up to which the site was heard. What would have
// to happen later may have happened: silence makes no car stuck.
func (s *site) known() time.Duration {
	if s.heard.IsZero() || s.clock.speed == 0 {
		return s.clock.now
	}
	return max(s.group.T, min(s.clock.now, s.clock.when(s.heard)))
}

// alarmState is an alarm's state in one word, in capitals where it calls for
// somebody.
func alarmState(a *elevator.Alarm) string {
	if !a.Cleared && !a.Acknowledged {
		return "RAISED"
	}
	return a.State()
}

// alarmSeen says who acknowledged an alarm, and when; "" where nobody has.
func alarmSeen(a *elevator.Alarm) string {
	if !a.Acknowledged {
		return ""
	}
	return a.AcknowledgedBy + " " + hms(a.AcknowledgedAt)
}
