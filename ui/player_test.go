package ui

import (
	"strings"
	"testing"
	"time"

	"elevator/internal/elevator"
)

// running returns a dashboard of the scene as it goes on, up to some time.
func running(s *scene, until time.Duration) *app {
	a := newApp(Config{}, newModel([]string{"http://127.0.0.1:8080"}))
	wall := sceneStart.Add(until)
	a.m.update(tickMessage{wall})
	var seen []elevator.Event
	for _, e := range s.sorted() {
		if e.T <= until {
			seen = append(seen, e)
		}
	}
	a.m.update(eventsMessage{0, seen})
	a.m.live().clock.set(until, wall, 1)
	a.m.update(tickMessage{wall})
	return a
}

// pass lets wall time go by, a tenth of a second at a time as when drawing.
func (a *app) pass(t *testing.T, by time.Duration) {
	for range by / drawEvery {
		a.apply(t.Context(), heardMessage{0})
		a.apply(t.Context(), tickMessage{a.m.wall.Add(drawEvery)})
	}
}

func (a *app) press(t *testing.T, keys string) {
	for key := range strings.FieldsSeq(keys) {
		a.apply(t.Context(), keyMessage{key})
	}
}

// Where the operator goes in a running building's past, it is shown as it was;
// the present goes on behind it and is there on return.
func TestPastOfARunningBuilding(t *testing.T) {
	s := long()
	a := running(s, 9000*time.Second)
	same := func(where string, at time.Duration) {
		t.Helper()
		got, want := a.m.shown(), s.folded(at)
		if got.group.Seq != want.Seq || got.group.Carried != want.Carried || got.group.Riding() != want.Riding() || got.refused > 0 {
			t.Errorf("%s: event %d, %d carried, %d riding, %d refused; want %d, %d, %d", where, got.group.Seq, got.group.Carried,
				got.group.Riding(), got.refused, want.Seq, want.Carried, want.Riding())
		}
		if got.clock.shown.Truncate(time.Second) != at {
			t.Errorf("%s: the clock shows %v, want %v", where, got.clock.shown, at)
		}
	}
	same("now", 9000*time.Second)
	a.press(t, "left")
	same("10 s ago", 8990*time.Second)
	a.press(t, "[ [ right")
	same("about 10 minutes ago", 8400*time.Second)
	a.pass(t, 5*time.Second)
	same("stopped there", 8400*time.Second)
	a.press(t, "space")
	a.pass(t, 5*time.Second)
	same("played 5 s", 8405*time.Second)
	a.press(t, "+ +")
	a.pass(t, 5*time.Second)
	same("4 times as fast", 8425*time.Second)
	a.press(t, "space , .")
	if got := a.m.freshness(); !strings.HasPrefix(got, "PAST 9m ago") {
		t.Errorf("the title says %q", got)
	}
	a.press(t, "n")
	if a.m.situation() != present || a.m.shown().clock.now != 9015*time.Second {
		t.Errorf("back at %v, want 2h30m15s", a.m.shown().clock.now)
	}
}

// Whoever plays the past faster than it was catches up with the present.
func TestThePastCatchesUp(t *testing.T) {
	a := running(busy(), 600*time.Second)
	a.press(t, "left space + + +")
	a.pass(t, 2*time.Second)
	if a.m.situation() != present {
		t.Errorf("after 2 s eight times as fast still %s", a.m.freshness())
	}
	a.press(t, "left right right")
	if a.m.situation() != present {
		t.Error("skipping over now does not lead to it")
	}
}

// A pause holds the picture; nothing that happens meanwhile is lost.
func TestPauseThenStep(t *testing.T) {
	s := busy()
	a := running(s, 600*time.Second)
	a.press(t, "space")
	a.pass(t, 3*time.Second)
	if got := a.m.freshness(); got != "PAUSED 3s" {
		t.Errorf("the title says %q", got)
	}
	before := a.m.shown().group.Seq
	for _, e := range s.sorted() {
		if e.T > 600*time.Second && e.T < 1000*time.Second {
			a.m.update(eventsMessage{0, []elevator.Event{e}})
		}
	}
	a.press(t, ". .")
	if got := a.m.shown().group.Seq; got != before+2 {
		t.Errorf("two steps on from event %d: event %d", before, got)
	}
	live := a.m.live()
	if r := live.stats.Result(); live.group.Seq <= before+2 || r.Passengers == a.m.shown().stats.Result().Passengers {
		t.Errorf("the present stands at event %d with %d passengers, as the past", live.group.Seq, r.Passengers)
	}
}

// Of a day without end the newest events are kept, and going back ends there.
func TestThePastIsBounded(t *testing.T) {
	s := newScene(testBuilding("Tower", 20, 4))
	m := newModel([]string{"http://127.0.0.1:8080"})
	m.update(eventsMessage{0, s.sorted()})
	e := s.at(0, elevator.CarArrived, 0, 1, -1)
	for i := range 3 * mostRecorded {
		e.T, e.Seq = time.Duration(i)*time.Second/10, uint64(i+2)
		m.live().fold(&e)
		m.live().record(&e)
	}
	r := m.live().recorder
	if n := len(r.events); n > mostRecorded || n < mostRecorded/2-recorderMarks {
		t.Errorf("%d events are kept", n)
	}
	a := newApp(Config{}, m)
	a.press(t, "home")
	if got := m.shown().group.T; got != r.tape.begin() || got == 0 {
		t.Errorf("home leads to %v, what is kept begins at %v", got, r.tape.begin())
	}
	a.press(t, "left ,")
	if got := m.shown().group.T; got != r.tape.begin() {
		t.Errorf("before the beginning: %v", got)
	}
	// While somebody looks, what they look at is forgotten.
	for i := range mostRecorded {
		e.T, e.Seq = e.T+time.Second/10, e.Seq+uint64(i)
		m.live().fold(&e)
		m.live().record(&e)
	}
	a.press(t, ".")
	if got := m.shown().group.T; got != r.tape.begin() {
		t.Errorf("a step from what was forgotten leads to %v, want %v", got, r.tape.begin())
	}
}

// A stream that begins again with a snapshot, after a gap, goes on in the same
// past; another run has its own.
func TestThePastOverAGapAndANewRun(t *testing.T) {
	s := busy()
	a := running(s, 600*time.Second)
	snapshot := elevator.NewEvent(800*time.Second, elevator.SnapshotTaken)
	g := s.folded(800 * time.Second)
	snapshot.Seq, snapshot.Detail = g.Seq, &elevator.Detail{Snapshot: g}
	a.m.update(eventsMessage{0, []elevator.Event{s.events[0], snapshot}})
	a.press(t, "[")
	if got := a.m.shown().clock.shown; got != 500*time.Second {
		t.Errorf("5 minutes before the snapshot is %v", got)
	}
	a.press(t, "]")
	other := s.events[0]
	header := *other.Detail.Header
	header.WallTime = header.WallTime.Add(time.Hour)
	other.Detail = &elevator.Detail{Header: &header}
	a.press(t, "[")
	a.m.update(eventsMessage{0, []elevator.Event{other}})
	if a.m.situation() != present {
		t.Error("the past of a run that is over is still on show")
	}
	a.press(t, "left")
	if a.m.situation() != present || !strings.Contains(a.m.notice, "nothing is recorded") {
		t.Errorf("a run without events has a past: %q", a.m.notice)
	}
}

// What is abnormal now is said in the past too, and commands are for now.
func TestThePastIsNotThePresent(t *testing.T) {
	a := running(faulty(), 400*time.Second)
	a.m.readOnly = false
	a.press(t, "home :")
	if a.m.prompt.open() || !strings.Contains(a.m.notice, "present") {
		t.Errorf("a command is taken in the past: %q", a.m.notice)
	}
	if line := strings.Split(view(a.m, 120, 40).text(), "\n")[1]; !strings.Contains(line, "no alarms") || !strings.Contains(line, "alarms now") {
		t.Errorf("the alarm line of the past says %q", line)
	}
	a.press(t, "A n")
	if _, open, _ := a.m.live().alarmCounts(); open == 0 {
		t.Error("alarms of the present were acknowledged from the past")
	}
}
