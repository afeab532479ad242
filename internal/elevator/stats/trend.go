package stats

import (
	"math"
	"time"

	"elevator/internal/elevator"
)

// How Saturated decides.
const (
	trendBlocks      = 10   // the run's arrivals are cut into this many parts
	trendLevel       = 0.98 // two-sided, so 1 % of steady queues are taken for growing ones
	trendShare       = 0.01 // of the arrivals that must stay behind
	trendLeastGrowth = 5.0  // people
	trendLeastTime   = 10 * time.Minute
)

// Saturated reports whether the number of people waiting grows over the run:
// whether the group carries fewer than come.
//
// It is decided on the time from the first arrival to the last, without its
// first sixth, in which the building fills. Cut into ten parts, the mean
// number waiting in each is fitted by a straight line. The queue grows when the
// line rises significantly (one-sided Student t test of the slope at 1 %), by
// more than 1 % of those who arrive, and by more than five people in all: so
// neither a few groups of people nor a queue that follows a rising demand
// counts. Less than ten minutes of arrivals are never saturated.
func (c *Collector) Saturated() bool {
	if len(c.journeys) == 0 {
		return false
	}
	first, last := c.journeys[0].ArrivedAt, c.journeys[len(c.journeys)-1].ArrivedAt
	if last-first < trendLeastTime {
		return false
	}
	from := first + (last-first)/6
	step := (last - from) / trendBlocks
	slope, deviation := Slope(c.Queue(elevator.NoFloor, from, step, trendBlocks))
	growth := slope * trendBlocks
	arrived := 0
	for i := range c.journeys {
		if c.journeys[i].ArrivedAt >= from {
			arrived++
		}
	}
	return growth > trendLeastGrowth && growth > trendShare*float64(arrived) &&
		slope > StudentT(trendLevel, trendBlocks-2)*deviation
}

// Queue returns the mean number of people who wait at floor f (NoFloor: at all
// floors) in each of n steps from a time on.
func (c *Collector) Queue(f elevator.FloorIndex, from, step time.Duration, n int) []float64 {
	queue := make([]float64, n)
	end := from + time.Duration(n)*step
	for i := range c.journeys {
		j := &c.journeys[i]
		if f != elevator.NoFloor && j.Floor != f {
			continue
		}
		until := j.BoardedAt
		if until == Pending {
			until = c.now
		}
		for t := max(j.ArrivedAt, from); t < min(until, end); {
			k := (t - from) / step
			next := min(from+(k+1)*step, until)
			queue[k] += float64(next-t) / float64(step)
			t = next
		}
	}
	return queue
}

// QueueTrend returns by how many people a minute the queue at floor f (NoFloor:
// at all floors) grows between two times, as the slope of the straight line
// that fits the means of its whole minutes best, and the slope's standard
// error. The minutes of one run depend on each other, so for a decision take
// the slopes of several runs (see Estimate).
func (c *Collector) QueueTrend(f elevator.FloorIndex, from, to time.Duration) (perMinute, standardError float64) {
	return Slope(c.Queue(f, from, time.Minute, max(int((to-from)/time.Minute), 0)))
}

// Slope fits a straight line to equidistant values by least squares and
// returns its rise from one value to the next, and the standard error of that.
// Fewer than three values have no standard error, which is infinite then.
func Slope(values []float64) (slope, standardError float64) {
	n := float64(len(values))
	if n < 2 {
		return 0, math.Inf(1)
	}
	middle, level := (n-1)/2, mean(values)
	var sxx, sxy, residuals float64
	for i, v := range values {
		x := float64(i) - middle
		sxx += x * x
		sxy += x * (v - level)
	}
	slope = sxy / sxx
	if n < 3 {
		return slope, math.Inf(1)
	}
	for i, v := range values {
		r := v - level - slope*(float64(i)-middle)
		residuals += r * r
	}
	return slope, math.Sqrt(residuals / (n - 2) / sxx)
}
