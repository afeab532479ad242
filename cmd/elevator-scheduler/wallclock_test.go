package main

import (
	"log/slog"
	"testing"
	"time"

	"elevator/internal/metrics"
)

// TestWallClock looks at a clock that gains a little every second, is set an
// hour forward, runs on, and is set back.
func TestWallClock(t *testing.T) {
	c := newWallClock(slog.New(slog.DiscardHandler))
	running, gained := time.Duration(0), time.Duration(0)
	pass := func(seconds int) {
		for range seconds {
			running += time.Second
			gained += 500 * time.Microsecond // as adjtime(3) does it
			c.look(running+gained, running)
		}
	}
	check := func(when, warning string, steps uint64) {
		t.Helper()
		if got := c.warning(); got != warning {
			t.Errorf("%s: warning %q, want %q", when, got, warning)
		}
		if got, want := c.state(), (metrics.ClockState{Steps: steps, Offset: gained}); got != want {
			t.Errorf("%s: %+v, want %+v", when, got, want)
		}
	}
	pass(3600)
	check("after an hour of slow correction", "", 0)

	gained += time.Hour
	pass(1)
	check("set forward", "this machine's clock was set forward by 1h0m0s: times before and after do not compare", 1)
	pass(15 * 60)
	check("a quarter of an hour later", "this machine's clock was set forward by 1h0m0s: times before and after do not compare", 1)
	pass(1)
	check("later", "", 1)

	gained -= 90 * time.Second
	pass(1)
	check("set back", "this machine's clock was set back by 1m30s: times before and after do not compare", 2)
}

func TestWallClockAgreesWithItself(t *testing.T) {
	start := time.Now()
	wall, running := elapsed(start, start.Add(3*time.Second))
	if wall != running || running != 3*time.Second {
		t.Errorf("wall %v, running %v", wall, running)
	}
}
