package operator

import (
	"fmt"
	"sync"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/motion"
	"elevator/internal/elevator/stats"
)

// What the Hub keeps for readers of the event stream who come back.
const (
	keptEvents = 1 << 16
	keptBytes  = 16 << 20
)

// Hub is the journal's reader behind the API: it folds published events and
// hands them on.
type Hub struct {
	building *elevator.Building
	law      *motion.Law

	mu      sync.Mutex // guards all below
	header  []byte
	group   *elevator.Group
	stats   *stats.Collector
	metrics *carriage
	ring    *ring
	changed chan struct{} // closed and replaced whenever an event was published
	started time.Time     // wall time of the run's beginning; zero before it
	speed   float64
	ended   bool
}

// NewHub returns a hub for a group of building b at the start of its run.
func NewHub(b *elevator.Building, law *motion.Law) *Hub {
	return &Hub{
		building: b,
		law:      law,
		group:    elevator.NewGroup(b),
		stats:    stats.NewCollector(b),
		metrics:  newCarriage(),
		ring:     newRing(keptEvents, keptBytes),
		changed:  make(chan struct{}),
	}
}

// Publish folds journaled events, which must carry their sequence numbers, and
// wakes the readers. An event that the fold refuses is reported and passed on
// all the same: a reader must see the journal as it is.
func (h *Hub) Publish(events []elevator.Event) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	var refused error
	for i := range events {
		if err := h.publish(&events[i]); err != nil && refused == nil {
			refused = err
		}
	}
	close(h.changed)
	h.changed = make(chan struct{})
	return refused
}

func (h *Hub) publish(e *elevator.Event) error {
	line := elevator.AppendEvent(nil, h.building, e)
	switch e.Kind {
	case elevator.BuildingLoaded:
		h.header = line
		h.started, h.speed = e.Detail.Header.WallTime, e.Detail.Header.Speed
	case elevator.SnapshotTaken:
		h.group = e.Detail.Snapshot.Clone()
		h.group.Seq, h.group.T = e.Seq, e.T
	}
	if e.Seq != h.ring.next() {
		h.ring.restart(e.Seq)
	}
	h.ring.push(line)
	h.metrics.observe(h.group, e)
	h.stats.Apply(e)
	if err := h.group.Apply(e); err != nil {
		return fmt.Errorf("fold for the operators: %w", err)
	}
	return nil
}

// Resume starts the hub from a recovered group instead of the run's beginning.
func (h *Hub) Resume(g *elevator.Group) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.group = g.Clone()
	h.ring.restart(g.Seq + 1)
}

// Group returns a copy of the present state.
func (h *Hub) Group() *elevator.Group {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.group.Clone()
}

// Statistics returns those of all passengers so far.
func (h *Hub) Statistics() stats.Result {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.stats.Result()
}

// now returns the building's time at the wall time given: the run's clock, or
// the last event's time where that is later.
func (h *Hub) now(wall time.Time) time.Duration {
	if h.started.IsZero() || h.ended {
		return h.group.T
	}
	return max(h.group.T, time.Duration(float64(wall.Sub(h.started))*h.speed))
}

// opening appends the two lines that a new reader of the stream starts with,
// the building and a snapshot, and returns the sequence number that follows
// them; 0 and no lines while the run has not begun. The channel is closed when
// there is more.
func (h *Hub) opening(batch [][]byte) ([][]byte, uint64, <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.header == nil {
		return batch, 0, h.changed
	}
	snapshot := elevator.NewEvent(h.group.T, elevator.SnapshotTaken)
	snapshot.Seq = h.group.Seq
	snapshot.Detail = &elevator.Detail{Snapshot: h.group}
	return append(batch, h.header, elevator.AppendEvent(nil, h.building, &snapshot)), h.ring.next(), h.changed
}

// read appends the encoded events from sequence number seq on to batch. The
// channel is closed when there are more.
func (h *Hub) read(seq uint64, batch [][]byte, limit int) ([][]byte, <-chan struct{}, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	batch, err := h.ring.from(seq, batch, limit)
	return batch, h.changed, err
}
