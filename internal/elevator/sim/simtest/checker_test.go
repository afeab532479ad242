package simtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"elevator/internal/elevator"
)

// story is a run told by a few events, one a second.
type story struct {
	b      *elevator.Building
	events []elevator.Event
}

func newStory(signalling elevator.Signalling) *story {
	b := &elevator.Building{
		Motion: elevator.Motion{Model: elevator.FloorTime, FloorTime: time.Second}, Signalling: signalling,
		Load: elevator.Load{PassengerKg: 75, FullRatio: 1, BypassRatio: 0.8, OverloadRatio: 1.1},
	}
	var all elevator.FloorSet
	for f := range 4 {
		b.Floors = append(b.Floors, elevator.Floor{Name: fmt.Sprint(f), ElevationM: 3 * float64(f)})
		all.Add(elevator.FloorIndex(f))
	}
	for c := range 2 {
		b.Cars = append(b.Cars, elevator.CarSpec{Name: fmt.Sprint(c), CapacityPersons: 1, RatedLoadKg: 80, Serves: all})
	}
	return &story{b: b}
}

func (s *story) add(kind elevator.EventKind, change func(*elevator.Event)) *story {
	e := elevator.NewEvent(time.Duration(len(s.events))*time.Second, kind)
	e.Seq = uint64(len(s.events) + 1)
	change(&e)
	s.events = append(s.events, e)
	return s
}

func (s *story) arrives(id elevator.PassengerID, from, to elevator.FloorIndex, kg float64) *story {
	return s.add(elevator.PassengerArrived, func(e *elevator.Event) { e.Passenger, e.Floor, e.To, e.MassKg = id, from, to, kg })
}

func (s *story) call(kind elevator.EventKind, key elevator.CallKey, car elevator.CarIndex) *story {
	return s.add(kind, func(e *elevator.Event) { e.Floor, e.To, e.Direction, e.Car = key.Floor, key.To, key.Direction, car })
}

// doors moves the doors of a car at a floor.
func (s *story) doors(car elevator.CarIndex, f elevator.FloorIndex, kinds ...elevator.EventKind) *story {
	for _, kind := range kinds {
		s.add(kind, func(e *elevator.Event) { e.Car, e.Floor = car, f })
	}
	return s
}

func (s *story) transfer(kind elevator.EventKind, id elevator.PassengerID, car elevator.CarIndex, f elevator.FloorIndex) *story {
	return s.add(kind, func(e *elevator.Event) { e.Passenger, e.Car, e.Floor = id, car, f })
}

func (s *story) departs(car elevator.CarIndex, from, to elevator.FloorIndex) *story {
	return s.add(elevator.CarDeparted, func(e *elevator.Event) {
		e.Car, e.Floor, e.To, e.Direction, e.PositionM = car, from, to, elevator.Toward(from, to), s.b.Floors[from].ElevationM
	})
}

func (s *story) comesTo(car elevator.CarIndex, f elevator.FloorIndex) *story {
	// Time enough for any flight.
	for range 3 {
		s.add(elevator.TaskStateChanged, func(*elevator.Event) {})
	}
	return s.add(elevator.CarArrived, func(e *elevator.Event) { e.Car, e.Floor = car, f })
}

const (
	opening = elevator.DoorsOpening
	opened  = elevator.DoorsOpened
	closing = elevator.DoorsClosing
	closed  = elevator.DoorsClosed
)

// starving is a call that is answered after so many seconds.
func starving(seconds int) *story {
	key := elevator.ConventionalCall(0, elevator.Up)
	s := newStory(0).add(elevator.TaskStateChanged, func(*elevator.Event) {}).call(elevator.LandingCallRegistered, key, elevator.NoCar)
	for range seconds - 1 {
		s.add(elevator.TaskStateChanged, func(*elevator.Event) {})
	}
	return s.call(elevator.LandingCallAnswered, key, 0)
}

// boardsAtGround lets passenger 1 into car 0 for floor 2 and closes the doors.
func boardsAtGround() *story {
	return newStory(elevator.Conventional).arrives(1, 0, 2, 75).
		doors(0, 0, opening, opened).transfer(elevator.PassengerBoarded, 1, 0, 0).doors(0, 0, closing, closed)
}

// The checker tells what a lift may never do, each time for its own reason, and
// finds nothing in a run that is in order.
func TestChecker(t *testing.T) {
	up := elevator.ConventionalCall(0, elevator.Up)
	panel := elevator.DestinationCall(0, 2)
	promised := func(to ...elevator.CarIndex) *story {
		s := newStory(elevator.Destination).arrives(1, 0, 2, 75).call(elevator.LandingCallRegistered, panel, elevator.NoCar)
		for _, car := range to {
			s.call(elevator.LandingCallAssigned, panel, car)
		}
		return s.doors(0, 0, opening).call(elevator.LandingCallAnswered, panel, 0).doors(0, 0, opened).
			transfer(elevator.PassengerBoarded, 1, 0, 0).doors(0, 0, closing, closed).departs(0, 0, 2).comesTo(0, 2).
			doors(0, 2, opening, opened).transfer(elevator.PassengerAlighted, 1, 0, 2)
	}
	for _, test := range []struct {
		name  string
		story *story
		want  string // part of the first violation; "": none
	}{
		{"a ride", boardsAtGround().departs(0, 0, 2).comesTo(0, 2).doors(0, 2, opening, opened).transfer(elevator.PassengerAlighted, 1, 0, 2), ""},
		{"a call that starves", starving(31), "has not been answered since 1s, want 30s at most"},
		{"a call that nearly does", starving(30), ""},
		{"nobody comes", newStory(0).arrives(1, 0, 2, 75).add(elevator.TaskStateChanged, func(e *elevator.Event) { e.T = 41 * time.Second }), "nothing happens until 41s while 1 wait"},
		{"a promise kept", promised(0), ""},
		{"a promise broken", promised(1), "boards car 0, which was not promised"},
		{"a promise broken for a car that is told later", promised(1, 0), "boards car 0, which was not promised"},
		{"doors in motion", newStory(0).departs(0, 0, 2).doors(0, 0, opening), "in motion"},
		{"departure with open doors", newStory(0).doors(0, 0, opening, opened).departs(0, 0, 1), "doors not closed"},
		{"doors that jump", newStory(0).doors(0, 0, opened), "door event"},
		{"too fast", newStory(0).departs(0, 0, 3).add(elevator.CarArrived, func(e *elevator.Event) { e.Car, e.Floor = 0, 3 }), "faster than"},
		{"another floor", newStory(0).departs(0, 0, 3).comesTo(0, 2), "travelled to 3"},
		{"two people in a car for one", boardsAtGround().arrives(2, 0, 2, 1).doors(0, 0, opening, opened).transfer(elevator.PassengerBoarded, 2, 0, 0), "its capacity is 1"},
		{"too heavy", newStory(0).arrives(1, 0, 2, 81).doors(0, 0, opening, opened).transfer(elevator.PassengerBoarded, 1, 0, 0), "it is full at 80.0"},
		{"through closed doors", newStory(0).arrives(1, 0, 2, 75).transfer(elevator.PassengerBoarded, 1, 0, 0), "boards car 0"},
		{"from another floor", newStory(0).arrives(1, 1, 2, 75).doors(0, 0, opening, opened).transfer(elevator.PassengerBoarded, 1, 0, 0), "waits at 1"},
		{"nobody", newStory(0).doors(0, 0, opening, opened).transfer(elevator.PassengerBoarded, 7, 0, 0), "not in the building"},
		{"twice", newStory(0).arrives(1, 0, 2, 75).arrives(1, 0, 2, 75), "arrives twice"},
		{"the wrong way", boardsAtGround().departs(0, 0, 1).comesTo(0, 1).departs(0, 1, 0), "who wants floor 2"},
		{"past a rider's floor", boardsAtGround().departs(0, 0, 3).comesTo(0, 3), "wanted out"},
		{"left aboard", boardsAtGround(), "never arrived"},
		{"left alone", newStory(0).call(elevator.LandingCallRegistered, up, elevator.NoCar), "never answered"},
		{"answered from afar", newStory(0).call(elevator.LandingCallRegistered, elevator.ConventionalCall(1, elevator.Up), elevator.NoCar).
			call(elevator.LandingCallAnswered, elevator.ConventionalCall(1, elevator.Up), 0), "but is at 0"},
		{"answered in the dark", newStory(0).call(elevator.LandingCallAnswered, up, 0), "not lit"},
		{"a gap in the numbers", newStory(0).add(elevator.TaskStateChanged, func(e *elevator.Event) { e.Seq = 2 }), "follows event 0"},
		{"time goes back", newStory(0).doors(0, 0, opening).add(elevator.DoorsOpened, func(e *elevator.Event) { e.T, e.Car, e.Floor = -1, 0, 0 }), "goes back"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := NewChecker(test.story.b)
			c.Promises, c.Answered, c.Still = true, 30*time.Second, 40*time.Second
			for i := range test.story.events {
				c.Event(&test.story.events[i])
			}
			err := c.End()
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.Contains(strings.SplitN(err.Error(), "\n", 2)[0], test.want)):
				t.Errorf("%v; want %q first", err, test.want)
			}
		})
	}
}
