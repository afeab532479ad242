package link

import (
	"bytes"
	"maps"
	"slices"
	"time"
)

// helloPatience is how many calls in a row have the same interval. An agent that is back takes seconds until it passes
// messages on; after those, messages shall flow within a fraction of the time that it was away.
const helloPatience = 4

// frameOverhead is at least what a stream frame takes beside its task id and messages.
const frameOverhead = 64

// Poll appends to out the envelopes to send now, in order, and returns the time at which to call it again at the
// latest. It is the zero time before Reconnected was first called. The envelopes belong to the caller. Poll costs next
// to nothing when nothing is due.
func (s *Session) Poll(now time.Time, out [][]byte) (envelopes [][]byte, next time.Time) {
	t := s.at(now)
	if !s.connected {
		return out, time.Time{}
	}
	if t >= s.due {
		if s.inspect(t) {
			out = s.write(t, out)
		}
		s.due = s.nextDue(t)
	}
	return out, s.start.Add(s.due)
}

// inspect finds what is due and says whether anything has to go out now.
func (s *Session) inspect(t time.Duration) bool {
	if t >= s.helloDue {
		s.oweHello(t, s.calling && !s.mismatched)
	}
	if !s.inSync {
		return s.helloOwed
	}
	flush := s.helloOwed || len(s.gone) > 0
	waiting, sendable := 0, false
	for _, st := range s.active {
		if st.mute() {
			continue
		}
		if s.retries(st) && t >= st.retryDue {
			s.retry(st, t)
			flush = true
		}
		if st.owedList && t >= st.listDue || st.owedAck && t >= st.ackDue {
			flush = true
		}
		if s.maySend(st) {
			sendable = true
			waiting += st.waiting
		}
	}
	return flush || sendable && (s.inFlight == 0 || waiting >= s.cfg.MaxEnvelopeBytes || t >= s.flushDue)
}

// retries says whether the stream waits for the peer with a timer running: for an acknowledgement, at the executor for
// the task to be opened, or for room or the last confirmation while nothing is in flight.
func (s *Session) retries(st *stream) bool {
	if !st.attached {
		return s.cfg.Side == Executor
	}
	return st.sent > st.acked || (st.blocked || st.draining()) && !s.maySend(st)
}

// retry acts on the stream's timer.
func (s *Session) retry(st *stream, t time.Duration) {
	if st.attached && st.sent > st.acked {
		s.takeBack(st)
	} else {
		st.owedList, st.probe = true, true
	}
	st.attempts = min(st.attempts+1, 32)
	st.retryDue = t + s.backOff(st.attempts)
}

// maySend says whether the stream's next message may go out: the peer takes it, and not too much is in flight.
func (s *Session) maySend(st *stream) bool {
	if !st.attached || st.endCause != 0 || st.sent >= st.limit(s.windowMessages) {
		return false
	}
	return s.inFlight == 0 || s.inFlight+st.item(st.sent+1).weight() <= s.cfg.MaxInFlightBytes
}

// write appends the envelopes with everything there is to say.
func (s *Session) write(t time.Duration, out [][]byte) [][]byte {
	s.begin()
	if s.helloOwed {
		s.writeHello(t)
	}
	if s.inSync {
		for _, task := range s.gone {
			s.scratch = appendClosed(s.scratch, task)
		}
		s.gone = s.gone[:0]
		s.turn++
		for i := range s.active {
			st := s.active[(i+s.turn)%len(s.active)]
			if !st.mute() {
				out = s.writeStream(t, st, out)
			}
		}
		s.unsent = false
	}
	s.settle()
	return s.finish(out)
}

func (s *Session) writeHello(t time.Duration) {
	s.scratch = appendHello(s.scratch, hello{
		minVersion: minVersion, maxVersion: maxVersion,
		wantsAnswer:    s.helloAsk,
		windowMessages: uint64(s.cfg.WindowMessages), windowBytes: uint64(s.cfg.WindowBytes),
		build: []byte(s.cfg.Build),
	})
	s.helloOwed, s.helloAsk = false, false
	if s.inSync {
		s.listAll()
	}
	s.helloDue = t + s.cfg.HelloInterval
	if s.calling {
		s.helloDue = t + min(s.backOff(s.helloAttempts/helloPatience), s.cfg.HelloInterval)
		s.helloAttempts = min(s.helloAttempts+1, 32*helloPatience)
	}
}

// writeStream writes what the stream owes and the messages that may go out, in as many envelopes as that takes.
func (s *Session) writeStream(t time.Duration, st *stream, out [][]byte) [][]byte {
	f := s.owed(t, st)
	for {
		n := s.fitting(st)
		if n == 0 && s.maySend(st) { // the next message needs an envelope of its own, or at least a new one
			if f.flags&^flagAttached != 0 {
				s.scratch = appendStream(s.scratch, st.id, f)
				f.flags &= flagAttached
			}
			out = s.finish(out)
			s.begin()
			continue
		}
		if n == 0 {
			if f.flags&^flagAttached != 0 {
				s.scratch = appendStream(s.scratch, st.id, f)
			}
			return out
		}
		s.writeMessages(t, st, f, n)
		f = streamFrame{flags: f.flags & flagAttached}
	}
}

// owed returns the frame with the stream's listing or acknowledgement, whichever is owed, and counts it as paid. An
// acknowledgement rides along even if it could wait.
func (s *Session) owed(t time.Duration, st *stream) streamFrame {
	f := streamFrame{base: st.base, last: st.last(), received: st.received, confirmed: st.confirmed}
	if st.attached {
		f.flags |= flagAttached
	}
	switch {
	case st.owedList:
		f.flags |= flagListing
		if !st.attached || st.probe {
			f.flags |= flagAsk
		}
		if st.finishing {
			f.flags |= flagLastEnd
		}
		if !st.attached {
			st.retryDue = t + s.backOff(st.attempts)
		}
	case st.owedAck:
		f.flags |= flagAck
	}
	if f.flags&(flagListing|flagAck) != 0 {
		st.freed, st.freedBytes = 0, 0
	}
	st.owedList, st.owedAck, st.probe = false, false, false
	return f
}

// fitting counts the stream's next items that may go out in the envelope under way. The first message of an empty
// envelope always fits.
func (s *Session) fitting(st *stream) int {
	room := s.cfg.MaxEnvelopeBytes - len(s.scratch) - len(st.id) - frameOverhead
	n, inFlight := 0, s.inFlight
	if !s.maySend(st) {
		return 0
	}
	for seq := st.sent + 1; seq <= st.limit(s.windowMessages); seq++ {
		size := st.item(seq).weight()
		inFlight += size
		room -= size + 3
		if n == 0 && s.isEmpty() {
			n++
			continue
		}
		if room < 0 || inFlight > s.cfg.MaxInFlightBytes {
			break
		}
		n++
	}
	return n
}

// writeMessages writes a frame with the stream's next n items.
func (s *Session) writeMessages(t time.Duration, st *stream, f streamFrame, n int) {
	first, last := st.sent+1, st.sent+uint64(n)
	f.flags |= flagData
	f.first, f.count = first, uint64(n)
	if st.item(last).data == nil {
		f.flags |= flagEnd
		f.count--
	}
	s.scratch = appendStream(s.scratch, st.id, f)
	for seq := first; seq <= last; seq++ {
		it := st.item(seq)
		if it.data != nil {
			s.scratch = appendBytes(s.scratch, it.data)
		}
		st.inFlight += it.weight()
		s.inFlight += it.weight()
		st.waiting -= it.weight()
	}
	if st.sent == st.acked {
		st.retryDue = t + s.backOff(st.attempts)
	}
	s.flushed = t
	if first > st.high {
		s.rtt.start(st, last, t)
	} else {
		s.stats.Resent += min(last, st.high) - first + 1
	}
	st.sent, st.high = last, max(st.high, last)
}

// begin starts an envelope in the scratch buffer, finish ends it and appends a copy of its own to out.
func (s *Session) begin() {
	s.scratch = appendHeader(s.scratch[:0], header{side: s.cfg.Side, from: s.cfg.Epoch, to: s.peer})
	s.headerBytes = len(s.scratch)
}

func (s *Session) finish(out [][]byte) [][]byte {
	if s.isEmpty() {
		return out
	}
	s.scratch = append(s.scratch, byte(frameEnd))
	s.stats.EnvelopesOut++
	s.stats.BytesOut += uint64(len(s.scratch))
	out = append(out, bytes.Clone(s.scratch))
	if cap(s.scratch) > 2*s.cfg.MaxEnvelopeBytes {
		s.scratch = nil
	}
	return out
}

// isEmpty says whether the envelope under way has no frames yet.
func (s *Session) isEmpty() bool { return len(s.scratch) == s.headerBytes }

// settle drops the streams from the active ones that neither have anything to transmit nor wait for anything.
func (s *Session) settle() {
	s.active = slices.DeleteFunc(s.active, func(st *stream) bool {
		st.inActive = st.unsettled()
		return !st.inActive
	})
}

// nextDue returns when Poll has to look at the streams again.
func (s *Session) nextDue(t time.Duration) time.Duration {
	due := s.helloDue
	if s.helloOwed {
		due = t
	}
	if !s.inSync {
		return due
	}
	for _, st := range s.active {
		if st.mute() {
			continue
		}
		if st.owedList {
			due = min(due, st.listDue)
		}
		if st.owedAck {
			due = min(due, st.ackDue)
		}
		if s.retries(st) {
			due = min(due, st.retryDue)
		}
		if s.maySend(st) {
			due = min(due, s.flushDue)
		}
	}
	return max(due, t)
}

// oweHello has a HELLO sent with the next Poll.
func (s *Session) oweHello(t time.Duration, ask bool) {
	s.helloOwed = true
	s.helloAsk = s.helloAsk || ask
	s.wake(t)
}

// listAll has every task listed to the peer.
func (s *Session) listAll() {
	for _, id := range slices.Sorted(maps.Keys(s.streams)) {
		st := s.streams[id]
		if !st.mute() {
			st.owedList = true
			s.activate(st)
		}
	}
}

// backOff returns the time-out after so many fruitless attempts, with up to a quarter of jitter.
func (s *Session) backOff(attempts uint8) time.Duration {
	timeout := s.rtt.timeout(s.cfg.RetransmitMin, s.cfg.RetransmitMax)
	for ; attempts > 0 && timeout < s.cfg.RetransmitMax; attempts-- {
		timeout *= 2
	}
	timeout = min(timeout, s.cfg.RetransmitMax)
	return timeout + time.Duration(s.random()%uint64(timeout/4+1))
}

// random is the generator SplitMix64 (Steele, Lea and Flood 2014), seeded by Config.Seed.
func (s *Session) random() uint64 {
	s.rand += 0x9e3779b97f4a7c15
	z := s.rand
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
