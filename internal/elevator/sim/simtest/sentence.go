package simtest

import (
	"fmt"

	"elevator/internal/elevator"
)

func floorName(b *elevator.Building, f elevator.FloorIndex) string {
	if f == elevator.NoFloor {
		return "nowhere"
	}
	return b.Floors[f].Name
}

func callName(b *elevator.Building, k elevator.CallKey) string {
	if k.To != elevator.NoFloor {
		return fmt.Sprintf("%s→%s", floorName(b, k.Floor), floorName(b, k.To))
	}
	return floorName(b, k.Floor) + arrow(k.Direction)
}

func arrow(d elevator.Direction) string {
	switch d {
	case elevator.Up:
		return "▲"
	case elevator.Down:
		return "▼"
	}
	return "-"
}

// Sentence says in words what happened to a car, a landing or a passenger.
func Sentence(b *elevator.Building, e *elevator.Event) string {
	car := ""
	if e.Car != elevator.NoCar {
		car = b.Cars[e.Car].Name
	}
	floor := floorName(b, e.Floor)
	switch e.Kind {
	case elevator.PassengerArrived:
		return fmt.Sprintf("passenger %d comes to %s for %s", e.Passenger, floor, floorName(b, e.To))
	case elevator.LandingCallRegistered:
		return fmt.Sprintf("landing call %s", callName(b, e.Call()))
	case elevator.LandingCallAssigned:
		return fmt.Sprintf("landing call %s goes to %s", callName(b, e.Call()), car)
	case elevator.LandingCallAnswered:
		return fmt.Sprintf("landing call %s is answered by %s", callName(b, e.Call()), car)
	case elevator.CarCallRegistered:
		return fmt.Sprintf("%s car call %s", car, floor)
	case elevator.CarCallAnswered:
		if e.Detail != nil {
			return fmt.Sprintf("%s car call %s is %s", car, floor, e.Detail.Reason)
		}
		return fmt.Sprintf("%s car call %s is answered", car, floor)
	case elevator.CarDeparted:
		if at := b.Floors[e.Floor].ElevationM; at != e.PositionM {
			return fmt.Sprintf("%s levels from %.2f m %s to %s", car, e.PositionM, arrow(e.Direction), floorName(b, e.To))
		}
		return fmt.Sprintf("%s departs %s %s for %s", car, floor, arrow(e.Direction), floorName(b, e.To))
	case elevator.CarTargetChanged:
		return fmt.Sprintf("%s goes to %s instead", car, floorName(b, e.To))
	case elevator.CarArrived:
		return fmt.Sprintf("%s arrives at %s", car, floor)
	case elevator.DoorsOpening:
		return fmt.Sprintf("%s doors opening at %s %s", car, floor, arrow(e.Direction))
	case elevator.DoorsOpened:
		return fmt.Sprintf("%s doors opened at %s", car, floor)
	case elevator.DoorsClosing:
		return fmt.Sprintf("%s doors closing at %s", car, floor)
	case elevator.DoorsClosed:
		return fmt.Sprintf("%s doors closed at %s", car, floor)
	case elevator.PassengerBoarded:
		return fmt.Sprintf("%s passenger %d boards at %s", car, e.Passenger, floor)
	case elevator.PassengerAlighted:
		return fmt.Sprintf("%s passenger %d leaves at %s", car, e.Passenger, floor)
	case elevator.CarRecovered:
		if e.Floor == elevator.NoFloor {
			return fmt.Sprintf("%s recovered at %.2f m with %v aboard", car, e.PositionM, e.Detail.Riders)
		}
		return fmt.Sprintf("%s recovered at %s with %v aboard", car, floor, e.Detail.Riders)
	case elevator.ModeChanged:
		if e.Car == elevator.NoCar {
			return fmt.Sprintf("the group is in mode %v", e.GroupMode)
		}
		return fmt.Sprintf("%s is in mode %v", car, e.Mode)
	case elevator.FaultRaised:
		return fmt.Sprintf("%s fault: %v", car, e.Fault)
	case elevator.FaultCleared:
		return fmt.Sprintf("%s fault over: %v", car, e.Fault)
	}
	return fmt.Sprintf("event %d", e.Kind)
}
