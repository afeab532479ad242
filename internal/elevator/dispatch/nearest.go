package dispatch

import (
	"time"

	"elevator/internal/elevator"
)

// nearestCar gives each new call to the car with the highest figure of
// suitability and leaves it there: with N floors above the lowest and the car d
// floors from the call, N + 2 − d for a car on its way towards the call in the
// call's direction, N + 1 − d for one on its way towards it that will answer
// against its direction and for a car that stands idle, and 1 for a car on its
// way away from it (Barney and dos Santos, Elevator Traffic Analysis, Design and
// Control). A call changes cars only when its car leaves the group or is full.
type nearestCar struct{}

func newNearestCar(Plant) Dispatcher { return nearestCar{} }

func (nearestCar) Name() string { return "nearest-car" }

func (nearestCar) Wake(*View) (time.Duration, bool) { return 0, false }

func (nearestCar) Dispatch(v *View, out []Decision) []Decision {
	if v.Changed&(CallsChanged|ServiceChanged) == 0 {
		return out
	}
	for i := range v.Calls {
		call := &v.Calls[i]
		if c := call.Car; c != elevator.NoCar && v.Able(c, call.Key) && !v.Cars[c].Full {
			continue
		}
		if c := mostSuitable(v, call.Key); c != elevator.NoCar && c != call.Car {
			out = append(out, Give(call.Key, c))
		}
	}
	return out
}

func mostSuitable(v *View, call elevator.CallKey) elevator.CarIndex {
	best, highest := elevator.NoCar, -1
	available := v.Available(call)
	for i := range v.Cars {
		car := &v.Cars[i]
		if !available.Has(elevator.CarIndex(i)) {
			continue
		}
		fs := suitability(car, call, len(v.Building.Floors)-1)
		if car.Full {
			fs = 0
		}
		if fs > highest {
			best, highest = elevator.CarIndex(i), fs
		}
	}
	return best
}

func suitability(car *CarView, call elevator.CallKey, n int) int {
	d := int(floorsBetween(car.Floor, call.Floor))
	switch toward := elevator.Toward(car.Floor, call.Floor); {
	case car.Idle() || car.Direction == elevator.None:
		return n + 1 - d
	case toward != elevator.None && toward != car.Direction:
		return 1
	case toward == elevator.None && car.Moving:
		return 1
	case car.Direction == call.Direction:
		return n + 2 - d
	default:
		return n + 1 - d
	}
}
