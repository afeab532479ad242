package stats

import (
	"time"

	"elevator/internal/elevator"
)

// keptMinutes is how far back Recent and PerMinute can look.
const keptMinutes = 6 * 60

// minute holds what happened in one minute of the building's time.
type minute struct {
	number                    int64 // minutes since the start, plus one; 0: never used
	arrived, boarded, carried int
	waiting                   int // at its last event
	wait, longest             time.Duration
}

// minute returns the present minute's figures to add to, after c.waiting was
// brought up to date.
func (c *Collector) minute() *minute {
	number := int64(c.now/time.Minute) + 1
	m := &c.minutes[number%keptMinutes]
	if m.number != number {
		*m = minute{number: number}
	}
	m.waiting = c.waiting
	return m
}

// Window is what happened in the last minutes, for a dashboard.
type Window struct {
	Duration  time.Duration
	Arrived   int
	Boarded   int
	Carried   int
	MeanWait  time.Duration // of those who started to board in the window
	Longest   time.Duration // the longest of those waits
	Capacity5 float64       // handling capacity: people carried in five minutes
	Percent5  float64       // the same in percent of the population; 0 where nobody lives
}

// Recent returns the figures of the last window of the building's time, which
// ends with the last event. They are counted by whole minutes: the present
// minute, as far as it has gone, and those before it. The window is at least
// one minute and at most six hours.
func (c *Collector) Recent(window time.Duration) Window {
	n := min(max(int64(window/time.Minute), 1), keptMinutes)
	last := int64(c.now/time.Minute) + 1
	w := Window{Duration: c.now - time.Duration(max(last-n, 0))*time.Minute}
	var wait time.Duration
	for number := max(last-n+1, 1); number <= last; number++ {
		m := &c.minutes[number%keptMinutes]
		if m.number != number {
			continue
		}
		w.Arrived += m.arrived
		w.Boarded += m.boarded
		w.Carried += m.carried
		wait += m.wait
		w.Longest = max(w.Longest, m.longest)
	}
	if w.Boarded > 0 {
		w.MeanWait = wait / time.Duration(w.Boarded)
	}
	if w.Duration > 0 {
		w.Capacity5 = float64(w.Carried) * float64(5*time.Minute) / float64(w.Duration)
	}
	people := 0
	terminal := c.building.MainTerminal()
	for i := range c.building.Floors {
		if elevator.FloorIndex(i) != terminal {
			people += c.building.Floors[i].Population
		}
	}
	if people > 0 {
		w.Percent5 = 100 * w.Capacity5 / float64(people)
	}
	return w
}

// Minute is one point of a series.
type Minute struct {
	Start                     time.Duration
	Arrived, Boarded, Carried int
	Waiting                   int           // at its end
	MeanWait                  time.Duration // of those who started to board in it; 0 where nobody did
}

// PerMinute returns the last n minutes, the oldest first and the present one
// last, as far as the run goes back; at most six hours.
func (c *Collector) PerMinute(n int) []Minute {
	last := int64(c.now/time.Minute) + 1
	first := max(last-int64(min(n, keptMinutes))+1, 1)
	series := make([]Minute, 0, max(last-first+1, 0))
	waiting := 0
	for number := first - 1; number > max(last-keptMinutes, 0); number-- {
		if m := &c.minutes[number%keptMinutes]; m.number == number {
			waiting = m.waiting
			break
		}
	}
	for number := first; number <= last; number++ {
		point := Minute{Start: time.Duration(number-1) * time.Minute}
		if m := &c.minutes[number%keptMinutes]; m.number == number {
			point.Arrived, point.Boarded, point.Carried = m.arrived, m.boarded, m.carried
			if m.boarded > 0 {
				point.MeanWait = m.wait / time.Duration(m.boarded)
			}
			waiting = m.waiting
		}
		point.Waiting = waiting
		series = append(series, point)
	}
	return series
}
