package gotasktest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"elevator/internal/gotask"
	"elevator/internal/gotask/mesos"
)

// schedulerDriver is one scheduler's gotask.MesosSchedulerDriver.
type schedulerDriver struct {
	cluster *Cluster

	mu     sync.Mutex
	events []*scheduler.Event
	broken error // why the present subscription ended, nil while it lives
	final  bool  // no other subscription follows
	wake   chan struct{}
}

// Driver returns a connection to the cluster for one scheduler.
func (c *Cluster) Driver() gotask.MesosSchedulerDriver {
	return &schedulerDriver{cluster: c, wake: make(chan struct{}, 1)}
}

// Run subscribes, hands events over, and subscribes again 100 ms after each break.
func (d *schedulerDriver) Run(ctx context.Context, h gotask.SchedulerHandler) error {
	for {
		if err := d.subscribe(h.Framework(), len(h.Suppressed()) > 0); err != nil {
			return err
		}
		h.Connected("in-process")
		final, broken := d.deliver(ctx, h)
		d.cluster.unsubscribe(d)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		h.Disconnected(broken)
		if final {
			return broken
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (d *schedulerDriver) deliver(ctx context.Context, h gotask.SchedulerHandler) (final bool, broken error) {
	for {
		d.mu.Lock()
		events := d.events
		d.events = nil
		final, broken = d.final, d.broken
		d.mu.Unlock()
		for _, e := range events {
			h.Event(e)
		}
		if broken != nil || final {
			return final, broken
		}
		select {
		case <-d.wake:
		case <-ctx.Done():
			return true, ctx.Err()
		}
	}
}

func (d *schedulerDriver) push(e *scheduler.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.broken != nil || d.final {
		return
	}
	d.events = append(d.events, e)
	d.signal()
}

func (d *schedulerDriver) update(status mesosv1.TaskStatus) {
	d.push(&scheduler.Event{Type: scheduler.Event_UPDATE, Update: &scheduler.Event_Update{Status: status}})
}

// cut breaks the subscription; another one follows.
func (d *schedulerDriver) cut(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.broken = err
	d.signal()
}

// end breaks the subscription for good; err is what Run returns.
func (d *schedulerDriver) end(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.broken, d.final = err, true
	d.signal()
}

func (d *schedulerDriver) signal() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

func (d *schedulerDriver) subscribe(info *mesosv1.FrameworkInfo, suppressed bool) error {
	c := d.cluster
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ctx.Err() != nil {
		return fmt.Errorf("%w: the cluster is closed", mesos.ErrNoMaster)
	}
	id := info.GetID().GetValue()
	if c.removed[id] {
		return &mesos.EventError{Message: "Framework has been removed"}
	}
	if c.sched != nil && c.sched != d {
		c.sched.end(&mesos.EventError{Message: "Framework failed over"})
	}
	if id == "" {
		id = "F-" + uuid.NewString()
	}
	d.mu.Lock()
	d.events, d.broken = nil, nil
	d.mu.Unlock()
	c.sched, c.framework, c.suppressed = d, id, suppressed && !c.config.SubscribeUnsuppressed
	c.recoverOffers()
	d.push(&scheduler.Event{Type: scheduler.Event_SUBSCRIBED, Subscribed: &scheduler.Event_Subscribed{
		FrameworkID: &mesosv1.FrameworkID{Value: id}, HeartbeatIntervalSeconds: new(15.0),
	}})
	for _, t := range c.tasks {
		if len(t.updates) > 0 {
			c.forward(t)
		}
	}
	c.allocate()
	return nil
}

func (c *Cluster) unsubscribe(d *schedulerDriver) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sched == d {
		c.sched = nil
		c.recoverOffers()
	}
}

func (c *Cluster) recoverOffers() {
	for id, o := range c.offers {
		o.agent.release(o.res)
		delete(c.offers, id)
	}
	for _, a := range c.agents {
		a.filter = time.Time{}
	}
}

func (a *agent) release(r scalars) {
	a.free.milliCPU += r.milliCPU
	a.free.mem += r.mem
}

// Call acts as the master does.
func (d *schedulerDriver) Call(ctx context.Context, call *scheduler.Call) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c := d.cluster
	c.mu.Lock()
	defer c.mu.Unlock()
	d.mu.Lock()
	broken := d.broken
	d.mu.Unlock()
	if c.sched != d || broken != nil {
		return mesos.ErrNotSubscribed
	}
	return c.call(call)
}
