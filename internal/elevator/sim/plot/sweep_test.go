package plot

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"elevator/internal/elevator/building"
	"elevator/internal/elevator/sim"
	"elevator/internal/elevator/stats"
	"elevator/internal/elevator/traffic"
)

// The scaled profile is, at 100 %, the profile: the same people come.
func TestCritesBartoAtFullRate(t *testing.T) {
	b, err := building.Named("crites-barto")
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(3) {
		var lists [2]int
		same := true
		first, err := traffic.New(b, traffic.Spec{Profile: "crites-barto"}, seed, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		second, err := traffic.New(b, critesBartoAt(b, 100), seed, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		want, err := traffic.Collect(first)
		if err != nil {
			t.Fatal(err)
		}
		got, err := traffic.Collect(second)
		if err != nil {
			t.Fatal(err)
		}
		lists[0], lists[1] = len(want), len(got)
		for i := range min(lists[0], lists[1]) {
			apart := want[i].ArrivesAt - got[i].ArrivesAt
			same = same && want[i].Floor == got[i].Floor && want[i].To == got[i].To && apart.Abs() < time.Millisecond
		}
		if !same || lists[0] != lists[1] || lists[0] < 600 {
			t.Errorf("seed %d: %d people, want the same %d", seed, lists[1], lists[0])
		}
	}
}

// A sweep measures what Replicate measures, the dispatchers in their order and
// the rates in theirs.
func TestSweep(t *testing.T) {
	s := Office14Sweep()
	s.Rates = []float64{8, 30}
	all, err := s.Run(t.Context(), 3, entries(t, "eta", "destination"))
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 || all[0].Dispatcher != "eta" || all[1].Dispatcher != "destination" {
		t.Fatalf("series %v", all)
	}
	eta := all[0].Points
	if len(eta) != 2 || eta[0].Rate != 8 || eta[0].Saturated || !eta[1].Saturated {
		t.Errorf("eta carries 8 %% and not 30 %%, measured %+v", eta)
	}
	trial, err := s.Trial(8, entries(t, "eta")[0])
	if err != nil {
		t.Fatal(err)
	}
	trial.Seeds = sim.Seeds{First: 1, Replications: 3}
	results, err := sim.Replicate(t.Context(), trial, entries(t, "eta")[0])
	if err != nil {
		t.Fatal(err)
	}
	var waits []float64
	for i := range results {
		waits = append(waits, results[i].WaitS.Mean)
	}
	if want := stats.Estimate(waits); eta[0].WaitS != want {
		t.Errorf("wait %+v, want %+v", eta[0].WaitS, want)
	}
}

func TestSweepStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := CritesBartoSweep()
	if _, err := s.Run(ctx, 2, entries(t, "eta")); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that the context ended", err)
	}
}

// A line is broken where a group is saturated.
func TestRuns(t *testing.T) {
	var points []RatePoint
	for i, saturated := range []bool{true, false, false, true, false} {
		points = append(points, RatePoint{Rate: float64(i), Saturated: saturated})
	}
	var lengths []int
	for _, run := range runs(points) {
		lengths = append(lengths, len(run))
	}
	if !slices.Equal(lengths, []int{2, 1}) {
		t.Errorf("runs of %v points, want 2 and 1", lengths)
	}
}
