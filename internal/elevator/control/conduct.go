package control

import (
	"time"

	"elevator/internal/elevator"
)

// conduct is what a mode of operation means for a car.
type conduct struct {
	landing       bool   // it answers landing calls
	buttons       bool   // car calls can be registered
	boards        bool   // it takes people along
	opensUncalled bool   // without a car call its doors stand open
	doorsByHand   bool   // they move as they are told, and only then
	recall        recall // where it goes, lets everybody out, and stays
	finishes      bool   // before it goes there it answers the car calls it has
	recallOpen    bool   // it stays there with open doors
}

type recall uint8

const (
	notRecalled recall = iota
	toFloor            // the one named with the mode
	toHome
	toNextFloor // the nearest at which it can still stop
)

// conductOf returns how a car of that mode behaves.
func conductOf(m elevator.Mode) conduct {
	switch m {
	case elevator.ModeNormal, elevator.ModeParking, elevator.ModeHoming:
		return conduct{landing: true, buttons: true, boards: true}
	case elevator.ModeVIP, elevator.ModeOccupantEvacuation:
		return conduct{buttons: true}
	case elevator.ModeAttendantControl:
		return conduct{buttons: true, boards: true, opensUncalled: true}
	case elevator.ModeFirefighterControl:
		return conduct{buttons: true, doorsByHand: true}
	case elevator.ModeFireOperation, elevator.ModeEmergencyPower, elevator.ModeCabinetRecall:
		return conduct{recall: toFloor, recallOpen: true}
	case elevator.ModeEarthquakeOperation:
		return conduct{recall: toNextFloor, recallOpen: true}
	case elevator.ModeInspection:
		// Who inspects drives it slowly from the station on its roof, which belongs to
		// the plant: in a simulated one nobody stands there.
		return conduct{recall: toNextFloor}
	}
	return conduct{recall: toHome, finishes: true}
}

// Boards reports whether a car of that mode and with those faults takes people
// along; one that does not forgets whom it was about to take.
func Boards(m elevator.Mode, faults elevator.FaultSet) bool {
	return conductOf(m).boards && faults&^workable == 0
}

// TakesCarCalls reports whether car calls can be registered in a car of that
// mode and with those faults.
func TakesCarCalls(m elevator.Mode, faults elevator.FaultSet) bool {
	return conductOf(m).buttons && faults&^workable == 0
}

// setMode changes the mode of operation, and where a recall goes to.
func (c *Car) setMode(t time.Duration, m elevator.Mode, f elevator.FloorIndex) {
	before := c.recallAt
	if m == elevator.ModeUnknown {
		return
	}
	changed, next := m != c.mode, conductOf(m)
	if next.finishes {
		// Whoever is just stepping in still presses their floor.
		c.ridersPress(t)
	}
	c.mode, c.conduct, c.asked = m, next, f
	c.setRecall(t)
	if !changed && c.recallAt == before {
		c.callVIP(t)
		return
	}
	if changed {
		e := c.event(t, elevator.ModeChanged)
		e.Mode = m
	}
	c.recalled = false
	if !c.conduct.landing {
		c.pressed, c.work.landing, c.promised = [2]elevator.FloorSet{}, [2]elevator.FloorSet{}, c.promised[:0]
	}
	if c.conduct.recall != notRecalled && !c.conduct.finishes {
		c.cancelCarCalls(t)
	}
	c.ridersPress(t)
	c.callVIP(t)
	c.reconsider(t)
}

// callVIP registers the call of a priority ride: a car in mode vip that was
// named a floor goes there, past nobody who is aboard and wants out.
func (c *Car) callVIP(t time.Duration) {
	if c.ridesVIP() {
		c.registerCall(t, c.asked, false)
	}
}

// ridesVIP reports whether the car is on a priority ride, as distinct from one
// that is in mode vip until it is told otherwise.
func (c *Car) ridesVIP() bool { return c.mode == elevator.ModeVIP && c.asked != elevator.NoFloor }

// awaitsVIP reports whether the car stands where it was called to on a priority
// ride and has not been told where to go.
func (c *Car) awaitsVIP() bool {
	return c.ridesVIP() && c.floor == c.asked && c.work.carCalls.Empty()
}

// endsVIP reports whether a priority ride is over: the doors have closed and
// nobody has pressed a further floor.
func (c *Car) endsVIP() bool { return c.ridesVIP() && c.work.carCalls.Empty() && !c.blocked() }

// setRecall works out where a recalled car goes.
func (c *Car) setRecall(t time.Duration) {
	switch c.recallsTo() {
	case notRecalled:
		c.recallAt = elevator.NoFloor
	case toFloor:
		c.recallAt = c.asked
		if c.asked == elevator.NoFloor {
			c.recallAt = c.building.MainTerminal()
		}
		if !c.spec.Serves.Has(c.recallAt) {
			c.recallAt = c.spec.Home
		}
	case toHome:
		c.recallAt = c.spec.Home
	case toNextFloor:
		c.recallAt = c.nextFloor(t)
	}
}

// recallsTo is the recall of the mode, or that of a fault.
func (c *Car) recallsTo() recall {
	if c.blocked() {
		return toNextFloor
	}
	return c.conduct.recall
}

// nextFloor returns the floor where the car stands, or the first one on its
// way that it serves and can still stop at.
func (c *Car) nextFloor(t time.Duration) elevator.FloorIndex {
	if c.phase != travelling {
		return c.floor
	}
	if c.committed(t) {
		return c.target
	}
	f := c.law.NextStop(c.floor, c.target, t-c.departedAt)
	if c.spec.Serves.Has(f) {
		return f
	}
	return beyond(&c.spec.Serves, f, c.direction)
}

// recalling reports whether the car does nothing now but go where its mode or
// a fault sends it.
func (c *Car) recalling() bool {
	if c.blocked() {
		return true
	}
	return c.conduct.recall != notRecalled && (!c.conduct.finishes || c.work.carCalls.Empty())
}

// boards reports whether the car takes people along at all.
func (c *Car) boards() bool { return c.conduct.boards && !c.recalling() }

// emptiesHere reports whether everybody is let out where the car stands.
func (c *Car) emptiesHere() bool { return c.floor == c.recallAt && c.recalling() }

// reachRecall ends the recall of a car that has nobody to let out and is not
// to stand open.
func (c *Car) reachRecall() {
	if c.emptiesHere() && len(c.riders) == 0 && !c.conduct.recallOpen && !c.blocked() {
		c.recalled = true
	}
}

// reconsider looks at everything again after the mode or the faults have
// changed.
func (c *Car) reconsider(t time.Duration) {
	if c.phase != travelling {
		c.followRiders()
		c.reachRecall()
	}
	if !c.boards() {
		c.boarders = c.boarders[:0]
		c.stop.decline()
	}
	switch c.phase {
	case opening, open, closing:
		if c.recalling() && c.floor == c.recallAt {
			c.recalled = true
			if c.phase == closing {
				c.openDoors(t, elevator.None)
			}
		}
		if c.phase == open {
			// Doors that have stood open are given a dwell of their own.
			c.stop.openedAt = t
		}
		if c.phase == open && c.stop.transfer == nobody {
			c.nextTransfer(t)
		}
	default:
		c.workChanged(t)
	}
}
