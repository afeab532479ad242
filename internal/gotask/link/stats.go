package link

import "time"

// Stats are the counters of a Session since it was made, and gauges of its present state.
type Stats struct {
	Peer   uint64 // epoch of the peer's current life, 0 when unknown
	Build  string // of the peer
	InSync bool   // both ends know each other's life

	EnvelopesOut, EnvelopesIn uint64
	BytesOut, BytesIn         uint64
	MessagesOut, MessagesIn   uint64 // accepted by Send, handed out by Next
	Resent                    uint64 // messages transmitted more than once
	Duplicates                uint64 // messages received more than once
	Gaps                      uint64 // messages dropped because an earlier one is missing
	Overflows                 uint64 // messages dropped because they exceeded the window
	Stale                     uint64 // envelopes of or to an earlier life
	Invalid                   uint64 // envelopes refused with ErrEnvelope, and acknowledgements of what was never sent

	Tasks             int
	UnconfirmedOut    int           // messages kept for the peer, all tasks
	UnconfirmedIn     int           // messages received and not confirmed here, all tasks
	UnconfirmedBytes  int           // of both
	WindowUse         float64       // of the fullest outgoing window, 0 to 1
	OldestUnconfirmed time.Duration // age of the oldest message kept for the peer
	Silence           time.Duration // since the last valid envelope of the peer's current life; 0 before the first
	RetransmitTimeout time.Duration // before back-off
}

// PeerBuild returns what the peer's present life said of itself, empty before it did.
func (s *Session) PeerBuild() string { return s.peerBuild }

// Stats returns the counters and gauges. It walks over all tasks.
func (s *Session) Stats(now time.Time) Stats {
	t := s.at(now)
	stats := s.stats
	stats.Peer, stats.Build, stats.InSync = s.peer, s.peerBuild, s.inSync
	stats.Tasks = len(s.streams)
	stats.RetransmitTimeout = s.rtt.timeout(s.cfg.RetransmitMin, s.cfg.RetransmitMax)
	if s.heard {
		stats.Silence = t - s.heardAt
	}
	for _, st := range s.streams {
		stats.UnconfirmedOut += st.out.len()
		stats.UnconfirmedIn += st.in.len()
		stats.UnconfirmedBytes += st.out.bytes + st.in.bytes
		stats.WindowUse = max(stats.WindowUse, float64(st.out.len())/float64(s.windowMessages), float64(st.out.bytes)/float64(s.windowBytes))
		if st.out.len() > 0 {
			stats.OldestUnconfirmed = max(stats.OldestUnconfirmed, t-st.out.at(0).at)
		}
	}
	return stats
}
