package gotask

import "time"

// ExecutorState is a snapshot of an executor, for its metrics.
type ExecutorState struct {
	Tasks                 int // that have not ended
	UnacknowledgedUpdates int
	Link                  LinkStats // with the scheduler
}

// State returns a snapshot.
func (e *GoTaskExecutor) State() ExecutorState {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := ExecutorState{Tasks: len(e.tasks), UnacknowledgedUpdates: len(e.updates)}
	if e.session != nil {
		s.Link = newLinkStats(e.session.Stats(time.Now()))
	}
	return s
}
