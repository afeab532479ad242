package sim

import (
	"time"

	"elevator/internal/elevator/control"
)

// wakes knows for a fixed number of parties when each wants to be woken, and
// which of them first: a winner tree. Setting one time costs the logarithm of
// the number of parties; among equal times the lowest party wins, so that a run
// is deterministic.
//
// Invariant: node i is the earlier of its children 2i and 2i+1, the left one of
// equals; node 1 is the root, and the leaves are the parties in their order.
type wakes struct {
	leaves int // a power of two
	nodes  []wake
}

// wake is when a party wants to be woken.
type wake struct {
	at    time.Duration
	party int
}

func newWakes(parties int) *wakes {
	leaves := 1
	for leaves < parties {
		leaves *= 2
	}
	w := &wakes{leaves: leaves, nodes: make([]wake, 2*leaves)}
	for i := range leaves {
		w.nodes[leaves+i] = wake{control.Never, i}
	}
	for node := leaves - 1; node > 0; node-- {
		w.nodes[node] = w.nodes[2*node]
	}
	return w
}

// set makes t the time at which the party wants to be woken.
func (w *wakes) set(party int, t time.Duration) {
	node := w.leaves + party
	if w.nodes[node].at == t {
		return
	}
	w.nodes[node].at = t
	for node /= 2; node > 0; node /= 2 {
		winner := w.nodes[2*node]
		if right := w.nodes[2*node+1]; right.at < winner.at {
			winner = right
		}
		if w.nodes[node] == winner {
			return // nothing changed for the nodes above
		}
		w.nodes[node] = winner
	}
}

// first returns the earliest time and whose it is.
func (w *wakes) first() (time.Duration, int) { return w.nodes[1].at, w.nodes[1].party }
