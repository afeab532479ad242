package elevator

import "time"

// Alarm is something abnormal about the group, from when it began until it is
// over and somebody has seen it.
type Alarm struct {
	Name           string // what and where, such as "stuck:A"; an alarm that comes again has the same name
	Text           string // in words
	Critical       bool   // people may be shut in or carried into danger
	RaisedAt       time.Duration
	Cleared        bool // it is over
	ClearedAt      time.Duration
	Acknowledged   bool // an operator has seen it
	AcknowledgedAt time.Duration
	AcknowledgedBy string
}

// State is the alarm's state in one word: raised, then acknowledged or cleared,
// then over.
func (a *Alarm) State() string {
	switch {
	case !a.Cleared && !a.Acknowledged:
		return "raised"
	case !a.Cleared:
		return "acknowledged"
	case !a.Acknowledged:
		return "cleared"
	}
	return "over"
}

// AllAlarms is the name by which a command acknowledges every alarm at once.
const AllAlarms = "all"
