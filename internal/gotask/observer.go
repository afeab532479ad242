package gotask

import "time"

// Observer learns what a scheduler does, for metrics. Its methods are called from several goroutines and must return at
// once. Embed NopObserver to implement some of them.
type Observer interface {
	// MesosCall reports a call, such as "ACCEPT", its duration and what came of it.
	MesosCall(call string, took time.Duration, err error)
	// MesosEvent reports an event, such as "UPDATE".
	MesosEvent(event string)
	// Offers reports offers that were used for launches and that were declined.
	Offers(used, declined int)
	// Launched reports that n tasks were sent to agents.
	Launched(n int)
	// TaskStates reports how many tasks are in each state, at most 100 ms after that has changed.
	TaskStates(count map[TaskState]int)
	// Link reports the traffic with one executor, about once a second.
	Link(executor string, s LinkStats)
}

// LinkStats describes the reliable messages to and from one executor.
type LinkStats struct {
	Sent, Received    uint64        // messages since the executor was first seen
	Resent            uint64        // messages sent again because no confirmation came
	Unconfirmed       int           // messages sent and not confirmed yet
	OldestUnconfirmed time.Duration // age of the oldest of them, 0 without any
	WindowUse         float64       // of the fullest window of a task, 0 to 1
}

// NopObserver is an Observer that does nothing.
type NopObserver struct{}

// MesosCall does nothing.
func (NopObserver) MesosCall(string, time.Duration, error) {}

// MesosEvent does nothing.
func (NopObserver) MesosEvent(string) {}

// Offers does nothing.
func (NopObserver) Offers(int, int) {}

// Launched does nothing.
func (NopObserver) Launched(int) {}

// TaskStates does nothing.
func (NopObserver) TaskStates(map[TaskState]int) {}

// Link does nothing.
func (NopObserver) Link(string, LinkStats) {}
