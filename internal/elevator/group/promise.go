package group

import (
	"slices"
	"time"

	"elevator/internal/elevator"
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

// panelAnswered takes what a landing with a destination panel has answered to a
// car's announcement: those of c.boarders go along; behind are the destinations of
// those who were promised the car and find it full. They wait until it comes again.
// So the lamp of a destination goes out when nobody waits behind it any more, and a
// car goes for it as long as somebody waits for that car.
func (c *Control) panelAnswered(now time.Duration, car elevator.CarIndex, stop *openStop, answer uint32, behind elevator.FloorSet, out []Output) []Output {
	if answer <= stop.answered {
		return out // said before
	}
	stop.answered = answer
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
	return c.panelAnswered(now, car, stop, stop.stop, elevator.FloorSet{}, out)
}
