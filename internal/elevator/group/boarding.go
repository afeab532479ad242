package group

import (
	"slices"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/control"
)

// board forwards the landing's answer to an announcement to the car. While the
// car's stop is open its passengers go with it, but for those whom a landing that
// has lost its memory offers once too often: who has gone is reported to it as
// boarded, and who was sent to another open car stays until that car has left.
// Of a stop that is over only the answer itself is passed on, so that the car
// learns how long it takes.
func (c *Control) board(now time.Duration, f elevator.FloorIndex, m *control.Message, out []Output) []Output {
	c.boarders = c.boarders[:0]
	stop := c.open[m.Car].at(f)
	news := stop != nil && m.Stop > stop.answered // not said before
	if news {
		stop.answered = m.Stop
	}
	for i := range m.Passengers {
		p := &m.Passengers[i]
		switch {
		case stop == nil:
		case !c.waitsAt(p.ID, f):
			var gone *control.Message
			out, gone = send(Landing, int(f), control.Boarded, out)
			gone.Car, gone.Stop, gone.Passenger = m.Car, m.Stop, p.ID
		case !c.sentElsewhere(p.ID, m.Car):
			c.open[m.Car].send(p.ID, f)
			stop.persons--
			stop.kg -= c.building.CountedKg(m.Car, p)
			c.boarders = append(c.boarders, *p)
		}
	}
	out = append(out, Output{To: Car, Index: int(m.Car), Message: *m})
	out[len(out)-1].Message.Passengers = c.boarders
	if !news || c.promiser == nil || !c.building.DestinationAt(f) {
		return out
	}
	return c.panelAnswered(now, m.Car, stop, m.Floors, out)
}

// waitsAt reports whether the passenger waits at floor f.
func (c *Control) waitsAt(id elevator.PassengerID, f elevator.FloorIndex) bool {
	j, ok := c.group.Journey(id)
	return ok && j.Car == elevator.NoCar && j.Passenger.Floor == f
}

// sentElsewhere reports whether the passenger was sent to an open car other than
// this one.
func (c *Control) sentElsewhere(id elevator.PassengerID, car elevator.CarIndex) bool {
	for i := range c.open {
		if elevator.CarIndex(i) != car && c.open[i].wasSent(id) {
			return true
		}
	}
	return false
}

// sent is a passenger who was sent to a car and has not stepped in yet.
type sent struct {
	id    elevator.PassengerID
	floor elevator.FloorIndex
}

func (o *openStops) send(id elevator.PassengerID, f elevator.FloorIndex) {
	if !o.wasSent(id) {
		o.sent = append(o.sent, sent{id, f})
	}
}

func (o *openStops) wasSent(id elevator.PassengerID) bool {
	return slices.ContainsFunc(o.sent, func(s sent) bool { return s.id == id })
}

// sentFrom returns who was sent from floor f.
func (o *openStops) sentFrom(f elevator.FloorIndex) []elevator.PassengerID {
	var ids []elevator.PassengerID
	for _, s := range o.sent {
		if s.floor == f {
			ids = append(ids, s.id)
		}
	}
	return ids
}

// boarded forgets a passenger who has stepped in.
func (o *openStops) boarded(id elevator.PassengerID) {
	o.sent = slices.DeleteFunc(o.sent, func(s sent) bool { return s.id == id })
}

// forget forgets those who were sent to a stop that is over.
func (o *openStops) forget(f elevator.FloorIndex) {
	o.sent = slices.DeleteFunc(o.sent, func(s sent) bool { return s.floor == f })
}
