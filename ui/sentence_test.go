package ui

import (
	"testing"
	"time"

	"elevator/internal/elevator"
)

func TestSentences(t *testing.T) {
	s := newScene(testBuilding("B", 8, 4))
	with := func(e elevator.Event, change func(*elevator.Event)) elevator.Event {
		change(&e)
		return e
	}
	for _, test := range []struct {
		event elevator.Event
		want  string
	}{
		{s.events[0], "0:00.0 building B: 8 floors, 4 cars, dispatcher nearest-car, 1 times as fast"},
		{s.at(1, elevator.SnapshotTaken, -1, -1, -1), "0:01.0 goes on from a snapshot"},
		{with(s.at(61.26, elevator.PassengerArrived, -1, 0, 4), func(e *elevator.Event) { e.Passenger = 7 }), "1:01.2 passenger 7 arrives at 1, to 5"},
		{with(s.at(3600, elevator.LandingCallRegistered, -1, 2, -1), func(e *elevator.Event) { e.Direction = elevator.Down }), "1:00:00.0 landing call 3 down registered"},
		{s.at(1, elevator.LandingCallRegistered, -1, 2, 5), "0:01.0 landing call 3 to 6 registered"},
		{s.at(1, elevator.LandingCallAssigned, 1, 2, 5), "0:01.0 landing call 3 to 6 assigned to car B"},
		{s.at(1, elevator.LandingCallAssigned, -1, 2, 5), "0:01.0 landing call 3 to 6 waits for a car"},
		{s.at(1, elevator.LandingCallAnswered, 1, 2, 5), "0:01.0 landing call 3 to 6 answered by car B"},
		{s.at(1, elevator.CarCallRegistered, 1, 2, -1), "0:01.0 car B: car call 3"},
		{s.at(1, elevator.CarCallAnswered, 1, 2, -1), "0:01.0 car B: car call 3 answered"},
		{s.at(1, elevator.CarDeparted, 1, 2, 4), "0:01.0 car B leaves 3 for 5"},
		{s.at(1, elevator.CarTargetChanged, 1, -1, 3), "0:01.0 car B now goes to 4"},
		{s.at(1, elevator.CarArrived, 1, 3, -1), "0:01.0 car B arrives at 4"},
		{s.at(1, elevator.DoorsOpening, 1, 3, -1), "0:01.0 car B: doors opening at 4"},
		{s.at(1, elevator.DoorsClosed, 1, 3, -1), "0:01.0 car B: doors closed at 4"},
		{s.at(1, elevator.PassengerBoarded, 1, 3, -1), "0:01.0 passenger 0 boards car B at 4"},
		{s.at(1, elevator.PassengerAlighted, 1, 3, -1), "0:01.0 passenger 0 leaves car B at 4"},
		{with(s.at(1, elevator.CarRecovered, 1, -1, -1), func(e *elevator.Event) {
			e.PositionM, e.Detail = 5.25, &elevator.Detail{Riders: []elevator.PassengerID{1, 2}}
		}), "0:01.0 car B recovered between floors, 5.2 m up with 2 aboard"},
		{with(s.at(1, elevator.ModeChanged, -1, -1, -1), func(e *elevator.Event) { e.GroupMode = elevator.GroupUpPeak }), "0:01.0 group mode up-peak"},
		{with(s.at(1, elevator.ModeChanged, 1, -1, -1), func(e *elevator.Event) {
			e.Mode, e.Detail = elevator.ModeVIP, &elevator.Detail{By: "ann"}
		}), "0:01.0 car B: mode vip by ann"},
		{with(s.at(1, elevator.FaultRaised, 1, -1, -1), func(e *elevator.Event) { e.Fault = elevator.FaultOverload }), "0:01.0 car B: FAULT overload"},
		{with(s.at(1, elevator.FaultCleared, 1, -1, -1), func(e *elevator.Event) { e.Fault = elevator.FaultOverload }), "0:01.0 car B: fault overload cleared"},
		{with(s.at(1, elevator.TaskStateChanged, -1, -1, -1), func(e *elevator.Event) {
			e.Detail = &elevator.Detail{Task: "car-1", State: "lost", Agent: "a1", Reason: "agent removed"}
		}), "0:01.0 task car-1 lost on a1: agent removed"},
		{with(s.at(1, elevator.CommandGiven, -1, -1, -1), func(e *elevator.Event) {
			e.Car, e.Floor, e.Detail = 2, 2, &elevator.Detail{By: "ann", Command: "park", Result: "ok"}
		}), "0:01.0 command park C 3 by ann: ok"},
		{with(s.at(1, elevator.CommandGiven, -1, -1, -1), func(e *elevator.Event) {
			e.Floor, e.Direction, e.Detail = 4, elevator.Down, &elevator.Detail{By: "ann", Command: "landing-call", Result: "ok"}
		}), "0:01.0 command landing-call 5 down by ann: ok"},
		{with(s.at(1, elevator.CommandGiven, -1, -1, -1), func(e *elevator.Event) {
			e.Car, e.Floor, e.Detail = 1, 4, &elevator.Detail{By: "ann", Command: "lock-car-calls", On: new(false), Result: "ok"}
		}), "0:01.0 command lock-car-calls 5 off B by ann: ok"},
		{with(s.at(1, elevator.CommandGiven, -1, -1, -1), func(e *elevator.Event) {
			e.Mode, e.Car, e.Detail = elevator.ModeVIP, 0, &elevator.Detail{By: "ann", Command: "car-mode", Result: "ok"}
		}), "0:01.0 command car-mode A vip by ann: ok"},
		{with(s.at(1, elevator.CommandGiven, -1, -1, -1), func(e *elevator.Event) {
			e.Detail = &elevator.Detail{By: "ann", Command: "restart-task", Task: "car-1", Result: "ok"}
		}), "0:01.0 command restart-task car-1 by ann: ok"},
		{s.at(1, elevator.CarArrived, 77, 99, -1), "0:01.0 car ? arrives at ?"},
	} {
		if got := Sentence(s.b, &test.event); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

// Every kind of event has a sentence of its own, even without its details.
func TestEveryKindHasASentence(t *testing.T) {
	s := newScene(testBuilding("B", 8, 4))
	for k := elevator.BuildingLoaded; k <= elevator.CommandGiven; k++ {
		e := elevator.NewEvent(time.Second, k)
		e.Detail = &elevator.Detail{Header: &elevator.Header{Building: s.b}}
		if got := Sentence(s.b, &e); got == "0:01.0 "+k.String() {
			t.Errorf("%v has no words", k)
		}
	}
}
