package plot

import (
	"context"
	"fmt"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/sim"
	"elevator/internal/elevator/stats"
	"elevator/internal/elevator/traffic"
)

// Sweep is one building under traffic of growing rate.
type Sweep struct {
	Title string
	Axis  string // what Rates count
	Rates []float64
	// Trial returns the traffic of a rate for a dispatcher, without seeds.
	Trial func(rate float64, d dispatch.Entry) (sim.Trial, error)
	// Published holds others' results, where the caller has any, at the rate
	// PublishedAt.
	Published   []sim.Published
	PublishedAt float64
	// Limit is a rate that a calculation gives as the most the building can
	// carry, and LimitName what it is; 0: there is none.
	Limit     float64
	LimitName string
}

// Series is what one dispatcher made of a sweep.
type Series struct {
	Dispatcher string
	Points     []RatePoint // in the order of rates
}

// RatePoint is what one dispatcher made of one rate.
type RatePoint struct {
	Rate         float64
	WaitS        stats.Interval // means of the seeds
	DestinationS stats.Interval
	Saturated    bool // the queue grew with at least half of the seeds
}

// Run measures every dispatcher at every rate, each with so many seeds. It
// stops early when ctx ends.
func (s *Sweep) Run(ctx context.Context, replications int, dispatchers []dispatch.Entry) ([]Series, error) {
	var all []Series
	for _, d := range dispatchers {
		series := Series{Dispatcher: d.Name}
		for _, rate := range s.Rates {
			trial, err := s.Trial(rate, d)
			if err != nil {
				return nil, err
			}
			trial.Seeds = sim.Seeds{First: 1, Replications: replications}
			results, err := sim.Replicate(ctx, trial, d)
			if err != nil {
				return nil, fmt.Errorf("%s at a rate of %v: %w", d.Name, rate, err)
			}
			series.Points = append(series.Points, newRatePoint(rate, results))
		}
		all = append(all, series)
	}
	return all, nil
}

func newRatePoint(rate float64, results []stats.Result) RatePoint {
	var waits, totals []float64
	saturated := 0
	for i := range results {
		r := &results[i]
		waits, totals = append(waits, r.WaitS.Mean), append(totals, r.TimeToDestinationS.Mean)
		if r.Saturated {
			saturated++
		}
	}
	return RatePoint{rate, stats.Estimate(waits), stats.Estimate(totals), 2*saturated >= len(results)}
}

// critesBartoHour is the down-peak of Crites and Barto (1996) as passengers in
// five minutes at each of the nine upper floors: the traffic profile of that
// name, which takes no rate.
var critesBartoHour = [...]float64{1, 2, 4, 4, 18, 12, 8, 7, 18, 5, 3, 2}

// CritesBartoSweep scales the down-peak of the suite crites-barto. At 100 % it
// meets the passengers of the profile crites-barto.
func CritesBartoSweep() Sweep {
	return Sweep{
		Title:       "Crites and Barto: down-peak hour, 10 floors, 4 cars",
		Axis:        "arrival rate, % of the published profile",
		Rates:       []float64{40, 60, 80, 100, 120, 140, 160},
		PublishedAt: 100,
		Trial: func(rate float64, _ dispatch.Entry) (sim.Trial, error) {
			b, err := building.Named("crites-barto")
			if err != nil {
				return sim.Trial{}, err
			}
			return sim.Trial{Building: b, Duration: time.Hour, Traffic: critesBartoAt(b, rate)}, nil
		},
	}
}

// critesBartoAt returns the profile at so many percent of its rates. All upper
// floors have the same population, so shares of it are the same everywhere.
func critesBartoAt(b *elevator.Building, percent float64) traffic.Spec {
	people, upper := 0, 0
	for i := range b.Floors {
		if !b.Floors[i].MainTerminal {
			people, upper = people+b.Floors[i].Population, upper+1
		}
	}
	var phases []traffic.Phase
	for _, passengers := range critesBartoHour {
		phases = append(phases, traffic.Phase{
			Duration:    5 * time.Minute,
			RatePercent: percent * passengers * float64(upper) / float64(people),
			Mix:         traffic.Mix{Out: 1},
		})
	}
	return traffic.Spec{Phases: phases}
}

// roundTripPercent is what the textbook's up-peak round trip calculation gives
// for the office of the suite office14, in percent of the population in five
// minutes.
const roundTripPercent = 15.07

// Office14Sweep raises pure up-peak traffic in the building of the suite
// office14, with the signalling each dispatcher is made for. Of 30 minutes the
// middle 20 count.
func Office14Sweep() Sweep {
	return Sweep{
		Title: "Office 14: pure up-peak, 15 floors, 6 cars",
		Axis:  "arrival rate, % of the population in five minutes",
		Rates: []float64{5, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 22, 24},
		Limit: roundTripPercent, LimitName: "round trip calculation " + number(roundTripPercent) + " %",
		Trial: func(rate float64, d dispatch.Entry) (sim.Trial, error) {
			b, err := building.Named("office14")
			if err != nil {
				return sim.Trial{}, err
			}
			b.Signalling = d.Signalling
			return sim.Trial{
				Building: b, Duration: 30 * time.Minute, From: 5 * time.Minute, To: 25 * time.Minute,
				Traffic: traffic.Spec{Profile: "up-peak", RatePercent: rate, Mix: &traffic.Mix{In: 1}},
			}, nil
		},
	}
}
