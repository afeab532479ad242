package localmesos

import (
	"fmt"
	"slices"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	exec "github.com/mesos/mesos-go/api/v1/lib/executor"
)

type executorState int

const (
	executorRegistering executorState = iota // launched, not subscribed yet
	executorRunning
	executorTerminating
	executorTerminated // gone, but updates of its tasks are not acknowledged yet
)

// executor is an executor on an agent. Guarded by the agent.
type executor struct {
	id          string
	framework   *hosted
	info        *mesos.ExecutorInfo
	containerID string
	sandbox     string
	process     *process
	state       executorState
	stream      *stream
	queued      []launchItem           // not delivered yet
	tasks       map[string]*hostedTask // delivered or queued, until the end is acknowledged
	order       []string               // task ids by launch
	delivered   bool                   // it ever got a task
	exited      *exitStatus            // it ended while the agent was stopped
}

// launchItem is one LAUNCH or LAUNCH_GROUP.
type launchItem struct {
	tasks []*mesos.TaskInfo
	group bool
}

// hostedTask is a task in an agent's books.
type hostedTask struct {
	info  *mesos.TaskInfo
	state mesos.TaskState
}

// exitStatus is how an executor ended, and what to tell about its tasks.
type exitStatus struct {
	wait    int32 // as wait(2) gives it, -1 if it was never started
	state   mesos.TaskState
	reason  mesos.TaskStatus_Reason
	message string
}

func terminatedStatus(wait int32) exitStatus {
	return exitStatus{wait, mesos.TASK_FAILED, mesos.REASON_EXECUTOR_TERMINATED, "Executor terminated"}
}

// send queues an event for the executor; it is lost when there is no stream.
func (e *executor) send(event event) {
	if e.stream != nil {
		e.stream.send(event)
	}
}

func (e *executor) containerStatus() *mesos.ContainerStatus {
	status := &mesos.ContainerStatus{
		ContainerID: &mesos.ContainerID{Value: e.containerID},
		NetworkInfos: []mesos.NetworkInfo{{IPAddresses: []mesos.NetworkInfo_IPAddress{{
			Protocol: mesos.IPv4.Enum(), IPAddress: new(e.process.host.Addr.String()),
		}}}},
	}
	if pid := e.process.pid(); pid > 0 {
		status.ExecutorPID = new(uint32(pid))
	}
	return status
}

func (e *executor) grace(standard time.Duration) time.Duration {
	if e.info.ShutdownGracePeriod != nil {
		return time.Duration(e.info.ShutdownGracePeriod.Nanoseconds)
	}
	return standard
}

// runTasks launches tasks on an executor, which is started first if the master
// says so.
func (a *agent) runTasks(framework *mesos.FrameworkInfo, info *mesos.ExecutorInfo, tasks []*mesos.TaskInfo, group, launchExecutor bool) {
	id := framework.ID.Value
	h := a.frameworks[id]
	if h == nil {
		h = &hosted{id: id, info: framework}
		a.frameworks[id] = h
	}
	if h.terminating {
		return
	}
	e := h.executor(info.ExecutorID.Value)
	switch {
	case launchExecutor && e != nil:
		a.refuseLaunch(h, info, tasks, "Master wants to launch executor, but one already exists")
		return
	case launchExecutor:
		var err error
		if e, err = a.startExecutor(h, info); err != nil {
			a.refuseLaunch(h, info, tasks, err.Error())
			return
		}
	case e == nil:
		a.refuseLaunch(h, info, tasks, "No executor is expected to launch and there is none running")
		return
	case e.state == executorTerminating:
		a.dropTasks(h, info, tasks, "Executor terminating")
		return
	case e.state == executorTerminated:
		a.dropTasks(h, info, tasks, "Executor terminated")
		return
	}
	for _, t := range tasks {
		e.tasks[t.TaskID.Value] = &hostedTask{info: t, state: mesos.TASK_STAGING}
		e.order = append(e.order, t.TaskID.Value)
	}
	item := launchItem{tasks, group}
	if e.state == executorRegistering {
		e.queued = append(e.queued, item)
		return
	}
	e.deliver(item)
}

func (e *executor) deliver(item launchItem) {
	e.delivered = true
	if item.group {
		group := mesos.TaskGroupInfo{}
		for _, t := range item.tasks {
			group.Tasks = append(group.Tasks, *t)
		}
		e.send(&exec.Event{Type: exec.Event_LAUNCH_GROUP, LaunchGroup: &exec.Event_LaunchGroup{TaskGroup: group}})
		return
	}
	for _, t := range item.tasks {
		e.send(&exec.Event{Type: exec.Event_LAUNCH, Launch: &exec.Event_Launch{Task: *t}})
	}
}

// refuseLaunch corrects the master's books, which have an executor there is
// not, and drops the tasks.
func (a *agent) refuseLaunch(h *hosted, info *mesos.ExecutorInfo, tasks []*mesos.TaskInfo, message string) {
	agentID, frameworkID := a.id, h.id
	a.tellMaster(func(m *master) { m.executorExited(agentID, frameworkID, info.ExecutorID.Value, -1) })
	a.dropTasks(h, info, tasks, message)
}

func (a *agent) dropTasks(h *hosted, info *mesos.ExecutorInfo, tasks []*mesos.TaskInfo, message string) {
	for _, t := range tasks {
		a.report(h, t, info.ExecutorID, h.lostState(mesos.TASK_DROPPED), mesos.REASON_EXECUTOR_TERMINATED, message)
	}
}

func (h *hosted) lostState(precise mesos.TaskState) mesos.TaskState {
	if hasCapability(h.info, mesos.FrameworkInfo_Capability_PARTITION_AWARE) {
		return precise
	}
	return mesos.TASK_LOST
}

// killTask forwards a KILL, or ends a task the executor has not got yet.
func (a *agent) killTask(frameworkID, taskID string, policy *mesos.KillPolicy) {
	h := a.frameworks[frameworkID]
	if h == nil || h.terminating {
		return
	}
	i := slices.IndexFunc(h.executors, func(e *executor) bool { return e.tasks[taskID] != nil })
	if i < 0 {
		return
	}
	e := h.executors[i]
	for j, item := range e.queued {
		if slices.ContainsFunc(item.tasks, func(t *mesos.TaskInfo) bool { return t.TaskID.Value == taskID }) {
			e.queued = slices.Delete(e.queued, j, j+1)
			for _, t := range item.tasks {
				a.reportEnd(e, t.TaskID.Value, mesos.TASK_KILLED, mesos.REASON_TASK_KILLED_DURING_LAUNCH,
					"Killed before delivery to the executor")
			}
			return
		}
	}
	if e.state == executorRunning {
		e.send(&exec.Event{
			Type: exec.Event_KILL,
			Kill: &exec.Event_Kill{TaskID: mesos.TaskID{Value: taskID}, KillPolicy: policy},
		})
	}
}

// shutdown asks an executor to end and kills it after the grace period.
func (a *agent) shutdown(e *executor) {
	if e.state == executorTerminating || e.state == executorTerminated {
		return
	}
	e.state = executorTerminating
	e.send(&exec.Event{Type: exec.Event_SHUTDOWN})
	a.timers.after(e.grace(a.cfg.ShutdownGrace), e.process.destroy)
}

// ended is called when an executor's process is gone.
func (a *agent) ended(e *executor, status exitStatus) {
	a.lock()
	defer a.mu.Unlock()
	if !a.running {
		e.exited = &status
		return
	}
	a.executorEnded(e, status)
}

func (a *agent) executorEnded(e *executor, status exitStatus) {
	if e.state == executorTerminated {
		return
	}
	e.state = executorTerminated
	if e.stream != nil {
		e.stream.close()
		e.stream = nil
	}
	h, agentID := e.framework, a.id
	a.tellMaster(func(m *master) { m.executorExited(agentID, h.id, e.id, status.wait) })
	e.queued = nil
	if !h.terminating {
		for _, id := range slices.Clone(e.order) {
			if t := e.tasks[id]; t != nil && !isTerminal(t.state) {
				a.reportEnd(e, id, status.state, status.reason, status.message)
			}
		}
	}
	a.dropIfIdle(h)
}

// reportEnd ends a task in the agent's own name.
func (a *agent) reportEnd(e *executor, taskID string, state mesos.TaskState, reason mesos.TaskStatus_Reason, message string) {
	t := e.tasks[taskID]
	t.state = state
	a.report(e.framework, t.info, e.info.ExecutorID, state, reason, message)
}

// launchTimeout ends an executor that did not subscribe in time.
func (a *agent) launchTimeout(e *executor, life int) {
	a.lock()
	defer a.mu.Unlock()
	if a.life != life || e.state != executorRegistering {
		return
	}
	e.process.destroyFor(exitStatus{
		state:   mesos.TASK_FAILED,
		reason:  mesos.REASON_EXECUTOR_REGISTRATION_TIMEOUT,
		message: fmt.Sprintf("Executor did not register within %s", durationText(a.cfg.RegistrationTimeout)),
	})
}
