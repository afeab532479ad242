package sim

import (
	"time"

	"elevator/internal/elevator/control"
)

// wakes knows for a fixed number of parties when each wants to be woken, and
// which of them first: a winner tree. Setting one time costs the logarithm of
// the number of parties; among equal times the lowest party wins, so that a run
// is deterministic.
type wakes struct {
	leaves int             // a power of two
	at     []time.Duration // for each party
	winner []int32         // node 1 is the root; node i plays its children 2i and 2i+1; leaves are the parties
}

func newWakes(parties int) *wakes {
	leaves := 1
	for leaves < parties {
		leaves *= 2
	}
	w := &wakes{leaves: leaves, at: make([]time.Duration, leaves), winner: make([]int32, 2*leaves)}
	for i := range leaves {
		w.at[i] = control.Never
		w.winner[leaves+i] = int32(i)
	}
	for node := leaves - 1; node > 0; node-- {
		w.play(node)
	}
	return w
}

func (w *wakes) play(node int) {
	a, b := w.winner[2*node], w.winner[2*node+1]
	if w.at[b] < w.at[a] {
		a = b
	}
	w.winner[node] = a
}

// set makes t the time at which the party wants to be woken.
func (w *wakes) set(party int, t time.Duration) {
	if w.at[party] == t {
		return
	}
	w.at[party] = t
	for node := (w.leaves + party) / 2; node > 0; node /= 2 {
		before := w.winner[node]
		w.play(node)
		if w.winner[node] == before && before != int32(party) {
			return // nothing changed for the nodes above
		}
	}
}

// first returns the earliest time and whose it is.
func (w *wakes) first() (time.Duration, int) {
	party := int(w.winner[1])
	return w.at[party], party
}
