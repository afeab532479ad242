package simtest

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"elevator/internal/elevator"
	"elevator/internal/elevator/motion"
)

// Film is the shafts at several moments, side by side: for each floor its lit
// buttons, the number of people waiting, and in each shaft the car with its
// direction, its doors ([closed] or |open|) and the number of people aboard; ° is
// a car call and ~ a car between two floors.
type Film struct {
	group  *elevator.Group
	law    *motion.Law
	wants  bool // something has happened that is worth a picture
	frames []frame
}

// NewFilm returns a film of group g, whose cars move by law. The group is its
// owner's, who tells of each event that was folded into it.
func NewFilm(g *elevator.Group, law *motion.Law) *Film { return &Film{group: g, law: law} }

// Event takes note of an event that the group has folded. What it shows is seen
// in the picture that the next Shoot takes.
func (m *Film) Event(e *elevator.Event) { m.wants = m.wants || shows(e.Kind) }

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

// Shoot takes a picture of what has happened by now, if it is worth one and shows
// something new.
func (m *Film) Shoot(now time.Duration) {
	if !m.wants {
		return
	}
	m.wants = false
	shot := frame{now, m.Draw(now)}
	if n := len(m.frames); n == 0 || !slices.Equal(m.frames[n-1].lines, shot.lines) {
		m.frames = append(m.frames, shot)
	}
}

// End takes a last picture and returns them all.
func (m *Film) End(now time.Duration) string {
	m.wants = true
	m.Shoot(now)
	return m.String()
}

// Draw returns a line for each floor, from the highest down.
func (m *Film) Draw(now time.Duration) []string {
	var lines []string
	b := m.group.Building
	for f := elevator.FloorIndex(len(b.Floors) - 1); f >= 0; f-- {
		line := ""
		for _, c := range m.group.Calls {
			if c.Key.Floor == f {
				line += strings.TrimPrefix(callName(b, c.Key), floorName(b, f))
			}
		}
		if n := m.group.Waiting[f]; n > 0 {
			line += fmt.Sprint(" ", n)
		}
		line = fmt.Sprintf("%-5s", line)
		for i := range m.group.Cars {
			line += fmt.Sprintf("‖%-5s", m.shaft(elevator.CarIndex(i), f, now))
		}
		lines = append(lines, line)
	}
	return lines
}

// String lays the pictures out in rows of a readable width.
func (m *Film) String() string {
	const widest = 110
	var s strings.Builder
	for frames := m.frames; len(frames) > 0; {
		n, width := 0, 4
		for n < len(frames) && (n == 0 || width+frames[n].width() <= widest) {
			width += frames[n].width()
			n++
		}
		var line strings.Builder
		line.WriteString("    ")
		for _, f := range frames[:n] {
			fmt.Fprintf(&line, " %-*s", f.width()-1, fmt.Sprintf("%.1f s", f.at.Seconds()))
		}
		s.WriteString(strings.TrimRight(line.String(), " ") + "\n")
		floors := m.group.Building.Floors
		for i := range floors {
			var line strings.Builder
			fmt.Fprintf(&line, "%4s", floors[len(floors)-1-i].Name)
			for _, f := range frames[:n] {
				fmt.Fprintf(&line, " %-*s", f.width()-1, f.lines[i])
			}
			s.WriteString(strings.TrimRight(line.String(), " ") + "\n")
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

func (m *Film) shaft(c elevator.CarIndex, f elevator.FloorIndex, now time.Duration) string {
	car := &m.group.Cars[c]
	cell := ""
	if car.CarCalls.Has(f) {
		cell = "°"
	}
	at, _ := m.law.CarAt(car, now)
	if m.law.NearestFloor(at) != f {
		return cell
	}
	left, right := "[", "]"
	switch {
	case car.Doors != elevator.DoorsAreClosed:
		left, right = "|", "|"
	case m.law.FloorAt(at) == elevator.NoFloor:
		left, right = "~", "~"
	}
	d := car.Direction
	if !car.Moving && car.Doors == elevator.DoorsAreClosed {
		d = elevator.None
	}
	return cell + left + arrow(d) + fmt.Sprint(len(car.Riders)) + right
}
