package localmesos

import (
	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// statusUpdate is what an agent forwards: the status at the head of the task's
// queue, and the latest state the agent knows of.
func (m *master) statusUpdate(frameworkID string, status mesos.TaskStatus, latest mesos.TaskState) {
	m.lock()
	defer m.mu.Unlock()
	f := m.frameworks[frameworkID]
	if m.ended || f == nil {
		return
	}
	if t := f.tasks[status.TaskID.Value]; t != nil {
		if isTerminal(latest) && !isTerminal(t.state) {
			m.freeTask(f, t)
		}
		if !isTerminal(t.state) {
			t.state = latest
		}
		t.status = status
		if status.ContainerStatus != nil {
			t.container = status.ContainerStatus
		}
	}
	m.sendStatus(f, status)
}

// executorExited frees what an executor held and tells its framework.
func (m *master) executorExited(agentID, frameworkID, executorID string, status int32) {
	m.lock()
	defer m.mu.Unlock()
	a := m.agents[agentID]
	if m.ended || a == nil {
		return
	}
	if e := a.executor(frameworkID, executorID); e != nil {
		m.removeExecutor(a, e)
	}
	if f := m.frameworks[frameworkID]; f != nil && f.connected() {
		f.stream.send(&scheduler.Event{Type: scheduler.Event_FAILURE, Failure: &scheduler.Event_Failure{
			AgentID:    &mesos.AgentID{Value: agentID},
			ExecutorID: &mesos.ExecutorID{Value: executorID},
			Status:     &status,
		}})
	}
}

// executorMessage relays a message of an executor; it is lost when the
// framework is away.
func (m *master) executorMessage(agentID, frameworkID, executorID string, data []byte) {
	m.lock()
	defer m.mu.Unlock()
	f := m.frameworks[frameworkID]
	if m.ended || f == nil || !f.connected() || m.agents[agentID] == nil {
		return
	}
	f.stream.send(&scheduler.Event{Type: scheduler.Event_MESSAGE, Message: &scheduler.Event_Message{
		AgentID:    mesos.AgentID{Value: agentID},
		ExecutorID: mesos.ExecutorID{Value: executorID},
		Data:       data,
	}})
}
