package link

import "time"

// rtt estimates the round trip time and from it the retransmission time-out, after RFC 6298. It measures one message at
// a time, and none that was transmitted twice (Karn's algorithm).
type rtt struct {
	smoothed, variation time.Duration
	timed               *stream
	timedSeq            uint64
	timedAt             time.Duration
}

// start measures the given message unless another is being measured.
func (r *rtt) start(st *stream, seq uint64, now time.Duration) {
	if r.timed == nil {
		r.timed, r.timedSeq, r.timedAt = st, seq, now
	}
}

// received ends the measurement if the peer has received the message measured.
func (r *rtt) received(st *stream, seq uint64, now time.Duration) {
	if r.timed != st || seq < r.timedSeq {
		return
	}
	sample := max(now-r.timedAt, time.Microsecond)
	r.timed = nil
	if r.smoothed == 0 {
		r.smoothed, r.variation = sample, sample/2
		return
	}
	r.variation += ((r.smoothed - sample).Abs() - r.variation) / 4
	r.smoothed += (sample - r.smoothed) / 8
}

// abandon gives up a measurement that a retransmission or the end of the stream has spoilt.
func (r *rtt) abandon(st *stream) {
	if r.timed == st {
		r.timed = nil
	}
}

// timeout returns the retransmission time-out before back-off.
func (r *rtt) timeout(least, most time.Duration) time.Duration {
	return min(max(r.smoothed+4*r.variation, least), most)
}
