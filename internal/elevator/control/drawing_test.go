package control

import (
	"fmt"
	"strings"

	"elevator/internal/elevator"
)

func (w *world) floor(f elevator.FloorIndex) string {
	if f == elevator.NoFloor {
		return "nowhere"
	}
	return w.b.Floors[f].Name
}

func (w *world) note(format string, args ...any) {
	if w.chatty {
		w.notes = append(w.notes, fmt.Sprintf("%8.3f  · %s", w.now.Seconds(), fmt.Sprintf(format, args...)))
	}
}

func (w *world) call(k elevator.CallKey) string {
	if k.To != elevator.NoFloor {
		return fmt.Sprintf("%s→%s", w.floor(k.Floor), w.floor(k.To))
	}
	return w.floor(k.Floor) + arrow(k.Direction)
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

// text says in words what happened.
func (w *world) text(e *elevator.Event) string {
	car := ""
	if e.Car != elevator.NoCar {
		car = w.b.Cars[e.Car].Name
	}
	floor := w.floor(e.Floor)
	switch e.Kind {
	case elevator.PassengerArrived:
		return fmt.Sprintf("passenger %d comes to %s for %s", e.Passenger, floor, w.floor(e.To))
	case elevator.LandingCallRegistered:
		return fmt.Sprintf("landing call %s", w.call(e.Call()))
	case elevator.LandingCallAssigned:
		return fmt.Sprintf("landing call %s goes to %s", w.call(e.Call()), car)
	case elevator.LandingCallAnswered:
		return fmt.Sprintf("landing call %s is answered by %s", w.call(e.Call()), car)
	case elevator.CarCallRegistered:
		return fmt.Sprintf("%s car call %s", car, floor)
	case elevator.CarCallAnswered:
		if e.Detail != nil {
			return fmt.Sprintf("%s car call %s is %s", car, floor, e.Detail.Reason)
		}
		return fmt.Sprintf("%s car call %s is answered", car, floor)
	case elevator.CarDeparted:
		if at := w.b.Floors[e.Floor].ElevationM; at != e.PositionM {
			return fmt.Sprintf("%s levels from %.2f m %s to %s", car, e.PositionM, arrow(e.Direction), w.floor(e.To))
		}
		return fmt.Sprintf("%s departs %s %s for %s", car, floor, arrow(e.Direction), w.floor(e.To))
	case elevator.CarTargetChanged:
		return fmt.Sprintf("%s goes to %s instead", car, w.floor(e.To))
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
		return fmt.Sprintf("%s is in mode %v", car, e.Mode)
	case elevator.FaultRaised:
		return fmt.Sprintf("%s fault: %v", car, e.Fault)
	case elevator.FaultCleared:
		return fmt.Sprintf("%s fault over: %v", car, e.Fault)
	}
	return fmt.Sprintf("event %d", e.Kind)
}

// draw shows the building: for each floor its lit buttons and the number of
// people waiting, and in each shaft the car with its direction, its doors
// ([closed] or |open|) and the number of people aboard; ° marks a car call and
// ~ a car between two floors.
func (w *world) draw() string {
	var s strings.Builder
	for f := elevator.FloorIndex(len(w.b.Floors) - 1); f >= 0; f-- {
		lamps := ""
		for _, c := range w.fold.Calls {
			if c.Key.Floor == f {
				lamps += strings.TrimPrefix(w.call(c.Key), w.floor(f))
			}
		}
		people := ""
		if n := w.fold.Waiting[f]; n > 0 {
			people = fmt.Sprint(n)
		}
		line := fmt.Sprintf("%4s %-3s %2s", w.floor(f), lamps, people)
		for i := range w.fold.Cars {
			line += fmt.Sprintf(" ‖ %-6s", w.shaft(elevator.CarIndex(i), f))
		}
		s.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return s.String()
}

func (w *world) shaft(c elevator.CarIndex, f elevator.FloorIndex) string {
	car := &w.fold.Cars[c]
	cell := ""
	if car.CarCalls.Has(f) {
		cell = "°"
	}
	at, _ := w.law.CarAt(car, w.now)
	if w.law.NearestFloor(at) != f {
		return cell
	}
	left, right := "[", "]"
	switch {
	case car.Doors != elevator.DoorsAreClosed:
		left, right = "|", "|"
	case w.law.FloorAt(at) == elevator.NoFloor:
		left, right = "~", "~"
	}
	d := car.Direction
	if !car.Moving && car.Doors == elevator.DoorsAreClosed {
		d = elevator.None
	}
	return cell + left + arrow(d) + fmt.Sprint(len(car.Riders)) + right
}
