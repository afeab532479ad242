package dispatch

import (
	"math/bits"
	"time"

	"elevator/internal/elevator"
)

// original is the rule of the example this project descends from. Once a
// second it gives every waiting call to the first car that moves its way and
// has it ahead; where no car moves that way it sends at most one idle car to the
// lowest up call and one to the highest down call. What a car was given stays
// with it. (The example knew neither doors nor loads; those are this project's.)
type original struct{ next time.Duration }

// originalTick is the period of the example's dispatcher.
const originalTick = time.Second

func newOriginal(Plant) Dispatcher { return &original{} }

func (*original) Name() string { return "original" }

func (o *original) Wake(v *View) (time.Duration, bool) {
	for i := range v.Calls {
		if !served(v, &v.Calls[i]) {
			return o.next, true
		}
	}
	return 0, false
}

func (o *original) Dispatch(v *View, out []Decision) []Decision {
	if v.Now < o.next {
		return out
	}
	o.next = v.Now + originalTick
	var sent elevator.CarSet
	for _, d := range [...]elevator.Direction{elevator.Up, elevator.Down} {
		moving := elevator.CarSet(0)
		for i := range v.Cars {
			if car := &v.Cars[i]; car.InGroup && !car.Idle() && car.Direction == d {
				moving = moving.With(elevator.CarIndex(i))
			}
		}
		far := elevator.NoFloor
		for i := range v.Calls {
			call := &v.Calls[i]
			if call.Key.Direction != d || served(v, call) {
				continue
			}
			if c := firstWithAhead(v, moving&v.Available(call.Key), call.Key.Floor, d); c != elevator.NoCar {
				out = append(out, Give(call.Key, c))
			} else if far == elevator.NoFloor || elevator.Toward(far, call.Key.Floor) == -d {
				far = call.Key.Floor
			}
		}
		if moving != 0 || far == elevator.NoFloor {
			continue
		}
		key := callAt(v, far, d)
		for c := range v.Available(key).All() {
			if v.Cars[c].Idle() && !sent.Has(c) {
				sent = sent.With(c)
				out = append(out, Give(key, c))
				break
			}
		}
	}
	return out
}

// served reports whether a car of the group goes for the call.
func served(v *View, call *elevator.LandingCall) bool {
	return call.Car != elevator.NoCar && v.Able(call.Car, call.Key)
}

// firstWithAhead returns the first car of the set that, on its way in direction
// d, has not passed floor f.
func firstWithAhead(v *View, cars elevator.CarSet, f elevator.FloorIndex, d elevator.Direction) elevator.CarIndex {
	for set := uint64(cars); set != 0; set &= set - 1 {
		c := bits.TrailingZeros64(set)
		if elevator.Toward(v.Cars[c].Floor, f) == d {
			return elevator.CarIndex(c)
		}
	}
	return elevator.NoCar
}

// callAt returns the key of the oldest lit call at floor f in direction d.
func callAt(v *View, f elevator.FloorIndex, d elevator.Direction) elevator.CallKey {
	for i := range v.Calls {
		if k := v.Calls[i].Key; k.Floor == f && k.Direction == d {
			return k
		}
	}
	return elevator.ConventionalCall(f, d)
}
