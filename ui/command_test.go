package ui

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"elevator/internal/operator"
)

func TestSplitLine(t *testing.T) {
	for line, want := range map[string][]string{
		"":                     nil,
		"  park   A ":          {"park", "A"},
		`park "Car 1" 3`:       {"park", "Car 1", "3"},
		`park "Car`:            {"park", "Car"},
		`car-call A ""`:        {"car-call", "A", ""},
		`a"b c"d e`:            {"ab cd", "e"},
		`landing-call "1" "" `: {"landing-call", "1", ""},
	} {
		if got := splitLine(line); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

func TestCompletions(t *testing.T) {
	s := quiet()
	s.b.Cars[3].Name = "Service lift"
	site := s.show(0).live()
	for typed, want := range map[string]string{
		"car-mode":                       `A B C "Service lift"`,
		"car-mode A":                     "normal vip homing parking attendant-control firefighter-control emergency-power inspection cabinet-recall earthquake-operation fire-operation out-of-service occupant-evacuation",
		"lock-floor 3":                   "on off",
		"landing-call 1":                 "up down 1 2 3 4 5 6 7 8",
		"group-mode":                     "normal down-peak two-way four-way emergency-power up-peak",
		"park A 3":                       "",
		"restart-task":                   "car-0 car-1 car-2 car-3 floor-0 floor-1 floor-2 floor-3 floor-4 floor-5 floor-6 floor-7",
		"dispatcher":                     "",
		"nonsense":                       "",
		"fault A overload":               "on off",
		`clear-car-calls "Service lift"`: "",
	} {
		if got := strings.Join(completions(site, splitLine(typed)), " "); got != want {
			t.Errorf("after %q: %s, want %s", typed, got, want)
		}
	}
	var all []string
	for _, f := range operator.CommandForms() {
		all = append(all, f.Name)
	}
	if got := completions(site, nil); !slices.Equal(got, all) {
		t.Errorf("commands %q, want %q", got, all)
	}
}

// A task is started anew once its name was typed.
func TestRestartOfATaskIsConfirmedByItsName(t *testing.T) {
	for word, sent := range map[string]int{"car-1": 1, "car-0": 0, "B": 0, "": 0} {
		m := quiet().show(0)
		m.readOnly = false
		m.update(keyMessage{":"})
		m.prompt.set("restart-task car-1")
		if effects := m.update(keyMessage{"enter"}); len(effects) != 0 || m.prompt.kind != promptConfirm {
			t.Fatalf("not asked: %+v", effects)
		}
		m.prompt.set(word)
		if effects := m.update(keyMessage{"enter"}); len(effects) != sent {
			t.Errorf("%q: effects %+v, want %d", word, effects, sent)
		}
	}
}

// Tab completes a name with a blank in it, quotation marks and all.
func TestTabCompletesNamesWithBlanks(t *testing.T) {
	s := quiet()
	s.b.Cars[3].Name = "Service lift"
	m := s.show(0)
	m.update(keyMessage{":"})
	m.prompt.set(`park "Ser`)
	m.update(keyMessage{"tab"})
	if got := m.prompt.string(); got != `park "Service lift" ` {
		t.Fatalf("completed to %q", got)
	}
	effects := m.update(keyMessage{"enter"})
	if len(effects) != 1 || effects[0].(commandEffect).command.Car != "Service lift" {
		t.Errorf("effects %+v", effects)
	}
}

// No line makes the dashboard panic, and what is sent names only what there is.
func FuzzCommandLine(f *testing.F) {
	for _, seed := range []string{"park A", "car-mode B fire-operation 1", `lock-floor "3" on`, ":", "q", `"`, "landing-call 3 up"} {
		f.Add(seed)
	}
	m := quiet().show(time.Second)
	f.Fuzz(func(t *testing.T, line string) {
		m.prompt = prompt{}
		m.prompt.kind = promptCommand
		m.prompt.set(line)
		m.update(keyMessage{"tab"})
		m.prompt.kind = promptCommand
		m.prompt.set(line)
		for _, e := range m.update(keyMessage{"enter"}) {
			if c, ok := e.(commandEffect); ok && c.command.Car != "" && !slices.Contains(carNames(m.live()), c.command.Car) {
				t.Errorf("%q sends %+v", line, c.command)
			}
		}
		view(m, 80, 24)
	})
}

// No journal makes a replay panic.
func FuzzTape(f *testing.F) {
	journal := quiet().journal()
	f.Add(journal)
	f.Add(journal[:len(journal)/2])
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		tape, err := openTape(bytes.NewReader(data))
		if err != nil {
			return
		}
		m := newModel([]string{"recording"})
		m.player = &player{speed: 1, end: tape.end}
		for _, to := range []tapePosition{{}, {at: tape.end}, {events: -1}, {events: 1}} {
			msg, err := tape.seek(to)
			if err != nil {
				t.Fatal(err)
			}
			m.update(msg)
			view(m, 80, 24)
		}
	})
}
