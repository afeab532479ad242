package tasks

import "time"

// tailAge is for how long, in wall time, the last lines of the journal are its
// tail.
const tailAge = 5 * time.Second

// confirmations are the messages of one task that were taken and are not
// confirmed yet. First their events have to be written, then the disk has to have
// them, and then they must not be in the journal's tail: the lines of its last
// write, which may be torn or damaged when the machine dies. What such a journal
// lacks is delivered again to a successor.
//
// Invariant: neither the times of unwritten nor the numbers of written decrease.
type confirmations struct {
	unwritten []time.Duration // for each up to when the journal has to be written
	written   []batch         // after that, while the disk may not have them
	tail      int             // how many after that
}

// batch is messages whose events were written together.
type batch struct {
	upTo  uint64 // the number of the last of the events
	count int
}

func (c *confirmations) add(until time.Duration) {
	if n := len(c.unwritten); n > 0 {
		until = max(until, c.unwritten[n-1])
	}
	c.unwritten = append(c.unwritten, until)
}

// progress is how far a journal has come.
type progress struct {
	until   time.Duration // it is written up to this building's time
	last    uint64        // number of its last event
	durable uint64        // of the last one that the disk has
	more    bool          // lines were written just now: they are the tail
	old     bool          // the tail has become old
}

// confirm removes and counts the messages that can be confirmed now.
func (c *confirmations) confirm(p progress) (confirmed int) {
	n := 0
	for n < len(c.unwritten) && c.unwritten[n] <= p.until {
		n++
	}
	c.unwritten = append(c.unwritten[:0], c.unwritten[n:]...)
	if n > 0 {
		c.written = append(c.written, batch{p.last, n})
	}
	safe, batches := 0, 0
	for ; batches < len(c.written) && c.written[batches].upTo <= p.durable; batches++ {
		safe += c.written[batches].count
	}
	c.written = append(c.written[:0], c.written[batches:]...)
	switch {
	case p.more:
		confirmed, c.tail = c.tail, safe
	case p.old:
		confirmed, c.tail = c.tail+safe, 0
	default:
		c.tail += safe
	}
	return confirmed
}
