package gotask

import (
	"time"

	"elevator/internal/gotask/link"
)

// LinkStats describes the reliable messages to and from one executor, or several. Numbers without another word count
// since the executor was first seen.
type LinkStats struct {
	Sent, Received                   uint64        // messages
	Resent                           uint64        // messages sent again because no confirmation came
	EnvelopesSent, EnvelopesReceived uint64        // Mesos messages, each of which holds several of ours
	BytesSent, BytesReceived         uint64        // of their data
	Unconfirmed                      int           // messages sent and not confirmed yet, now
	OldestUnconfirmed                time.Duration // age of the oldest of them, 0 without any
	WindowUse                        float64       // of the fullest window of a task, now, 0 to 1
}

func newLinkStats(s link.Stats) LinkStats {
	return LinkStats{
		Sent: s.MessagesOut, Received: s.MessagesIn, Resent: s.Resent,
		EnvelopesSent: s.EnvelopesOut, EnvelopesReceived: s.EnvelopesIn,
		BytesSent: s.BytesOut, BytesReceived: s.BytesIn,
		Unconfirmed: s.UnconfirmedOut, OldestUnconfirmed: s.OldestUnconfirmed, WindowUse: s.WindowUse,
	}
}

// plus returns the stats of both together.
func (s LinkStats) plus(o LinkStats) LinkStats {
	return LinkStats{
		Sent: s.Sent + o.Sent, Received: s.Received + o.Received, Resent: s.Resent + o.Resent,
		EnvelopesSent: s.EnvelopesSent + o.EnvelopesSent, EnvelopesReceived: s.EnvelopesReceived + o.EnvelopesReceived,
		BytesSent: s.BytesSent + o.BytesSent, BytesReceived: s.BytesReceived + o.BytesReceived,
		Unconfirmed:       s.Unconfirmed + o.Unconfirmed,
		OldestUnconfirmed: max(s.OldestUnconfirmed, o.OldestUnconfirmed),
		WindowUse:         max(s.WindowUse, o.WindowUse),
	}
}

// total returns the stats as they count once their executor is gone: nothing is under way any more.
func (s LinkStats) total() LinkStats {
	s.Unconfirmed, s.OldestUnconfirmed, s.WindowUse = 0, 0, 0
	return s
}

// LinkStats returns the traffic with all executors, those that are gone among them, so that what counts never decreases.
func (s *GoTaskScheduler) LinkStats() LinkStats {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := s.past
	for _, p := range s.peers {
		sum = sum.plus(newLinkStats(p.session.Stats(now)))
	}
	return sum
}

// observeLinks tells the observer of the traffic with every executor.
func (s *GoTaskScheduler) observeLinks(now time.Time) {
	for _, p := range s.peers {
		s.cfg.Observer.Link(p.key.agent+"/"+p.key.executor, newLinkStats(p.session.Stats(now)))
	}
}
