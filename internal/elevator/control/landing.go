package control

import (
	"slices"
	"time"

	"elevator/internal/elevator"
)

const (
	// pressAgain is how long a passenger waits for the lamp of a pressed
	// button before pressing it again.
	pressAgain = 5 * time.Second
	// hesitation is how long those waiting look on when a lamp goes out, for
	// the car that put it out, before they press again.
	hesitation = time.Second
	// stopExpires is how long a car's announcement stays good if nobody tells
	// that its doors have closed.
	stopExpires = 5 * time.Minute
	// promiseExpires is how long somebody waits for the car they were given
	// when no lamp shows any more that it will come.
	promiseExpires = 5 * time.Minute
)

// Landing controls one floor: its buttons or destination panel, their lamps,
// and the passengers who wait there.
//
// Invariant: a passenger is expected, or in the queue, or gone with a car.
// Invariant: someone in the queue whom no car is taking in, and whose lamp is
// dark, has pressed or will press at a time that Wake tells.
type Landing struct {
	building    *elevator.Building
	floor       elevator.FloorIndex
	destination bool // it has a destination panel

	expected []elevator.Passenger // in the order of arrival; those from next on are not here yet
	next     int
	latest   elevator.Passenger   // the last one who was ever expected
	arrived  elevator.PassengerID // the last one who has come; 0: nobody
	queue    []waiting            // in the order of arrival
	buttons  []button             // see keyOf
	stops    []announced          // cars that stand here, or seem to
	offer    []elevator.Passenger // backs the Passengers of the last answer
	heard    []uint32             // by car: its last announcement
	locked   bool
	byHand   bool // the operator has pressed a button

	now  time.Duration
	wake time.Duration
	out  []Output
}

// waiting is one passenger on the landing.
type waiting struct {
	elevator.Passenger
	key      int               // index of their button in Landing.buttons
	promised elevator.CarIndex // on a destination panel: the car they were given, or NoCar
	car      elevator.CarIndex // the car they are boarding, or NoCar
	stop     uint32            // of that car
	passed   elevator.CarSet   // cars standing here that cannot take them
	pressAt  time.Duration     // not before then do they press a dark button
	declined int               // how often a car with room has left without them
	stranded bool              // no car of the group can carry them
	back     bool              // let out here before their floor
	unsure   bool              // a car asked them in and was never heard of again: they may have gone with it
}

// button is one button of the landing with its lamp: down, up, and on a
// destination panel one for each floor.
type button struct {
	lit     bool
	asked   bool // pressed, the lamp is not lit yet
	byHand  bool // pressed by the operator, who presses again as a passenger would
	askedAt time.Duration
}

// announced is one car's last announcement.
type announced struct {
	car       elevator.CarIndex
	stop      uint32
	direction elevator.Direction
	persons   int // room left
	kg        float64
	since     time.Duration
}

// NewLanding returns the controller of floor f with nobody waiting.
func NewLanding(b *elevator.Building, f elevator.FloorIndex) *Landing {
	l := &Landing{
		building: b, floor: f, destination: b.DestinationAt(f),
		buttons: make([]button, 2+len(b.Floors)), heard: make([]uint32, len(b.Cars)), wake: Never,
	}
	return l
}

// keyOf is the index of a button: that of its direction, or of the
// destination.
func keyOf(to elevator.FloorIndex, d elevator.Direction) int {
	if to == elevator.NoFloor {
		return side(d)
	}
	return 2 + int(to)
}

// directionOf returns the way a button leads.
func (l *Landing) directionOf(key int) elevator.Direction {
	switch key {
	case side(elevator.Down):
		return elevator.Down
	case side(elevator.Up):
		return elevator.Up
	}
	return elevator.Toward(l.floor, elevator.FloorIndex(key-2))
}

// Wake implements Controller.
func (l *Landing) Wake() time.Duration { return l.wake }

// Step implements Controller.
func (l *Landing) Step(now time.Duration, in *Message, out []Output) []Output {
	l.out = out
	l.now = max(now, l.now)
	l.arrivals()
	if in.Kind != Tick {
		l.receive(in)
		l.arrivals()
	}
	l.wake = Never
	l.expire()
	l.press()
	if l.next < len(l.expected) {
		l.wake = min(l.wake, l.expected[l.next].ArrivesAt)
	}
	out, l.out = l.out, nil
	return out
}

func (l *Landing) receive(in *Message) {
	if !in.names(l.building) {
		return
	}
	switch in.Kind {
	case Expect:
		l.expect(in.Passengers)
	case Announce:
		l.announced(in)
	case Boarded:
		l.boarded(in)
	case Left:
		l.left(in.Car, in.Stop)
	case Lamp:
		l.lamp(in)
	case Press:
		l.pressByHand(in)
	case LockLanding:
		l.locked = in.On
	case PutBack:
		l.putBack(in.Passengers)
	case RestoreLanding:
		l.restore(in)
	case Resync:
		l.report(in.Stop)
	}
}

// expect takes note of people who will come here. They are told in the order
// of their arrival, so whoever is not later than the last one is told again.
func (l *Landing) expect(passengers []elevator.Passenger) {
	l.expected = slices.Grow(l.expected, len(passengers))
	for i := range passengers {
		p := &passengers[i]
		if !later(p, &l.latest) || !l.travels(p) || l.waits(p.ID) {
			continue
		}
		l.latest = *p
		l.expected = append(l.expected, *p)
	}
}

// travels reports whether a passenger wants to another floor of the building.
func (l *Landing) travels(p *elevator.Passenger) bool {
	return l.building.IsJourney(l.floor, p.To)
}

// later reports whether p comes after q in the order in which a landing
// expects its passengers.
func later(p, q *elevator.Passenger) bool {
	return p.ArrivesAt > q.ArrivesAt || p.ArrivesAt == q.ArrivesAt && p.ID > q.ID
}

// arrivals lets everyone step up to the landing whose time has come.
func (l *Landing) arrivals() {
	for l.next < len(l.expected) && l.expected[l.next].ArrivesAt <= l.now {
		p := &l.expected[l.next]
		l.next++
		p.Floor, l.arrived = l.floor, p.ID
		l.out = append(l.out, Output{Event: p.Arrival(p.ArrivesAt)})
		l.enqueue(len(l.queue), *p)
	}
	if l.next > len(l.expected)/2 {
		l.expected = slices.Delete(l.expected, 0, l.next)
		l.next = 0
	}
}

// enqueue puts a passenger into the queue at position i. Whoever finds a car
// without room before them does not press until it has left.
func (l *Landing) enqueue(i int, p elevator.Passenger) {
	p.Floor = l.floor
	w := waiting{Passenger: p, promised: elevator.NoCar, car: elevator.NoCar, pressAt: p.ArrivesAt, stranded: true}
	for c := range l.building.Cars {
		w.stranded = w.stranded && !carries(l.building, elevator.CarIndex(c), &p)
	}
	if l.destination {
		w.key = keyOf(p.To, p.Direction())
		l.queue = slices.Insert(l.queue, i, w)
		return
	}
	w.key = keyOf(elevator.NoFloor, p.Direction())
	for j := range l.stops {
		s := &l.stops[j]
		if s.direction == p.Direction() && !l.fits(s, &w) {
			w.passed = w.passed.With(s.car)
		}
	}
	l.queue = slices.Insert(l.queue, i, w)
}

// waits reports whether a passenger is in the queue.
func (l *Landing) waits(id elevator.PassengerID) bool {
	return slices.ContainsFunc(l.queue, func(w waiting) bool { return w.ID == id })
}

// boarded takes a passenger out of the queue who has boarded. For one who was
// let out here again that must have been after the car asked them in anew.
func (l *Landing) boarded(in *Message) {
	i := slices.IndexFunc(l.queue, func(w waiting) bool { return w.ID == in.Passenger })
	if i < 0 {
		return
	}
	if w := &l.queue[i]; !w.back || in.On || w.car == in.Car && w.stop <= in.Stop {
		l.queue = slices.Delete(l.queue, i, i+1)
	}
}
