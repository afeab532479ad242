package group

import (
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/control"
	"elevator/internal/elevator/dispatch"
)

// starvingAfter is how long a call may be lit before it is rescued. Nobody waits
// so long in a group that can carry its passengers.
const starvingAfter = 10 * time.Minute

// rescues hold the starvation bound, whatever the dispatcher does. In overload a
// call may be passed by full cars for as long as the overload lasts: in down-peak
// those of the lower floors. One that has been lit for starvingAfter gets a car
// that goes for it beside those that the dispatcher gives it. That car takes no
// other call and nobody else until it is there: it brings its riders to their
// floors, and comes empty if it has to. No more than half of the cars do so at a
// time, the oldest calls first. So a call is answered within starvingAfter and the
// two journeys through the building that such a car may need for each older call.
//
// A destination is lit as long as anybody waits for their own car. There every car
// that was promised goes to the rescue itself where it has taken nobody along from
// that landing, that way, for so long. Whoever was promised it elsewhere waits on for
// it.
type rescues struct {
	cars  elevator.CarSet
	calls []elevator.CallKey // by car: the call that it goes for, while it is one of cars

	// By car and landing (see landingIndex): since when those who were promised the
	// car there have seen it take nobody along. Before that, nobody was promised it.
	since [][]time.Duration
}

func newRescues(b *elevator.Building) rescues {
	r := rescues{calls: make([]elevator.CallKey, len(b.Cars)), since: make([][]time.Duration, len(b.Cars))}
	for car := range r.since {
		r.since[car] = make([]time.Duration, 2*len(b.Floors))
	}
	return r
}

// landingIndex is the index in rescues.since of a floor and a direction.
func landingIndex(f elevator.FloorIndex, d elevator.Direction) int {
	return 2*int(f) + dispatch.Side(d)
}

// goesFor reports whether the car is on its way to rescue the call.
func (r *rescues) goesFor(car elevator.CarIndex, key elevator.CallKey) bool {
	return r.cars.Has(car) && r.calls[car] == key
}

// passesBy reports whether the car, which stands open at floor f to go in
// direction d or may be told to go there, takes nobody there because it is on its
// way to rescue a call.
func (r *rescues) passesBy(car elevator.CarIndex, f elevator.FloorIndex, d elevator.Direction) bool {
	if !r.cars.Has(car) {
		return false
	}
	key := &r.calls[car]
	return key.Floor != f || d != elevator.None && d != key.Direction
}

// of returns the car that goes to rescue the call, or NoCar.
func (r *rescues) of(key elevator.CallKey) elevator.CarIndex {
	for car := range r.cars.All() {
		if r.calls[car] == key {
			return car
		}
	}
	return elevator.NoCar
}

// owe takes note of cars that somebody behind the call was promised: where
// nobody else at that landing waits for one that way, its time begins.
func (r *rescues) owe(now time.Duration, key elevator.CallKey, v *dispatch.View, cars elevator.CarSet) {
	for car := range cars.All() {
		if !v.Cars[car].Assigned[dispatch.Side(key.Direction)].Has(key.Floor) {
			r.since[car][landingIndex(key.Floor, key.Direction)] = now
		}
	}
}

// rescue ends the rescues that are over and begins those that are due.
func (c *Control) rescue(now time.Duration, out []Output) []Output {
	for car := range c.rescues.cars.All() {
		i := c.group.CallIndex(c.rescues.calls[car])
		if i < 0 || !c.group.Calls[i].Cars.Has(car) || !c.takesCalls(car) {
			out = c.endRescue(car, out)
		}
	}
	for i := 0; i < len(c.group.Calls) && now-c.group.Calls[i].RegisteredAt >= starvingAfter; i++ {
		call := c.group.Calls[i]
		if c.promised(call.Key) {
			out = c.rescuePromised(now, &call, out)
			continue
		}
		if c.rescues.of(call.Key) != elevator.NoCar {
			continue
		}
		car := c.carForRescue(call.Key)
		if car == elevator.NoCar {
			continue
		}
		out = c.beginRescue(car, call.Key, out)
		cars := call.Cars.With(car)
		out = c.assignMore(call.Key, cars, out)
		out = c.give(now, call.Key, cars, car, out)
	}
	return out
}

// rescuePromised sends to a destination call, of the cars that were promised
// there, those that have taken nobody along for too long.
func (c *Control) rescuePromised(now time.Duration, call *elevator.LandingCall, out []Output) []Output {
	landing := landingIndex(call.Key.Floor, call.Key.Direction)
	for car := range (call.Cars &^ c.rescues.cars).All() {
		since := max(call.RegisteredAt, c.rescues.since[car][landing])
		if now-since >= starvingAfter && c.takesCalls(car) && c.maySpareAnother() {
			out = c.beginRescue(car, call.Key, out)
		}
	}
	return out
}

// beginRescue lets a car go for a call alone. One that people elsewhere were
// promised comes for them later.
func (c *Control) beginRescue(car elevator.CarIndex, key elevator.CallKey, out []Output) []Output {
	c.rescues.cars, c.rescues.calls[car] = c.rescues.cars.With(car), key
	c.viewCar(car)
	if c.promiser == nil {
		return out // the dispatcher gives its calls to others
	}
	for i := range c.group.Calls {
		if call := &c.group.Calls[i]; call.Cars.Has(car) && c.rescues.passesBy(car, call.Key.Floor, call.Key.Direction) {
			out = c.tellCar(car, control.Unassign, call.Key, out)
		}
	}
	return out
}

// endRescue gives the car back to the dispatcher, or to all those who were promised
// it.
func (c *Control) endRescue(car elevator.CarIndex, out []Output) []Output {
	c.rescues.cars = c.rescues.cars.Without(car)
	c.viewCar(car)
	if c.promiser == nil {
		return out
	}
	return c.remind(car, out)
}

// tookAlong takes note that a car has taken somebody along from a landing where it
// was promised, which ends its rescue there.
func (c *Control) tookAlong(now time.Duration, car elevator.CarIndex, f elevator.FloorIndex, d elevator.Direction, out []Output) []Output {
	c.rescues.since[car][landingIndex(f, d)] = now
	if c.rescues.cars.Has(car) && !c.rescues.passesBy(car, f, d) {
		return c.endRescue(car, out)
	}
	return out
}

// maySpareAnother reports whether fewer than half of the cars that take calls are
// on their way to rescue one.
func (c *Control) maySpareAnother() bool {
	takes := 0
	for i := range c.view.Cars {
		if c.takesCalls(elevator.CarIndex(i)) {
			takes++
		}
	}
	return c.rescues.cars.Len() < max(1, takes/2)
}

// carForRescue returns the car that has to bring the fewest people to their floors
// before it is at the call, and among those the nearest; NoCar where half of the
// cars that take calls are on their way to others.
func (c *Control) carForRescue(key elevator.CallKey) elevator.CarIndex {
	if !c.maySpareAnother() {
		return elevator.NoCar
	}
	best, least := elevator.NoCar, 0
	for i := range c.view.Cars {
		car, v := elevator.CarIndex(i), &c.view.Cars[i]
		if !c.view.Able(car, key) || c.rescues.cars.Has(car) {
			continue
		}
		cost := v.Persons*len(c.building.Floors) + int(max(v.Floor-key.Floor, key.Floor-v.Floor))
		if best == elevator.NoCar || cost < least {
			best, least = car, cost
		}
	}
	return best
}
