package dispatch

import (
	"math"
	"time"

	"elevator/internal/elevator"
)

// dice is a small generator of pseudo-random numbers (Steele, Lea and Flood
// 2014, SplitMix64), so that a dispatcher's samples depend on nothing but what it
// has seen.
type dice uint64

func (d *dice) next() uint64 {
	*d += 0x9e3779b97f4a7c15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// float returns a number from 0 up to 1.
func (d *dice) float() float64 { return float64(d.next()>>11) * 0x1p-53 }

// exponential returns an exponentially distributed number of mean 1.
func (d *dice) exponential() float64 { return -math.Log(1 - d.float()) }

// below returns a whole number from 0 up to n.
func (d *dice) below(n int) int { return int(d.float() * float64(n)) }

// person is somebody of a sampled future.
type person struct {
	at    time.Duration // when they came, or will come
	floor elevator.FloorIndex
	to    elevator.FloorIndex
}

// future is one sample of what the signalling does not show: who stands behind
// the lit calls, and who will come.
type future struct {
	waiting []person
	coming  []person // in the order of arrival
}

// sampler draws futures from the calls and the estimated rates.
type sampler struct {
	dice     dice
	terminal elevator.FloorIndex
	perS     [2][]float64 // arrival rates by side and floor
	total    float64
}

func newSampler(b *elevator.Building) sampler {
	s := sampler{dice: 1, terminal: b.MainTerminal()}
	for side := range s.perS {
		s.perS[side] = make([]float64, len(b.Floors))
	}
	return s
}

// estimate takes the rates of the moment. A floor's own count is drawn towards
// the mean of all floors but the terminal, for ninety seconds of a single floor
// are few people.
func (s *sampler) estimate(r *rates, now time.Duration) {
	r.decay(now)
	s.total = 0
	for side := range s.perS {
		sum := 0.0
		for f, n := range r.count[side] {
			if elevator.FloorIndex(f) != s.terminal {
				sum += n
			}
		}
		mean := sum / float64(max(1, len(r.count[side])-1))
		for f, n := range r.count[side] {
			switch {
			case s.impossible(f, side):
				n = 0
			case elevator.FloorIndex(f) != s.terminal:
				n = 0.5*n + 0.5*mean
			}
			s.perS[side][f] = n / rateMemory.Seconds()
			s.total += s.perS[side][f]
		}
	}
}

func (s *sampler) impossible(f, side int) bool {
	return side == 0 && f == 0 || side == 1 && f == len(s.perS[1])-1
}

// draw fills the future with what may happen within the horizon.
func (s *sampler) draw(v *View, horizon time.Duration, f *future) {
	f.waiting, f.coming = f.waiting[:0], f.coming[:0]
	for i := range v.Calls {
		call := &v.Calls[i]
		key, side := call.Key, Side(call.Key.Direction)
		f.waiting = append(f.waiting, person{call.RegisteredAt, key.Floor, s.destination(key.Floor, side)})
		rate := s.perS[side][key.Floor]
		if rate == 0 {
			continue
		}
		for at := call.RegisteredAt; ; {
			at += time.Duration(s.dice.exponential() / rate * 1e9)
			if at >= v.Now {
				break
			}
			f.waiting = append(f.waiting, person{at, key.Floor, s.destination(key.Floor, side)})
		}
	}
	if s.total == 0 {
		return
	}
	for at := v.Now; ; {
		at += time.Duration(s.dice.exponential() / s.total * 1e9)
		if at >= v.Now+horizon {
			return
		}
		floor, side := s.where()
		f.coming = append(f.coming, person{at, floor, s.destination(floor, side)})
	}
}

// where draws the landing at which somebody comes, and their direction.
func (s *sampler) where() (elevator.FloorIndex, int) {
	x := s.dice.float() * s.total
	last, lastSide := 0, 0
	for side := range s.perS {
		for f, rate := range s.perS[side] {
			if rate == 0 {
				continue
			}
			last, lastSide = f, side
			if x -= rate; x < 0 {
				return elevator.FloorIndex(f), side
			}
		}
	}
	return elevator.FloorIndex(last), lastSide
}

// destination draws where somebody wants to go: towards the terminal to it,
// otherwise to any floor that way.
func (s *sampler) destination(f elevator.FloorIndex, side int) elevator.FloorIndex {
	d := elevator.Direction(2*side - 1)
	if elevator.Toward(f, s.terminal) == d {
		return s.terminal
	}
	if d == elevator.Up {
		return f + 1 + elevator.FloorIndex(s.dice.below(len(s.perS[1])-1-int(f)))
	}
	return elevator.FloorIndex(s.dice.below(int(f)))
}
