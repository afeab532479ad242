package gotask

import (
	"fmt"
	"time"

	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/executor"

	"elevator/internal/gotask/link"
)

// handle acts on one event of the agent.
func (e *GoTaskExecutor) handle(event *executor.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch event.Type {
	case executor.Event_SUBSCRIBED:
		e.subscribed(event.Subscribed)
	case executor.Event_LAUNCH:
		e.launch(event.Launch.Task)
	case executor.Event_LAUNCH_GROUP:
		for _, info := range event.LaunchGroup.TaskGroup.Tasks {
			e.launch(info)
		}
	case executor.Event_KILL:
		e.kill(event.Kill)
	case executor.Event_ACKNOWLEDGED:
		e.acknowledged(event.Acknowledged.TaskID.Value, event.Acknowledged.UUID)
	case executor.Event_MESSAGE:
		e.receive(event.Message.Data)
	case executor.Event_SHUTDOWN:
		e.cfg.Logger.Info("the agent orders a shutdown")
		e.end(nil)
	case executor.Event_ERROR:
		e.end(fmt.Errorf("executor: the agent says: %s", event.Error.Message))
	}
}

func (e *GoTaskExecutor) disconnected(err error) {
	e.cfg.Logger.Warn("disconnected from the agent", "err", err)
}

func (e *GoTaskExecutor) subscribed(s *executor.Event_Subscribed) {
	e.ids.executor = s.ExecutorInfo.ExecutorID
	if s.FrameworkInfo.ID != nil {
		e.ids.framework = *s.FrameworkInfo.ID
	}
	if g := s.ExecutorInfo.ShutdownGracePeriod; g != nil {
		e.ids.grace = time.Duration(g.Nanoseconds)
	}
	e.session.Reconnected(time.Now())
	poke(e.wake)
	e.cfg.Logger.Info("subscribed", "agent", s.AgentInfo.Hostname, "executor", e.ids.executor.Value)
}

func (e *GoTaskExecutor) launch(info mesosv1.TaskInfo) {
	id := info.TaskID.Value
	if e.tasks[id] != nil {
		e.cfg.Logger.Warn("task launched twice", "id", id)
		return
	}
	e.fresh[id] = info
	d, err := decodeTaskData(info.Data)
	if err != nil {
		e.report(id, mesosv1.TASK_FAILED, err.Error(), nil)
		return
	}
	run := e.types[d.Type]
	if run == nil {
		e.report(id, mesosv1.TASK_FAILED, fmt.Sprintf("no task is registered as %q in this executor", d.Type), nil)
		return
	}
	if e.ended {
		e.report(id, mesosv1.TASK_FAILED, "the executor is ending", nil)
		return
	}
	now := time.Now()
	e.session.Outlive(now, d.Outlives)
	if err := e.session.OpenTask(now, id); err != nil {
		e.report(id, mesosv1.TASK_FAILED, err.Error(), nil)
		return
	}
	t := e.newTask(id, d)
	e.tasks[id] = t
	e.report(id, mesosv1.TASK_RUNNING, "", nil)
	t.log.Info("task starts", "type", d.Type)
	t.start(run)
	poke(e.wake)
}

func (e *GoTaskExecutor) kill(k *executor.Event_Kill) {
	t := e.tasks[k.TaskID.Value]
	if t == nil {
		e.cfg.Logger.Debug("kill of a task that is not here", "id", k.TaskID.Value)
		return
	}
	if t.ctx.Err() != nil {
		return
	}
	if p := k.KillPolicy; p != nil && p.GracePeriod != nil {
		t.grace = time.Duration(p.GracePeriod.Nanoseconds)
	}
	e.report(t.id, mesosv1.TASK_KILLING, "", nil)
	t.tell()
}

// receive takes an envelope in and passes on what it brought.
func (e *GoTaskExecutor) receive(data []byte) {
	if err := e.session.Receive(time.Now(), data); err != nil {
		e.cfg.Logger.Warn("envelope refused", "err", err)
		return
	}
	for {
		m, ok := e.session.Next()
		if !ok {
			break
		}
		t := e.tasks[m.Task]
		if t == nil {
			continue
		}
		t.feed.push(TaskMsg{TaskName: t.data.Name, MessageData: string(m.Data)}, func() { e.confirm(m.Task, m.Seq) })
	}
	for {
		event, ok := e.session.NextEvent()
		if !ok {
			break
		}
		e.linkEvent(event)
	}
	poke(e.wake)
}

func (e *GoTaskExecutor) linkEvent(event link.Event) {
	switch event.Kind {
	case link.TaskWritable:
		if t := e.tasks[event.Task]; t != nil {
			poke(t.writable)
		}
	case link.VersionMismatch:
		e.cfg.Logger.Error("scheduler and executor share no protocol version", "scheduler", event.Build, "err", event.Err)
	case link.TaskEnded:
		// The scheduler gave this attempt up; it tells the task to return by a KILL, or never knew it.
		e.cfg.Logger.Info("scheduler closed the messages of a task", "id", event.Task, "undelivered", len(event.Undelivered))
	}
}

func (e *GoTaskExecutor) confirm(id string, seq uint64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.session.Confirm(time.Now(), id, seq)
	poke(e.wake)
}

// send hands a message of a task to the link; it fails with link.ErrWindowFull when the task has to wait.
func (e *GoTaskExecutor) send(id, data string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.session.Send(time.Now(), id, []byte(data)); err != nil {
		return err
	}
	poke(e.wake)
	return nil
}

// graceOf returns how long the task may take from now on.
func (e *GoTaskExecutor) graceOf(t *execTask) time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	return t.grace
}
