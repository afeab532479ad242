package gotasktest

import (
	"errors"

	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// DropMessages makes the cluster lose every message for which drop returns true. n counts the messages from 1. nil loses
// none. drop is called with the cluster locked.
func (c *Cluster) DropMessages(drop func(toExecutor bool, n int) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dropMsg = drop
}

// CutScheduler breaks the scheduler's subscription. Its driver subscribes again.
func (c *Cluster) CutScheduler() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sched != nil {
		c.sched.cut(errors.New("connection reset by test"))
	}
}

// IgnoreReconciliations leaves the next n reconciliations without an answer, as a master does about agents that have not
// come back to it yet.
func (c *Cluster) IgnoreReconciliations(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ignored = n
}

// KillExecutor ends the executor process on the agent (0, 1, …) at once, as SIGKILL would; it reports whether there was one.
func (c *Cluster) KillExecutor(agent int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.agents[agent].exec
	if e == nil {
		return false
	}
	c.exited(e, 9)
	e.cancel()
	return true
}

// LoseAgent takes an agent (0, 1, …) off the cluster: its tasks become unreachable, but go on running.
func (c *Cluster) LoseAgent(agent int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := c.agents[agent]
	a.gone = true
	for id, o := range c.offers {
		if o.agent == a {
			delete(c.offers, id)
			a.free = o.res
			c.send(&scheduler.Event{Type: scheduler.Event_RESCIND, Rescind: &scheduler.Event_Rescind{OfferID: mesosv1.OfferID{Value: id}}})
		}
	}
	for _, t := range c.tasks {
		if t.agent == a && !t.ended {
			c.masterUpdate(t.info.TaskID.Value, a, mesosv1.TASK_UNREACHABLE, mesosv1.REASON_AGENT_REMOVED, "health check timed out")
		}
	}
	c.send(&scheduler.Event{Type: scheduler.Event_FAILURE, Failure: &scheduler.Event_Failure{AgentID: &mesosv1.AgentID{Value: a.id}}})
}

// ReturnAgent brings a lost agent back with its tasks.
func (c *Cluster) ReturnAgent(agent int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := c.agents[agent]
	a.gone = false
	for _, t := range c.tasks {
		if t.agent != a {
			continue
		}
		c.masterUpdate(t.info.TaskID.Value, a, t.state, mesosv1.REASON_AGENT_REREGISTERED, "agent re-registered")
		if len(t.updates) > 0 {
			c.forward(t)
		}
	}
}

// Tasks returns the ids of the tasks that have not ended and their states.
func (c *Cluster) Tasks() map[string]mesosv1.TaskState {
	c.mu.Lock()
	defer c.mu.Unlock()
	live := map[string]mesosv1.TaskState{}
	for id, t := range c.tasks {
		if !t.ended {
			live[id] = t.state
		}
	}
	return live
}

// Executors returns how many executors run.
func (c *Cluster) Executors() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, a := range c.agents {
		if a.exec != nil {
			n++
		}
	}
	return n
}

// OffersHeld returns how many offers the scheduler holds.
func (c *Cluster) OffersHeld() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.offers)
}

// Removed reports whether the framework was torn down.
func (c *Cluster) Removed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.framework != "" && c.removed[c.framework]
}

// FrameworkID returns the id of the framework that subscribed last.
func (c *Cluster) FrameworkID() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.framework
}
