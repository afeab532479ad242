package ui

import "time"

// clockwork computes the building's time from the wall's. The wall clocks of
// the scheduler and of this machine need not agree: what counts is what the
// scheduler last said its time was.
type clockwork struct {
	base    time.Duration // the building's time at the wall time at
	at      time.Time
	speed   float64       // how many times faster than the wall; 0: nobody has said what time it is
	running bool          // it stands while nothing is heard
	now     time.Duration // runs backwards only where it was wrong
	shown   time.Duration // now, as it was at the last full second of the wall
}

// set says what time it is, at a wall time of this machine.
func (c *clockwork) set(t time.Duration, at time.Time, speed float64) {
	c.base, c.at, c.speed, c.running = t, at, speed, true
	// What is a little ahead waits; what is far off was wrong.
	if ahead := c.now - t; ahead > time.Duration((1+speed)*float64(time.Second)) {
		c.now = t
	}
}

// resume lets the clock go on from what it was last told or, where it was told
// nothing, from the time t.
func (c *clockwork) resume(t time.Duration, wall time.Time, speed float64) {
	if c.speed == 0 {
		c.set(t, wall, speed)
	}
	c.running = true
}

// stop lets the clock stand.
func (c *clockwork) stop() { c.running = false }

// when is the building's time at a wall time, if the clock has run ever since it
// was set.
func (c *clockwork) when(wall time.Time) time.Duration {
	return c.base + time.Duration(float64(wall.Sub(c.at))*c.speed)
}

// tick moves the clock on to a wall time, and at least to the time of the
// newest event.
func (c *clockwork) tick(wall time.Time, newest time.Duration) {
	if c.running {
		c.now = max(c.now, c.when(wall))
	}
	c.now = max(c.now, newest)
}
