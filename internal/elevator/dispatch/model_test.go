package dispatch

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// While a future is played, no car would turn that the model does not turn, and eta
// wants to be asked when the model thinks it does: the model looks at those cars
// alone whose work has changed, and asks for the time only after what can move it.
func TestModelOverlooksNoChange(t *testing.T) {
	p := testPlant(12, 4)
	rapid.Check(t, func(t *rapid.T) {
		v := drawView(t, p)
		m, s, r := newModel(p, defaultTuning()), newSampler(p.Building), newRates(newTiming(p))
		for side := range r.count {
			for f := range r.count[side] {
				r.count[side][f] = float64(rapid.IntRange(0, 8).Draw(t, "people"))
			}
		}
		r.since = v.Now
		s.dice = dice(rapid.Uint64().Draw(t, "seed"))
		s.estimate(&r, v.Now)
		var f future
		s.draw(v, lookaheadHorizon, &f)
		m.start(v, &r, &f)
		m.solve()
		for m.advance(v.Now + lookaheadHorizon) {
			if at, ok := m.eta.Wake(&m.view); ok && at != m.wake || !ok && m.wake != never {
				t.Fatalf("at %v the model waits for %v, eta for %v (%v)", m.now, m.wake, at, ok)
			}
			for i := range m.cars {
				checkFollows(t, m, i)
			}
		}
	})
}

// checkFollows has car i turn to its work although the model saw no change of it,
// and expects that it does nothing.
func checkFollows(t *rapid.T, m *model, i int) {
	if m.cars[i].changed {
		return // the model looks at it when it has asked eta
	}
	c, car, calls := m.cars[i], m.view.Cars[i], slices.Clone(m.view.Calls)
	m.cars[i].changed = true
	m.turnTo(i)
	if m.view.Cars[i] != car || m.cars[i].phase != c.phase || m.cars[i].next != c.next || !slices.Equal(m.view.Calls, calls) {
		t.Fatalf("at %v car %d does %+v, not %+v", m.now, i, m.view.Cars[i], car)
	}
	m.cars[i].changed = false
}
