package control

import (
	"testing"
	"time"

	"elevator/internal/elevator"
)

// shuttle is one car that carries ten passengers at a time from the lowest
// floor to the highest, for ever, with the least that has to be said to it.
type shuttle struct {
	car     *Car
	landing *Landing
	now     time.Duration
	id      elevator.PassengerID
	people  []elevator.Passenger
	out     []Output
	steps   int
}

func newShuttle() *shuttle {
	w := newWorld(newTestBuilding(20, 4, 10, false))
	return &shuttle{car: w.cars[0], landing: w.landings[0]}
}

// round lets ten more people come, and plays until they are upstairs.
func (s *shuttle) round() {
	s.people = s.people[:0]
	for range 10 {
		s.id++
		s.people = append(s.people, elevator.Passenger{ID: s.id, To: 19, MassKg: 75, ArrivesAt: s.now})
	}
	m := NewMessage(Expect)
	m.Passengers = s.people
	s.toLanding(m)
	for carried := 0; carried < 10; {
		s.now = min(s.car.Wake(), s.landing.Wake())
		if s.car.Wake() <= s.now {
			carried += s.toCar(NewMessage(Tick))
		}
		if s.landing.Wake() <= s.now {
			s.toLanding(NewMessage(Tick))
		}
	}
}

func (s *shuttle) toCar(m Message) (alighted int) {
	s.steps++
	from := len(s.out)
	s.out = s.car.Step(s.now, &m, s.out)
	for i := from; i < len(s.out); i++ {
		m, e := s.out[i].Message, s.out[i].Event
		switch {
		case e.Kind == elevator.PassengerAlighted:
			alighted++
		case e.Kind == elevator.PassengerBoarded:
			said := NewMessage(Boarded)
			said.Passenger = e.Passenger
			s.toLanding(said)
		case e.Kind == elevator.DoorsClosed && e.Floor == 0:
			said := NewMessage(Left)
			said.Car, said.Stop = 0, s.car.stop.number
			s.toLanding(said)
		case m.Kind == Announce && m.Floor == 0:
			lamp := NewMessage(Lamp)
			lamp.Floor, lamp.Direction = 0, elevator.Up
			s.toLanding(m)
			s.toLanding(lamp)
		}
	}
	s.out = s.out[:from]
	return alighted
}

func (s *shuttle) toLanding(m Message) {
	s.steps++
	from := len(s.out)
	s.out = s.landing.Step(s.now, &m, s.out)
	for i := from; i < len(s.out); i++ {
		m := s.out[i].Message
		switch m.Kind {
		case Board:
			s.toCar(m)
		case Button:
			lamp := NewMessage(Lamp)
			lamp.Floor, lamp.Direction, lamp.On = 0, m.Direction, true
			s.toLanding(lamp)
			m.Kind = Assign
			s.toCar(m)
		}
	}
	s.out = s.out[:from]
}

// BenchmarkShuttle reports the time and allocations of one Step of a car or a
// landing in busy service.
func BenchmarkShuttle(b *testing.B) {
	s := newShuttle()
	s.round()
	b.ReportAllocs()
	s.steps = 0
	rounds := 0
	for b.Loop() {
		s.round()
		rounds++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(s.steps), "ns/step")
	b.ReportMetric(float64(s.steps)/float64(rounds), "steps/op")
}

// A Step in ordinary service costs no garbage.
func TestStepsAllocateNothing(t *testing.T) {
	s := newShuttle()
	for range 3 {
		s.round()
	}
	if n := testing.AllocsPerRun(50, s.round); n > 0 {
		t.Errorf("one round trip with ten passengers allocates %v times, want none", n)
	}
}
