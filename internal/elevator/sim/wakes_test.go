package sim

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"elevator/internal/elevator/control"
)

// The winner tree names the same party as a search through all of them.
func TestWakesFirstIsTheEarliestParty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parties := rapid.IntRange(1, 40).Draw(t, "parties")
		w, at := newWakes(parties), make([]time.Duration, parties)
		for i := range at {
			at[i] = control.Never
		}
		for range rapid.IntRange(1, 100).Draw(t, "steps") {
			i := rapid.IntRange(0, parties-1).Draw(t, "party")
			at[i] = time.Duration(rapid.IntRange(0, 9).Draw(t, "at"))
			w.set(i, at[i])
			first, party := w.first()
			if want := slices.Min(at); first != want || party != slices.Index(at, want) {
				t.Fatalf("first() = %v, %d; all times: %v", first, party, at)
			}
		}
	})
}
