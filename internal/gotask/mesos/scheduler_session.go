package mesos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// defaultHeartbeatInterval is used for masters that announce none.
const defaultHeartbeatInterval = 15 * time.Second

// schedulerSession is one subscription, from finding the leader to the end of the stream.
type schedulerSession struct {
	*Scheduler
	sub        *subscription
	watch      *watchdog
	sender     *sender // sender is nil before SUBSCRIBED
	began      time.Time
	subscribed func()
	end        context.CancelCauseFunc
	sending    sync.WaitGroup
	condemned  *time.Timer // condemned is set by the sender's goroutine
}

// session subscribes once and reads until the subscription ends. It returns how long the framework was subscribed and
// why that ended.
func (s *Scheduler) session(ctx context.Context, subscribed func()) (lasted time.Duration, err error) {
	leader, err := s.detector.Detect(ctx)
	if err != nil {
		return 0, fmt.Errorf("find the leading master: %w", err)
	}
	stream, end := context.WithCancelCause(ctx)
	defer end(nil)
	watch := newWatchdog(s.config.SubscribeTimeout, func(subscribed bool) {
		if subscribed {
			end(ErrHeartbeatLost)
		}
		end(errSubscribeTimeout)
	})
	defer watch.stop()
	var leadership sync.WaitGroup
	defer leadership.Wait()
	defer end(nil)
	if leader.Lost != nil {
		leadership.Go(func() {
			select {
			case <-leader.Lost:
				end(errLeaderChanged)
			case <-stream.Done():
			}
		})
	}
	call, err := s.subscribeCall()
	if err != nil {
		return 0, err
	}
	sub, err := s.client.subscribe(stream, leader.URL, call, watch)
	if err != nil {
		return 0, err
	}
	session := &schedulerSession{Scheduler: s, sub: sub, watch: watch, subscribed: subscribed, end: end}
	return session.run(ctx, stream)
}

func (s *Scheduler) subscribeCall() ([]byte, error) {
	info := s.config.Framework()
	if info == nil {
		return nil, errors.New("subscribe: Framework returned nil")
	}
	s.mu.Lock()
	known := s.frameworkID
	s.mu.Unlock()
	if info.ID == nil && known != nil {
		withID := *info
		withID.ID = known
		info = &withID
	}
	call := &scheduler.Call{
		Type:        scheduler.Call_SUBSCRIBE,
		FrameworkID: info.ID,
		Subscribe:   &scheduler.Call_Subscribe{FrameworkInfo: info},
	}
	if s.config.SuppressedRoles != nil {
		call.Subscribe.SuppressedRoles = s.config.SuppressedRoles()
	}
	data, err := call.Marshal()
	if err != nil {
		return nil, fmt.Errorf("encode SUBSCRIBE call: %w", err)
	}
	return data, nil
}

func (s *schedulerSession) run(ctx, stream context.Context) (lasted time.Duration, err error) {
	sendCtx, stopSending := context.WithCancelCause(ctx)
	defer stopSending(nil)
	s.events.put(SchedulerEvent{Connected: &Connected{StreamID: s.sub.streamID, Endpoint: s.sub.endpoint.String()}}, 0)

	err = withCause(stream, s.read(sendCtx))

	s.end(err)
	s.sub.close()
	if s.sender != nil {
		if s.sender.tornDown() {
			err = errTornDown
		}
		s.setSender(nil)
		stopSending(errStreamEndedDuringCall)
		s.sending.Wait()
		if s.condemned != nil {
			s.condemned.Stop()
		}
		lasted = time.Since(s.began)
	}
	s.events.put(SchedulerEvent{Disconnected: &Disconnected{Err: err}}, 0)
	return lasted, err
}

// read passes records to the event queue until there are no more.
func (s *schedulerSession) read(sendCtx context.Context) error {
	if s.sub.streamID == "" {
		return fmt.Errorf("%s accepted SUBSCRIBE without a %s header", s.sub.endpoint, streamIDHeader)
	}
	for {
		record, err := s.sub.records.Next()
		if errors.Is(err, io.EOF) {
			return errStreamEnded
		}
		if err != nil {
			return err
		}
		event := new(scheduler.Event)
		if err := event.Unmarshal(record); err != nil {
			return fmt.Errorf("decode event of %d bytes: %w", len(record), err)
		}
		s.config.Observer.event(event.Type.String())
		if event.Type == scheduler.Event_SUBSCRIBED && s.sender == nil {
			if err := s.begin(sendCtx, event.Subscribed); err != nil {
				return err
			}
		}
		if !s.events.put(SchedulerEvent{Event: event}, int64(len(record))) {
			return ErrHandlerTooSlow
		}
		if event.Type == scheduler.Event_ERROR {
			return &EventError{Message: event.Error.GetMessage()}
		}
	}
}

// begin opens the way for calls, before the handler sees SUBSCRIBED.
func (s *schedulerSession) begin(ctx context.Context, event *scheduler.Event_Subscribed) error {
	if event.GetFrameworkID().GetValue() == "" {
		return errors.New("SUBSCRIBED event without a framework id")
	}
	if err := checkVersion(s.sub.endpoint.String(), event.GetMasterInfo().GetVersion()); err != nil {
		return err
	}
	s.began = time.Now()
	s.watch.train(s.patience(event))
	s.subscribed()
	s.sender = newSender(senderConfig{
		connect:          s.client.connector(s.sub.endpoint),
		endpoint:         s.sub.endpoint,
		header:           s.client.header(s.sub.streamID),
		timeout:          s.config.CallTimeout,
		maxBytes:         s.config.MaxCallQueueBytes,
		observer:         &s.config.Observer,
		subscriptionLost: schedulerCallLost,
		lost:             s.lost,
	})
	s.sending.Go(func() { s.sender.run(ctx) })
	s.mu.Lock()
	s.frameworkID = &mesosv1.FrameworkID{Value: event.FrameworkID.Value}
	s.mu.Unlock()
	s.setSender(s.sender)
	s.config.Logger.Info("subscribed", "master", s.sub.endpoint.Host, "framework_id", event.FrameworkID.Value,
		"stream_id", s.sub.streamID)
	return nil
}

// patience is how long a stream may be silent.
func (s *schedulerSession) patience(event *scheduler.Event_Subscribed) time.Duration {
	interval := time.Duration(event.GetHeartbeatIntervalSeconds() * float64(time.Second))
	if interval <= 0 {
		interval = defaultHeartbeatInterval
	}
	return time.Duration(s.config.HeartbeatsMissed) * interval
}

// lost gives the stream a last moment to say why the master does not know it.
func (s *schedulerSession) lost(err error) {
	s.config.Logger.Warn("the master does not know this subscription", "error", err)
	s.condemned = time.AfterFunc(s.lostGrace, func() { s.end(err) })
}
