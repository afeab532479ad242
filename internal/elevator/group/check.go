package group

import (
	"fmt"

	"elevator/internal/elevator"
)

// check returns why an input cannot be meant for this building, or nil. What
// comes from a task is not to be trusted to name cars and floors that exist.
func (c *Control) check(in *Input) error {
	cars, floors := len(c.building.Cars), len(c.building.Floors)
	switch {
	case in.From == Car && (in.Index < 0 || in.Index >= cars):
		return fmt.Errorf("input from car %d of %d", in.Index, cars)
	case in.From == Landing && (in.Index < 0 || in.Index >= floors):
		return fmt.Errorf("input from landing %d of %d", in.Index, floors)
	}
	if m := in.Message; m != nil && (!c.mayBeFloor(m.Floor) || !c.mayBeFloor(m.To)) {
		return fmt.Errorf("message of kind %d names floors %d and %d of %d", m.Kind, m.Floor, m.To, floors)
	}
	if e := in.Event; e != nil {
		return c.checkEvent(in, e)
	}
	return nil
}

func (c *Control) checkEvent(in *Input, e *elevator.Event) error {
	needsCar, needsFloor, needsTo := needs(e.Kind)
	switch {
	case e.Kind == elevator.TaskStateChanged && e.Detail == nil:
		return fmt.Errorf("event %v names no task", e.Kind)
	case e.Kind == elevator.LandingCallRegistered, e.Kind == elevator.LandingCallAssigned, e.Kind == elevator.LandingCallAnswered:
		return fmt.Errorf("event %v is the group control's own to make", e.Kind)
	case e.Car < elevator.NoCar || int(e.Car) >= len(c.building.Cars) || needsCar && e.Car == elevator.NoCar:
		return fmt.Errorf("event %v names car %d of %d", e.Kind, e.Car, len(c.building.Cars))
	case in.From == Car && int(e.Car) != in.Index && e.Kind != elevator.TaskStateChanged:
		return fmt.Errorf("event %v of car %d comes from car %d", e.Kind, e.Car, in.Index)
	case !c.mayBeFloor(e.Floor) || needsFloor && e.Floor == elevator.NoFloor:
		return fmt.Errorf("event %v names floor %d of %d", e.Kind, e.Floor, len(c.building.Floors))
	case !c.mayBeFloor(e.To) || needsTo && e.To == elevator.NoFloor:
		return fmt.Errorf("event %v leads to floor %d of %d", e.Kind, e.To, len(c.building.Floors))
	}
	return nil
}

// needs returns what an event of the kind cannot be without.
func needs(kind elevator.EventKind) (car, floor, to bool) {
	switch kind {
	case elevator.PassengerArrived:
		return false, true, true
	case elevator.CarDeparted:
		return true, true, true
	case elevator.CarTargetChanged:
		return true, false, true
	case elevator.PassengerBoarded, elevator.PassengerAlighted, elevator.CarCallRegistered, elevator.CarCallAnswered,
		elevator.CarArrived, elevator.DoorsOpening, elevator.DoorsOpened, elevator.DoorsClosing, elevator.DoorsClosed:
		return true, true, false
	case elevator.CarRecovered, elevator.FaultRaised, elevator.FaultCleared:
		return true, false, false
	}
	return false, false, false
}

func (c *Control) mayBeFloor(f elevator.FloorIndex) bool {
	return f >= elevator.NoFloor && int(f) < len(c.building.Floors)
}
