package simtest

import (
	"math"
	"time"

	"elevator/internal/elevator"
)

// car is what a Checker knows of a car.
type car struct {
	floor      elevator.FloorIndex
	positionM  float64
	moving     bool
	target     elevator.FloorIndex
	direction  elevator.Direction
	departedAt time.Duration

	betweenFloors bool // stopped or was found in the shaft and has not departed since
	levelling     bool // its present run began there: slow, to the nearest floor, whichever way
	obliged       bool // on its present run it carries nobody away from their floor
	mode          elevator.Mode
	faults        elevator.FaultSet
	doors         elevator.EventKind // the last door event
	riders        map[elevator.PassengerID]*person
	loadKg        float64
}

// serves reports whether the car carries its riders to their floors: it is not
// recalled or driven by firefighters, and has no fault.
func (car *car) serves() bool {
	switch car.mode {
	case elevator.ModeFireOperation, elevator.ModeEmergencyPower, elevator.ModeCabinetRecall,
		elevator.ModeEarthquakeOperation, elevator.ModeInspection, elevator.ModeOutOfService,
		elevator.ModeFirefighterControl:
		return false
	}
	return car.faults == 0
}

func (c *Checker) departed(e *elevator.Event) {
	car := &c.cars[e.Car]
	if car.moving {
		c.fail("car %d departs in motion", e.Car)
	}
	if car.doors != elevator.DoorsClosed {
		c.fail("car %d departs with its doors not closed (last door event %d)", e.Car, car.doors)
	}
	if car.betweenFloors {
		car.floor = e.Floor // the floor it names is the one it passed last
	}
	car.levelling, car.betweenFloors = car.betweenFloors, false
	car.obliged = car.serves() && !car.levelling
	if e.Floor != car.floor || math.Abs(e.PositionM-car.positionM) > 1e-6 {
		c.fail("car %d departs from floor %d at %.3f m but stood at %d, %.3f m", e.Car, e.Floor, e.PositionM, car.floor, car.positionM)
	}
	for id, p := range car.riders {
		p.detoured = p.detoured || !car.obliged
		if !p.detoured && elevator.Toward(e.Floor, p.to) != e.Direction {
			c.fail("car %d departs %v from floor %d with passenger %d, who wants floor %d", e.Car, e.Direction, e.Floor, id, p.to)
		}
	}
	car.moving, car.target, car.direction, car.departedAt = true, e.To, e.Direction, e.T
}

func (c *Checker) arrived(e *elevator.Event) {
	car := &c.cars[e.Car]
	if !car.moving {
		c.fail("car %d arrives but did not depart", e.Car)
	}
	if e.Floor != car.target {
		c.fail("car %d arrives at floor %d but travelled to %d", e.Car, e.Floor, car.target)
	}
	for id, p := range car.riders {
		if car.obliged && !p.detoured && between(p.to, car.floor, e.Floor) {
			c.fail("car %d passed floor %d, where passenger %d wanted out", e.Car, p.to, id)
		}
	}
	at := c.building.Floors[e.Floor].ElevationM
	if d := at - car.positionM; d != 0 && (d > 0) != (car.direction == elevator.Up) {
		c.fail("car %d travelled %v but arrived %.2f m further up", e.Car, car.direction, d)
	}
	least := c.leastFlight(car.floor, e.Floor, math.Abs(at-car.positionM))
	if car.levelling {
		least = math.Abs(at-car.positionM) / levellingMps
	}
	if took := (e.T - car.departedAt + c.Late).Seconds(); took < least-1e-6 {
		c.fail("car %d flew from floor %d to %d in %.3f s, faster than %.3f s", e.Car, car.floor, e.Floor, took, least)
	}
	car.moving, car.floor, car.positionM, car.target = false, e.Floor, at, elevator.NoFloor
}

// levelM is how far from a floor's height a car still stands at it.
const levelM = 0.01

// levellingMps is the speed of a car that runs to the next floor from between
// two.
const levellingMps = 0.25

func (c *Checker) doors(e *elevator.Event) {
	car := &c.cars[e.Car]
	if car.moving {
		c.fail("car %d: door event %d in motion", e.Car, e.Kind)
	}
	if e.Floor != car.floor {
		c.fail("car %d: door event %d at floor %d, it stands at %d", e.Car, e.Kind, e.Floor, car.floor)
	}
	legal := false
	switch e.Kind {
	case elevator.DoorsOpening:
		legal = car.doors == elevator.DoorsClosed || car.doors == elevator.DoorsClosing
	case elevator.DoorsOpened:
		legal = car.doors == elevator.DoorsOpening
	case elevator.DoorsClosing:
		legal = car.doors == elevator.DoorsOpened
	case elevator.DoorsClosed:
		legal = car.doors == elevator.DoorsClosing
	}
	if !legal {
		c.fail("car %d: door event %d after door event %d", e.Car, e.Kind, car.doors)
	}
	car.doors = e.Kind
}

func between(f, a, b elevator.FloorIndex) bool { return f > min(a, b) && f < max(a, b) }

// leastFlight returns the seconds that the building's motion needs at least for
// a flight, by the closed formulas of Peters (1996) for the S-curve.
func (c *Checker) leastFlight(from, to elevator.FloorIndex, d float64) float64 {
	m := c.building.Motion
	if m.Model == elevator.FloorTime {
		return m.FloorTime.Seconds() * math.Abs(float64(to-from))
	}
	v, j := m.SpeedMps, m.JerkMps3
	a := min(m.AccelerationMps2, math.Sqrt(v*j)) // the acceleration that can be reached at all
	switch {
	case d <= 0:
		return 0
	case d >= (a*a*v+v*v*j)/(j*a):
		return d/v + v/a + a/j
	case d >= 2*a*a*a/(j*j):
		return a/j + math.Sqrt(4*d/a+(a/j)*(a/j))
	}
	return math.Cbrt(32 * d / j)
}

// recovered takes a car's word for where it woke up again after its controller
// had died, as far as that can be: on the way of its last flight, or where it
// stood, and with the people who were aboard.
func (c *Checker) recovered(e *elevator.Event) {
	car := &c.cars[e.Car]
	at := e.PositionM
	if e.Floor != elevator.NoFloor {
		at = c.building.Floors[e.Floor].ElevationM
	}
	least, most := car.positionM, car.positionM
	if car.moving {
		to := c.building.Floors[car.target].ElevationM
		least, most = min(least, to), max(most, to)
	}
	if at < least-levelM || at > most+levelM {
		c.fail("car %d recovers at %.3f m but was between %.3f and %.3f m", e.Car, at, least, most)
	}
	same := len(e.Detail.Riders) == len(car.riders)
	for _, id := range e.Detail.Riders {
		same = same && car.riders[id] != nil
	}
	if !same {
		c.fail("car %d recovers with the riders %v, but %d were aboard", e.Car, e.Detail.Riders, len(car.riders))
	}
	car.moving, car.target, car.doors, car.positionM = false, elevator.NoFloor, elevator.DoorsClosed, at
	car.betweenFloors = e.Floor == elevator.NoFloor
	if !car.betweenFloors {
		car.floor = e.Floor
	}
}
