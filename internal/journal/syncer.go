package journal

import (
	"errors"
	"os"
	"sync"
)

// syncer brings files to the disk in a goroutine of its own. One request
// stands for all lines written before it is taken up, so a slow disk delays
// nobody and many flushes cost one sync. A nil syncer does nothing.
type syncer struct {
	sync     func(flushed) error
	requests chan flushed // holds at most one
	done     chan struct{}

	mu  sync.Mutex // guards err
	err error
}

// flushed is a file that was written up to the event of that number.
type flushed struct {
	file journalFile
	seq  uint64
}

func startSyncer(sync func(flushed) error) *syncer {
	s := &syncer{sync: sync, requests: make(chan flushed, 1), done: make(chan struct{})}
	go s.run()
	return s
}

func (s *syncer) run() {
	defer close(s.done)
	for request := range s.requests {
		// A file that was rotated away meanwhile was synced before it was closed.
		if err := s.sync(request); err != nil && !errors.Is(err, os.ErrClosed) {
			s.mu.Lock()
			s.err = errors.Join(s.err, err)
			s.mu.Unlock()
		}
	}
}

// request asks for a sync of what was written. A request that has not been
// taken up yet is for the same file or for one that needs none any more, and
// gives way.
func (s *syncer) request(f flushed) {
	if s == nil {
		return
	}
	select {
	case <-s.requests:
	default:
	}
	s.requests <- f
}

// failure returns the errors of syncs so far.
func (s *syncer) failure() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// stop waits for the last sync and ends the goroutine.
func (s *syncer) stop() error {
	if s == nil {
		return nil
	}
	select {
	case <-s.done:
	default:
		close(s.requests)
		<-s.done
	}
	return s.failure()
}
