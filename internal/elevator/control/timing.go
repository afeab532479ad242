package control

import (
	"time"

	"elevator/internal/elevator"
)

const (
	// firstPatience is how long open doors wait for the landing's answer to
	// an announcement, so that a slow network does not leave people behind.
	// Every answer that comes too late doubles it, up to lastPatience.
	firstPatience = 2 * time.Second
	lastPatience  = 30 * time.Second
	// parkAfter is how long a car without work waits before it leaves for its
	// parking floor: a call that is given to it at the end of its last journey
	// finds it there, although the word takes a moment to arrive.
	parkAfter = time.Second
	// maxReopenings is how often closing doors open again for a call; then
	// the car leaves (nudging).
	maxReopenings = 3
	// nudgeAfter is how long doors wait for whatever stands in their way
	// before they close regardless, slowly (nudging).
	nudgeAfter = 25 * time.Second
	// awaitVIP is how long a car on a priority ride stands open where it was
	// called to; then it returns to the group.
	awaitVIP = 30 * time.Second
	// lookAgain is how often obstructed doors look whether they are free.
	lookAgain = time.Second
	// doorsOverdue is when doors that have not reached their end are at fault, or
	// twice the time that they take, where that is longer.
	doorsOverdue = 10 * time.Second
	// flightOverdue is how much longer than the law of motion says a flight may
	// take.
	flightOverdue = 10 * time.Second
	// tryAgain is how long after a failure the car tries once more.
	tryAgain = 5 * time.Second
)

// timing holds the times of a stop under the building's motion model.
type timing struct {
	dwellCarCall     time.Duration
	dwellLandingCall time.Duration
	reopens          bool // closing doors can be opened again
	transfer         time.Duration
	openOverdue      time.Duration // after they began to open doors are at fault
	closeOverdue     time.Duration
}

func newTiming(b *elevator.Building) timing {
	overdue := func(doors time.Duration) time.Duration { return max(doorsOverdue, 2*doors) }
	if b.Motion.Model == elevator.FloorTime {
		half := overdue(b.Motion.StopOverhead / 2)
		return timing{transfer: b.Transfer.Mean, openOverdue: half, closeOverdue: half}
	}
	return timing{
		dwellCarCall: b.Doors.DwellCarCall, dwellLandingCall: b.Doors.DwellLandingCall,
		reopens: true, transfer: b.Transfer.Mean,
		openOverdue: overdue(b.Doors.Open), closeOverdue: overdue(b.Doors.Close),
	}
}

func (t *timing) board(p *elevator.Passenger) time.Duration {
	if p.BoardTime > 0 {
		return p.BoardTime
	}
	return t.transfer
}

func (t *timing) alight(p *elevator.Passenger) time.Duration {
	if p.AlightTime > 0 {
		return p.AlightTime
	}
	return t.transfer
}
