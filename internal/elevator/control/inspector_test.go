package control

import (
	"fmt"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/motion"
)

// inspector watches what one car does and knows nothing of how it decides. It
// reports whatever a lift may never do.
type inspector struct {
	b   *elevator.Building
	law *motion.Law
	car elevator.CarIndex

	t         time.Duration
	doors     elevator.DoorState
	moving    bool
	levelling bool
	floor, to elevator.FloorIndex
	departed  time.Duration
	announced elevator.Direction
	carCalls  elevator.FloorSet
	late      elevator.FloorSet // called when the car could no longer stop there, or had decided to turn
	aboard    int
	mode      elevator.Mode
	faults    elevator.FaultSet
	deaf      bool // its sensors were late, so flights seem to take longer
	errs      []error
}

func newInspector(b *elevator.Building, law *motion.Law, c elevator.CarIndex) *inspector {
	return &inspector{b: b, law: law, car: c, floor: b.Cars[c].Start, mode: elevator.ModeNormal}
}

// restarted forgets what the car's old task did without anybody hearing of it.
func (i *inspector) restarted(c *elevator.Car, now time.Duration) {
	*i = *newInspector(i.b, i.law, i.car)
	i.t, i.floor, i.carCalls, i.aboard, i.mode, i.faults = now, c.Floor, c.CarCalls, len(c.Riders), c.Mode, c.Faults
	i.doors, i.moving, i.to, i.departed = c.Doors, c.Moving, c.Target, c.DepartedAt
}

func (i *inspector) fail(format string, args ...any) {
	i.errs = append(i.errs, fmt.Errorf("%v car %d: %s", i.t, i.car, fmt.Sprintf(format, args...)))
}

func (i *inspector) output(o *Output) []error {
	i.errs = nil
	if o.Message.Kind == Announce {
		i.announced = o.Message.Direction
		if i.doors != elevator.DoorsAreOpening && i.doors != elevator.DoorsAreOpen {
			i.fail("asks people aboard with its doors %v", i.doors)
		}
	}
	if o.Event.Kind != elevator.EventNone {
		i.event(&o.Event)
	}
	return i.errs
}

func (i *inspector) event(e *elevator.Event) {
	if e.T < i.t {
		i.fail("its events go back to %v", e.T)
	}
	i.t = e.T
	switch e.Kind {
	case elevator.CarDeparted:
		i.departs(e)
	case elevator.CarTargetChanged:
		if !i.law.CanRetarget(i.floor, i.to, e.To, e.T-i.departed) {
			i.fail("goes to %d instead of %d, too late", e.To, i.to)
		}
		i.to = e.To
	case elevator.CarArrived:
		i.arrives(e)
	case elevator.DoorsOpening:
		i.late = elevator.FloorSet{}
		i.announced = e.Direction
		i.doorsGo(elevator.DoorsAreOpening, e)
	case elevator.DoorsOpened:
		i.doorsGo(elevator.DoorsAreOpen, e)
	case elevator.DoorsClosing:
		i.doorsGo(elevator.DoorsAreClosing, e)
	case elevator.DoorsClosed:
		i.doorsGo(elevator.DoorsAreClosed, e)
	case elevator.PassengerBoarded:
		i.transfer(e)
		if i.aboard++; i.aboard > i.b.Cars[i.car].CapacityPersons {
			i.fail("%d aboard", i.aboard)
		}
	case elevator.PassengerAlighted:
		i.transfer(e)
		i.aboard--
	case elevator.CarCallRegistered:
		i.carCalls.Add(e.Floor)
		if i.moving && (i.levelling || !i.law.CanRetarget(i.floor, i.to, e.Floor, e.T-i.departed)) {
			i.late.Add(e.Floor)
		}
		if !i.moving && i.doors == elevator.DoorsAreClosed {
			i.late.Add(e.Floor)
		}
	case elevator.CarCallAnswered:
		if i.moving && e.Detail == nil || e.Floor != i.floor && e.Detail == nil {
			i.fail("answers the car call for %d at %d", e.Floor, i.floor)
		}
		i.carCalls.Remove(e.Floor)
	case elevator.CarRecovered:
		i.moving, i.doors, i.levelling = false, elevator.DoorsAreClosed, e.Floor == elevator.NoFloor
		if e.Floor != elevator.NoFloor {
			i.floor = e.Floor
		}
	case elevator.ModeChanged:
		i.mode = e.Mode
	case elevator.FaultRaised:
		i.faults = i.faults.With(e.Fault)
	case elevator.FaultCleared:
		i.faults = i.faults.Without(e.Fault)
	}
}

func (i *inspector) departs(e *elevator.Event) {
	if i.doors != elevator.DoorsAreClosed || i.moving {
		i.fail("departs with its doors %v, moving %v", i.doors, i.moving)
	}
	if e.Floor != i.floor || e.To == i.floor && !i.levelling {
		i.fail("departs from %d for %d but stands at %d", e.Floor, e.To, i.floor)
	}
	due := i.carCalls
	for f := range i.late.All() {
		due.Remove(f)
	}
	inNormal := conductOf(i.mode).recall == notRecalled && !conductOf(i.mode).doorsByHand && i.faults == 0 && !i.levelling
	if inNormal && i.announced == -e.Direction && beyond(&due, i.floor, i.announced) != elevator.NoFloor {
		i.fail("reverses at %d with car calls ahead", i.floor)
	}
	if i.aboard > 0 && i.carCalls.Empty() && inNormal {
		i.fail("departs with %d aboard and no car call", i.aboard)
	}
	i.moving, i.departed, i.to = true, e.T, e.To
	if !i.levelling {
		// On a levelling run it goes on serving the direction it had.
		i.announced = e.Direction
	}
	i.late = elevator.FloorSet{}
}

func (i *inspector) arrives(e *elevator.Event) {
	if !i.moving || e.Floor != i.to {
		i.fail("arrives at %d on the way to %d, moving %v", e.Floor, i.to, i.moving)
	}
	if !i.levelling {
		if want := i.departed + i.law.FlightTime(i.floor, e.Floor); e.T < want || e.T > want && !i.deaf {
			i.fail("arrives at %d at %v, want %v", e.Floor, e.T, want)
		}
		for f := range i.carCalls.All() {
			if f > min(i.floor, e.Floor) && f < max(i.floor, e.Floor) && !i.late.Has(f) {
				i.fail("passes floor %d with a car call on its way from %d to %d", f, i.floor, e.Floor)
			}
		}
	}
	i.moving, i.levelling, i.floor = false, false, e.Floor
}

func (i *inspector) doorsGo(to elevator.DoorState, e *elevator.Event) {
	if i.moving {
		i.fail("moves its doors (%v) in motion", to)
	}
	if e.Floor != i.floor {
		i.fail("moves its doors at %d, but stands at %d", e.Floor, i.floor)
	}
	ok := false
	switch to {
	case elevator.DoorsAreOpening:
		ok = i.doors == elevator.DoorsAreClosed || i.doors == elevator.DoorsAreClosing
	case elevator.DoorsAreOpen:
		ok = i.doors == elevator.DoorsAreOpening
	case elevator.DoorsAreClosing:
		ok = i.doors == elevator.DoorsAreOpen
	case elevator.DoorsAreClosed:
		ok = i.doors == elevator.DoorsAreClosing
	}
	if !ok {
		i.fail("its doors go from %v to %v", i.doors, to)
	}
	i.doors = to
}

func (i *inspector) transfer(e *elevator.Event) {
	if i.doors != elevator.DoorsAreOpen || e.Floor != i.floor {
		i.fail("passenger %d passes doors that are %v", e.Passenger, i.doors)
	}
}
