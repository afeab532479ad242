package gotask

import (
	"context"

	"github.com/mesos/mesos-go/api/v1/lib/executor"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// MesosSchedulerDriver carries the talk between one framework and the master. NewMesosSchedulerDriver returns the one on
// Mesos' v1 HTTP API; package gotasktest has one without sockets.
type MesosSchedulerDriver interface {
	// Run keeps the framework subscribed and hands every event to h until ctx is done (its error is ctx's then) or the
	// master refuses the framework for good. It calls h's functions one at a time; they return at once.
	Run(ctx context.Context, h SchedulerHandler) error
	// Call sends one call and returns once the master accepted it, which says nothing about its outcome. Calls made one
	// after another reach the master in that order.
	Call(ctx context.Context, call *scheduler.Call) error
}

// SchedulerHandler is what a MesosSchedulerDriver calls.
type SchedulerHandler struct {
	Subscribe    func() *scheduler.Call // the SUBSCRIBE call to make next, asked before every attempt
	Event        func(*scheduler.Event)
	Disconnected func(error) // an established subscription broke
}

// MesosExecutorDriver carries the talk between one executor and its agent.
type MesosExecutorDriver interface {
	// Run keeps the executor subscribed and hands every event to h until ctx is done or the agent is lost for good. It
	// calls h's functions one at a time; they return at once.
	Run(ctx context.Context, h ExecutorHandler) error
	// Call sends one call and returns once the agent accepted it. Calls made one after another arrive in that order.
	Call(ctx context.Context, call *executor.Call) error
}

// ExecutorHandler is what a MesosExecutorDriver calls.
type ExecutorHandler struct {
	Subscribe    func() *executor.Call // the SUBSCRIBE call to make next, with all that is unacknowledged
	Event        func(*executor.Event)
	Disconnected func(error) // an established subscription broke
}
