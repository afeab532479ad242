package elevator

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// TestGroup runs testdata/group.txt. Its language:
//
//	new               a new group of a building with floors G 1 2 3, cars A B
//	apply             journal lines without t and seq, which count up by themselves;
//	                  prints what is refused
//	show              the group, one line a car and one a lit call
func TestGroup(t *testing.T) {
	var g *Group
	datadriven.RunTest(t, "testdata/group.txt", func(t *testing.T, d *datadriven.TestData) string {
		switch d.Cmd {
		case "new":
			g = NewGroup(plainBuilding())
			return "ok"
		case "apply":
			var refused strings.Builder
			for line := range strings.SplitSeq(d.Input, "\n") {
				prefix := fmt.Sprintf(`{"t":%d,"seq":%d,`, g.Seq+1, g.Seq+1)
				e, err := ParseEvent(g.Building, []byte(prefix+strings.TrimPrefix(line, "{")))
				if err == nil {
					err = g.Apply(&e)
				}
				if err != nil {
					fmt.Fprintln(&refused, err)
				}
			}
			if refused.Len() == 0 {
				return "ok"
			}
			return refused.String()
		case "show":
			return show(g)
		}
		d.Fatalf(t, "unknown command")
		return ""
	})
}

func plainBuilding() *Building {
	b := testBuilding()
	b.Floors[2].Name = "2"
	b.Cars = []CarSpec{
		{Name: "A", CapacityPersons: 16, RatedLoadKg: 1250, Serves: b.AllFloors()},
		{Name: "B", CapacityPersons: 16, RatedLoadKg: 1250, Serves: b.AllFloors()},
	}
	return b
}

func show(g *Group) string {
	var s strings.Builder
	for i := range g.Cars {
		c := &g.Cars[i]
		fmt.Fprintf(&s, "%s at %s from %vm", g.Building.Cars[i].Name, g.floorName(c.Floor), c.FromM)
		if c.Moving {
			fmt.Fprintf(&s, " %v to %s", c.Direction, g.floorName(c.Target))
		}
		fmt.Fprintf(&s, " doors %v, %v kg %v, calls %v, %v", c.Doors, c.LoadKg, c.Riders, g.carSnapshot(CarIndex(i)).CarCalls, c.Mode)
		if c.Faults != 0 {
			fmt.Fprintf(&s, " %v", g.carSnapshot(CarIndex(i)).Faults)
		}
		fmt.Fprintf(&s, ", %d starts %v m %d cycles\n", c.Starts, c.TravelM, c.DoorCycles)
	}
	for i := range g.Calls {
		call := &g.Calls[i]
		fmt.Fprintf(&s, "call %s %v", g.floorName(call.Key.Floor), call.Key.Direction)
		if call.Key.To != NoFloor {
			fmt.Fprintf(&s, " to %s", g.floorName(call.Key.To))
		}
		fmt.Fprintf(&s, " since %v: %s of %v\n", call.RegisteredAt, g.carName(call.Car), g.carNames(call.Cars))
	}
	fmt.Fprintf(&s, "waiting %v, riding %d, carried %d, %v", g.Waiting, g.Riding(), g.Carried, g.Mode)
	return s.String()
}

// busyGroup folds a random, legal history.
func busyGroup(t *rapid.T, b *Building) *Group {
	g := NewGroup(b)
	decoder := NewEventDecoder(b)
	for range rapid.IntRange(0, 60).Draw(t, "events") {
		e := drawEvent(t, b)
		e.T, e.Seq = g.T+time.Duration(rapid.IntRange(0, 20e9).Draw(t, "later")), g.Seq+1
		switch e.Kind {
		case DoorsOpened, DoorsClosing, DoorsClosed:
			if g.Cars[e.Car].Moving {
				continue // doors in motion are no legal history
			}
		case CarDeparted:
			e.PositionM = b.Floors[e.Floor].ElevationM
		case PassengerArrived, PassengerBoarded, PassengerAlighted:
			e.Passenger = PassengerID(rapid.IntRange(1, 8).Draw(t, "small id"))
			e.MassKg = min(e.MassKg, 100)
			if j, known := g.Journeys[e.Passenger]; known && e.Kind == PassengerBoarded {
				e.Floor = j.Passenger.Floor
			} else if known && j.Car != NoCar {
				e.Car = j.Car
			}
		}
		line := AppendEvent(nil, b, e)
		read, err := decoder.Decode(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		before := g.Snapshot()
		if g.Apply(&read) != nil {
			if diff := cmp.Diff(before, g.Snapshot()); diff != "" {
				t.Fatalf("%s was refused and changed the group\n%s", line, diff)
			}
		}
	}
	return g
}

// placesAgree checks that everybody is in one place.
func placesAgree(g *Group) error {
	waiting, riding := make([]int, len(g.Waiting)), 0
	for id, j := range g.Journeys {
		if j.Car == NoCar {
			waiting[j.Passenger.Floor]++
			continue
		}
		riding++
		aboard := 0
		for _, rider := range g.Cars[j.Car].Riders {
			if rider == id {
				aboard++
			}
		}
		if aboard != 1 {
			return fmt.Errorf("passenger %d is %d times in car %d", id, aboard, j.Car)
		}
	}
	if riding != g.Riding() || !cmp.Equal(waiting, g.Waiting) {
		return fmt.Errorf("riding %d, waiting %v; by the journeys %d, %v", g.Riding(), g.Waiting, riding, waiting)
	}
	for i := range g.Cars {
		if g.Cars[i].Moving && g.Cars[i].Doors != DoorsAreClosed {
			return fmt.Errorf("car %d moves with its doors %v", i, g.Cars[i].Doors)
		}
	}
	return nil
}

func TestEverybodyIsInOnePlace(t *testing.T) {
	b := testBuilding()
	rapid.Check(t, func(t *rapid.T) {
		if err := placesAgree(busyGroup(t, b)); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAGroupSurvivesItsSnapshotLine(t *testing.T) {
	b := testBuilding()
	rapid.Check(t, func(t *rapid.T) {
		g := busyGroup(t, b)
		line := AppendEvent(nil, b, event(g.T, g.Seq+1, SnapshotTaken, func(e *Event) { e.Detail = &Detail{Snapshot: g} }))
		e, err := ParseEvent(b, line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if diff := cmp.Diff(g, e.Detail.Snapshot, cmpopts.EquateEmpty(), cmpopts.EquateComparable(TrafficDetector{})); diff != "" {
			t.Fatalf("%s\n%s", line, diff)
		}
	})
}

func TestACloneSharesNothing(t *testing.T) {
	b := testBuilding()
	rapid.Check(t, func(t *rapid.T) {
		g := busyGroup(t, b)
		before := g.Snapshot()
		before.Cars = append([]CarSnapshot(nil), before.Cars...)
		for i := range before.Cars {
			before.Cars[i].Riders = append([]PassengerID(nil), before.Cars[i].Riders...)
		}
		c := g.Clone()
		if diff := cmp.Diff(g, c, cmpopts.EquateEmpty(), cmpopts.EquateComparable(TrafficDetector{})); diff != "" {
			t.Fatal(diff)
		}
		for i := range c.Cars {
			c.Cars[i].LoadKg++
			for j := range c.Cars[i].Riders {
				c.Cars[i].Riders[j]++
			}
		}
		for i := range c.Calls {
			c.Calls[i].Car++
		}
		c.Waiting[0]++
		c.Journeys[99] = Journey{}
		c.Tasks["new"] = TaskState{}
		if diff := cmp.Diff(before, g.Snapshot(), cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestSnapshotsThatContradictThemselvesAreRefused(t *testing.T) {
	b := plainBuilding()
	g := NewGroup(b)
	for i, e := range []*Event{
		event(0, 1, PassengerArrived, func(e *Event) { e.Passenger, e.Floor, e.To, e.MassKg = 1, 0, 3, 75 }),
		event(0, 2, PassengerArrived, func(e *Event) { e.Passenger, e.Floor, e.To, e.MassKg = 2, 0, 3, 75 }),
		event(0, 3, PassengerBoarded, func(e *Event) { e.Passenger, e.Car, e.Floor = 1, 0, 0 }),
		event(0, 4, LandingCallRegistered, func(e *Event) { e.Floor, e.Direction = 0, Up }),
	} {
		if err := g.Apply(e); err != nil {
			t.Fatal(i, err)
		}
	}
	for _, tc := range []struct {
		spoil func(*Snapshot)
		want  string
	}{
		{func(s *Snapshot) { s.Mode = "x" }, "mode: "},
		{func(s *Snapshot) { s.Cars = s.Cars[:1] }, "1 cars and 4 floors"},
		{func(s *Snapshot) { s.Cars[1].Name = "A" }, "cars[1]: name: "},
		{func(s *Snapshot) { s.Cars[1].Floor = "" }, "cars[1]: floor: "},
		{func(s *Snapshot) { s.Cars[1].Target = "9" }, "cars[1]: target: "},
		{func(s *Snapshot) { s.Cars[1].Mode = "9" }, "cars[1]: mode: "},
		{func(s *Snapshot) { s.Cars[1].Direction = "9" }, "cars[1]: direction: "},
		{func(s *Snapshot) { s.Cars[1].Doors = "ajar" }, "cars[1]: doors: "},
		{func(s *Snapshot) { s.Cars[1].Moving, s.Cars[1].Doors = true, "open" }, "cars[1]: doors: open in motion"},
		{func(s *Snapshot) { s.Cars[1].CarCalls = []string{"9"} }, "cars[1]: car_calls: "},
		{func(s *Snapshot) { s.Cars[1].Faults = []string{"9"} }, "cars[1]: faults: "},
		{func(s *Snapshot) { s.Cars[1].Riders = []PassengerID{1} }, "cars: 2 riders"},
		{func(s *Snapshot) { s.Cars[0].Riders = nil }, "passengers[0]: car: "},
		{func(s *Snapshot) { s.LandingCalls[0].Direction = "" }, "landing_calls[0]: direction: "},
		{func(s *Snapshot) { s.LandingCalls[0].Car = "Z" }, "landing_calls[0]: car: "},
		{func(s *Snapshot) { s.LandingCalls[0].Cars = []string{"Z"} }, "landing_calls[0]: cars: "},
		{func(s *Snapshot) { s.LandingCalls[0].To = "Z" }, "landing_calls[0]: to: "},
		{func(s *Snapshot) { s.LandingCalls[0].Floor = "Z" }, "landing_calls[0]: floor: "},
		{func(s *Snapshot) { s.Passengers[1].Passenger = 1 }, "passengers[1]: passenger: "},
		{func(s *Snapshot) { s.Passengers[1].To = "Z" }, "passengers[1]: to: "},
		{func(s *Snapshot) { s.Floors[0].Waiting = 5 }, "floors[0]: "},
		{func(s *Snapshot) { s.Passengers = s.Passengers[:1] }, "floors[0]: "},
	} {
		var s Snapshot
		text, err := json.Marshal(g.Snapshot())
		if err == nil {
			err = json.Unmarshal(text, &s)
		}
		if err != nil {
			t.Fatal(err)
		}
		tc.spoil(&s)
		if _, err := s.Group(b); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("got %v, want …%s…", err, tc.want)
		}
	}
}
