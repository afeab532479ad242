package plot

import (
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/motion"
)

// Recorder remembers from the events of a run what a string diagram shows of
// the cars. Who waited and rode is the statistics' to remember.
type Recorder struct {
	building *elevator.Building
	law      *motion.Law
	now      time.Duration
	cars     []carRecord
}

// carRecord is the course of one car.
//
// Invariant: courses follow each other without gaps from 0 on; the last one
// goes on.
type carRecord struct {
	courses  []course
	openings []opening
	open     bool // the last opening goes on
}

// course is a time in which a car stood or flew.
type course struct {
	from, until time.Duration
	moving      bool
	floor, to   elevator.FloorIndex
	fromM       float64 // where it stands, or where the flight began
}

// opening is a time in which a car's doors were open.
type opening struct {
	from, until time.Duration
	heightM     float64
}

// NewRecorder returns a recorder of a run in building b in which nothing has
// happened.
func NewRecorder(b *elevator.Building) *Recorder {
	r := &Recorder{building: b, law: motion.NewLaw(b), cars: make([]carRecord, len(b.Cars))}
	for i := range r.cars {
		at := b.Cars[i].Start
		r.cars[i].courses = []course{{floor: at, to: elevator.NoFloor, fromM: b.Floors[at].ElevationM}}
	}
	return r
}

// Apply takes note of an event. Events come in the order of the journal; what
// names no car of the building is left out.
func (r *Recorder) Apply(e *elevator.Event) {
	r.now = max(r.now, e.T)
	if e.Kind == elevator.SnapshotTaken {
		r.join(e.Detail.Snapshot)
		return
	}
	if e.Car < 0 || int(e.Car) >= len(r.cars) {
		return
	}
	car := &r.cars[e.Car]
	switch e.Kind {
	case elevator.CarDeparted:
		car.turn(e.T, course{moving: true, floor: e.Floor, to: e.To, fromM: e.PositionM})
	case elevator.CarTargetChanged:
		car.last().to = e.To
	case elevator.CarArrived:
		car.turn(e.T, r.standing(e.Floor))
	case elevator.CarRecovered:
		at := course{floor: car.last().floor, to: elevator.NoFloor, fromM: e.PositionM}
		if e.Floor != elevator.NoFloor {
			at = r.standing(e.Floor)
		}
		car.turn(e.T, at)
		car.close(e.T)
	case elevator.DoorsOpened:
		car.close(e.T)
		car.openings = append(car.openings, opening{from: e.T, heightM: car.last().fromM})
		car.open = true
	case elevator.DoorsClosing, elevator.DoorsClosed:
		car.close(e.T)
	}
}

func (r *Recorder) standing(f elevator.FloorIndex) course {
	return course{floor: f, to: elevator.NoFloor, fromM: r.building.Floors[f].ElevationM}
}

// join begins with the cars of a group in the middle of its run.
func (r *Recorder) join(g *elevator.Group) {
	for i := range min(len(g.Cars), len(r.cars)) {
		from, car := &g.Cars[i], &r.cars[i]
		since := r.now
		if from.Moving {
			since = from.DepartedAt
		}
		car.turn(since, course{moving: from.Moving, floor: from.Floor, to: from.Target, fromM: from.FromM})
		if car.close(r.now); from.Doors == elevator.DoorsAreOpen {
			car.openings = append(car.openings, opening{from: from.DoorsSince, heightM: from.FromM})
			car.open = true
		}
	}
}

func (c *carRecord) last() *course { return &c.courses[len(c.courses)-1] }

// turn ends the present course and begins another.
func (c *carRecord) turn(t time.Duration, next course) {
	c.last().until = t
	next.from = t
	c.courses = append(c.courses, next)
}

func (c *carRecord) close(t time.Duration) {
	if c.open {
		c.openings[len(c.openings)-1].until = t
		c.open = false
	}
}

// until returns when a course or opening ended: now where it goes on.
func (r *Recorder) until(t time.Duration, goesOn bool) time.Duration {
	if goesOn {
		return r.now
	}
	return t
}

// heightM returns where a car is in one of its courses.
func (r *Recorder) heightM(c *course, t time.Duration) float64 {
	metres, _ := r.law.CarAt(&elevator.Car{
		Moving: c.moving, Floor: c.floor, Target: c.to, FromM: c.fromM, DepartedAt: c.from,
	}, t)
	return metres
}
