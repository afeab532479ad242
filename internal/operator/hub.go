package operator

import (
	"bytes"
	"fmt"
	"sync"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/alarm"
	"elevator/internal/elevator/motion"
)

// What the Hub keeps for readers of the event stream who come back.
const (
	keptEvents = 1 << 16
	keptBytes  = 16 << 20
)

// Hub is the journal's reader behind the API: it folds published events and
// hands them on.
type Hub struct {
	building   *elevator.Building
	law        *motion.Law
	watch      *alarm.Watch // of group
	counters   *counters
	statistics *statistics
	published  chan struct{} // holds one token while there are events that readers were not woken for

	mu      sync.Mutex // guards all below; never held while something is encoded, sorted or written
	header  []byte
	group   *elevator.Group
	ages    *carCallAges
	unread  []elevator.Event // those the statistics have not read yet
	ring    *ring
	changed chan struct{} // closed and replaced to wake the readers
	clock   runClock
	line    []byte // scratch
}

// runClock says what time it is in the building: zero at epoch, and from there on
// speed times as fast as the wall's.
type runClock struct {
	epoch time.Time // zero before the run began
	speed float64
}

// NewHub returns a hub for a group of building b at the start of its run.
func NewHub(b *elevator.Building, law *motion.Law) *Hub {
	return &Hub{
		building:   b,
		law:        law,
		watch:      alarm.NewWatch(law),
		counters:   newCounters(b),
		statistics: newStatistics(b),
		published:  make(chan struct{}, 1),
		group:      elevator.NewGroup(b),
		ages:       newCarCallAges(b),
		ring:       newRing(keptEvents, keptBytes),
		changed:    make(chan struct{}),
	}
}

// Publish folds journaled events, which must carry their sequence numbers, and
// has the readers woken. An event that the fold refuses is reported and passed
// on all the same: a reader must see the journal as it is.
func (h *Hub) Publish(events []elevator.Event) error {
	unread, refused := h.fold(events)
	if unread >= mostUnread {
		h.statistics.catchUp(h)
	}
	select {
	case h.published <- struct{}{}:
	default:
	}
	return refused
}

// fold folds the events and returns how many the statistics have not read, and
// the first refusal.
func (h *Hub) fold(events []elevator.Event) (unread int, refused error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range events {
		if err := h.foldOne(&events[i]); err != nil && refused == nil {
			refused = err
		}
	}
	return len(h.unread), refused
}

func (h *Hub) foldOne(e *elevator.Event) error {
	h.line = elevator.AppendEvent(h.line[:0], h.building, e)
	line := bytes.Clone(h.line)
	if e.Seq != h.ring.next() {
		h.ring.restart(e.Seq)
	}
	h.ring.push(line)
	switch e.Kind {
	case elevator.BuildingLoaded:
		h.header = line
	case elevator.SnapshotTaken:
		h.group = e.Detail.Snapshot.Clone()
	}
	if readByStatistics(e.Kind) {
		h.unread = append(h.unread, *e)
	}
	before := recall(h.group, e)
	if err := h.watch.Apply(h.group, e); err != nil {
		h.counters.refused.Inc()
		return fmt.Errorf("fold for the operators: %w", err)
	}
	h.counters.count(e, before)
	h.ages.note(e, before)
	return nil
}

// Resume starts the hub from a recovered group instead of the run's beginning.
func (h *Hub) Resume(g *elevator.Group) {
	joined := elevator.NewEvent(g.T, elevator.SnapshotTaken)
	joined.Detail = &elevator.Detail{Snapshot: g.Clone()}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.group = g.Clone()
	_ = h.watch.Apply(h.group, &joined) // which it cannot refuse
	h.ages.joined(g.T)
	h.unread = append(h.unread, joined)
	h.ring.restart(g.Seq + 1)
}

// SetClock says when the building's time was zero and how many times faster than
// the wall clock it runs. Where the epoch has a monotonic reading, steps of the wall
// clock do not matter.
func (h *Hub) SetClock(epoch time.Time, speed float64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.clock = runClock{epoch, speed}
}

// Group returns a copy of the present state.
func (h *Hub) Group() *elevator.Group {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.group.Clone()
}

// mayHaveTask reports whether the group has a task of that name, or none is
// known yet.
func (h *Hub) mayHaveTask(name string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, known := h.group.Tasks[name]
	return known || len(h.group.Tasks) == 0
}

// alarmSeen reports whether the group has an alarm of that name and, where
// nothing about it is left to acknowledge, who did that.
func (h *Hub) alarmSeen(name string, wall time.Time) (seen string, known bool) {
	g, now := h.at(wall)
	for _, a := range alarm.At(h.law, g, now) {
		if a.Name != name && name != elevator.AllAlarms {
			continue
		}
		if !a.Acknowledged {
			return "", true
		}
		seen, known = "acknowledged already by "+a.AcknowledgedBy, true
	}
	if name == elevator.AllAlarms {
		return "there is no alarm that nobody has acknowledged", true
	}
	return seen, known
}

// at returns a copy of the group and the building's time at the wall time
// given.
func (h *Hub) at(wall time.Time) (*elevator.Group, time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.group.Clone(), h.now(wall)
}

// measure is at, with the age of each car's oldest lit call at that time.
func (h *Hub) measure(wall time.Time) (*elevator.Group, time.Duration, []time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	g, now := h.group.Clone(), h.now(wall)
	return g, now, h.ages.oldest(g, now)
}

// now returns the building's time at the wall time given: the run's clock, or
// the last event's time where that is later.
func (h *Hub) now(wall time.Time) time.Duration {
	if h.clock.epoch.IsZero() || wall.Before(h.clock.epoch) {
		return h.group.T
	}
	return max(h.group.T, time.Duration(float64(wall.Sub(h.clock.epoch))*h.clock.speed))
}

// opening appends the two lines that a new reader of the stream starts with,
// the building and a snapshot, and returns the sequence number that follows
// them; 0 and no lines while the run has not begun. The channel is closed when
// there is more.
func (h *Hub) opening(batch [][]byte) ([][]byte, uint64, <-chan struct{}) {
	h.mu.Lock()
	header, changed, next := h.header, h.changed, h.ring.next()
	if header == nil {
		h.mu.Unlock()
		return batch, 0, changed
	}
	g := h.group.Clone()
	h.mu.Unlock()
	snapshot := elevator.NewEvent(g.T, elevator.SnapshotTaken)
	snapshot.Seq = g.Seq
	snapshot.Detail = &elevator.Detail{Snapshot: g}
	return append(batch, header, elevator.AppendEvent(nil, h.building, &snapshot)), next, changed
}

// read appends the encoded events from sequence number seq on to batch. The
// channel is closed when there are more.
func (h *Hub) read(seq uint64, batch [][]byte, limit int) ([][]byte, <-chan struct{}, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	batch, err := h.ring.from(seq, batch, limit)
	return batch, h.changed, err
}

// wakeReaders wakes all readers after events were published, at most once in
// every pause, until done is closed. That the readers are woken here and not by
// Publish keeps their number out of what Publish costs.
func (h *Hub) wakeReaders(done <-chan struct{}, pause time.Duration) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for {
		select {
		case <-h.published:
		case <-done:
			return
		}
		h.mu.Lock()
		close(h.changed)
		h.changed = make(chan struct{})
		h.mu.Unlock()
		timer.Reset(pause)
		select {
		case <-timer.C:
		case <-done:
			return
		}
	}
}
