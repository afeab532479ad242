// Package tasks holds the goroutine shells of an elevator group on a cluster:
// the task functions of cars and landings, which run in executors, and the
// scheduler function that dispatches them.
//
// A shell does no more than give a pure controller its clock and its messages.
// A car or floor task first gets a hello with the building and the clock, then
// messages; it steps its controller, at exactly the times the controller asked
// for, and sends what each step gave. The scheduler function steps the group
// control with what arrives, as it arrives, and sends the messages that follow.
// Events go to the journal and to the operators after a short window of wall
// time, in which those of different tasks are brought into the order of their
// owners' times. A lamp waits for that: it lights when its call is journaled.
//
// Each task has an outbox with a goroutine of its own, so a task that does not
// read stops nobody else. All of them are gone when RunSchedContext returns.
package tasks
