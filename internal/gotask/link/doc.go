// Package link carries messages exactly once and in order over a carrier that loses, delays and, across reconnections,
// reorders them: Mesos framework messages.
//
// # Use
//
// A Session lives at each end of a pair: the scheduler has one for each executor, the executor's process has one. It is
// a pure state machine: time is passed in, bytes come out, and it starts nothing. Its owner calls
//
//   - Reconnected whenever the carrier has been (re)established,
//   - Receive for every envelope that comes in, then Next until it is empty, then NextEvent until it is empty,
//   - Send and Confirm as the application produces and consumes,
//   - Poll after any of these and at the time the last Poll returned, and gives the envelopes to the carrier in order.
//
// A Session is not safe for concurrent use.
//
// # Words
//
// An envelope is the content of one framework message. A life is one run of a process, numbered by its epoch; a greater
// epoch is a later life. A task is one incarnation, its id is never used twice; it is a stream of messages in each
// direction, numbered from 1. A message is received when the Session at the other end has it, and confirmed when the
// application there has said that it is done with it.
//
// # Guarantees
//
// Per task and direction, messages are handed out exactly once and in order, through any number of breaks of the
// carrier. Sequence numbers belong to the task and go on across schedulers, so that a scheduler that writes down the
// number up to which it has processed a task's messages (and passes it to ResumeTask in its next life) never sees one
// of these again. Without that, messages whose confirmation had not reached the executor are handed out again.
//
//	restart of       what happens
//	the carrier      Both ends send HELLO and everything unreceived again. The application notices nothing.
//	the scheduler    The executor keeps what is unconfirmed and sends it again to the new life as soon as that has
//	                 opened the task (the PeerTask event names those it has not). What the old life sent and the
//	                 executor received is still handed out to the task; the numbers go on after it. What the old
//	                 life had not got across is gone with its memory; the new one knows that from its own journal.
//	the executor     Its tasks are gone. At the scheduler every task that the old process had listed ends with
//	                 TaskEnded, cause PeerIsGone, which returns what was not confirmed; messages already received
//	                 are handed out before. Tasks opened and not yet listed wait for the new process.
//	both             Nothing is left in either; the application begins from its own records.
//
// A message that is not confirmed when its task ends (FinishTask or CloseTask at the other end, a new executor process,
// or CloseTask here) is returned to the sender's application. It may or may not have been seen by the task; only the
// application can know. Messages the peer had sent and that were lost with it are counted in TaskEnded.Missing where
// they are known.
//
// A finishing task has two ways to get its last messages across. FinishTask keeps the stream going until TaskDrained.
// Or LastWords packs everything unconfirmed to ride in the terminal status update, which Mesos delivers reliably, and
// ReceiveLastWords unpacks it at the scheduler; numbers already received are skipped.
//
// # Envelopes
//
// Numbers are unsigned varints (encoding/binary) below 2^62 unless a byte is said; texts are their length and bytes.
//
//	envelope = 'g' 'L' format:byte=1 side:byte from to frame… END:byte=0
//	HELLO    = 1:byte minVersion maxVersion flags:byte windowMessages windowBytes build:text
//	STREAM   = 2:byte task:text flags:byte [base last] [received confirmed] [first count {message:text}]
//	CLOSED   = 3:byte task:text
//
// side is 1 for the scheduler and 2 for the executor; from and to are epochs, to is 0 while unknown. Flags of HELLO: 1
// asks for an answer. Flags of STREAM: 1 listing (base, last, received, confirmed follow), 2 ask, 4 attached, 8 ack
// (received, confirmed follow), 16 data (first, count, messages follow), 32 the end mark follows the last message and
// takes the next number, 64 (with 1) last is the number of the end mark. base is the number up to which the sender's messages are confirmed, last the greatest it has
// given out; received and confirmed are about the other direction. An envelope that does not end in END was cut short
// and is refused as a whole, as is one with any other fault; the peer will send its content again.
//
// HELLO comes first in its envelope, followed by a listing of every open task. The format byte covers the header and
// HELLO, which stay readable for all versions; the rest is of the highest common version. If there is none, no frame
// beside HELLO is exchanged and both ends tell VersionMismatch.
//
// # States
//
// Of the pair, at each end: silent (before Reconnected), calling (HELLO goes out, at intervals that grow from
// RetransmitMin to HelloInterval, until one comes back that names this life's epoch), in sync. Two ends that are in sync
// stay so when a carrier breaks; the one that has a new carrier calls through it, for an agent that has just come back
// swallows what it is given at first. Whichever end then learns that the way is free, by a HELLO that asks for an answer or
// by the answer to several calls, sends at once what the other has not received; the first envelope after a silence of more
// than RetransmitMin has what was sent again in vain sent at once. An envelope from a later
// life than the known one is taken for a restart if it holds a HELLO and answered with a HELLO if not; one from an
// earlier life is dropped; one addressed to an earlier life of the receiver is answered with a HELLO and otherwise
// ignored. So STREAM and CLOSED are only heeded between two lives that know each other.
//
// Of a task, at each end: open (nothing is sent but its listing), attached (a listing of the peer came in this pair of
// lives; messages flow), finishing (the end mark is queued), ended (the peer's end mark, last words or CLOSED came, or
// its process is gone; messages flow only inwards, and those left unconfirmed outwards are returned). A listing that
// asks is answered by a listing. At the executor an unattached task repeats its listing with back-off; at the scheduler
// it waits. The executor knows the numbers of both directions since the task began; a scheduler takes them over from
// the first listing it gets, before which it has sent nothing. CLOSED is sent for a task that is not open here, if the
// peer believes itself attached to it; only then is it heeded.
//
// # Timers
//
//   - Flush: if nothing is in flight, messages go out with the next Poll; else when FlushDelay has passed since the last
//     did, MaxEnvelopeBytes have come together, or everything in flight is acknowledged. The first listing of a task
//     that was opened at the executor waits for FlushDelay, since tasks are launched in bursts.
//   - Acknowledgement: rides on any envelope; else alone after AckDelay. It goes at once where the peer may wait for
//     it: it gives back half of the window, confirms the end mark, or answers a message that came before.
//   - Retransmission: after RFC 6298, at least RetransmitMin, doubled up to RetransmitMax for each fruitless attempt,
//     plus up to a quarter of jitter; everything unreceived of the streams whose time has come goes into one envelope
//     (as many as MaxEnvelopeBytes takes). Received messages out of order are dropped: the carrier loses whole spans,
//     so that keeping what follows a gap would buy little.
//   - Probe: a stream that is blocked or finishing and has nothing in flight asks for a listing with the same back-off,
//     since the acknowledgement that would free it may have been lost.
//   - HELLO: every HelloInterval. It lists every task, and so heals whatever else was lost.
//
// # Bounds
//
// A task's unconfirmed messages are at most WindowMessages and WindowBytes in each direction at each end (one message
// up to MaxMessageBytes is let through alone); a task that does not confirm blocks the senders of its own stream and no
// other. Everything in flight together is at most MaxInFlightBytes or one message. A decoder never allocates for
// lengths it reads; it copies messages that were accepted.
package link
