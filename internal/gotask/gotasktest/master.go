package gotasktest

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/executor"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"elevator/internal/gotask"
	"elevator/internal/gotask/mesos"
)

func (c *Cluster) call(call *scheduler.Call) error {
	if call.GetFrameworkID().GetValue() != c.framework {
		return &mesos.CallError{Type: call.Type.String(), Status: 400, Body: "Framework cannot be found"}
	}
	switch call.Type {
	case scheduler.Call_ACCEPT:
		c.accept(call.Accept)
	case scheduler.Call_DECLINE:
		c.decline(call.Decline)
	case scheduler.Call_REVIVE:
		c.suppressed = false
		for _, a := range c.agents {
			a.filter = time.Time{}
		}
		c.allocate()
	case scheduler.Call_SUPPRESS:
		c.suppressed = true
	case scheduler.Call_KILL:
		c.kill(call.Kill)
	case scheduler.Call_ACKNOWLEDGE:
		c.acknowledge(call.Acknowledge)
	case scheduler.Call_RECONCILE:
		c.reconcile(call.Reconcile.Tasks)
	case scheduler.Call_MESSAGE:
		c.message(call.Message)
	case scheduler.Call_TEARDOWN:
		c.teardown()
	default:
		return &mesos.CallError{Type: call.Type.String(), Status: 501}
	}
	return nil
}

func (c *Cluster) accept(accept *scheduler.Call_Accept) {
	var held scalars
	var on *agent
	valid := len(accept.OfferIDs) > 0
	for _, id := range accept.OfferIDs {
		o := c.offers[id.Value]
		if o == nil || (on != nil && on != o.agent) {
			valid = false
			continue
		}
		delete(c.offers, id.Value)
		on = o.agent
		on.release(o.res)
		held.milliCPU += o.res.milliCPU
		held.mem += o.res.mem
	}
	for _, op := range accept.Operations {
		for _, info := range op.GetLaunch().GetTaskInfos() {
			if !valid {
				c.masterUpdate(info.TaskID.Value, nil, mesosv1.TASK_DROPPED, mesosv1.REASON_INVALID_OFFERS, "Task launched with invalid offers")
				continue
			}
			c.launch(info, on, &held)
		}
	}
	if on != nil {
		on.filter = time.Now().Add(refuse(accept.Filters))
	}
}

// launch validates one task against what is left of the offers and starts it.
func (c *Cluster) launch(info mesosv1.TaskInfo, on *agent, held *scalars) {
	id := info.TaskID.Value
	invalid := func(text string, args ...any) {
		c.masterUpdate(id, on, mesosv1.TASK_ERROR, mesosv1.REASON_TASK_INVALID, fmt.Sprintf(text, args...))
	}
	if c.tasks[id] != nil {
		invalid("Task has duplicate ID: %s", id)
		return
	}
	need := sum(info.Resources)
	fresh := on.exec == nil
	if fresh {
		own := sum(info.Executor.Resources)
		need.milliCPU += own.milliCPU
		need.mem += own.mem
	} else if on.exec.id != info.Executor.ExecutorID.Value {
		invalid("a second executor on one agent: %s beside %s", info.Executor.ExecutorID.Value, on.exec.id)
		return
	}
	if need.milliCPU > held.milliCPU+0.5 || need.mem > held.mem+0.0005 {
		invalid("Total resources %v required by task and its executor is more than available %v", need, *held)
		return
	}
	held.milliCPU -= need.milliCPU
	held.mem -= need.mem
	on.release(scalars{-need.milliCPU, -need.mem})
	if fresh {
		if err := c.startExecutor(on, info.Executor); err != nil {
			invalid("start executor: %v", err)
			return
		}
	}
	t := &task{info: info, agent: on, exec: on.exec, state: mesosv1.TASK_STAGING, res: sum(info.Resources)}
	c.tasks[id] = t
	on.exec.push(&executor.Event{Type: executor.Event_LAUNCH, Launch: &executor.Event_Launch{Task: info}})
}

func refuse(f *mesosv1.Filters) time.Duration {
	seconds := 5.0
	if f != nil && f.RefuseSeconds != nil && *f.RefuseSeconds >= 0 {
		seconds = *f.RefuseSeconds
	}
	return time.Duration(seconds * float64(time.Second))
}

func (c *Cluster) decline(decline *scheduler.Call_Decline) {
	for _, id := range decline.OfferIDs {
		if o := c.offers[id.Value]; o != nil {
			delete(c.offers, id.Value)
			o.agent.release(o.res)
			o.agent.filter = time.Now().Add(refuse(decline.Filters))
		}
	}
}

func (c *Cluster) kill(kill *scheduler.Call_Kill) {
	t := c.tasks[kill.TaskID.Value]
	if t == nil || t.ended {
		c.reconcile([]scheduler.Call_Reconcile_Task{{TaskID: kill.TaskID, AgentID: kill.AgentID}})
		return
	}
	if kill.AgentID != nil && kill.AgentID.Value != t.agent.id || t.agent.gone {
		return
	}
	t.exec.push(&executor.Event{Type: executor.Event_KILL, Kill: &executor.Event_Kill{TaskID: kill.TaskID, KillPolicy: kill.KillPolicy}})
}

func (c *Cluster) acknowledge(ack *scheduler.Call_Acknowledge) {
	t := c.tasks[ack.TaskID.Value]
	if t == nil || len(t.updates) == 0 || !bytes.Equal(t.updates[0].UUID, ack.UUID) {
		return
	}
	t.updates = t.updates[1:]
	if len(t.updates) > 0 {
		c.forward(t)
	} else if t.ended {
		delete(c.tasks, ack.TaskID.Value)
	}
}

func (c *Cluster) reconcile(asked []scheduler.Call_Reconcile_Task) {
	if c.ignored > 0 {
		c.ignored--
		return
	}
	const text = "Reconciliation: Latest task state"
	if len(asked) == 0 {
		for id, t := range c.tasks {
			if !t.agent.gone {
				c.masterUpdate(id, t.agent, t.state, mesosv1.REASON_RECONCILIATION, text)
			}
		}
	}
	for _, q := range asked {
		t := c.tasks[q.TaskID.Value]
		switch {
		case t == nil && q.AgentID != nil:
			c.masterUpdate(q.TaskID.Value, nil, mesosv1.TASK_GONE, mesosv1.REASON_RECONCILIATION, "Reconciliation: Task is unknown to the agent")
		case t == nil:
			c.masterUpdate(q.TaskID.Value, nil, mesosv1.TASK_UNKNOWN, mesosv1.REASON_RECONCILIATION, "Reconciliation: Task is unknown")
		case t.agent.gone:
			c.masterUpdate(q.TaskID.Value, t.agent, mesosv1.TASK_UNREACHABLE, mesosv1.REASON_RECONCILIATION, "Reconciliation: Task is unreachable")
		default:
			c.masterUpdate(q.TaskID.Value, t.agent, t.state, mesosv1.REASON_RECONCILIATION, text)
		}
	}
}

// masterUpdate sends an update of the master's own: without uuid, and once.
func (c *Cluster) masterUpdate(id string, on *agent, state mesosv1.TaskState, reason mesosv1.TaskStatus_Reason, text string) {
	status := mesosv1.TaskStatus{
		TaskID: mesosv1.TaskID{Value: id}, State: &state, Message: &text,
		Source: mesosv1.SOURCE_MASTER.Enum(), Reason: &reason,
	}
	if on != nil {
		status.AgentID = &mesosv1.AgentID{Value: on.id}
	}
	if c.sched != nil {
		c.sched.update(status)
	}
}

func (c *Cluster) message(m *scheduler.Call_Message) {
	for _, a := range c.agents {
		if a.id != m.AgentID.Value || a.gone || a.exec == nil || a.exec.id != m.ExecutorID.Value || c.lose(true) {
			continue
		}
		a.exec.pushSubscribed(&executor.Event{Type: executor.Event_MESSAGE, Message: &executor.Event_Message{Data: m.Data}})
	}
}

func (c *Cluster) lose(toExecutor bool) bool {
	c.messages++
	return c.dropMsg != nil && c.dropMsg(toExecutor, c.messages)
}

func (c *Cluster) send(e *scheduler.Event) {
	if c.sched != nil {
		c.sched.push(e)
	}
}

func (c *Cluster) teardown() {
	c.removed[c.framework] = true
	c.sched.end(nil)
	for _, a := range c.agents {
		if a.exec != nil {
			a.exec.push(&executor.Event{Type: executor.Event_SHUTDOWN})
			e := a.exec
			time.AfterFunc(5*time.Second, e.cancel)
		}
	}
	for _, t := range c.tasks {
		t.ended, t.updates = true, nil
	}
	c.tasks = map[string]*task{}
}

// exited books an executor's end: first FAILURE, then one TASK_FAILED per task, as an agent reports it.
func (c *Cluster) exited(e *executorDriver, status int32) {
	a := e.agent
	if a.exec != e {
		return
	}
	a.exec = nil
	a.release(e.res)
	c.send(&scheduler.Event{Type: scheduler.Event_FAILURE, Failure: &scheduler.Event_Failure{
		AgentID: &mesosv1.AgentID{Value: a.id}, ExecutorID: &mesosv1.ExecutorID{Value: e.id}, Status: &status,
	}})
	for id, t := range c.tasks {
		if t.exec != e || t.ended {
			continue
		}
		u := uuid.New()
		c.record(t, mesosv1.TaskStatus{
			TaskID: mesosv1.TaskID{Value: id}, State: mesosv1.TASK_FAILED.Enum(), Message: new("Executor terminated"),
			Source: mesosv1.SOURCE_AGENT.Enum(), Reason: mesosv1.REASON_EXECUTOR_TERMINATED.Enum(), UUID: u[:],
		})
	}
}

// record appends an update of t, frees the resources of an ended task, and forwards the update if it is the first.
func (c *Cluster) record(t *task, status mesosv1.TaskStatus) {
	status.AgentID = &mesosv1.AgentID{Value: t.agent.id}
	status.ExecutorID = &mesosv1.ExecutorID{Value: t.info.Executor.ExecutorID.Value}
	t.state = status.GetState()
	switch t.state {
	case mesosv1.TASK_FINISHED, mesosv1.TASK_FAILED, mesosv1.TASK_KILLED:
		t.ended = true
		t.agent.release(t.res)
	}
	t.updates = append(t.updates, status)
	if len(t.updates) == 1 {
		c.forward(t)
	}
}

func (c *Cluster) startExecutor(a *agent, info *mesosv1.ExecutorInfo) error {
	ctx, cancel := context.WithCancel(c.ctx)
	e := &executorDriver{
		cluster: c, agent: a, id: info.ExecutorID.Value, info: *info, res: sum(info.Resources),
		ctx: ctx, cancel: cancel, wake: make(chan struct{}, 1),
	}
	config := c.config.Executor
	config.Driver = e
	exec, err := gotask.NewGoTaskExecutor(config)
	if err == nil {
		err = c.config.Register(exec)
	}
	if err != nil {
		cancel()
		return err
	}
	a.exec = e
	c.wg.Go(func() {
		defer cancel()
		err := exec.Run(ctx)
		c.mu.Lock()
		defer c.mu.Unlock()
		var status int32
		if err != nil {
			status = 256
		}
		c.exited(e, status)
	})
	return nil
}
