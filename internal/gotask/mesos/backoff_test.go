package mesos

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestBackoffBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shortest := time.Duration(rapid.Int64Range(1, int64(time.Second)).Draw(t, "shortest"))
		longest := shortest + time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "more"))
		pauses := backoff{shortest: shortest, longest: longest}
		want := shortest
		for range 60 {
			if got := pauses.grow(); got != want {
				t.Fatalf("bound %v, want %v", got, want)
			}
			want = min(2*want, longest)
		}
		pauses.reset()
		if got := pauses.grow(); got != shortest {
			t.Fatalf("bound %v after a reset, want %v", got, shortest)
		}
	})
}

func TestRandomUpTo(t *testing.T) {
	for _, bound := range []time.Duration{-1, 0, 1, time.Second} {
		seen := map[time.Duration]bool{}
		for range 100 {
			got := randomUpTo(bound)
			if got < 0 || got > max(bound, 0) {
				t.Fatalf("%v is not from 0 to %v", got, bound)
			}
			seen[got] = true
		}
		if bound > 0 && len(seen) < 2 {
			t.Errorf("bound %v: always the same", bound)
		}
	}
}
