package control

import (
	"time"

	"elevator/internal/elevator"
)

// Firefighters work the doors themselves (phase II, ASME A17.1, 2.27.3.3): the car
// goes where its buttons say and stays closed there, since nobody knows what is
// behind the doors. They open, and close, as long as a button is held; let go too
// soon, they go back. Doors that are open stay open.

// WorksDoorsByHand reports whether the doors of a car of that mode and with those
// faults move only as they are told.
func WorksDoorsByHand(m elevator.Mode, faults elevator.FaultSet) bool {
	return conductOf(m).doorsByHand && faults&^workable == 0
}

func (c *Car) worksDoorsByHand() bool { return c.conduct.doorsByHand && !c.blocked() }

// commandDoors does what the doors are told by hand.
func (c *Car) commandDoors(t time.Duration, command elevator.DoorCommand) {
	if !c.worksDoorsByHand() {
		return
	}
	switch c.phase {
	case resting, turning:
		if command == elevator.OpenDoors {
			c.openDoors(t, elevator.None)
		}
	case closing:
		if command != elevator.CloseDoors {
			c.openDoors(t, elevator.None)
			c.stop.handClose = false
		}
	case opening:
		// Half open they cannot turn: let go, they close once they are open.
		c.stop.handClose = command != elevator.OpenDoors
	case open:
		c.stop.handClose = command == elevator.CloseDoors
	}
}
