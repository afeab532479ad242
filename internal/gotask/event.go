package gotask

import "time"

// EventKind says what a SchedEvent reports.
type EventKind string

// The kinds of events a scheduler function receives.
const (
	EventRegistered     EventKind = "registered"      // the master accepted the framework for the first time in this process
	EventReregistered   EventKind = "re-registered"   // the subscription is back after EventDisconnected
	EventDisconnected   EventKind = "disconnected"    // the subscription broke; it is sought again without end
	EventTaskLaunched   EventKind = "task-launched"   // the task was sent to an agent
	EventTaskRunning    EventKind = "task-running"    // the task's goroutine has begun, or a running task was found again
	EventTaskFinished   EventKind = "task-finished"   // the task returned nil on its own
	EventTaskFailed     EventKind = "task-failed"     // the task returned an error or panicked, or its executor died
	EventTaskKilled     EventKind = "task-killed"     // the task ended because it was told to
	EventTaskLost       EventKind = "task-lost"       // the task's agent is gone or unreachable, or the launch did not arrive
	EventTaskSilence    EventKind = "task-silence"    // the task's executor does not answer (ReasonSilent), or answers again (ReasonHeard)
	EventOfferRescinded EventKind = "offer-rescinded" // the master took an offer back
	EventAgentLost      EventKind = "agent-lost"      // an agent left the cluster
	EventExecutorLost   EventKind = "executor-lost"   // an executor process ended; its tasks get events of their own
	EventShutdown       EventKind = "shutdown"        // the system is ending; Text says why; the last event
	EventError          EventKind = "error"           // something failed that does not end the system, such as an undeliverable message
)

// The Reasons of an EventTaskSilence. Messages to a silent task wait; it may go on all the while.
const (
	ReasonSilent = "SILENT"
	ReasonHeard  = "HEARD"
)

// AgentRef names an agent of the cluster.
type AgentRef struct {
	ID       string `json:"id,omitempty"`
	Hostname string `json:"hostname,omitempty"`
}

// SchedEvent tells the scheduler function what became of a task, an agent or the subscription.
type SchedEvent struct {
	Kind     EventKind
	Time     time.Time // wall time at which the scheduler learnt of it
	Task     string    // "<name>-<index>"; empty when the event is not about a task
	Attempt  int       // which launch of the task, from 1; 0 when the event is not about a task
	Agent    AgentRef  // where; zero when unknown or not applicable
	Executor string    // executor id, where one is concerned
	Reason   string    // Mesos' word such as REASON_AGENT_REMOVED, or one of gotask's own
	Text     string    // for people
	// Restarting is true on the end of an attempt that another attempt will follow.
	Restarting bool
}
