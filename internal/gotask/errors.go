package gotask

import (
	"errors"
	"fmt"

	"elevator/internal/gotask/mesos"
)

var (
	// ErrUnknownTask says that no task of that name was ever spawned.
	ErrUnknownTask = errors.New("no such task")
	// ErrTaskEnded says that the task is over and will not be started again.
	ErrTaskEnded = errors.New("task has ended")
	// ErrMessageTooLarge says that a message exceeds MaxMessageBytes.
	ErrMessageTooLarge = errors.New("message too large")
	// ErrStopped says that the scheduler or executor is ending or has ended.
	ErrStopped = errors.New("stopped")
	// ErrAlreadyRun says that Run was called before; schedulers and executors are used once.
	ErrAlreadyRun = errors.New("has been run already")
	// ErrSchedTask says that the scheduler function broke its contract: it panicked, or it closed its channel and went on.
	ErrSchedTask = errors.New("scheduler function failed")
	// ErrLeakedTask says that the executor ended because a task did not return when told to.
	ErrLeakedTask = errors.New("task did not return within its grace")
)

// Why masters end a scheduler's run, for applications that do not import package mesos.
var (
	// ErrFrameworkRemoved says that the master no longer knows the stored framework: it was torn down, or its scheduler
	// was away for longer than the failover timeout. Its tasks are gone. The stored state was cleared, so that the next
	// start registers a new framework.
	ErrFrameworkRemoved = mesos.ErrFrameworkRemoved
	// ErrFailedOver says that another scheduler subscribed with the same framework id and took the tasks over.
	ErrFailedOver = mesos.ErrFailedOver
	// ErrNoMaster says that no master was reached within Config.ConnectTimeout.
	ErrNoMaster = mesos.ErrNoMaster
)

// TaskError is what Run returns when a task ended the system under the shutdown policy.
type TaskError struct {
	Task    string    // the task's name, "<name>-<index>"
	Attempt int       // which launch of the task, from 1
	Agent   AgentRef  // where it ran
	State   TaskState // failed, killed or lost
	Reason  string    // Mesos' word for why, such as REASON_EXECUTOR_TERMINATED
	Text    string    // the task's error or the agent's explanation
}

// Error names the task, its agent and why it ended.
func (e *TaskError) Error() string {
	s := fmt.Sprintf("task %s (attempt %d) %s", e.Task, e.Attempt, e.State)
	if e.Agent.Hostname != "" {
		s += " on agent " + e.Agent.Hostname
	}
	if e.Reason != "" {
		s += " (" + e.Reason + ")"
	}
	if e.Text != "" {
		s += ": " + e.Text
	}
	return s
}

func tooLarge(n int) error {
	return fmt.Errorf("%w: %d bytes, at most %d", ErrMessageTooLarge, n, MaxMessageBytes)
}
