package motion

import (
	"math"
	"time"

	"elevator/internal/elevator"
)

// LevellingSpeedMps is the speed of a levelling run, in metres per second: the
// slow run to the next floor of a car that was found between two.
const LevellingSpeedMps = 0.25

// landingZoneM is how far from a floor's elevation a car still counts as
// standing at that floor.
const landingZoneM = 0.01

// Law holds the travel times of one building.
//
// Invariant: FlightTime and CommitTime grow with the distance, and
// CommitTime < FlightTime.
type Law struct {
	model      elevator.MotionModel
	limits     limits
	elevationM []float64
	startDelay time.Duration
	floorTime  time.Duration
	turn       time.Duration
	flight     []time.Duration // by from*floors+to
	commit     []time.Duration
}

// NewLaw computes the travel times of building b. It takes a few milliseconds
// for the tallest building and is done once.
func NewLaw(b *elevator.Building) *Law {
	n := len(b.Floors)
	l := &Law{
		model:      b.Motion.Model,
		limits:     newLimits(b.Motion.SpeedMps, b.Motion.AccelerationMps2, b.Motion.JerkMps3),
		elevationM: make([]float64, n),
		flight:     make([]time.Duration, n*n),
		commit:     make([]time.Duration, n*n),
	}
	for f := range b.Floors {
		l.elevationM[f] = b.Floors[f].ElevationM
	}
	if l.model == elevator.FloorTime {
		l.floorTime, l.turn = b.Motion.FloorTime, b.Motion.TurnTime
	} else {
		l.startDelay = b.Motion.StartDelay
	}
	for from := range n {
		for to := range n {
			i := from*n + to
			switch {
			case from == to:
			case l.model == elevator.FloorTime:
				l.flight[i] = time.Duration(max(from-to, to-from)) * l.floorTime
				l.commit[i] = l.flight[i] - l.floorTime/2
			default:
				p := l.profile(elevator.FloorIndex(from), elevator.FloorIndex(to))
				l.flight[i] = l.startDelay + nearest(p.seconds()) + b.Motion.Levelling
				l.commit[i] = l.startDelay + time.Duration(p.commitSeconds()*float64(time.Second))
			}
		}
	}
	return l
}

// FlightTime returns the time from departure to arrival, start delay and
// levelling included, turn time not.
func (l *Law) FlightTime(from, to elevator.FloorIndex) time.Duration {
	return l.flight[int(from)*len(l.elevationM)+int(to)]
}

// CommitTime returns the last moment, counted from the departure at from, at
// which a car on its way to the floor to or beyond can still be made to stop
// at to, and at which one on its way to to can still be sent further.
func (l *Law) CommitTime(from, to elevator.FloorIndex) time.Duration {
	return l.commit[int(from)*len(l.elevationM)+int(to)]
}

// TurnTime returns how long a car waits before it departs against its last
// direction.
func (l *Law) TurnTime() time.Duration { return l.turn }

// ElevationM returns the height of a floor above the lowest one, in metres.
func (l *Law) ElevationM(f elevator.FloorIndex) float64 { return l.elevationM[f] }

// NextStop returns the nearest floor at which a flight that left from for to
// can still end after elapsed; once it has begun to brake that is to itself.
func (l *Law) NextStop(from, to elevator.FloorIndex, elapsed time.Duration) elevator.FloorIndex {
	step := elevator.FloorIndex(elevator.Toward(from, to))
	for f := from; f != to; {
		f += step
		if elapsed <= l.CommitTime(from, f) {
			return f
		}
	}
	return to
}

// CanRetarget reports whether a flight that left from for to can after elapsed
// be made to end at other instead. Its position stays the same function of
// time until then.
func (l *Law) CanRetarget(from, to, other elevator.FloorIndex, elapsed time.Duration) bool {
	if to == other {
		return true
	}
	return elevator.Toward(from, to) == elevator.Toward(from, other) &&
		elapsed <= min(l.CommitTime(from, to), l.CommitTime(from, other))
}

// At returns the height in metres and the speed in metres per second, positive
// upwards, of a car elapsed after its departure.
func (l *Law) At(from, to elevator.FloorIndex, elapsed time.Duration) (positionM, speedMps float64) {
	if elapsed >= l.FlightTime(from, to) {
		return l.elevationM[to], 0
	}
	if l.model == elevator.FloorTime {
		return l.floorTimeAt(from, to, elapsed)
	}
	sign := float64(elevator.Toward(from, to))
	p := l.profile(from, to)
	metres, mps := p.at((elapsed - l.startDelay).Seconds())
	return l.elevationM[from] + sign*metres, sign * mps
}

func (l *Law) floorTimeAt(from, to elevator.FloorIndex, elapsed time.Duration) (positionM, speedMps float64) {
	if elapsed <= 0 {
		return l.elevationM[from], 0
	}
	step := elevator.FloorIndex(elevator.Toward(from, to))
	f := from + step*elevator.FloorIndex(elapsed/l.floorTime)
	height := l.elevationM[f+step] - l.elevationM[f]
	passed := float64(elapsed%l.floorTime) / float64(l.floorTime)
	return l.elevationM[f] + height*passed, height / l.floorTime.Seconds()
}

// profile returns the run between two floors under the S-curve model.
func (l *Law) profile(from, to elevator.FloorIndex) profile {
	return l.limits.over(math.Abs(l.elevationM[to] - l.elevationM[from]))
}

func nearest(seconds float64) time.Duration {
	return time.Duration(math.Round(seconds * float64(time.Second)))
}
