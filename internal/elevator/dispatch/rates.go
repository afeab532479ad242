package dispatch

import (
	"math"
	"time"

	"elevator/internal/elevator"
)

// rateMemory is the time constant over which arrivals are forgotten.
const rateMemory = 90 * time.Second

// rates estimates how many people a second come to each landing for each
// direction, from what the signalling sees: how many step in at a stop. It is an
// exponentially decayed count.
type rates struct {
	count   [2][]float64 // by side and floor: people, decayed to since
	since   time.Duration
	persons []int // in each car when it was looked at last

	terminal elevator.FloorIndex
	capacity []float64 // of each car: see timing
	entering entering
}

// entering counts who steps in at the main terminal and who steps in at all, over
// a longer time than rates: where idle cars wait should not hang on the last few
// people.
type entering struct {
	terminal, all float64 // people, decayed to since
	since         time.Duration
}

// enteringMemory is the time constant over which entering forgets.
const enteringMemory = 30 * time.Minute

func (e *entering) count(now time.Duration, persons int, atTerminal bool) {
	keep := math.Exp(-float64(now-e.since) / float64(enteringMemory))
	e.terminal, e.all, e.since = e.terminal*keep, e.all*keep, now
	e.all += float64(persons)
	if atTerminal {
		e.terminal += float64(persons)
	}
}

// share returns the terminal's share of those who came of late.
func (e *entering) share() float64 {
	if e.all == 0 {
		return 0
	}
	return e.terminal / e.all
}

func newRates(t *timing) rates {
	n := t.floors
	return rates{count: [2][]float64{make([]float64, n), make([]float64, n)}, persons: make([]int, len(t.capacity)), terminal: t.terminal, capacity: t.capacity}
}

// observe looks at the cars: whoever is aboard more than before has stepped in
// where the car stands.
func (r *rates) observe(v *View) {
	for i := range v.Cars {
		car := &v.Cars[i]
		more := car.Persons - r.persons[i]
		if more == 0 {
			continue
		}
		r.persons[i] = car.Persons
		if more > 0 && car.Direction != elevator.None {
			r.decay(v.Now)
			r.entering.count(v.Now, more, car.Floor == r.terminal)
			n := float64(more)
			if full := r.capacity[i]; float64(car.Persons) >= full && float64(car.Persons-more) < full {
				n += full // whoever stays behind is not seen: perhaps another carful
			}
			r.count[Side(car.Direction)][car.Floor] += n
		}
	}
}

func (r *rates) decay(now time.Duration) {
	if now == r.since {
		return
	}
	keep := r.decayed(now)
	for side := range r.count {
		for f := range r.count[side] {
			r.count[side][f] *= keep
		}
	}
	r.since = now
}

// decayed returns what share of the counts is left now.
func (r *rates) decayed(now time.Duration) float64 {
	return math.Exp(-float64(now-r.since) / float64(rateMemory))
}

// perSecond returns the arrival rate at floor f for the side's direction.
func (r *rates) perSecond(f elevator.FloorIndex, side int, now time.Duration) float64 {
	n := r.count[side][f]
	if n == 0 {
		return 0
	}
	return n * r.decayed(now) / rateMemory.Seconds()
}
