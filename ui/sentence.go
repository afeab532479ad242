package ui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/operator"
)

// Sentence says an event in one line of plain words, for screens and screen
// readers alike: "0:12.3 car A leaves 1 for 5".
func Sentence(b *elevator.Building, e *elevator.Event) string {
	return clock(e.T) + " " + what(b, e)
}

// clock writes a time of the building as h:mm:ss.s, without hours before the
// first is over.
func clock(t time.Duration) string {
	tenths := int64(t / (100 * time.Millisecond))
	s := tenths / 10
	if s < 3600 {
		return fmt.Sprintf("%d:%02d.%d", s/60, s%60, tenths%10)
	}
	return fmt.Sprintf("%d:%02d:%02d.%d", s/3600, s/60%60, s%60, tenths%10)
}

func what(b *elevator.Building, e *elevator.Event) string {
	floor := func(f elevator.FloorIndex) string {
		if f < 0 || int(f) >= len(b.Floors) {
			return "?"
		}
		return b.Floors[f].Name
	}
	car := func(c elevator.CarIndex) string {
		if c < 0 || int(c) >= len(b.Cars) {
			return "?"
		}
		return b.Cars[c].Name
	}
	call := func() string {
		if e.To != elevator.NoFloor {
			return fmt.Sprintf("landing call %s to %s", floor(e.Floor), floor(e.To))
		}
		return fmt.Sprintf("landing call %s %v", floor(e.Floor), e.Direction)
	}
	switch e.Kind {
	case elevator.EventNone:
		return "what only a later version of this program knows"
	case elevator.BuildingLoaded:
		h := e.Detail.Header
		return fmt.Sprintf("building %s: %d floors, %d cars, dispatcher %s, %s times as fast",
			b.Name, len(b.Floors), len(b.Cars), h.Dispatcher, strconv.FormatFloat(h.Speed, 'f', -1, 64))
	case elevator.SnapshotTaken:
		return "goes on from a snapshot"
	case elevator.PassengerArrived:
		return fmt.Sprintf("passenger %d arrives at %s, to %s", e.Passenger, floor(e.Floor), floor(e.To))
	case elevator.LandingCallRegistered:
		return call() + " registered"
	case elevator.LandingCallAssigned:
		if e.Car == elevator.NoCar {
			return call() + " waits for a car"
		}
		return call() + " assigned to car " + car(e.Car)
	case elevator.LandingCallAnswered:
		return call() + " answered by car " + car(e.Car)
	case elevator.CarCallRegistered:
		return fmt.Sprintf("car %s: car call %s", car(e.Car), floor(e.Floor))
	case elevator.CarCallAnswered:
		return fmt.Sprintf("car %s: car call %s answered", car(e.Car), floor(e.Floor))
	case elevator.CarDeparted:
		return fmt.Sprintf("car %s leaves %s for %s", car(e.Car), floor(e.Floor), floor(e.To))
	case elevator.CarTargetChanged:
		return fmt.Sprintf("car %s now goes to %s", car(e.Car), floor(e.To))
	case elevator.CarArrived:
		return fmt.Sprintf("car %s arrives at %s", car(e.Car), floor(e.Floor))
	case elevator.DoorsOpening, elevator.DoorsOpened, elevator.DoorsClosing, elevator.DoorsClosed:
		state := strings.TrimPrefix(e.Kind.String(), "doors_")
		return fmt.Sprintf("car %s: doors %s at %s", car(e.Car), state, floor(e.Floor))
	case elevator.PassengerBoarded:
		return fmt.Sprintf("passenger %d boards car %s at %s", e.Passenger, car(e.Car), floor(e.Floor))
	case elevator.PassengerAlighted:
		return fmt.Sprintf("passenger %d leaves car %s at %s", e.Passenger, car(e.Car), floor(e.Floor))
	case elevator.CarRecovered:
		where := "at " + floor(e.Floor)
		if e.Floor == elevator.NoFloor {
			where = fmt.Sprintf("between floors, %.1f m up", e.PositionM)
		}
		return fmt.Sprintf("car %s recovered %s with %d aboard", car(e.Car), where, len(e.Detail.Riders))
	case elevator.ModeChanged:
		if e.Car == elevator.NoCar {
			return fmt.Sprintf("group mode %v%s", e.GroupMode, by(e))
		}
		return fmt.Sprintf("car %s: mode %v%s", car(e.Car), e.Mode, by(e))
	case elevator.FaultRaised:
		return fmt.Sprintf("car %s: FAULT %v%s", car(e.Car), e.Fault, by(e))
	case elevator.FaultCleared:
		return fmt.Sprintf("car %s: fault %v cleared%s", car(e.Car), e.Fault, by(e))
	case elevator.TaskStateChanged:
		text := fmt.Sprintf("task %s %s", e.Detail.Task, e.Detail.State)
		if e.Detail.Agent != "" {
			text += " on " + e.Detail.Agent
		}
		if e.Detail.Reason != "" {
			text += ": " + e.Detail.Reason
		}
		return text
	case elevator.CommandGiven:
		given := operator.JournaledCommand(b, e)
		return fmt.Sprintf("command %s%s: %s", strings.Join(given.Words(), " "), by(e), e.Detail.Result)
	}
	return e.Kind.String()
}

func by(e *elevator.Event) string {
	if e.Detail == nil || e.Detail.By == "" {
		return ""
	}
	return " by " + e.Detail.By
}
