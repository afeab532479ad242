package journal

import (
	"sync/atomic"
	"time"
)

// stopwatch measures what is under way. Anybody may look at it.
type stopwatch struct{ began atomic.Pointer[time.Time] }

func (s *stopwatch) begin() {
	now := time.Now()
	s.began.Store(&now)
}

// end returns how long it took.
func (s *stopwatch) end() time.Duration {
	took := s.runs()
	s.began.Store(nil)
	return took
}

// runs returns for how long it has been under way, 0 where nothing is.
func (s *stopwatch) runs() time.Duration {
	began := s.began.Load()
	if began == nil {
		return 0
	}
	return time.Since(*began)
}
