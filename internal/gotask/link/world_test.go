package link

import (
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func drawOptions(t *rapid.T) worldOptions {
	return worldOptions{
		tasks:     rapid.IntRange(1, 6).Draw(t, "tasks"),
		messages:  rapid.IntRange(1, 400).Draw(t, "messages"),
		loss:      rapid.SampledFrom([]float64{0, 0.05, 0.3}).Draw(t, "loss"),
		truncate:  rapid.SampledFrom([]float64{0, 0.05}).Draw(t, "truncate"),
		cuts:      rapid.SampledFrom([]float64{0, 0.02}).Draw(t, "cuts"),
		restarts:  rapid.SampledFrom([]float64{0, 0.01}).Draw(t, "restarts"),
		finishes:  rapid.SampledFrom([]float64{0, 0.01}).Draw(t, "finishes"),
		journal:   rapid.Bool().Draw(t, "journal"),
		window:    rapid.SampledFrom([]int{1, 4, 64}).Draw(t, "window"),
		slowTasks: rapid.Bool().Draw(t, "slowTasks"),
	}
}

// Whatever the carrier and the two processes do, messages are handed out exactly once and in order, and what is not
// confirmed is delivered again or returned.
func TestExactlyOnceInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(rapid.Uint64().Draw(t, "seed"), drawOptions(t))
		if err := w.run(); err != nil {
			t.Fatal(err)
		}
	})
}

// The same for long: 10^6 messages with ELEVATOR_SOAK=1, else a few thousand.
func TestExactlyOnceInOrderLong(t *testing.T) {
	messages, seed := 20_000, uint64(1)
	if os.Getenv("ELEVATOR_SOAK") == "1" {
		messages, seed = 1_000_000, rand.Uint64()
	}
	t.Logf("seed %d", seed)
	begin := time.Now()
	w := newWorld(seed, worldOptions{
		tasks: 20, messages: messages, loss: 0.3, truncate: 0.01,
		cuts: 0.002, restarts: 0.0005, finishes: 0.0005, journal: true, slowTasks: true,
	})
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d messages, %v simulated, %v elapsed, %d envelopes lost, %d lives", w.sent, w.now, time.Since(begin), w.down.lost+w.up.lost, w.epoch)
}
