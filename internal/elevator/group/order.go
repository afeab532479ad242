package group

import (
	"elevator/internal/elevator"
	"elevator/internal/elevator/control"
)

// order is what operators want of one car. It is said again to a task that
// starts anew, and it is what commands are held against: the car itself follows
// a moment later.
type order struct {
	mode    elevator.Mode
	recall  elevator.FloorIndex // named with the mode, or NoFloor
	modeBy  string              // who wanted the mode
	drills  elevator.FaultSet   // faults that were raised and not cleared
	fault   elevator.Fault      // of the last drill
	faultBy string
}

// newOrders returns the orders of cars in the state of g. Faults that stand are
// taken for drills that go on: should the car's task start anew, its plant is as
// it was.
func newOrders(g *elevator.Group) []order {
	orders := make([]order, len(g.Cars))
	for i := range orders {
		orders[i] = order{mode: g.Cars[i].Mode, recall: elevator.NoFloor, drills: g.Cars[i].Faults}
	}
	return orders
}

// setMode orders a car to another mode of operation.
func (c *Control) setMode(car elevator.CarIndex, m elevator.Mode, recall elevator.FloorIndex, by string, out []Output) []Output {
	o := &c.orders[car]
	o.mode, o.recall, o.modeBy = m, recall, by
	return c.sendMode(car, out)
}

// drill raises a fault of the car's plant or clears it.
func (c *Control) drill(car elevator.CarIndex, f elevator.Fault, on bool, by string, out []Output) []Output {
	o := &c.orders[car]
	o.fault, o.faultBy, o.drills = f, by, o.drills.Without(f)
	if on {
		o.drills = o.drills.With(f)
	}
	out, m := send(Car, int(car), control.InjectFault, out)
	m.Fault, m.On = f, on
	return out
}

// rodeVIP takes note that a car has ended its priority ride by itself.
func (o *order) rodeVIP() {
	if o.mode == elevator.ModeVIP && o.recall != elevator.NoFloor {
		o.mode, o.recall, o.modeBy = elevator.ModeNormal, elevator.NoFloor, ""
	}
}

// sendMode tells a car the mode that it was ordered to.
func (c *Control) sendMode(car elevator.CarIndex, out []Output) []Output {
	out, m := send(Car, int(car), control.SetMode, out)
	m.Mode, m.Floor = c.orders[car].mode, c.orders[car].recall
	return out
}

// orderedBy returns the operator from whom an event follows, or nobody.
func (c *Control) orderedBy(e *elevator.Event) string {
	if e.Car == elevator.NoCar {
		return ""
	}
	switch o := &c.orders[e.Car]; {
	case e.Kind == elevator.ModeChanged && e.Mode == o.mode:
		return o.modeBy
	case e.Kind == elevator.FaultRaised && e.Fault == o.fault:
		return o.faultBy
	case e.Kind == elevator.FaultCleared && e.Fault == o.fault:
		return o.faultBy
	}
	return ""
}
