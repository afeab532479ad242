package control

import (
	"slices"
	"time"

	"elevator/internal/elevator"
)

// takeAboard accepts the landing's answer to an announcement. Passengers who
// do not fit, or could not get where they want, stay on the landing.
func (c *Car) takeAboard(t time.Duration, in *Message) {
	if in.Car != c.index || in.Stop > c.stop.number {
		return
	}
	if in.Floor != c.floor || c.phase != opening && c.phase != open || in.Stop < c.stop.first {
		c.patience = min(2*c.patience, lastPatience)
		return
	}
	if !c.stop.answer(in.Stop) || !c.boards() {
		return
	}
	for i := range in.Passengers {
		p := &in.Passengers[i]
		persons, kg := c.room()
		fits := persons > 0 && c.building.CountedKg(c.index, p) <= kg+elevator.GraceKg
		if fits && elevator.Toward(c.floor, p.To) == c.direction && c.direction != elevator.None &&
			c.accepts(p.To) && !c.knows(p.ID) {
			c.boarders = append(c.boarders, *p)
		}
	}
	if c.work.landingAt(c.floor, c.direction) {
		c.takeHere(t, c.direction) // somebody has come since the announcement
	}
	if c.phase == open && c.stop.transfer == nobody {
		c.nextTransfer(t)
	}
}

// knows reports whether a passenger is aboard or about to board.
func (c *Car) knows(id elevator.PassengerID) bool {
	is := func(p elevator.Passenger) bool { return p.ID == id }
	return slices.ContainsFunc(c.riders, is) || slices.ContainsFunc(c.boarders, is)
}

// nextTransfer lets the next person through the doors: first those who get
// out, then those who get in, one after another.
func (c *Car) nextTransfer(t time.Duration) {
	if i := slices.IndexFunc(c.riders, func(p elevator.Passenger) bool { return c.leavesHere(&p) }); i >= 0 {
		c.stop.transfer, c.stop.rider = alighting, i
		c.stop.ends = t + c.timing.alight(&c.riders[i])
		return
	}
	if len(c.boarders) == 0 {
		c.stop.transfer = nobody
		return
	}
	c.riders = append(c.riders, c.boarders[0])
	c.boarders = slices.Delete(c.boarders, 0, 1)
	c.stop.transfer, c.stop.rider = boarding, len(c.riders)-1
	p := &c.riders[c.stop.rider]
	c.stop.ends = t + c.timing.board(p)
	c.eventHere(t, elevator.PassengerBoarded).Passenger = p.ID
}

// stepOut lets the rider who came in last get out again, of a car that is
// overloaded; one whom the load cell sees though nobody is aboard waits.
func (c *Car) stepOut(t time.Duration) {
	if len(c.riders) == 0 {
		c.stop.heldUntil = t + lookAgain
		return
	}
	c.boarders = c.boarders[:0]
	c.stop.transfer, c.stop.rider = alighting, len(c.riders)-1
	c.stop.ends = t + c.timing.alight(&c.riders[c.stop.rider])
	c.stop.heldUntil = c.stop.ends + lookAgain
}

// finishTransfer ends the step of one person: out of the car, or into it,
// where they press the button of their floor.
func (c *Car) finishTransfer(t time.Duration) {
	p := &c.riders[c.stop.rider]
	if c.stop.transfer == boarding {
		c.pressFloor(t, p.To)
		return
	}
	c.eventHere(t, elevator.PassengerAlighted).Passenger = p.ID
	c.riders = slices.Delete(c.riders, c.stop.rider, c.stop.rider+1)
}
