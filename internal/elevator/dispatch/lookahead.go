package dispatch

import (
	"math"
	"time"

	"elevator/internal/elevator"
)

// lookahead is eta that tries its narrow decisions out. When a car is about to
// pass, or to stop at, a floor with a lit call that it could as well leave to
// another, and eta's plans for the two cost nearly the same, both are played over
// the same sampled futures: who stands behind the lit calls, and who will come
// within the horizon, drawn from the estimated arrival rates; eta decides
// everything that follows. The opposite of eta's choice is taken only when its
// mean advantage exceeds its standard error.
//
// This is a rollout policy (Bertsekas and Tsitsiklis, Neuro-Dynamic Programming,
// 1996) with eta as its base.
type lookahead struct {
	eta       *eta
	model     *model
	sampler   sampler
	foresight *Foresight // what will happen, for the clairvoyant; nil: it is sampled
	future    future
	pins      [1]pin
	decided   pin // the latest decision, so that it is made once
}

const (
	lookaheadSamples = 32
	lookaheadLeast   = 6 // samples before the sampling may stop
	lookaheadHorizon = 60 * time.Second
	lookaheadClear   = 2.5   // standard errors at which the matter is clear
	lookaheadWins    = 1.0   // standard errors by which the opposite must win
	lookaheadNarrow  = 400.0 // by what the opposite's plan may cost more, in eta's squared seconds
	lookaheadPasses  = 1     // of the model's searches, which are many
	lookaheadRide    = 6.0   // β, less than eta's: a little of the rides is given for shorter waits
)

func newLookahead(p Plant) Dispatcher { return newTunedLookahead(p, defaultTuning()) }

func newTunedLookahead(p Plant, t tuning) *lookahead {
	t.ride = lookaheadRide
	played := t
	played.passes = lookaheadPasses
	return &lookahead{eta: newTunedETA(p, t), model: newModel(p, played), sampler: newSampler(p.Building)}
}

// newClairvoyant is lookahead that knows the future.
func newClairvoyant(p Plant, f *Foresight) Dispatcher {
	l := newTunedLookahead(p, defaultTuning())
	l.foresight = f
	return l
}

func (*lookahead) Name() string { return "lookahead" }

func (l *lookahead) Wake(v *View) (time.Duration, bool) { return l.eta.Wake(v) }

func (l *lookahead) Dispatch(v *View, out []Decision) []Decision {
	l.dropPins(v.Now)
	for i := range v.Cars {
		if p, ok := l.question(v, i); ok && l.decided != p {
			l.decided = p
			if l.consider(v, &p) {
				l.eta.pins = append(l.eta.pins, p)
			}
		}
	}
	return l.eta.Dispatch(v, out)
}

// dropPins forgets the decisions whose moment is over.
func (l *lookahead) dropPins(now time.Duration) {
	kept := l.eta.pins[:0]
	for _, p := range l.eta.pins {
		if p.until > now {
			kept = append(kept, p)
		}
	}
	l.eta.pins = kept
}

// question returns the decision that car i is about to make: the call it could
// stop for at the next floor, and the last moment to say so. There is none where
// it must stop there, is full, or is not about to.
func (l *lookahead) question(v *View, i int) (pin, bool) {
	car := &v.Cars[i]
	if !car.Moving || !car.InGroup || car.Full || car.Target == elevator.NoFloor {
		return pin{}, false
	}
	elapsed := v.Now - car.DepartedAt
	f := l.eta.law.NextStop(car.Floor, car.Target, elapsed)
	last := car.DepartedAt + l.eta.law.CommitTime(car.Floor, f)
	if last < v.Now || last-v.Now > decisionLead+time.Millisecond || car.CarCalls.Has(f) {
		return pin{}, false
	}
	d := car.Direction
	if l.turnsAt(car, f) {
		d = -d
	}
	key := elevator.ConventionalCall(f, d)
	at := callIndex(v, key)
	if at < 0 || v.Available(key).Without(elevator.CarIndex(i)) == 0 {
		return pin{}, false
	}
	return pin{call: key, car: elevator.CarIndex(i), until: last + 1}, true
}

// turnsAt reports whether the car, empty, would turn at f for a call of the
// other direction.
func (l *lookahead) turnsAt(car *CarView, f elevator.FloorIndex) bool {
	return car.Persons == 0 && car.CarCalls.Empty() && car.Target == f && !car.Assigned[Side(car.Direction)].Has(f)
}

// consider plays the decision both ways. It returns true with p.serve set to the
// opposite of what eta would do where that is better.
func (l *lookahead) consider(v *View, p *pin) bool {
	l.eta.rates.observe(v)
	p.serve = !l.wouldServe(v, p)
	own := *p
	own.serve = !p.serve
	if l.planned(v, p)-l.planned(v, &own) > lookaheadNarrow {
		return false
	}
	if l.foresight != nil {
		l.foresight.see(v.Now, lookaheadHorizon, &l.future)
		return l.gain(v, p) > 0
	}
	l.sampler.estimate(&l.eta.rates, v.Now)
	n, mean, squares := 0.0, 0.0, 0.0
	for n < lookaheadSamples {
		l.sampler.draw(v, lookaheadHorizon, &l.future)
		gain := l.gain(v, p)
		n++
		before := mean
		mean += (gain - mean) / n
		squares += (gain - before) * (gain - mean)
		if n < lookaheadLeast {
			continue
		}
		if mean < 0 || mean > lookaheadClear*math.Sqrt(squares/(n-1)/n) {
			break
		}
	}
	return mean > lookaheadWins*math.Sqrt(squares/(n-1)/n)
}

// gain is what the pin saves in the future drawn last.
func (l *lookahead) gain(v *View, p *pin) float64 {
	horizon := v.Now + lookaheadHorizon
	l.pins[0] = *p
	opposite := l.model.run(v, &l.eta.rates, &l.future, l.pins[:], p.until, horizon)
	l.pins[0].serve = !p.serve
	return l.model.run(v, &l.eta.rates, &l.future, l.pins[:], p.until, horizon) - opposite
}

// wouldServe reports whether eta gives the call to the car.
func (l *lookahead) wouldServe(v *View, p *pin) bool {
	l.eta.read(v)
	l.eta.search(v)
	i := callIndex(v, p.call)
	return i < len(l.eta.owner) && l.eta.owner[i] == int8(p.car)
}

// planned is what eta's best plan under the pin costs.
func (l *lookahead) planned(v *View, p *pin) float64 {
	before := len(l.eta.pins)
	l.eta.pins = append(l.eta.pins, *p)
	l.eta.read(v)
	l.eta.search(v)
	l.eta.pins = l.eta.pins[:before]
	return l.eta.total()
}
