package control

import (
	"slices"
	"time"

	"elevator/internal/elevator"
)

// receive acts on one message. Whatever is said twice, late, or to the wrong
// car changes nothing.
func (c *Car) receive(t time.Duration, in *Message) {
	if !in.names(c.building) || c.unsure && in.Kind != RestoreCar && in.Kind != Resync {
		return
	}
	switch in.Kind {
	case Assign:
		c.assign(t, in)
	case Unassign:
		c.unassign(t, in)
	case RegisterCall:
		c.registerCall(t, in.Floor, in.On)
	case Park:
		c.park = in.Floor
		if !c.spec.Serves.Has(in.Floor) {
			c.park = elevator.NoFloor
		}
		c.workChanged(t)
	case LockCarCalls:
		c.locked = in.Floors
	case CancelCalls:
		c.cancelCarCalls(t)
		c.ridersPress(t)
		c.workChanged(t)
	case SetMode:
		c.setMode(t, in.Mode, in.Floor)
	case InjectFault:
		c.plant.Inject(t, in.Fault, in.On)
		c.feel(t)
	case CommandDoors:
		c.commandDoors(t, in.Doors)
	case AcknowledgeCar:
		c.acknowledge(t)
	case RestoreCar:
		c.unsure = false
		c.restore(t, in)
	case Board:
		c.takeAboard(t, in)
	case Resync:
		c.unsure = !c.active
		c.report(in.Stop)
	}
}

// accepts reports whether a car call for floor f can be registered.
func (c *Car) accepts(f elevator.FloorIndex) bool {
	return c.serves(f) && !c.locked.Has(f)
}

func (c *Car) serves(f elevator.FloorIndex) bool {
	return f >= 0 && int(f) < len(c.building.Floors) && c.spec.Serves.Has(f)
}

// pressFloor lights a car call, unless it is lit or the buttons are dead.
func (c *Car) pressFloor(t time.Duration, f elevator.FloorIndex) {
	if !c.conduct.buttons || c.blocked() || c.work.carCalls.Has(f) {
		return
	}
	c.work.carCalls.Add(f)
	c.event(t, elevator.CarCallRegistered).Floor = f
}

// ridersPress lets everyone aboard press their floor.
func (c *Car) ridersPress(t time.Duration) {
	for i := range c.riders {
		if f := c.riders[i].To; c.spec.Serves.Has(f) {
			c.pressFloor(t, f)
		}
	}
}

// cancelCarCalls puts out all car calls: to the journal they are answered,
// with the reason.
func (c *Car) cancelCarCalls(t time.Duration) {
	for f := range c.work.carCalls.All() {
		e := c.event(t, elevator.CarCallAnswered)
		e.Floor, e.Detail = f, &elevator.Detail{Reason: "cancelled"}
	}
	c.work.carCalls = elevator.FloorSet{}
}

// registerCall registers a car call that no rider pressed. Where the doors
// stand open anyway it is answered at once. One who sends the car, as distinct
// from one who presses a button in it, is not kept out by a lock.
func (c *Car) registerCall(t time.Duration, f elevator.FloorIndex, sent bool) {
	if !c.conduct.buttons || c.blocked() || !c.serves(f) || !sent && c.locked.Has(f) || c.work.carCalls.Has(f) {
		return
	}
	c.pressFloor(t, f)
	if f != c.floor {
		c.workChanged(t)
		return
	}
	if c.worksDoorsByHand() && c.phase != travelling && c.phase != stranded {
		c.answerCarCall(t)
		return
	}
	switch c.phase {
	case opening, open:
		c.answerCarCall(t)
	case closing:
		c.reopen(t, c.direction)
	default:
		c.workChanged(t)
	}
}

func (c *Car) assign(t time.Duration, in *Message) {
	if in.Direction == elevator.None || !c.spec.Serves.Has(in.Floor) || !c.conduct.landing {
		return
	}
	key := elevator.CallKey{Floor: in.Floor, To: in.To, Direction: in.Direction}
	if c.lingering == key {
		c.lingering = elevator.CallKey{}
	}
	if in.To == elevator.NoFloor {
		c.pressed[side(in.Direction)].Add(in.Floor)
	} else if !slices.Contains(c.promised, key) {
		c.promised = append(c.promised, key)
	}
	c.work.landing[side(in.Direction)].Add(in.Floor)
	if in.Floor == c.floor && (c.phase == opening || c.phase == open || c.phase == closing) {
		c.takeHere(t, in.Direction)
		return
	}
	c.workChanged(t)
}

func (c *Car) unassign(t time.Duration, in *Message) {
	if in.Direction == elevator.None || !c.spec.Serves.Has(in.Floor) {
		return
	}
	key := elevator.CallKey{Floor: in.Floor, To: in.To, Direction: in.Direction}
	if c.phase == travelling && c.target == in.Floor && c.committed(t) && c.work.landingAt(in.Floor, in.Direction) {
		// It has begun to slow down for this call: it stops there and opens,
		// as a real car does, and only then forgets the call.
		c.lingering = key
		return
	}
	c.forgetCall(key)
	c.workChanged(t)
}

// forgetCall drops one landing call.
func (c *Car) forgetCall(key elevator.CallKey) {
	s := side(key.Direction)
	if key.To == elevator.NoFloor {
		c.pressed[s].Remove(key.Floor)
	}
	c.promised = slices.DeleteFunc(c.promised, func(k elevator.CallKey) bool { return k == key })
	stays := c.pressed[s].Has(key.Floor) || slices.ContainsFunc(c.promised, func(k elevator.CallKey) bool {
		return k.Floor == key.Floor && k.Direction == key.Direction
	})
	if !stays {
		c.work.landing[s].Remove(key.Floor)
	}
}

// dropLingering forgets the call that was taken from the car too late, now
// that the car has come to its floor.
func (c *Car) dropLingering() {
	if c.lingering.Direction != elevator.None {
		c.forgetCall(c.lingering)
		c.lingering = elevator.CallKey{}
	}
}

// forgetLanding drops all calls of a landing in one direction: they are
// answered.
func (c *Car) forgetLanding(f elevator.FloorIndex, d elevator.Direction) {
	c.pressed[side(d)].Remove(f)
	c.work.landing[side(d)].Remove(f)
	c.promised = slices.DeleteFunc(c.promised, func(k elevator.CallKey) bool {
		return k.Floor == f && k.Direction == d
	})
}
