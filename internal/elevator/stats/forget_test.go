package stats

import (
	"cmp"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
)

// Forgetting changes no figure of those who came later, and no journey that is not
// over: a collector that forgets now and then agrees with one that remembers all.
func TestForgettingChangesNothingLater(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := drawJourneys(t)
		all, some := NewCollector(building.Builtin()), NewCollector(building.Builtin())
		forgotten := time.Duration(0)
		for _, e := range events {
			all.Apply(e)
			some.Apply(e)
			if rapid.IntRange(0, 5).Draw(t, "forget") == 0 {
				forgotten = max(forgotten, e.T-time.Duration(rapid.IntRange(0, 60).Draw(t, "keep"))*time.Second)
				some.Forget(forgotten)
			}
			want, got := all.Between(forgotten, math.MaxInt64), some.Between(forgotten, math.MaxInt64)
			want.Saturated, got.Saturated = false, false // of the whole run
			if got != want || some.Waiting() != all.Waiting() {
				t.Fatalf("at %v, forgotten up to %v:\n%+v, %d wait, want\n%+v, %d wait", e.T, forgotten, got, some.Waiting(), want, all.Waiting())
			}
			for _, j := range all.Journeys() {
				kept := some.journey(j.Passenger)
				over := j.LeftAt != Pending && j.ArrivedAt < forgotten
				if !over && (kept == nil || *kept != j) {
					t.Fatalf("at %v, forgotten up to %v: %+v became %+v", e.T, forgotten, j, kept)
				}
			}
		}
		some.Forget(math.MaxInt64)
		if n := len(some.Journeys()); n != 0 {
			t.Fatalf("%d journeys are left after all are over", n)
		}
	})
}

// drawJourneys returns the events of some journeys that all come to an end, in the
// order of their times; passengers' numbers may have gaps.
func drawJourneys(t *rapid.T) []*elevator.Event {
	var events []*elevator.Event
	id, arrive := elevator.PassengerID(rapid.IntRange(1, 5).Draw(t, "first")), 0
	for range rapid.IntRange(1, 40).Draw(t, "passengers") {
		arrive += rapid.IntRange(0, 20).Draw(t, "later")
		board := arrive + rapid.IntRange(0, 90).Draw(t, "wait")
		left := board + rapid.IntRange(0, 90).Draw(t, "ride")
		at := func(s int) time.Duration { return time.Duration(s) * time.Second }
		events = append(events, passengerEvent(at(arrive), elevator.PassengerArrived, id, 0, 3),
			passengerEvent(at(board), elevator.PassengerBoarded, id, 0, 0), passengerEvent(at(left), elevator.PassengerAlighted, id, 3, 0))
		id += elevator.PassengerID(rapid.SampledFrom([]int{1, 1, 1, 7}).Draw(t, "gap"))
	}
	slices.SortStableFunc(events, func(a, b *elevator.Event) int { return cmp.Compare(a.T, b.T) })
	return events
}
