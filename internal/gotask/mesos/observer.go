package mesos

import "time"

// Observer is told what passes through a driver, for metrics. Functions may be nil; those that are set are called from
// the driver's goroutines, possibly several at a time, and must not block.
type Observer struct {
	// Call is told each finished call: its type ("ACCEPT"), its result ("ok", the HTTP status such as "400",
	// "not_subscribed", or "error" for a broken connection) and the time from handing it to the driver to its answer.
	Call func(callType, result string, took time.Duration)

	// Event is told each event read from the subscription, by its type ("OFFERS"), before the handler sees it.
	Event func(eventType string)

	// Subscribed is told true when SUBSCRIBED arrived and false when that subscription ended.
	Subscribed func(bool)

	// Heartbeat is told the arrival of each HEARTBEAT event.
	Heartbeat func()

	// EventQueueBytes is told the encoded size of the events that wait for the handler, whenever it changes and in the
	// order of the changes, one call at a time.
	EventQueueBytes func(int64)
}

func (o *Observer) call(callType, result string, took time.Duration) {
	if o.Call != nil {
		o.Call(callType, result, took)
	}
}

func (o *Observer) event(eventType string) {
	if o.Event != nil {
		o.Event(eventType)
	}
	if eventType == "HEARTBEAT" && o.Heartbeat != nil {
		o.Heartbeat()
	}
}

func (o *Observer) subscribed(now bool) {
	if o.Subscribed != nil {
		o.Subscribed(now)
	}
}

func (o *Observer) eventQueueBytes(n int64) {
	if o.EventQueueBytes != nil {
		o.EventQueueBytes(n)
	}
}
