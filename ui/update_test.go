package ui

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"elevator/internal/elevator"
)

// state says in a line what the operator chose.
func (m *model) state() string {
	s := fmt.Sprintf("%v car=%d", m.page, m.car)
	for _, part := range []struct {
		on   bool
		text string
	}{
		{m.help, "help"},
		{m.situation() == past, "paused"},
		{m.filter != "", "filter=" + string(m.filter)},
		{m.event != 0, fmt.Sprintf("event=%d", m.event)},
		{!m.follow, "held"},
		{m.groups != 0, m.groups.String()},
		{m.sortBy != 0, "by " + m.sortBy.String()},
		{m.task != "", "task=" + m.task},
		{m.theme != 0, themes[m.theme].name},
		{m.prompt.open(), "prompt=" + m.prompt.string()},
		{m.notice != "", "(" + m.notice + ")"},
	} {
		if part.on {
			s += " " + part.text
		}
	}
	return s
}

func TestKeys(t *testing.T) {
	for _, test := range []struct{ keys, want string }{
		{"", "Group car=0"},
		{"2", "Cars car=0"},
		{"6", "Tasks car=0"},
		{"7", "Group car=0"},
		{"tab", "Cars car=0"},
		{"shift-tab", "Tasks car=0"},
		{"tab tab tab tab tab tab", "Group car=0"},
		{"down", "Group car=1"},
		{"j j j j j j j j", "Group car=3"},
		{"down down up", "Group car=1"},
		{"pgdn pgup", "Group car=0"},
		{"down enter", "Car car=1"},
		{"down enter down", "Car car=2"},
		{"enter esc", "Group car=0"},
		{"space", "Group car=0 paused"},
		{"space space", "Group car=0"},
		{"?", "Group car=0 help"},
		{"? ?", "Group car=0"},
		{"? esc", "Group car=0"},
		{"? 3", "Traffic car=0"},
		{"t", "Group car=0 dark (theme: dark)"},
		{"2 s", "Cars car=0 by floor"},
		{"2 s s s s s", "Cars car=0"},
		{"s", "Group car=0"},
		{"5 up", "Events car=0 event=37 held"},
		{"5 up down", "Events car=0"},
		{"5 f", "Events car=0 event=38 held"},
		{"5 f f", "Events car=0"},
		{"5 e", "Events car=0 calls"},
		{"5 / f a u l t", "Events car=0 filter=fault prompt=fault"},
		{"5 / f a u l t enter", "Events car=0 filter=fault"},
		{"5 / f a u l t enter esc", "Events car=0"},
		{"5 / f backspace backspace", "Events car=0"},
		{"5 / a b left c ctrl-w enter", "Events car=0 filter=b"},
		{"6 down", "Tasks car=0 task=car-1"},
		{"6 down down up", "Tasks car=0 task=car-1"},
		{": p a r k", "Group car=0 prompt=park"},
		{": p a esc", "Group car=0"},
		{": n o enter", "Group car=0 (command \"no\" is unknown; want acknowledge, all-cars-mode, car-call, car-doors, car-mode, clear-car-calls, clear-landing-calls, dispatcher, fault, group-mode, landing-call, lock-car-calls, lock-floor, lock-landing-calls, park, reset-faults, restart-task, send, vip-call)"},
		{": enter", "Group car=0"},
		{": d tab", "Group car=0 prompt=dispatcher "},
		{": c a r tab", "Group car=0 prompt=car-call"},
		{": c a r tab tab tab", "Group car=0 prompt=car-mode"},
		{": p tab space B space 9 9 enter", `Group car=0 (park: there is no "99"; tab shows what there is)`},
		{": p tab enter", "Group car=0 (want park CAR [FLOOR])"},
		{": p tab B enter", "Group car=0 (sent: park)"},
		{": p tab B enter : up", "Group car=0 prompt=park B (sent: park)"},
		{": p tab B enter : up down", "Group car=0 prompt= (sent: park)"},
		{"b", "Group car=0 (this dashboard shows one building only)"},
	} {
		m := faulty().show(5 * time.Second)
		m.readOnly = false
		for key := range strings.FieldsSeq(test.keys) {
			m.update(keyMessage{key})
		}
		if got := m.state(); got != test.want {
			t.Errorf("%q: %s, want %s", test.keys, got, test.want)
		}
	}
}

func TestEffects(t *testing.T) {
	for key, want := range map[string][]effect{
		"q": {quitEffect{}}, "ctrl-c": {quitEffect{}}, "S": {exportEffect{}}, "ctrl-l": {redrawEffect{}},
		"ctrl-z": {suspendEffect{}}, "x": nil, ".": nil, "right": nil,
	} {
		if got := quiet().show(0).update(keyMessage{key}); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", key, got, want)
		}
	}
}

// inSituation returns a model of the quiet building over what is asked for.
func inSituation(t *testing.T, what situation) *model {
	t.Helper()
	if what == recording {
		return replaying(t, quiet()).m
	}
	m := quiet().show(0)
	if what == past {
		m.update(keyMessage{"space"})
	}
	if m.situation() != what {
		t.Fatalf("situation %d, want %d", m.situation(), what)
	}
	return m
}

// Every line of the key table is in the help and works, and the hints are of
// the table.
func TestHelpIsTheKeyTable(t *testing.T) {
	for _, what := range []situation{present, past, recording} {
		m := inSituation(t, what)
		m.help = true
		help := view(m, 160, 50).text()
		for _, b := range bindings() {
			if b.when != 0 && b.when&what == 0 {
				continue
			}
			if b.help != "" && !strings.Contains(help, b.keyNames(unicodeGlyphs)) || !strings.Contains(help, b.help) {
				t.Errorf("the help lacks %q %q:\n%s", b.keyNames(unicodeGlyphs), b.help, help)
			}
			for _, p := range append(b.pages, groupPage) {
				m := inSituation(t, what)
				m.page = p
				if b.works(m) {
					m.update(keyMessage{b.keys[0]})
				}
			}
		}
	}
}

func TestNoTwoBindingsShareAKey(t *testing.T) {
	for _, what := range []situation{present, past, recording} {
		for p := range pages {
			m := inSituation(t, what)
			m.page = p
			seen := map[string]string{}
			for _, b := range bindings() {
				if !b.works(m) {
					continue
				}
				for _, k := range b.keys {
					if other, twice := seen[k]; twice {
						t.Errorf("page %v: %s is both %q and %q", p, k, other, b.help)
					}
					seen[k] = b.help
				}
			}
		}
	}
}

// The selection stays with a car, an alarm and an event when lines around it
// come and go.
func TestSelectionStaysWithItsThing(t *testing.T) {
	s := faulty()
	m := s.show(5 * time.Second)
	m.update(keyMessage{"4"})
	m.update(keyMessage{"down"})
	m.update(keyMessage{"down"})
	chosen := m.alarm
	e := s.at(380, elevator.FaultRaised, 0, -1, -1)
	e.Fault, e.Detail, e.Seq = elevator.FaultController, &elevator.Detail{By: "car"}, 99
	m.update(eventsMessage{0, []elevator.Event{e}})
	m.update(tickMessage{m.wall.Add(2 * time.Second)})
	if m.alarm != chosen {
		t.Errorf("selected %q, then %q", chosen, m.alarm)
	}
}

func TestPauseHoldsThePicture(t *testing.T) {
	s := quiet()
	m := s.show(5 * time.Second)
	m.update(keyMessage{"space"})
	before := view(m, 120, 40).text()
	e := s.at(90, elevator.CarArrived, 0, 5, -1)
	e.Seq = 1000
	m.update(eventsMessage{0, []elevator.Event{e}})
	if after := view(m, 120, 40).text(); after != before {
		t.Errorf("the paused picture changed:\n%s", after)
	}
	m.update(keyMessage{"space"})
	m.update(tickMessage{m.wall.Add(time.Second)})
	if m.shown().group.Cars[0].Floor != 5 {
		t.Error("the event that came during the pause is missing")
	}
}

func TestLostConnection(t *testing.T) {
	m := busy().show(5 * time.Second)
	m.readOnly = false
	m.update(lostMessage{0, 1, errors.New("connection refused"), false})
	now := m.live().clock.now
	m.update(tickMessage{m.wall.Add(20 * time.Second)})
	if m.live().clock.now != now {
		t.Error("the building's time goes on though nothing is heard of it")
	}
	if m.update(keyMessage{":"}); m.prompt.open() {
		t.Error("commands are taken while the connection is lost")
	}
	if !strings.Contains(view(m, 80, 24).text(), "connection lost: connection refused") {
		t.Error("no alarm for the lost connection")
	}
	m.update(heardMessage{0})
	m.update(tickMessage{m.wall.Add(time.Second)})
	if active, _, _ := m.live().alarmCounts(); active != 0 || m.live().link != linkLive {
		t.Errorf("%d alarms after the connection came back", active)
	}
	if m.live().clock.now < now+20*time.Second {
		t.Errorf("the building's time is %v, was %v 20 s ago", m.live().clock.now, now)
	}
}

// Before a connection is known to be lost its silence makes no alarm of a flight
// whose end may have been missed.
func TestSilenceMakesNoCarStuck(t *testing.T) {
	s := newScene(testBuilding("B", 8, 4))
	s.depart(1, 0, 0, 7)
	m := s.show(2 * time.Second)
	m.update(heardMessage{0})
	m.live().clock.set(2*time.Second, m.wall, 60)
	for range 30 {
		m.update(tickMessage{m.wall.Add(time.Second)})
	}
	if m.live().link != linkStale || m.live().clock.now < 10*time.Minute {
		t.Fatalf("link %v, clock %v", m.live().link, m.live().clock.now)
	}
	if got := alarmLines(m); len(got) != 1 || !strings.Contains(got[0], "connection lost") {
		t.Errorf("alarms: %q", got)
	}
}

func TestConfirmation(t *testing.T) {
	for _, test := range []struct {
		line, word string // word "": no question is asked
		typed      string
		sent       bool
	}{
		{"car-mode B fire-operation", "B", "B", true},
		{"car-mode B fire-operation", "B", "A", false},
		{"car-mode B fire-operation", "B", "", false},
		{"car-mode B normal", "", "", true},
		{"fault C door-opening on", "C", "C", true},
		{"fault C door-opening off", "", "", true},
		{"lock-floor 3 on", "Clinic", "Clinic", true},
		{"lock-floor 3 off", "", "", true},
		{"landing-call 3 up", "", "", true},
		{"landing-call 3 5", "", "", true},
		{"group-mode emergency-power", "Clinic", "clinic", false},
		{"group-mode up-peak", "", "", true},
	} {
		m := faulty().show(5 * time.Second)
		effects := m.giveCommand(test.line)
		if got := m.prompt.word; got != test.word {
			t.Errorf("%s: asks for %q, want %q", test.line, got, test.word)
		}
		if m.prompt.open() {
			m.prompt.set(test.typed)
			effects = m.update(keyMessage{"enter"})
		}
		if sent := len(effects) == 1; sent != test.sent {
			t.Errorf("%s, then %q: effects %v", test.line, test.typed, effects)
		}
	}
}

// Whatever the size of the terminal, the whole help can be read.
func TestHelpScrolls(t *testing.T) {
	m := quiet().show(time.Second)
	m.update(keyMessage{"?"})
	seen := view(m, 40, 10).text()
	for range m.helpLines() {
		m.update(keyMessage{"down"})
		seen += view(m, 40, 10).text()
	}
	for _, line := range m.helpLines() {
		if !strings.Contains(seen, line.word) {
			t.Errorf("%q is never on the screen", line.word)
		}
	}
	if m.update(keyMessage{"esc"}); m.help {
		t.Error("the help does not close")
	}
}

// What protects somebody is not ended by a slip of the hand.
func TestEndingAFireIsConfirmed(t *testing.T) {
	for line, word := range map[string]string{
		"car-mode A normal": "A", "all-cars-mode normal": "Museum", "car-mode A firefighter-control": "A", "group-mode normal": "",
	} {
		m := fire().show(5 * time.Second)
		if m.giveCommand(line); m.prompt.word != word {
			t.Errorf("%s: asks for %q, want %q", line, m.prompt.word, word)
		}
	}
}

func TestMouseSelectsACar(t *testing.T) {
	m := quiet().show(0)
	text := strings.Split(view(m, 80, 24).text(), "\n")
	x := strings.Index(text[2], "C") // ASCII up to there
	m.update(mouseMessage{x: x, y: 5, width: 80, height: 24})
	if m.car != 2 {
		t.Errorf("clicked on C at column %d, selected car %d", x, m.car)
	}
	m.update(mouseMessage{wheel: -1, width: 80, height: 24})
	if m.car != 1 {
		t.Errorf("wheel up selected car %d", m.car)
	}
}

// A dashboard of several buildings shows one and tells of alarms in the others.
func TestSeveralBuildings(t *testing.T) {
	m := newModel([]string{"one", "two"})
	m.update(tickMessage{sceneStart.Add(400 * time.Second)})
	m.update(eventsMessage{0, quiet().sorted()})
	m.update(eventsMessage{1, faulty().sorted()})
	m.update(tickMessage{m.wall.Add(time.Second)})
	line := func() string { return strings.Join(strings.Split(view(m, 100, 24).text(), "\n")[:2], " | ") }
	if got := line(); !strings.Contains(got, "Town Hall (1 of 2)") || !strings.Contains(got, "alarms in Clinic") {
		t.Errorf("shows %q", got)
	}
	m.car = 3
	m.update(keyMessage{"b"})
	if got := line(); !strings.Contains(got, "Clinic (2 of 2)") || strings.Contains(got, "alarms in") || m.car != 0 {
		t.Errorf("shows %q, car %d", got, m.car)
	}
}

// A scheduler that comes back with another building does not leave a selection
// that it does not have.
func TestAnotherBuildingAtTheSameAddress(t *testing.T) {
	m := busy().show(time.Second)
	m.car, m.page = 5, carPage
	m.update(eventsMessage{0, quiet().sorted()})
	view(m, 80, 24)
	m.update(keyMessage{"down"})
	if got := m.selectedCar(); got != 1 {
		t.Errorf("selected car %d", got)
	}
}
