package group

import (
	"time"

	"elevator/internal/elevator"
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
// A dispatch.Promiser has given its passengers their cars, and answers for them
// itself.
type rescues struct {
	cars  elevator.CarSet
	calls []elevator.CallKey // by car: the call that it goes for, while it is one of cars
}

// goesFor reports whether the car is on its way to rescue the call.
func (r *rescues) goesFor(car elevator.CarIndex, key elevator.CallKey) bool {
	return r.cars.Has(car) && r.calls[car] == key
}

// passesBy reports whether the car, which stands open at floor f to go in
// direction d, takes nobody there because it is on its way to rescue a call.
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

// rescue ends the rescues that are over and begins those that are due.
func (c *Control) rescue(now time.Duration, out []Output) []Output {
	for car := range c.rescues.cars.All() {
		if c.promiser != nil || c.group.CallIndex(c.rescues.calls[car]) < 0 || !c.takesCalls(car) {
			c.rescues.cars = c.rescues.cars.Without(car)
			c.viewCar(car)
		}
	}
	if c.promiser != nil {
		return out
	}
	for i := 0; i < len(c.group.Calls) && now-c.group.Calls[i].RegisteredAt >= starvingAfter; i++ {
		call := c.group.Calls[i]
		if c.rescues.of(call.Key) != elevator.NoCar {
			continue
		}
		car := c.carForRescue(call.Key)
		if car == elevator.NoCar {
			continue
		}
		c.rescues.cars, c.rescues.calls[car] = c.rescues.cars.With(car), call.Key
		c.viewCar(car)
		cars := call.Cars.With(car)
		out = c.assignMore(call.Key, cars, out)
		out = c.give(now, call.Key, cars, car, out)
	}
	return out
}

// carForRescue returns the car that can be at the call without its riders first:
// the one with the fewest people aboard, and among those the nearest; NoCar where
// half of the cars that take calls are on their way to others.
func (c *Control) carForRescue(key elevator.CallKey) elevator.CarIndex {
	best, least, takes := elevator.NoCar, 0, 0
	for i := range c.view.Cars {
		car, v := elevator.CarIndex(i), &c.view.Cars[i]
		if c.takesCalls(car) {
			takes++
		}
		if !c.view.Able(car, key) {
			continue
		}
		cost := v.Persons*len(c.building.Floors) + int(max(v.Floor-key.Floor, key.Floor-v.Floor))
		if best == elevator.NoCar || cost < least {
			best, least = car, cost
		}
	}
	if c.rescues.cars.Len() >= max(1, takes/2) {
		return elevator.NoCar
	}
	return best
}
