package localmesos

import (
	"net/http"
	"slices"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// handle carries out a call of a subscribed framework and returns the status
// code of success, which never says anything about the outcome.
func (m *master) handle(call *scheduler.Call, streamIDs []string, principal string) (code int, failure *httpError) {
	m.lock()
	defer m.mu.Unlock()
	if m.ended {
		return 0, &httpError{http.StatusServiceUnavailable, "Master has not finished recovery"}
	}
	f, failure := m.authorize(call, streamIDs, principal)
	if failure != nil {
		return 0, failure
	}
	switch call.Type {
	case scheduler.Call_TEARDOWN:
		m.removeFramework(f)
	case scheduler.Call_ACCEPT:
		m.accept(f, call.Accept)
	case scheduler.Call_DECLINE:
		m.decline(f, call.Decline)
	case scheduler.Call_REVIVE:
		m.revive(f, call.Revive.GetRoles())
	case scheduler.Call_SUPPRESS:
		m.suppress(f, call.Suppress.GetRoles())
	case scheduler.Call_KILL:
		m.kill(f, call.Kill)
	case scheduler.Call_SHUTDOWN:
		m.shutdownExecutor(f, call.Shutdown)
	case scheduler.Call_ACKNOWLEDGE:
		m.acknowledge(f, call.Acknowledge)
	case scheduler.Call_RECONCILE:
		m.reconcile(f, call.Reconcile)
	case scheduler.Call_MESSAGE:
		m.message(f, call.Message)
	case scheduler.Call_UPDATE_FRAMEWORK:
		return m.updateFramework(f, call.UpdateFramework)
	case scheduler.Call_UNKNOWN:
		return 0, &httpError{http.StatusNotImplemented, ""}
	}
	return http.StatusAccepted, nil
}

func (m *master) decline(f *framework, call *scheduler.Call_Decline) {
	for _, id := range call.OfferIDs {
		if o := f.offers[id.Value]; o != nil {
			m.releaseOffer(o)
			m.refuse(f, o.role, o.agent.id, o.resources, call.Filters)
		}
	}
}

func (m *master) revive(f *framework, roles []string) {
	if !subscribedTo(f, roles) {
		return
	}
	if len(roles) == 0 {
		roles = f.roles
	}
	f.filters = slices.DeleteFunc(f.filters, func(x filter) bool { return slices.Contains(roles, x.role) })
	for _, role := range roles {
		delete(f.suppressed, role)
	}
	m.timers.after(0, m.allocationRound)
}

func (m *master) suppress(f *framework, roles []string) {
	if !subscribedTo(f, roles) {
		return
	}
	if len(roles) == 0 {
		roles = f.roles
	}
	for _, role := range roles {
		f.suppressed[role] = true
	}
}

func subscribedTo(f *framework, roles []string) bool {
	return !slices.ContainsFunc(roles, func(role string) bool { return !slices.Contains(f.roles, role) })
}

func (m *master) kill(f *framework, call *scheduler.Call_Kill) {
	t := f.tasks[call.TaskID.Value]
	if t == nil {
		m.reconcileTask(f, call.TaskID, call.AgentID)
		return
	}
	if call.AgentID != nil && call.AgentID.Value != t.agentID {
		return
	}
	a := m.agents[t.agentID]
	if a == nil {
		return
	}
	deliver := func(a *agent) { a.killTask(f.id, call.TaskID.Value, call.KillPolicy) }
	if a.link == nil {
		a.lateKills = append(a.lateKills, deliver)
		return
	}
	a.tell(deliver)
}

func (m *master) shutdownExecutor(f *framework, call *scheduler.Call_Shutdown) {
	if a := m.agents[call.AgentID.Value]; a != nil {
		a.tell(func(a *agent) { a.shutdownExecutor(f.id, call.ExecutorID.Value) })
	}
}

func (m *master) acknowledge(f *framework, call *scheduler.Call_Acknowledge) {
	a := m.agents[call.AgentID.Value]
	if a == nil || a.link == nil {
		return
	}
	id := call.TaskID.Value
	if t := f.tasks[id]; t != nil && t.agentID == a.id &&
		isTerminal(t.status.GetState()) && slices.Equal(t.status.UUID, call.UUID) {
		m.releaseTask(f, t)
	}
	a.tell(func(a *agent) { a.acknowledged(f.id, id, call.UUID) })
}

func (m *master) message(f *framework, call *scheduler.Call_Message) {
	a := m.agents[call.AgentID.Value]
	if a == nil || a.link == nil {
		return
	}
	frameworkID := f.id
	deliver := func() {
		a.tell(func(a *agent) { a.message(frameworkID, call.ExecutorID.Value, call.Data) })
	}
	delay, lost := m.faults.drawMessage(toExecutor)
	if lost || m.lateMessages.hold(delay, func() {
		m.lock()
		defer m.mu.Unlock()
		deliver()
	}) {
		return
	}
	deliver()
}

func (m *master) updateFramework(f *framework, call *scheduler.Call_UpdateFramework) (int, *httpError) {
	info := &call.FrameworkInfo
	refuse := func(field, from, to string) (int, *httpError) {
		return 0, badRequest("FrameworkInfo update is not valid: Updating 'FrameworkInfo.%s' is unsupported;"+
			" attempted to update from '%s' to '%s'", field, from, to)
	}
	switch {
	case info.User != f.info.User:
		return refuse("user", f.info.User, info.User)
	case info.GetCheckpoint() != f.info.GetCheckpoint():
		return refuse("checkpoint", boolText(f.info.GetCheckpoint()), boolText(info.GetCheckpoint()))
	case info.GetPrincipal() != f.info.GetPrincipal():
		return 0, badRequest("FrameworkInfo update is not valid: Changing framework's principal is not allowed.")
	}
	if err := validateFramework(info, call.SuppressedRoles, m.cfg.RefuseRoot); err != nil {
		return 0, badRequest("Supplied FrameworkInfo is not valid: %v", err)
	}
	f.update(info, call.SuppressedRoles)
	for _, o := range f.offers {
		if !slices.Contains(f.roles, o.role) {
			m.rescind(o)
		}
	}
	latest := f.info
	for _, a := range m.order {
		if a.hosts(f) {
			a.tell(func(a *agent) { a.updateFramework(latest) })
		}
	}
	return http.StatusOK, nil
}

func boolText(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// reconcile answers with the latest state of the tasks asked for, or of all.
func (m *master) reconcile(f *framework, call *scheduler.Call_Reconcile) {
	if len(call.Tasks) == 0 {
		for _, t := range f.tasks {
			m.sendStatus(f, m.statusOf(t, t.state, mesos.REASON_RECONCILIATION, "Reconciliation: Latest task state"))
		}
		return
	}
	for _, asked := range call.Tasks {
		m.reconcileTask(f, asked.TaskID, asked.AgentID)
	}
}

// reconcileTask answers for one task. While agents of the registry are not back
// there is no answer for what only they may know.
func (m *master) reconcileTask(f *framework, id mesos.TaskID, agentID *mesos.AgentID) {
	if t := f.tasks[id.Value]; t != nil {
		m.sendStatus(f, m.statusOf(t, t.state, mesos.REASON_RECONCILIATION, "Reconciliation: Latest task state"))
		return
	}
	status := mesos.TaskStatus{
		TaskID:    id,
		Source:    mesos.SOURCE_MASTER.Enum(),
		Reason:    mesos.REASON_RECONCILIATION.Enum(),
		AgentID:   agentID,
		Timestamp: timestamp(time.Now()),
	}
	answer := func(state mesos.TaskState, message string) {
		status.State, status.Message = f.lostState(state).Enum(), &message
		m.sendStatus(f, status)
	}
	agent := agentID.GetValue()
	switch {
	case agentID == nil && len(m.recovered) > 0, m.recovered[agent]:
	case m.agents[agent] != nil:
		answer(mesos.TASK_GONE, "Reconciliation: Task is unknown to the agent")
	case m.lost[agent] != nil:
		status.UnreachableTime = m.lost[agent]
		answer(mesos.TASK_UNREACHABLE, "Reconciliation: Task is unreachable")
	default:
		answer(mesos.TASK_UNKNOWN, "Reconciliation: Task is unknown")
	}
}

// statusOf is a status of a known task as the master itself makes them: without
// uuid, so not to be acknowledged.
func (m *master) statusOf(t *task, state mesos.TaskState, reason mesos.TaskStatus_Reason, message string) mesos.TaskStatus {
	return mesos.TaskStatus{
		TaskID:          t.info.TaskID,
		State:           state.Enum(),
		Message:         &message,
		Source:          mesos.SOURCE_MASTER.Enum(),
		Reason:          reason.Enum(),
		AgentID:         &mesos.AgentID{Value: t.agentID},
		ExecutorID:      &mesos.ExecutorID{Value: t.executorID},
		Timestamp:       timestamp(time.Now()),
		ContainerStatus: t.container,
	}
}

// refuseTask tells that a task was not launched.
func (m *master) refuseTask(f *framework, t *mesos.TaskInfo, state mesos.TaskState, reason mesos.TaskStatus_Reason, message string) {
	m.sendStatus(f, mesos.TaskStatus{
		TaskID:    t.TaskID,
		State:     state.Enum(),
		Message:   &message,
		Source:    mesos.SOURCE_MASTER.Enum(),
		Reason:    reason.Enum(),
		AgentID:   &mesos.AgentID{Value: t.AgentID.Value},
		Timestamp: timestamp(time.Now()),
	})
}

func (m *master) sendStatus(f *framework, status mesos.TaskStatus) {
	if f.connected() {
		f.stream.send(&scheduler.Event{Type: scheduler.Event_UPDATE, Update: &scheduler.Event_Update{Status: status}})
	}
}

func isTerminal(state mesos.TaskState) bool {
	switch state {
	case mesos.TASK_FINISHED, mesos.TASK_FAILED, mesos.TASK_KILLED, mesos.TASK_ERROR,
		mesos.TASK_LOST, mesos.TASK_DROPPED, mesos.TASK_GONE, mesos.TASK_GONE_BY_OPERATOR:
		return true
	}
	return false
}
