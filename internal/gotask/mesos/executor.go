package mesos

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/executor"
)

// ExecutorEvent is what an executor's handler gets: exactly one of its fields is set.
type ExecutorEvent struct {
	Connected    *Connected
	Disconnected *Disconnected

	// Event is an event as the agent sent it, SUBSCRIBED, HEARTBEAT, SHUTDOWN and ERROR included. It is the handler's
	// to keep.
	Event *executor.Event
}

// Executor is a subscription to the agent that started this process, and the calls that belong to it.
type Executor struct {
	driver[ExecutorEvent]
	config ExecutorConfig
}

// NewExecutor checks the configuration. Nothing is connected before Run.
func NewExecutor(config ExecutorConfig) (*Executor, error) {
	config = config.withDefaults()
	if err := config.validate(); err != nil {
		return nil, err
	}
	e := &Executor{config: config}
	e.client = client{tls: config.TLS, dial: config.Dial, maxRecord: config.MaxRecordBytes}
	e.observer = &e.config.Observer
	e.events = newEventQueue[ExecutorEvent](config.MaxEventQueueBytes, config.Observer.eventQueueBytes)
	if token := config.Env.Token; token != "" {
		e.client.authorization = "Bearer " + string(token)
	}
	if config.Env.DomainSocket != "" {
		e.client.dial = dialUnix(config.Env.DomainSocket, config.Dial)
	}
	return e, nil
}

func dialUnix(path string, dial DialFunc) DialFunc {
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	return func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx, "unix", path) }
}

// Run keeps the executor subscribed and gives every event to handle, one at a time, in the order of their arrival, until
// ctx ends (then it returns ctx's error), the stream ends after a SHUTDOWN event (nil), or the executor must end:
// [ErrDisconnected], a [SubscribeError] or an [EventError]. A lost subscription is renewed only with checkpointing, after
// random pauses of up to a quarter of SubscriptionBackoffMax, for as long as RecoveryTimeout. Run may be called once.
func (e *Executor) Run(ctx context.Context, handle func(ExecutorEvent)) error {
	return e.run(ctx, handle, e.stayConnected)
}

// Call sends an UPDATE, MESSAGE or HEARTBEAT call and waits for its answer. The ids are filled in where they are missing;
// the call may be changed as soon as Call returns. Order and errors are those of Scheduler.Call.
func (e *Executor) Call(ctx context.Context, call *executor.Call) error {
	return e.call(ctx, call.Type.String(), e.withIDs(call))
}

// Enqueue sends a call like Call but does not wait, as Scheduler.Enqueue does.
func (e *Executor) Enqueue(call *executor.Call, done func(error)) error {
	return e.enqueue(call.Type.String(), e.withIDs(call), done)
}

func (e *Executor) withIDs(call *executor.Call) *executor.Call {
	if call.ExecutorID.Value != "" && call.FrameworkID.Value != "" {
		return call
	}
	filled := *call
	filled.ExecutorID = mesosv1.ExecutorID{Value: e.config.Env.ExecutorID}
	filled.FrameworkID = mesosv1.FrameworkID{Value: e.config.Env.FrameworkID}
	return &filled
}

// pause is how long to wait before subscribing again. An agent that has restarted waits for its executors no longer than the
// greatest pause that it allows, and then kills those that have not come back: one try must not take all of that.
func (e *Executor) pause() time.Duration { return randomUpTo(e.config.Env.SubscriptionBackoffMax / 4) }

// stayConnected subscribes, and again as far as the rules for a lost agent allow (src/executor/executor.cpp of Apache
// Mesos). It is the only writer of the event queue.
func (e *Executor) stayConnected(ctx context.Context) error {
	patience := e.config.ConnectTimeout
	var lastErr error
	for {
		// Each round of attempts ends with a subscription that was had and lost, or with the patience for it.
		round, giveUp := context.WithCancelCause(ctx)
		deadline := time.AfterFunc(patience, func() { giveUp(errConnectTimeout) })
		subscribed, err := e.subscribeOnce(round, &lastErr, func() { deadline.Stop() })
		deadline.Stop()
		giveUp(nil)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil || isFatal(err):
			return err
		case !subscribed && lastErr == nil:
			return fmt.Errorf("%w: no answer from %s within %v", ErrDisconnected, e.agent(), patience)
		case !subscribed:
			return fmt.Errorf("%w: no subscription at %s within %v: %w", ErrDisconnected, e.agent(), patience, lastErr)
		case !e.config.Env.Checkpoint:
			return fmt.Errorf("%w %s, and the framework does not checkpoint: %w", ErrDisconnected, e.agent(), err)
		}
		lastErr = err
		patience = e.config.Env.RecoveryTimeout
		wait := e.pause()
		e.config.Logger.Warn("disconnected from the agent", "error", err, "retry_in", wait, "give_up_in", patience)
		pause(ctx, wait)
		e.events.waitHalfEmpty(ctx)
	}
}

// subscribeOnce tries until one subscription was had and lost, ctx has ended, or trying is pointless. A nil error means
// that the agent has shut the executor down.
func (e *Executor) subscribeOnce(ctx context.Context, lastErr *error, subscribed func()) (bool, error) {
	for {
		var had bool
		err := e.session(ctx, func() {
			had = true
			subscribed()
		})
		if had || err == nil || isFatal(err) || ctx.Err() != nil {
			return had, err
		}
		*lastErr = err
		wait := e.pause()
		e.config.Logger.Warn("not subscribed to the agent", "error", err, "retry_in", wait)
		pause(ctx, wait)
	}
}

func (e *Executor) agent() string {
	if e.config.Env.DomainSocket != "" {
		return e.config.Env.DomainSocket
	}
	return e.config.Env.Endpoint
}

// executorCallLost recognises the answer of an agent that waits for the executor to subscribe again.
// Source: src/slave/http.cpp of Apache Mesos, Http::executor.
func executorCallLost(status int, body string) bool {
	return status == http.StatusForbidden && strings.Contains(body, "Executor is not subscribed")
}
