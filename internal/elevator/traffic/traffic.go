// Package traffic says who arrives when: the passengers of a run, in the order
// of their arrival, from a profile, a trace or an earlier journal.
//
// A Spec names the traffic, New makes a Source of it, and the simulator and
// the scheduler take passengers from the source one by one. Nothing that
// happens to a passenger flows back, so two dispatchers that are given the
// same building, Spec and seed meet the same people, and can be compared
// passenger by passenger.
//
// A profile is a Poisson process whose rates change in steps. Each floor has
// its own stream of random numbers, made from the seed and the floor's number,
// and the arrivals of all floors are merged: what happens at one floor does not
// change with the traffic of another.
//
// A Source belongs to one goroutine.
package traffic

import (
	"fmt"
	"time"

	"elevator/internal/elevator"
)

// Source yields passengers in the order of their arrival.
type Source interface {
	// Next returns the next passenger, or false when nobody comes any more.
	// After an error or false it goes on returning the same.
	Next() (elevator.Passenger, bool, error)
}

// New returns the source of the traffic that spec describes for building b.
// Passengers are numbered from 1. Those who would arrive at duration or later
// do not come; a duration of 0 means that arrivals never stop (those of a
// trace stop at its end). A source that reads a file closes it at its end and
// is an io.Closer for those who stop earlier.
func New(b *elevator.Building, spec Spec, seed uint64, duration time.Duration) (Source, error) {
	if duration < 0 {
		return nil, fmt.Errorf("traffic %s: duration %v is negative", spec, duration)
	}
	if spec.Trace != "" {
		return openTrace(b, spec.Trace, seed, duration)
	}
	phases, err := spec.demand(b)
	if err != nil {
		return nil, fmt.Errorf("traffic %s: %w", spec, err)
	}
	return newPoisson(b, spec, phases, seed, duration), nil
}

// Collect returns all passengers of a source that ends.
func Collect(source Source) ([]elevator.Passenger, error) {
	var all []elevator.Passenger
	for {
		p, more, err := source.Next()
		if err != nil || !more {
			return all, err
		}
		all = append(all, p)
	}
}
