package localmesos

import (
	"slices"
	"time"

	"github.com/google/uuid"
	mesos "github.com/mesos/mesos-go/api/v1/lib"
)

type updateKey struct{ frameworkID, taskID string }

// updateQueue is the status updates of one task that the scheduler has not
// acknowledged. Only the head is forwarded, again and again, at an interval
// that doubles.
type updateQueue struct {
	key      updateKey
	pending  []mesos.TaskStatus
	seen     [][]byte // uuids, against duplicates
	latest   mesos.TaskState
	interval time.Duration
	cancel   func() // of the retry
}

// report queues a status of the agent's own making.
func (a *agent) report(h *hosted, t *mesos.TaskInfo, executorID mesos.ExecutorID, state mesos.TaskState, reason mesos.TaskStatus_Reason, message string) {
	id := uuid.New()
	a.enqueue(h, mesos.TaskStatus{
		TaskID:     t.TaskID,
		State:      state.Enum(),
		Message:    &message,
		Source:     mesos.SOURCE_AGENT.Enum(),
		Reason:     reason.Enum(),
		AgentID:    &mesos.AgentID{Value: a.id},
		ExecutorID: &executorID,
		Timestamp:  timestamp(time.Now()),
		UUID:       id[:],
	})
}

// enqueue adds a status to its task's queue.
func (a *agent) enqueue(h *hosted, status mesos.TaskStatus) {
	key := updateKey{h.id, status.TaskID.Value}
	q := a.updates[key]
	if q == nil {
		q = &updateQueue{key: key, cancel: func() {}}
		a.updates[key] = q
	}
	if q.hasSeen(status.UUID) {
		return
	}
	q.seen = append(q.seen, status.UUID)
	q.pending = append(q.pending, status)
	q.latest = status.GetState()
	if len(q.pending) == 1 {
		a.forward(q)
	}
}

func (q *updateQueue) hasSeen(id []byte) bool {
	return slices.ContainsFunc(q.seen, func(x []byte) bool { return slices.Equal(x, id) })
}

// forward sends the head of the queue and starts the retry anew.
func (a *agent) forward(q *updateQueue) {
	if len(q.pending) == 0 {
		return
	}
	q.interval = a.cfg.UpdateRetryMin
	a.sendHead(q)
}

func (a *agent) sendHead(q *updateQueue) {
	q.cancel()
	status, latest := q.pending[0], q.latest
	a.tellMaster(func(m *master) { m.statusUpdate(q.key.frameworkID, status, latest) })
	life := a.life
	q.cancel = a.timers.after(q.interval, func() {
		a.lock()
		defer a.mu.Unlock()
		if a.life == life && a.running && a.updates[q.key] == q && len(q.pending) > 0 && slices.Equal(q.pending[0].UUID, status.UUID) {
			q.interval = min(2*q.interval, a.cfg.UpdateRetryMax)
			a.sendHead(q)
		}
	})
}

// acknowledged takes the head off a queue if the acknowledgement is for it.
func (a *agent) acknowledged(frameworkID, taskID string, id []byte) {
	q := a.updates[updateKey{frameworkID, taskID}]
	if q == nil || len(q.pending) == 0 || !slices.Equal(q.pending[0].UUID, id) {
		return
	}
	done := isTerminal(q.pending[0].GetState())
	q.pending = q.pending[1:]
	q.cancel()
	if !done {
		a.forward(q)
		return
	}
	delete(a.updates, q.key)
	if h := a.frameworks[frameworkID]; h != nil {
		a.complete(h, taskID)
	}
}

// complete forgets a task whose end the scheduler has acknowledged.
func (a *agent) complete(h *hosted, taskID string) {
	for _, e := range h.executors {
		if e.tasks[taskID] != nil {
			delete(e.tasks, taskID)
			e.order = slices.DeleteFunc(e.order, func(id string) bool { return id == taskID })
		}
	}
	a.dropIfIdle(h)
}
