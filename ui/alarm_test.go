package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"elevator/internal/elevator"
)

// alarmLines says the alarms in the order of the page.
func alarmLines(m *model) []string {
	var lines []string
	for _, a := range m.shownAlarms() {
		lines = append(lines, alarmState(&a)+" "+a.text)
	}
	return lines
}

// later shows the scene some seconds after its last event.
func later(s *scene, seconds float64) *model {
	return s.show(time.Duration(seconds * float64(time.Second)))
}

func TestConditions(t *testing.T) {
	for name, test := range map[string]struct {
		build func(*scene)
		after float64
		want  []string
	}{
		"all is well":  {func(s *scene) { s.ride(1, 2, 3, 0, 0, 4) }, 100, nil},
		"a short wait": {func(s *scene) { s.lit(1, 2, elevator.Up, 0) }, 60, nil},
		"a long wait":  {func(s *scene) { s.lit(1, 2, elevator.Up, 0) }, 61, []string{"RAISED long wait: landing call 3 up"}},
		"in flight":    {func(s *scene) { s.depart(1, 0, 0, 7) }, 20, nil},
		"stuck":        {func(s *scene) { s.depart(1, 0, 0, 7) }, 60, []string{"RAISED car A stuck on its way to 8"}},
		"slow doors": {func(s *scene) { s.doors(1, 1, 0, elevator.Up, elevator.DoorsOpening) }, 31,
			[]string{"RAISED car B stuck with doors opening at 1"}},
		"held doors": {func(s *scene) { s.doors(1, 1, 0, elevator.Up, elevator.DoorsOpening, elevator.DoorsOpened) }, 300, nil},
		"standing with car calls": {func(s *scene) { s.car(1, elevator.CarCallRegistered, 2, 5) }, 61,
			[]string{"RAISED car C stuck at 1 with car calls"}},
		"a fault":          {func(s *scene) { s.fault(1, 3, elevator.FaultDoorClosing) }, 1, []string{"RAISED car D: fault door-closing"}},
		"out of service":   {func(s *scene) { s.mode(1, 3, elevator.ModeOutOfService, "ann") }, 1, nil},
		"fire":             {func(s *scene) { s.mode(1, 0, elevator.ModeFireOperation, "panel") }, 1, []string{"RAISED fire operation: car A"}},
		"a lost task":      {func(s *scene) { s.taskState(1, 0, "car-0", "lost", "agent-1", "agent removed") }, 1, []string{"RAISED task car-0 lost: agent removed"}},
		"a task coming up": {func(s *scene) { s.taskState(1, 0, "car-0", "launched", "agent-1", "") }, 1, nil},
	} {
		s := newScene(testBuilding("B", 8, 4))
		test.build(s)
		if got := alarmLines(later(s, test.after)); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// What the scheduler warns of is an alarm until it no longer does.
func TestWarningsAreAlarms(t *testing.T) {
	s := newScene(testBuilding("B", 8, 4))
	m := later(s, 1)
	for _, step := range []struct{ warnings, want []string }{
		{nil, nil},
		{[]string{"the clock was set"}, []string{"RAISED the clock was set"}},
		{nil, []string{"cleared the clock was set"}},
	} {
		m.update(tasksMessage{0, taskReport{Connected: true, Warnings: step.warnings}})
		m.sites[0].refresh()
		if got := alarmLines(m); !slices.Equal(got, step.want) {
			t.Errorf("warnings %q: alarms %q, want %q", step.warnings, got, step.want)
		}
	}
}

// An alarm's life: raised, acknowledged or not, cleared, raised again.
func TestAlarmLife(t *testing.T) {
	var l alarmList
	var story []string
	do := func(what string, now time.Duration, present ...string) {
		var list []condition
		for _, id := range present {
			list = append(list, condition{id: id, text: id, critical: strings.HasPrefix(id, "!"), since: now})
		}
		alert := l.update(list, now*time.Second)
		var lines []string
		for _, a := range l.sorted() {
			lines = append(lines, a.text+" "+alarmState(&a))
		}
		active, open := l.counts()
		story = append(story, fmt.Sprintf("%s: %s (%d active, %d open, alert %v)", what, strings.Join(lines, ", "), active, open, alert))
	}
	do("nothing", 0)
	do("one", 1, "wait")
	do("and a critical one", 2, "wait", "!stuck")
	do("still", 3, "wait", "!stuck")
	l.acknowledge(l.sorted()[0].key())
	do("acknowledged", 4, "wait", "!stuck")
	do("gone", 5, "wait")
	do("again", 6, "wait", "!stuck")
	l.acknowledge("")
	do("all acknowledged", 7)
	want := []string{
		"nothing:  (0 active, 0 open, alert false)",
		"one: wait RAISED (1 active, 1 open, alert false)",
		"and a critical one: !stuck RAISED, wait RAISED (2 active, 2 open, alert true)",
		"still: !stuck RAISED, wait RAISED (2 active, 2 open, alert false)",
		"acknowledged: wait RAISED, !stuck acknowledged (2 active, 1 open, alert false)",
		"gone: wait RAISED, !stuck over (1 active, 1 open, alert false)",
		"again: !stuck RAISED, wait RAISED, !stuck over (2 active, 2 open, alert true)",
		"all acknowledged: !stuck over, !stuck over, wait over (0 active, 0 open, alert false)",
	}
	if !slices.Equal(story, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(story, "\n"), strings.Join(want, "\n"))
	}
}

func TestOldAlarmsAreForgottenAndOpenOnesKept(t *testing.T) {
	var l alarmList
	l.update([]condition{{id: "first", text: "first"}}, 0)
	for i := range 3 * keptAlarms {
		now := time.Duration(i) * time.Second
		l.update([]condition{{id: "first", text: "first"}, {id: fmt.Sprint(i), text: fmt.Sprint(i), since: now}}, now)
	}
	if len(l.list) > keptAlarms || l.active("first") < 0 {
		t.Errorf("%d alarms are kept, the open one at %d", len(l.list), l.active("first"))
	}
}

func TestFilter(t *testing.T) {
	s := faulty()
	m := s.show(time.Second)
	for _, test := range []struct {
		filter filter
		want   int // events
	}{
		{"", len(s.events)}, {"fault", 1}, {"FAULT", 1}, {"car:B", 7}, {"car:b !passenger", 5}, {"floor:6 call", 2},
		{"!task !passenger !building", 10}, {"nothing", 0}, {"!", len(s.events)}, {"car:Z", 0},
	} {
		m.filter = test.filter
		if got := len(m.shownEvents()); got != test.want {
			t.Errorf("%q lets %d events through, want %d", test.filter, got, test.want)
		}
	}
}
