package dispatch

import (
	"math"
	"time"
)

// lookahead is eta that tries its narrow decisions out: whether a car stops for a
// lit call that it could as well leave to another, whether an empty car turns
// there instead of going on to further calls, and whether an idle car leaves for
// its calls or stays. Where eta's plans for the two cost nearly the same, both are
// played over the same sampled futures: who stands behind the lit calls, and who
// will come within the horizon, drawn from the estimated arrival rates; eta decides
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
	narrow    float64    // by what the opposite's plan may cost more, in eta's squared seconds
	future    future
	other     []pin // the alternative to what eta is about to do; the first pin names the choice
	own       []pin // what eta is about to do, where it has to be said
	decided   pin   // the latest choice, so that it is made once
}

const (
	lookaheadSamples = 64
	lookaheadLeast   = 6 // samples before the sampling may stop
	lookaheadHorizon = 60 * time.Second
	lookaheadClear   = 2.5 // standard errors at which the matter is clear
	lookaheadWins    = 1.0 // standard errors by which the opposite must win
	lookaheadNarrow  = 800.0
	lookaheadPasses  = 1 // of the model's searches, which are many
)

// The clairvoyant plays one future, the true one, and errs only by what the
// model leaves out and by what comes after the horizon.
const (
	clairvoyantWins   = 100.0 // squared seconds by which the opposite must win
	clairvoyantNarrow = 400.0
)

func newLookahead(p Plant) Dispatcher { return newTunedLookahead(p, defaultTuning()) }

func newTunedLookahead(p Plant, t tuning) *lookahead {
	played := t
	played.passes = lookaheadPasses
	return &lookahead{eta: newTunedETA(p, t), model: newModel(p, played), sampler: newSampler(p.Building), narrow: lookaheadNarrow}
}

// newClairvoyant is lookahead that knows the future.
func newClairvoyant(p Plant, f *Foresight) Dispatcher {
	l := newTunedLookahead(p, defaultTuning())
	l.foresight, l.narrow = f, clairvoyantNarrow
	return l
}

func (*lookahead) Name() string { return "lookahead" }

func (l *lookahead) Wake(v *View) (time.Duration, bool) { return l.eta.Wake(v) }

func (l *lookahead) Dispatch(v *View, out []Decision) []Decision {
	l.dropPins(v.Now)
	l.eta.rates.observe(v)
	for i := range v.Cars {
		if l.mayStop(v, i) || l.mayTurn(v, i) || l.mayStay(v, i) {
			if l.consider(v) {
				l.eta.pins = append(l.eta.pins, l.other...)
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

// consider plays the choice both ways and reports whether the alternative is
// better.
func (l *lookahead) consider(v *View) bool {
	if l.planned(v, l.other)-l.planned(v, l.own) > l.narrow {
		return false
	}
	if l.foresight != nil {
		l.foresight.see(v.Now, lookaheadHorizon, &l.future)
		return l.gain(v) > clairvoyantWins
	}
	l.sampler.estimate(&l.eta.rates, v.Now)
	n, mean, squares := 0.0, 0.0, 0.0
	for n < lookaheadSamples {
		l.sampler.draw(v, lookaheadHorizon, &l.future)
		gain := l.gain(v)
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

// gain is what the alternative saves in the future drawn last.
func (l *lookahead) gain(v *View) float64 {
	until, horizon := l.other[0].until, v.Now+lookaheadHorizon
	other := l.model.run(v, &l.eta.rates, &l.future, l.other, until, horizon)
	return l.model.run(v, &l.eta.rates, &l.future, l.own, until, horizon) - other
}

// wouldServe reports whether eta gives the call to the car.
func (l *lookahead) wouldServe(v *View, p *pin) bool {
	l.eta.read(v)
	l.eta.search(v)
	i := callIndex(v, p.call)
	return i < len(l.eta.owner) && l.eta.owner[i] == int8(p.car)
}

// planned is what eta's best plan under the pins costs.
func (l *lookahead) planned(v *View, pins []pin) float64 {
	before := len(l.eta.pins)
	l.eta.pins = append(l.eta.pins, pins...)
	l.eta.read(v)
	l.eta.search(v)
	l.eta.pins = l.eta.pins[:before]
	return l.eta.total()
}
