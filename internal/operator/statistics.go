package operator

import (
	"sync"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/stats"
)

const (
	// mostJourneys bounds the memory of the statistics. A run that carries more
	// passengers is judged by its latest ones, at least half as many as this, and
	// by those who are on the way.
	mostJourneys = 1 << 17
	// mostUnread is how many events may wait until somebody asks for figures.
	mostUnread = 1 << 12
)

// statistics judges the run. It reads the events behind the Hub's back, when
// figures are asked for, because sorting the waits of a long day takes longer
// than a publisher may be kept waiting.
//
// Its lock is taken before the Hub's, never after.
type statistics struct {
	building *elevator.Building

	mu      sync.Mutex // guards all below
	older   *stats.Collector
	newer   *stats.Collector // takes over when older is full; nil before older is half full
	scratch []elevator.Event
	most    int
}

func newStatistics(b *elevator.Building) *statistics {
	return &statistics{building: b, older: stats.NewCollector(b), most: mostJourneys}
}

// readByStatistics reports whether events of the kind say something about
// passengers' journeys or cars' flights.
func readByStatistics(kind elevator.EventKind) bool {
	switch kind {
	case elevator.PassengerArrived, elevator.PassengerBoarded, elevator.PassengerAlighted,
		elevator.CarDeparted, elevator.CarArrived, elevator.CarRecovered, elevator.SnapshotTaken:
		return true
	}
	return false
}

// catchUp reads what is unread, unless somebody is at it.
func (s *statistics) catchUp(h *Hub) {
	if !s.mu.TryLock() {
		return
	}
	defer s.mu.Unlock()
	s.read(h, time.Time{})
}

// read reads what is unread and returns the group and the building's time that
// belong to it. The caller holds s.mu.
func (s *statistics) read(h *Hub, wall time.Time) (*elevator.Group, time.Duration) {
	h.mu.Lock()
	s.scratch, h.unread = h.unread, s.scratch[:0]
	g, now := h.group.Clone(), h.now(wall)
	h.mu.Unlock()
	for i := range s.scratch {
		s.older.Apply(&s.scratch[i])
		if s.newer != nil {
			s.newer.Apply(&s.scratch[i])
		}
	}
	clear(s.scratch)
	s.forget(g)
	return g, now
}

// forget begins a new collector when the older one is half full, and drops the
// older one when it is full and the new one knows enough to take over. The new
// one begins with who is on the way.
func (s *statistics) forget(g *elevator.Group) {
	n := len(s.older.Journeys())
	if s.newer == nil && n >= s.most/2 {
		joined := elevator.NewEvent(g.T, elevator.SnapshotTaken)
		joined.Detail = &elevator.Detail{Snapshot: g}
		s.newer = stats.NewCollector(s.building)
		s.newer.Apply(&joined)
	}
	if s.newer != nil && n >= s.most && len(s.newer.Journeys()) >= s.most/2 {
		s.older, s.newer = s.newer, nil
	}
}

// judge returns the figures, and the group and the building's time that belong
// to them.
func (s *statistics) judge(h *Hub, wall time.Time) (stats.Result, *elevator.Group, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, now := s.read(h, wall)
	r := s.older.Result()
	r.SimulatedS = g.T.Seconds()
	return r, g, now
}

// Statistics returns the figures of all passengers so far; of a run of more
// than 131 072 passengers, those of the latest 65 536 or more.
func (h *Hub) Statistics() stats.Result {
	r, _, _ := h.statistics.judge(h, time.Time{})
	return r
}
