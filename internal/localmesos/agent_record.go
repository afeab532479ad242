package localmesos

import (
	"fmt"
	"slices"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// agentRecord is what a master knows of an agent. Guarded by the master.
type agentRecord struct {
	id         string
	hostname   string
	port       *port
	attributes []mesos.Attribute
	total      bundle
	used       bundle // by executors and by tasks that are not terminal
	offered    bundle
	executors  []*executorRecord // oldest first

	process    *agent
	link       *link          // nil while disconnected
	unanswered int            // pings in a row
	lateKills  []func(*agent) // KILLs that came while it was away
}

// executorRecord is an executor in a master's books; it is charged once.
type executorRecord struct {
	frameworkID string
	info        *mesos.ExecutorInfo
	role        string
	resources   bundle
}

// registration is what an agent tells a master when it (re-)registers.
type registration struct {
	process    *agent
	link       *link
	id         string // "" the first time
	hostname   string
	port       *port
	attributes []mesos.Attribute
	total      bundle
	frameworks []*mesos.FrameworkInfo
	executors  []*executorRecord
	tasks      []reportedTask
}

type reportedTask struct {
	frameworkID string
	task        *task
}

func (a *agentRecord) available() bundle { return a.total.minus(a.used).minus(a.offered) }

func (a *agentRecord) hosts(f *framework) bool {
	if slices.ContainsFunc(a.executors, func(e *executorRecord) bool { return e.frameworkID == f.id }) {
		return true
	}
	for _, t := range f.tasks {
		if t.agentID == a.id {
			return true
		}
	}
	return false
}

func (a *agentRecord) executor(frameworkID, executorID string) *executorRecord {
	for _, e := range a.executors {
		if e.frameworkID == frameworkID && e.info.ExecutorID.Value == executorID {
			return e
		}
	}
	return nil
}

// tell sends a message to the agent; it is lost when the agent is away.
func (a *agentRecord) tell(message func(*agent)) {
	if a.link == nil {
		return
	}
	l, process := a.link, a.process
	l.toAgent.post(func() { process.receive(l, message) })
}

// register takes an agent in. It runs on the link, before anything else the
// agent sends over it.
func (m *master) register(r *registration) {
	m.lock()
	defer m.mu.Unlock()
	if m.ended {
		return
	}
	a := m.agents[r.id]
	known := a != nil
	if !known {
		id := r.id
		if id == "" {
			id = fmt.Sprintf("%s-S%d", m.id, m.nextAgent)
			m.nextAgent++
		}
		a = &agentRecord{id: id, hostname: r.hostname, port: r.port, attributes: r.attributes, total: r.total, process: r.process}
		m.agents[id] = a
		m.order = append(m.order, a)
		m.ping(a)
	}
	if a.link != nil && a.link != r.link {
		a.link.sever()
	}
	a.link, a.unanswered = r.link, 0
	delete(m.recovered, a.id)
	_, wasLost := m.lost[a.id]
	delete(m.lost, a.id)

	a.tell(func(process *agent) { process.registered(a.id) })
	for _, info := range r.frameworks {
		m.recoverFramework(a, info)
	}
	m.reconcileExecutors(a, r)
	m.reconcileTasks(a, r, wasLost)
	for _, kill := range a.lateKills {
		a.tell(kill)
	}
	a.lateKills = nil
	m.timers.after(0, m.allocationRound)
}

// recoverFramework learns of a framework from an agent, or tells the agent what
// became of it.
func (m *master) recoverFramework(a *agentRecord, info *mesos.FrameworkInfo) {
	id := info.ID.Value
	if m.completed[id] {
		a.tell(func(a *agent) { a.shutdownFramework(id) })
		return
	}
	if f := m.frameworks[id]; f != nil {
		latest := f.info
		a.tell(func(a *agent) { a.updateFramework(latest) })
		return
	}
	m.frameworks[id] = newFramework(id, info, nil)
}

// reconcileExecutors makes the master's executors on the agent those the agent
// has.
func (m *master) reconcileExecutors(a *agentRecord, r *registration) {
	for _, e := range slices.Clone(a.executors) {
		if !slices.ContainsFunc(r.executors, func(x *executorRecord) bool {
			return x.frameworkID == e.frameworkID && x.info.ExecutorID == e.info.ExecutorID
		}) {
			m.removeExecutor(a, e)
		}
	}
	for _, e := range r.executors {
		if m.frameworks[e.frameworkID] != nil && a.executor(e.frameworkID, e.info.ExecutorID.Value) == nil {
			m.addExecutor(a, e)
		}
	}
}

// reconcileTasks makes the master's tasks on the agent those the agent has, and
// tells frameworks about tasks that are back or gone.
func (m *master) reconcileTasks(a *agentRecord, r *registration, wasLost bool) {
	reported := make(map[string]map[string]bool)
	for _, x := range r.tasks {
		f := m.frameworks[x.frameworkID]
		if f == nil {
			continue
		}
		if reported[f.id] == nil {
			reported[f.id] = make(map[string]bool)
		}
		id := x.task.info.TaskID.Value
		reported[f.id][id] = true
		delete(f.unreachable, id)
		if known := f.tasks[id]; known == nil {
			x.task.agentID = a.id
			f.tasks[id] = x.task
			if !isTerminal(x.task.state) {
				a.used = a.used.plus(x.task.resources)
				f.charge(x.task.role, x.task.resources)
			}
		}
		if wasLost {
			m.sendStatus(f, m.statusOf(f.tasks[id], f.tasks[id].state, mesos.REASON_AGENT_REREGISTERED,
				"Unreachable agent re-reregistered"))
		}
	}
	for _, f := range m.frameworks {
		for id, t := range f.tasks {
			if t.agentID != a.id || reported[f.id][id] {
				continue
			}
			m.releaseTask(f, t)
			m.sendStatus(f, m.statusOf(t, f.lostState(mesos.TASK_DROPPED), mesos.REASON_RECONCILIATION,
				"Task unknown to the agent"))
		}
	}
}

// linkBroken is called when the agent's process has gone away. A frozen master
// takes note of it later.
func (m *master) linkBroken(agentID string, l *link) {
	m.timers.after(0, func() { m.disconnect(agentID, l) })
}

// disconnect takes note that the link to an agent is broken.
func (m *master) disconnect(agentID string, l *link) {
	m.lock()
	defer m.mu.Unlock()
	a := m.agents[agentID]
	if m.ended || a == nil || a.link != l {
		return
	}
	a.link.sever()
	a.link = nil
	m.rescindAll(a)
	for _, f := range m.frameworks {
		if !f.info.GetCheckpoint() {
			m.dropTasks(f, a, mesos.TASK_LOST, mesos.REASON_AGENT_DISCONNECTED,
				fmt.Sprintf("Agent %s disconnected", a.hostname), false)
		}
	}
}

// ping asks the agent for a sign of life every interval; too many unanswered
// make it unreachable.
func (m *master) ping(a *agentRecord) {
	m.timers.after(m.cfg.PingInterval, func() {
		m.lock()
		defer m.mu.Unlock()
		if m.ended || m.agents[a.id] != a {
			return
		}
		if a.unanswered >= m.cfg.PingTimeouts {
			m.markUnreachable(a)
			return
		}
		a.unanswered++
		a.tell(func(process *agent) { process.pinged() })
		m.ping(a)
	})
}

func (m *master) pong(agentID string) {
	m.lock()
	defer m.mu.Unlock()
	if a := m.agents[agentID]; a != nil {
		a.unanswered = 0
	}
}

func (m *master) markUnreachable(a *agentRecord) {
	since := &mesos.TimeInfo{Nanoseconds: time.Now().UnixNano()}
	m.lost[a.id] = since
	m.rescindAll(a)
	for _, f := range m.frameworks {
		for _, t := range f.tasks {
			if t.agentID == a.id {
				t.lostAt = since
			}
		}
		m.dropTasks(f, a, mesos.TASK_UNREACHABLE, mesos.REASON_AGENT_REMOVED, "health check timed out", true)
	}
	m.forget(a)
}

// unregister removes an agent that shut down in an orderly way.
func (m *master) unregister(agentID string) {
	m.lock()
	defer m.mu.Unlock()
	a := m.agents[agentID]
	if m.ended || a == nil {
		return
	}
	m.rescindAll(a)
	for _, f := range m.frameworks {
		m.dropTasks(f, a, mesos.TASK_LOST, mesos.REASON_AGENT_REMOVED,
			fmt.Sprintf("Agent %s removed: the agent unregistered", a.hostname), false)
	}
	m.forget(a)
}

// forget drops an agent and tells the frameworks so.
func (m *master) forget(a *agentRecord) {
	if a.link != nil {
		a.link.sever()
		a.link = nil
	}
	delete(m.agents, a.id)
	m.order = slices.DeleteFunc(m.order, func(x *agentRecord) bool { return x == a })
	for _, f := range m.frameworks {
		for _, e := range slices.Clone(a.executors) {
			if e.frameworkID == f.id {
				m.removeExecutor(a, e)
			}
		}
		if f.connected() {
			f.stream.send(&scheduler.Event{
				Type:    scheduler.Event_FAILURE,
				Failure: &scheduler.Event_Failure{AgentID: &mesos.AgentID{Value: a.id}},
			})
		}
	}
}

func (m *master) rescindAll(a *agentRecord) {
	for _, f := range m.frameworks {
		for _, o := range f.offers {
			if o.agent == a {
				m.rescind(o)
			}
		}
	}
}

// dropTasks removes a framework's tasks on an agent, with an update for each.
func (m *master) dropTasks(f *framework, a *agentRecord, state mesos.TaskState, reason mesos.TaskStatus_Reason, message string, mayReturn bool) {
	if state != mesos.TASK_LOST {
		state = f.lostState(state)
	}
	for id, t := range f.tasks {
		if t.agentID != a.id {
			continue
		}
		m.releaseTask(f, t)
		if mayReturn && !isTerminal(t.state) {
			f.unreachable[id] = t
		}
		status := m.statusOf(t, state, reason, message)
		status.ContainerStatus = nil
		status.UnreachableTime = t.lostAt
		m.sendStatus(f, status)
	}
	for _, e := range slices.Clone(a.executors) {
		if e.frameworkID == f.id {
			m.removeExecutor(a, e)
		}
	}
}
