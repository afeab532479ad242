package tasks

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
	"elevator/internal/elevator/control"
	"elevator/internal/journal"
)

func happened(at time.Duration, kind elevator.EventKind, car elevator.CarIndex, f elevator.FloorIndex, p elevator.PassengerID) elevator.Event {
	e := elevator.NewEvent(at, kind)
	e.Car, e.Floor, e.Passenger = car, f, p
	if kind == elevator.PassengerArrived {
		e.To = 0
	}
	return e
}

// What each task did lately, and who came last to each floor, is gathered from
// all files that it takes; a torn last line is cut off.
func TestRecover(t *testing.T) {
	b := building.Builtin()
	path := filepath.Join(t.TempDir(), "journal.ndjson")
	if r, err := Recover(path); r != nil || err != nil {
		t.Fatalf("without a journal: %v, %v", r, err)
	}
	write := func(w *journal.Writer, events ...elevator.Event) {
		t.Helper()
		for i := range events {
			if err := w.Append(&events[i]); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	first, err := journal.Create(path, b)
	if err != nil {
		t.Fatal(err)
	}
	epoch := time.Date(2026, 11, 23, 8, 0, 0, 123456789, time.UTC)
	begin := elevator.NewEvent(0, elevator.BuildingLoaded)
	begin.Detail = &elevator.Detail{Header: &elevator.Header{Building: b, WallTime: epoch, Speed: 1}}
	write(first, begin,
		happened(1*time.Second, elevator.PassengerArrived, elevator.NoCar, 3, 1),
		happened(2*time.Second, elevator.PassengerArrived, elevator.NoCar, 4, 2),
		happened(3*time.Second, elevator.DoorsOpening, 0, 0, 0),
		happened(695*time.Second, elevator.DoorsOpened, 0, 0, 0),
	)
	before, err := Recover(path)
	if err != nil {
		t.Fatal(err)
	}
	second, err := journal.Continue(journal.Config{Path: path, Building: b}, before.Recovered, *before.Recovered.Header)
	if err != nil {
		t.Fatal(err)
	}
	write(second,
		happened(698*time.Second, elevator.PassengerArrived, elevator.NoCar, 3, 7),
		happened(699*time.Second, elevator.DoorsClosing, 0, 0, 0),
	)
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = file.WriteString(`{"t":700,"seq":10,"ev`)
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}

	r, err := Recover(path)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Recovered.Header.WallTime.Equal(epoch) || r.Recovered.Torn == 0 || r.Recovered.Group.Waiting[3] != 2 {
		t.Errorf("epoch %v, torn %d, waiting %v", r.Recovered.Header.WallTime, r.Recovered.Torn, r.Recovered.Group.Waiting)
	}
	if r.arrived[3] != 7 || r.arrived[4] != 2 || r.arrived[5] != 0 {
		t.Errorf("the last to arrive were %v, want 7 at floor 3 and 2 at floor 4", r.arrived)
	}
	var kinds []elevator.EventKind
	for _, e := range r.seen["car-0"] {
		kinds = append(kinds, e.Kind)
	}
	if len(kinds) != 2 || kinds[0] != elevator.DoorsOpened || kinds[1] != elevator.DoorsClosing {
		t.Errorf("car-0 did %v lately, want doors opened and closing", kinds)
	}
}

// After a takeover everybody up to the last who arrived at each floor is known.
func TestArrivalsAfterATakeover(t *testing.T) {
	people := []elevator.Passenger{
		{ID: 1, Floor: 0, To: 3}, {ID: 2, Floor: 2, To: 0}, {ID: 3, Floor: 0, To: 1}, {ID: 4, Floor: 2, To: 1},
	}
	a, err := newArrivals(&list{people: people}, 3, []elevator.PassengerID{3, 0, 2}, 0)
	if err != nil {
		t.Fatal(err)
	}
	var told []elevator.PassengerID
	err = a.due(time.Minute, func(_ elevator.FloorIndex, m control.Message) {
		for _, p := range m.Passengers {
			told = append(told, p.ID)
		}
	})
	if err != nil || len(told) != 1 || told[0] != 4 {
		t.Errorf("told of %v, %v; want passenger 4 alone", told, err)
	}
}

// Where the journal has lost who came last to a floor, the floor knows it: nobody
// is expected there for ever.
func TestArrivalsThatALandingTellsOf(t *testing.T) {
	people := []elevator.Passenger{
		{ID: 1, Floor: 0, To: 3, ArrivesAt: 10 * time.Second},
		{ID: 2, Floor: 2, To: 0, ArrivesAt: 20 * time.Second},
		{ID: 3, Floor: 0, To: 1, ArrivesAt: 30 * time.Second},
		{ID: 4, Floor: 0, To: 1, ArrivesAt: time.Hour},
	}
	a, err := newArrivals(&list{people: people}, 3, []elevator.PassengerID{1, 0, 2}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.due(time.Minute, func(elevator.FloorIndex, control.Message) {}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		last elevator.PassengerID
		over bool
	}{{0, false}, {3, false}, {4, true}} {
		if err := a.arrivedUpTo(0, c.last); err != nil {
			t.Fatal(err)
		}
		if a.over() != c.over {
			t.Errorf("after passenger %d: over %v, want %v", c.last, a.over(), c.over)
		}
	}
}

// Where the journal of a floor's last arrival is kept no more, who was due
// before the oldest file began has arrived.
func TestArrivalsBeforeTheOldestJournal(t *testing.T) {
	people := []elevator.Passenger{
		{ID: 1, Floor: 0, To: 3, ArrivesAt: 10 * time.Second},
		{ID: 2, Floor: 2, To: 0, ArrivesAt: 20 * time.Second},
		{ID: 3, Floor: 0, To: 1, ArrivesAt: 30 * time.Second},
	}
	a, err := newArrivals(&list{people: people}, 3, []elevator.PassengerID{0, 0, 0}, 25*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if !a.more || a.next.ID != 3 {
		t.Errorf("next is %+v, want passenger 3", a.next)
	}
}
