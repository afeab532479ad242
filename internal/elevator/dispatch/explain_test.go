package dispatch

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"elevator/internal/elevator"
)

// What a car would cost is what its plan with the call costs more than its plan
// without it.
func TestBidsAreTheCostOfPlans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := testPlant(12, 4)
		v := drawView(t, p)
		v.Calls = v.Calls[:1]
		bids, other := Explain(newETA(p), v)[0], newTunedETA(p, defaultTuning())
		other.read(v)
		for c := range bids {
			with, without := other.cost(&other.starts[c], 1, unlimited), 0.0
			if !other.starts[c].unoccupied() {
				without = other.cost(&other.starts[c], 0, unlimited)
			}
			if math.Abs(bids[c].Cost-(with-without)) > 1e-6 {
				t.Errorf("car %d: %v, want %v − %v", c, bids[c].Cost, with, without)
			}
		}
	})
}

// The car that nearest-car chooses is the cheapest.
func TestTheChosenCarIsTheCheapest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := testPlant(12, 4)
		v, d := drawView(t, p), newNearestCar(p)
		all := Explain(d, v)
		for i, call := range v.Calls {
			chosen := given(d.Dispatch(v, nil), call.Key)
			for _, bid := range all[i] {
				if bid.Cost < all[i][chosen].Cost {
					t.Errorf("chose car %d at %v, but car %d costs %v", chosen, all[i][chosen].Cost, bid.Car, bid.Cost)
				}
			}
		}
	})
}

// Whoever asks for reasons changes no decision.
func TestExplainingDecidesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := testPlant(12, 4)
		v := drawView(t, p)
		asked, left := newETA(p), newETA(p)
		for range 3 {
			Explain(asked, v)
			got, want := asked.Dispatch(v, nil), left.Dispatch(v, nil)
			if len(got) != len(want) {
				t.Fatalf("decides %v, unasked %v", got, want)
			}
			for i := range got {
				if got[i] != want[i] {
					t.Fatalf("decides %v, unasked %v", got[i], want[i])
				}
			}
			v.Now += time.Second
			v.Changed = MotionChanged | CallsChanged
		}
	})
}

func TestUnfitCarsSayWhy(t *testing.T) {
	p := testPlant(8, 3)
	p.Building.Cars[1].Serves = elevator.FloorSet{}
	p.Building.Cars[1].Serves.Add(0)
	v := testView(p, 0, 0, 0)
	v.Cars[2].InGroup = false
	v.call(4, elevator.Down)
	bids := Explain(newETA(p), v)[0]
	for c, want := range []string{"", "does not serve the floor", "not in the group"} {
		if bids[c].Unfit != want || math.IsNaN(bids[c].Cost) != (want != "") {
			t.Errorf("car %d: %+v, want %q", c, bids[c], want)
		}
	}
	if silent := Explain(newUncoordinated(p), v)[0][0]; !math.IsNaN(silent.Cost) || silent.Unfit != "" {
		t.Errorf("a dispatcher that says nothing: %+v", silent)
	}
}
