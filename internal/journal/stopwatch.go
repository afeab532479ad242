package journal

import (
	"sync/atomic"
	"time"
)

// stopwatch measures what one goroutine has under way. That goroutine begins and
// ends it; anybody may look.
type stopwatch struct{ began atomic.Pointer[time.Time] }

// begin starts it.
func (s *stopwatch) begin() {
	now := time.Now()
	s.began.Store(&now)
}

// end stops it and returns how long it took.
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
