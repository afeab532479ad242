package motion

import (
	"math"
	"time"

	"elevator/internal/elevator"
)

// FloorAt returns the floor at which a car of this height stands, or NoFloor
// where it hangs between two.
func (l *Law) FloorAt(positionM float64) elevator.FloorIndex {
	f := l.NearestFloor(positionM)
	if math.Abs(l.elevationM[f]-positionM) > landingZoneM {
		return elevator.NoFloor
	}
	return f
}

// NearestFloor returns the floor whose elevation is nearest to a height.
func (l *Law) NearestFloor(positionM float64) elevator.FloorIndex {
	best := 0
	for f := range l.elevationM {
		if math.Abs(l.elevationM[f]-positionM) < math.Abs(l.elevationM[best]-positionM) {
			best = f
		}
	}
	return elevator.FloorIndex(best)
}

// LevellingTime returns how long a levelling run from a height to a floor
// takes.
func (l *Law) LevellingTime(fromM float64, to elevator.FloorIndex) time.Duration {
	return nearest(math.Abs(l.elevationM[to]-fromM) / LevellingSpeedMps)
}

// LevellingAt returns height and speed elapsed after the start of a levelling
// run.
func (l *Law) LevellingAt(fromM float64, to elevator.FloorIndex, elapsed time.Duration) (positionM, speedMps float64) {
	if elapsed >= l.LevellingTime(fromM, to) {
		return l.elevationM[to], 0
	}
	speed := math.Copysign(LevellingSpeedMps, l.elevationM[to]-fromM)
	return fromM + speed*max(elapsed, 0).Seconds(), speed
}

// CarAt returns height and speed of a car of the group at the building's time
// now. A flight that did not begin at a floor is a levelling run.
func (l *Law) CarAt(c *elevator.Car, now time.Duration) (positionM, speedMps float64) {
	if !c.Moving || c.Target == elevator.NoFloor {
		return c.FromM, 0
	}
	if math.Abs(l.elevationM[c.Floor]-c.FromM) > landingZoneM {
		return l.LevellingAt(c.FromM, c.Target, now-c.DepartedAt)
	}
	return l.At(c.Floor, c.Target, now-c.DepartedAt)
}
