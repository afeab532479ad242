package group

import (
	"fmt"
	"slices"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/control"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/motion"
)

// Options is what a Control can be started with beside its building and its
// dispatcher.
type Options struct {
	Group  *elevator.Group // the state to go on from, which becomes the Control's; nil: the start of a run
	Parker dispatch.Parker // parks the cars instead of the dispatcher in charge; nil: that does
}

// Control owns the fold of the group's events and decides with a dispatcher.
//
// Invariant: view.Calls is group.Calls, and view.Cars[c].Assigned holds exactly
// the calls whose Cars have c.
type Control struct {
	building   *elevator.Building
	law        *motion.Law
	group      *elevator.Group
	dispatcher dispatch.Dispatcher
	promiser   dispatch.Promiser // the dispatcher, where it is one; else nil
	parker     dispatch.Parker   // nil: the dispatcher parks the cars
	view       dispatch.View
	decisions  []dispatch.Decision
	open       []openStops // for each car
	orders     []order     // for each car
	refusals   *refusals
	rescues    rescues
	done       commandMemory
	scratch    [1]elevator.Passenger
	boarders   []elevator.Passenger  // backs the Passengers of the last forwarded answer
	along      []elevator.FloorIndex // where they go, as the promiser is told
	seq        uint64

	reports []*control.Report // by floor: of landings that were told to report; nil where all is settled
	silent  elevator.CarSet   // cars that do not answer

	settled bool // all cars have reported since this Control began
	asked   bool // a dispatcher has been asked since then
}

// New returns a Control over building b, whose cars move by law, that asks
// dispatcher d.
func New(b *elevator.Building, law *motion.Law, d dispatch.Dispatcher, opt Options) *Control {
	g := opt.Group
	if g == nil {
		g = elevator.NewGroup(b)
	}
	c := &Control{
		building: b,
		law:      law,
		group:    g,
		parker:   opt.Parker,
		open:     make([]openStops, len(b.Cars)),
		orders:   newOrders(g),
		seq:      g.Seq,
		rescues:  newRescues(b),
	}
	c.view = dispatch.View{Building: b, Cars: make([]dispatch.CarView, len(b.Cars)), Calls: g.Calls}
	if c.refusals = newRefusals(b); c.refusals != nil {
		c.view.Avoid = &c.refusals.cars
	}
	for i := range c.view.Cars {
		c.open[i].floor = elevator.NoFloor
		c.view.Cars[i].Parking = elevator.NoFloor
		c.viewCar(elevator.CarIndex(i))
	}
	for i := range g.Calls {
		c.viewAssigned(g.Calls[i].Key, 0, g.Calls[i].Cars)
	}
	c.direct(d)
	return c
}

// direct puts a dispatcher in charge.
func (c *Control) direct(d dispatch.Dispatcher) {
	before := c.promiser
	c.dispatcher = d
	c.promiser, _ = d.(dispatch.Promiser)
	c.view.Changed |= dispatch.CallsChanged | dispatch.ServiceChanged
	if c.promiser != nil {
		c.resumePromises(before)
	}
}

// Group returns the state. It belongs to the Control: readers elsewhere take a
// Clone between two Steps.
func (c *Control) Group() *elevator.Group { return c.group }

// Dispatcher returns the name of the dispatcher in charge.
func (c *Control) Dispatcher() string { return c.dispatcher.Name() }

// Wake returns when a tick is wanted, or control.Never. It is a time gone by
// while the dispatcher waits to be asked.
func (c *Control) Wake() time.Duration {
	if c.view.Changed != 0 {
		return 0
	}
	if at, ok := c.dispatcher.Wake(&c.view); ok {
		return at
	}
	return control.Never
}

// Step takes one input at the building's time now, appends what is to be done
// to out, and returns it. Times that go backwards are taken as the latest time
// seen.
func (c *Control) Step(now time.Duration, in *Input, out []Output) []Output {
	now = max(now, c.group.T)
	if err := c.check(in); err != nil {
		return append(out, Output{Refused: err})
	}
	switch {
	case in.Event != nil:
		out = c.event(now, in.Event, out)
	case in.Message != nil && in.From == Car:
		out = c.carMessage(now, elevator.CarIndex(in.Index), in.Message, out)
	case in.Message != nil && in.From == Landing:
		out = c.landingMessage(now, elevator.FloorIndex(in.Index), in.Message, out)
	case in.Command != nil:
		out = c.command(now, in.Command, out)
	case in.Silent, in.Heard:
		c.silence(elevator.CarIndex(in.Index), in.Silent)
	case in.Settle:
		out = c.settle(out)
	case in.Restore && in.From == Car:
		out = c.restoreCar(elevator.CarIndex(in.Index), out)
	case in.Restore && in.From == Landing:
		out = c.restoreLanding(elevator.FloorIndex(in.Index), out)
	default:
		out = c.tick(now, out)
	}
	if c.group.Mode == elevator.GroupEmergencyPower {
		out = c.takeTurns(out)
	}
	return out
}

// tick asks the dispatcher where something has changed or its time has come.
func (c *Control) tick(now time.Duration, out []Output) []Output {
	if c.view.Changed == 0 {
		at, ok := c.dispatcher.Wake(&c.view)
		if !ok || at > now {
			return out
		}
		c.view.Changed = dispatch.WakeCame
	}
	out = c.rescue(now, out)
	c.view.Now, c.view.Mode, c.view.Detected = now, c.group.Mode, c.group.Traffic.Mode()
	c.asked = true
	c.decisions = c.dispatcher.Dispatch(&c.view, c.decisions[:0])
	if c.parker != nil {
		aboutCalls := slices.DeleteFunc(c.decisions, func(d dispatch.Decision) bool { return d.Park != elevator.NoCar })
		c.decisions = c.parker.Park(&c.view, aboutCalls)
	}
	changed := c.view.Changed
	c.view.Changed, c.view.Pressed = 0, c.view.Pressed[:0]
	out = c.carryOut(now, out)
	if changed&dispatch.ServiceChanged != 0 {
		out = c.release(now, out)
	}
	return out
}

// carryOut tells landings which cars people were promised, before a car that
// stands open there can ask them in, and cars what they gained before it tells
// others what they lost, so that no car turns away from a call only to turn back at
// the next message.
func (c *Control) carryOut(now time.Duration, out []Output) []Output {
	for i := range c.decisions {
		if d := &c.decisions[i]; c.promises(d) {
			out = c.tellPromised(d, out)
		}
	}
	for i := range c.decisions {
		if d := &c.decisions[i]; d.Park == elevator.NoCar {
			if car := c.rescues.of(d.Call); car != elevator.NoCar && !c.promised(d.Call) {
				d.Cars, d.Main = d.Cars.With(car), car
			}
			out = c.assignMore(d.Call, d.Cars, out)
		}
	}
	for i := range c.decisions {
		d := &c.decisions[i]
		if d.Park != elevator.NoCar {
			out = c.park(d.Park, d.ParkAt, out)
			continue
		}
		out = c.give(now, d.Call, d.Cars, d.Main, out)
		if c.promises(d) {
			// A car that stands open and goes for the call already is told again,
			// so that it asks them in.
			out = c.tellCar(d.Main, control.Assign, d.Call, out)
		}
	}
	return out
}

// release takes from cars that no longer answer landing calls what the
// dispatcher left with them, so that no lit call is shown for a car that will
// not come.
func (c *Control) release(now time.Duration, out []Output) []Output {
	for i := range c.group.Calls {
		call := c.group.Calls[i]
		cars := call.Cars
		for car := range call.Cars.All() {
			if !c.view.Cars[car].InGroup && !c.rescues.goesFor(car, call.Key) {
				cars = cars.Without(car)
			}
		}
		if cars == call.Cars {
			continue
		}
		main := call.Car
		if !cars.Has(main) {
			main = cars.First()
		}
		out = c.give(now, call.Key, cars, main, out)
	}
	return out
}

// journal folds an event of the group control's own making and appends it.
func (c *Control) journal(e *elevator.Event, out []Output) []Output {
	c.seq++
	e.Seq = c.seq
	if err := c.group.Apply(e); err != nil {
		c.seq--
		return append(out, Output{Refused: err})
	}
	c.view.Calls = c.group.Calls
	out = append(out, Output{})
	out[len(out)-1].Event = *e
	return out
}

// send appends a message of the given kind and returns it to be filled in. The
// pointer is valid until out grows again.
func send(to Party, index int, kind control.MessageKind, out []Output) ([]Output, *control.Message) {
	out = append(out, Output{})
	last := &out[len(out)-1]
	last.To, last.Index = to, index
	m := &last.Message
	m.Kind, m.Car, m.Floor, m.To = kind, elevator.NoCar, elevator.NoFloor, elevator.NoFloor
	return out, m
}

func refuse(out []Output, format string, args ...any) []Output {
	return append(out, Output{Refused: fmt.Errorf(format, args...)})
}
