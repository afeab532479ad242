package tasks

import "time"

// tailAge is for how long, in wall time, the last lines of the journal are its
// tail: a disk has what is older.
const tailAge = 5 * time.Second

// confirmations are the messages of one task that were taken and are not
// confirmed yet. First their events have to be in the journal, and then not in
// its tail: the lines of its last write, which a machine may take with it when it
// dies, or leave torn. So what is missing there is delivered again to a
// successor.
//
// Invariant: the times do not decrease.
type confirmations struct {
	unwritten []time.Duration // for each up to when the journal has to be written
	tail      int             // how many after that, before the unwritten ones
}

func (c *confirmations) add(until time.Duration) {
	if n := len(c.unwritten); n > 0 {
		until = max(until, c.unwritten[n-1])
	}
	c.unwritten = append(c.unwritten, until)
}

// written removes and counts the messages that can be confirmed when the
// journal is written up to the time given: with more lines than before, which are
// the tail now, or else with none, while the tail may have become old.
func (c *confirmations) written(until time.Duration, more, old bool) int {
	n := 0
	for n < len(c.unwritten) && c.unwritten[n] <= until {
		n++
	}
	c.unwritten = append(c.unwritten[:0], c.unwritten[n:]...)
	confirmed := c.tail
	switch {
	case more:
		c.tail = n
	case old:
		c.tail, confirmed = 0, confirmed+n
	default:
		c.tail, confirmed = c.tail+n, 0
	}
	return confirmed
}
