package localmesos

import "sync"

// stoppable is the lock of a master's or an agent's process, which can be stopped
// where it stands as SIGSTOP would. What is sent to it meanwhile waits, as in the
// kernel's buffers.
type stoppable struct {
	mu     sync.Mutex
	thawed *sync.Cond // of mu: frozen may have changed
	frozen bool
}

func newStoppable() *stoppable {
	s := &stoppable{}
	s.thawed = sync.NewCond(&s.mu)
	return s
}

// lock takes the lock for what the process does, after it was thawed if it is
// frozen.
func (s *stoppable) lock() {
	s.mu.Lock()
	for s.frozen {
		s.thawed.Wait()
	}
}

// setFrozen stops the process or lets it go on. The caller holds the lock.
func (s *stoppable) setFrozen(on bool) {
	s.frozen = on
	s.thawed.Broadcast()
}
