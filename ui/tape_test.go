package ui

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"elevator/internal/elevator"
)

// journal returns the scene as a journal's bytes.
func (s *scene) journal() []byte {
	var lines []byte
	for _, e := range s.sorted() {
		lines = elevator.AppendEvent(lines, s.b, &e)
	}
	return lines
}

// long is a scene with more events than lie between two marks.
func long() *scene {
	s := newScene(testBuilding("Tower", 20, 4))
	for i := range 12000 {
		s.ride(float64(i), 7, 20, i%4, i%20, (i+7)%20)
	}
	return s
}

// replaying returns a model of a recording, at its beginning.
func replaying(t *testing.T, s *scene) *app {
	t.Helper()
	tape, err := openTape(bytes.NewReader(s.journal()))
	if err != nil {
		t.Fatal(err)
	}
	m := newModel([]string{"recording"})
	m.player = &player{tape: tape, speed: 1, end: tape.end}
	a := newApp(Config{}, m)
	m.update(tickMessage{sceneStart})
	if err := a.seek(tapePosition{}); err != nil {
		t.Fatal(err)
	}
	return a
}

// folded returns the group after the scene's events up to a time.
func (s *scene) folded(until time.Duration) *elevator.Group {
	g := elevator.NewGroup(s.b)
	for _, e := range s.sorted() {
		if e.T <= until {
			_ = g.Apply(&e)
		}
	}
	return g
}

// Wherever a recording is taken to, in whatever order, it shows what happened
// up to there.
func TestSeekShowsWhatHappened(t *testing.T) {
	s := long()
	a := replaying(t, s)
	if len(a.m.player.tape.marks) < 2 {
		t.Fatalf("%d marks only", len(a.m.player.tape.marks))
	}
	for _, at := range []time.Duration{0, 100 * time.Second, 11000 * time.Second, 5 * time.Second, a.m.player.tape.end, 9000 * time.Second} {
		if err := a.seek(tapePosition{at: at}); err != nil {
			t.Fatal(err)
		}
		want, got := s.folded(at), a.m.shown().group
		if got.Seq != want.Seq || got.Carried != want.Carried || got.WaitingTotal() != want.WaitingTotal() || got.Riding() != want.Riding() {
			t.Errorf("at %v: event %d, %d carried, %d waiting; want %d, %d, %d", at, got.Seq, got.Carried, got.WaitingTotal(),
				want.Seq, want.Carried, want.WaitingTotal())
		}
		if a.m.shown().clock.shown != max(at, got.T) {
			t.Errorf("at %v the clock shows %v", at, a.m.shown().clock.shown)
		}
	}
}

func TestStepsGoThereAndBack(t *testing.T) {
	a := replaying(t, busy())
	seq := func() uint64 { return a.m.shown().group.Seq }
	if err := a.seek(tapePosition{at: 100 * time.Second}); err != nil {
		t.Fatal(err)
	}
	start := seq()
	for _, step := range []struct {
		key  string
		want uint64
	}{{".", start + 1}, {".", start + 2}, {",", start + 1}, {",", start}, {",", start - 1}, {".", start}} {
		a.apply(t.Context(), keyMessage{step.key})
		if seq() != step.want {
			t.Errorf("after %q event %d, want %d", step.key, seq(), step.want)
		}
	}
	a.apply(t.Context(), keyMessage{"home"})
	a.apply(t.Context(), keyMessage{","})
	if seq() < 1 {
		t.Errorf("stepping back from the beginning led to event %d", seq())
	}
	a.apply(t.Context(), keyMessage{"end"})
	last := seq()
	a.apply(t.Context(), keyMessage{"."})
	if seq() != last || last != uint64(a.m.player.tape.count) {
		t.Errorf("at the end event %d, then %d of %d", last, seq(), a.m.player.tape.count)
	}
}

func TestPlayingFollowsTheWall(t *testing.T) {
	a := replaying(t, busy())
	wall := sceneStart
	tick := func(seconds int) {
		for range seconds {
			wall = wall.Add(time.Second)
			a.apply(t.Context(), tickMessage{wall})
		}
	}
	tick(5)
	if a.m.player.at != 0 {
		t.Fatalf("plays before it was told to: %v", a.m.player.at)
	}
	a.apply(t.Context(), keyMessage{"space"})
	tick(10)
	if at := a.m.shown().clock.shown; at != 10*time.Second {
		t.Errorf("after 10 s at %v", at)
	}
	for range 3 {
		a.apply(t.Context(), keyMessage{"+"})
	}
	tick(10)
	if at := a.m.shown().clock.shown; at != 90*time.Second {
		t.Errorf("after 10 s more, 8 times as fast, at %v", at)
	}
	a.apply(t.Context(), keyMessage{"space"})
	tick(3)
	if at := a.m.shown().clock.shown; at != 90*time.Second {
		t.Errorf("stopped, but at %v", at)
	}
	a.apply(t.Context(), keyMessage{"end"})
	a.apply(t.Context(), keyMessage{"space"})
	tick(1)
	if a.m.player.playing {
		t.Error("plays on after the end")
	}
}

func TestBadJournals(t *testing.T) {
	whole := string(quiet().journal())
	lines := strings.SplitAfter(whole, "\n")
	for name, test := range map[string]struct {
		journal, err string
		events       int
		torn         bool
	}{
		"empty":             {"", "nothing in it", 0, false},
		"not a journal":     {"hello\n", "nothing in it", 0, true},
		"no building":       {lines[1], "building", 0, false},
		"torn last line":    {whole[:len(whole)-10], "", len(lines) - 2, true},
		"garbage in middle": {lines[0] + lines[1] + "{}\n" + lines[2], "", 2, true},
		"no last newline":   {strings.TrimSuffix(whole, "\n"), "", len(lines) - 1, false},
	} {
		tape, err := openTape(strings.NewReader(test.journal))
		if test.err != "" {
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%s: error %v, want %q", name, err, test.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if tape.count != test.events || (tape.torn != nil) != test.torn {
			t.Errorf("%s: %d events, torn %v; want %d, %v", name, tape.count, tape.torn, test.events, test.torn)
		}
	}
}

// Files of a journal that were joined hold several buildings.
func TestJoinedJournals(t *testing.T) {
	small, big := newScene(testBuilding("Small", 3, 1)), busy()
	small.ride(5, 1, 2, 0, 0, 2)
	tape, err := openTape(bytes.NewReader(append(small.journal(), big.journal()...)))
	if err != nil {
		t.Fatal(err)
	}
	msg, err := tape.seek(tapePosition{at: tape.end})
	if err != nil {
		t.Fatal(err)
	}
	m := newModel([]string{"recording"})
	m.player = &player{tape: tape, end: tape.end}
	m.update(msg)
	if got := m.shown(); got.building.Name != "Office 14" || got.group.Carried != 40 || got.refused != 0 {
		t.Errorf("%s, %d carried, %d refused", got.building.Name, got.group.Carried, got.refused)
	}
}

func TestReplayOnATerminal(t *testing.T) {
	inBubble(t, 80, 24, func(t *testing.T, cfg Config, tty *fakeTty) {
		d := &desk{t: t, tty: tty, done: make(chan error, 1)}
		go func() { d.done <- Replay(t.Context(), cfg, bytes.NewReader(busy().journal())) }()
		d.pass(time.Second)
		d.shows("PLAYING x1 of 0:48:28")
		d.press("\x1b[F")
		d.shows("STOPPED")
		d.shows("0:48:28")
		d.press("q")
		if err := d.end(); err != nil {
			t.Error(err)
		}
	})
}
