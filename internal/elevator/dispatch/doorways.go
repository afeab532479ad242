package dispatch

import "elevator/internal/elevator"

// enoughDoors is the share of what cars one after the other can take aboard at a
// landing from which on a second car loads beside the first, and one more for
// each time as much.
const enoughDoors = 0.35

// beside adds cars to the one that goes for call i, idle ones and those that end
// their journey there, where people come faster than they can step in through
// one car's door. A lamp shows one call, however many stand behind it; but those
// who step in are counted, and a landing at which one car after the other fills
// must have more than one queue.
func (e *eta) beside(v *View, i int) elevator.CarSet {
	owner := elevator.CarIndex(e.owner[i])
	cars := elevator.CarSet(0).With(owner)
	call := &e.calls[i]
	perDoor := e.capacity[owner] / (e.open + e.capacity[owner]*e.transfer + e.close)
	for more := int(call.perSecond / (enoughDoors * perDoor)); more > 0; more-- {
		best, soonest := elevator.NoCar, e.open+e.capacity[owner]*e.transfer
		for c := range e.starts {
			car := elevator.CarIndex(c)
			goes := e.empty.Has(car) || e.starts[c].last == call.floor
			if cars.Has(car) || e.masks[c] != 0 || !goes || !e.able[i].Has(car) {
				continue
			}
			t := e.reach[i*len(e.starts)+c]
			if v.Calls[i].Cars.Has(car) {
				t-- // stays where nothing is gained
			}
			if t < soonest {
				best, soonest = car, t
			}
		}
		if best == elevator.NoCar {
			break
		}
		cars = cars.With(best)
	}
	return cars
}
