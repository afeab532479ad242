package tasks

import (
	"fmt"
	"slices"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/control"
	"elevator/internal/elevator/traffic"
)

// foresight is how far ahead the landings are told who will come, at least: in
// the building's time, and in wall time.
const (
	foresight     = 30 * time.Second
	foresightWall = 3 * time.Second
)

// arrivals hands the passengers of a source to the landings where they will
// arrive, a little ahead of time, and remembers those who have not arrived, so
// that a landing's task that starts anew is told of them again.
//
// Invariant: a passenger is in next, or in expected of their floor, or has
// arrived, and is never in two of them.
type arrivals struct {
	source    traffic.Source
	before    []elevator.PassengerID // by floor: the last one who arrived before this began; nil for nobody
	begins    time.Duration          // whoever was due earlier has arrived
	next      elevator.Passenger
	more      bool // next is set
	expected  [][]elevator.Passenger
	announced [][]elevator.Passenger // of one round, by floor
}

// newArrivals returns the arrivals of a source. At a floor everybody arrives in
// the order of their numbers; before, where it is not nil, names for each floor
// the last one who has arrived already, and everybody who was due before begins
// has: of them no journal may be left.
func newArrivals(source traffic.Source, floors int, before []elevator.PassengerID, begins time.Duration) (*arrivals, error) {
	a := &arrivals{
		source:    source,
		before:    before,
		begins:    begins,
		expected:  make([][]elevator.Passenger, floors),
		announced: make([][]elevator.Passenger, floors),
	}
	return a, a.advance()
}

func (a *arrivals) advance() error {
	var err error
	for known := true; known; {
		a.next, a.more, err = a.source.Next()
		if err != nil {
			return fmt.Errorf("read the traffic: %w", err)
		}
		known = a.more && a.before != nil && (a.next.ArrivesAt < a.begins || a.next.ID <= a.before[a.next.Floor])
	}
	return nil
}

// due calls tell for each landing that can expect somebody before until.
func (a *arrivals) due(until time.Duration, tell func(elevator.FloorIndex, control.Message)) error {
	for a.more && a.next.ArrivesAt <= until {
		f := a.next.Floor
		a.expected[f] = append(a.expected[f], a.next)
		a.announced[f] = append(a.announced[f], a.next)
		if err := a.advance(); err != nil {
			return err
		}
	}
	for f := range a.announced {
		if len(a.announced[f]) > 0 {
			tellExpected(elevator.FloorIndex(f), a.announced[f], tell)
			a.announced[f] = a.announced[f][:0]
		}
	}
	return nil
}

// again tells a landing whose task started anew whom it has still to expect.
func (a *arrivals) again(f elevator.FloorIndex, tell func(elevator.FloorIndex, control.Message)) {
	tellExpected(f, a.expected[f], tell)
}

// expectedAtOnce bounds the passengers of one message.
const expectedAtOnce = 200

func tellExpected(f elevator.FloorIndex, passengers []elevator.Passenger, tell func(elevator.FloorIndex, control.Message)) {
	for part := range slices.Chunk(passengers, expectedAtOnce) {
		m := control.NewMessage(control.Expect)
		m.Floor, m.Passengers = f, part
		tell(f, m)
	}
}

// arrived takes note that the passenger has reached the landing.
func (a *arrivals) arrived(f elevator.FloorIndex, id elevator.PassengerID) {
	i := slices.IndexFunc(a.expected[f], func(p elevator.Passenger) bool { return p.ID == id })
	if i >= 0 {
		a.expected[f] = slices.Delete(a.expected[f], i, i+1)
	}
}

// arrivedUpTo takes note that everybody up to that passenger has reached the
// landing, whose own word it is: the journal may have lost that they did.
func (a *arrivals) arrivedUpTo(f elevator.FloorIndex, last elevator.PassengerID) error {
	a.expected[f] = slices.DeleteFunc(a.expected[f], func(p elevator.Passenger) bool { return p.ID <= last })
	if a.before == nil || last <= a.before[f] {
		return nil
	}
	a.before[f] = last
	if a.more && a.next.Floor == f && a.next.ID <= last {
		return a.advance()
	}
	return nil
}

// over reports whether everybody has arrived.
func (a *arrivals) over() bool {
	for _, expected := range a.expected {
		if len(expected) > 0 {
			return false
		}
	}
	return !a.more
}
