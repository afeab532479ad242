package stats

import (
	"math"
	"slices"
	"time"
)

// Result holds the figures of a run, or of those who arrived in a part of it.
// Its JSON is the output of simulate --format json. Times are seconds.
//
// Where Saturated is set the figures of waits and times to destination hang on how
// long the run went on: all but the longest are null in the JSON.
//
// Everyone counts: nobody is left out for having arrived early or late. Who
// still waits at the end counts with the wait so far, and in the same way who
// still rides.
type Result struct {
	Passengers         int         `json:"passengers"`
	Carried            int         `json:"carried"`
	Saturated          bool        `json:"saturated"` // see Collector.Saturated
	WaitS              Wait        `json:"wait_s"`
	TransitS           Transit     `json:"transit_s"`
	TimeToDestinationS Destination `json:"time_to_destination_s"`
	Cars               Cars        `json:"cars"`
	SimulatedS         float64     `json:"simulated_s"` // the building's time of the last event
	ElapsedS           float64     `json:"elapsed_s"`   // what computing it took; the caller sets it
}

// Wait holds the figures of the waits, in seconds. Percentiles are linearly
// interpolated between the two closest ranks; over means strictly more.
type Wait struct {
	Mean        float64 `json:"mean"`
	P50         float64 `json:"p50"`
	P90         float64 `json:"p90"`
	P95         float64 `json:"p95"`
	Max         float64 `json:"max"`
	MeanSquare  float64 `json:"mean_square"`
	Over30Ratio float64 `json:"over_30_ratio"`
	Over60Ratio float64 `json:"over_60_ratio"`
}

// Transit holds the figures of the transits, in seconds.
type Transit struct {
	Mean float64 `json:"mean"`
	P95  float64 `json:"p95"`
}

// Destination holds the figures of the times to destination, in seconds.
type Destination struct {
	Mean float64 `json:"mean"`
	P95  float64 `json:"p95"`
	Max  float64 `json:"max"`
}

// Cars holds what the cars did to carry them.
type Cars struct {
	Starts int     `json:"starts"`
	Metres float64 `json:"metres"`
}

// Result returns the figures of the run so far.
func (c *Collector) Result() Result {
	return c.Between(0, math.MaxInt64)
}

// Between returns the figures of those who arrive at from or later and before
// to. The cars' figures and Saturated are those of the whole run.
func (c *Collector) Between(from, to time.Duration) Result {
	r := Result{
		Saturated:  c.Saturated(),
		Cars:       Cars{c.starts, c.metres},
		SimulatedS: c.now.Seconds(),
	}
	var waits, transits, totals []float64
	for i := range c.journeys {
		j := &c.journeys[i]
		if j.ArrivedAt < from || j.ArrivedAt >= to {
			continue
		}
		boarded, left := j.BoardedAt, j.LeftAt
		if left == Pending {
			left = c.now
		} else {
			r.Carried++
		}
		if boarded == Pending {
			boarded = c.now
		} else {
			transits = append(transits, (left - boarded).Seconds())
		}
		waits = append(waits, (boarded - j.ArrivedAt).Seconds())
		totals = append(totals, (left - j.ArrivedAt).Seconds())
	}
	r.Passengers = len(waits)
	slices.Sort(waits)
	slices.Sort(transits)
	slices.Sort(totals)
	r.WaitS = summarizeWaits(waits)
	r.TransitS = Transit{mean(transits), Percentile(transits, 0.95)}
	r.TimeToDestinationS = Destination{mean(totals), Percentile(totals, 0.95), Percentile(totals, 1)}
	return r
}

func summarizeWaits(sorted []float64) Wait {
	if len(sorted) == 0 {
		return Wait{}
	}
	w := Wait{
		Mean: mean(sorted), P50: Percentile(sorted, 0.5), P90: Percentile(sorted, 0.9), P95: Percentile(sorted, 0.95),
		Max: sorted[len(sorted)-1],
	}
	for _, x := range sorted {
		w.MeanSquare += x * x
	}
	n := float64(len(sorted))
	w.MeanSquare /= n
	w.Over30Ratio, w.Over60Ratio = float64(over(sorted, 30))/n, float64(over(sorted, 60))/n
	return w
}

// over counts the values of an ascending list that are strictly more.
func over(sorted []float64, limit float64) int {
	i, _ := slices.BinarySearch(sorted, math.Nextafter(limit, math.Inf(1)))
	return len(sorted) - i
}

// Percentile returns the value below which the share q (0 to 1) of the
// ascending list lies, linearly interpolated between the two closest of the
// ranks 0 to n-1 (Hyndman and Fan 1996, definition 7); 0 for an empty list.
func Percentile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	rank := q * float64(len(sorted)-1)
	low := int(rank)
	if low+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[low] + (rank-float64(low))*(sorted[low+1]-sorted[low])
}

func mean(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
