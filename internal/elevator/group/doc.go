// Package group is the pure core of the scheduler function: what happens
// between cars, landings, the dispatcher and the operator.
//
// Step takes one Input - an event or a message of a car or landing, a command,
// or a tick - and appends Outputs, which the shell carries out in their order:
// events to be journaled, already folded into the Group, and messages to a car
// or a landing. An event is folded first, then its consequences follow: a
// button becomes a lit call, an announced car answers the calls of its floor, a
// boarding passenger is reported to the landing. What the dispatcher could want
// to know only sets a mark; the dispatcher itself runs in the next tick, which
// Wake then asks for at once, so that everything that happens at one instant is
// decided on together.
//
// Messages and events of one car arrive each in their order, but the two
// streams may overtake one another: on a cluster events are held back for a
// moment to be sorted, messages are not. The calls of a floor are therefore
// answered when the announcement comes, and what follows at that stop is told by
// the stop's events, matched by floor.
//
// Where passengers key in a destination, a dispatcher that is a
// dispatch.Promiser gives each of them a car of their own. It says at every
// opening which of them may board; the landing answers who of them does and who
// stays behind because the car is full, and keeps it. Their lamp stays lit as long
// as anybody waits for another car, a later trip, or this car to come again.
//
// A task that starts anew hears first what its predecessor was, then what it may
// have missed. A landing that has lost its memory may offer people twice: only
// who waits there by the fold, and was not sent to another car that is still open,
// goes on to a car. What operators want of a car is kept as its order, which a new
// task is told again; a command that is out of place as things are is answered,
// and journaled, with the reason.
//
// Everything is idempotent. A repeated message changes nothing, and an event
// that contradicts the state is refused without harm and reported.
//
// A Control belongs to one goroutine. It reads no clock and allocates nothing
// for an ordinary input.
package group
