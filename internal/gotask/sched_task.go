package gotask

import (
	"time"

	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// intent is what the scheduler wants of a task that it has told to return.
type intent int

const (
	intentNone intent = iota
	intentKill
	intentRestart
)

// task is one instance of a TaskSpec, through all its attempts.
type task struct {
	name  string // "<name>-<index>"
	index int
	spec  *TaskSpec

	state   TaskState
	since   time.Time
	attempt int // of the present launch, or of the last one
	agent   AgentRef
	exec    string // id of the executor that has the attempt
	intent  intent
	reason  string // of the last end
	text    string
	pending string // why a pending task is not launched
	silent  bool   // its executor does not answer

	notBefore time.Time // a pending task is not launched earlier
	failures  int       // in a row
	drops     int       // launches in a row that never arrived
	deadline  time.Time // when to ask the master about a launch, or to repeat a kill; zero for never
	patience  int       // how often that happened

	outbox      []string // messages that the link has no room for yet
	outboxBytes int
}

// live reports whether the present attempt is, as far as known, with an executor or on its way to one.
func (t *task) live() bool {
	switch t.state {
	case TaskLaunched, TaskStarting, TaskRunning, TaskKilling:
		return true
	}
	return false
}

func (t *task) id() string { return taskID(t.name, t.attempt) }

func (s *GoTaskScheduler) setState(now time.Time, t *task, state TaskState) {
	if t.state == state {
		return
	}
	t.state, t.since, t.silent = state, now, false
	s.offers.tried = 0
	if state != TaskPending {
		t.pending = ""
	}
	if state.Terminal() {
		s.clearOutbox(t)
	}
	s.statesChanged = true
	poke(s.settled)
}

// observeTasks tells the observer how many tasks are in each state if that has changed.
func (s *GoTaskScheduler) observeTasks() {
	if !s.statesChanged {
		return
	}
	s.statesChanged = false
	count := map[TaskState]int{}
	for _, t := range s.order {
		count[t.state]++
	}
	s.cfg.Observer.TaskStates(count)
}

func (s *GoTaskScheduler) taskEvent(now time.Time, kind EventKind, t *task, reason, text string) {
	s.emit(SchedEvent{
		Kind: kind, Time: now, Task: t.name, Attempt: t.attempt, Agent: t.agent, Executor: t.exec, Reason: reason, Text: text,
		Restarting: t.state == TaskPending && kind != EventTaskLaunched,
	})
}

// emit queues an event for the scheduler function. An event of the same kind about the same thing that the function has
// not seen yet is replaced, so that a function that does not look at events costs little memory.
func (s *GoTaskScheduler) emit(e SchedEvent) {
	s.log.Debug("event", "kind", e.Kind, "task", e.Task, "attempt", e.Attempt, "agent", e.Agent.Hostname, "reason", e.Reason, "text", e.Text)
	if s.closing {
		return // the function has been told that the system ends, which is its last event
	}
	s.eventPump.queue.replace(pumped[SchedEvent]{value: e}, func(p pumped[SchedEvent]) bool {
		old := p.value
		return old.Kind == e.Kind && old.Task == e.Task && old.Attempt == e.Attempt && old.Agent.ID == e.Agent.ID && old.Executor == e.Executor
	})
}

// adopt takes over an attempt that a predecessor launched. The reconciliation tells what became of it.
func (s *GoTaskScheduler) adopt(now time.Time, t *task, stored StoredTask) {
	t.attempt, t.agent, t.exec = stored.Attempt, stored.Agent, stored.Executor
	t.deadline = now.Add(s.cfg.LaunchTimeout)
	s.agents[t.agent.ID] = t.agent
	s.setState(now, t, TaskStarting) // not TaskLaunched: its launch is known to have been sent long ago
	s.openLink(now, t)
	s.reconcileTask(t)
}

// adopted reports whether a predecessor launched the attempt and nothing was heard of it since.
func (t *task) adopted() bool { return t.state == TaskStarting && !t.deadline.IsZero() }

// update acts on a status update of the current attempt of t.
func (s *GoTaskScheduler) update(now time.Time, t *task, status mesosv1.TaskStatus) {
	if id := status.GetAgentID().GetValue(); id != "" && t.agent.ID != id {
		t.agent = s.agentRef(id)
	}
	reason, text := statusReason(status), status.GetMessage()
	switch state := status.GetState(); state {
	case mesosv1.TASK_STAGING:
		if t.state == TaskLaunched {
			t.deadline = now.Add(s.cfg.LaunchTimeout)
		}
	case mesosv1.TASK_STARTING:
		if t.state == TaskLaunched {
			t.drops, t.patience, t.deadline = 0, 0, time.Time{}
			s.setState(now, t, TaskStarting)
		}
	case mesosv1.TASK_RUNNING:
		if t.state == TaskLaunched || t.state == TaskStarting {
			t.drops, t.patience, t.deadline = 0, 0, time.Time{}
			s.setState(now, t, TaskRunning)
			s.taskEvent(now, EventTaskRunning, t, reason, text)
		}
	case mesosv1.TASK_FINISHED:
		s.endAttempt(now, t, TaskFinished, reason, text)
	case mesosv1.TASK_KILLED:
		s.endAttempt(now, t, TaskKilled, reason, text)
	case mesosv1.TASK_FAILED, mesosv1.TASK_ERROR:
		if t.state == TaskLaunched && status.GetReason() == mesosv1.REASON_EXECUTOR_TERMINATED && t.drops == 0 {
			s.dropped(now, t, reason, text) // it was sent to an executor that was just ending
			return
		}
		s.endAttempt(now, t, TaskFailed, reason, text)
	case mesosv1.TASK_DROPPED, mesosv1.TASK_UNKNOWN, mesosv1.TASK_GONE, mesosv1.TASK_LOST:
		if t.state == TaskLaunched {
			s.dropped(now, t, reason, text)
			return
		}
		s.endAttempt(now, t, TaskLost, reason, text)
	case mesosv1.TASK_UNREACHABLE, mesosv1.TASK_GONE_BY_OPERATOR:
		s.endAttempt(now, t, TaskLost, reason, text)
	}
}

// maxDrops is how many launches of a task in a row may get lost on their way before that counts as a failure.
const maxDrops = 5

// dropped launches t again when its launch did not arrive: the offer was withdrawn, or the executor was just ending.
func (s *GoTaskScheduler) dropped(now time.Time, t *task, reason, text string) {
	t.drops++
	if t.drops > maxDrops || t.intent == intentKill || s.closing {
		s.endAttempt(now, t, TaskLost, reason, text)
		return
	}
	s.log.Warn("launch did not arrive, trying again", "task", t.name, "attempt", t.attempt, "reason", reason, "text", text)
	s.closeLink(now, t)
	t.reason, t.text = reason, text
	s.again(now, t, time.Duration(t.drops-1)*s.cfg.Backoff.Min)
	s.taskEvent(now, EventTaskLost, t, reason, text)
	s.cfg.Observer.TaskEnded(TaskLost, reason, true)
}

// again makes t pending, to be launched after the delay.
func (s *GoTaskScheduler) again(now time.Time, t *task, delay time.Duration) {
	t.intent = intentNone
	t.notBefore = now.Add(delay)
	s.setState(now, t, TaskPending)
	s.dirty()
}

// endAttempt books the end of the present attempt and decides what follows.
func (s *GoTaskScheduler) endAttempt(now time.Time, t *task, state TaskState, reason, text string) {
	s.closeLink(now, t)
	wanted := t.intent
	if wanted == intentKill && state == TaskLost {
		state = TaskKilled // it is gone, as was wanted
	}
	ran := now.Sub(t.since)
	wasRunning := t.state == TaskRunning
	t.reason, t.text, t.patience = reason, text, 0
	failed := wanted == intentNone && !s.closing && state != TaskFinished
	switch {
	case wanted == intentRestart && !s.closing:
		s.again(now, t, 0)
	case failed && s.cfg.OnTaskFailure == RestartOnFailure:
		if wasRunning && ran >= s.cfg.Backoff.ResetAfter {
			t.failures = 0
		}
		s.again(now, t, s.backoff(t.failures))
		t.failures++
	default:
		t.intent = intentNone
		s.setState(now, t, state)
	}
	s.dirty()
	s.taskEvent(now, endEvents[state], t, reason, text)
	s.cfg.Observer.TaskEnded(state, reason, t.state == TaskPending)
	if failed && s.cfg.OnTaskFailure == ShutdownOnFailure {
		s.end(&TaskError{Task: t.name, Attempt: t.attempt, Agent: t.agent, State: state, Reason: reason, Text: text})
	}
	s.considerOffers(now)
}

var endEvents = map[TaskState]EventKind{
	TaskFinished: EventTaskFinished, TaskFailed: EventTaskFailed, TaskKilled: EventTaskKilled, TaskLost: EventTaskLost,
}

// backoff is the delay after so many failures before.
func (s *GoTaskScheduler) backoff(failures int) time.Duration {
	d := s.cfg.Backoff.Min
	for range failures {
		if d >= s.cfg.Backoff.Max/2 {
			return s.cfg.Backoff.Max
		}
		d *= 2
	}
	return min(d, s.cfg.Backoff.Max)
}

// killTask tells t to return. A pending task is over at once.
func (s *GoTaskScheduler) killTask(now time.Time, t *task, why intent) {
	if t.state.Terminal() {
		return
	}
	t.intent = why
	if t.state == TaskPending {
		t.intent = intentNone
		s.setState(now, t, TaskKilled)
		s.dirty()
		s.taskEvent(now, EventTaskKilled, t, "", "killed before its launch")
		s.considerOffers(now)
		return
	}
	if t.state == TaskKilling {
		return
	}
	s.clearOutbox(t) // what comes from now on is for the next attempt
	s.setState(now, t, TaskKilling)
	t.patience = 0
	s.sendKill(now, t)
}

func (s *GoTaskScheduler) sendKill(now time.Time, t *task) {
	t.deadline = now.Add(t.spec.KillGrace + s.cfg.KillTimeout<<min(t.patience, 3))
	s.kill(t.id(), t.agent.ID, t.spec.KillGrace)
}

func (s *GoTaskScheduler) kill(id, agent string, grace time.Duration) {
	k := &scheduler.Call_Kill{
		TaskID:     mesosv1.TaskID{Value: id},
		KillPolicy: &mesosv1.KillPolicy{GracePeriod: &mesosv1.DurationInfo{Nanoseconds: int64(grace)}},
	}
	if agent != "" {
		k.AgentID = &mesosv1.AgentID{Value: agent}
	}
	s.call(&scheduler.Call{Type: scheduler.Call_KILL, Kill: k})
}

// checkDeadline asks the master about a launch that nothing was heard of, and repeats a kill without effect.
func (s *GoTaskScheduler) checkDeadline(now time.Time, t *task) {
	if !s.connected || t.deadline.IsZero() || now.Before(t.deadline) {
		return
	}
	switch t.state {
	case TaskLaunched, TaskStarting:
		t.patience++
		if t.patience > 3 {
			s.kill(t.id(), t.agent.ID, t.spec.KillGrace) // should it come up after all
			s.endAttempt(now, t, TaskLost, "LAUNCH_TIMEOUT", "nothing was heard of the task since its launch")
			return
		}
		t.deadline = now.Add(s.cfg.LaunchTimeout)
		s.reconcileTask(t)
	case TaskKilling:
		t.patience++
		s.sendKill(now, t)
		s.reconcileTask(t)
	}
}

func statusReason(status mesosv1.TaskStatus) string {
	if status.Reason == nil {
		return ""
	}
	return status.Reason.String()
}
