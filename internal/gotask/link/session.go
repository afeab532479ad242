package link

import (
	"fmt"
	"time"
)

// Session is one end of a pair. Its methods must not be called at the same time; whoever owns it serialises them.
// The times passed as now must not decrease.
type Session struct {
	cfg   Config
	start time.Time // of the first call; instants are durations since then
	stats Stats
	rtt   rtt
	rand  uint64

	connected  bool // Reconnected was called
	peer       uint64
	peerBuild  string
	inSync     bool   // the peer knows this life of ours
	calling    bool   // no HELLO of the peer's present life has come yet through the present carrier
	mismatched bool   // no common version with this life of the peer
	staleTold  uint64 // epoch of the last StalePeer event
	heard      bool
	heardAt    time.Duration

	windowMessages, windowBytes int // smaller ones of both ends

	streams map[string]*stream
	active  []*stream // those with anything to transmit or to wait for; each once
	ready   []*stream // those with messages for Next; each once
	gone    []string  // tasks to report as closed to the peer
	events  []Event
	pool    pool

	helloOwed     bool
	helloAsk      bool // the HELLO owed asks for an answer
	helloDue      time.Duration
	helloAttempts uint8 // HELLOs of this call without an answer

	inFlight    int           // bytes, all streams
	flushDue    time.Duration // when messages waiting for others have waited long enough; none while unsent is false
	flushed     time.Duration // when messages went out last
	unsent      bool
	due         time.Duration // Poll has nothing to do before
	turn        int           // rotates who goes first in Poll
	scratch     []byte        // the envelope under way
	headerBytes int           // length of its header
}

// maxGone bounds the memory for tasks a confused peer keeps asking about.
const maxGone = 1024

// NewSession returns one end of a pair, without tasks and silent until Reconnected is called.
func NewSession(cfg Config) (*Session, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	return &Session{
		cfg:            cfg,
		rand:           cfg.Seed,
		windowMessages: cfg.WindowMessages,
		windowBytes:    cfg.WindowBytes,
		streams:        make(map[string]*stream),
	}, nil
}

// Peer returns the epoch of the peer's present life as far as it is known, else 0.
func (s *Session) Peer() uint64 { return s.peer }

// OpenTask begins a task under the id of its incarnation, which must never be used again after CloseTask. At the
// executor that is before the task's goroutine runs, at the scheduler before the task is launched; messages may be sent
// at once and wait until the other end has opened the task too. Opening an open task does nothing.
func (s *Session) OpenTask(now time.Time, id string) error {
	return s.ResumeTask(now, id, 0)
}

// ResumeTask is OpenTask for a scheduler that remembers from an earlier epoch how far it got: messages up to the number
// confirmed are not delivered again. The executor's side ignores the number.
func (s *Session) ResumeTask(now time.Time, id string, confirmed uint64) error {
	if id == "" || len(id) > MaxTaskIDBytes {
		return fmt.Errorf("link: task id must have from 1 to %d bytes, has %d", MaxTaskIDBytes, len(id))
	}
	if confirmed >= maxNumber {
		return fmt.Errorf("link: confirmed number %d of task %q is out of range", confirmed, id)
	}
	if _, ok := s.streams[id]; ok {
		return nil
	}
	t := s.at(now)
	st := &stream{id: id, placed: s.cfg.Side == Executor, owedList: true}
	if s.cfg.Side == Scheduler {
		st.confirmed, st.delivered, st.received = confirmed, confirmed, confirmed
	}
	if s.cfg.Side == Executor {
		st.listDue = t + s.cfg.FlushDelay // tasks are launched in bursts
		st.retryDue = st.listDue
	}
	s.streams[id] = st
	s.activate(st)
	s.wake(max(t, st.listDue))
	return nil
}

// CloseTask ends a task at this end at once and forgets it: what the peer sends for it from now on is refused. Call
// Next until it is empty first, for what is not handed out is dropped. It returns, in order, what was sent and not
// confirmed by the peer's application. Closing a task that is not open returns nil.
func (s *Session) CloseTask(now time.Time, id string) (undelivered []Message) {
	st := s.streams[id]
	if st == nil {
		return nil
	}
	t := s.at(now)
	undelivered = s.takeOut(st)
	for st.in.len() > 0 {
		s.pool.put(st.in.pop().data)
	}
	if st.attached && st.endCause == 0 {
		s.tellGone(id)
	}
	delete(s.streams, id)
	s.active = without(s.active, st)
	s.ready = without(s.ready, st)
	s.wake(t)
	return undelivered
}

// Send queues a message for the task at the peer; data may be reused when it returns. It fails with ErrUnknownTask,
// ErrTaskEnded, ErrTooLarge, or ErrWindowFull, and then nothing was queued. Call Poll afterwards.
func (s *Session) Send(now time.Time, task string, data []byte) error {
	st := s.streams[task]
	switch {
	case st == nil:
		return fmt.Errorf("%w: %q", ErrUnknownTask, task)
	case st.endCause != 0 || st.finishing:
		return fmt.Errorf("%w: %q", ErrTaskEnded, task)
	case len(data) > s.cfg.MaxMessageBytes:
		return fmt.Errorf("%w: %d bytes for task %q, at most %d", ErrTooLarge, len(data), task, s.cfg.MaxMessageBytes)
	case !s.roomFor(st, len(data)):
		s.block(st, len(data), s.at(now))
		return ErrWindowFull
	}
	s.stats.MessagesOut++
	s.queue(st, s.pool.clone(data), s.at(now))
	return nil
}

// FinishTask says, at the executor, that the task has returned and no more messages will be sent for it. The scheduler
// is told after the last of them; TaskDrained tells when its application has confirmed all, and CloseTask is due then.
// It fails with ErrUnknownTask.
func (s *Session) FinishTask(now time.Time, task string) error {
	if s.cfg.Side != Executor {
		return fmt.Errorf("link: only the executor finishes a task, the scheduler closes it: %q", task)
	}
	st := s.streams[task]
	if st == nil {
		return fmt.Errorf("%w: %q", ErrUnknownTask, task)
	}
	if st.finishing || st.endCause != 0 {
		return nil
	}
	st.finishing = true
	s.queue(st, nil, s.at(now))
	return nil
}

// Unacknowledged returns, in order, what was sent for the task and not confirmed by the peer's application. The data
// stays the Session's and valid until the next call.
func (s *Session) Unacknowledged(task string) []Message {
	st := s.streams[task]
	if st == nil {
		return nil
	}
	var messages []Message
	for i := range st.out.len() {
		if it := st.out.at(i); it.data != nil {
			messages = append(messages, Message{Task: task, Seq: st.base + uint64(i) + 1, Data: it.data})
		}
	}
	return messages
}

// Next hands out the next message received, in order within each task and taking turns between tasks. The message
// counts as processed when it is confirmed, not before.
func (s *Session) Next() (Message, bool) {
	if len(s.ready) == 0 {
		return Message{}, false
	}
	st := s.ready[0]
	copy(s.ready, s.ready[1:])
	s.ready = s.ready[:len(s.ready)-1]
	st.inReady = false

	it := st.in.at(int(st.delivered - st.confirmed))
	st.delivered++
	s.stats.MessagesIn++
	s.offer(st)
	s.tellEnd(st)
	return Message{Task: st.id, Seq: st.delivered, Data: it.data}, true
}

// Confirm says that the application has processed the task's messages up to the given number, which must have been
// handed out by Next; greater numbers count as the last one handed out. It makes room in the window and tells the peer
// not to deliver them ever again. Call Poll afterwards.
func (s *Session) Confirm(now time.Time, task string, seq uint64) {
	st := s.streams[task]
	if st == nil || min(seq, st.delivered) <= st.confirmed {
		return
	}
	for st.confirmed < min(seq, st.delivered) && st.in.len() > 0 {
		it := st.in.pop()
		st.freed++
		st.freedBytes += it.weight()
		s.pool.put(it.data)
		st.confirmed++
	}
	st.confirmEnd()
	s.oweAck(st, s.at(now), st.freed >= s.windowMessages/2 || st.freedBytes >= s.windowBytes/2 || st.confirmed == st.endSeq)
}

// NextEvent hands out the oldest event not handed out yet. Call Next until it is empty before.
func (s *Session) NextEvent() (Event, bool) {
	if len(s.events) == 0 {
		s.events = nil
		return Event{}, false
	}
	event := s.events[0]
	s.events[0] = Event{}
	s.events = s.events[1:]
	return event, true
}

// confirmEnd counts the end mark as confirmed once everything before it is.
func (st *stream) confirmEnd() {
	if st.endSeq != 0 && st.confirmed == st.endSeq-1 {
		st.confirmed, st.delivered = st.endSeq, st.endSeq
	}
}

// undelivered says whether Next has messages of the stream to hand out.
func (st *stream) undelivered() bool { return st.delivered-st.confirmed < uint64(st.in.len()) }

// offer puts the stream in line for Next if it has something.
func (s *Session) offer(st *stream) {
	if !st.inReady && st.undelivered() {
		st.inReady = true
		s.ready = append(s.ready, st)
	}
}

// roomFor says whether the stream's window takes n bytes more.
func (s *Session) roomFor(st *stream, n int) bool {
	return st.out.len() == 0 || st.out.len() < s.windowMessages && st.out.bytes+n+1 <= s.windowBytes
}

// block remembers that a message of n bytes found no room. Should the acknowledgement that makes room be lost, a probe
// asks for it.
func (s *Session) block(st *stream, n int, t time.Duration) {
	if !st.blocked {
		st.blocked = true
		st.retryDue = max(st.retryDue, t+s.rtt.timeout(s.cfg.RetransmitMin, s.cfg.RetransmitMax))
	}
	st.wanted = n
	s.activate(st)
	s.wake(st.retryDue)
}

// queue appends an outgoing item, whose transmission Poll decides.
func (s *Session) queue(st *stream, data []byte, t time.Duration) {
	st.out.push(item{data: data, at: t})
	st.waiting += len(data) + 1
	s.activate(st)
	if !s.unsent {
		s.unsent = true
		s.flushDue = max(t, s.flushed+s.cfg.FlushDelay)
	}
	if s.inFlight == 0 || st.out.bytes >= s.cfg.MaxEnvelopeBytes {
		s.wake(t)
		return
	}
	s.wake(s.flushDue)
}

// takeOut empties the outgoing queue of a stream that is over and returns its messages.
func (s *Session) takeOut(st *stream) []Message {
	messages := s.Unacknowledged(st.id)
	s.takeBack(st)
	st.base = st.last()
	st.acked, st.sent, st.high = st.base, st.base, st.base
	st.out, st.waiting = queue{}, 0
	return messages
}

// takeBack has everything the peer has not received sent again.
func (s *Session) takeBack(st *stream) {
	s.inFlight -= st.inFlight
	st.waiting += st.inFlight
	st.inFlight = 0
	st.sent = st.acked
	s.rtt.abandon(st)
}

// end marks the stream as over at the other end.
func (s *Session) end(st *stream, cause Cause) {
	if st.endCause != 0 {
		return
	}
	st.endCause = cause
	st.blocked = false
	s.takeBack(st)
	s.tellEnd(st)
}

// tellEnd puts TaskEnded in line once the last message has been handed out.
func (s *Session) tellEnd(st *stream) {
	if st.endCause == 0 || st.endTold || st.undelivered() {
		return
	}
	st.endTold = true
	s.tell(Event{
		Kind: TaskEnded, Task: st.id, Peer: s.peer, Cause: st.endCause,
		Undelivered: s.takeOut(st),
		Missing:     max(st.peerLast, st.received) - st.received,
	})
}

// tell puts an event in line. Hints that repeat themselves are not queued twice.
func (s *Session) tell(event Event) {
	if event.Kind == PeerTask {
		for i := range s.events {
			if s.events[i].Kind == PeerTask && s.events[i].Task == event.Task {
				return
			}
		}
	}
	s.events = append(s.events, event)
}

// tellGone has the peer told that a task is not open here.
func (s *Session) tellGone(task string) {
	if len(s.gone) < maxGone {
		s.gone = append(s.gone, task)
	}
}

// oweAck has what was received and confirmed told to the peer within the delay, or at once where it is needed there.
func (s *Session) oweAck(st *stream, t time.Duration, needed bool) {
	if !st.owedAck {
		st.owedAck, st.ackDue = true, t+s.cfg.AckDelay
	}
	if needed {
		st.ackDue = min(st.ackDue, t)
	}
	s.activate(st)
	s.wake(st.ackDue)
}

func (s *Session) activate(st *stream) {
	if !st.inActive {
		st.inActive = true
		s.active = append(s.active, st)
	}
}

// wake makes Poll look at the streams at the given instant, or earlier.
func (s *Session) wake(t time.Duration) { s.due = min(s.due, t) }

// at converts a time to an instant of this session.
func (s *Session) at(now time.Time) time.Duration {
	if s.start.IsZero() {
		s.start = now
	}
	return now.Sub(s.start)
}

// without returns the list without the stream, order kept, in the same memory.
func without(list []*stream, st *stream) []*stream {
	for i := range list {
		if list[i] == st {
			copy(list[i:], list[i+1:])
			list[len(list)-1] = nil
			return list[:len(list)-1]
		}
	}
	return list
}
