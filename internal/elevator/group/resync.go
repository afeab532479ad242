package group

import (
	"math"
	"slices"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/control"
)

// carReport takes what a car knows that went on without the group control, and
// tells it what got lost meanwhile. One that has done nothing yet is restored.
func (c *Control) carReport(now time.Duration, car elevator.CarIndex, m *control.Message, out []Output) []Output {
	r := m.Report
	if r == nil || m.Floor == elevator.NoFloor || !c.mayBeFloor(r.Park) {
		return refuse(out, "car %d reports nothing", car)
	}
	order := &c.orders[car]
	if order.fault == elevator.NoFault { // nobody has raised or cleared one since
		order.drills = r.Faults
	}
	if !r.Active {
		return c.restoreCar(car, out)
	}
	c.view.Cars[car].Parking = r.Park
	order.recall = r.Recall
	if r.Floors != c.group.Cars[car].LockedCalls {
		out = c.tellLockedCalls(car, out)
	}
	switch {
	case r.Boards:
		announce := control.NewMessage(control.Announce)
		announce.Car, announce.Floor, announce.Stop, announce.Direction = car, m.Floor, r.Stop, r.Direction
		announce.RoomPersons, announce.RoomKg = r.RoomPersons, r.RoomKg
		out = c.carMessage(now, car, &announce, out)
	case r.Stands && r.Stop > c.open[car].heard:
		c.open[car].add(openStop{stop: r.Stop, floor: m.Floor, direction: r.Direction})
	}
	c.open[car].heard = max(c.open[car].heard, r.Stop)
	c.resumeBoarding(car, m.Floor, r)
	for _, key := range r.Calls {
		if i := c.group.CallIndex(key); i < 0 || !c.group.Calls[i].Cars.Has(car) {
			out = c.tellCar(car, control.Unassign, key, out)
		}
	}
	for i := range c.group.Calls {
		if call := &c.group.Calls[i]; call.Cars.Has(car) && !slices.Contains(r.Calls, call.Key) {
			out = c.tellCar(car, control.Assign, call.Key, out)
		}
	}
	return out
}

// resumeBoarding takes note of whom a landing has sent to the car: should it start
// anew, it knows no more of them and must not send them to another.
func (c *Control) resumeBoarding(car elevator.CarIndex, f elevator.FloorIndex, r *control.Report) {
	stop := c.open[car].at(f)
	if stop == nil || stop.stop != r.Stop {
		return
	}
	if r.Answered {
		stop.answered = r.Stop
	}
	for _, id := range r.Boarding {
		if c.waitsAt(id, f) {
			c.open[car].send(id, f)
		}
	}
}

// landingReport takes what a landing knows that went on without the group
// control, and tells it what got lost meanwhile.
func (c *Control) landingReport(now time.Duration, f elevator.FloorIndex, m *control.Message, out []Output) []Output {
	r := m.Report
	if r == nil {
		return refuse(out, "landing %d reports nothing", f)
	}
	if r.Locked != c.group.LockedLandings.Has(f) {
		out = c.tellLandingLock(f, out)
	}
	out = c.queueReported(now, f, r.Queue, out)
	out = c.promisesReported(now, f, r.Promises, out)
	for _, key := range r.Calls {
		if key.Floor == f && c.group.CallIndex(key) < 0 {
			out = c.lamp(key, false, elevator.NoCar, out)
		}
	}
	for i := range c.group.Calls {
		if call := &c.group.Calls[i]; call.Key.Floor == f && !slices.Contains(r.Calls, call.Key) {
			car := call.Car
			if c.promised(call.Key) {
				car = elevator.NoCar // each was told one of their own, or keys in again
			}
			out = c.lamp(call.Key, true, car, out)
		}
	}
	for _, id := range r.Waiting {
		if !c.waitsAt(id, f) {
			var gone *control.Message
			out, gone = send(Landing, int(f), control.Boarded, out)
			gone.Passenger, gone.Stop, gone.On = id, math.MaxUint32, true
		}
	}
	if c.settled {
		return c.settleLanding(f, r, out)
	}
	if c.reports == nil {
		c.reports = make([]*control.Report, len(c.building.Floors))
	}
	kept := *r
	kept.Waiting, kept.Stops = slices.Clone(r.Waiting), slices.Clone(r.Stops)
	c.reports[f] = &kept
	return out
}

// queueReported journals again that somebody has come who waits at the landing and of
// whom nothing is known: the journal has lost it.
func (c *Control) queueReported(now time.Duration, f elevator.FloorIndex, queue []elevator.Passenger, out []Output) []Output {
	for _, p := range queue {
		p.Floor = f
		if _, known := c.group.Journey(p.ID); known || !c.building.IsJourney(f, p.To) {
			continue
		}
		e := p.Arrival(now)
		out = c.journal(&e, out)
	}
	return out
}

// settle mends, now that every car has said what it knows or is gone, what
// landings believe of cars.
func (c *Control) settle(out []Output) []Output {
	c.settled = true
	for f, r := range c.reports {
		if r != nil {
			out = c.settleLanding(elevator.FloorIndex(f), r, out)
		}
	}
	c.reports = nil
	return out
}

// settleLanding ends the stops that are over, so that whoever has not boarded
// waits again, and lets those wait here whom the landing does not know: let out
// here, or taken for boarded though their car has lost them.
func (c *Control) settleLanding(f elevator.FloorIndex, r *control.Report, out []Output) []Output {
	for _, s := range r.Stops {
		if s.Car < 0 || int(s.Car) >= len(c.open) {
			continue
		}
		if now := c.open[s.Car].at(f); now == nil || now.stop < s.Stop {
			var left *control.Message
			out, left = send(Landing, int(f), control.Left, out)
			left.Car, left.Stop = s.Car, s.Stop
		}
	}
	unknown := c.queueAt(f, func(id elevator.PassengerID) bool { return !slices.Contains(r.Waiting, id) })
	if len(unknown) == 0 {
		return out
	}
	out, m := send(Landing, int(f), control.PutBack, out)
	m.Passengers = unknown
	return out
}
