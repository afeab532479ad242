package mesos

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// sender posts the calls of one subscription, one after the other, on one keep-alive connection.
//
// Invariant: a call is on the wire only while no other is, so Mesos sees calls in the order in which they were added.
// Therefore a caller that has lost patience does not abort the request on the wire; only timeout does, and the
// connection goes with it.
type sender struct {
	senderConfig

	mu      sync.Mutex
	waiting []*pendingCall
	bytes   int64 // bytes of waiting calls that were enqueued
	closed  bool
	wake    chan struct{} // wake holds a token when a call was added or the sender was stopped

	teardown atomic.Int32  // teardown is the fate of a TEARDOWN call, if there was one
	done     chan struct{} // done is closed when run has ended
}

type senderConfig struct {
	connect  func(ctx context.Context) (net.Conn, error)
	endpoint *url.URL
	header   http.Header
	timeout  time.Duration
	maxBytes int64
	observer *Observer

	// subscriptionLost reports whether an answer means that Mesos does not know the subscription any more; lost is then
	// called, once.
	subscriptionLost func(status int, body string) bool
	lost             func(error)
}

func newSender(config senderConfig) *sender {
	return &sender{senderConfig: config, wake: make(chan struct{}, 1), done: make(chan struct{})}
}

const (
	teardownNone = iota
	teardownSent
	teardownAccepted
)

type pendingCall struct {
	callType string
	body     []byte
	counted  bool // counted calls belong to sender.bytes
	since    time.Time
	started  atomic.Bool // started is set by whoever comes first: the sender, or a caller giving up
	finish   func(error)
}

// add appends a call, which then belongs to the sender. Counted calls are refused when too many bytes wait.
func (s *sender) add(call *pendingCall) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	size := int64(len(call.body))
	switch {
	case s.closed:
		return ErrNotSubscribed
	case call.counted && s.bytes > 0 && s.bytes+size > s.maxBytes:
		return ErrQueueFull
	}
	if call.counted {
		s.bytes += size
	}
	s.waiting = append(s.waiting, call)
	signal(s.wake)
	return nil
}

// call adds a call and waits for its outcome or the end of ctx.
func (s *sender) call(ctx context.Context, callType string, body []byte) error {
	outcome := make(chan error, 1)
	call := &pendingCall{callType: callType, body: body, since: time.Now(), finish: func(err error) { outcome <- err }}
	if err := s.add(call); err != nil {
		return err
	}
	select {
	case err := <-outcome:
		return err
	case <-ctx.Done():
	}
	if call.started.CompareAndSwap(false, true) {
		return fmt.Errorf("%s call was not sent: %w", callType, context.Cause(ctx))
	}
	select {
	case err := <-outcome:
		return err
	default:
		return fmt.Errorf("%s call was sent, its outcome is unknown: %w", callType, context.Cause(ctx))
	}
}

// enqueue adds a call and does not wait.
func (s *sender) enqueue(callType string, body []byte, done func(error)) error {
	if done == nil {
		done = func(error) {}
	}
	return s.add(&pendingCall{callType: callType, body: body, counted: true, since: time.Now(), finish: done})
}

// run posts calls until ctx ends or stop; then all that still waits fails.
func (s *sender) run(ctx context.Context) {
	defer close(s.done)
	wire := newWire(s.endpoint, s.header, s.connect)
	for call := s.take(ctx); call != nil; call = s.take(ctx) {
		s.send(ctx, wire, call)
	}
	wire.close()
	s.refuseWaiting()
}

func (s *sender) refuseWaiting() {
	s.stop()
	s.mu.Lock()
	waiting := s.waiting
	s.waiting, s.bytes = nil, 0
	s.mu.Unlock()
	for _, call := range waiting {
		if call.started.CompareAndSwap(false, true) {
			s.observer.call(call.callType, "not_subscribed", time.Since(call.since))
			call.finish(ErrNotSubscribed)
		}
	}
}

// stop refuses further calls and makes run end after the one on the wire.
func (s *sender) stop() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	signal(s.wake)
}

// take waits for a call whose caller has not given up. It returns nil when the sender shall end.
func (s *sender) take(ctx context.Context) *pendingCall {
	for {
		s.mu.Lock()
		if s.closed || ctx.Err() != nil {
			s.mu.Unlock()
			return nil
		}
		var call *pendingCall
		if len(s.waiting) > 0 {
			call = s.waiting[0]
			s.waiting[0] = nil
			s.waiting = s.waiting[1:]
			if call.counted {
				s.bytes -= int64(len(call.body))
			}
		}
		s.mu.Unlock()
		if call == nil {
			select {
			case <-s.wake:
			case <-ctx.Done():
			}
			continue
		}
		if call.started.CompareAndSwap(false, true) {
			return call
		}
	}
}

func (s *sender) send(ctx context.Context, wire *wire, call *pendingCall) {
	if call.callType == "TEARDOWN" {
		s.teardown.Store(teardownSent)
	}
	status, text, err := wire.roundTrip(ctx, call.body, s.timeout)
	result := "ok"
	switch {
	case err != nil:
		result = "error"
		err = fmt.Errorf("%s call to %s: %w", call.callType, s.endpoint.Host, err)
	case status/100 != 2:
		result = strconv.Itoa(status)
		err = &CallError{Type: call.callType, Status: status, Body: text}
		if s.subscriptionLost(status, text) {
			result = "not_subscribed"
			err = fmt.Errorf("%w: %w", ErrNotSubscribed, err)
			s.stop()
			s.lost(err)
		}
	}
	if call.callType == "TEARDOWN" {
		s.teardown.Store(teardownNone)
		if err == nil {
			s.teardown.Store(teardownAccepted)
		}
	}
	s.observer.call(call.callType, result, time.Since(call.since))
	call.finish(err)
}

// tornDown reports whether this subscription's framework was torn down by a call. It waits for the answer to such a call,
// because masters end the stream before they answer.
func (s *sender) tornDown() bool {
	if s.teardown.Load() == teardownSent {
		s.stop()
		<-s.done
	}
	return s.teardown.Load() == teardownAccepted
}
