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
	// TaskEnded reports the end of an attempt, with Mesos' reason such as "REASON_AGENT_REMOVED", one of gotask's own or
	// none, and whether another attempt follows.
	TaskEnded(state TaskState, reason string, restarting bool)
	// Link reports the traffic with one executor, about once a second.
	Link(executor string, s LinkStats)
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

// TaskEnded does nothing.
func (NopObserver) TaskEnded(TaskState, string, bool) {}

// Link does nothing.
func (NopObserver) Link(string, LinkStats) {}
