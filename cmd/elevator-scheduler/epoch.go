package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"elevator/internal/elevator/tasks"
)

// epochKeeper keeps in the settings when the building's time began, as this
// machine's wall clock has it since it was set. A successor that finds no task
// alive has nothing but the wall clock to tell for how long the building stood.
// All methods may be called from any goroutine.
type epochKeeper struct {
	keep func(epoch time.Time) error
	log  *slog.Logger

	told  chan struct{} // holds a token while a clock has not been looked at
	mu    sync.Mutex    // guards clock
	clock tasks.Clock   // of the building; zero while it is not known

	kept    time.Time // by the journal at first; zero: as the clock says
	failing bool
}

// newEpochKeeper returns one that knows what is kept already: kept, zero for
// nothing.
func newEpochKeeper(kept time.Time, keep func(epoch time.Time) error, log *slog.Logger) *epochKeeper {
	return &epochKeeper{keep: keep, log: log, told: make(chan struct{}, 1), kept: kept}
}

// set takes the building's clock, whose epoch has a monotonic reading.
func (k *epochKeeper) set(c tasks.Clock) {
	k.mu.Lock()
	k.clock = c
	k.mu.Unlock()
	select {
	case k.told <- struct{}{}:
	default:
	}
}

// run looks at the wall clock when it is told a clock, since who has just learnt what
// time it is may die at once, and several times a second, until ctx is done.
func (k *epochKeeper) run(ctx context.Context) {
	ticker := time.NewTicker(250 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-k.told:
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		k.mu.Lock()
		clock := k.clock
		k.mu.Unlock()
		if now := time.Now(); !clock.Epoch.IsZero() {
			k.look(now.Round(0).Add(-now.Sub(clock.Epoch)))
		}
	}
}

// look compares what is kept with the epoch by the wall clock.
func (k *epochKeeper) look(epoch time.Time) {
	if k.kept.IsZero() {
		k.kept = epoch
	}
	if epoch.Sub(k.kept).Abs() < leastStep {
		return
	}
	err := k.keep(epoch)
	switch {
	case err == nil:
		k.kept, k.failing = epoch, false
	case !k.failing:
		k.failing = true
		k.log.Error("keep when the building's time began by the wall clock, which was set", "error", err)
	}
}
