package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"elevator/internal/elevator/tasks"
)

// The epoch is kept when the wall clock was set, again when the disk had no room,
// and not when nothing happened.
func TestEpochKeeper(t *testing.T) {
	epoch := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	full := true
	var kept []time.Time
	k := newEpochKeeper(time.Time{}, func(e time.Time) error {
		if full {
			return errors.New("no space left on device")
		}
		kept = append(kept, e)
		return nil
	}, slog.New(slog.DiscardHandler))
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

// A clock that was learnt in a takeover is kept at once: the next to die may be all.
func TestEpochIsKeptAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var kept []time.Time
		before := time.Now().Add(-time.Hour)
		k := newEpochKeeper(before, func(e time.Time) error {
			kept = append(kept, e)
			return nil
		}, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { k.run(ctx) })
		learnt := before.Add(108 * time.Second)
		k.set(tasks.Clock{Epoch: learnt, Speed: 10})
		synctest.Wait() // no time has passed
		cancel()
		running.Wait()
		if len(kept) != 1 || !kept[0].Equal(learnt) {
			t.Errorf("kept %v, want %v", kept, learnt)
		}
	})
}
