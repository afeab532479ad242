package gotask

import (
	"context"

	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/executor"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// MesosSchedulerDriver carries the talk between one framework and the master. The one on Mesos' v1 HTTP API is made from
// Config; package gotasktest has one without sockets.
type MesosSchedulerDriver interface {
	// Run keeps the framework subscribed and hands what happens to h until ctx is done (then it returns ctx's error), a
	// TEARDOWN call was accepted (nil), or the master refuses the framework for good. It calls h's functions one at a
	// time; they return at once.
	Run(ctx context.Context, h SchedulerHandler) error
	// Call sends one call and returns once the master accepted it, which says nothing about its outcome. Calls made one
	// after another reach the master in that order.
	Call(ctx context.Context, call *scheduler.Call) error
}

// SchedulerHandler is what a MesosSchedulerDriver calls.
type SchedulerHandler struct {
	Framework    func() *mesosv1.FrameworkInfo // asked before each SUBSCRIBE
	Suppressed   func() []string               // asked before each SUBSCRIBE for the roles that shall get no offers
	Connected    func(endpoint string)         // a SUBSCRIBE was accepted; the SUBSCRIBED event follows
	Event        func(*scheduler.Event)
	Disconnected func(error) // the subscription ended
}

// MesosExecutorDriver carries the talk between one executor and its agent.
type MesosExecutorDriver interface {
	// Run keeps the executor subscribed and hands what happens to h until ctx is done (then it returns ctx's error), the
	// stream ends after SHUTDOWN (nil) or the agent is lost for good. It calls h's functions one at a time; they return
	// at once.
	Run(ctx context.Context, h ExecutorHandler) error
	// Call sends one call and returns once the agent accepted it. Calls made one after another arrive in that order.
	Call(ctx context.Context, call *executor.Call) error
}

// ExecutorHandler is what a MesosExecutorDriver calls.
type ExecutorHandler struct {
	// Unacknowledged is asked before each SUBSCRIBE for the tasks without any acknowledged update, and for the updates
	// without acknowledgement, oldest first.
	Unacknowledged func() ([]mesosv1.TaskInfo, []executor.Call_Update)
	Event          func(*executor.Event)
	Disconnected   func(error) // the subscription ended
}
