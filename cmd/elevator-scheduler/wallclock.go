package main

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"elevator/internal/metrics"
)

const (
	// leastStep is what a clock that is only corrected (adjtime(3): half a
	// millisecond a second) never gains or loses between two looks.
	leastStep = time.Second

	// stepRemembered is for how long a step is told: longer than the windows in
	// which rules look at timestamps.
	stepRemembered = 15 * time.Minute
)

// wallClock notices when somebody sets this machine's clock. The cars do not
// care, since what is timed is timed by the monotonic clock; but timestamps in
// logs, journals and metrics from before and after do not compare. All methods
// may be called from any goroutine.
type wallClock struct {
	start time.Time
	log   *slog.Logger

	mu      sync.Mutex    // guards what follows
	running time.Duration // since start, when it was looked at last
	offset  time.Duration // of the wall clock, then
	steps   uint64
	last    time.Duration // by how much it was set last
	lastAt  time.Duration // when, since start
}

func newWallClock(log *slog.Logger) *wallClock {
	return &wallClock{start: time.Now(), log: log}
}

// run looks at the clock every second until ctx is done.
func (c *wallClock) run(ctx context.Context) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case now := <-ticker.C:
			c.look(elapsed(c.start, now))
		case <-ctx.Done():
			return
		}
	}
}

// elapsed returns how much time has passed since start as the wall clock shows
// it, and as it really did.
func elapsed(start, now time.Time) (wall, running time.Duration) {
	return now.Round(0).Sub(start.Round(0)), now.Sub(start)
}

// look compares what the wall clock has gained since the start with the time
// that the program has been running.
func (c *wallClock) look(wall, running time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	offset := wall - running
	step := offset - c.offset
	c.offset, c.running = offset, running
	if step.Abs() < leastStep {
		return
	}
	c.steps++
	c.last, c.lastAt = step, running
	c.log.Warn("the wall clock was set", "by", step, "hint", "times before and after do not compare")
}

// state returns what the metrics show.
func (c *wallClock) state() metrics.ClockState {
	c.mu.Lock()
	defer c.mu.Unlock()
	return metrics.ClockState{Steps: c.steps, Offset: c.offset}
}

// warning says for a while that the clock was set, and by how much; it is empty
// otherwise.
func (c *wallClock) warning() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.steps == 0 || c.running-c.lastAt > stepRemembered {
		return ""
	}
	way := "forward"
	if c.last < 0 {
		way = "back"
	}
	return fmt.Sprintf("this machine's clock was set %s by %v: times before and after do not compare", way, c.last.Abs().Round(time.Second))
}
