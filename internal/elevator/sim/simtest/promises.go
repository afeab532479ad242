package simtest

import (
	"slices"
	"time"

	"elevator/internal/elevator"
)

// promises follow who waits at a destination panel for which floor, and which car
// they were told.
type promises struct {
	waiting map[elevator.CallKey][]*person
	lit     map[elevator.CallKey]shown
}

// shown is what a lit destination shows: the car told last, and all that were told.
type shown struct {
	car  elevator.CarIndex
	cars elevator.CarSet
}

// promised is what somebody who waits at a destination panel was told.
type promised struct {
	at        time.Duration   // when they keyed in
	told      elevator.CarSet // the car, or those it may be where several people key in at once
	given     elevator.CarSet // the cars that their call was given to since then
	disturbed bool            // they may have been told another of given: see disturbed and waits
}

// may reports whether they may board the car.
func (p *promised) may(car elevator.CarIndex) bool {
	if p.disturbed {
		return p.given.Has(car)
	}
	return p.told.Has(car)
}

func newPromises() promises {
	return promises{waiting: make(map[elevator.CallKey][]*person), lit: make(map[elevator.CallKey]shown)}
}

func (p *person) key() elevator.CallKey { return elevator.DestinationCall(p.floor, p.to) }

// waits takes note of somebody who has come to a landing, or was let out there.
// Where their destination is lit they may be told the car that it shows, which is
// not journaled again.
func (s *promises) waits(p *person, at time.Duration) {
	p.promised = promised{at: at}
	if lit, ok := s.lit[p.key()]; ok {
		p.told, p.given = elevator.CarSet(0).With(lit.car), lit.cars
	}
	for _, before := range s.waiting[p.key()] {
		// Whoever has no car yet is told one first: which car is whose cannot be seen.
		p.disturbed = p.disturbed || before.at < at && before.told == 0 || before.disturbed
	}
	s.waiting[p.key()] = append(s.waiting[p.key()], p)
}

// given takes note of the cars that a call is assigned to. Whoever has keyed in at
// this instant, or has had no car, is told the one it shows.
func (s *promises) given(e *elevator.Event) {
	if e.Car == elevator.NoCar {
		return
	}
	key, cars := e.Call(), e.Cars.With(e.Car)
	s.lit[key] = shown{e.Car, cars}
	for _, p := range s.waiting[key] {
		p.given |= cars
		if p.at == e.T || p.told == 0 {
			p.told = p.told.With(e.Car)
		}
	}
}

func (s *promises) answered(key elevator.CallKey) { delete(s.lit, key) }

func (s *promises) boards(p *person) {
	s.waiting[p.key()] = slices.DeleteFunc(s.waiting[p.key()], func(w *person) bool { return w == p })
}

// disturbed takes note of a car that has left the service or come back: whoever
// was told that one may be told another.
func (s *promises) disturbed(car elevator.CarIndex) {
	for _, waiting := range s.waiting {
		for _, p := range waiting {
			p.disturbed = p.disturbed || p.told == 0 || p.told.Has(car)
		}
	}
}
