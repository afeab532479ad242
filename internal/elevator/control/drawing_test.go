package control

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

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

// film is the shafts at several moments, side by side: for each floor its lit
// buttons, the number of people waiting, and in each shaft the car with its
// direction, its doors ([closed] or |open|) and the number of people aboard; ° is
// a car call and ~ a car between two floors.
type film struct {
	wants  bool // something has happened that is worth a picture
	floors []string
	frames []frame
}

// frame is one picture: a line a floor, from the highest down.
type frame struct {
	at    time.Duration
	lines []string
}

// shows reports whether an event of this kind is worth a picture.
func shows(kind elevator.EventKind) bool {
	switch kind {
	case elevator.DoorsOpened, elevator.ModeChanged, elevator.FaultRaised, elevator.CarRecovered:
		return true
	}
	return false
}

// shoot takes a picture of what has happened by now, if it is worth one.
func (w *world) shoot() {
	if !w.film.wants {
		return
	}
	w.film.wants = false
	shot := frame{w.now, w.draw()}
	if n := len(w.film.frames); n == 0 || !slices.Equal(w.film.frames[n-1].lines, shot.lines) {
		w.film.frames = append(w.film.frames, shot)
	}
}

// draw returns a line for each floor.
func (w *world) draw() []string {
	var lines []string
	w.film.floors = nil
	for f := elevator.FloorIndex(len(w.b.Floors) - 1); f >= 0; f-- {
		w.film.floors = append(w.film.floors, w.floor(f))
		line := ""
		for _, c := range w.fold.Calls {
			if c.Key.Floor == f {
				line += strings.TrimPrefix(w.call(c.Key), w.floor(f))
			}
		}
		if n := w.fold.Waiting[f]; n > 0 {
			line += fmt.Sprint(" ", n)
		}
		line = fmt.Sprintf("%-5s", line)
		for i := range w.fold.Cars {
			line += fmt.Sprintf("‖%-5s", w.shaft(elevator.CarIndex(i), f))
		}
		lines = append(lines, line)
	}
	return lines
}

// String lays the pictures out in rows of a readable width.
func (m *film) String() string {
	const widest = 110
	var s strings.Builder
	for frames := m.frames; len(frames) > 0; {
		n, width := 0, 4
		for n < len(frames) && (n == 0 || width+frames[n].width() <= widest) {
			width += frames[n].width()
			n++
		}
		line := "    "
		for _, f := range frames[:n] {
			line += fmt.Sprintf(" %-*s", f.width()-1, fmt.Sprintf("%.1f s", f.at.Seconds()))
		}
		s.WriteString(strings.TrimRight(line, " ") + "\n")
		for i, floor := range m.floors {
			line := fmt.Sprintf("%4s", floor)
			for _, f := range frames[:n] {
				line += fmt.Sprintf(" %-*s", f.width()-1, f.lines[i])
			}
			s.WriteString(strings.TrimRight(line, " ") + "\n")
		}
		frames = frames[n:]
	}
	return s.String()
}

func (f *frame) width() int {
	widest := 0
	for _, line := range f.lines {
		widest = max(widest, utf8.RuneCountInString(line))
	}
	return widest + 3
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
