// Package dispatch decides which car answers which landing call and where idle
// cars wait. It holds the Dispatcher contract, the View (all that a dispatcher
// may know), one file for each algorithm, and the planning arithmetic they
// share.
//
// The group control keeps the View up to date, asks the dispatcher whenever
// something changed that could matter, and carries out the Decisions: each
// decision is about one call or one car to park, and calls that no decision
// names stay with the cars they have.
//
// No dispatcher forgets a call: nearest-car and original leave it with its car,
// uncoordinated sends every car, eta and lookahead weigh a wait by its square. But
// full cars pass a landing for as long as an overload lasts. So how long a call may be
// lit is not left to dispatchers: the group control takes a car out of their hands for a
// call that has been lit for ten minutes (see package group). Where passengers were
// promised a car, it is that one.
//
// Everything here is a pure function of what the dispatcher has seen: no clock,
// no random source but seeded ones of its own, no goroutine. A dispatcher
// belongs to one group control and is not for use by two goroutines.
package dispatch
