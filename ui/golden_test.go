package ui

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"
	"github.com/google/go-cmp/cmp"

	"elevator/internal/elevator"
)

var update = flag.Bool("update", false, "write the golden frames anew")

// picture is a frame as a test sees it: its text, a letter for the class of
// each cell, and one for its look without colours.
func picture(m *model, width, height int) string {
	f := view(m, width, height)
	var b strings.Builder
	fmt.Fprintf(&b, "--- text\n%s--- classes\n%s--- mono\n%s", f.text(), letters(f), looks(f, &themes[monoTheme]))
	m.glyphs = asciiGlyphs
	fmt.Fprintf(&b, "--- ascii\n%s", view(m, width, height).text())
	m.glyphs = unicodeGlyphs
	return b.String()
}

// classLetters stand for the classes in the golden files.
const classLetters = ".fstkSlwaup"

// letters returns one letter a cell that names its class; blanks where it is
// plain or empty.
func letters(f *frame) string {
	return f.lines(func(c *cell) string {
		switch {
		case c.text == "":
			return ""
		case c.class == plain || c.text == " " && c.class != banner && c.class != selected && c.class != urgent && c.class != away:
			return " "
		}
		return classLetters[c.class : c.class+1]
	})
}

// looks returns a letter for the attributes of each cell: B bold, D dim, U
// underlined, R reverse, X bold and underlined, Y bold and reverse.
func looks(f *frame, t *theme) string {
	return f.lines(func(c *cell) string {
		if c.text == "" {
			return ""
		}
		_, _, a := t.styles[c.class].Decompose()
		switch {
		case a == 0 || c.text == " " && a&tcell.AttrReverse == 0:
			return " "
		case a == tcell.AttrBold:
			return "B"
		case a == tcell.AttrDim:
			return "D"
		case a == tcell.AttrReverse:
			return "R"
		case a == tcell.AttrBold|tcell.AttrReverse:
			return "Y"
		case a&tcell.AttrBold != 0:
			return "X"
		}
		return "U"
	})
}

// golden compares a picture with the file of that name.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); look at it, then run with -update:\n%s", path, diff)
	}
}

var scenes = map[string]func() *scene{"quiet": quiet, "busy": busy, "faulty": faulty, "fire": fire}

var sizes = [][2]int{{160, 50}, {120, 40}, {80, 24}, {60, 16}, {40, 10}}

func TestGroupPage(t *testing.T) {
	for name, build := range scenes {
		m := build().show(5 * time.Second)
		if n := m.sites[0].refused; n > 0 {
			t.Errorf("%s: the fold refused %d events of the scene", name, n)
		}
		for _, size := range sizes {
			golden(t, fmt.Sprintf("group-%s-%dx%d", name, size[0], size[1]), picture(m, size[0], size[1]))
		}
	}
}

// A building that is too tall and too wide for its shafts: what fits, a window
// on the shafts, and the shafts to scale.
func TestGroupPageOfATower(t *testing.T) {
	for name, keys := range map[string]string{"best": "", "shafts": "v", "scale": "v m", "far": "v pgdn pgdn pgdn j j j j j j j j j j"} {
		for _, size := range sizes {
			m := tower().show(5 * time.Second)
			for key := range strings.FieldsSeq(keys) {
				m.update(keyMessage{key})
			}
			m.notice = ""
			golden(t, fmt.Sprintf("tower-%s-%dx%d", name, size[0], size[1]), picture(m, size[0], size[1]))
		}
	}
}

func TestOtherPages(t *testing.T) {
	for p := carsPage; p < pages; p++ {
		for _, size := range [][2]int{{120, 40}, {80, 24}, {40, 10}} {
			m := faulty().show(5 * time.Second)
			m.page, m.car = p, 1
			m.update(reasonsMessage{site: 0, assignments: faultyReasons()})
			name := fmt.Sprintf("page-%s-%dx%d", strings.ToLower(p.String()), size[0], size[1])
			golden(t, name, picture(m, size[0], size[1]))
		}
	}
}

// The traffic page of a tall building has several floors in a line.
func TestTrafficPageOfATower(t *testing.T) {
	m := tower().show(5 * time.Second)
	m.page = trafficPage
	golden(t, "tower-traffic-160x50", picture(m, 160, 50))
}

func TestSpecialFrames(t *testing.T) {
	for name, change := range map[string]func(*model){
		"help":  func(m *model) { m.help = true },
		"stale": func(m *model) { m.update(lostMessage{site: 0, attempt: 3, err: fmt.Errorf("connection refused")}) },
		"paused": func(m *model) {
			m.update(keyMessage{"space"})
			m.update(tickMessage{m.wall.Add(70 * time.Second)})
		},
		"past": func(m *model) {
			a := newApp(Config{}, m)
			a.apply(t.Context(), keyMessage{"["})
			a.apply(t.Context(), keyMessage{"left"})
		},
		"confirm": func(m *model) {
			m.readOnly = false
			m.update(keyMessage{":"})
			for _, r := range "car-mode B out-of-service" {
				key := string(r)
				if r == ' ' {
					key = "space"
				}
				m.update(keyMessage{key})
			}
			m.update(keyMessage{"enter"})
		},
		"connecting": func(m *model) { *m = *newModel([]string{"http://127.0.0.1:8080"}) },
	} {
		m := busy().show(5 * time.Second)
		change(m)
		m.update(tickMessage{m.wall.Add(time.Second)})
		golden(t, "special-"+name, picture(m, 80, 24))
	}
	names := strange().show(5 * time.Second)
	golden(t, "special-names", picture(names, 80, 24)+picture(names, 60, 12))
	pending := newModel([]string{"http://127.0.0.1:8080"})
	pending.update(tasksMessage{0, taskReport{Connected: true, Tasks: []task{
		{Name: "car-0", State: "running"}, {Name: "floor-0", State: "pending", Pending: "no offer has 0.1 cpus left"},
	}}})
	golden(t, "special-pending", picture(pending, 80, 24))
	golden(t, "special-too-small", picture(busy().show(0), 39, 9))
}

// The first line names the mode that the operator has set, and a peak that the
// group sees, whatever mode that is.
func TestTitleNamesThePeak(t *testing.T) {
	s := newScene(testBuilding("Clinic", 8, 2))
	s.mode(1, -1, elevator.ModeUnknown, "desk")
	s.events[len(s.events)-1].GroupMode = elevator.GroupDownPeak
	s.doors(2, 0, 0, elevator.Up, elevator.DoorsOpening, elevator.DoorsOpened)
	for range 10 {
		s.passenger(3, elevator.PassengerBoarded, s.waits(2, 0, 5), 0, 0)
	}
	for _, tc := range []struct {
		after time.Duration
		want  string
	}{
		{3 * time.Second, " Clinic · Group · 0:00:06 · x1 · nearest-car · mode down-peak "},
		{30 * time.Second, " Clinic · Group · 0:00:33 · x1 · nearest-car · mode down-peak · up-peak traffic "},
		{6 * time.Minute, " Clinic · Group · 0:06:03 · x1 · nearest-car · mode down-peak "},
	} {
		title, _, _ := strings.Cut(picture(s.show(tc.after), 120, 40), "LIVE")
		_, title, _ = strings.Cut(title, "\n")
		if strings.TrimSpace(title) != strings.TrimSpace(tc.want) {
			t.Errorf("after %v the first line begins with %q, want %q", tc.after, title, tc.want)
		}
	}
}

// Every size draws without a panic, and nothing outside the frame.
func TestEverySizeDraws(t *testing.T) {
	models := []*model{newModel([]string{"x"})}
	for _, build := range scenes {
		models = append(models, build().show(5*time.Second))
	}
	models = append(models, tower().show(5*time.Second), tower().show(5*time.Second), tower().show(5*time.Second))
	models[len(models)-1].view, models[len(models)-2].toScale = shaftView, true
	for _, m := range models {
		for p := range pages {
			m.page = p
			for w := 1; w < 170; w += 13 {
				for h := 1; h < 60; h += 7 {
					view(m, w, h)
				}
			}
		}
		m.help = true
		view(m, 80, 24)
		m.help = false
	}
}
