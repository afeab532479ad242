package ui

import (
	"slices"

	"elevator/internal/elevator"
)

// alarmsPage lists the alarms: those that last first, and of these what nobody
// has acknowledged. Below the list stand what finds no room in a narrow line, and
// what to do, both for the selected alarm.
func (c *canvas) alarmsPage(p pane) {
	alarms := c.m.shownAlarms()
	raised, cleared, seen, what := 15, 25, 35, 54
	if p.w < 100 {
		seen, what = 0, 35
	}
	if p.w < 70 {
		cleared, what = 0, 25
	}
	if p.w < 50 {
		raised, what = 0, 14
	}
	p.put(1, 0, faint, "State")
	if raised > 0 {
		p.put(raised, 0, faint, "Raised")
	}
	if cleared > 0 {
		p.put(cleared, 0, faint, "Cleared")
	}
	if seen > 0 {
		p.put(seen, 0, faint, "Acknowledged by")
	}
	p.put(what, 0, faint, "What")
	if len(alarms) == 0 {
		text := "no alarms so far"
		if c.m.filter != "" {
			text = "no alarm passes the filter " + string(c.m.filter)
		}
		p.put(1, 2, faint, text)
		return
	}
	at := max(slices.IndexFunc(alarms, func(a elevator.Alarm) bool { return alarmKey(&a) == c.m.alarm }), 0)
	rows := p.sub(0, 1, p.w, p.h-1)
	about := wrapped(c.s.advice(&alarms[at]), p.w-1)
	if most := max(p.h/4, 1); len(about) > most {
		about = about[:most]
		about[most-1] = fit(about[most-1], p.w-3) + " " + c.g.more
	}
	if seen == 0 {
		about = slices.Insert(about, 0, fit(alarmTimes(&alarms[at], p.w-1), p.w-1))
	}
	rows.h -= len(about)
	for i, line := range about {
		p.put(1, p.h-len(about)+i, faint, line)
	}
	first := window(len(alarms), rows.h, at)
	for y := range min(rows.h, len(alarms)-first) {
		a := &alarms[first+y]
		if first+y == at {
			rows.put(0, y, strong, c.g.pointer)
		}
		rows.put(1, y, alarmClass(a), alarmState(a))
		if raised > 0 {
			rows.put(raised, y, plain, hms(a.RaisedAt))
		}
		if cleared > 0 && a.Cleared {
			rows.put(cleared, y, plain, hms(a.ClearedAt))
		}
		if seen > 0 {
			rows.putFit(seen, y, what-seen-1, plain, alarmSeen(a))
		}
		rows.sub(what, y, p.w-what, 1).put(0, 0, alarmTextClass(a), fit(a.Text, p.w-what))
	}
}

// alarmTimes says when an alarm was raised and seen; with its name, where that
// finds room in w columns.
func alarmTimes(a *elevator.Alarm, w int) string {
	text := hms(a.RaisedAt)
	if a.Cleared {
		text += " to " + hms(a.ClearedAt)
	}
	if a.Acknowledged {
		text += ", by " + alarmSeen(a)
	} else {
		text += ", nobody acknowledged"
	}
	if full := a.Name + ", " + text; width(full) <= w {
		return full
	}
	return text
}
