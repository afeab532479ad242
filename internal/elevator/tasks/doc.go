// Package tasks holds the goroutine shells of an elevator group on a cluster:
// the task functions of cars and landings, which run in executors, and the
// scheduler function that dispatches them.
//
// A shell does no more than give a pure controller its clock and its messages.
// A car or floor task first gets a hello with the building and the clock, then
// messages; it steps its controller, at exactly the times the controller asked
// for, and sends what each step gave. A message counts from the building's time
// at which it was given, unless the controller has done something since; so
// neither a late timer nor the way through the cluster delays a lift, except
// where a car has closed its doors or passed a floor in the meantime. The
// scheduler function steps the group control with what arrives, as it arrives,
// and sends the messages that follow. Events go to the journal and to the
// operators after a short window of wall time, in which those of different tasks
// are brought into the order of their owners' times. A lamp waits for that: it
// lights when its call is journaled. Messages are confirmed only after that, when
// the disk has the lines and further ones have followed, so those that a scheduler
// had not journaled when it died, or had in lines that its machine took along, are
// delivered to its successor once more.
//
// # Takeover
//
// A scheduler that finds a run in its journal goes on with it: the group is the
// journal's fold, and the traffic is drawn anew from its seed and continued after
// the last one who arrived at each floor. Tasks that live are greeted again and
// asked what they know (Resync), and what time it is: they keep the building's time
// by their monotonic clocks, whatever wall clock the next scheduler's machine has.
// Only where none answers does the wall clock say for how long the group was
// without a scheduler. Nobody's clock ever goes back: who hears of a later time
// than their own goes on from that.
//
// What they had sent before their report and is in the journal already is
// recognised (redelivery), the rest is taken like any message; then the group
// control mends what got lost with the predecessor: orders, lamps, boardings.
// Until all have reported, or 1.5 s have passed, nothing is journaled or
// dispatched, so that the events of the time between come into their order. A
// task that is launched anew is restored from the group as ever. An operator's
// command that was on its way to a car is the only thing that may be lost.
//
// Each task has an outbox with a goroutine of its own, so a task that does not
// read stops nobody else. All of them are gone when RunSchedContext returns.
package tasks
