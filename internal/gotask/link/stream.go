package link

import "time"

// stream is one end's state of one task, both directions.
//
// Invariants, outgoing: base ≤ acked ≤ sent ≤ last, where the queue out holds exactly base+1 … last.
// Incoming: confirmed ≤ delivered ≤ received, where the queue in holds exactly confirmed+1 … received (without the end
// mark, which is the last number if there is one).
type stream struct {
	id string

	out           queue
	base          uint64 // released: the peer's application confirmed it
	acked         uint64 // the peer has received it; not sent again in this life of the peer
	sent          uint64 // on its way, or acked
	high          uint64 // the highest ever sent
	peerConfirmed uint64 // what the peer said; base runs ahead of it after a scheduler adopted its numbers
	inFlight      int    // weight of acked+1 … sent
	waiting       int    // weight of sent+1 … last

	in        queue
	confirmed uint64
	delivered uint64
	received  uint64
	endSeq    uint64 // number of the peer's end mark, 0 before it came
	peerLast  uint64 // highest number the peer said it gave to a message

	freed      int // messages confirmed since the peer was last told
	freedBytes int // and their weight

	ackDue    time.Duration // when owedAck
	listDue   time.Duration // when owedList
	retryDue  time.Duration // retransmission, probe or repeated listing
	attempts  uint8         // fruitless transmissions since the last progress
	endCause  Cause         // why the stream is over at the other end, 0 while it is not
	placed    bool          // the numbers of both directions are known: always at the executor, after the first listing at the scheduler
	attached  bool          // the peer's listing was seen in this pair of lives: it can take messages
	finishing bool          // the end mark is queued
	drained   bool          // TaskDrained was told
	endTold   bool          // TaskEnded was told
	blocked   bool          // Send failed for want of room for wanted bytes; TaskWritable is due
	wanted    int
	owedAck   bool
	owedList  bool
	probe     bool // the listing owed asks for an answer although attached
	inActive  bool // member of Session.active
	inReady   bool // member of Session.ready
}

// last is the highest number given to an outgoing message.
func (st *stream) last() uint64 { return st.base + uint64(st.out.len()) }

// item returns the outgoing message with the given number.
func (st *stream) item(seq uint64) *item { return st.out.at(int(seq - st.base - 1)) }

// limit is the highest number the peer's window lets us send.
func (st *stream) limit(window int) uint64 { return min(st.last(), st.peerConfirmed+uint64(window)) }

// place fixes the numbers of a stream that a scheduler has opened, from the executor's first listing: outgoing messages
// go on after what the task has received, from whatever epoch; incoming ones after what an earlier epoch confirmed.
func (st *stream) place(f streamFrame) {
	st.placed = true
	st.base, st.acked, st.sent, st.high = f.received, f.received, f.received, f.received
	st.peerConfirmed = f.confirmed
	start := min(max(st.confirmed, f.base), f.last)
	st.confirmed, st.delivered, st.received = start, start, start
}

// mute says that nothing of the stream goes to the peer any more.
func (st *stream) mute() bool { return st.endCause == Closed || st.endCause == PeerIsGone }

// unsettled says whether the stream has anything to transmit or to wait for.
func (st *stream) unsettled() bool {
	return !st.mute() && (st.owedAck || st.owedList || !st.attached || st.blocked || st.acked < st.last() || st.draining())
}

// draining says whether the end mark waits for its confirmation.
func (st *stream) draining() bool { return st.finishing && !st.drained }
