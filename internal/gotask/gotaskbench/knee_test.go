package gotaskbench

import (
	"testing"
	"time"
)

func TestKneeIsFoundWithinAFifth(t *testing.T) {
	for _, c := range []struct {
		knee  int // greatest rate that is within the goal
		tries int // at most
	}{{1, 6}, {7, 6}, {10, 6}, {19, 6}, {20, 6}, {99, 8}, {1000, 12}} {
		tried := []Scale{}
		for rate, found := scaleRate, false; !found; rate, found = nextRate(tried) {
			s := Scale{PerSecond: rate, P99: maxScaleP99 / 2}
			if rate > c.knee {
				s.P99 = time.Second
			}
			if tried = append(tried, s); len(tried) > c.tries {
				t.Fatalf("knee at %d: tried %v", c.knee, tried)
			}
		}
		within, beyond := bounds(tried)
		if within > c.knee || beyond <= c.knee || 5*(beyond-within) > max(5, within) {
			t.Errorf("knee at %d: found between %d and %d", c.knee, within, beyond)
		}
	}
}
