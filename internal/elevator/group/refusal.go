package group

import (
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/dispatch"
)

// refusalMemory is how soon after a car was there a button must be pressed
// again to show that the car was not wanted.
const refusalMemory = 5 * time.Minute

// refusals remembers, in buildings where not every car serves every floor, which
// cars opened for a call with room and yet the button was pressed again soon: the
// people there want a floor that those cars do not serve. Without it the nearest
// such car would be sent again for ever.
//
// Invariant: of the cars that serve a floor, at least one is not refused there.
type refusals struct {
	serving []elevator.CarSet    // by floor
	cars    [2][]elevator.CarSet // by side and floor
	latest  [2][]visit
}

// visit is the last time that a car with room answered the calls of a landing.
type visit struct {
	car elevator.CarIndex
	at  time.Duration
}

// newRefusals returns nil where every car serves every floor.
func newRefusals(b *elevator.Building) *refusals {
	partial := false
	for i := range b.Cars {
		partial = partial || b.Cars[i].Serves.Len() < len(b.Floors)
	}
	if !partial {
		return nil
	}
	r := &refusals{serving: make([]elevator.CarSet, len(b.Floors))}
	for i := range b.Cars {
		for f := range b.Cars[i].Serves.All() {
			r.serving[f] = r.serving[f].With(elevator.CarIndex(i))
		}
	}
	for side := range r.cars {
		r.cars[side] = make([]elevator.CarSet, len(b.Floors))
		r.latest[side] = make([]visit, len(b.Floors))
		for f := range r.latest[side] {
			r.latest[side][f].car = elevator.NoCar
		}
	}
	return r
}

// visited takes note of a car that stands open for direction d at floor f.
func (r *refusals) visited(now time.Duration, car elevator.CarIndex, f elevator.FloorIndex, d elevator.Direction) {
	if r != nil && d != elevator.None {
		r.latest[dispatch.Side(d)][f] = visit{car, now}
	}
}

// pressed takes note of a button that is pressed.
func (r *refusals) pressed(now time.Duration, key elevator.CallKey) {
	if r == nil {
		return
	}
	side := dispatch.Side(key.Direction)
	last, refused := &r.latest[side][key.Floor], &r.cars[side][key.Floor]
	if last.car == elevator.NoCar {
		return
	}
	if now-last.at > refusalMemory {
		*refused = 0
	}
	*refused = refused.With(last.car)
	if r.serving[key.Floor]&^*refused == 0 {
		// Every car has been there since: the round begins anew.
		*refused = elevator.CarSet(0).With(last.car)
		if r.serving[key.Floor] == *refused {
			*refused = 0
		}
	}
	last.car = elevator.NoCar
}

// has reports whether the car was refused for the call.
func (r *refusals) has(car elevator.CarIndex, key elevator.CallKey) bool {
	return r != nil && r.cars[dispatch.Side(key.Direction)][key.Floor].Has(car)
}
