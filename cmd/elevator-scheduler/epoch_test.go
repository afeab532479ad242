package main

import (
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"
)

// The epoch is kept when the wall clock was set, again when the disk had no room,
// and not when nothing happened.
func TestEpochKeeper(t *testing.T) {
	epoch := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	full := true
	var kept []time.Time
	k := &epochKeeper{log: slog.New(slog.DiscardHandler), keep: func(e time.Time) error {
		if full {
			return errors.New("no space left on device")
		}
		kept = append(kept, e)
		return nil
	}}
	set := epoch.Add(time.Hour)
	back := set.Add(-24 * time.Hour)
	k.look(epoch)
	k.look(epoch.Add(leastStep / 2))
	k.look(set)
	full = false
	k.look(set)
	k.look(set)
	k.look(back)
	if want := []time.Time{set, back}; !slices.Equal(kept, want) {
		t.Errorf("kept %v, want %v", kept, want)
	}
}
