package control

import (
	"time"

	"elevator/internal/elevator"
)

// stop is the state of one opening of the doors.
//
// Invariant: number grows with every announcement, also over a restart, so
// that the landing can tell a late answer.
type stop struct {
	number     uint32 // of the last announcement
	first      uint32 // of the first announcement since the doors began to open
	answered   uint64 // bit i: the landing has answered announcement first+i
	answerBy   time.Duration
	openedAt   time.Duration
	dwell      time.Duration
	heldUntil  time.Duration // something stands in the doorway, or closing has failed
	nudging    bool          // the doors close whatever stands there
	reopenings int
	handClose  bool // doors that are worked by hand are told to close

	transfer transfer
	rider    int // index of the rider in transfer
	ends     time.Duration
}

type transfer uint8

const (
	nobody transfer = iota
	boarding
	alighting
)

// awaits reports whether the answer to the last announcement is still to come.
func (s *stop) awaits() bool { return s.answered&(1<<((s.number-s.first)&63)) == 0 }

// answer takes note of the answer to an announcement and reports whether it
// is the first one, and one of this opening of the doors.
func (s *stop) answer(number uint32) bool {
	bit := uint64(1) << ((number - s.first) & 63)
	if number < s.first || number > s.number || s.answered&bit != 0 {
		return false
	}
	s.answered |= bit
	return true
}

// decline makes every answer to an announcement so far one that came too late,
// also should the car take people along again by then: to the group control and
// the landing they wait.
func (s *stop) decline() { s.answered |= 1<<(s.number-s.first+1) - 1 }

// openDoors begins to open the doors, or opens closing doors again, and
// announces to the landing whom the car takes along.
func (c *Car) openDoors(t time.Duration, d elevator.Direction) {
	c.plant.OpenDoors(t)
	if c.phase != closing {
		c.stop = stop{number: c.stop.number}
	}
	c.stop.first, c.stop.answered = 0, 0
	c.phase, c.direction, c.until = opening, d, t+c.timing.openOverdue
	c.recalled = c.recalled || c.floor == c.recallAt && c.recalling()
	c.stop.dwell = max(c.stop.dwell, c.timing.dwellCarCall)
	c.eventHere(t, elevator.DoorsOpening).Direction = c.invites()
	c.answerCarCall(t)
	c.announce(t)
}

// answerCarCall puts out the car call for the floor where the car stands.
func (c *Car) answerCarCall(t time.Duration) {
	if c.work.carCalls.Has(c.floor) {
		c.work.carCalls.Remove(c.floor)
		c.eventHere(t, elevator.CarCallAnswered)
	}
}

// invites returns for which direction the car asks people in: its own, or none
// where it takes nobody along.
func (c *Car) invites() elevator.Direction {
	if !c.boards() {
		return elevator.None
	}
	return c.direction
}

// announce tells the landing direction and room, and takes the landing call
// of that direction as answered.
func (c *Car) announce(t time.Duration) {
	d := c.invites()
	if c.work.landingAt(c.floor, d) {
		c.stop.dwell = max(c.stop.dwell, c.timing.dwellLandingCall)
		c.forgetLanding(c.floor, d)
	}
	c.stop.number++
	if c.stop.first == 0 || c.stop.number-c.stop.first > 63 {
		// The first number follows the clock, so that a car that has lost its
		// memory does not use one again.
		c.stop.number = max(c.stop.number, uint32(t/(10*time.Millisecond)))
		c.stop.first, c.stop.answered = c.stop.number, 0
	}
	c.stop.answerBy = t + c.patience
	if d == elevator.None {
		c.stop.answer(c.stop.number)
	}
	m := NewMessage(Announce)
	m.Car, m.Floor, m.Stop, m.Direction = c.index, c.floor, c.stop.number, d
	m.RoomPersons, m.RoomKg = c.room()
	c.out = append(c.out, Output{Message: m})
}

// takeHere answers a landing call for direction d that came while the car
// stands at its floor with doors that are not closed. A car that is bound the
// other way, has no room, or takes nobody along now, keeps the call for later; one
// that does not know yet for how many it has room, until it has the answer to its
// last announcement.
func (c *Car) takeHere(t time.Duration, d elevator.Direction) {
	if c.phase != closing && c.stop.awaits() {
		return
	}
	if persons, kg := c.room(); persons == 0 || kg <= elevator.GraceKg || c.bound(-d) || !c.boards() {
		return
	}
	if c.phase == closing {
		c.reopen(t, d)
		return
	}
	c.direction = d
	c.announce(t)
}

// bound reports whether the car has to go in direction d: for a car call, for
// people who are boarding, or for those it has just asked to.
func (c *Car) bound(d elevator.Direction) bool {
	if beyond(&c.work.carCalls, c.floor, d) != elevator.NoFloor {
		return true
	}
	return c.direction == d && (len(c.boarders) > 0 || c.stop.transfer == boarding || c.stop.awaits())
}

// reopen opens closing doors again, not for ever: after maxReopenings the car
// leaves.
func (c *Car) reopen(t time.Duration, d elevator.Direction) {
	if !c.timing.reopens || c.stop.reopenings >= maxReopenings || c.stop.nudging {
		return
	}
	c.stop.reopenings++
	c.openDoors(t, d)
}

func (c *Car) doorsOpened(t time.Duration) {
	c.phase, c.stop.openedAt = open, t
	c.eventHere(t, elevator.DoorsOpened)
	c.clear(t, elevator.FaultDoorOpening)
	c.nextTransfer(t)
}

// stopDue returns when something happens at open doors.
func (c *Car) stopDue() time.Duration {
	if c.stop.transfer != nobody {
		return c.stop.ends
	}
	switch {
	case c.staysOpen():
		return Never
	case c.recalling() && !c.recalled, c.worksDoorsByHand():
		return max(c.stop.openedAt, c.stop.heldUntil)
	}
	dwell := c.stop.dwell
	if c.awaitsVIP() {
		dwell = max(dwell, awaitVIP)
	}
	closeAt := max(c.stop.openedAt+dwell, c.stop.heldUntil)
	if c.stop.awaits() {
		closeAt = max(closeAt, c.stop.answerBy)
	}
	return closeAt
}

// staysOpen reports whether the doors stay open until something is told.
func (c *Car) staysOpen() bool {
	if c.recalling() {
		return c.recalled && (c.conduct.recallOpen || c.blocked())
	}
	return c.conduct.opensUncalled && c.work.carCalls.Empty() || c.worksDoorsByHand() && !c.stop.handClose
}

func (c *Car) stopProceed(t time.Duration) {
	if c.stop.transfer != nobody {
		c.finishTransfer(t)
		c.nextTransfer(t)
		return
	}
	// Before the doors close, people going the other way are asked in if this
	// is where the car turns.
	w := c.takes()
	if d := w.serve(c.floor, c.direction, false, c.law); w.landingAt(c.floor, d) {
		c.direction = d
		c.announce(t)
		return
	}
	if c.overloaded() {
		c.raise(t, elevator.FaultOverload)
		c.stepOut(t)
		return
	}
	c.clear(t, elevator.FaultOverload)
	if c.plant.Sense(t).Obstructed && t < c.stop.openedAt+nudgeAfter {
		c.stop.heldUntil = t + lookAgain
		return
	}
	c.stop.nudging = c.plant.Sense(t).Obstructed
	c.closeDoors(t)
}

func (c *Car) closeDoors(t time.Duration) {
	c.phase, c.until = closing, t+c.timing.closeOverdue
	c.plant.CloseDoors(t)
	c.eventHere(t, elevator.DoorsClosing)
}

func (c *Car) doorsClosed(t time.Duration) {
	c.phase = resting
	c.boarders = c.boarders[:0]
	c.stop = stop{number: c.stop.number}
	c.eventHere(t, elevator.DoorsClosed)
	c.clear(t, elevator.FaultDoorClosing)
	c.reachRecall()
	c.standsSince = t
	c.decide(t)
}
