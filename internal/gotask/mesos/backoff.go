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
	bound             time.Duration // bound of the next pause; 0 stands for shortest
}

// next returns the pause after one more failure.
func (b *backoff) next() time.Duration { return randomUpTo(b.grow()) }

// grow returns the bound of the next pause and doubles it for the one after.
func (b *backoff) grow() time.Duration {
	bound := max(b.bound, b.shortest)
	b.bound = b.longest
	if bound <= b.longest/2 {
		b.bound = 2 * bound
	}
	return bound
}

// quick returns a short pause without counting a failure.
func (b *backoff) quick() time.Duration { return randomUpTo(2 * b.shortest) }

func (b *backoff) reset() { b.bound = 0 }

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
