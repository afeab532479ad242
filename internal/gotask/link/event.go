package link

import (
	"errors"
	"fmt"
)

// Errors of Send, FinishTask, LastWords and the like; match with errors.Is.
var (
	// ErrUnknownTask: the task is not open here.
	ErrUnknownTask = errors.New("link: task is not open")
	// ErrTaskEnded: the task is over at the other end, or was finished at this one.
	ErrTaskEnded = errors.New("link: task has ended")
	// ErrWindowFull: the task's window is full; TaskWritable tells when there is room again.
	ErrWindowFull = errors.New("link: window of the task is full")
	// ErrTooLarge: the message exceeds Config.MaxMessageBytes.
	ErrTooLarge = errors.New("link: message is too large")
	// ErrEnvelope: Receive was given bytes that are not a whole, well-formed envelope for this end. Nothing of it was
	// taken in; the peer will send its content again.
	ErrEnvelope = errors.New("link: not a valid envelope")
)

// Message is one application message of a task.
type Message struct {
	Task string
	// Seq counts the messages of one task and direction from 1, over all epochs of the scheduler.
	Seq uint64
	// Data belongs to the Session when it came from Next, and stays unchanged until the message is confirmed.
	Data []byte
}

// EventKind is what an Event tells.
type EventKind uint8

// The kinds of Event. Which further fields are set is said with each.
const (
	// PeerUp: both ends know each other's life and have compared versions. Peer, Build.
	PeerUp EventKind = 1 + iota
	// PeerRestarted: a new life of the peer has taken the place of an older one; PeerUp follows, and on the
	// scheduler's side TaskEnded for each task of the old life. Peer, Build.
	PeerRestarted
	// VersionMismatch: no protocol version is common to both ends; nothing is exchanged with this life of the peer.
	// Peer, Build, Err.
	VersionMismatch
	// StalePeer: an envelope came from a life older than the current one (told once for each such life). It was
	// dropped. If it goes on, two schedulers are alive, or an executor's clock went back. Peer.
	StalePeer
	// PeerTask: the peer has a task that is not open here. On the scheduler's side OpenTask or ResumeTask takes it
	// over; the peer keeps its messages until then. Task.
	PeerTask
	// TaskWritable: Send had failed with ErrWindowFull and would succeed now. Task.
	TaskWritable
	// TaskDrained: after FinishTask, every message has been confirmed by the peer's application. Task.
	TaskDrained
	// TaskEnded: the task is over at the other end; comes after Next has handed out its last message.
	// Task, Cause, Undelivered, Missing.
	TaskEnded
)

// String names the kind.
func (k EventKind) String() string {
	names := [...]string{
		"", "peer up", "peer restarted", "version mismatch", "stale peer", "peer task",
		"task writable", "task drained", "task ended",
	}
	if int(k) < len(names) && k > 0 {
		return names[k]
	}
	return fmt.Sprintf("event %d", uint8(k))
}

// Cause is why a task ended.
type Cause uint8

// The causes of TaskEnded.
const (
	Finished   Cause = 1 + iota // the peer called FinishTask, or its last words came
	Closed                      // the peer called CloseTask without FinishTask
	PeerIsGone                  // the executor's process was replaced by a new one
)

// String names the cause.
func (c Cause) String() string {
	names := [...]string{"", "finished", "closed", "peer is gone"}
	if int(c) < len(names) && c > 0 {
		return names[c]
	}
	return fmt.Sprintf("cause %d", uint8(c))
}

// Event is something other than a message that the application should know. Which fields are set depends on Kind.
type Event struct {
	Kind EventKind
	Task string
	// Peer is the epoch of the peer's life the event is about, Build its version.
	Peer  uint64
	Build string
	Cause Cause
	// Undelivered holds, in order, what was sent to the task and not confirmed by it. The application there may or
	// may not have seen these. They belong to the receiver of the event.
	Undelivered []Message
	// Missing counts messages the task is known to have sent at its end that did not arrive and never will.
	Missing uint64
	Err     error
}
