package mesos

import (
	"context"
	"math/rand/v2"
	"time"
)

// backoff is exponential with full jitter: the n-th pause is random between 0 and shortest·2ⁿ, at most longest.
// Reference: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
type backoff struct {
	shortest, longest time.Duration
	failures          int
}

// next returns the pause after one more failure.
func (b *backoff) next() time.Duration {
	bound := b.longest
	if shift := b.failures; shift < 30 && b.shortest<<shift < b.longest {
		bound = b.shortest << shift
	}
	b.failures++
	return randomUpTo(bound)
}

// quick returns a short pause without counting a failure.
func (b *backoff) quick() time.Duration { return randomUpTo(2 * b.shortest) }

func (b *backoff) reset() { b.failures = 0 }

func randomUpTo(bound time.Duration) time.Duration {
	if bound <= 0 {
		return 0
	}
	return rand.N(bound + 1)
}

// pause waits for d or the end of ctx.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
