package operator

import (
	"sync"
	"time"
)

// How many commands one client may give.
const (
	commandsPerSecond = 10
	commandBurst      = 20 // at once, after a pause
	mostBuckets       = 1024
)

// limiter gives every client a bucket of tokens that fills again with time.
type limiter struct {
	mu      sync.Mutex // guards buckets
	buckets map[string]bucket
}

// bucket held tokens at the time at.
type bucket struct {
	tokens float64
	at     time.Time
}

func newLimiter() *limiter { return &limiter{buckets: make(map[string]bucket)} }

// take takes a token out of the client's bucket. Where there is none it
// returns false and after what time there will be one.
func (l *limiter) take(client string, now time.Time) (ok bool, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, known := l.buckets[client]
	if !known {
		l.makeRoom(now)
		b = bucket{commandBurst, now}
	}
	b = bucket{b.filled(now), now}
	if b.tokens < 1 {
		l.buckets[client] = b
		return false, time.Duration((1 - b.tokens) / commandsPerSecond * float64(time.Second))
	}
	b.tokens--
	l.buckets[client] = b
	return true, 0
}

func (b bucket) filled(now time.Time) float64 {
	return min(commandBurst, b.tokens+max(0, now.Sub(b.at).Seconds())*commandsPerSecond)
}

// makeRoom forgets full buckets, which are as good as new ones, when there are
// many.
func (l *limiter) makeRoom(now time.Time) {
	if len(l.buckets) < mostBuckets {
		return
	}
	for client, b := range l.buckets {
		if b.filled(now) >= commandBurst {
			delete(l.buckets, client)
		}
	}
}
