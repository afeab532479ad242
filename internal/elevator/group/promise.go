package group

import (
	"slices"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/control"
	"elevator/internal/elevator/dispatch"
)

// promised reports whether whoever waits behind the call was promised a car of
// their own.
func (c *Control) promised(key elevator.CallKey) bool {
	return c.promiser != nil && key.To != elevator.NoFloor
}

// promises reports whether the decision promises somebody a car.
func (c *Control) promises(d *dispatch.Decision) bool {
	return d.Park == elevator.NoCar && c.promised(d.Call) && c.group.CallIndex(d.Call) >= 0
}

// tellPromised tells a landing the car that was promised to those who keyed in a
// destination.
func (c *Control) tellPromised(d *dispatch.Decision, out []Output) []Output {
	out = c.lamp(d.Call, true, d.Main, out)
	m := &out[len(out)-1].Message
	m.RoomPersons, m.Instead = d.Promise, d.Instead
	return out
}

// resumePromises tells the dispatcher that has taken charge whom the one before it
// had promised a car. Where there was none, the journal knows the cars that go for a
// call but not how many wait for which of them: that a landing says in its report.
func (c *Control) resumePromises(before dispatch.Promiser) {
	for i := range c.group.Calls {
		call := &c.group.Calls[i]
		if call.Key.To == elevator.NoFloor {
			continue
		}
		for car := range call.Cars.All() {
			persons := 1
			switch {
			case before != nil:
				persons = before.Waiting(call.Key, car)
			case call.Cars.Len() == 1:
				persons = max(1, c.waitingBehind(call.Key))
			}
			c.promiser.Resume(call.Key, car, persons)
		}
	}
	for car := range c.open {
		if s := c.open[car].last(); s != nil && s.direction != elevator.None && c.building.DestinationAt(s.floor) {
			c.promiser.Load(elevator.CarIndex(car), s.floor, s.direction)
		}
	}
}

// waitingBehind counts the people who wait behind a destination.
func (c *Control) waitingBehind(key elevator.CallKey) int {
	n := 0
	c.group.EachJourney(func(j *elevator.Journey) {
		if j.Car == elevator.NoCar && j.Passenger.Floor == key.Floor && j.Passenger.To == key.To {
			n++
		}
	})
	return n
}

// showOneCar tells those who were promised cars of their own by a dispatcher that is
// no longer in charge the one car that their call shows.
func (c *Control) showOneCar(out []Output) []Output {
	for i := range c.group.Calls {
		if call := &c.group.Calls[i]; call.Key.To != elevator.NoFloor && call.Car != elevator.NoCar {
			out = c.lamp(call.Key, true, call.Car, out)
		}
	}
	return out
}

// showFirst tells those who wait for one of several cars that go for their call, and
// have been told another one, that this one has come first.
func (c *Control) showFirst(car elevator.CarIndex, f elevator.FloorIndex, d elevator.Direction, out []Output) []Output {
	for i := range c.group.Calls {
		call := &c.group.Calls[i]
		if call.Key.Floor == f && call.Key.Direction == d && call.Key.To != elevator.NoFloor && call.Car != car && call.Cars.Has(car) {
			out = c.lamp(call.Key, true, car, out)
		}
	}
	return out
}

// promisesReported takes over what people at a landing were told by a dispatcher
// before this one, and lights the calls again that the journal has lost.
func (c *Control) promisesReported(now time.Duration, f elevator.FloorIndex, promises []control.Promise, out []Output) []Output {
	for _, p := range promises {
		if !c.building.IsJourney(f, p.To) || p.Car < 0 || int(p.Car) >= len(c.group.Cars) || !c.building.DestinationAt(f) {
			continue
		}
		key := elevator.DestinationCall(f, p.To)
		if c.group.CallIndex(key) < 0 {
			e := callEvent(now, elevator.LandingCallRegistered, key)
			out = c.journal(&e, out)
			c.view.Changed |= dispatch.CallsChanged
		}
		call := c.group.Calls[c.group.CallIndex(key)]
		switch {
		case c.promiser != nil:
			persons := p.Persons
			if c.asked {
				// The report may be older than the latest promises.
				persons = max(persons, c.promiser.Waiting(key, p.Car))
			}
			c.promiser.Resume(key, p.Car, persons)
			if !call.Cars.Has(p.Car) {
				cars := call.Cars.With(p.Car)
				out = c.assignMore(key, cars, out)
				out = c.give(now, key, cars, p.Car, out)
			}
		case call.Car != p.Car && call.Car != elevator.NoCar:
			out = c.lamp(key, true, call.Car, out)
		}
	}
	return out
}

// promisesAt returns what people at a landing with a destination panel were told.
func (c *Control) promisesAt(f elevator.FloorIndex) []control.Promise {
	var promises []control.Promise
	for i := range c.group.Calls {
		call := &c.group.Calls[i]
		if call.Key.Floor != f || call.Key.To == elevator.NoFloor {
			continue
		}
		for car := range call.Cars.All() {
			persons := 0
			switch {
			case c.promiser != nil:
				persons = c.promiser.Waiting(call.Key, car)
			case car == call.Car:
				persons = c.waitingBehind(call.Key)
			}
			if persons > 0 {
				promises = append(promises, control.Promise{To: call.Key.To, Car: car, Persons: persons})
			}
		}
	}
	return promises
}

// panelAnswered takes what a landing with a destination panel has answered to a
// car's announcement: those of c.boarders go along; behind are the destinations of
// those who were promised the car and find it full. They wait until it comes again.
// So the lamp of a destination goes out when nobody waits behind it any more, and a
// car goes for it as long as somebody waits for that car.
func (c *Control) panelAnswered(now time.Duration, car elevator.CarIndex, stop *openStop, behind elevator.FloorSet, out []Output) []Output {
	c.along = c.along[:0]
	for i := range c.boarders {
		c.along = append(c.along, c.boarders[i].To)
	}
	c.promiser.Board(car, c.along, behind)
	if len(c.along) > 0 {
		out = c.tookAlong(now, car, stop.floor, stop.direction, out)
	}
	return c.settlePromises(now, car, stop.floor, stop.direction, out)
}

// settlePromises takes the car off the calls of a landing behind which nobody
// waits for it any more, and puts out those behind which nobody waits at all.
func (c *Control) settlePromises(now time.Duration, car elevator.CarIndex, f elevator.FloorIndex, d elevator.Direction, out []Output) []Output {
	for i := 0; i < len(c.group.Calls); i++ {
		call := c.group.Calls[i]
		if call.Key.Floor != f || call.Key.Direction != d || call.Key.To == elevator.NoFloor || !call.Cars.Has(car) {
			continue
		}
		cars := c.promiser.Promised(call.Key)
		switch {
		case slices.Contains(c.view.Pressed, call.Key): // somebody has no car yet
		case cars == 0:
			out = c.putOut(now, &call, car, out)
			i-- // it is gone
		case !cars.Has(car):
			main := call.Car
			if main == car {
				main = cars.First()
			}
			out = c.give(now, call.Key, call.Cars.Without(car).With(main), main, out)
		}
	}
	return out
}

// neverAnswered ends the promises of a car that leaves a landing without having
// had an answer: it would open there again and again. Whoever waits there all the
// same keys in again.
func (c *Control) neverAnswered(now time.Duration, car elevator.CarIndex, f elevator.FloorIndex, out []Output) []Output {
	stop := c.open[car].at(f)
	if c.promiser == nil || stop == nil || stop.answered != 0 || !c.building.DestinationAt(f) {
		return out
	}
	c.boarders = c.boarders[:0]
	return c.panelAnswered(now, car, stop, elevator.FloorSet{}, out)
}
