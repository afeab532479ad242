package dispatch

import (
	"math/bits"
	"time"

	"elevator/internal/elevator"
)

// uncoordinated: every car, by itself, goes for every landing call. Whichever
// opens its doors first for that direction answers it, and the others no longer
// go there. This is collective control of each car without a group control, the
// baseline that Bao et al. (1994) and Crites and Barto (1996) print as "basic
// highest unanswered floor first".
type uncoordinated struct{}

func newUncoordinated(Plant) Dispatcher { return uncoordinated{} }

func (uncoordinated) Name() string { return "uncoordinated" }

func (uncoordinated) Wake(*View) (time.Duration, bool) { return 0, false }

func (uncoordinated) Dispatch(v *View, out []Decision) []Decision {
	if v.Changed&(CallsChanged|ServiceChanged) == 0 {
		return out
	}
	for i := range v.Calls {
		call := &v.Calls[i]
		cars := v.Available(call.Key)
		if cars == 0 || cars == call.Cars {
			continue
		}
		main := call.Car
		if !cars.Has(main) {
			main = nearest(v, cars, call.Key.Floor)
		}
		out = append(out, Decision{Call: call.Key, Cars: cars, Main: main, Park: elevator.NoCar})
	}
	return out
}

// nearest returns the car of the set that stands, or left last, the fewest
// floors from f; the lowest index among equals; NoCar from an empty set.
func nearest(v *View, cars elevator.CarSet, f elevator.FloorIndex) elevator.CarIndex {
	best, least := elevator.NoCar, elevator.FloorIndex(elevator.MaxFloors)
	for set := uint64(cars); set != 0; set &= set - 1 {
		c := bits.TrailingZeros64(set)
		if d := floorsBetween(v.Cars[c].Floor, f); d < least {
			best, least = elevator.CarIndex(c), d
		}
	}
	return best
}

func floorsBetween(a, b elevator.FloorIndex) elevator.FloorIndex { return max(a-b, b-a) }
