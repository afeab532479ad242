package tasks

import (
	"errors"
	"testing"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/control"
)

// list is a source of given passengers.
type list struct {
	people []elevator.Passenger
	err    error
}

func (l *list) Next() (elevator.Passenger, bool, error) {
	if len(l.people) == 0 {
		return elevator.Passenger{}, false, l.err
	}
	p := l.people[0]
	l.people = l.people[1:]
	return p, true, nil
}

// A landing is told of everybody once and ahead of time; one that starts anew
// is told again of those who have not arrived.
func TestArrivals(t *testing.T) {
	people := []elevator.Passenger{
		{ID: 1, Floor: 0, To: 3, ArrivesAt: 1 * time.Second},
		{ID: 2, Floor: 2, To: 0, ArrivesAt: 2 * time.Second},
		{ID: 3, Floor: 0, To: 1, ArrivesAt: 50 * time.Second},
	}
	a, err := newArrivals(&list{people: people}, 4, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	told := make(map[elevator.FloorIndex][]elevator.PassengerID)
	tell := func(f elevator.FloorIndex, m control.Message) {
		if m.Kind != control.Expect {
			t.Errorf("told %v", m.Kind)
		}
		for _, p := range m.Passengers {
			told[f] = append(told[f], p.ID)
		}
	}
	expect := func(what string, f elevator.FloorIndex, ids ...elevator.PassengerID) {
		t.Helper()
		if len(told[f]) != len(ids) {
			t.Fatalf("%s: floor %d was told %v, want %v", what, f, told[f], ids)
		}
		for i := range ids {
			if told[f][i] != ids[i] {
				t.Fatalf("%s: floor %d was told %v, want %v", what, f, told[f], ids)
			}
		}
	}
	for range 2 { // the second time there is nothing new
		if err := a.due(30*time.Second, tell); err != nil {
			t.Fatal(err)
		}
	}
	expect("the first half minute", 0, 1)
	expect("the first half minute", 2, 2)
	a.arrived(0, 1)
	if err := a.due(time.Minute, tell); err != nil {
		t.Fatal(err)
	}
	expect("the first minute", 0, 1, 3)
	told[0] = nil
	a.again(0, tell)
	expect("again", 0, 3)
	a.arrived(0, 3)
	if a.over() {
		t.Error("over although passenger 2 has not arrived")
	}
	a.arrived(2, 2)
	a.arrived(2, 2)
	if !a.over() {
		t.Error("not over although all have arrived")
	}
}

func TestArrivalsReportABadSource(t *testing.T) {
	bad := errors.New("trace.csv:7: no such floor")
	if _, err := newArrivals(&list{err: bad}, 2, nil, 0); !errors.Is(err, bad) {
		t.Errorf("got %v, want the source's error", err)
	}
}
