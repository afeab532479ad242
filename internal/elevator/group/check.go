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
	switch {
	case e.Kind == elevator.TaskStateChanged && e.Detail == nil:
		return fmt.Errorf("event %v names no task", e.Kind)
	case ofGroup.has(e.Kind):
		return fmt.Errorf("event %v is the group control's own to make", e.Kind)
	case e.Car < elevator.NoCar || int(e.Car) >= len(c.building.Cars) || e.Car == elevator.NoCar && ofCar.has(e.Kind):
		return fmt.Errorf("event %v names car %d of %d", e.Kind, e.Car, len(c.building.Cars))
	case in.From == Car && int(e.Car) != in.Index && e.Kind != elevator.TaskStateChanged:
		return fmt.Errorf("event %v of car %d comes from car %d", e.Kind, e.Car, in.Index)
	case !c.mayBeFloor(e.Floor) || e.Floor == elevator.NoFloor && atFloor.has(e.Kind):
		return fmt.Errorf("event %v names floor %d of %d", e.Kind, e.Floor, len(c.building.Floors))
	case !c.mayBeFloor(e.To) || e.To == elevator.NoFloor && toFloor.has(e.Kind):
		return fmt.Errorf("event %v leads to floor %d of %d", e.Kind, e.To, len(c.building.Floors))
	}
	return nil
}

// kinds is a set of kinds of events, one bit each.
type kinds uint32

func (s kinds) has(k elevator.EventKind) bool { return s&(1<<k) != 0 }

// ofGroup are the kinds that are the group control's own to make. The others name
// what an event of these kinds cannot be without: a car, the floor where it happens,
// the floor where it leads.
const (
	ofGroup kinds = 1<<elevator.LandingCallRegistered | 1<<elevator.LandingCallAssigned | 1<<elevator.LandingCallAnswered
	toFloor kinds = 1<<elevator.PassengerArrived | 1<<elevator.CarDeparted | 1<<elevator.CarTargetChanged
	atStop  kinds = 1<<elevator.PassengerBoarded | 1<<elevator.PassengerAlighted | 1<<elevator.CarCallRegistered |
		1<<elevator.CarCallAnswered | 1<<elevator.CarArrived | 1<<elevator.DoorsOpening | 1<<elevator.DoorsOpened |
		1<<elevator.DoorsClosing | 1<<elevator.DoorsClosed
	atFloor kinds = atStop | 1<<elevator.PassengerArrived | 1<<elevator.CarDeparted
	ofCar   kinds = atStop | 1<<elevator.CarDeparted | 1<<elevator.CarTargetChanged | 1<<elevator.CarRecovered |
		1<<elevator.FaultRaised | 1<<elevator.FaultCleared
)

func (c *Control) mayBeFloor(f elevator.FloorIndex) bool {
	return f >= elevator.NoFloor && int(f) < len(c.building.Floors)
}
