package gotasktest

import (
	"context"
	"fmt"
	"sync"

	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/executor"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"elevator/internal/gotask"
)

// executorDriver is one executor's gotask.MesosExecutorDriver.
type executorDriver struct {
	cluster *Cluster
	agent   *agent
	id      string
	info    mesosv1.ExecutorInfo
	res     scalars
	ctx     context.Context // done when the process is killed
	cancel  context.CancelFunc

	mu         sync.Mutex
	events     []*executor.Event
	subscribed bool
	shutdown   bool
	wake       chan struct{}
}

// Run hands events over until ctx is done or after SHUTDOWN.
func (d *executorDriver) Run(ctx context.Context, h gotask.ExecutorHandler) error {
	h.Unacknowledged()
	h.Event(&executor.Event{Type: executor.Event_SUBSCRIBED, Subscribed: &executor.Event_Subscribed{
		ExecutorInfo:  d.info,
		FrameworkInfo: mesosv1.FrameworkInfo{ID: d.info.FrameworkID},
		AgentInfo:     mesosv1.AgentInfo{ID: &mesosv1.AgentID{Value: d.agent.id}, Hostname: d.agent.hostname},
	}})
	d.mu.Lock()
	d.subscribed = true
	d.mu.Unlock()
	for {
		d.mu.Lock()
		events, shutdown := d.events, d.shutdown
		d.events = nil
		d.mu.Unlock()
		for _, e := range events {
			h.Event(e)
		}
		if shutdown {
			return nil
		}
		select {
		case <-d.wake:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (d *executorDriver) push(e *executor.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.events = append(d.events, e)
	d.shutdown = d.shutdown || e.Type == executor.Event_SHUTDOWN
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// pushSubscribed drops the event when the executor is not subscribed yet, as agents do with messages.
func (d *executorDriver) pushSubscribed(e *executor.Event) {
	d.mu.Lock()
	subscribed := d.subscribed
	d.mu.Unlock()
	if subscribed {
		d.push(e)
	}
}

// Call acts as the agent does.
func (d *executorDriver) Call(ctx context.Context, call *executor.Call) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c := d.cluster
	c.mu.Lock()
	defer c.mu.Unlock()
	if d.ctx.Err() != nil {
		return fmt.Errorf("executor was killed: %w", d.ctx.Err())
	}
	switch call.Type {
	case executor.Call_UPDATE:
		d.update(call.Update.Status)
	case executor.Call_MESSAGE:
		if c.sched != nil && !d.agent.gone && !c.lose(false) {
			c.sched.push(newMessageEvent(d, call.Message.Data))
		}
	}
	return nil
}

func (d *executorDriver) update(status mesosv1.TaskStatus) {
	d.push(&executor.Event{Type: executor.Event_ACKNOWLEDGED, Acknowledged: &executor.Event_Acknowledged{
		TaskID: status.TaskID, UUID: status.UUID,
	}})
	t := d.cluster.tasks[status.TaskID.Value]
	if t == nil || t.ended || t.exec != d {
		return
	}
	d.cluster.record(t, status)
}

func newMessageEvent(d *executorDriver, data []byte) *scheduler.Event {
	return &scheduler.Event{Type: scheduler.Event_MESSAGE, Message: &scheduler.Event_Message{
		AgentID: mesosv1.AgentID{Value: d.agent.id}, ExecutorID: mesosv1.ExecutorID{Value: d.id}, Data: data,
	}}
}
