package sim

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/motion"
)

// Once a run has reached its steady state nothing is allocated for an event: in
// an hour of lunch after three hours of it a queue may grow longer than ever a few
// times, no more.
func TestEngineAllocatesNothingForAnEvent(t *testing.T) {
	b, err := building.Named("lunch20")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range entries(t, "uncoordinated", "nearest-car", "eta") {
		t.Run(d.Name, func(t *testing.T) {
			each, err := steadyAllocations(d, b)
			if err != nil {
				t.Fatal(err)
			}
			if each > 0.001 {
				t.Errorf("%v allocations for an event, want 0.001 at most", each)
			}
		})
	}
}

// Decisions are timed in groups at work: with as many different calls as wanted, the
// oldest first, of which all but the newest get a car where that is wanted, and cars
// in flight on their way to a car call of theirs.
func TestSituationsOfTimedDecisions(t *testing.T) {
	b, err := tower(30, 8)
	if err != nil {
		t.Fatal(err)
	}
	p := dispatch.Plant{Building: b, Law: motion.NewLaw(b)}
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		v := busyView(r, p, 40)
		assign(v, entries(t, "eta")[0].New(p).Dispatch(v, nil))
		lit := map[elevator.CallKey]bool{}
		for i, call := range v.Calls {
			lit[call.Key] = true
			if newest := i == len(v.Calls)-1; newest != (call.Car == elevator.NoCar) {
				t.Errorf("call %d of %d has car %d", i, len(v.Calls), call.Car)
			}
		}
		if oldestFirst := slices.IsSortedFunc(v.Calls, func(a, b elevator.LandingCall) int { return cmp.Compare(a.RegisteredAt, b.RegisteredAt) }); len(lit) != 40 || !oldestFirst {
			t.Errorf("%d different calls, want 40, the oldest first: %v", len(lit), v.Calls)
		}
		for _, car := range v.Cars {
			if car.Moving != !car.CarCalls.Empty() || car.Moving && !car.CarCalls.Has(car.Target) {
				t.Errorf("car %+v flies although it has no car call, or to none of them, or stands although it has one", car)
			}
		}
	}
}

// The figures of a long run are those of what it played.
func TestLongRunsCountEverybody(t *testing.T) {
	lunches, err := timeLunches(t.Context(), entries(t, "nearest-car")[0], 100, 400)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{100, 400} {
		l := &lunches[i]
		if l.Runs < 1 || l.Passengers < 0.7*want || l.Passengers > 1.3*want || l.CPUS <= 0 || l.TimesLeast <= 0 {
			t.Errorf("lunch of about %v: %+v", want, *l)
		}
	}
}
