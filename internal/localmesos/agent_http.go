package localmesos

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	exec "github.com/mesos/mesos-go/api/v1/lib/executor"
)

// ServeHTTP is the executor API.
func (a *agent) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch strings.TrimSuffix(r.URL.Path, "/") {
	case "/api/v1/executor", "/slave(1)/api/v1/executor":
		a.serveExecutor(w, r)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (a *agent) serveExecutor(w http.ResponseWriter, r *http.Request) {
	if !checkMethod(w, r) {
		return
	}
	call := &exec.Call{Type: typeAbsent}
	if err := readCall(r, call); err != nil {
		writeError(w, err)
		return
	}
	if err := validateExecutorCall(call); err != nil {
		writeError(w, badRequest("Failed to validate Executor::Call: %v", err))
		return
	}
	if call.Type == exec.Call_SUBSCRIBE {
		media, err := responseMedia(r)
		if err != nil {
			writeError(w, err)
			return
		}
		stream, err := a.subscribe(call, media)
		if err != nil {
			writeError(w, err)
			return
		}
		stream.serve(w, r)
		return
	}
	if err := a.handle(call); err != nil {
		writeError(w, err)
		return
	}
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(http.StatusAccepted)
}

func validateExecutorCall(call *exec.Call) error {
	switch call.Type {
	case typeAbsent:
		return missing("type")
	case exec.Call_SUBSCRIBE:
		return present(call.Subscribe != nil, "subscribe")
	case exec.Call_MESSAGE:
		return present(call.Message != nil, "message")
	case exec.Call_UPDATE:
		if call.Update == nil {
			return missing("update")
		}
		return validateStatus(call, &call.Update.Status)
	}
	return nil
}

func validateStatus(call *exec.Call, status *mesos.TaskStatus) error {
	switch {
	case status.UUID == nil:
		return missing("uuid")
	case !isUUID(status.UUID):
		return errBadUUID
	case status.GetSource() != mesos.SOURCE_EXECUTOR:
		return fmt.Errorf("Received Call from executor %s of framework %s with invalid source, expecting 'SOURCE_EXECUTOR'",
			call.ExecutorID.Value, call.FrameworkID.Value)
	case status.GetState() == mesos.TASK_STAGING:
		return fmt.Errorf("Received TASK_STAGING from executor %s of framework %s which is not allowed",
			call.ExecutorID.Value, call.FrameworkID.Value)
	}
	return nil
}

var (
	errNoFramework = badRequest("Framework cannot be found")
	errNoExecutor  = badRequest("Executor cannot be found")
)

func (a *agent) find(call *exec.Call) (*executor, *httpError) {
	h := a.frameworks[call.FrameworkID.Value]
	if h == nil {
		return nil, errNoFramework
	}
	e := h.executor(call.ExecutorID.Value)
	if e == nil {
		return nil, errNoExecutor
	}
	return e, nil
}

// handle carries out a call other than SUBSCRIBE.
func (a *agent) handle(call *exec.Call) *httpError {
	if call.Type == exec.Call_HEARTBEAT {
		return nil
	}
	a.lock()
	defer a.mu.Unlock()
	if !a.running {
		return &httpError{http.StatusServiceUnavailable, "Agent has not finished recovery"}
	}
	e, failure := a.find(call)
	if failure != nil {
		return failure
	}
	if e.state == executorRegistering {
		return &httpError{http.StatusForbidden, "Executor is not subscribed"}
	}
	switch call.Type {
	case exec.Call_UPDATE:
		a.update(e, call.Update.Status)
	case exec.Call_MESSAGE:
		a.executorMessage(e, call.Message.Data)
	default:
		return &httpError{http.StatusNotImplemented, ""}
	}
	return nil
}

// subscribe opens an executor's session.
func (a *agent) subscribe(call *exec.Call, media string) (*stream, *httpError) {
	a.lock()
	defer a.mu.Unlock()
	if !a.running {
		return nil, &httpError{http.StatusServiceUnavailable, "Agent has not finished recovery"}
	}
	e, failure := a.find(call)
	if failure != nil {
		return nil, failure
	}
	s := newStream(media)
	if e.framework.terminating || e.state == executorTerminating || e.state == executorTerminated {
		s.send(&exec.Event{Type: exec.Event_SHUTDOWN})
		s.close()
		return s, nil
	}
	if e.stream != nil {
		e.stream.close()
	}
	e.stream, e.state = s, executorRunning
	for _, update := range call.Subscribe.UnacknowledgedUpdates {
		a.update(e, update.Status)
	}
	a.dropLostLaunches(e, call.Subscribe.UnacknowledgedTasks)
	if !e.delivered && len(e.queued) == 0 {
		a.shutdown(e) // all its tasks were killed before it came
		return s, nil
	}
	s.send(&exec.Event{Type: exec.Event_SUBSCRIBED, Subscribed: &exec.Event_Subscribed{
		ExecutorInfo:  *e.info,
		FrameworkInfo: *e.framework.info,
		AgentInfo:     a.info(),
		ContainerID:   &mesos.ContainerID{Value: e.containerID},
	}})
	for _, item := range e.queued {
		e.deliver(item)
	}
	e.queued = nil
	a.heartbeat(e, s)
	return s, nil
}

// dropLostLaunches ends the tasks that were sent to the executor and that it
// does not know: they went down with an earlier stream.
func (a *agent) dropLostLaunches(e *executor, unacknowledged []mesos.TaskInfo) {
	queued := func(id string) bool {
		return slices.ContainsFunc(e.queued, func(item launchItem) bool {
			return slices.ContainsFunc(item.tasks, func(t *mesos.TaskInfo) bool { return t.TaskID.Value == id })
		})
	}
	for _, id := range slices.Clone(e.order) {
		t := e.tasks[id]
		known := slices.ContainsFunc(unacknowledged, func(t mesos.TaskInfo) bool { return t.TaskID.Value == id })
		if t != nil && t.state == mesos.TASK_STAGING && !known && !queued(id) {
			a.reportEnd(e, id, e.framework.lostState(mesos.TASK_DROPPED), mesos.REASON_AGENT_RESTARTED,
				"Task launched during agent restart")
		}
	}
}

func (a *agent) heartbeat(e *executor, s *stream) {
	a.timers.after(a.cfg.ExecutorHeartbeatInterval, func() {
		a.lock()
		defer a.mu.Unlock()
		if e.stream == s {
			s.send(&exec.Event{Type: exec.Event_HEARTBEAT})
			a.heartbeat(e, s)
		}
	})
}

func (a *agent) info() mesos.AgentInfo {
	resources := a.total.proto("")
	for i := range resources {
		resources[i].Role = nil
	}
	// The agent names its resources in another order than offers do.
	slices.SortStableFunc(resources, func(x, y mesos.Resource) int {
		return boolOrder(x.Name == "ports") - boolOrder(y.Name == "ports")
	})
	return mesos.AgentInfo{
		Hostname:   a.hostname,
		Port:       new(int32(a.port.number)),
		Resources:  resources,
		Attributes: a.attributes,
		ID:         &mesos.AgentID{Value: a.id},
	}
}

func boolOrder(last bool) int {
	if last {
		return 1
	}
	return 0
}

// update takes a status from an executor. The executor hears ACKNOWLEDGED once
// the agent is responsible for it, which it is not for tasks it does not know.
func (a *agent) update(e *executor, status mesos.TaskStatus) {
	h := e.framework
	if h.terminating {
		return
	}
	status.AgentID = &mesos.AgentID{Value: a.id}
	if status.Timestamp == nil {
		status.Timestamp = timestamp(time.Now())
	}
	t := e.tasks[status.TaskID.Value]
	if t == nil {
		a.enqueue(h, status)
		return
	}
	if q := a.updates[updateKey{h.id, status.TaskID.Value}]; !isTerminal(t.state) && (q == nil || !q.hasSeen(status.UUID)) {
		t.state = status.GetState()
		status.ContainerStatus = e.containerStatus()
		a.enqueue(h, status)
	}
	e.send(&exec.Event{
		Type:         exec.Event_ACKNOWLEDGED,
		Acknowledged: &exec.Event_Acknowledged{TaskID: status.TaskID, UUID: status.UUID},
	})
}

// executorMessage relays an executor's message; it is lost when there is no
// master.
func (a *agent) executorMessage(e *executor, data []byte) {
	agentID, frameworkID, executorID := a.id, e.framework.id, e.id
	deliver := func() {
		a.tellMaster(func(m *master) { m.executorMessage(agentID, frameworkID, executorID, data) })
	}
	delay, lost := a.cluster.faults.drawMessage(toScheduler)
	if lost || a.lateMessages.hold(delay, func() {
		a.lock()
		defer a.mu.Unlock()
		deliver()
	}) {
		return
	}
	deliver()
}

func messageEvent(data []byte) *exec.Event {
	return &exec.Event{Type: exec.Event_MESSAGE, Message: &exec.Event_Message{Data: data}}
}
