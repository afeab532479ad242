package ui

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/operator"
)

// sceneStart is the wall time at which the tests' runs begin.
var sceneStart = time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC)

// scene builds a group's history event by event.
type scene struct {
	b      *elevator.Building
	events []elevator.Event
	people elevator.PassengerID
}

func testBuilding(name string, floors, cars int) *elevator.Building {
	b := &elevator.Building{
		Name:   name,
		Motion: elevator.Motion{SpeedMps: 1.6, AccelerationMps2: 1, JerkMps3: 1.2, StartDelay: 500 * time.Millisecond},
		Doors: elevator.Doors{
			Open: 1800 * time.Millisecond, Close: 2900 * time.Millisecond,
			DwellCarCall: 2 * time.Second, DwellLandingCall: 3 * time.Second,
		},
		Transfer: elevator.Transfer{Mean: 1200 * time.Millisecond},
		Load:     elevator.Load{PassengerKg: 75, FullRatio: 1, BypassRatio: 0.8, OverloadRatio: 1.1},
	}
	for f := range floors {
		b.Floors = append(b.Floors, elevator.Floor{
			Name: fmt.Sprint(f + 1), ElevationM: 3.6 * float64(f), Population: 40, MainTerminal: f == 0,
		})
	}
	for c := range cars {
		b.Cars = append(b.Cars, elevator.CarSpec{
			Name: string(rune('A' + c)), CapacityPersons: 10, RatedLoadKg: 750, Serves: b.AllFloors(),
		})
	}
	return b
}

func newScene(b *elevator.Building) *scene {
	s := &scene{b: b}
	e := elevator.NewEvent(0, elevator.BuildingLoaded)
	e.Detail = &elevator.Detail{Header: &elevator.Header{
		Building: b, WallTime: sceneStart, Speed: 1, Seed: 1, Dispatcher: "nearest-car", Version: "test",
	}}
	s.add(e)
	return s
}

func (s *scene) add(e elevator.Event) { s.events = append(s.events, e) }

// at returns an event about a car at a time in seconds.
func (s *scene) at(t float64, kind elevator.EventKind, car, floor, to int) elevator.Event {
	e := elevator.NewEvent(time.Duration(t*float64(time.Second)), kind)
	e.Car, e.Floor, e.To = elevator.CarIndex(car), elevator.FloorIndex(floor), elevator.FloorIndex(to)
	return e
}

func (s *scene) car(t float64, kind elevator.EventKind, car, floor int) {
	s.add(s.at(t, kind, car, floor, -1))
}

func (s *scene) depart(t float64, car, from, to int) {
	e := s.at(t, elevator.CarDeparted, car, from, to)
	e.Direction, e.PositionM = elevator.Toward(e.Floor, e.To), s.b.Floors[from].ElevationM
	s.add(e)
}

func (s *scene) doors(t float64, car, floor int, d elevator.Direction, states ...elevator.EventKind) {
	for _, k := range states {
		e := s.at(t, k, car, floor, -1)
		if k == elevator.DoorsOpening {
			e.Direction = d
		}
		s.add(e)
	}
}

// waits lets somebody arrive at a floor.
func (s *scene) waits(t float64, floor, to int) elevator.PassengerID {
	s.people++
	e := s.at(t, elevator.PassengerArrived, -1, floor, to)
	e.Passenger, e.MassKg = s.people, 75
	s.add(e)
	return s.people
}

func (s *scene) passenger(t float64, kind elevator.EventKind, id elevator.PassengerID, car, floor int) {
	e := s.at(t, kind, car, floor, -1)
	e.Passenger = id
	s.add(e)
}

func (s *scene) call(t float64, kind elevator.EventKind, floor int, d elevator.Direction, car int) {
	e := s.at(t, kind, car, floor, -1)
	e.Direction = d
	s.add(e)
}

// lit registers a landing call and gives it to a car, unless that is -1.
func (s *scene) lit(t float64, floor int, d elevator.Direction, car int) {
	s.call(t, elevator.LandingCallRegistered, floor, d, -1)
	if car >= 0 {
		s.call(t, elevator.LandingCallAssigned, floor, d, car)
	}
}

func (s *scene) mode(t float64, car int, m elevator.Mode, by string) {
	e := s.at(t, elevator.ModeChanged, car, -1, -1)
	e.Mode, e.Detail = m, &elevator.Detail{By: by}
	s.add(e)
}

func (s *scene) fault(t float64, car int, f elevator.Fault) {
	e := s.at(t, elevator.FaultRaised, car, -1, -1)
	e.Fault, e.Detail = f, &elevator.Detail{By: "car"}
	s.add(e)
}

func (s *scene) taskState(t float64, car int, name, state, agent, reason string) {
	e := s.at(t, elevator.TaskStateChanged, car, -1, -1)
	e.Detail = &elevator.Detail{Task: name, State: state, Agent: agent, Reason: reason}
	s.add(e)
}

// allRunning starts all tasks, half of them on each of two agents.
func (s *scene) allRunning() {
	for i := range s.b.Floors {
		s.taskState(0, -1, fmt.Sprintf("floor-%d", i), "running", fmt.Sprintf("agent-%d", 1+i%2), "")
	}
	for i := range s.b.Cars {
		s.taskState(0, i, fmt.Sprintf("car-%d", i), "running", fmt.Sprintf("agent-%d", 1+i%2), "")
	}
}

// ride carries somebody: they arrive, wait, board and leave.
func (s *scene) ride(t, wait, transit float64, car, from, to int) {
	id := s.waits(t, from, to)
	s.passenger(t+wait, elevator.PassengerBoarded, id, car, from)
	s.passenger(t+wait+transit, elevator.PassengerAlighted, id, car, to)
}

// quiet is a building in which nobody travels.
func quiet() *scene {
	s := newScene(testBuilding("Town Hall", 8, 4))
	s.allRunning()
	s.ride(20, 6, 21, 1, 0, 4)
	s.mode(80, 3, elevator.ModeParking, "dispatcher")
	return s
}

// busy is a building in which much happens and nothing is wrong.
func busy() *scene {
	s := newScene(testBuilding("Office 14", 14, 6))
	s.allRunning()
	for i := range 40 {
		s.ride(float64(1+i*70), 4+float64(i*7%31), 18+float64(i*5%23), i%6, i%13, 13)
	}
	t := 2900.0
	s.doors(t, 5, 0, elevator.Up, elevator.DoorsOpening, elevator.DoorsOpened)
	for i := range 9 {
		id := s.waits(t+1, 0, 5+i%4)
		s.passenger(t+2, elevator.PassengerBoarded, id, 5, 0)
	}
	for _, f := range []int{5, 6, 7, 8} {
		s.car(t+2, elevator.CarCallRegistered, 5, f)
	}
	for i := range 5 {
		id := s.waits(t+2, 3, 12)
		s.passenger(t+3, elevator.PassengerBoarded, id, 0, 3)
		if i == 0 {
			s.car(t+3, elevator.CarCallRegistered, 0, 12)
		}
	}
	s.depart(t+4, 0, 3, 12)
	s.car(t-4, elevator.CarArrived, 4, 6)
	s.lit(t+5, 9, elevator.Up, 0)
	s.waits(t+5, 9, 13)
	s.lit(t+6, 11, elevator.Down, 2)
	for range 3 {
		s.waits(t+6, 11, 0)
	}
	s.depart(t+6, 2, 0, 11)
	s.car(t+7.2, elevator.CarArrived, 3, 8)
	s.doors(t+7.5, 3, 8, elevator.Down, elevator.DoorsOpening)
	s.lit(t+8, 4, elevator.Down, 3)
	s.waits(t+8, 4, 0)
	s.lit(t+8.5, 2, elevator.Up, -1)
	s.waits(t+8.5, 2, 7)
	return s
}

// faulty is a building in which doors jam, a task is lost and people wait too
// long.
func faulty() *scene {
	s := newScene(testBuilding("Clinic", 8, 4))
	s.allRunning()
	s.ride(20, 6, 21, 1, 0, 4)
	t := 300.0
	s.car(t-1, elevator.CarArrived, 1, 4)
	for i := range 4 {
		id := s.waits(t, 0, 6)
		s.passenger(t+1, elevator.PassengerBoarded, id, 0, 0)
		if i == 0 {
			s.car(t+2, elevator.CarCallRegistered, 0, 6)
		}
	}
	s.depart(t+5, 0, 0, 6)
	s.lit(t+8, 5, elevator.Down, 1)
	s.waits(t+8, 5, 0)
	s.lit(t+40, 2, elevator.Up, 2)
	s.waits(t+40, 2, 5)
	s.doors(t+41, 1, 4, elevator.Down, elevator.DoorsOpening)
	s.fault(t+45, 1, elevator.FaultDoorOpening)
	s.taskState(t+50, 3, "car-3", "lost", "agent-2", "agent removed")
	s.mode(t+60, 2, elevator.ModeOutOfService, "ann")
	s.waits(t+75, 2, 7)
	return s
}

// faultyReasons are what a dispatcher might say of the faulty building's calls.
func faultyReasons() operator.Assignments {
	bid := func(name string, cost, opens float64) operator.Bid { return operator.NewBid(name, cost, opens, "") }
	unfit := func(name string) operator.Bid {
		return operator.NewBid(name, math.NaN(), math.NaN(), "not in the group")
	}
	return operator.Assignments{T: 380, Dispatcher: "eta", Calls: []operator.Assignment{
		{
			LandingCallState: operator.LandingCallState{Floor: "6", Direction: "down", Car: "B", AgeS: 72},
			Cars:             []operator.Bid{bid("A", 9120.4, 11.2), bid("B", 8714, 4.1), unfit("C"), unfit("D")},
		},
		{
			LandingCallState: operator.LandingCallState{Floor: "3", Direction: "up", Car: "C", AgeS: 40},
			Cars:             []operator.Bid{bid("A", 3020, 24.5), {Name: "B"}, unfit("C"), unfit("D")},
		},
	}}
}

// fire is a building in which the fire recall is on.
func fire() *scene {
	s := newScene(testBuilding("Museum", 8, 4))
	s.allRunning()
	t := 600.0
	s.car(t-9, elevator.CarArrived, 1, 5)
	for range 3 {
		id := s.waits(t, 5, 0)
		s.passenger(t+1, elevator.PassengerBoarded, id, 1, 5)
	}
	for c := range 4 {
		s.mode(t+5, c, elevator.ModeFireOperation, "fire panel")
	}
	s.depart(t+6, 1, 5, 0)
	s.doors(t+6, 0, 0, elevator.Down, elevator.DoorsOpening)
	s.doors(t+8, 0, 0, elevator.Down, elevator.DoorsOpened)
	s.waits(t+8, 4, 0)
	s.lit(t+8, 4, elevator.Down, -1)
	return s
}

// tower is a building of 60 floors and 16 cars, all of which are on their way.
func tower() *scene {
	s := newScene(testBuilding("Tower", 60, 16))
	s.b.Motion.SpeedMps = 6
	s.allRunning()
	t := 100.0
	for c := range 16 {
		from, to := c*23%60, (c*37+11)%60
		s.car(1, elevator.CarArrived, c, from)
		for i := range c % 5 {
			id := s.waits(t, from, to)
			s.passenger(t+1, elevator.PassengerBoarded, id, c, from)
			s.car(t+2, elevator.CarCallRegistered, c, (to+i*7)%60)
		}
		s.depart(t+3, c, from, to)
		s.lit(t-float64(c*6), (c*13+5)%59, elevator.Up, c)
	}
	return s
}

// sorted returns the events in the order of their times, numbered from 1.
func (s *scene) sorted() []elevator.Event {
	events := slices.Clone(s.events)
	slices.SortStableFunc(events, func(a, b elevator.Event) int { return cmp.Compare(a.T, b.T) })
	for i := range events {
		events[i].Seq = uint64(i + 1)
	}
	return events
}

// show returns a model that has seen the scene, some time after its last
// event.
func (s *scene) show(after time.Duration) *model {
	m := newModel([]string{"http://127.0.0.1:8080"})
	events := s.sorted()
	wall := sceneStart.Add(events[len(events)-1].T + after)
	m.update(tickMessage{wall.Add(-time.Second)})
	m.update(eventsMessage{0, events})
	m.live().clock.set(events[len(events)-1].T+after, wall, 1)
	m.live().heard = wall // by a heartbeat
	m.update(tickMessage{wall})
	return m
}

// strange is a building with destination panels and names of all lengths and
// widths, one car of which serves only a part of it.
func strange() *scene {
	b := testBuilding("Hôtel de la Gare, résidence", 9, 4)
	b.Signalling = elevator.Destination
	for i, name := range []string{"Parking -2", "Parking -1", "Lobby", "ロビー", "Mezzanine", "1", "2", "Dachgeschoß", "R"} {
		b.Floors[i].Name = name
	}
	for i, name := range []string{"North", "南", "Service lift", "D"} {
		b.Cars[i].Name = name
	}
	b.Cars[3].Serves = elevator.FloorSet{}
	for f := range elevator.FloorIndex(4) {
		b.Cars[3].Serves.Add(f + 2)
	}
	b.Cars[3].Start = 2
	s := newScene(b)
	s.allRunning()
	for _, to := range []int{5, 6, 7} {
		e := s.at(10, elevator.LandingCallRegistered, -1, 2, to)
		e.Direction = elevator.Up
		s.add(e)
		e.Kind, e.Car = elevator.LandingCallAssigned, 2
		s.add(e)
	}
	s.depart(12, 2, 0, 2)
	s.car(13, elevator.CarCallRegistered, 1, 4)
	s.car(13, elevator.CarCallRegistered, 1, 7)
	return s
}
