package ui

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/operator"
)

// alarmLines says the alarms in the order of the page.
func alarmLines(m *model) []string {
	var lines []string
	for _, a := range m.shownAlarms() {
		lines = append(lines, strings.TrimSpace(alarmState(&a)+" "+a.Text+" "+alarmSeen(&a)))
	}
	return lines
}

// An operator acknowledges an alarm by a command that every desk hears of;
// until the scheduler says so nothing changes on this one.
func TestAcknowledging(t *testing.T) {
	s := faulty()
	m := s.show(5 * time.Second)
	m.readOnly = false
	before := alarmLines(m)
	m.update(keyMessage{"4"})
	effects := m.update(keyMessage{"a"})
	want := []effect{commandEffect{0, operator.Command{Name: "acknowledge", Alarm: m.shownAlarms()[0].Name}}}
	if !reflect.DeepEqual(effects, want) || !slices.Equal(alarmLines(m), before) {
		t.Fatalf("the key does %+v, and the alarms are %q", effects, alarmLines(m))
	}
	e := elevator.NewEvent(m.live().clock.now, elevator.CommandGiven)
	e.Seq = 1000
	e.Detail = &elevator.Detail{By: "ann", Command: "acknowledge", Alarm: m.shownAlarms()[0].Name, Result: elevator.CommandAccepted}
	m.update(eventsMessage{0, []elevator.Event{e}})
	m.update(tickMessage{m.wall.Add(time.Second)})
	acknowledged := func(line string) bool {
		return strings.HasPrefix(line, "acknowledged ") && strings.Contains(line, " ann ")
	}
	if lines := alarmLines(m); !slices.ContainsFunc(lines, acknowledged) {
		t.Errorf("the alarms are %q", lines)
	}
	if effects := m.update(keyMessage{"a"}); effects != nil || !strings.Contains(m.notice, "acknowledged already by ann") {
		t.Errorf("the key does %+v and says %q", effects, m.notice)
	}
	for i, reason := range []func(){
		func() { m.readOnly = true },
		func() { m.readOnly = false; m.update(lostMessage{0, 1, errors.New("refused"), false}) },
	} {
		reason()
		for _, key := range []string{"down", "a", "A"} {
			m.notice = ""
			if effects := m.update(keyMessage{key}); effects != nil || key != "down" && m.notice == "" {
				t.Errorf("case %d: key %s does %+v and says %q", i, key, effects, m.notice)
			}
		}
	}
}

// The loss of this desk's own connection is this desk's to acknowledge, once it
// is back.
func TestOutage(t *testing.T) {
	m := quiet().show(time.Second)
	m.readOnly = false
	m.update(lostMessage{0, 1, errors.New("refused"), false})
	m.update(tickMessage{m.wall.Add(time.Second)})
	if got := alarmLines(m); !slices.Equal(got, []string{"RAISED connection lost: refused"}) {
		t.Errorf("lost: %q", got)
	}
	m.update(heardMessage{0})
	m.update(tickMessage{m.wall.Add(time.Second)})
	m.update(keyMessage{"4"})
	if effects := m.update(keyMessage{"a"}); effects != nil {
		t.Errorf("the scheduler is told %+v", effects)
	}
	if got := alarmLines(m); len(got) != 1 || !strings.HasPrefix(got[0], "over connection lost: refused this desk ") {
		t.Errorf("back: %q", got)
	}
}

// What the scheduler warns of is an alarm until it no longer does.
func TestWarningsAreAlarms(t *testing.T) {
	m := quiet().show(time.Second)
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

func TestFilter(t *testing.T) {
	s := faulty()
	m := s.show(time.Second)
	for _, test := range []struct {
		filter filter
		want   int // events
	}{
		{"", len(s.events)},
		{"fault", 1},
		{"FAULT", 1},
		{"car:B", 7},
		{"car:b !passenger", 5},
		{"floor:6 call", 2},
		{"!task !passenger !building", 10},
		{"nothing", 0},
		{"!", len(s.events)},
		{"car:Z", 0},
	} {
		m.filter = test.filter
		if got := len(m.shownEvents()); got != test.want {
			t.Errorf("%q lets %d events through, want %d", test.filter, got, test.want)
		}
	}
}

// A warning that says for how long something has lasted is one alarm, which says
// what it says now and stays acknowledged.
func TestWarningWhoseFiguresChangeIsOneAlarm(t *testing.T) {
	s := quiet().show(time.Second).live()
	for _, lasted := range []string{"4s", "59s", "1m2s"} {
		s.report.Warnings = []string{"the disk has been at it for " + lasted}
		s.refresh()
		s.acknowledgeOwn(elevator.AllAlarms)
	}
	if len(s.own) != 1 || s.own[0].Text != s.report.Warnings[0] || s.own[0].Cleared || !s.own[0].Acknowledged {
		t.Errorf("alarms %+v", s.own)
	}
}
