// Package gotasktest runs schedulers and executors of package gotask in one process, without sockets, files or processes,
// so that an application's tests are fast and can use testing/synctest.
//
// A Cluster is a Mesos master with agents that behaves as one as far as gotask can tell: offers in rounds, filters,
// status updates that are repeated until acknowledged, messages without any guarantee, reconciliation, fail-over. Its
// Config is that of a scheduler on it, and it calls ClusterConfig.Register wherever an agent would start a process. Its other
// methods break things and look inside.
//
// Concurrency: one mutex guards all of a Cluster. Events wait in queues without bound, one for each scheduler and executor,
// and are handed over by the goroutine in the driver's Run. Close waits for every goroutine the Cluster started.
package gotasktest

import (
	"context"
	"fmt"
	"sync"
	"time"

	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"elevator/internal/gotask"
)

// Times of a Mesos master and agent.
const (
	allocationInterval = time.Second
	updateRetry        = 10 * time.Second
)

// ClusterConfig describes a Cluster.
type ClusterConfig struct {
	Agents int     // how many; default 2
	CPUs   float64 // of each agent; default 8
	MemMB  float64 // of each agent; default 8192
	// Register is called for every executor that an agent starts, to register its tasks.
	Register func(e *gotask.GoTaskExecutor) error
	// Executor configures the executors; its Driver is replaced.
	Executor gotask.ExecutorConfig
	// SubscribeUnsuppressed has the master overlook the suppressed roles of a SUBSCRIBE, as Mesos before 1.5 does.
	SubscribeUnsuppressed bool
}

// Cluster is an in-process Mesos.
type Cluster struct {
	config ClusterConfig
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu         sync.Mutex
	agents     []*agent
	offers     map[string]*offer
	sched      *schedulerDriver // the subscribed one
	framework  string           // id
	removed    map[string]bool  // ids of removed frameworks
	suppressed bool
	tasks      map[string]*task
	nextID     int
	dropMsg    func(toExecutor bool, n int) bool
	messages   int
	ignored    int // reconciliations that stay without an answer
}

type agent struct {
	index    int
	id       string
	hostname string
	gone     bool
	free     scalars
	filter   time.Time // no offers before
	exec     *executorDriver
}

type scalars struct{ milliCPU, mem float64 }

type offer struct {
	id    string
	agent *agent
	res   scalars
}

type task struct {
	info    mesosv1.TaskInfo
	agent   *agent
	exec    *executorDriver
	state   mesosv1.TaskState
	ended   bool
	res     scalars
	updates []mesosv1.TaskStatus // unacknowledged, oldest first
	sent    time.Time            // when updates[0] was sent last
}

// NewCluster starts a cluster. Close ends it.
func NewCluster(config ClusterConfig) *Cluster {
	if config.Agents == 0 {
		config.Agents = 2
	}
	if config.CPUs == 0 {
		config.CPUs = 8
	}
	if config.MemMB == 0 {
		config.MemMB = 8192
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := &Cluster{
		config: config, ctx: ctx, cancel: cancel,
		offers: map[string]*offer{}, removed: map[string]bool{}, tasks: map[string]*task{},
	}
	for i := range config.Agents {
		c.agents = append(c.agents, &agent{
			index: i, id: fmt.Sprintf("M-S%d", i), hostname: fmt.Sprintf("agent-%d", i+1),
			free: scalars{config.CPUs * 1000, config.MemMB},
		})
	}
	c.wg.Go(c.tick)
	return c
}

// Config returns the configuration of a scheduler on this cluster, to be changed as needed.
func (c *Cluster) Config(frameworkName string) gotask.Config {
	return gotask.Config{Driver: c.Driver(), FrameworkName: frameworkName, ExecutorCommand: []string{"in-process"}}
}

// Close kills all executors and waits for them.
func (c *Cluster) Close() {
	c.cancel()
	c.mu.Lock()
	if c.sched != nil {
		c.sched.end(context.Canceled)
	}
	for _, a := range c.agents {
		if a.exec != nil {
			a.exec.cancel()
		}
	}
	c.mu.Unlock()
	c.wg.Wait()
}

func (c *Cluster) tick() {
	ticker := time.NewTicker(allocationInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-c.ctx.Done():
			return
		}
		c.mu.Lock()
		c.allocate()
		c.resend()
		c.mu.Unlock()
	}
}

// allocate offers what is free and not filtered, all in one event.
func (c *Cluster) allocate() {
	if c.sched == nil || c.suppressed {
		return
	}
	var offers []mesosv1.Offer
	for _, a := range c.agents {
		if a.gone || time.Now().Before(a.filter) || (a.free.milliCPU < 10 && a.free.mem < 32) {
			continue
		}
		c.nextID++
		o := &offer{id: fmt.Sprintf("M-O%d", c.nextID), agent: a, res: a.free}
		a.free = scalars{}
		c.offers[o.id] = o
		offers = append(offers, o.message(c.framework))
	}
	if len(offers) > 0 {
		c.sched.push(&scheduler.Event{Type: scheduler.Event_OFFERS, Offers: &scheduler.Event_Offers{Offers: offers}})
	}
}

func (o *offer) message(framework string) mesosv1.Offer {
	m := mesosv1.Offer{
		ID: mesosv1.OfferID{Value: o.id}, FrameworkID: mesosv1.FrameworkID{Value: framework},
		AgentID: mesosv1.AgentID{Value: o.agent.id}, Hostname: o.agent.hostname,
		Resources:      []mesosv1.Resource{scalar("cpus", o.res.milliCPU/1000), scalar("mem", o.res.mem)},
		AllocationInfo: &mesosv1.Resource_AllocationInfo{Role: new("*")},
	}
	if o.agent.exec != nil {
		m.ExecutorIDs = []mesosv1.ExecutorID{{Value: o.agent.exec.id}}
	}
	return m
}

func scalar(name string, v float64) mesosv1.Resource {
	return mesosv1.Resource{
		Name: name, Type: mesosv1.SCALAR.Enum(), Scalar: &mesosv1.Value_Scalar{Value: v},
		AllocationInfo: &mesosv1.Resource_AllocationInfo{Role: new("*")},
	}
}

func sum(resources []mesosv1.Resource) scalars {
	var s scalars
	for _, r := range resources {
		switch r.Name {
		case "cpus":
			s.milliCPU += r.GetScalar().GetValue() * 1000
		case "mem":
			s.mem += r.GetScalar().GetValue()
		}
	}
	return s
}

// resend repeats the first unacknowledged update of each task that is due.
func (c *Cluster) resend() {
	for _, t := range c.tasks {
		if len(t.updates) > 0 && time.Since(t.sent) >= updateRetry {
			c.forward(t)
		}
	}
}

// forward sends the first unacknowledged update of t to the scheduler, if there is one.
func (c *Cluster) forward(t *task) {
	t.sent = time.Now()
	if c.sched != nil && !t.agent.gone {
		c.sched.update(t.updates[0])
	}
}
