package tasks

import "time"

// confirmations are the messages of one task that were taken and whose events
// are not all in the journal: for each, up to when the journal has to be written
// before it can be confirmed.
//
// Invariant: the times do not decrease.
type confirmations []time.Duration

func (c *confirmations) add(until time.Duration) {
	if n := len(*c); n > 0 {
		until = max(until, (*c)[n-1])
	}
	*c = append(*c, until)
}

// written removes and counts the messages that can be confirmed when the
// journal is written up to the time given.
func (c *confirmations) written(until time.Duration) int {
	n := 0
	for n < len(*c) && (*c)[n] <= until {
		n++
	}
	*c = append((*c)[:0], (*c)[n:]...)
	return n
}
