package localmesos

import (
	"errors"
	"fmt"
	"slices"

	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

var errClosed = errors.New("local cluster: it is closed")

// ExecutorStatus is one executor process, as Executors lists it.
type ExecutorStatus struct {
	Agent       int // index of its agent
	FrameworkID string
	ExecutorID  string
	ContainerID string
	PID         int // of the child, which leads a session of its own
	Sandbox     string
	Subscribed  bool // it has subscribed and has not been told to end
	Tasks       int  // not yet terminal
}

// Executors lists the executor processes that run now.
func (c *Cluster) Executors() []ExecutorStatus {
	var list []ExecutorStatus
	for i, a := range c.agents {
		a.mu.Lock()
		for _, h := range a.frameworks {
			for _, e := range h.executors {
				if !e.process.alive() {
					continue
				}
				status := ExecutorStatus{
					Agent:       i,
					FrameworkID: h.id,
					ExecutorID:  e.id,
					ContainerID: e.containerID,
					PID:         e.process.pid(),
					Sandbox:     e.sandbox,
					Subscribed:  e.state == executorRunning && e.stream != nil,
				}
				for _, t := range e.tasks {
					if !isTerminal(t.state) {
						status.Tasks++
					}
				}
				list = append(list, status)
			}
		}
		a.mu.Unlock()
	}
	slices.SortFunc(list, func(x, y ExecutorStatus) int { return x.PID - y.PID })
	return list
}

// Tasks counts the tasks of each framework in the leading master's books, by
// framework id. A framework that was torn down is not in them.
func (c *Cluster) Tasks() map[string]int {
	tasks := make(map[string]int)
	c.onMaster(func(m *master) {
		for id, f := range m.frameworks {
			tasks[id] = len(f.tasks) + len(f.unreachable)
		}
	})
	return tasks
}

// AgentIDs are the agents' ids by index; an agent that never registered has "".
func (c *Cluster) AgentIDs() []string {
	var ids []string
	for _, a := range c.agents {
		a.mu.Lock()
		ids = append(ids, a.id)
		a.mu.Unlock()
	}
	return ids
}

// Elect makes master i the leader; -1 means nobody leads. A new leader knows
// nothing but what agents and schedulers tell it, as after a fail-over. It must
// not be stopped.
func (c *Cluster) Elect(i int) error {
	c.control.Lock()
	defer c.control.Unlock()
	return c.elect(i)
}

func (c *Cluster) elect(i int) error {
	if i < -1 || i >= len(c.masters) {
		return fmt.Errorf("local cluster: there is no master %d", i)
	}
	c.mu.Lock()
	switch {
	case c.closed:
		c.mu.Unlock()
		return errClosed
	case i >= 0 && c.masters[i].server == nil:
		c.mu.Unlock()
		return fmt.Errorf("local cluster: master %d is stopped", i)
	case i == c.leader:
		c.mu.Unlock()
		return nil
	}
	var old *master
	if c.leader >= 0 {
		old, c.masters[c.leader].master = c.masters[c.leader].master, nil
	}
	c.leader = i
	c.mu.Unlock()
	c.replace(old, i)
	return nil
}

// replace ends the old master and brings up a new one at post i. Agents turn to
// it after a while, as they do when they detect a new leader.
func (c *Cluster) replace(old *master, i int) {
	if old != nil {
		c.lastRegistry = old.registry()
		old.end()
	}
	if i < 0 {
		return
	}
	post := c.masters[i]
	fresh := newMaster(&c.cfg, post.port, c.faults, c.lastRegistry)
	c.mu.Lock()
	post.master = fresh
	c.mu.Unlock()
	for _, a := range c.agents {
		fresh.timers.after(c.cfg.ReregistrationDelay, func() { a.connect(fresh) })
	}
}

// RestartMaster ends the leading master as a crash would and starts it again on
// the same port with empty memory. Agents re-register, schedulers must
// subscribe again.
func (c *Cluster) RestartMaster() error {
	c.control.Lock()
	defer c.control.Unlock()
	c.mu.Lock()
	i := c.leader
	c.mu.Unlock()
	if i < 0 {
		return errors.New("local cluster: no master leads, so none can be restarted")
	}
	if err := c.stopMaster(i); err != nil {
		return err
	}
	if err := c.startMaster(i); err != nil {
		return err
	}
	return c.elect(i)
}

// StopMaster ends master i as a crash would: its port is closed, and nobody
// leads if it did.
func (c *Cluster) StopMaster(i int) error {
	c.control.Lock()
	defer c.control.Unlock()
	return c.stopMaster(i)
}

func (c *Cluster) stopMaster(i int) error {
	if i < 0 || i >= len(c.masters) {
		return fmt.Errorf("local cluster: there is no master %d", i)
	}
	if c.masters[i].server == nil {
		return fmt.Errorf("local cluster: master %d is stopped already", i)
	}
	c.mu.Lock()
	led := c.leader == i
	c.mu.Unlock()
	if led {
		if err := c.elect(-1); err != nil {
			return err
		}
	}
	c.masters[i].server.close()
	c.mu.Lock()
	c.masters[i].server = nil
	c.mu.Unlock()
	return nil
}

// StartMaster starts a stopped master i on its old port. It does not lead until
// it is elected.
func (c *Cluster) StartMaster(i int) error {
	c.control.Lock()
	defer c.control.Unlock()
	return c.startMaster(i)
}

func (c *Cluster) startMaster(i int) error {
	if i < 0 || i >= len(c.masters) {
		return fmt.Errorf("local cluster: there is no master %d", i)
	}
	if c.masters[i].server != nil {
		return fmt.Errorf("local cluster: master %d runs already", i)
	}
	s, err := listen(c.masters[i].port, &masterServer{c, i})
	if err != nil {
		return fmt.Errorf("local cluster: master %d: %w", i, err)
	}
	c.mu.Lock()
	c.masters[i].server = s
	c.mu.Unlock()
	return nil
}

// FreezeMaster stops the leading master where it stands, as SIGSTOP would: its
// connections stand, and it takes and says nothing. Another one may be elected
// meanwhile, or it may be stopped.
func (c *Cluster) FreezeMaster() error {
	c.control.Lock()
	defer c.control.Unlock()
	m := c.leading()
	if m == nil {
		return errors.New("local cluster: no master leads, so none can be frozen")
	}
	m.freeze(true)
	return nil
}

// ThawMaster lets the leading master go on, if it is frozen.
func (c *Cluster) ThawMaster() {
	c.control.Lock()
	defer c.control.Unlock()
	if m := c.leading(); m != nil {
		m.freeze(false)
	}
}

// SetRecovering makes the leading master answer 503 "Master has not finished
// recovery".
func (c *Cluster) SetRecovering(on bool) { c.faults.recovering.Store(on) }

// FailCalls makes the masters answer the next n calls, subscriptions included,
// with the status code and text.
func (c *Cluster) FailCalls(n, code int, text string) {
	c.faults.mu.Lock()
	defer c.faults.mu.Unlock()
	c.faults.failures = slices.Repeat([]*httpError{{code, text}}, n)
}

// SetMessageFaults changes what happens to framework messages from now on.
func (c *Cluster) SetMessageFaults(f MessageFaults) {
	if f == (MessageFaults{}) {
		c.faults.messages.Store(nil)
		return
	}
	c.faults.messages.Store(&f)
}

// onMaster runs f under the lock of the leading master, if there is one.
func (c *Cluster) onMaster(f func(*master)) {
	m := c.leading()
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	f(m)
}

// CutSchedulers breaks the event streams of all schedulers without the final
// chunk and returns how many it cut.
func (c *Cluster) CutSchedulers() (n int) {
	c.onMaster(func(m *master) {
		for _, f := range m.frameworks {
			if f.connected() {
				f.stream.abort()
				n++
			}
		}
	})
	return n
}

// StallSchedulers keeps the schedulers' streams open but silent, as a
// half-open connection is: what would be written is lost.
func (c *Cluster) StallSchedulers(on bool) {
	c.faults.stalled.Store(on)
	c.onMaster(func(m *master) {
		for _, f := range m.frameworks {
			if f.connected() {
				f.stream.stall(on)
			}
		}
	})
}

// SendError sends an ERROR event to the framework and ends its stream.
func (c *Cluster) SendError(frameworkID, message string) error {
	err := fmt.Errorf("local cluster: framework %s is not subscribed", frameworkID)
	c.onMaster(func(m *master) {
		if f := m.frameworks[frameworkID]; f != nil && f.connected() {
			f.stream.send(errorEvent(message))
			f.stream.close()
			err = nil
		}
	})
	return err
}

// SendEvent sends the framework an event as it is.
func (c *Cluster) SendEvent(frameworkID string, e *scheduler.Event) error {
	err := fmt.Errorf("local cluster: framework %s is not subscribed", frameworkID)
	c.onMaster(func(m *master) {
		if f := m.frameworks[frameworkID]; f != nil && f.connected() {
			f.stream.send(e)
			err = nil
		}
	})
	return err
}

// RescindOffers takes all outstanding offers of the framework back and returns
// how many there were.
func (c *Cluster) RescindOffers(frameworkID string) (n int) {
	c.onMaster(func(m *master) {
		if f := m.frameworks[frameworkID]; f != nil {
			for _, o := range f.offers {
				m.rescind(o)
				n++
			}
		}
	})
	return n
}

// CutExecutor breaks the event streams of all executors of that id, without the
// final chunk, and returns how many it cut. The processes live on.
func (c *Cluster) CutExecutor(executorID string) (n int) {
	for _, a := range c.agents {
		a.mu.Lock()
		for _, h := range a.frameworks {
			if e := h.executor(executorID); e != nil && e.stream != nil {
				e.stream.abort()
				n++
			}
		}
		a.mu.Unlock()
	}
	return n
}

func (c *Cluster) agent(i int) (*agent, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, errClosed
	}
	if i < 0 || i >= len(c.agents) {
		return nil, fmt.Errorf("local cluster: there is no agent %d", i)
	}
	return c.agents[i], nil
}

// onAgent runs one change of agent i at a time.
func (c *Cluster) onAgent(i int, change func(*agent) error) error {
	c.control.Lock()
	defer c.control.Unlock()
	a, err := c.agent(i)
	if err != nil {
		return err
	}
	if err := change(a); err != nil {
		return fmt.Errorf("local cluster: agent %d: %w", i, err)
	}
	return nil
}

// StopAgent ends agent i as a crash would. Its executors live on.
func (c *Cluster) StopAgent(i int) error { return c.onAgent(i, (*agent).stop) }

// StartAgent starts a stopped agent i on its old port. It recovers the
// executors of checkpointing frameworks, waits ReregistrationTimeout for them
// and registers then; it kills all others.
func (c *Cluster) StartAgent(i int) error { return c.onAgent(i, (*agent).start) }

// FreezeAgent stops agent i where it stands, as SIGSTOP would; ThawAgent lets
// it go on.
func (c *Cluster) FreezeAgent(i int) error { return c.onAgent(i, (*agent).freeze) }

// ThawAgent lets a frozen agent i go on.
func (c *Cluster) ThawAgent(i int) error { return c.onAgent(i, (*agent).thaw) }

// RemoveAgent shuts agent i down for good, as SIGUSR1 does: its executors are
// killed and the master removes it at once.
func (c *Cluster) RemoveAgent(i int) error { return c.onAgent(i, (*agent).remove) }
