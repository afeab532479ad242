package dispatch

import (
	"slices"
	"time"

	"elevator/internal/elevator"
)

// walkOf is car i at the point from which it chooses its next stop.
func (m *model) walkOf(i int) walk {
	car := &m.view.Cars[i]
	return walk{
		at: car.Floor, direction: car.Direction, words: m.eta.words, persons: float64(car.Persons), carCalls: car.CarCalls, landing: car.Assigned,
	}
}

// turnTo lets a car that rests or flies follow its work, where that has changed.
func (m *model) turnTo(i int) {
	c := &m.cars[i]
	if !c.changed {
		return
	}
	c.changed = false
	switch c.phase {
	case modelRests:
		m.depart(i)
	case modelFlies:
		m.retarget(i)
	}
}

// depart sends a car that stands with closed doors to its next stop, opens its
// doors where that is here, or lets it rest.
func (m *model) depart(i int) {
	c, car := &m.cars[i], &m.view.Cars[i]
	w := m.walkOf(i)
	if car.Persons == 0 && car.CarCalls.Empty() {
		w.direction = elevator.None
	}
	s := start{car: i}
	target := m.eta.next(&w, &s)
	if target == elevator.NoFloor {
		car.Direction = elevator.None
		c.phase, c.next = modelRests, never
		if car.Parking == elevator.NoFloor || car.Parking == car.Floor {
			return
		}
		target = car.Parking
	}
	if target == car.Floor {
		car.Direction = w.direction
		m.open(i)
		return
	}
	d := elevator.Toward(car.Floor, target)
	departs := m.now
	if c.heading == -d {
		departs += m.duration(m.eta.turn)
	}
	c.heading = d
	car.Moving, car.Target, car.Direction, car.DepartedAt = true, target, d, departs
	car.FromM = m.eta.law.ElevationM(car.Floor)
	c.phase, c.next = modelFlies, departs+m.eta.law.FlightTime(car.Floor, target)
	c.changed = true // in flight a full car passes what it was sent for
}

// retarget reconsiders where the present flight ends.
func (m *model) retarget(i int) {
	c, car := &m.cars[i], &m.view.Cars[i]
	elapsed := m.now - car.DepartedAt
	if elapsed > m.eta.law.CommitTime(car.Floor, car.Target) {
		return
	}
	first := m.eta.law.NextStop(car.Floor, car.Target, elapsed)
	w := m.walkOf(i)
	w.at, w.flying = first-elevator.FloorIndex(car.Direction), true
	target := ahead(&w, w.persons >= m.eta.bypass[i])
	if target == elevator.NoFloor {
		target = first
		idle := car.CarCalls.Empty() && car.Assigned[0].Empty() && car.Assigned[1].Empty()
		if idle && car.Parking != elevator.NoFloor && elevator.Toward(w.at, car.Parking) == car.Direction {
			target = car.Parking
		}
	}
	if target == car.Target {
		return
	}
	car.Target = target
	c.next = max(m.now, car.DepartedAt+m.eta.law.FlightTime(car.Floor, target))
}

// step lets car i do what is due, and reports whether eta would want to know.
func (m *model) step(i int) bool {
	c, car := &m.cars[i], &m.view.Cars[i]
	switch c.phase {
	case modelFlies:
		car.Floor, car.Moving, car.Target = car.Target, false, elevator.NoFloor
		car.FromM = m.eta.law.ElevationM(car.Floor)
		m.stop(i)
		return true
	case modelOpens:
		car.Doors, car.DoorsSince = elevator.DoorsAreOpen, m.now
		c.phase = modelStands
		m.transfer(i)
	case modelStands:
		m.transfer(i)
	case modelCloses:
		car.Doors, car.DoorsSince = elevator.DoorsAreClosed, m.now
		c.phase = modelRests
		m.leave(i)
		m.depart(i)
		return true
	}
	return false
}

// stop opens the doors of a car that has arrived where somebody needs them.
func (m *model) stop(i int) {
	car := &m.view.Cars[i]
	w := m.walkOf(i)
	here := w.carCalls.Has(car.Floor)
	w.carCalls.Remove(car.Floor)
	w.persons -= float64(m.cars[i].riders[car.Floor])
	s := start{car: i}
	_, served := m.eta.serves(&w, &s, car.Floor)
	if !here && !served {
		m.cars[i].phase = modelRests
		m.depart(i)
		return
	}
	if !served && w.persons <= 0 && ahead(&w, false) == elevator.NoFloor {
		// Nothing more this way: it stands for either direction.
		w.direction = elevator.None
	}
	car.Direction = w.direction
	m.open(i)
}

// open begins to open the doors and answers the call of the car's direction.
func (m *model) open(i int) {
	c, car := &m.cars[i], &m.view.Cars[i]
	car.Doors, car.DoorsSince = elevator.DoorsAreOpening, m.now
	car.CarCalls.Remove(car.Floor)
	c.phase, c.next = modelOpens, m.now+m.duration(m.eta.open)
	if car.Direction == elevator.None {
		return
	}
	if at := callIndex(&m.view, elevator.ConventionalCall(car.Floor, car.Direction)); at >= 0 {
		m.unassign(at)
		m.view.Calls = slices.Delete(m.view.Calls, at, at+1)
	}
}

// transfer lets out who wants to leave and in who waits and fits, then sets when
// to look again; when nobody is left the doors close.
func (m *model) transfer(i int) {
	c, car := &m.cars[i], &m.view.Cars[i]
	moved := c.riders[car.Floor]
	m.aboard -= car.Persons
	car.Persons -= moved
	c.riders[car.Floor] = 0
	if car.Direction == elevator.None {
		m.invite(car)
	}
	step := m.duration(m.eta.transfer)
	if car.Direction != elevator.None {
		queue := &m.queues[Side(car.Direction)][car.Floor]
		n := 0
		for n < len(*queue) && float64(car.Persons) < m.eta.capacity[i] {
			p := &(*queue)[n]
			wait := seconds(m.now + time.Duration(moved)*step - p.at)
			m.cost += wait * wait
			car.Persons++
			c.riders[p.to]++
			car.CarCalls.Add(p.to)
			moved++
			n++
		}
		*queue = slices.Delete(*queue, 0, n)
	}
	m.aboard += car.Persons
	if moved == 0 {
		car.Doors, car.DoorsSince = elevator.DoorsAreClosing, m.now
		c.phase, c.next = modelCloses, m.now+m.duration(m.eta.close)
		return
	}
	stay := time.Duration(moved) * step
	if least := car.DoorsSince + m.duration(m.eta.dwell[dwellLandingCall]); m.now+stay < least {
		stay = least - m.now
	}
	c.next = m.now + stay
}

// invite gives a car that stands without direction the oldest call there.
func (m *model) invite(car *CarView) {
	for at := range m.view.Calls {
		if key := m.view.Calls[at].Key; key.Floor == car.Floor {
			car.Direction = key.Direction
			m.unassign(at)
			m.view.Calls = slices.Delete(m.view.Calls, at, at+1)
			m.setWake()
			return
		}
	}
}

// leave lights the calls of those left behind.
func (m *model) leave(i int) {
	f := m.view.Cars[i].Floor
	for side := range m.queues {
		if len(m.queues[side][f]) == 0 {
			continue
		}
		for j := range m.cars {
			if j != i && m.view.Cars[j].Floor == f && (m.cars[j].phase == modelOpens || m.cars[j].phase == modelStands) {
				return
			}
		}
		m.light(elevator.ConventionalCall(f, elevator.Direction(2*side-1)))
	}
}
