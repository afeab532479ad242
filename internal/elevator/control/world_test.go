package control

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/motion"
	"elevator/internal/elevator/sim/simtest"
)

// world is a building under virtual time with the simplest group control that
// keeps its side of the bargain: it lights lamps, gives each call to the
// nearest car (or to none, where a test assigns by hand), answers calls when a
// car announces itself, and forwards. Every link is in order; how long a
// message takes, and whether it gets lost, is up to the test.
type world struct {
	b        *elevator.Building
	law      *motion.Law
	cars     []*Car
	landings []*Landing
	inspect  []*inspector
	fold     *elevator.Group
	expected []elevator.Passenger
	manual   bool // the test assigns

	now     time.Duration
	packets []packet
	order   int
	lastOn  map[link]time.Duration
	stops   []map[elevator.FloorIndex]uint32           // by car: announcements not yet followed by Left
	offered map[elevator.PassengerID]elevator.CarIndex // sent to a car that has not left since
	heard   map[elevator.CarIndex]uint32               // by car: its last announcement
	recall  elevator.FloorIndex
	plants  []*deafPlant
	broken  []elevator.FaultSet // by car: drills that go on

	late  func() time.Duration // by how much a party oversleeps
	slept map[link]time.Duration
	delay func(l link, m *Message) time.Duration
	lose  func(m *Message) bool
	again func(m *Message) []time.Duration // how much later it is delivered once more

	events  []elevator.Event
	notes   []string // events and, where asked for, messages, as text
	film    *simtest.Film
	chatty  bool
	trouble []error
}

// link is one way between the group control and a car or a landing.
type link struct {
	car, landing int // one of them, the other is -1
	down         bool
}

type packet struct {
	at    time.Duration
	order int
	link  link
	m     Message
	e     elevator.Event
}

func newWorld(b *elevator.Building) *world {
	w := &world{
		b: b, law: motion.NewLaw(b), fold: elevator.NewGroup(b), lastOn: map[link]time.Duration{}, offered: map[elevator.PassengerID]elevator.CarIndex{},
		heard: map[elevator.CarIndex]uint32{}, recall: elevator.NoFloor,
		slept: map[link]time.Duration{}, late: func() time.Duration { return 0 },
		delay: func(link, *Message) time.Duration { return 0 },
		lose:  func(*Message) bool { return false },
		again: func(*Message) []time.Duration { return nil },
	}
	w.film = simtest.NewFilm(w.fold, w.law)
	for c := range b.Cars {
		w.plants = append(w.plants, nil)
		w.broken = append(w.broken, 0)
		w.cars = append(w.cars, w.newCar(elevator.CarIndex(c)))
		w.inspect = append(w.inspect, newInspector(b, w.law, elevator.CarIndex(c)))
		w.stops = append(w.stops, map[elevator.FloorIndex]uint32{})
	}
	for f := range b.Floors {
		w.landings = append(w.landings, NewLanding(b, elevator.FloorIndex(f)))
	}
	return w
}

func (w *world) fail(format string, args ...any) {
	w.trouble = append(w.trouble, fmt.Errorf("%v: %s", w.now, fmt.Sprintf(format, args...)))
}

// deafPlant is a plant whose sensors show nothing new for a while, although it
// moves on.
type deafPlant struct {
	*SimulatedPlant
	since, until time.Duration
}

// Sense implements Plant.
func (p *deafPlant) Sense(now time.Duration) Sensors {
	if now < p.until {
		now = p.since
	}
	return p.SimulatedPlant.Sense(now)
}

// Place implements Plant.
func (p *deafPlant) Place(now time.Duration, positionM float64, drive Drive) {
	p.until = 0
	p.SimulatedPlant.Place(now, positionM, drive)
}

func (w *world) newCar(c elevator.CarIndex) *Car {
	w.plants[c] = &deafPlant{SimulatedPlant: NewSimulatedPlant(w.law, w.b)}
	return NewCarWithPlant(w.law, w.b, c, w.plants[c])
}

// deafen lets the sensors of a car show nothing new for a while.
func (w *world) deafen(c elevator.CarIndex, during time.Duration) {
	w.plants[c].since, w.plants[c].until = w.now, w.now+during
	w.inspect[c].deaf = true
}

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

// run plays until the given time, or until nothing is left to happen.
func (w *world) run(until time.Duration) {
	at, party := w.next()
	for steps := 0; len(w.trouble) == 0 && at <= until && at != Never; at, party = w.next() {
		if steps++; at > w.now {
			w.film.Shoot(w.now)
			w.now, steps = at, 0
		}
		if steps > 10_000 {
			w.fail("something goes on for ever")
		}
		if party.car < 0 && party.landing < 0 {
			i := w.firstPacket()
			p := w.packets[i]
			w.packets = slices.Delete(w.packets, i, i+1)
			w.deliver(&p)
			continue
		}
		w.step(party, NewMessage(Tick))
	}
	w.film.Shoot(w.now)
	if until != Never {
		w.now = max(w.now, until)
	}
}

// next returns when something happens next: a packet arrives (no party), or a
// party wakes.
func (w *world) next() (time.Duration, link) {
	at, party := Never, link{car: -1, landing: -1}
	if i := w.firstPacket(); i >= 0 {
		at = w.packets[i].at
	}
	consider := func(wake time.Duration, l link) {
		if wake != Never && wake+w.slept[l] < at {
			at, party = wake+w.slept[l], l
		}
	}
	for i, c := range w.cars {
		consider(c.Wake(), link{car: i, landing: -1})
	}
	for i, l := range w.landings {
		consider(l.Wake(), link{car: -1, landing: i})
	}
	return at, party
}

func (w *world) firstPacket() int {
	best := -1
	for i := range w.packets {
		if best < 0 || w.packets[i].at < w.packets[best].at ||
			w.packets[i].at == w.packets[best].at && w.packets[i].order < w.packets[best].order {
			best = i
		}
	}
	return best
}

func (w *world) deliver(p *packet) {
	if p.link.down {
		w.step(p.link, p.m)
		return
	}
	if p.e.Kind != elevator.EventNone {
		w.event(p.e)
		return
	}
	w.message(p.link, &p.m)
}

func (w *world) step(to link, m Message) {
	var out []Output
	if to.car >= 0 {
		out = w.cars[to.car].Step(w.now, &m, nil)
	} else {
		out = w.landings[to.landing].Step(w.now, &m, nil)
	}
	up := link{car: to.car, landing: to.landing}
	w.slept[up] = w.late()
	for i := range out {
		if to.car >= 0 {
			w.trouble = append(w.trouble, w.inspect[to.car].output(&out[i])...)
		}
		w.post(up, out[i].Message, out[i].Event)
	}
}

// post puts a message or an event on its way. A link keeps its order.
func (w *world) post(l link, m Message, e elevator.Event) {
	if e.Kind == elevator.EventNone && w.lose(&m) {
		return
	}
	m.Passengers = slices.Clone(m.Passengers)
	at := w.now
	if e.Kind == elevator.EventNone {
		at += w.delay(l, &m)
	} else {
		at += w.delay(l, nil)
	}
	at = max(at, w.lastOn[l])
	w.lastOn[l] = at
	w.order++
	w.packets = append(w.packets, packet{at: at, order: w.order, link: l, m: m, e: e})
	if e.Kind != elevator.EventNone {
		return
	}
	for _, later := range w.again(&m) {
		w.order++
		w.packets = append(w.packets, packet{at: at + later, order: w.order, link: l, m: m})
	}
}

func (w *world) toCar(c elevator.CarIndex, m Message) {
	if m.Kind == InjectFault {
		w.broken[c] = w.broken[c].Without(m.Fault)
		if m.On {
			w.broken[c] = w.broken[c].With(m.Fault)
		}
	}
	w.post(link{car: int(c), landing: -1, down: true}, m, elevator.Event{})
}

func (w *world) toLanding(f elevator.FloorIndex, m Message) {
	w.post(link{car: -1, landing: int(f), down: true}, m, elevator.Event{})
}

// expect sends passengers, in the order of their arrival.
func (w *world) expect(ps ...elevator.Passenger) {
	w.expected = append(w.expected, ps...)
	for _, p := range ps {
		m := NewMessage(Expect)
		m.Passengers = []elevator.Passenger{p}
		w.toLanding(p.Floor, m)
	}
}

// message is what the group control does with a message.
func (w *world) message(from link, m *Message) {
	switch m.Kind {
	case Announce:
		if m.Stop <= w.heard[m.Car] {
			return
		}
		w.heard[m.Car] = m.Stop
		w.note("%s asks %s aboard at %s, room for %d and %.0f kg", w.b.Cars[m.Car].Name, m.Direction, w.floor(m.Floor), m.RoomPersons, m.RoomKg)
		w.stops[m.Car][m.Floor] = m.Stop
		w.toLanding(m.Floor, *m)
		w.answer(m)
	case Button:
		w.button(elevator.CallKey{Floor: m.Floor, To: m.To, Direction: m.Direction})
	case Board:
		if _, open := w.stops[m.Car][m.Floor]; !open {
			m.Passengers = nil // the car has left; only that the answer was late is news to it
		}
		waiting := slices.DeleteFunc(slices.Clone(m.Passengers), func(p elevator.Passenger) bool {
			if c, taken := w.offered[p.ID]; taken && c != m.Car {
				// A landing that has lost its memory offers them twice.
				return true
			}
			j, ok := w.fold.Journey(p.ID)
			if ok && j.Car == elevator.NoCar && j.Passenger.Floor == m.Floor {
				w.offered[p.ID] = m.Car
				return false
			}
			// The landing has missed that they are gone.
			gone := NewMessage(Boarded)
			gone.Car, gone.Stop, gone.Passenger = m.Car, m.Stop, p.ID
			w.toLanding(m.Floor, gone)
			return true
		})
		w.note("%s sends %d to %s", w.floor(m.Floor), len(waiting), w.b.Cars[m.Car].Name)
		for to := range m.Floors.All() {
			w.note("%s keeps some for %s: too full for them", w.b.Cars[m.Car].Name, w.floor(to))
		}
		fwd := *m
		fwd.Passengers = waiting
		w.toCar(m.Car, fwd)
	case Know:
		w.report(from, m)
	default:
		w.fail("the group control gets a message of kind %d from %v", m.Kind, from)
	}
}

// report notes what a car or a landing knows.
func (w *world) report(from link, m *Message) {
	r, text := m.Report, ""
	say := func(format string, args ...any) {
		w.notes = append(w.notes, fmt.Sprintf("%8.3f  %s", w.now.Seconds(), fmt.Sprintf(format, args...)))
	}
	for _, key := range r.Calls {
		text += fmt.Sprintf(" %s%v", w.floor(key.Floor), key.Direction)
		if key.To != elevator.NoFloor {
			text += " to " + w.floor(key.To)
		}
	}
	if from.car < 0 {
		cars := ""
		for _, s := range r.Stops {
			cars += fmt.Sprintf(" %s at stop %d", w.b.Cars[s.Car].Name, s.Stop)
		}
		for _, p := range r.Promises {
			cars += fmt.Sprintf(" %s for %d to %s", w.b.Cars[p.Car].Name, p.Persons, w.floor(p.To))
		}
		say("%s knows: lamps%s; waiting %v; cars%s; locked %v", w.floor(m.Floor), text, r.Waiting, cars, r.Locked)
		return
	}
	doors := "closed"
	switch {
	case r.Boards:
		doors = fmt.Sprintf("open %v, stop %d, room for %d", r.Direction, r.Stop, r.RoomPersons)
	case r.Stands:
		doors = fmt.Sprintf("closing, stop %d", r.Stop)
	}
	say("%s knows: at %s, doors %s; calls%s; active %v", w.b.Cars[from.car].Name, w.floor(m.Floor), doors, text, r.Active)
	if !r.Active {
		w.restoreCar(elevator.CarIndex(from.car))
	}
}

// answer puts out the calls a car opens for, and invites a car that stands
// without direction to take a call of its floor.
func (w *world) answer(m *Message) {
	for _, call := range slices.Clone(w.fold.Calls) {
		if call.Key.Floor != m.Floor {
			continue
		}
		if m.Direction == elevator.None {
			if !w.manual && w.fold.Cars[m.Car].Mode.InGroup() && call.Key.To == elevator.NoFloor {
				w.assign(m.Car, call.Key)
			}
			continue
		}
		if call.Key.Direction != m.Direction || call.Key.To != elevator.NoFloor && call.Car != m.Car {
			continue
		}
		if call.Car != elevator.NoCar && call.Car != m.Car {
			w.tell(call.Car, Unassign, call.Key)
		}
		e := elevator.NewEvent(w.now, elevator.LandingCallAnswered)
		e.Floor, e.To, e.Direction, e.Car = call.Key.Floor, call.Key.To, call.Key.Direction, m.Car
		w.event(e)
		w.lamp(call.Key, false, m.Car)
	}
}

func (w *world) tell(c elevator.CarIndex, kind MessageKind, key elevator.CallKey) {
	m := NewMessage(kind)
	m.Floor, m.To, m.Direction = key.Floor, key.To, key.Direction
	w.toCar(c, m)
}

func (w *world) lamp(key elevator.CallKey, on bool, c elevator.CarIndex) {
	m := NewMessage(Lamp)
	m.Floor, m.To, m.Direction, m.On, m.Car = key.Floor, key.To, key.Direction, on, c
	w.toLanding(key.Floor, m)
}

func (w *world) button(key elevator.CallKey) {
	if i := w.fold.CallIndex(key); i >= 0 {
		w.lamp(key, true, w.fold.Calls[i].Car)
		return
	}
	e := elevator.NewEvent(w.now, elevator.LandingCallRegistered)
	e.Floor, e.To, e.Direction = key.Floor, key.To, key.Direction
	w.event(e)
	if w.manual {
		w.lamp(key, true, elevator.NoCar)
		return
	}
	w.assign(w.nearest(key), key)
}

// assign gives a call to a car.
func (w *world) assign(c elevator.CarIndex, key elevator.CallKey) {
	i := w.fold.CallIndex(key)
	if c == elevator.NoCar || i < 0 {
		w.lamp(key, i >= 0, elevator.NoCar)
		return
	}
	if was := w.fold.Calls[i].Car; was != elevator.NoCar && was != c {
		w.tell(was, Unassign, key)
	}
	e := elevator.NewEvent(w.now, elevator.LandingCallAssigned)
	e.Floor, e.To, e.Direction, e.Car = key.Floor, key.To, key.Direction, c
	w.event(e)
	w.tell(c, Assign, key)
	w.lamp(key, true, c)
}

// nearest returns the nearest car in service that can take the call.
func (w *world) nearest(key elevator.CallKey) elevator.CarIndex {
	best, distance := elevator.NoCar, 1<<30
	for i := range w.fold.Cars {
		c := &w.fold.Cars[i]
		serves := &w.b.Cars[i].Serves
		if !c.Mode.InGroup() || c.Faults != 0 || !serves.Has(key.Floor) || key.To != elevator.NoFloor && !serves.Has(key.To) {
			continue
		}
		if d := int(max(c.Floor-key.Floor, key.Floor-c.Floor)); d < distance {
			best, distance = elevator.CarIndex(i), d
		}
	}
	return best
}

// event folds an event and does what follows from it.
func (w *world) event(e elevator.Event) {
	e.T = max(e.T, w.fold.T)
	var journey elevator.Journey
	if e.Kind == elevator.PassengerAlighted {
		journey, _ = w.fold.Journey(e.Passenger)
	}
	if err := w.fold.Apply(&e); err != nil {
		w.fail("%v", err)
		return
	}
	w.events = append(w.events, e)
	w.film.Event(&e)
	w.notes = append(w.notes, fmt.Sprintf("%8.3f  %s", e.T.Seconds(), simtest.Sentence(w.b, &e)))
	switch e.Kind {
	case elevator.PassengerBoarded:
		m := NewMessage(Boarded)
		m.Car, m.Stop, m.Passenger = e.Car, w.stops[e.Car][e.Floor], e.Passenger
		w.toLanding(e.Floor, m)
	case elevator.PassengerAlighted:
		if p := journey.Passenger; p.To != e.Floor {
			p.Floor = e.Floor
			delete(w.offered, p.ID)
			m := NewMessage(PutBack)
			m.Passengers = []elevator.Passenger{p}
			w.toLanding(e.Floor, m)
		}
	case elevator.DoorsClosed:
		w.left(e.Car, e.Floor)
	case elevator.ModeChanged, elevator.FaultRaised, elevator.FaultCleared:
		w.reassign()
	}
}

func (w *world) left(c elevator.CarIndex, f elevator.FloorIndex) {
	if stop, ok := w.stops[c][f]; ok {
		delete(w.stops[c], f)
		maps.DeleteFunc(w.offered, func(_ elevator.PassengerID, to elevator.CarIndex) bool { return to == c })
		m := NewMessage(Left)
		m.Car, m.Stop = c, stop
		w.toLanding(f, m)
	}
}

// reassign moves calls away from cars that are out of service.
func (w *world) reassign() {
	if w.manual {
		return
	}
	for _, call := range slices.Clone(w.fold.Calls) {
		if c := call.Car; c == elevator.NoCar || !w.fold.Cars[c].Mode.InGroup() || w.fold.Cars[c].Faults != 0 {
			w.assign(w.nearest(call.Key), call.Key)
		}
	}
}

// resync says again what everybody should know, as a group control does that
// has to do with a network.
func (w *world) resync() {
	say := func(key elevator.CallKey) {
		if i := w.fold.CallIndex(key); i >= 0 {
			w.lamp(key, true, w.fold.Calls[i].Car)
			return
		}
		w.lamp(key, false, elevator.NoCar)
	}
	for f := range w.b.Floors {
		from := elevator.FloorIndex(f)
		say(elevator.ConventionalCall(from, elevator.Down))
		say(elevator.ConventionalCall(from, elevator.Up))
		for to := range w.b.Floors {
			if f != to && w.b.DestinationAt(from) {
				say(elevator.DestinationCall(from, elevator.FloorIndex(to)))
			}
		}
	}
	for _, call := range w.fold.Calls {
		if call.Car != elevator.NoCar {
			w.tell(call.Car, Assign, call.Key)
		}
	}
	w.reassign()
}

// restartCar replaces a car's task: what was on its way is gone.
func (w *world) restartCar(c elevator.CarIndex) {
	w.drop(func(l link) bool { return l.car == int(c) })
	for f := range w.stops[c] {
		w.left(c, f)
	}
	w.cars[c] = w.newCar(c)
	w.inspect[c].restarted(&w.fold.Cars[c], w.now)
	w.restoreCar(c)
}

// restoreCar tells a car that has done nothing what it was.
func (w *world) restoreCar(c elevator.CarIndex) {
	state := w.fold.Cars[c]
	m := NewMessage(RestoreCar)
	m.Restored, m.Floor, m.Faults = &state, w.recall, w.broken[c]
	for _, id := range state.Riders {
		j, _ := w.fold.Journey(id)
		m.Passengers = append(m.Passengers, j.Passenger)
	}
	w.toCar(c, m)
	for _, call := range w.fold.Calls {
		if call.Car == c {
			w.tell(c, Assign, call.Key)
		}
	}
}

// restartLanding replaces a landing's task.
func (w *world) restartLanding(f elevator.FloorIndex) {
	w.drop(func(l link) bool { return l.landing == int(f) })
	w.landings[f] = NewLanding(w.b, f)
	m := NewMessage(RestoreLanding)
	gone := map[elevator.PassengerID]bool{}
	w.fold.EachJourney(func(j *elevator.Journey) {
		gone[j.Passenger.ID] = true
		if j.Car == elevator.NoCar && j.Passenger.Floor == f {
			m.Passengers = append(m.Passengers, j.Passenger)
		}
	})
	slices.SortFunc(m.Passengers, func(a, b elevator.Passenger) int { return int(a.ID - b.ID) })
	for _, e := range w.events {
		if e.Kind == elevator.PassengerArrived {
			gone[e.Passenger] = true
		}
	}
	m.Report = new(Report)
	for _, call := range w.fold.Calls {
		if call.Key.Floor != f {
			continue
		}
		m.Lamps = append(m.Lamps, call.Key)
		if call.Key.To != elevator.NoFloor && call.Car != elevator.NoCar {
			m.Report.Promises = append(m.Report.Promises, Promise{To: call.Key.To, Car: call.Car, Persons: len(m.Passengers)})
		}
	}
	for c, stops := range w.stops {
		if stop, open := stops[f]; open {
			m.Report.Stops = append(m.Report.Stops, w.stopAt(f, elevator.CarIndex(c), stop))
		}
	}
	w.toLanding(f, m)
	for _, p := range w.expected {
		if p.Floor == f && !gone[p.ID] {
			again := NewMessage(Expect)
			again.Passengers = []elevator.Passenger{p}
			w.toLanding(f, again)
		}
	}
}

// stopAt is what a landing that has answered a car knows of it.
func (w *world) stopAt(f elevator.FloorIndex, c elevator.CarIndex, stop uint32) CarStop {
	car := &w.fold.Cars[c]
	s := CarStop{
		Car: c, Stop: stop, Direction: car.Direction,
		RoomPersons: w.b.Cars[c].CapacityPersons - len(car.Riders), RoomKg: w.b.RatedKg(c) - car.LoadKg,
	}
	for id, to := range w.offered {
		if j, ok := w.fold.Journey(id); ok && to == c && j.Car == elevator.NoCar && j.Passenger.Floor == f {
			s.Boarding = append(s.Boarding, id)
			s.RoomPersons--
			s.RoomKg -= w.b.CountedKg(c, &j.Passenger)
		}
	}
	slices.Sort(s.Boarding)
	return s
}

func (w *world) drop(on func(link) bool) {
	w.packets = slices.DeleteFunc(w.packets, func(p packet) bool { return on(p.link) })
}
