package link

import (
	"math/rand/v2"
	"slices"
	"time"
)

// carrier is a simulated one-way carrier: ordered while no hop reconnects, lossy always.
type carrier struct {
	rng      *rand.Rand
	loss     float64
	truncate float64
	maxDelay time.Duration
	under    []flight // in order of arrival
	last     time.Duration
	lost     int
}

type flight struct {
	at       time.Duration
	envelope []byte
}

func (c *carrier) send(now time.Duration, envelope []byte) {
	if c.rng.Float64() < c.loss {
		c.lost++
		return
	}
	if c.rng.Float64() < c.truncate {
		envelope = envelope[:c.rng.IntN(len(envelope))]
	}
	at := now + time.Duration(c.rng.Int64N(int64(c.maxDelay)))
	c.last = max(c.last, at)
	c.under = append(c.under, flight{c.last, envelope})
}

// cut breaks the carrier: what is under way is lost or comes much later, in any order.
func (c *carrier) cut(now time.Duration) {
	var late []flight
	for _, f := range c.under {
		if c.rng.IntN(2) == 0 {
			f.at = now + time.Duration(c.rng.Int64N(int64(20*c.maxDelay)))
			late = append(late, f)
		}
	}
	c.under = late
	c.last = now
	c.sort()
}

func (c *carrier) sort() {
	slices.SortStableFunc(c.under, func(a, b flight) int { return int(a.at - b.at) })
}

func (c *carrier) arrivals(now time.Duration) (envelopes [][]byte) {
	c.sort()
	for len(c.under) > 0 && c.under[0].at <= now {
		envelopes = append(envelopes, c.under[0].envelope)
		c.under = c.under[1:]
	}
	return envelopes
}
