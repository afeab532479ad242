package dispatch

import (
	"time"

	"elevator/internal/elevator"
)

// model plays a group forward under eta, from what the signalling knows and one
// sampled future: the group control and the cars in a few strokes, fast enough
// to try dozens of futures for one decision. It keeps its own View, which eta
// reads as it reads the real one.
type model struct {
	eta    *eta
	view   View
	cars   []modelCar
	queues [2][][]person // by side and floor, in the order of arrival
	coming []person
	now    time.Duration
	wake   time.Duration // when eta wants to be asked: see setWake
	aboard int           // people in all cars

	decisions []Decision
	cost      float64
}

// modelPhase is what a car of the model is doing; next says until when.
type modelPhase uint8

const (
	modelRests modelPhase = iota
	modelFlies
	modelOpens
	modelStands
	modelCloses
)

// modelCar is one car of the model.
//
// Invariant: a car that rests or flies follows its work, so that turnTo changes
// nothing before that has changed.
type modelCar struct {
	phase   modelPhase
	next    time.Duration
	changed bool               // its work has changed since turnTo
	heading elevator.Direction // of the last flight
	riders  []int              // by destination
}

func newModel(p Plant, t tuning) *model {
	b := p.Building
	m := &model{eta: newTunedETA(p, t), cars: make([]modelCar, len(b.Cars))}
	m.view = View{Building: b, Cars: make([]CarView, len(b.Cars))}
	for i := range m.cars {
		m.cars[i].riders = make([]int, len(b.Floors))
	}
	for side := range m.queues {
		m.queues[side] = make([][]person, len(b.Floors))
	}
	return m
}

// run plays the future from view v under the pins given, which hold until
// their time, and returns what it costs: the squared waits of those who boarded,
// the price of the seconds spent aboard, and eta's plan for all that is left at
// the horizon.
func (m *model) run(v *View, r *rates, f *future, pins []pin, until, horizon time.Duration) float64 {
	m.start(v, r, f)
	m.eta.pins = append(m.eta.pins[:0], pins...)
	m.solve()
	m.now = max(m.now, until)
	m.eta.pins = m.eta.pins[:0]
	for m.advance(horizon) {
	}
	m.pass(max(horizon, m.now))
	return m.cost + m.rest()
}

// advance lets the next thing happen: somebody comes, eta decides in time for a
// car that is about to pass a call, or a car does what is due. It returns false
// where that is not before the horizon.
func (m *model) advance(horizon time.Duration) bool {
	at, car := m.first()
	comes := len(m.coming) > 0 && m.coming[0].at <= at
	if comes {
		at = m.coming[0].at
	}
	decides := m.wake < at
	if decides {
		at = m.wake
	}
	if at >= horizon {
		return false
	}
	m.pass(max(at, m.now))
	switch {
	case decides:
		m.solve()
	case comes:
		m.arrive()
	case m.step(car):
		m.solve()
	}
	return true
}

// start takes over the state of the group.
func (m *model) start(v *View, r *rates, f *future) {
	m.now, m.cost, m.coming = v.Now, 0, f.coming
	m.view.Now, m.view.Mode, m.view.Avoid = v.Now, v.Mode, v.Avoid
	copy(m.view.Cars, v.Cars)
	m.view.Calls = append(m.view.Calls[:0], v.Calls...)
	for side := range m.queues {
		for floor := range m.queues[side] {
			m.queues[side][floor] = m.queues[side][floor][:0]
		}
		copy(m.eta.rates.count[side], r.count[side])
	}
	copy(m.eta.rates.persons, r.persons)
	m.eta.rates.since, m.eta.rates.entering = r.since, r.entering
	for i := range f.waiting {
		m.enqueue(&f.waiting[i])
	}
	m.aboard = 0
	for i := range m.cars {
		m.startCar(i)
	}
}

// startCar guesses where the riders of a car go, evenly to its car calls, and
// what it is doing.
func (m *model) startCar(i int) {
	c, car := &m.cars[i], &m.view.Cars[i]
	clear(c.riders)
	c.changed = true
	m.aboard += car.Persons
	left := car.Persons
	for n := car.CarCalls.Len(); n > 0; n-- {
		f := car.CarCalls.Above(elevator.NoFloor)
		for range n - 1 {
			f = car.CarCalls.Above(f)
		}
		share := left / n
		c.riders[f] = share
		left -= share
	}
	if left > 0 && car.CarCalls.Empty() {
		c.riders[car.Floor] = left
	}
	c.heading = car.Direction
	switch {
	case car.Moving:
		c.phase = modelFlies
		c.next = car.DepartedAt + m.eta.law.FlightTime(car.Floor, car.Target)
	case car.Doors == elevator.DoorsAreOpening:
		c.phase, c.next = modelOpens, car.DoorsSince+m.duration(m.eta.open)
	case car.Doors == elevator.DoorsAreOpen:
		c.phase, c.next = modelStands, m.now+m.duration(m.eta.transfer/2)
	case car.Doors == elevator.DoorsAreClosing:
		c.phase, c.next = modelCloses, car.DoorsSince+m.duration(m.eta.close)
	default:
		c.phase, c.next = modelRests, never
	}
	c.next = max(c.next, m.now)
}

func (m *model) duration(s float64) time.Duration { return time.Duration(s * 1e9) }

func (m *model) enqueue(p *person) {
	side := Side(elevator.Toward(p.floor, p.to))
	m.queues[side][p.floor] = append(m.queues[side][p.floor], *p)
}

// first returns which car acts next, and when.
func (m *model) first() (time.Duration, int) {
	best, at := 0, never
	for i := range m.cars {
		if m.cars[i].next < at {
			best, at = i, m.cars[i].next
		}
	}
	return at, best
}

// pass lets time go by until t.
func (m *model) pass(t time.Duration) {
	m.cost += m.eta.tuning.ride * float64(m.aboard) * seconds(t-m.now)
	m.now = t
}

// arrive lets the next person come to a landing.
func (m *model) arrive() {
	p := &m.coming[0]
	m.coming = m.coming[1:]
	d := elevator.Toward(p.floor, p.to)
	m.enqueue(p)
	for i := range m.cars {
		car := &m.view.Cars[i]
		if (m.cars[i].phase == modelOpens || m.cars[i].phase == modelStands) && car.Floor == p.floor &&
			(car.Direction == d || car.Direction == elevator.None) && float64(car.Persons) < m.eta.capacity[i] {
			car.Direction = d
			return
		}
	}
	if m.light(elevator.ConventionalCall(p.floor, d)) {
		m.solve()
	}
}

// light registers a call and reports whether it was dark.
func (m *model) light(key elevator.CallKey) bool {
	if callIndex(&m.view, key) >= 0 {
		return false
	}
	m.view.Calls = append(m.view.Calls, elevator.LandingCall{Key: key, RegisteredAt: m.now, Car: elevator.NoCar})
	return true
}

// rest is eta's plan cost for what is left.
func (m *model) rest() float64 {
	m.view.Now = m.now
	m.view.Changed = WakeCame | CallsChanged
	m.eta.read(&m.view)
	m.eta.search(&m.view)
	return m.eta.total()
}

// solve asks eta and does what it says.
func (m *model) solve() {
	m.view.Now = m.now
	m.view.Changed = CallsChanged | MotionChanged | WakeCame
	m.decisions = m.eta.Dispatch(&m.view, m.decisions[:0])
	for i := range m.decisions {
		d := &m.decisions[i]
		if d.Park != elevator.NoCar {
			m.view.Cars[d.Park].Parking = d.ParkAt
			m.cars[d.Park].changed = true
			m.turnTo(int(d.Park))
			continue
		}
		at := callIndex(&m.view, d.Call)
		if at < 0 {
			continue
		}
		m.unassign(at)
		m.view.Calls[at].Car, m.view.Calls[at].Cars = d.Main, d.Cars
		for c := range d.Cars.All() {
			m.view.Cars[c].Assigned[Side(d.Call.Direction)].Add(d.Call.Floor)
			m.cars[c].changed = true
		}
	}
	for i := range m.cars {
		m.turnTo(i)
	}
	m.setWake()
}

// setWake asks eta when it wants to be asked next: after each time it was, and
// when a call went out since.
func (m *model) setWake() {
	m.wake = never
	if at, ok := m.eta.Wake(&m.view); ok {
		m.wake = at
	}
}

func (m *model) unassign(at int) {
	call := &m.view.Calls[at]
	for c := range call.Cars.All() {
		m.view.Cars[c].Assigned[Side(call.Key.Direction)].Remove(call.Key.Floor)
		m.cars[c].changed = true
	}
}
