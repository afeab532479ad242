package control

import (
	"slices"
	"time"

	"elevator/internal/elevator"
)

// announced answers a car whose doors begin to open: those waiting for its
// direction board in order of arrival, as long as they fit; on a destination
// panel, those promised to this car. Whoever does not fit waits for its doors
// to close before pressing again or, promised this car, until it comes again.
func (l *Landing) announced(in *Message) {
	if in.Floor != l.floor || in.Car < 0 || int(in.Car) >= len(l.heard) || in.Stop <= l.heard[in.Car] {
		return
	}
	l.heard[in.Car] = in.Stop
	if in.Direction == elevator.None {
		return
	}
	l.stops = slices.DeleteFunc(l.stops, func(s announced) bool { return s.car == in.Car })
	l.stops = append(l.stops, announced{
		car: in.Car, stop: in.Stop, direction: in.Direction,
		persons: in.RoomPersons, kg: in.RoomKg, since: l.now,
	})
	s := &l.stops[len(l.stops)-1]
	m := NewMessage(Board)
	m.Car, m.Floor, m.Stop = in.Car, l.floor, in.Stop
	l.offer = l.offer[:0]
	full := false
	for i := range l.queue {
		w := &l.queue[i]
		if w.car != elevator.NoCar || w.Direction() != in.Direction || l.destination && w.promised != in.Car {
			continue
		}
		if l.destination && !in.Floors.Empty() && !in.Floors.Has(w.To) {
			continue // promised a later trip of this car
		}
		if !carries(l.building, in.Car, &w.Passenger) {
			w.passed, w.promised = w.passed.With(in.Car), elevator.NoCar
			w.declined++
			continue
		}
		if full = full || !l.fits(s, w); full {
			w.passed = w.passed.With(in.Car)
			if l.destination {
				m.Floors.Add(w.To)
			}
			continue
		}
		s.persons--
		s.kg -= l.building.CountedKg(in.Car, &w.Passenger)
		w.car, w.stop, w.passed = in.Car, in.Stop, 0
		l.offer = append(l.offer, w.Passenger)
	}
	m.Passengers = l.offer
	l.out = append(l.out, Output{Message: m})
}

// fits reports whether the car has room for one more: this one.
func (l *Landing) fits(s *announced, w *waiting) bool {
	return s.persons > 0 && l.building.CountedKg(s.car, &w.Passenger) <= s.kg+elevator.GraceKg
}

// left puts back whom the car has not taken along, in their place, and lets
// those press again for whom it had no room.
func (l *Landing) left(car elevator.CarIndex, stop uint32) {
	if car < 0 {
		return
	}
	l.stops = slices.DeleteFunc(l.stops, func(s announced) bool { return s.car == car && s.stop <= stop })
	stands := slices.ContainsFunc(l.stops, func(s announced) bool { return s.car == car })
	for i := range l.queue {
		w := &l.queue[i]
		if w.car == car && w.stop <= stop {
			w.car, w.promised = elevator.NoCar, elevator.NoCar
			w.pressAt = l.now + l.patience(w.declined)
			w.declined++
		}
		if l.destination && w.passed.Has(car) && w.promised == car && l.buttons[w.key].lit {
			w.passed = w.passed.Without(car) // its next trip is theirs
		} else if w.passed.Has(car) && !stands {
			w.passed, w.promised = w.passed.Without(car), elevator.NoCar
			w.pressAt = l.now + l.patience(w.declined)
		}
	}
}

// patience grows with every car that opened for someone and left without
// them, so that a car that cannot take them is not called back for ever.
func (l *Landing) patience(declined int) time.Duration {
	if declined == 0 {
		return 0
	}
	return pressAgain << min(declined, 5)
}

// expire gives up on cars that announced themselves and were never heard of
// again.
func (l *Landing) expire() {
	for i := 0; i < len(l.stops); {
		s := l.stops[i]
		if l.now < s.since+stopExpires {
			l.wake = min(l.wake, s.since+stopExpires)
			i++
			continue
		}
		for j := range l.queue {
			if w := &l.queue[j]; w.car == s.car && w.stop <= s.stop {
				w.unsure = true
			}
		}
		l.left(s.car, s.stop)
	}
}

// putBack lets passengers wait here who were let out short of their floor: before
// all others, and behind those who were let out before them.
func (l *Landing) putBack(passengers []elevator.Passenger) {
	n := slices.IndexFunc(l.queue, func(w waiting) bool { return !w.back })
	if n < 0 {
		n = len(l.queue)
	}
	for i := range passengers {
		p := passengers[i]
		if l.waits(p.ID) || !l.travels(&p) {
			continue
		}
		l.enqueue(n, p)
		l.queue[n].pressAt, l.queue[n].back = l.now, true
		n++
	}
}

// restore takes the landing's state as the group control knows it, after this
// task has started anew. Announcements that nobody has answered follow.
func (l *Landing) restore(in *Message) {
	l.queue, l.stops = l.queue[:0], l.stops[:0]
	for i := range l.buttons {
		l.buttons[i] = button{}
	}
	known := in.Report
	if known == nil {
		known = new(Report)
	}
	for i := range known.Stops {
		l.restoreStop(&known.Stops[i])
	}
	for _, p := range in.Passengers {
		if l.travels(&p) {
			l.enqueue(len(l.queue), p)
			l.restoreBoarding(&l.queue[len(l.queue)-1], known.Stops)
		}
	}
	for _, key := range in.Lamps {
		if key.Floor == l.floor && key.Direction != elevator.None && int(key.To) < len(l.building.Floors) {
			l.buttons[keyOf(key.To, key.Direction)].lit = true
		}
	}
	for _, p := range known.Promises {
		if d := elevator.Toward(l.floor, p.To); l.destination && d != elevator.None && p.Persons > 0 {
			l.promise(keyOf(p.To, d), p.Car, p.Persons, 0)
		}
	}
}

// restoreStop takes note of a car that stands here and has its answer.
func (l *Landing) restoreStop(s *CarStop) {
	if s.Car < 0 || int(s.Car) >= len(l.heard) {
		return
	}
	l.heard[s.Car] = max(l.heard[s.Car], s.Stop)
	l.stops = append(l.stops, announced{
		car: s.Car, stop: s.Stop, direction: s.Direction, persons: s.RoomPersons, kg: s.RoomKg, since: l.now,
	})
}

// restoreBoarding lets somebody go on boarding the car that has asked them in.
func (l *Landing) restoreBoarding(w *waiting, stops []CarStop) {
	w.pressAt = l.now
	for i := range stops {
		if slices.Contains(stops[i].Boarding, w.ID) {
			w.car, w.stop, w.passed = stops[i].Car, stops[i].Stop, 0
		}
	}
}
