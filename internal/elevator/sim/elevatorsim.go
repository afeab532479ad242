package sim

import (
	"context"
	"time"

	"elevator/internal/elevator/building"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/traffic"
)

// elevatorSimCase is one of the operating points at which elevator-sim
// (github.com/mrpeanut01/elevator-sim, packages/experiments/src/benchmark/index.ts
// and DECISIONS.md D145) publishes what its dispatchers do. Its own random
// numbers are not repeated, so the passengers are others of the same kind.
type elevatorSimCase struct {
	name, about, building string
	trial                 Trial
	published             []Published
}

// elevatorSimGroups are the mean sizes of the groups in which people come to its
// buildings; a group has one destination.
const (
	elevatorSimOfficeGroup      = 1.4
	elevatorSimResidentialGroup = 1.8
)

func elevatorSimCases() []elevatorSimCase {
	return []elevatorSimCase{
		{"midtown-up-peak", "Midtown Office, up-peak 1 %, the five minutes of the peak", "midtown-office", Trial{
			Traffic: traffic.Spec{
				Phases: riseAndFall(15*time.Minute, 1, traffic.Mix{In: 1}), BatchMean: elevatorSimOfficeGroup, BatchTogether: true,
			},
			Duration: 15 * time.Minute, From: 5 * time.Minute, To: 10 * time.Minute,
		}, []Published{
			{Name: "nearest-car", WaitS: 22.70, P95S: 52.50, SystemS: 78.41, Over60: 0.0735},
			{Name: "eta", WaitS: 15.90, P95S: 29.09, SystemS: 68.10},
			{Name: "collective", WaitS: 15.89, P95S: 29.13, SystemS: 68.05},
			{Name: "energy-aware", WaitS: 15.94, P95S: 29.16, SystemS: 68.92},
			{Name: "fairness-first", WaitS: 15.90, P95S: 29.09, SystemS: 68.10},
			{Name: "capacity-aware", WaitS: 15.95, P95S: 29.09, SystemS: 68.21},
			{Name: "predictive-balanced", WaitS: 18.90, P95S: 32.37, SystemS: 66.96},
			{Name: "auction", WaitS: 16.64, P95S: 29.55, SystemS: 67.35},
			{Name: "auction-multi-round", WaitS: 18.08, P95S: 31.02, SystemS: 64.76},
			{Name: "zoned-uppeak", WaitS: 14.54, P95S: 31.45, SystemS: 66.28, Over60: 0.0013},
		}},
		{"midtown-interfloor", "Midtown Office, 1.5 %, 40/30/30, half an hour", "midtown-office", Trial{
			Traffic: traffic.Spec{
				Phases:    riseAndFall(30*time.Minute, 1.5, traffic.Mix{In: 0.4, Out: 0.3, Interfloor: 0.3}),
				BatchMean: elevatorSimOfficeGroup, BatchTogether: true,
			},
			Duration: 30 * time.Minute,
		}, []Published{
			{Name: "nearest-car", SystemS: 94.906},
			{Name: "collective", SystemS: 53.742},
			{Name: "destination-panel", SystemS: 53.760},
			{Name: "auction-multi-round", SystemS: 53.801},
			{Name: "auction", SystemS: 53.896},
			{Name: "destination-eta", SystemS: 54.129},
			{Name: "capacity-aware", SystemS: 54.618},
			{Name: "predictive-balanced", SystemS: 54.823},
			{Name: "fairness-first", SystemS: 55.148},
			{Name: "eta", SystemS: 55.372},
			{Name: "energy-aware", SystemS: 59.366},
			{Name: "zoned-uppeak", SystemS: 60.089},
		}},
		{"garden-residential", "Garden Apartments, residential 2 %, 15/75/10, an hour", "garden-apartments", Trial{
			Traffic: traffic.Spec{
				Phases:    riseAndFall(time.Hour, 2, traffic.Mix{In: 0.15, Out: 0.75, Interfloor: 0.10}),
				BatchMean: elevatorSimResidentialGroup, BatchTogether: true,
			},
			Duration: time.Hour,
		}, []Published{
			{Name: "nearest-car", WaitS: 16.67},
			{Name: "eta", WaitS: 15.39},
			{Name: "collective", WaitS: 15.40},
			{Name: "energy-aware", WaitS: 15.40},
			{Name: "fairness-first", WaitS: 15.38},
			{Name: "capacity-aware", WaitS: 15.39},
			{Name: "predictive-balanced", WaitS: 16.44},
			{Name: "auction", WaitS: 15.41},
			{Name: "auction-multi-round", WaitS: 15.42},
			{Name: "zoned-uppeak", WaitS: 10.18},
		}},
	}
}

// riseAndFall is a demand that rises evenly from nothing to its peak, stays there
// for five minutes and falls as it rose (CIBSE Guide D), in steps.
func riseAndFall(lasts time.Duration, peakPercent float64, mix traffic.Mix) []traffic.Phase {
	const hold, steps = 5 * time.Minute, 20
	ramp := (lasts - hold) / 2
	var phases []traffic.Phase
	for i := range steps {
		share := (float64(i) + 0.5) / steps
		phases = append(phases, traffic.Phase{Duration: ramp / steps, RatePercent: share * peakPercent, Mix: mix})
	}
	phases = append(phases, traffic.Phase{Duration: hold, RatePercent: peakPercent, Mix: mix})
	for i := range steps {
		phases = append(phases, phases[steps-1-i])
	}
	return phases
}

// ElevatorSim runs the benchmark elevator-sim: every dispatcher at operating
// points of which another open simulator publishes results.
func ElevatorSim(ctx context.Context, seeds Seeds, dispatchers []dispatch.Entry) ([]Table, error) {
	var tables []Table
	for _, c := range elevatorSimCases() {
		b, err := building.Named(c.building)
		if err != nil {
			return nil, err
		}
		c.trial.Building, c.trial.Seeds = b, seeds
		table := Table{Name: c.name, About: c.about, Published: c.published}
		if err := table.replicateAll(ctx, c.trial, dispatchers, false); err != nil {
			return nil, err
		}
		tables = append(tables, table)
	}
	return tables, nil
}
