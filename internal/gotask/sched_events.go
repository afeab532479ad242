package gotask

import (
	"fmt"
	"slices"
	"time"

	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// handler is what the driver calls.
func (s *GoTaskScheduler) handler() SchedulerHandler {
	return SchedulerHandler{
		Framework: s.frameworkInfo, Suppressed: s.suppressedRoles,
		Connected: s.connectedTo, Event: s.handle, Disconnected: s.disconnected,
	}
}

func (s *GoTaskScheduler) frameworkInfo() *mesosv1.FrameworkInfo {
	s.mu.Lock()
	defer s.mu.Unlock()
	info := &mesosv1.FrameworkInfo{
		User: s.cfg.User, Name: s.cfg.FrameworkName, Roles: []string{s.cfg.Role},
		FailoverTimeout: new(s.cfg.FailoverTimeout.Seconds()), Checkpoint: &s.cfg.Checkpoint,
	}
	for _, c := range []mesosv1.FrameworkInfo_Capability_Type{
		mesosv1.FrameworkInfo_Capability_PARTITION_AWARE,
		mesosv1.FrameworkInfo_Capability_MULTI_ROLE,
		mesosv1.FrameworkInfo_Capability_TASK_KILLING_STATE,
	} {
		info.Capabilities = append(info.Capabilities, mesosv1.FrameworkInfo_Capability{Type: c})
	}
	if s.frameworkID != "" {
		info.ID = &mesosv1.FrameworkID{Value: s.frameworkID}
	}
	if s.cfg.Principal != "" {
		info.Principal = &s.cfg.Principal
	}
	if s.cfg.WebUIURL != "" {
		info.WebUiURL = &s.cfg.WebUIURL
	}
	return info
}

func (s *GoTaskScheduler) suppressedRoles() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offers.suppressed = !s.closing && len(s.wanted(time.Now())) == 0
	if s.offers.suppressed {
		return []string{s.cfg.Role}
	}
	return nil
}

func (s *GoTaskScheduler) connectedTo(endpoint string) {
	host := routeTo(endpoint)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.master, s.localHost = endpoint, host
}

func (s *GoTaskScheduler) disconnected(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.connected {
		return
	}
	s.connected = false
	s.offers.clear() // they are void
	text := ""
	if err != nil {
		text = err.Error()
	}
	log := s.log.Warn
	if s.closing { // TEARDOWN and the end of Run close the stream
		log = s.log.Debug
	}
	log("disconnected from the master", "err", err)
	s.emit(SchedEvent{Kind: EventDisconnected, Time: time.Now(), Text: text})
}

// handle acts on one event of the master.
func (s *GoTaskScheduler) handle(event *scheduler.Event) {
	if s.cfg.Driver != nil {
		s.cfg.Observer.MesosEvent(event.Type.String()) // the driver on HTTP tells by itself
	}
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch event.Type {
	case scheduler.Event_SUBSCRIBED:
		s.subscribed(now, event.Subscribed)
	case scheduler.Event_OFFERS:
		s.offered(now, event.Offers.Offers)
	case scheduler.Event_RESCIND:
		s.rescinded(now, event.Rescind.OfferID.Value)
	case scheduler.Event_UPDATE:
		s.statusUpdate(now, event.Update.Status)
	case scheduler.Event_MESSAGE:
		s.message(now, event.Message)
	case scheduler.Event_FAILURE:
		s.failure(now, event.Failure)
	case scheduler.Event_ERROR:
		s.emit(SchedEvent{Kind: EventError, Time: now, Reason: "MASTER_ERROR", Text: event.Error.Message})
	}
}

// subscribed begins a subscription: first it is settled what became of the tasks, then offers count.
func (s *GoTaskScheduler) subscribed(now time.Time, sub *scheduler.Event_Subscribed) {
	id := sub.GetFrameworkID().GetValue()
	kind := EventReregistered
	if !s.registered {
		kind = EventRegistered
		s.killLeft = now.Add(s.cfg.LaunchTimeout)
	}
	s.connected, s.registered = true, true
	s.offers.heard = now
	s.generation++
	s.connectedAt = now
	if id != s.frameworkID {
		s.frameworkID = id
		s.dirty()
	}
	s.masterVersion = sub.GetMasterInfo().GetVersion()
	if m := sub.MasterInfo; m != nil && m.Hostname != nil {
		s.master = fmt.Sprintf("%s:%d", m.GetHostname(), m.GetPort())
	}
	s.log.Info("subscribed", "framework", id, "master", s.master)
	s.emit(SchedEvent{Kind: kind, Time: now, Text: "framework " + id + " at master " + s.master})
	for _, p := range s.peers {
		p.session.Reconnected(now)
		s.touch(p)
	}
	s.askAgain = 0
	s.reconcile(now)
	for _, t := range s.order {
		if t.state == TaskKilling {
			s.sendKill(now, t) // the kill may have been lost with the old subscription
		}
	}
	s.considerOffers(now)
}

// reconcile asks for the state of every task: those known by name, and any others. A master says nothing of tasks whose
// agents have not come back to it yet; while the fate of an adopted task is unknown it is asked again, ever more rarely.
func (s *GoTaskScheduler) reconcile(now time.Time) {
	s.reconciled = now
	if slices.ContainsFunc(s.order, (*task).adopted) {
		s.askAgain = min(max(2*s.askAgain, time.Second/2), s.cfg.LaunchTimeout)
		s.reconcileAt(now.Add(s.askAgain))
	}
	var known []scheduler.Call_Reconcile_Task
	for _, t := range s.order {
		if t.live() {
			known = append(known, reconcileEntry(t.id(), t.agent.ID))
		}
	}
	for _, left := range s.leftovers {
		known = append(known, reconcileEntry(taskID(left.Name, left.Attempt), left.Agent.ID))
	}
	if len(known) > 0 {
		s.call(&scheduler.Call{Type: scheduler.Call_RECONCILE, Reconcile: &scheduler.Call_Reconcile{Tasks: known}})
	}
	s.call(&scheduler.Call{Type: scheduler.Call_RECONCILE, Reconcile: &scheduler.Call_Reconcile{}})
}

func (s *GoTaskScheduler) reconcileTask(t *task) {
	s.call(&scheduler.Call{Type: scheduler.Call_RECONCILE, Reconcile: &scheduler.Call_Reconcile{
		Tasks: []scheduler.Call_Reconcile_Task{reconcileEntry(t.id(), t.agent.ID)},
	}})
}

func reconcileEntry(id, agent string) scheduler.Call_Reconcile_Task {
	entry := scheduler.Call_Reconcile_Task{TaskID: mesosv1.TaskID{Value: id}}
	if agent != "" {
		entry.AgentID = &mesosv1.AgentID{Value: agent}
	}
	return entry
}

// statusUpdate acts on an update and then acknowledges it, so that one that was not acted on comes again.
func (s *GoTaskScheduler) statusUpdate(now time.Time, status mesosv1.TaskStatus) {
	id := status.TaskID.Value
	if t := s.current(id); t != nil {
		if terminal(status.GetState()) {
			s.lastWords(now, t, status.Data)
		}
		s.update(now, t, status)
	} else {
		s.stray(id, status)
	}
	if len(status.UUID) == 0 || status.AgentID == nil {
		return // of the master, which wants no acknowledgement
	}
	s.call(&scheduler.Call{Type: scheduler.Call_ACKNOWLEDGE, Acknowledge: &scheduler.Call_Acknowledge{
		AgentID: *status.AgentID, TaskID: status.TaskID, UUID: status.UUID,
	}})
}

// stray acts on an update of an attempt that is not the present one. An old attempt that comes back is killed: its place
// is taken.
func (s *GoTaskScheduler) stray(id string, status mesosv1.TaskStatus) {
	alive := false
	switch status.GetState() {
	case mesosv1.TASK_STAGING, mesosv1.TASK_STARTING, mesosv1.TASK_RUNNING:
		alive = true
	}
	name, attempt, _ := splitTaskID(id)
	if left, ok := s.leftovers[name]; ok && left.Attempt == attempt {
		if !alive {
			delete(s.leftovers, name)
		}
		return
	}
	if alive {
		s.log.Warn("stray task killed", "id", id, "agent", status.GetAgentID().GetValue())
		s.kill(id, status.GetAgentID().GetValue(), s.cfg.KillGrace)
	}
}

// failure acts on the loss of an executor or an agent. The updates of the tasks follow; since they may get lost, the
// tasks are asked about soon.
func (s *GoTaskScheduler) failure(now time.Time, f *scheduler.Event_Failure) {
	agent := f.GetAgentID().GetValue()
	e := SchedEvent{Kind: EventAgentLost, Time: now, Agent: s.agentRef(agent), Text: "agent lost"}
	if f.ExecutorID != nil {
		e.Kind, e.Executor = EventExecutorLost, f.ExecutorID.Value
		e.Text = waitStatusText(f.GetStatus())
	}
	s.emit(e)
	for _, t := range s.order {
		if t.live() && t.agent.ID == agent && (f.ExecutorID == nil || t.exec == f.ExecutorID.Value) && t.state == TaskLaunched {
			t.deadline = now.Add(2 * time.Second)
		}
	}
	s.reconcileAt(now.Add(2 * time.Second))
	if f.ExecutorID != nil {
		delete(s.executors, peerKey{agent, f.ExecutorID.Value})
	}
	for key, p := range s.peers {
		if key.agent == agent && (f.ExecutorID == nil || key.executor == f.ExecutorID.Value) && !s.peerBusy(key) {
			s.past = s.past.plus(newLinkStats(p.session.Stats(now)).total())
			delete(s.peers, key)
			s.log.Debug("executor forgotten", "agent", p.key.agent, "executor", p.key.executor)
		}
	}
}

func (s *GoTaskScheduler) peerBusy(key peerKey) bool {
	for _, t := range s.order {
		if t.live() && t.agent.ID == key.agent && t.exec == key.executor {
			return true
		}
	}
	return false
}

// waitStatusText describes a status of wait(2).
func waitStatusText(status int32) string {
	switch {
	case status < 0:
		return "executor ended in an unknown way"
	case status&0x7f != 0:
		return fmt.Sprintf("executor was killed by signal %d", status&0x7f)
	}
	return fmt.Sprintf("executor exited with code %d", status>>8)
}

func (s *GoTaskScheduler) agentRef(id string) AgentRef {
	if ref, ok := s.agents[id]; ok {
		return ref
	}
	return AgentRef{ID: id}
}

// reconcileEvery is the interval of the regular reconciliations, which find whatever got lost otherwise.
const reconcileEvery = 10 * time.Minute

// reconcileAt brings the next reconciliation forward.
func (s *GoTaskScheduler) reconcileAt(at time.Time) {
	if at.Before(s.reconciled.Add(reconcileEvery)) {
		s.reconciled = at.Add(-reconcileEvery)
	}
}

// tick acts on all that is due. It runs ten times a second.
func (s *GoTaskScheduler) tick(now time.Time) {
	for _, t := range s.order {
		s.checkDeadline(now, t)
	}
	if !s.connected {
		return
	}
	if now.Sub(s.reconciled) >= reconcileEvery {
		s.reconcile(now)
	}
	if len(s.leftovers) > 0 && !s.killLeft.IsZero() && now.After(s.killLeft) {
		for name, left := range s.leftovers {
			s.log.Warn("task of the last run is not wanted any more", "task", name)
			s.kill(taskID(left.Name, left.Attempt), left.Agent.ID, s.cfg.KillGrace)
			delete(s.leftovers, name)
		}
		s.dirty()
	}
	s.considerOffers(now)
}
