package sim

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/stats"
	"elevator/internal/elevator/traffic"
)

// How handling capacity is measured: the queue at the main terminal grows when
// the mean slope over the seeds, fitted between two times, exceeds a limit.
const (
	capacityRun   = time.Hour
	capacityFrom  = 10 * time.Minute
	capacitySlope = 0.25 // people a minute
	capacityStep  = 0.25 // percent of the population in five minutes
	capacityLeast = 1.0  // where the search begins and ends, in percent
	capacityMost  = 30.0
)

// Capacity is the handling capacity of a building under one dispatcher: the
// highest constant arrival rate at the main terminal, in percent of the
// population in five minutes, at which the queue there does not grow.
type Capacity struct {
	Building   string `json:"building"`
	Signalling string `json:"signalling"`
	Dispatcher string `json:"dispatcher"`
	// Percent is found to capacityStep. With 95 % confidence in the mean slope
	// the capacity lies between Low and High.
	Percent float64 `json:"percent"`
	Low     float64 `json:"low"`
	High    float64 `json:"high"`
}

// HandlingCapacity measures the handling capacity for pure up-peak traffic by
// bisection, each rate over so many seeds.
func HandlingCapacity(ctx context.Context, b *elevator.Building, d dispatch.Entry, seeds Seeds) (Capacity, error) {
	c := Capacity{Building: b.Name, Signalling: signallingName(b.Signalling), Dispatcher: d.Name}
	slopes := map[int]stats.Interval{} // by steps of capacityStep
	slope := func(step int) (stats.Interval, error) {
		if s, ok := slopes[step]; ok {
			return s, nil
		}
		trial := Trial{
			Building: b, Duration: capacityRun, Seeds: seeds,
			Traffic: traffic.Spec{Profile: "up-peak", RatePercent: float64(step) * capacityStep, Mix: &traffic.Mix{In: 1}},
		}
		values, err := Repeat(ctx, trial, d, func(c *stats.Collector) float64 {
			perMinute, _ := c.QueueTrend(b.MainTerminal(), capacityFrom, capacityRun)
			return perMinute
		})
		if err != nil {
			return stats.Interval{}, err
		}
		slopes[step] = stats.Estimate(values)
		return slopes[step], nil
	}
	bounds := []struct {
		to   *float64
		sign float64 // of the slope's half width that is added to its mean
	}{{&c.Percent, 0}, {&c.Low, 1}, {&c.High, -1}}
	for _, bound := range bounds {
		low, high := int(capacityLeast/capacityStep), int(capacityMost/capacityStep)
		for high-low > 1 {
			middle := (low + high) / 2
			s, err := slope(middle)
			if err != nil {
				return c, fmt.Errorf("handling capacity of %q with %s: %w", b.Name, d.Name, err)
			}
			if s.Mean+bound.sign*s.HalfWidth <= capacitySlope {
				low = middle
			} else {
				high = middle
			}
		}
		*bound.to = float64(low) * capacityStep
	}
	return c, nil
}

func signallingName(s elevator.Signalling) string {
	return [...]string{"conventional", "destination", "hybrid"}[s]
}

// WriteCapacities writes handling capacities for people to read, each also as a
// multiple of the first.
func WriteCapacities(w io.Writer, list []Capacity) error {
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tab, "building\tsignalling\tdispatcher\tHC5 %\t95 %\t× first\t")
	for _, c := range list {
		fmt.Fprintf(tab, "%s\t%s\t%s\t%.2f\t%.2f to %.2f\t%.2f\t\n",
			c.Building, c.Signalling, c.Dispatcher, c.Percent, c.Low, c.High, c.Percent/list[0].Percent)
	}
	if err := tab.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w)
	return err
}

// Office14 runs the benchmark office14: handling capacity in pure up-peak for
// every dispatcher under the signalling it needs, then tables of up-peak at 12 %
// (85/10/5, of 30 minutes the middle 20 counted) and lunch at 13 % (45/45/10).
func Office14(ctx context.Context, seeds Seeds, dispatchers []dispatch.Entry) ([]Capacity, []Table, error) {
	var capacities []Capacity
	for _, d := range dispatchers {
		b, err := office14For(d)
		if err != nil {
			return nil, nil, err
		}
		capacity, err := HandlingCapacity(ctx, b, d, seeds)
		if err != nil {
			return nil, nil, err
		}
		capacities = append(capacities, capacity)
	}
	b, err := building.Named("office14")
	if err != nil {
		return nil, nil, err
	}
	trial := Trial{
		Building: b, Traffic: traffic.Spec{Profile: "up-peak", RatePercent: 12},
		Duration: 30 * time.Minute, From: 5 * time.Minute, To: 25 * time.Minute, Seeds: seeds,
	}
	upPeak := Table{Name: "office14-12", About: "up-peak 12 %, 85/10/5, the middle 20 of 30 minutes"}
	if err := upPeak.replicateAll(ctx, trial, dispatchers, false); err != nil {
		return nil, nil, err
	}
	trial.Traffic, trial.From, trial.To = traffic.Spec{Profile: "lunch", RatePercent: 13}, 0, 0
	lunch := Table{Name: "office14-lunch", About: "lunch 13 %, 45/45/10, 30 minutes"}
	err = lunch.replicateAll(ctx, trial, dispatchers, true)
	return capacities, []Table{upPeak, lunch}, err
}

// office14For returns the office of the textbook's round trip calculation
// (15.07 % in five minutes) with the signalling that the dispatcher is made for.
func office14For(d dispatch.Entry) (*elevator.Building, error) {
	b, err := building.Named("office14")
	if err != nil {
		return nil, err
	}
	return signalled(b, d), nil
}
