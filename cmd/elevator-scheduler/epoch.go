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

	mu    sync.Mutex  // guards clock
	clock tasks.Clock // of the building; zero while it is not known

	kept    time.Time // by the journal at first; zero: as the clock says
	failing bool
}

// set takes the building's clock, whose epoch has a monotonic reading.
func (k *epochKeeper) set(c tasks.Clock) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.clock = c
}

// run looks at the wall clock every second until ctx is done.
func (k *epochKeeper) run(ctx context.Context) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case now := <-ticker.C:
			k.mu.Lock()
			clock := k.clock
			k.mu.Unlock()
			if !clock.Epoch.IsZero() {
				k.look(now.Round(0).Add(-now.Sub(clock.Epoch)))
			}
		case <-ctx.Done():
			return
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
