package tasks

import (
	"testing"
	"time"
)

// A late message lengthens the window at once and for a while, within bounds.
func TestLateness(t *testing.T) {
	var l lateness
	start := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	for _, step := range []struct {
		after, late, want time.Duration
	}{
		{0, 10 * time.Millisecond, shortestWindow},
		{1 * time.Second, 300 * time.Millisecond, 600 * time.Millisecond},
		{2 * time.Second, 20 * time.Millisecond, 600 * time.Millisecond},
		{11 * time.Second, 20 * time.Millisecond, 600 * time.Millisecond}, // of the period before
		{22 * time.Second, 20 * time.Millisecond, shortestWindow},
		{23 * time.Second, time.Minute, longestWindow},
	} {
		l.arrived(start.Add(step.after), step.late)
		if got := l.window(); got != step.want {
			t.Errorf("after %v, late by %v: window %v, want %v", step.after, step.late, got, step.want)
		}
	}
}
