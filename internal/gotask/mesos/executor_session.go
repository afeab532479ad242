package mesos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/executor"
)

// executorSession is one subscription, from dialling to the end of the stream.
type executorSession struct {
	*Executor
	sub        *subscription
	watch      *watchdog
	sender     *sender // sender is nil before SUBSCRIBED
	shutdown   bool    // shutdown is set when the agent has told the executor to end
	subscribed func()
	end        context.CancelCauseFunc
	sending    sync.WaitGroup
}

// session subscribes and reads until the subscription ends. It returns nil if it ended after a SHUTDOWN event.
func (e *Executor) session(ctx context.Context, subscribed func()) error {
	stream, end := context.WithCancelCause(ctx)
	defer end(nil)
	watch := newWatchdog(e.config.SubscribeTimeout, func(bool) { end(errSubscribeTimeout) })
	defer watch.stop()
	call, err := e.subscribeCall()
	if err != nil {
		return err
	}
	secure := e.config.TLS != nil || e.config.Env.Secure
	sub, err := e.client.subscribe(stream, e.config.Env.url(secure), call, watch)
	if err != nil {
		return err
	}
	session := &executorSession{Executor: e, sub: sub, watch: watch, subscribed: subscribed, end: end}
	return session.run(ctx, stream)
}

func (e *Executor) subscribeCall() ([]byte, error) {
	call := &executor.Call{
		Type:        executor.Call_SUBSCRIBE,
		ExecutorID:  mesosv1.ExecutorID{Value: e.config.Env.ExecutorID},
		FrameworkID: mesosv1.FrameworkID{Value: e.config.Env.FrameworkID},
		Subscribe:   &executor.Call_Subscribe{},
	}
	if e.config.Unacknowledged != nil {
		tasks, updates := e.config.Unacknowledged()
		call.Subscribe.UnacknowledgedTasks = tasks
		for _, update := range updates {
			if len(update.Status.UUID) != 16 {
				// An agent aborts on such a uuid, and takes every task of its machine with it.
				e.config.Logger.Error("unacknowledged update left out: its uuid must have 16 bytes",
					"task_id", update.Status.TaskID.Value, "uuid_bytes", len(update.Status.UUID))
				continue
			}
			call.Subscribe.UnacknowledgedUpdates = append(call.Subscribe.UnacknowledgedUpdates, update)
		}
	}
	data, err := call.Marshal()
	if err != nil {
		return nil, fmt.Errorf("encode SUBSCRIBE call: %w", err)
	}
	return data, nil
}

func (s *executorSession) run(ctx, stream context.Context) error {
	sendCtx, stopSending := context.WithCancelCause(ctx)
	defer stopSending(nil)
	s.events.put(ExecutorEvent{Connected: &Connected{StreamID: s.sub.streamID, Endpoint: s.sub.endpoint.String()}}, 0)

	err := withCause(stream, s.read(sendCtx))

	s.end(err)
	s.sub.close()
	if s.sender != nil {
		s.setSender(nil)
		stopSending(errStreamEndedDuringCall)
		s.sending.Wait()
	}
	s.events.put(ExecutorEvent{Disconnected: &Disconnected{Err: err}}, 0)
	if s.shutdown {
		return nil
	}
	return err
}

// read passes records to the event queue until there are no more.
func (s *executorSession) read(sendCtx context.Context) error {
	for {
		record, err := s.sub.records.Next()
		if errors.Is(err, io.EOF) {
			return errStreamEnded
		}
		if err != nil {
			return err
		}
		event := new(executor.Event)
		if err := event.Unmarshal(record); err != nil {
			return fmt.Errorf("decode event of %d bytes: %w", len(record), err)
		}
		s.config.Observer.event(event.Type.String())
		switch event.Type {
		case executor.Event_SUBSCRIBED:
			if s.sender == nil {
				s.begin(sendCtx)
			}
		case executor.Event_SHUTDOWN:
			s.shutdown = true
		}
		if !s.events.put(ExecutorEvent{Event: event}, int64(len(record))) {
			return ErrHandlerTooSlow
		}
		if event.Type == executor.Event_ERROR {
			return &EventError{Message: event.Error.GetMessage()}
		}
	}
}

// begin opens the way for calls, before the handler sees SUBSCRIBED. Agents announce no heart-beat interval and send none
// for half an hour, so that silence means nothing from then on; a dead connection shows by TCP's keep-alive.
func (s *executorSession) begin(ctx context.Context) {
	s.watch.stop()
	s.subscribed()
	s.sender = newSender(senderConfig{
		connect:          s.client.connector(s.sub.endpoint),
		endpoint:         s.sub.endpoint,
		header:           s.client.header(""),
		timeout:          s.config.CallTimeout,
		maxBytes:         s.config.MaxCallQueueBytes,
		observer:         &s.config.Observer,
		subscriptionLost: executorCallLost,
		lost:             s.end,
	})
	s.sending.Go(func() { s.sender.run(ctx) })
	s.setSender(s.sender)
	s.sending.Go(func() { s.sendHeartbeats(ctx) })
	s.config.Logger.Info("subscribed", "agent", s.agent(), "executor_id", s.config.Env.ExecutorID)
}

// sendHeartbeats keeps firewalls from forgetting the connection for calls.
func (s *executorSession) sendHeartbeats(ctx context.Context) {
	ticker := time.NewTicker(s.config.HeartbeatInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := s.Enqueue(&executor.Call{Type: executor.Call_HEARTBEAT}, nil); err != nil {
			s.config.Logger.Warn("heartbeat was not sent", "error", err)
		}
	}
}
