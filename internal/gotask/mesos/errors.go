package mesos

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrNoMaster is returned by Scheduler.Run when no master accepted the first subscription within ConnectTimeout.
	ErrNoMaster = errors.New("no master found")

	// ErrNotSubscribed is returned by calls made while there is no subscription, and by calls whose answer shows that
	// Mesos no longer knows the subscription they belong to.
	ErrNotSubscribed = errors.New("not subscribed")

	// ErrQueueFull is returned by Enqueue when calls wait for more than MaxCallQueueBytes.
	ErrQueueFull = errors.New("call queue is full")

	// ErrHandlerTooSlow ends a subscription whose undelivered events exceed MaxEventQueueBytes.
	ErrHandlerTooSlow = errors.New("events wait for the handler beyond the limit of the queue")

	// ErrHeartbeatLost ends a subscription on which nothing arrived for HeartbeatsMissed intervals.
	ErrHeartbeatLost = errors.New("no heartbeat from the master")

	// ErrFrameworkRemoved means that the framework id was torn down or its failover timeout has passed: this id can
	// never subscribe again.
	ErrFrameworkRemoved = errors.New("framework has been removed")

	// ErrFailedOver means that another scheduler subscribed with the same framework id and took over.
	ErrFailedOver = errors.New("framework failed over to another scheduler")

	// ErrDisconnected is returned by Executor.Run when the agent is gone and the executor must end: at once without
	// checkpointing, after the recovery timeout with it.
	ErrDisconnected = errors.New("disconnected from the agent")
)

// CallError is an answer other than success to a call that is not SUBSCRIBE.
type CallError struct {
	Type   string // Type is the call's type, such as "ACCEPT".
	Status int    // Status is the HTTP status code.
	Body   string // Body is the text of the answer, cut to a few kilobytes.
}

// Error names the call, the status and the text of the answer.
func (e *CallError) Error() string {
	return fmt.Sprintf("%s call answered with HTTP status %d: %s", e.Type, e.Status, oneLine(e.Body))
}

// SubscribeError is a refusal of SUBSCRIBE that retrying cannot heal: 400 (invalid), 401 (credentials), 403 (forbidden).
type SubscribeError struct {
	Endpoint string // Endpoint is the URL that refused.
	Status   int    // Status is the HTTP status code.
	Body     string // Body is the text of the answer, cut to a few kilobytes.
}

// Error names the endpoint, the status and the text of the answer.
func (e *SubscribeError) Error() string {
	text := fmt.Sprintf("%s refused SUBSCRIBE with HTTP status %d: %s", e.Endpoint, e.Status, oneLine(e.Body))
	if e.Status == 401 {
		text += " (check principal and secret, or the executor's token)"
	}
	return text
}

// EventError is the ERROR event of a master or an agent, after which a subscription cannot go on. errors.Is reports it as
// [ErrFrameworkRemoved] or [ErrFailedOver] when its text says so.
type EventError struct {
	Message string // Message is the text as Mesos sent it.
}

// Error gives the text as Mesos sent it.
func (e *EventError) Error() string { return "ERROR event from Mesos: " + oneLine(e.Message) }

// Is compares by the text of the event, the only thing Mesos gives to tell ERROR events apart.
func (e *EventError) Is(target error) bool {
	switch target {
	case ErrFrameworkRemoved:
		return strings.Contains(e.Message, "Framework has been removed")
	case ErrFailedOver:
		return strings.Contains(e.Message, "Framework failed over")
	}
	return false
}

func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if text == "" {
		return "(no text)"
	}
	return text
}
