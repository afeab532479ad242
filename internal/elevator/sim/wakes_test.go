package sim

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The winner tree names the same party as a search through all of them.
func TestWakesFirstIsTheEarliestParty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parties := rapid.IntRange(1, 40).Draw(t, "parties")
		w := newWakes(parties)
		for range rapid.IntRange(1, 100).Draw(t, "steps") {
			w.set(rapid.IntRange(0, parties-1).Draw(t, "party"), time.Duration(rapid.IntRange(0, 9).Draw(t, "at")))
			at, party := w.first()
			if want := slices.Min(w.at); at != want || party != slices.Index(w.at, want) {
				t.Fatalf("first() = %v, %d; all times: %v", at, party, w.at)
			}
		}
	})
}
