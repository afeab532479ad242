package plot

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// axis maps values to pixels.
type axis struct {
	low, high float64 // values
	from, to  float64 // pixels
}

func (a axis) at(v float64) float64 {
	return a.from + (v-a.low)/(a.high-a.low)*(a.to-a.from)
}

// step returns the least of 1, 2, 2.5 and 5 times a power of ten that gives at
// most so many steps over a range.
func step(over float64, most int) float64 {
	least := over / float64(most)
	power := math.Pow(10, math.Floor(math.Log10(least)))
	for _, factor := range []float64{1, 2, 2.5, 5} {
		if factor*power >= least*(1-1e-9) {
			return factor * power
		}
	}
	return 10 * power
}

// number writes a tick's value the shortest way.
func number(v float64) string { return strconv.FormatFloat(math.Round(v*1e6)/1e6, 'f', -1, 64) }

var timeSteps = [...]time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
}

// timeStep returns the least round time that is no shorter than the given one.
func timeStep(least time.Duration) time.Duration {
	for _, s := range timeSteps {
		if s >= least {
			return s
		}
	}
	day := 24 * time.Hour
	return (least + day - 1) / day * day
}

// clockTime writes a time of the run as 5:30, or as 1:05:30 in runs that take
// hours.
func clockTime(t time.Duration, hours bool) string {
	s := int(t / time.Second)
	if !hours {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	if s%60 == 0 {
		return fmt.Sprintf("%d:%02d", s/3600, s/60%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}
