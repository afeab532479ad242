package simtest

import (
	"slices"

	"elevator/internal/elevator"
)

// promises follow who waits at a destination panel for which floor, and which
// cars were given to that floor since they came: they may board no other.
type promises struct {
	waiting map[elevator.CallKey][]*person
	cars    map[elevator.CallKey]elevator.CarSet // of lit calls
}

func newPromises() promises {
	return promises{
		waiting: make(map[elevator.CallKey][]*person), cars: make(map[elevator.CallKey]elevator.CarSet),
	}
}

func (p *person) key() elevator.CallKey { return elevator.DestinationCall(p.floor, p.to) }

// waits takes note of somebody who has come to a landing, or was let out there.
// A call for their floor that is lit is good for them, too.
func (s *promises) waits(p *person) {
	p.promised = s.cars[p.key()]
	s.waiting[p.key()] = append(s.waiting[p.key()], p)
}

// given takes note of the cars that a call is assigned to: none where none is
// left.
func (s *promises) given(e *elevator.Event) {
	key, cars := e.Call(), e.Cars
	if e.Car != elevator.NoCar {
		cars = cars.With(e.Car)
	}
	s.cars[key] = cars
	for _, p := range s.waiting[key] {
		p.promised |= cars
	}
}

func (s *promises) answered(key elevator.CallKey) { delete(s.cars, key) }

func (s *promises) boards(p *person) {
	s.waiting[p.key()] = slices.DeleteFunc(s.waiting[p.key()], func(w *person) bool { return w == p })
}
