package mesos

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// SchedulerEvent is what a scheduler's handler gets: exactly one of its fields is set.
type SchedulerEvent struct {
	Connected    *Connected
	Disconnected *Disconnected

	// Event is an event as Mesos sent it, SUBSCRIBED, HEARTBEAT and ERROR included. It is the handler's to keep.
	Event *scheduler.Event
}

// Connected says that a subscription was accepted; its SUBSCRIBED event follows, and calls work from then on.
type Connected struct {
	StreamID string // StreamID names the subscription; agents give none.
	Endpoint string // Endpoint is the URL of the master or agent.
}

// Disconnected says that a subscription ended, after its last event. Offers held are void.
type Disconnected struct {
	Err error
}

// Scheduler is a subscription to the leading master, renewed as often as necessary, and the calls that belong to it.
type Scheduler struct {
	driver[SchedulerEvent]
	config    SchedulerConfig
	detector  Detector
	lostGrace time.Duration

	frameworkID *mesosv1.FrameworkID // frameworkID is the one last subscribed with; guarded by mu
}

var (
	errConnectTimeout   = errors.New("connect time-out")
	errSubscribeTimeout = errors.New("no SUBSCRIBED event within the time-out")
	errLeaderChanged    = errors.New("another master leads now")
	errTornDown         = errors.New("framework was torn down")
	errStreamEnded      = errors.New("the stream ended")

	errStreamEndedDuringCall = fmt.Errorf("%w any more: the stream ended while the call was on the wire", ErrNotSubscribed)
)

// lostGrace is how long a stream may go on after a call's answer has shown that Mesos does not know it: the ERROR event
// that tells why is probably on its way on the other connection, and subscribing again at once would throw out the
// scheduler that replaced this one.
const lostGrace = time.Second

// NewScheduler checks the configuration. Nothing is connected before Run.
func NewScheduler(config SchedulerConfig) (*Scheduler, error) {
	config = config.withDefaults()
	if err := config.validate(); err != nil {
		return nil, err
	}
	detector := config.Detector
	if detector == nil {
		made, err := NewDetector(config.Masters, config.TLS != nil)
		if err != nil {
			return nil, err
		}
		detector = made
	}
	s := &Scheduler{config: config, detector: detector, lostGrace: lostGrace}
	s.client = client{tls: config.TLS, dial: config.Dial, maxRecord: config.MaxRecordBytes}
	s.observer = &s.config.Observer
	s.events = newEventQueue[SchedulerEvent](config.MaxEventQueueBytes, config.Observer.eventQueueBytes)
	if config.Credentials != nil {
		s.client.authorization = config.Credentials.header()
	}
	return s, nil
}

// Run keeps the framework subscribed and gives every event to handle, one at a time, in the order of their arrival, until
// ctx ends (then it returns ctx's error), a TEARDOWN call was accepted (nil), or going on makes no sense:
// [ErrNoMaster], a [SubscribeError], a [VersionError] or an [EventError]. Run may be called once.
func (s *Scheduler) Run(ctx context.Context, handle func(SchedulerEvent)) error {
	return s.run(ctx, handle, func(ctx context.Context) error {
		defer s.closeDetector()
		return s.stayConnected(ctx)
	})
}

func (s *Scheduler) closeDetector() {
	if err := s.detector.Close(); err != nil {
		s.config.Logger.Warn("closing the master detector failed", "error", err)
	}
}

// Call sends a call of any type but SUBSCRIBE and waits for its answer, which says only that Mesos has accepted the
// call. Calls and enqueued calls go out in the order in which they were made. The framework id is filled in where it is
// missing; the call may be changed as soon as Call returns. It returns [ErrNotSubscribed] without a subscription, a
// [CallError] for a refusal, and ctx's error when that ends first; a call on the wire is then left to finish, and its
// outcome is unknown.
func (s *Scheduler) Call(ctx context.Context, call *scheduler.Call) error {
	return s.call(ctx, call.Type.String(), s.withID(call))
}

// Enqueue sends a call like Call but does not wait. Unless Enqueue returns an error ([ErrNotSubscribed], [ErrQueueFull]),
// done, if not nil, is called exactly once with the outcome, on a goroutine of the driver that must not be blocked.
func (s *Scheduler) Enqueue(call *scheduler.Call, done func(error)) error {
	return s.enqueue(call.Type.String(), s.withID(call), done)
}

func (s *Scheduler) withID(call *scheduler.Call) *scheduler.Call {
	if call.FrameworkID != nil {
		return call
	}
	filled := *call
	s.mu.Lock()
	filled.FrameworkID = s.frameworkID
	s.mu.Unlock()
	return &filled
}

// stayConnected subscribes again and again. It is the only writer of the event queue.
func (s *Scheduler) stayConnected(ctx context.Context) error {
	searching, found := context.WithCancelCause(ctx)
	defer found(nil)
	deadline := time.AfterFunc(s.config.ConnectTimeout, func() { found(errConnectTimeout) })
	defer deadline.Stop()

	pauses := backoff{shortest: s.config.BackoffMin, longest: s.config.BackoffMax}
	var lastErr error
	for !errors.Is(context.Cause(searching), errConnectTimeout) {
		lasted, err := s.session(searching, func() { deadline.Stop() })
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errTornDown):
			return nil
		case isFatal(err):
			return err
		}
		if !errors.Is(err, errConnectTimeout) {
			lastErr = err
		}
		if lasted >= s.config.BackoffMax {
			pauses.reset()
		}
		wait := pauses.next()
		if refusal, ok := errors.AsType[*SubscribeError](err); ok && refusal.starting() {
			wait = pauses.quick()
		}
		s.config.Logger.Warn("not subscribed to a master", "error", err, "retry_in", wait)
		pause(searching, wait)
		s.events.waitHalfEmpty(ctx)
	}
	return s.noMaster(lastErr)
}

func (s *Scheduler) noMaster(lastErr error) error {
	err := fmt.Errorf("%w: nobody accepted a subscription within %v", ErrNoMaster, s.config.ConnectTimeout)
	if lastErr != nil {
		err = fmt.Errorf("%w; the last attempt: %w", err, lastErr)
	}
	return err
}

// isFatal reports whether subscribing again cannot succeed, or must not be tried.
func isFatal(err error) bool {
	if refusal, ok := errors.AsType[*SubscribeError](err); ok {
		return refusal.permanent()
	}
	if _, tooOld := errors.AsType[*VersionError](err); tooOld {
		return true
	}
	_, ok := errors.AsType[*EventError](err)
	return ok
}

// schedulerCallLost recognises the answers of a master for which the subscription does not exist (any more).
// Source: src/master/http.cpp of Apache Mesos, Master::Http::scheduler.
func schedulerCallLost(status int, body string) bool {
	switch status {
	case http.StatusTemporaryRedirect:
		return true
	case http.StatusForbidden:
		return strings.Contains(body, "Framework is not subscribed")
	case http.StatusBadRequest:
		return strings.Contains(body, "Framework cannot be found") ||
			strings.Contains(body, "stream ID") ||
			strings.Contains(body, streamIDHeader)
	}
	return false
}
