package localmesos

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
)

// agent is one agent. Stopping and starting it again keeps the object: what it
// then still knows is what a real agent has checkpointed.
//
// Lock order: an agent's lock before a master's, never the other way.
type agent struct {
	cfg        *Config
	log        *slog.Logger
	cluster    *Cluster
	index      int
	hostname   string
	attributes []mesos.Attribute
	total      bundle
	dir        string
	port       *port
	fetcher    *fetcher
	timers     *timers
	processes  sync.WaitGroup // goroutines that run executors

	lateMessages *delayLine

	*stoppable         // guards all below
	running    bool    // the agent's process lives
	recovering bool    // it waits for executors before it registers
	life       int     // counts starts, so that late timers see they are late
	server     *server // nil while it is stopped
	id         string
	master     *master
	link       *link
	ready      chan struct{} // closed when the first registration is done
	frameworks map[string]*hosted
	updates    map[updateKey]*updateQueue
	garbage    []garbage // the oldest first
}

// hosted is a framework on an agent.
type hosted struct {
	id          string
	info        *mesos.FrameworkInfo
	terminating bool
	executors   []*executor // oldest first
}

func newAgent(c *Cluster, index int) (*agent, error) {
	p, err := reservePort(hostAt(c.cfg.AgentHosts, index))
	if err != nil {
		return nil, err
	}
	a := &agent{
		cfg:        &c.cfg,
		log:        c.cfg.Logger.With("agent", index),
		cluster:    c,
		index:      index,
		hostname:   fmt.Sprintf("agent-%d", index+1),
		total:      c.cfg.Resources.bundle(),
		dir:        filepath.Join(c.cfg.WorkDir, fmt.Sprintf("agent-%d", index+1)),
		port:       p,
		timers:     newTimers(),
		stoppable:  newStoppable(),
		ready:      make(chan struct{}),
		frameworks: make(map[string]*hosted),
		updates:    make(map[updateKey]*updateQueue),
	}
	a.lateMessages = &delayLine{timers: a.timers}
	a.fetcher = newFetcher(filepath.Join(a.dir, "fetch"), p.host)
	if index < len(c.cfg.AgentHostnames) {
		a.hostname = c.cfg.AgentHostnames[index]
	}
	if index < len(c.cfg.AgentResources) {
		a.total = c.cfg.AgentResources[index].bundle()
	}
	if index < len(c.cfg.Attributes) {
		for _, attribute := range c.cfg.Attributes[index] {
			a.attributes = append(a.attributes, mesos.Attribute{
				Name: attribute.Name, Type: mesos.TEXT, Text: &mesos.Value_Text{Value: attribute.Value},
			})
		}
	}
	a.timers.every(a.cfg.DiskWatchInterval, a.collectGarbage)
	return a, nil
}

// wake lets deliveries to a frozen agent look again whether their link lives.
func (a *agent) wake() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.thawed.Broadcast()
}

// receive carries out a message of the master that came over the link.
func (a *agent) receive(l *link, message func(*agent)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for a.frozen && !l.severed() {
		a.thawed.Wait()
	}
	if a.link == l && a.running && !a.frozen {
		message(a)
	}
}

// tellMaster sends a message to the master; it is lost when there is none.
func (a *agent) tellMaster(message func(*master)) {
	if a.link == nil {
		return
	}
	m := a.master
	a.link.toMaster.post(func() { message(m) })
}

// connect registers with the master, or waits for one to lead if it is nil. A
// frozen agent does so when it is thawed.
func (a *agent) connect(m *master) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.link != nil {
		a.link.sever()
	}
	a.master, a.link = m, nil
	if m == nil || !a.running || a.recovering || a.frozen {
		return
	}
	if a.port.host.Addr != m.port.host.Addr {
		life := a.life
		a.timers.after(0, func() { a.dial(m, life) })
		return
	}
	if l := m.newLink(); l != nil {
		a.register(l)
	}
}

// register introduces the agent to the master at the other end of the link.
func (a *agent) register(l *link) {
	a.link = l
	m, r := a.master, a.registration()
	l.toMaster.post(func() { m.register(r) })
}

func (a *agent) registration() *registration {
	r := &registration{
		process:    a,
		link:       a.link,
		id:         a.id,
		hostname:   a.hostname,
		port:       a.port,
		attributes: a.attributes,
		total:      a.total,
	}
	for _, h := range a.frameworks {
		r.frameworks = append(r.frameworks, h.info)
		for _, e := range h.executors {
			role := roleOf(e.info.Resources)
			if e.state != executorTerminated {
				r.executors = append(r.executors, &executorRecord{
					frameworkID: h.id, info: e.info,
					role: role, resources: bundleOf(e.info.Resources),
				})
			}
			for _, t := range e.tasks {
				report := newTask(t.info, e.id, a.id, roleOf(t.info.Resources))
				report.state = t.state
				report.container = e.containerStatus()
				r.tasks = append(r.tasks, reportedTask{h.id, report})
			}
		}
	}
	return r
}

// roleOf is the role resources are allocated to.
func roleOf(resources []mesos.Resource) string {
	for _, r := range resources {
		if role := r.GetAllocationInfo().GetRole(); role != "" {
			return role
		}
	}
	return "*"
}

// registered is the master's answer; pending updates go out again at once.
func (a *agent) registered(id string) {
	if a.id == "" {
		a.id = id
		close(a.ready)
	}
	for _, q := range a.updates {
		a.forward(q)
	}
}

func (a *agent) pinged() {
	id := a.id
	a.tellMaster(func(m *master) { m.pong(id) })
}

// updateFramework takes over a new FrameworkInfo and, as the framework may have
// a new session, sends it what it has not acknowledged.
func (a *agent) updateFramework(info *mesos.FrameworkInfo) {
	h := a.frameworks[info.ID.Value]
	if h == nil {
		return
	}
	h.info = info
	for key, q := range a.updates {
		if key.frameworkID == h.id {
			a.forward(q)
		}
	}
}

// shutdownFramework ends all executors of a framework; nobody hears of their
// tasks.
func (a *agent) shutdownFramework(id string) {
	h := a.frameworks[id]
	if h == nil || h.terminating {
		return
	}
	h.terminating = true
	for key, q := range a.updates {
		if key.frameworkID == id {
			q.cancel()
			delete(a.updates, key)
		}
	}
	for _, e := range slices.Clone(h.executors) {
		a.shutdown(e)
	}
	a.dropIfIdle(h)
}

func (a *agent) shutdownExecutor(frameworkID, executorID string) {
	if h := a.frameworks[frameworkID]; h != nil {
		if e := h.executor(executorID); e != nil {
			a.shutdown(e)
		}
	}
}

// dropIfIdle forgets executors that have ended and whose updates are all
// acknowledged, and then the framework.
func (a *agent) dropIfIdle(h *hosted) {
	h.executors = slices.DeleteFunc(h.executors, func(e *executor) bool {
		idle := e.state == executorTerminated && (h.terminating || len(e.tasks) == 0)
		if idle {
			a.discard(e.sandbox)
		}
		return idle
	})
	if len(h.executors) == 0 && a.frameworks[h.id] == h {
		for key := range a.updates {
			if key.frameworkID == h.id {
				return
			}
		}
		delete(a.frameworks, h.id)
	}
}

func (h *hosted) executor(id string) *executor {
	for _, e := range h.executors {
		if e.id == id {
			return e
		}
	}
	return nil
}

// message hands a scheduler's message to the executor; it is lost when the
// executor does not listen.
func (a *agent) message(frameworkID, executorID string, data []byte) {
	h := a.frameworks[frameworkID]
	if h == nil {
		return
	}
	if e := h.executor(executorID); e != nil && e.state == executorRunning {
		e.send(messageEvent(data))
	}
}
