package group

import (
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/control"
	"elevator/internal/elevator/dispatch"
)

// openStop is the last announcement of a car at one floor, where its doors have
// not been seen to close since.
type openStop struct {
	stop      uint32
	floor     elevator.FloorIndex
	direction elevator.Direction
	room      bool
	answered  uint32  // the last announcement that the landing has answered; 0: none
	persons   int     // for how many there is room beside those who were sent
	kg        float64 // and for how much
}

// openStops are the stops of one car, the oldest first. There is more than one
// only while the events of earlier stops are still held back.
type openStops struct {
	stops [4]openStop
	n     int
	sent  []sent // passengers sent to these stops
	heard uint32 // the car's last announcement

	floor     elevator.FloorIndex // of the last announcement since the car departed, or NoFloor
	direction elevator.Direction  // announced there
}

// at returns the oldest open stop at floor f, or nil.
func (o *openStops) at(f elevator.FloorIndex) *openStop {
	for i := range o.n {
		if o.stops[i].floor == f {
			return &o.stops[i]
		}
	}
	return nil
}

// last returns the newest open stop, or nil.
func (o *openStops) last() *openStop {
	if o.n == 0 {
		return nil
	}
	return &o.stops[o.n-1]
}

// add puts a stop at the end. A car that announces itself again at the same
// floor, for somebody who came late, renews its stop. The oldest gives way when
// there is no room.
func (o *openStops) add(s openStop) {
	if last := o.last(); last != nil && last.floor == s.floor {
		s.answered = last.answered
		*last = s
		return
	}
	if o.n == len(o.stops) {
		o.forget(o.stops[0].floor)
		copy(o.stops[:], o.stops[1:])
		o.n--
	}
	o.stops[o.n] = s
	o.n++
}

// take removes the oldest stop at floor f and returns it.
func (o *openStops) take(f elevator.FloorIndex) (openStop, bool) {
	for i := range o.n {
		if s := o.stops[i]; s.floor == f {
			copy(o.stops[i:], o.stops[i+1:o.n])
			o.n--
			o.forget(f)
			return s, true
		}
	}
	return openStop{}, false
}

// carMessage takes what a car says: that its doors begin to open and whom it
// has room for.
func (c *Control) carMessage(now time.Duration, car elevator.CarIndex, m *control.Message, out []Output) []Output {
	switch m.Kind {
	case control.Announce:
	case control.Know:
		return c.carReport(now, car, m, out)
	default:
		return refuse(out, "car %d sent a message of kind %d, want an announcement", car, m.Kind)
	}
	if m.Floor < 0 || int(m.Floor) >= len(c.building.Floors) {
		return refuse(out, "car %d announces itself at floor %d of %d", car, m.Floor, len(c.building.Floors))
	}
	if m.Stop <= c.open[car].heard {
		return out // said before
	}
	passesBy := c.rescues.passesBy(car, m.Floor, m.Direction)
	room := m.RoomPersons
	if passesBy {
		room = 0
	}
	c.open[car].heard, c.open[car].floor, c.open[car].direction = m.Stop, m.Floor, m.Direction
	c.open[car].add(openStop{
		stop: m.Stop, floor: m.Floor, direction: m.Direction, room: room > 0, persons: room, kg: m.RoomKg,
	})
	if d := c.directionOf(car); d != c.view.Cars[car].Direction {
		c.view.Cars[car].Direction = d
		c.view.Changed |= dispatch.MotionChanged
	}
	if room > 0 {
		c.refusals.visited(now, car, m.Floor, m.Direction)
	}
	if c.promiser == nil && c.building.DestinationAt(m.Floor) {
		out = c.showFirst(car, m.Floor, m.Direction, out)
	}
	out = append(out, Output{To: Landing, Index: int(m.Floor), Message: *m})
	out[len(out)-1].Message.RoomPersons = room
	switch {
	case passesBy: // whoever waits there waits on
	case c.loads(m):
		// The landing's answer says who of them goes along: see panelAnswered.
		out[len(out)-1].Message.Floors = c.load(m)
	default:
		return c.answer(now, car, m.Floor, m.Direction, out)
	}
	return out
}

// loads reports whether a car asks in those alone who were promised it.
func (c *Control) loads(announced *control.Message) bool {
	return c.promiser != nil && c.building.DestinationAt(announced.Floor) && announced.Direction != elevator.None
}

// load returns the destinations to which a car takes people along that was promised to
// them.
func (c *Control) load(announced *control.Message) elevator.FloorSet {
	take := c.promiser.Load(announced.Car, announced.Floor, announced.Direction)
	if take.Empty() {
		take.Add(announced.Floor) // nobody
	}
	return take
}

// answer puts out the calls that a car opening at floor f in direction d is
// there for: all of them with up and down buttons, those promised to it where
// passengers were given a car. A car that opens without a direction answers
// none; it is given the oldest call there, and announces itself again for it.
func (c *Control) answer(now time.Duration, car elevator.CarIndex, f elevator.FloorIndex, d elevator.Direction, out []Output) []Output {
	if d == elevator.None {
		return c.invite(now, car, f, out)
	}
	for i := 0; i < len(c.group.Calls); {
		call := c.group.Calls[i]
		if call.Key.Floor != f || call.Key.Direction != d ||
			call.Key.To != elevator.NoFloor && !call.Cars.Has(car) {
			i++
			continue
		}
		out = c.putOut(now, &call, car, out)
	}
	return out
}

// putOut journals that a car answers a call, puts its lamp out and tells the
// other cars.
func (c *Control) putOut(now time.Duration, call *elevator.LandingCall, car elevator.CarIndex, out []Output) []Output {
	if call.Car != car {
		out = c.assigned(now, call.Key, car, call.Cars.With(car), out)
	}
	for other := range call.Cars.Without(car).All() {
		out = c.tellCar(other, control.Unassign, call.Key, out)
	}
	c.viewAssigned(call.Key, call.Cars.With(car), 0)
	e := callEvent(now, elevator.LandingCallAnswered, call.Key)
	e.Car = car
	out = c.journal(&e, out)
	c.view.Changed |= dispatch.CallsChanged
	return c.lamp(call.Key, false, car, out)
}

// invite gives the oldest call at floor f to a car that stands there open
// without a direction.
func (c *Control) invite(now time.Duration, car elevator.CarIndex, f elevator.FloorIndex, out []Output) []Output {
	for i := range c.group.Calls {
		call := &c.group.Calls[i]
		if call.Key.Floor == f && call.Key.To == elevator.NoFloor && (c.view.Cars[car].InGroup || c.rescues.goesFor(car, call.Key)) && !c.refusals.has(car, call.Key) {
			return c.giveOne(now, call.Key, car, out)
		}
	}
	return out
}

// tellLeft tells the landing that the car has closed its doors there.
func (c *Control) tellLeft(car elevator.CarIndex, f elevator.FloorIndex, out []Output) []Output {
	s, ok := c.open[car].take(f)
	if !ok {
		return out
	}
	out, m := send(Landing, int(f), control.Left, out)
	m.Car, m.Stop = car, s.stop
	if c.promiser != nil {
		c.promiser.Left(car)
	}
	// The car takes every call of a landing for answered when it opens; those
	// it was promised for later, if only by a dispatcher that is no longer in
	// charge, it is told again.
	for i := range c.group.Calls {
		call := &c.group.Calls[i]
		if call.Key.Floor == f && call.Key.To != elevator.NoFloor && call.Cars.Has(car) {
			out = c.tellCar(car, control.Assign, call.Key, out)
		}
	}
	return out
}

// tellAllLeft ends every stop of a car that is gone: whoever has not boarded
// waits again.
func (c *Control) tellAllLeft(car elevator.CarIndex, out []Output) []Output {
	c.open[car].floor = elevator.NoFloor
	for c.open[car].n > 0 {
		out = c.tellLeft(car, c.open[car].stops[0].floor, out)
	}
	return out
}

// standing returns the car that stands open at the call's floor with room and
// would travel its way, or NoCar.
func (c *Control) standing(call elevator.CallKey) elevator.CarIndex {
	for i := range c.open {
		s := c.open[i].last()
		if s == nil || s.floor != call.Floor || !s.room || !c.view.Cars[i].InGroup || c.refusals.has(elevator.CarIndex(i), call) {
			continue
		}
		if s.direction != elevator.None && s.direction != call.Direction {
			continue
		}
		if d := c.group.Cars[i].Doors; d == elevator.DoorsAreOpen || d == elevator.DoorsAreOpening {
			return elevator.CarIndex(i)
		}
	}
	return elevator.NoCar
}
