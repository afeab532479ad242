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

// restoreLanding gives a landing that started anew its waiting passengers, the
// longest waiting first, and its lamps.
func (c *Control) restoreLanding(f elevator.FloorIndex, out []Output) []Output {
	var waiting []elevator.Passenger
	c.group.EachJourney(func(j *elevator.Journey) {
		if j.Car == elevator.NoCar && j.Passenger.Floor == f {
			waiting = append(waiting, j.Passenger)
		}
	})
	slices.SortFunc(waiting, func(a, b elevator.Passenger) int {
		return cmp.Or(cmp.Compare(a.ArrivesAt, b.ArrivesAt), cmp.Compare(a.ID, b.ID))
	})
	var lamps []elevator.CallKey
	for i := range c.group.Calls {
		if call := &c.group.Calls[i]; call.Key.Floor == f {
			lamps = append(lamps, call.Key)
		}
	}
	out, m := send(Landing, int(f), control.RestoreLanding, out)
	m.Passengers, m.Lamps = waiting, lamps
	for i := range c.group.Calls {
		if call := &c.group.Calls[i]; call.Key.Floor == f && call.Key.To != elevator.NoFloor {
			out = c.lamp(call.Key, true, call.Car, out)
		}
	}
	if c.group.LockedLandings.Has(f) {
		out = c.tellLandingLock(f, out)
	}
	return out
}
