package localmesos

import "time"

// ExecutorStatus is one executor process, as Executors lists it.
type ExecutorStatus struct {
	Agent       int // index of its agent
	FrameworkID string
	ExecutorID  string
	ContainerID string
	PID         int
	Sandbox     string
	Subscribed  bool // it has an open event stream
	Tasks       int  // not yet terminal
}

// MessageFaults says what happens to framework messages (MESSAGE in either
// direction). The zero value is: nothing.
type MessageFaults struct {
	// ToExecutor and ToScheduler are the probabilities, 0 to 1, that a message
	// of that direction is lost.
	ToExecutor, ToScheduler float64
	// DelayMin and DelayMax bound the time every message is held back, drawn
	// evenly. Order is kept.
	DelayMin, DelayMax time.Duration
}

// MasterAddrs are the addresses of all masters, leading or not.
func (c *Cluster) MasterAddrs() []string { return nil }

// AgentIDs are the agents' ids by index; an agent that never registered has "".
func (c *Cluster) AgentIDs() []string { return nil }

// Executors lists the executor processes that run now.
func (c *Cluster) Executors() []ExecutorStatus { return nil }

// Elect makes master i the leader; -1 means nobody leads. A new leader knows
// nothing but what agents and schedulers tell it, as after a fail-over.
func (c *Cluster) Elect(i int) error { return nil }

// RestartMaster ends the leading master as a crash would and starts it again on
// the same port with empty memory. Agents re-register, schedulers must
// subscribe again.
func (c *Cluster) RestartMaster() error { return nil }

// StopMaster ends master i as a crash would: its port is closed.
func (c *Cluster) StopMaster(i int) error { return nil }

// StartMaster starts a stopped master i on its old port.
func (c *Cluster) StartMaster(i int) error { return nil }

// SetRecovering makes all masters answer 503 "Master has not finished recovery".
func (c *Cluster) SetRecovering(on bool) {}

// FailCalls makes the masters answer the next n calls, subscriptions included,
// with the status code and body.
func (c *Cluster) FailCalls(n, code int, body string) {}

// CutSchedulers breaks the event streams of all schedulers without the final
// chunk and returns how many it cut.
func (c *Cluster) CutSchedulers() int { return 0 }

// StallSchedulers keeps the schedulers' streams open but silent, as a
// half-open connection is: what would be written is lost.
func (c *Cluster) StallSchedulers(on bool) {}

// CutExecutor breaks the event streams of all executors of that id and returns
// how many it cut. The processes live on.
func (c *Cluster) CutExecutor(executorID string) int { return 0 }

// SendError sends an ERROR event to the framework and ends its stream.
func (c *Cluster) SendError(frameworkID, message string) error { return nil }

// RescindOffers takes all outstanding offers of the framework back and returns
// how many there were.
func (c *Cluster) RescindOffers(frameworkID string) int { return 0 }

// SetMessageFaults changes what happens to framework messages from now on.
func (c *Cluster) SetMessageFaults(f MessageFaults) {}

// StopAgent ends agent i as a crash would. Its executors live on.
func (c *Cluster) StopAgent(i int) error { return nil }

// StartAgent starts a stopped agent i on its old port. It recovers the
// executors of checkpointing frameworks and kills all others.
func (c *Cluster) StartAgent(i int) error { return nil }

// FreezeAgent stops agent i where it stands, as SIGSTOP would; ThawAgent lets
// it go on.
func (c *Cluster) FreezeAgent(i int) error { return nil }

// ThawAgent lets a frozen agent i go on.
func (c *Cluster) ThawAgent(i int) error { return nil }

// RemoveAgent shuts agent i down for good, as SIGUSR1 does: its executors are
// killed and the master removes it at once.
func (c *Cluster) RemoveAgent(i int) error { return nil }
