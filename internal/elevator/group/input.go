package group

import (
	"elevator/internal/elevator"
	"elevator/internal/elevator/control"
)

// Party is who an Input comes from or a message goes to.
type Party uint8

// The parties.
const (
	Nobody  Party = iota // a tick; an output that is an event or a refusal
	Car                  // Index is the elevator.CarIndex
	Landing              // Index is the elevator.FloorIndex
	Operator
	Cluster // an output that has it start a Task anew
)

// Input is one thing that reaches the group control. A zero Input is a tick.
// Nothing it points to is kept.
type Input struct {
	From    Party
	Index   int
	Event   *elevator.Event  // something that happened to the party, or a TaskStateChanged of its task
	Message *control.Message // something the party says
	Command *Command         // something the operator wants
	Restore bool             // the party has started anew and wants its facts back
	Silent  bool             // the party, a car, does not answer: other cars answer its landing calls
	Heard   bool             // it answers again
	Settle  bool             // after a Resync: every car has reported, was restored, or is gone
}

// Output is one thing to be carried out: an event to be journaled (To is Nobody
// and Event.Kind not EventNone), a message (To is Car or Landing), a task to be
// started anew (To is Cluster), or an input that was refused (Refused is not
// nil), which is for the log.
//
// A message's Passengers may point into the group control or into the message
// that was forwarded; they are valid until the next Step.
type Output struct {
	To      Party
	Index   int
	Event   elevator.Event
	Message control.Message
	Task    string
	Refused error
}

// Tick is the input that asks whether the dispatcher wants to run.
func Tick() Input { return Input{} }
