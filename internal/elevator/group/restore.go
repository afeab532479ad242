package group

import (
	"cmp"
	"slices"

	"elevator/internal/elevator"
	"elevator/internal/elevator/control"
)

// restoreCar gives a car that started anew its facts back, before anything else:
// its riders, car calls, mode and last motion, the number of its last
// announcement, and the faults that its plant has. Then follow the floors locked to it, what operators wanted of it
// that it may never have heard, and the landing calls it goes for.
func (c *Control) restoreCar(car elevator.CarIndex, out []Output) []Output {
	state := c.group.Cars[car]
	state.Riders = slices.Clone(state.Riders)
	state.Direction = c.directionOf(car)
	riders := make([]elevator.Passenger, 0, len(state.Riders))
	for _, id := range state.Riders {
		if j, ok := c.group.Journey(id); ok {
			riders = append(riders, j.Passenger)
		}
	}
	order := &c.orders[car]
	out, m := send(Car, int(car), control.RestoreCar, out)
	m.Restored, m.Passengers, m.Floor, m.Stop = &state, riders, order.recall, c.open[car].heard
	m.Faults = order.drills
	if !state.LockedCalls.Empty() {
		out = c.tellLockedCalls(car, out)
	}
	if order.mode != state.Mode {
		out = c.sendMode(car, out)
	}
	out = c.tellAllLeft(car, out)
	out = c.remind(car, out)
	if park := c.view.Cars[car].Parking; park != elevator.NoFloor {
		out, m = send(Car, int(car), control.Park, out)
		m.Floor = park
	}
	return out
}

// remind tells a car again which landing calls it goes for: one that has started
// anew, or that may have let them go when its mode changed.
func (c *Control) remind(car elevator.CarIndex, out []Output) []Output {
	for i := range c.group.Calls {
		if call := &c.group.Calls[i]; call.Cars.Has(car) {
			out = c.tellCar(car, control.Assign, call.Key, out)
		}
	}
	return out
}

// restoreLanding gives a landing that started anew its waiting passengers, in their
// order, its lamps, what people were promised, and the cars that stand there with
// those who are boarding; then the announcements that it has not answered.
func (c *Control) restoreLanding(f elevator.FloorIndex, out []Output) []Output {
	out, m := send(Landing, int(f), control.RestoreLanding, out)
	m.Passengers = c.queueAt(f, func(elevator.PassengerID) bool { return true })
	for i := range c.group.Calls {
		if call := &c.group.Calls[i]; call.Key.Floor == f {
			m.Lamps = append(m.Lamps, call.Key)
		}
	}
	m.Report = &control.Report{
		Park: elevator.NoFloor, Recall: elevator.NoFloor, Stops: c.stopsAt(f), Promises: c.promisesAt(f),
	}
	out = c.announceAgain(f, out)
	if c.group.LockedLandings.Has(f) {
		out = c.tellLandingLock(f, out)
	}
	return out
}

// queueAt returns those of the people waiting at floor f who are wanted: first
// whoever was let out there before their floor, then the longest waiting.
func (c *Control) queueAt(f elevator.FloorIndex, wanted func(elevator.PassengerID) bool) []elevator.Passenger {
	var letOut, others []elevator.Passenger
	c.group.EachJourney(func(j *elevator.Journey) {
		switch p := j.Passenger; {
		case j.Car != elevator.NoCar || p.Floor != f || !wanted(p.ID):
		case j.BoardedAt > 0:
			letOut = append(letOut, p)
		default:
			others = append(others, p)
		}
	})
	for _, part := range [][]elevator.Passenger{letOut, others} {
		slices.SortFunc(part, func(a, b elevator.Passenger) int {
			return cmp.Or(cmp.Compare(a.ArrivesAt, b.ArrivesAt), cmp.Compare(a.ID, b.ID))
		})
	}
	return append(letOut, others...)
}

// stopsAt returns the cars that stand open at floor f and have the landing's answer.
func (c *Control) stopsAt(f elevator.FloorIndex) []control.CarStop {
	var stops []control.CarStop
	for car := range c.open {
		o := &c.open[car]
		s := o.at(f)
		if s == nil || s.answered == 0 {
			continue
		}
		stops = append(stops, control.CarStop{
			Car: elevator.CarIndex(car), Stop: s.answered, Direction: s.direction,
			RoomPersons: max(0, s.persons), RoomKg: max(0, s.kg), Boarding: o.sentFrom(f),
		})
	}
	return stops
}

// announceAgain tells landing f of the cars that stand open there and have no answer
// to their last announcement.
func (c *Control) announceAgain(f elevator.FloorIndex, out []Output) []Output {
	for car := range c.open {
		s := c.open[car].at(f)
		if s == nil || s.answered == s.stop || s.direction == elevator.None {
			continue
		}
		var m *control.Message
		out, m = send(Landing, int(f), control.Announce, out)
		m.Car, m.Floor, m.Stop, m.Direction = elevator.CarIndex(car), f, s.stop, s.direction
		m.RoomPersons, m.RoomKg = s.persons, s.kg
		if c.loads(m) && s.persons > 0 {
			m.Floors = c.load(m)
		}
	}
	return out
}
