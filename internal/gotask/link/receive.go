package link

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Reconnected says that the carrier has been established, for the first time or anew. A HELLO goes out, and everything
// the peer has not acknowledged goes out again. Call Poll afterwards.
func (s *Session) Reconnected(now time.Time) {
	t := s.at(now)
	s.connected = true
	s.call(t)
	s.resend(t)
}

// Outlive numbers this life after another of the same end, if it is not yet: after an earlier one, where the clock that
// numbers them was set back in between. To the peer this life would be the earlier one. Call Poll afterwards.
func (s *Session) Outlive(now time.Time, other uint64) {
	if other <= s.cfg.Epoch || other+1 >= maxNumber {
		return
	}
	s.cfg.Epoch = other + 1
	s.inSync = false
	if s.connected {
		s.call(s.at(now))
	}
}

// call has HELLOs sent until something comes back.
func (s *Session) call(t time.Duration) {
	s.calling = true
	s.helloAttempts = 0
	s.oweHello(t, true)
}

// resend has everything sent again that the peer has not received, as if it had not been tried before: the carrier did not
// reach the peer, and now it does.
func (s *Session) resend(t time.Duration) {
	for _, st := range s.active {
		s.again(st, t)
	}
}

// resendVain is resend for what was sent more than once, and in vain.
func (s *Session) resendVain(t time.Duration) {
	for _, st := range s.active {
		if st.attempts > 0 {
			s.again(st, t)
		}
	}
}

func (s *Session) again(st *stream, t time.Duration) {
	s.takeBack(st)
	s.progress(st, t)
	s.wake(t)
}

// Receive takes in an envelope of the peer, which may be reused when it returns. It fails with ErrEnvelope if the
// envelope is damaged or not for this end, and then has no effect but on Stats. Call Next, NextEvent and Poll
// afterwards.
func (s *Session) Receive(now time.Time, envelope []byte) error {
	h, err := check(envelope, s.cfg.MaxMessageBytes)
	if err == nil && h.side != Scheduler+Executor-s.cfg.Side {
		err = fmt.Errorf("%w: sent by a %v, received by a %v", ErrEnvelope, h.side, s.cfg.Side)
	}
	if err != nil {
		s.stats.Invalid++
		return fmt.Errorf("receiving %d bytes: %w", len(envelope), err)
	}
	t := s.at(now)
	s.stats.EnvelopesIn++
	s.stats.BytesIn += uint64(len(envelope))
	if h.from < s.peer {
		s.tellStale(h.from)
		return nil
	}
	d := decoder{rest: envelope}
	d.header()
	kind := d.kind()
	switch {
	case kind == frameHello:
		if !s.greet(t, h, d.hello()) {
			return nil
		}
		kind = d.kind()
	case h.from > s.peer:
		s.oweHello(t, true)
		return nil
	}
	if h.to != s.cfg.Epoch || s.mismatched {
		s.misaddressed(t, h)
		return nil
	}
	s.inStep(t)
	for ; kind != frameEnd; kind = d.kind() {
		switch kind {
		case frameStream:
			s.takeFrame(t, d.stream(s.cfg.MaxMessageBytes))
		case frameClosed:
			s.takeClosed(d.task())
		}
	}
	s.wake(t)
	return nil
}

// greet takes in the HELLO of the current or a later life of the peer and says whether versions agree.
func (s *Session) greet(t time.Duration, from header, h hello) bool {
	isNew := from.from > s.peer
	if isNew {
		s.adopt(t, from.from, string(h.build))
	}
	s.heard, s.heardAt = true, t
	if _, ok := commonVersion(h); !ok {
		if isNew {
			s.mismatched = true
			s.tell(Event{Kind: VersionMismatch, Peer: s.peer, Build: s.peerBuild, Err: fmt.Errorf(
				"link: the %v (build %q) speaks protocol versions %d to %d, this %v (build %q) speaks %d to %d",
				from.side, h.build, h.minVersion, h.maxVersion, s.cfg.Side, s.cfg.Build, minVersion, maxVersion)})
		}
		if isNew || h.wantsAnswer {
			s.oweHello(t, false)
		}
		return false
	}
	s.windowMessages = int(min(uint64(s.cfg.WindowMessages), h.windowMessages))
	s.windowBytes = int(min(uint64(s.cfg.WindowBytes), h.windowBytes))
	if s.calling && from.to == s.cfg.Epoch {
		s.answered(t)
	}
	if h.wantsAnswer && s.inSync {
		s.resend(t) // the peer has a new carrier: the old one may have lost what was in it
	}
	if h.wantsAnswer || isNew {
		s.oweHello(t, from.to != s.cfg.Epoch)
	}
	return true
}

// answered ends a call. What went out with HELLOs that had no answer was most likely lost as they were.
func (s *Session) answered(t time.Duration) {
	s.calling = false
	s.helloDue = t + s.cfg.HelloInterval
	if s.helloAttempts > 1 {
		s.resend(t)
	}
}

// adopt begins anew with a later life of the peer.
func (s *Session) adopt(t time.Duration, epoch uint64, build string) {
	isRestart := s.peer != 0
	s.peer, s.peerBuild = epoch, build
	s.inSync, s.mismatched = false, false
	s.calling, s.helloAttempts = true, 0
	s.gone = s.gone[:0]
	if isRestart {
		s.tell(Event{Kind: PeerRestarted, Peer: epoch, Build: build})
	}
	for _, id := range slices.Sorted(maps.Keys(s.streams)) {
		st := s.streams[id]
		if s.cfg.Side == Executor {
			s.rewind(st)
		} else if st.placed {
			s.end(st, PeerIsGone)
		}
	}
	s.wake(t)
}

// rewind prepares an executor's stream for a new scheduler: what the old one did not confirm is sent again.
func (s *Session) rewind(st *stream) {
	s.takeBack(st)
	st.attached, st.attempts = false, 0
	st.acked, st.sent, st.peerConfirmed = st.base, st.base, st.base
	st.waiting = st.out.bytes
	st.owedList = true
	if st.endCause == Closed {
		st.endCause, st.endTold = 0, false
	}
	s.activate(st)
}

// inStep notes that the peer knows this life of ours.
func (s *Session) inStep(t time.Duration) {
	if t-s.heardAt > s.cfg.RetransmitMin {
		s.resendVain(t)
	}
	s.heard, s.heardAt = true, t
	if s.inSync {
		return
	}
	s.inSync = true
	s.tell(Event{Kind: PeerUp, Peer: s.peer, Build: s.peerBuild})
	s.listAll()
	s.wake(t)
}

// misaddressed handles an envelope to another life than this one: if the peer does not know ours yet, it is told.
func (s *Session) misaddressed(t time.Duration, h header) {
	if h.to != 0 {
		s.stats.Stale++
	}
	if !s.inSync && !s.mismatched {
		s.oweHello(t, true)
	}
}

func (s *Session) tellStale(epoch uint64) {
	s.stats.Stale++
	if s.staleTold != epoch {
		s.staleTold = epoch
		s.tell(Event{Kind: StalePeer, Peer: epoch})
	}
}

// takeFrame takes in the state and messages of one task.
func (s *Session) takeFrame(t time.Duration, f streamFrame) {
	st := s.streams[string(f.task)]
	if st == nil {
		s.refuse(f)
		return
	}
	if st.endCause == PeerIsGone {
		return
	}
	if f.flags&flagListing != 0 {
		s.takeListing(t, st, f)
	} else if !st.attached {
		st.owedList = true
		s.activate(st)
	}
	if !st.placed {
		return
	}
	if f.flags&(flagListing|flagAck) != 0 {
		s.takeAck(t, st, f.received, f.confirmed)
	}
	if f.flags&flagData != 0 {
		s.takeMessages(t, st, f)
	}
}

// refuse handles a frame of a task that is not open here.
func (s *Session) refuse(f streamFrame) {
	switch {
	case f.flags&flagAttached != 0:
		s.tellGone(string(f.task))
	case f.flags&flagListing != 0 && s.cfg.Side == Scheduler:
		s.tell(Event{Kind: PeerTask, Task: string(f.task), Peer: s.peer})
	}
}

func (s *Session) takeListing(t time.Duration, st *stream, f streamFrame) {
	if !st.placed {
		st.place(f)
	}
	last := f.last
	if f.flags&flagLastEnd != 0 && last > 0 {
		last--
	}
	st.peerLast = max(st.peerLast, last)
	if !st.attached {
		st.attached, st.attempts = true, 0
		s.flushDue = t
	}
	st.owedList = st.owedList || f.flags&flagAsk != 0
	s.activate(st)
}

func (s *Session) takeAck(t time.Duration, st *stream, received, confirmed uint64) {
	if received > st.last() {
		s.stats.Invalid++
		return
	}
	if received > st.acked {
		for seq := st.acked + 1; seq <= received; seq++ {
			n := st.item(seq).weight()
			if seq <= st.sent {
				st.inFlight -= n
				s.inFlight -= n
			} else {
				st.waiting -= n
			}
		}
		st.acked, st.sent, st.high = received, max(st.sent, received), max(st.high, received)
		s.rtt.received(st, received, t)
		s.progress(st, t)
	}
	if confirmed <= st.peerConfirmed {
		return
	}
	st.peerConfirmed = confirmed
	for st.base < confirmed {
		s.pool.put(st.out.pop().data)
		st.base++
	}
	s.progress(st, t)
	if st.blocked && s.roomFor(st, st.wanted) {
		st.blocked = false
		s.tell(Event{Kind: TaskWritable, Task: st.id})
	}
	if st.draining() && st.out.len() == 0 {
		st.drained = true
		s.tell(Event{Kind: TaskDrained, Task: st.id})
	}
}

// progress ends the back-off of a stream.
func (s *Session) progress(st *stream, t time.Duration) {
	st.attempts = 0
	st.retryDue = t + s.backOff(0)
	s.activate(st)
}

func (s *Session) takeMessages(t time.Duration, st *stream, f streamFrame) {
	s.oweAck(st, t, f.first <= st.received)
	d := decoder{rest: f.data}
	for seq := f.first; seq < f.first+f.count; seq++ {
		data := d.bytes("message", s.cfg.MaxMessageBytes)
		switch {
		case seq <= st.received:
			s.stats.Duplicates++
			continue
		case seq > st.received+1:
			s.stats.Gaps += f.first + f.count - seq
			return
		case st.endSeq != 0:
			s.stats.Invalid++
			return
		case st.in.len() > 0 && (st.in.len() >= s.cfg.WindowMessages || st.in.bytes+len(data)+1 > s.cfg.WindowBytes):
			s.stats.Overflows += f.first + f.count - seq
			return
		}
		s.accept(st, data, t)
	}
	if f.flags&flagEnd != 0 && f.first+f.count == st.received+1 && st.endSeq == 0 && s.cfg.Side == Scheduler {
		st.received++
		st.endSeq = st.received
		st.confirmEnd()
		s.oweAck(st, t, st.confirmed == st.endSeq)
		s.end(st, Finished)
	}
}

// accept queues the next message in order for Next.
func (s *Session) accept(st *stream, data []byte, t time.Duration) {
	st.received++
	st.in.push(item{data: s.pool.clone(data), at: t})
	s.offer(st)
}

// takeClosed ends a task that the peer has closed. It is heeded only where this end has seen the peer list the task,
// since the peer may otherwise not have opened it yet.
func (s *Session) takeClosed(task []byte) {
	if st := s.streams[string(task)]; st != nil && st.attached {
		st.attached = false
		s.end(st, Closed)
	}
}
