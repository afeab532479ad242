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
	mu        sync.Mutex // guards all below
	collected *stats.Collector
	scratch   []elevator.Event
	most      int
}

func newStatistics(b *elevator.Building) *statistics {
	return &statistics{collected: stats.NewCollector(b), most: mostJourneys}
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
		s.collected.Apply(&s.scratch[i])
	}
	clear(s.scratch)
	if all := s.collected.Journeys(); len(all) > s.most {
		s.collected.Forget(all[len(all)-s.most/2].ArrivedAt)
	}
	return g, now
}

// judge returns the figures, and the group and the building's time that belong
// to them.
func (s *statistics) judge(h *Hub, wall time.Time) (stats.Result, *elevator.Group, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, now := s.read(h, wall)
	r := s.collected.Result()
	r.SimulatedS = g.T.Seconds()
	return r, g, now
}

// Statistics returns the figures of all passengers so far; of a run of more
// than 131 072 passengers, those of the latest 65 536 or more.
func (h *Hub) Statistics() stats.Result {
	r, _, _ := h.statistics.judge(h, time.Time{})
	return r
}
