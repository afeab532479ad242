package gotask

import "time"

// TaskState is where a task stands.
type TaskState string

// The states of a task. The first five are of tasks that live, or will.
const (
	TaskPending  TaskState = "pending"  // waits for offers, or for its back-off to pass
	TaskLaunched TaskState = "launched" // sent to an agent, nothing heard yet
	TaskStarting TaskState = "starting" // taken over from a predecessor; the master is being asked about it
	TaskRunning  TaskState = "running"  // its goroutine has begun
	TaskKilling  TaskState = "killing"  // told to return
	TaskFinished TaskState = "finished" // returned nil on its own
	TaskFailed   TaskState = "failed"   // returned an error, panicked or was refused
	TaskKilled   TaskState = "killed"   // ended because it was told to
	TaskLost     TaskState = "lost"     // gone with its agent or executor
)

// Terminal reports whether a task in state s is over.
func (s TaskState) Terminal() bool {
	switch s {
	case TaskFinished, TaskFailed, TaskKilled, TaskLost:
		return true
	}
	return false
}

// Status is a consistent snapshot of a scheduler. It marshals to the JSON of the operator API.
type Status struct {
	FrameworkID string `json:"framework_id"`
	Epoch       uint64 `json:"epoch"` // counts the schedulers that ran this framework, from 1
	Master      string `json:"master,omitempty"`
	// MasterVersion is what the master called itself when it accepted the subscription; empty where it did not say.
	MasterVersion string        `json:"master_version,omitempty"`
	Connected     bool          `json:"connected"`
	Unsaved       string        `json:"unsaved,omitempty"` // why the state cannot be saved, and so nothing be launched
	Tasks         []TaskStatus  `json:"tasks"`             // in the order they were spawned
	Agents        []AgentStatus `json:"agents"`            // those with tasks, executors or offers of ours, by id
	Offers        []OfferStatus `json:"offers"`            // those held now
	// Executors are those with live tasks, by agent and id: more than one on an agent while an old and a new version run
	// side by side.
	Executors []ExecutorStatus `json:"executors"`
}

// ExecutorStatus describes one executor of a Status.
type ExecutorStatus struct {
	ID      string   `json:"id"`
	Agent   AgentRef `json:"agent"`
	Tasks   int      `json:"tasks"`             // live ones
	Version string   `json:"version,omitempty"` // of the program; empty until it has introduced itself
	Metrics string   `json:"metrics,omitempty"` // host:port of its /metrics
}

// TaskStatus describes one task of a Status.
type TaskStatus struct {
	Name    string    `json:"name"`
	State   TaskState `json:"state"`
	Attempt int       `json:"attempt"`      // launches so far
	ID      string    `json:"id,omitempty"` // Mesos' task id, "<name>-<index>.<attempt>"
	Agent   AgentRef  `json:"agent"`
	Since   time.Time `json:"since"`             // wall time of the last change of State
	Silent  bool      `json:"silent,omitempty"`  // its executor does not answer, whatever the state says
	Unheard bool      `json:"unheard,omitempty"` // nothing has come from its executor since the present subscription began
	Pending string    `json:"pending,omitempty"` // why a pending task is not launched
	Reason  string    `json:"reason,omitempty"`  // of the last end of an attempt
	Text    string    `json:"text,omitempty"`
}

// AgentStatus describes one agent of a Status.
type AgentStatus struct {
	AgentRef
	Executor string `json:"executor,omitempty"` // id of our executor there
	Tasks    int    `json:"tasks"`              // live tasks of ours there
}

// OfferStatus describes one offer of a Status.
type OfferStatus struct {
	ID     string    `json:"id"`
	Agent  AgentRef  `json:"agent"`
	CPUs   float64   `json:"cpus"`
	MemMB  float64   `json:"mem_mb"`
	DiskMB float64   `json:"disk_mb"`
	Since  time.Time `json:"since"`
}
