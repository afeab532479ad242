package group

import (
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/control"
	"elevator/internal/elevator/dispatch"
)

// landingMessage takes what a landing says: a button, or the passengers who
// will board an announced car.
func (c *Control) landingMessage(now time.Duration, f elevator.FloorIndex, m *control.Message, out []Output) []Output {
	switch m.Kind {
	case control.Button:
		key := elevator.CallKey{Floor: f, To: m.To, Direction: m.Direction}
		if m.To != elevator.NoFloor {
			key = elevator.DestinationCall(f, m.To)
		}
		if next := f + elevator.FloorIndex(key.Direction); next == f || next < 0 || int(next) == len(c.building.Floors) {
			return refuse(out, "landing %d sent a button that leads nowhere", f)
		}
		if panel := c.building.DestinationAt(f); panel != (key.To != elevator.NoFloor) {
			return refuse(out, "landing %d, with a destination panel: %v, sent a call for floor %d", f, panel, key.To)
		}
		return c.register(now, key, out)
	case control.Board:
		if m.Car < 0 || int(m.Car) >= len(c.group.Cars) {
			return refuse(out, "landing %d sends passengers to car %d of %d", f, m.Car, len(c.group.Cars))
		}
		return c.board(now, f, m, out)
	case control.Know:
		return c.landingReport(now, f, m, out)
	}
	return refuse(out, "landing %d sent a message of kind %d, want a button or passengers", f, m.Kind)
}

// register lights a call, and gives it at once to a car that stands open for it.
func (c *Control) register(now time.Duration, key elevator.CallKey, out []Output) []Output {
	if c.group.LockedLandings.Has(key.Floor) {
		return out
	}
	if i := c.group.CallIndex(key); i >= 0 {
		// The lamp's message was lost on its way, or somebody else keys in the
		// same destination.
		if car := c.group.Calls[i].Car; c.promiser == nil || key.To == elevator.NoFloor {
			out = c.lamp(key, true, car, out)
		}
	} else {
		c.refusals.pressed(now, key)
		e := callEvent(now, elevator.LandingCallRegistered, key)
		out = c.journal(&e, out)
		out = c.lamp(key, true, elevator.NoCar, out)
		c.view.Changed |= dispatch.CallsChanged
	}
	if key.To != elevator.NoFloor {
		if c.promiser != nil {
			c.view.Pressed = append(c.view.Pressed, key)
			c.view.Changed |= dispatch.CallsChanged
		}
		return out
	}
	if car := c.standing(key); car != elevator.NoCar {
		return c.giveOne(now, key, car, out)
	}
	return out
}

// giveOne makes one car alone go for the call.
func (c *Control) giveOne(now time.Duration, key elevator.CallKey, car elevator.CarIndex, out []Output) []Output {
	cars := elevator.CarSet(0).With(car)
	out = c.assignMore(key, cars, out)
	return c.give(now, key, cars, car, out)
}

// park tells a car where to wait.
func (c *Control) park(car elevator.CarIndex, f elevator.FloorIndex, out []Output) []Output {
	if c.view.Cars[car].Parking == f {
		return out
	}
	c.view.Cars[car].Parking = f
	out, m := send(Car, int(car), control.Park, out)
	m.Floor = f
	return out
}

// assignMore tells the cars of the set that do not go for the call yet.
func (c *Control) assignMore(key elevator.CallKey, cars elevator.CarSet, out []Output) []Output {
	i := c.group.CallIndex(key)
	if i < 0 {
		return out
	}
	for car := range (cars &^ c.group.Calls[i].Cars).All() {
		out = c.tellCar(car, control.Assign, key, out)
	}
	return out
}

// give makes the cars of the set, which know of it, and no others go for the
// call.
func (c *Control) give(now time.Duration, key elevator.CallKey, cars elevator.CarSet, main elevator.CarIndex, out []Output) []Output {
	i := c.group.CallIndex(key)
	if i < 0 {
		return out
	}
	before, shown := c.group.Calls[i].Cars, c.group.Calls[i].Car
	for car := range (before &^ cars).All() {
		out = c.tellCar(car, control.Unassign, key, out)
	}
	if c.promised(key) {
		c.rescues.owe(now, key, &c.view, cars&^before)
	}
	c.viewAssigned(key, before, cars)
	if cars == before && main == shown {
		return out
	}
	if key.To != elevator.NoFloor && main != shown && c.promiser == nil {
		out = c.lamp(key, true, main, out)
	}
	return c.assigned(now, key, main, cars, out)
}

// assigned journals who goes for a call.
func (c *Control) assigned(now time.Duration, key elevator.CallKey, main elevator.CarIndex, cars elevator.CarSet, out []Output) []Output {
	e := callEvent(now, elevator.LandingCallAssigned, key)
	e.Car, e.Cars = main, cars
	return c.journal(&e, out)
}

// tellCar tells a car about a call: to let it go, or to go for it unless it is on its
// way to rescue another; then it is told later.
func (c *Control) tellCar(car elevator.CarIndex, kind control.MessageKind, key elevator.CallKey, out []Output) []Output {
	if kind == control.Assign && c.rescues.passesBy(car, key.Floor, key.Direction) {
		return out
	}
	out, m := send(Car, int(car), kind, out)
	m.Floor, m.To, m.Direction = key.Floor, key.To, key.Direction
	return out
}

func (c *Control) lamp(key elevator.CallKey, on bool, car elevator.CarIndex, out []Output) []Output {
	out, m := send(Landing, int(key.Floor), control.Lamp, out)
	m.Floor, m.To, m.Direction, m.On, m.Car = key.Floor, key.To, key.Direction, on, car
	return out
}

// viewAssigned moves a call from the cars it had to those it has now.
func (c *Control) viewAssigned(key elevator.CallKey, before, now elevator.CarSet) {
	side := dispatch.Side(key.Direction)
	for car := range (before &^ now).All() {
		if !c.hasOther(key, car) {
			c.view.Cars[car].Assigned[side].Remove(key.Floor)
		}
	}
	for car := range (now &^ before).All() {
		c.view.Cars[car].Assigned[side].Add(key.Floor)
	}
}

// hasOther reports whether the car goes for another call of the same floor and
// direction, which only destination calls have.
func (c *Control) hasOther(key elevator.CallKey, car elevator.CarIndex) bool {
	if key.To == elevator.NoFloor {
		return false
	}
	for i := range c.group.Calls {
		call := &c.group.Calls[i]
		if call.Key != key && call.Key.Floor == key.Floor && call.Key.Direction == key.Direction && call.Cars.Has(car) {
			return true
		}
	}
	return false
}

func callEvent(now time.Duration, kind elevator.EventKind, key elevator.CallKey) elevator.Event {
	e := elevator.NewEvent(now, kind)
	e.Floor, e.To, e.Direction = key.Floor, key.To, key.Direction
	return e
}
