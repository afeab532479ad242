package group

import (
	"cmp"
	"slices"

	"elevator/internal/elevator"
	"elevator/internal/elevator/control"
)

// restoreCar gives a car that started anew its facts back: its riders, car
// calls, mode and last motion, the floors locked to it, and the landing calls it
// goes for.
func (c *Control) restoreCar(car elevator.CarIndex, out []Output) []Output {
	out = c.tellAllLeft(car, out)
	state := c.group.Cars[car]
	state.Riders = slices.Clone(state.Riders)
	riders := make([]elevator.Passenger, 0, len(state.Riders))
	for _, id := range state.Riders {
		if j, ok := c.group.Journey(id); ok {
			riders = append(riders, j.Passenger)
		}
	}
	out, m := send(Car, int(car), control.RestoreCar, out)
	m.Restored, m.Passengers = &state, riders
	if !c.locked.Empty() {
		out, m = send(Car, int(car), control.LockCarCalls, out)
		m.Floors = c.locked
	}
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
	if c.locked.Has(f) {
		out, m = send(Landing, int(f), control.LockLanding, out)
		m.On = true
	}
	return out
}
