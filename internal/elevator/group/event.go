package group

import (
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/control"
	"elevator/internal/elevator/dispatch"
)

// event folds what happened to a car or a landing, journals it, and does what
// follows from it.
func (c *Control) event(now time.Duration, in *elevator.Event, out []Output) []Output {
	at := len(out)
	out = append(out, Output{})
	e := &out[at].Event
	*e = *in
	e.T, e.Seq = now, c.seq+1
	if by := c.orderedBy(in); by != "" && e.Detail == nil {
		e.Detail = &elevator.Detail{By: by}
	}
	if err := c.group.Apply(e); err != nil {
		out[at] = Output{Refused: err}
		return out
	}
	c.seq++
	switch in.Kind {
	case elevator.PassengerArrived:
		return out
	case elevator.PassengerBoarded:
		c.open[in.Car].boarded(in.Passenger)
		out = c.tellBoarded(in, out)
		c.view.Changed |= dispatch.LoadChanged
	case elevator.PassengerAlighted:
		if j, waits := c.group.Journey(in.Passenger); waits {
			out = c.putBack(j.Passenger, out) // let out before their floor
		}
		c.view.Changed |= dispatch.LoadChanged
	case elevator.CarCallRegistered, elevator.CarCallAnswered:
		c.view.Changed |= dispatch.LoadChanged
	case elevator.CarDeparted, elevator.CarArrived, elevator.DoorsOpening, elevator.DoorsOpened, elevator.DoorsClosing:
		// A changed target is not among them: it only follows from what the
		// dispatcher or a rider wanted, and asking again could go on for ever.
		c.view.Changed |= dispatch.MotionChanged
		if in.Kind == elevator.CarDeparted {
			c.open[in.Car].floor = elevator.NoFloor
		}
	case elevator.DoorsClosed:
		out = c.neverAnswered(now, in.Car, in.Floor, out)
		out = c.tellLeft(in.Car, in.Floor, out)
		c.view.Changed |= dispatch.MotionChanged
	case elevator.CarRecovered:
		out = c.tellAllLeft(in.Car, out)
		c.view.Changed |= dispatch.MotionChanged
	case elevator.ModeChanged, elevator.FaultRaised, elevator.FaultCleared:
		c.view.Changed |= dispatch.ServiceChanged
		if in.Car != elevator.NoCar && !control.Boards(c.group.Cars[in.Car].Mode, c.group.Cars[in.Car].Faults) {
			// It may stand open for hours and takes nobody.
			out = c.tellAllLeft(in.Car, out)
		}
	case elevator.TaskStateChanged:
		c.view.Changed |= dispatch.ServiceChanged
		if car := elevator.TaskCar(in.Detail.Task); car >= 0 && int(car) < len(c.group.Cars) {
			c.silent = c.silent.Without(car)
			if !c.group.Cars[car].TaskRunning {
				out = c.tellAllLeft(car, out)
			}
			c.viewCar(car)
		}
	}
	if in.Car == elevator.NoCar {
		return out
	}
	if in.Kind == elevator.ModeChanged && in.Mode == elevator.ModeNormal {
		c.orders[in.Car].rodeVIP()
	}
	c.viewCar(in.Car)
	if (in.Kind == elevator.ModeChanged || in.Kind == elevator.FaultCleared) && c.view.Cars[in.Car].InGroup {
		out = c.remind(in.Car, out)
	}
	return out
}

func (c *Control) tellBoarded(e *elevator.Event, out []Output) []Output {
	out, m := send(Landing, int(e.Floor), control.Boarded, out)
	m.Car, m.Passenger = e.Car, e.Passenger
	if s := c.open[e.Car].at(e.Floor); s != nil {
		m.Stop = s.stop
	}
	return out
}

// putBack tells the landing of a passenger who was let out there, to wait for the
// rest of their journey.
func (c *Control) putBack(p elevator.Passenger, out []Output) []Output {
	c.scratch[0] = p
	out, m := send(Landing, int(p.Floor), control.PutBack, out)
	m.Passengers = c.scratch[:]
	return out
}

// directionOf returns the way car i travels or, standing, announced last: open
// doors may turn to the other direction without an event.
func (c *Control) directionOf(i elevator.CarIndex) elevator.Direction {
	car := &c.group.Cars[i]
	if o := &c.open[i]; !car.Moving && o.floor == car.Floor {
		return o.direction
	}
	return car.Direction
}

// viewCar copies what the signalling knows of car i into the view.
func (c *Control) viewCar(i elevator.CarIndex) {
	car, v := &c.group.Cars[i], &c.view.Cars[i]
	v.Floor, v.Target, v.Direction, v.Moving = car.Floor, car.Target, c.directionOf(i), car.Moving
	v.FromM, v.DepartedAt = car.FromM, car.DepartedAt
	v.Doors, v.DoorsSince = car.Doors, car.DoorsSince
	v.LoadKg, v.Persons, v.CarCalls = car.LoadKg, len(car.Riders), car.CarCalls
	inGroup := c.takesCalls(i)
	full := c.building.PassesLandings(i, len(car.Riders), car.LoadKg)
	if c.rescues.cars.Has(i) {
		// It passes all landings but one. Those it was promised to keep it.
		inGroup, full = inGroup && c.promiser != nil, true
	}
	if inGroup != v.InGroup || full != v.Full {
		v.InGroup, v.Full = inGroup, full
		c.view.Changed |= dispatch.ServiceChanged
	}
}

// takesCalls reports whether the car can answer landing calls: it is in a group
// mode, without faults, its task running and heard of.
func (c *Control) takesCalls(i elevator.CarIndex) bool {
	car := &c.group.Cars[i]
	return car.Mode.InGroup() && car.Faults == 0 && car.TaskRunning && !c.silent.Has(i)
}

// silence takes a car out of the group while nobody knows what it does, and back
// when it answers again. It may serve its car calls all the while; what it then
// tells is taken like any event.
func (c *Control) silence(car elevator.CarIndex, silent bool) {
	c.silent = c.silent.Without(car)
	if silent {
		c.silent = c.silent.With(car)
	}
	c.viewCar(car)
}
