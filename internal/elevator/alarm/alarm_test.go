package alarm

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"elevator/internal/elevator"
	"elevator/internal/elevator/motion"
)

// testBuilding has eight floors, named 1 to 8, three seconds apart, and cars A
// and B.
func testBuilding() *elevator.Building {
	b := &elevator.Building{
		Name:   "test",
		Motion: elevator.Motion{Model: elevator.FloorTime, FloorTime: 3 * time.Second},
		Load:   elevator.Load{PassengerKg: 75, FullRatio: 1, BypassRatio: 0.8, OverloadRatio: 1.1},
	}
	for f := range 8 {
		b.Floors = append(b.Floors, elevator.Floor{Name: strconv.Itoa(f + 1), ElevationM: 3 * float64(f), MainTerminal: f == 0})
	}
	for _, name := range []string{"A", "B"} {
		b.Cars = append(b.Cars, elevator.CarSpec{Name: name, CapacityPersons: 10, Serves: b.AllFloors()})
	}
	return b
}

// The files in testdata are the lives of alarms. "events" folds lines of a
// journal without seq, "at" shows the alarms at a time, "snapshot" goes on from
// the group as a snapshot hands it on.
func TestAlarms(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		b := testBuilding()
		law := motion.NewLaw(b)
		g, watch := elevator.NewGroup(b), NewWatch(law)
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "group":
				g, watch = elevator.NewGroup(b), NewWatch(law)
				return ""
			case "events":
				for line := range strings.Lines(d.Input) {
					e := readEvent(t, b, line)
					if err := watch.Apply(g, &e); err != nil {
						t.Fatalf("%s: %v", line, err)
					}
				}
				for i := range g.Alarms {
					if a := &g.Alarms[i]; Advice(a) == "" {
						t.Errorf("no advice about %s", a.Name)
					}
				}
				return list(g.Alarms)
			case "at":
				var seconds int
				d.ScanArgs(t, "t", &seconds)
				before := slices.Clone(g.Alarms)
				alarms := At(law, g, time.Duration(seconds)*time.Second)
				if !cmp.Equal(before, g.Alarms) {
					t.Error("looking has changed the group")
				}
				return list(alarms)
			case "snapshot":
				g, watch = handedOn(t, g), NewWatch(law)
				return list(g.Alarms)
			}
			t.Fatalf("unknown command %q", d.Cmd)
			return ""
		})
	})
}

// readEvent reads "T EVENT field=value …", where T is in seconds.
func readEvent(t *testing.T, b *elevator.Building, line string) elevator.Event {
	t.Helper()
	words := strings.Split(strings.TrimSpace(line), " ")
	text := fmt.Sprintf(`{"t":%s,"seq":1,"event":%q`, words[0], words[1])
	for _, word := range words[2:] {
		field, value, _ := strings.Cut(word, "=")
		if value != "true" && value != "false" && field != "position_m" && field != "passenger" && field != "mass_kg" {
			value = strconv.Quote(value)
		}
		text += fmt.Sprintf(`,%q:%s`, field, value)
	}
	e, err := elevator.ParseEvent(b, []byte(text+"}"))
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	e.Seq = 0
	return e
}

func list(alarms []elevator.Alarm) string {
	var text strings.Builder
	for i := range alarms {
		a := &alarms[i]
		fmt.Fprintf(&text, "%s %s", a.State(), a.Name)
		if a.Critical {
			text.WriteString(" critical")
		}
		fmt.Fprintf(&text, " raised=%v", a.RaisedAt)
		if a.Cleared {
			fmt.Fprintf(&text, " cleared=%v", a.ClearedAt)
		}
		if a.Acknowledged {
			fmt.Fprintf(&text, " by=%s %v", a.AcknowledgedBy, a.AcknowledgedAt)
		}
		fmt.Fprintf(&text, " (%s)\n", a.Text)
	}
	if text.Len() == 0 {
		return "none\n"
	}
	return text.String()
}

// handedOn returns the group as a snapshot line of the journal hands it on.
func handedOn(t interface{ Fatal(...any) }, g *elevator.Group) *elevator.Group {
	e := elevator.NewEvent(g.T, elevator.SnapshotTaken)
	e.Detail = &elevator.Detail{Snapshot: g}
	back, err := elevator.ParseEvent(g.Building, elevator.AppendEvent(nil, g.Building, &e))
	if err != nil {
		t.Fatal(err)
	}
	return back.Detail.Snapshot
}

// Whoever joins in the middle of a run, by a snapshot, has the alarms of who
// saw it from the beginning; and who looks between two events sees what the
// next event will find.
func TestEveryReaderHasTheSameAlarms(t *testing.T) {
	b := testBuilding()
	law := motion.NewLaw(b)
	rapid.Check(t, func(t *rapid.T) {
		first, joined := elevator.NewGroup(b), elevator.NewGroup(b)
		watch, watchJoined := NewWatch(law), NewWatch(law)
		join := rapid.IntRange(0, 60).Draw(t, "join")
		var last time.Duration
		for n := range 80 {
			e := drawEvent(t, first, last)
			last = e.T
			if n == join {
				joined, watchJoined = handedOn(t, first), NewWatch(law)
			}
			foreseen := At(law, first, e.T)
			err, errJoined := watch.Apply(first, &e), watchJoined.Apply(joined, &e)
			if (err == nil) != (errJoined == nil) {
				t.Fatalf("%v: %v, and for the one who joined %v", e.Kind, err, errJoined)
			}
			for i := range foreseen {
				if raised := first.Alarms[i]; raised.Name != foreseen[i].Name || raised.RaisedAt != foreseen[i].RaisedAt {
					t.Fatalf("foreseen was\n%sbut came\n%s", list(foreseen), list(first.Alarms))
				}
			}
			if n >= join {
				if diff := cmp.Diff(list(first.Alarms), list(joined.Alarms)); diff != "" {
					t.Fatalf("after %v at %v:\n%s", e.Kind, e.T, diff)
				}
			}
		}
	})
}

// A car that is too full goes on by itself; what else is wrong with one has to be
// mended.
func TestAdviceAboutFaults(t *testing.T) {
	for _, test := range []struct{ alarm, advice string }{
		{"fault:A:overload", "ask those aboard"},
		{"fault:A:door-closing", "reset-faults"},
		{"fault:overload:door-closing", "reset-faults"}, // a car of that name
		{"somebody-else's", ""},
	} {
		if got := Advice(&elevator.Alarm{Name: test.alarm}); !strings.Contains(got, test.advice) || (got == "") != (test.advice == "") {
			t.Errorf("%s: %q, want %q", test.alarm, got, test.advice)
		}
	}
}

// A watch that looks when it must has the alarms of one that looks before and after
// every event.
func TestNothingIsOverlooked(t *testing.T) {
	b := testBuilding()
	law := motion.NewLaw(b)
	rapid.Check(t, func(t *rapid.T) {
		g, slow := elevator.NewGroup(b), elevator.NewGroup(b)
		watch := NewWatch(law)
		var last time.Duration
		for range 120 {
			e := drawEvent(t, g, last)
			last = e.T
			update(law, slow, e.T)
			errSlow := slow.Apply(&e)
			if e.Kind == elevator.CommandGiven {
				acknowledge(slow, &e)
			}
			update(law, slow, e.T)
			if err := watch.Apply(g, &e); (err == nil) != (errSlow == nil) {
				t.Fatalf("%v: %v, and for the slow one %v", e.Kind, err, errSlow)
			}
			if diff := cmp.Diff(list(slow.Alarms), list(g.Alarms)); diff != "" {
				t.Fatalf("after %v at %v (-slow +watch):\n%s", e.Kind, e.T, diff)
			}
		}
	})
}

// drawEvent draws something that may happen to the group next; last is the time of
// the event before, also where the group has refused that.
func drawEvent(t *rapid.T, g *elevator.Group, last time.Duration) elevator.Event {
	e := elevator.NewEvent(last+time.Duration(rapid.IntRange(0, 25).Draw(t, "later"))*time.Second, rapid.SampledFrom([]elevator.EventKind{
		elevator.LandingCallRegistered, elevator.LandingCallAnswered, elevator.CarCallRegistered, elevator.CarCallAnswered, elevator.CarDeparted,
		elevator.CarArrived, elevator.DoorsOpening, elevator.DoorsOpened, elevator.DoorsClosing, elevator.DoorsClosed,
		elevator.FaultRaised, elevator.FaultCleared, elevator.ModeChanged, elevator.TaskStateChanged, elevator.CommandGiven,
	}).Draw(t, "kind"))
	e.Car, e.Floor = elevator.CarIndex(rapid.IntRange(0, 1).Draw(t, "car")), elevator.FloorIndex(rapid.IntRange(0, 6).Draw(t, "floor"))
	e.To, e.PositionM = e.Floor+1, g.Building.Floors[e.Floor].ElevationM
	switch e.Kind {
	case elevator.DoorsOpening, elevator.DoorsOpened, elevator.DoorsClosing, elevator.DoorsClosed:
		if g.Cars[e.Car].Moving {
			e.Kind = elevator.CarArrived
		}
	case elevator.LandingCallRegistered, elevator.LandingCallAnswered:
		e.To, e.Direction = elevator.NoFloor, elevator.Up
	case elevator.FaultRaised, elevator.FaultCleared:
		e.Fault = elevator.FaultDoorClosing
	case elevator.ModeChanged:
		e.Mode = rapid.SampledFrom([]elevator.Mode{elevator.ModeNormal, elevator.ModeOutOfService, elevator.ModeFireOperation}).Draw(t, "mode")
	case elevator.TaskStateChanged:
		e.Detail = &elevator.Detail{Task: fmt.Sprintf("car-%d", e.Car), State: rapid.SampledFrom([]string{"running", "lost"}).Draw(t, "state")}
	case elevator.CommandGiven:
		e.Detail = &elevator.Detail{
			Command: elevator.AcknowledgeAlarm, By: "ann", Result: rapid.SampledFrom([]string{elevator.CommandAccepted, "no"}).Draw(t, "result"),
			Alarm: rapid.SampledFrom([]string{elevator.AllAlarms, "stuck:A", "fault:B:door-closing"}).Draw(t, "alarm"),
		}
	}
	return e
}

// What is over is forgotten some day, what lasts never, and what somebody has
// acknowledged before what nobody has.
func TestOldAlarmsAreForgotten(t *testing.T) {
	b := testBuilding()
	g, watch := elevator.NewGroup(b), NewWatch(motion.NewLaw(b))
	apply := func(line string) {
		e := readEvent(t, b, line)
		if err := watch.Apply(g, &e); err != nil {
			t.Fatal(err)
		}
	}
	apply("0 fault_raised car=A fault=controller")
	apply("1 fault_raised car=B fault=controller")
	apply("2 fault_cleared car=B fault=controller")
	for n := range 2 * kept {
		apply(fmt.Sprintf("%d fault_raised car=B fault=door-closing", 3+n))
		apply(fmt.Sprintf("%d fault_cleared car=B fault=door-closing", 3+n))
		apply(fmt.Sprintf("%d command request_id=r by=ann command=acknowledge result=ok wall_time=2026-01-01T00:00:00Z alarm=fault:B:door-closing", 3+n))
	}
	if n := len(g.Alarms); n != kept+1 || g.Alarms[0].Cleared || g.Alarms[1].Name != "fault:B:controller" {
		t.Errorf("%d alarms are kept:\n%s", n, list(g.Alarms[:2]))
	}
}
