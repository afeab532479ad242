package sim

import (
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/control"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/group"
	"elevator/internal/elevator/motion"
)

// engine holds the parties of one run. In wakes the cars come first, then the
// landings. The group control comes after all of them.
type engine struct {
	now      time.Duration
	cars     []*control.Car
	landings []*control.Landing
	wakes    *wakes // of the cars and landings
	group    *group.Control
	decideAt time.Duration // when the group control wants to be woken
	onEvent  func(*elevator.Event)
	err      error

	decided []group.Output       // by the group control, not settled yet: the messages among them are a queue
	sent    []elevator.Passenger // backs the queued messages' Passengers
	outputs []control.Output
}

func newEngine(b *elevator.Building, law *motion.Law, d dispatch.Dispatcher, opt group.Options, onEvent func(*elevator.Event)) *engine {
	e := &engine{
		cars:     make([]*control.Car, len(b.Cars)),
		landings: make([]*control.Landing, len(b.Floors)),
		group:    group.New(b, law, d, opt),
		wakes:    newWakes(len(b.Cars) + len(b.Floors)),
		onEvent:  onEvent,
		decided:  make([]group.Output, 0, 32),
		outputs:  make([]control.Output, 0, 8),
	}
	for i := range e.cars {
		e.cars[i] = control.NewCar(law, b, elevator.CarIndex(i))
		e.wakes.set(i, e.cars[i].Wake())
	}
	for i := range e.landings {
		e.landings[i] = control.NewLanding(b, elevator.FloorIndex(i))
		e.wakes.set(len(e.cars)+i, e.landings[i].Wake())
	}
	e.decideAt = e.group.Wake()
	return e
}

// expect tells every landing who will come. The passengers are in the order of
// their arrival.
func (e *engine) expect(passengers []elevator.Passenger) {
	counts := make([]int, len(e.landings))
	for i := range passengers {
		counts[passengers[i].Floor]++
	}
	byFloor := make([][]elevator.Passenger, len(e.landings))
	for f, n := range counts {
		byFloor[f] = make([]elevator.Passenger, 0, n)
	}
	for _, p := range passengers {
		byFloor[p.Floor] = append(byFloor[p.Floor], p)
	}
	for f, ps := range byFloor {
		if len(ps) > 0 {
			m := control.NewMessage(control.Expect)
			m.Floor, m.Passengers = elevator.FloorIndex(f), ps
			e.deliver(group.Landing, f, &m)
		}
	}
}

var tick = control.NewMessage(control.Tick)

// next wakes the party whose time comes first and lets everything that follows
// at that instant happen. It returns false when nobody wants to be woken, or
// nobody before the time given.
func (e *engine) next(before time.Duration) bool {
	at, party := e.wakes.first()
	if min(at, e.decideAt) >= before {
		return false
	}
	e.now = max(e.now, min(at, e.decideAt))
	switch {
	case e.decideAt < at:
		e.decide(&group.Input{})
	case party < len(e.cars):
		e.deliver(group.Car, party, &tick)
	default:
		e.deliver(group.Landing, party-len(e.cars), &tick)
	}
	e.settle()
	return true
}

// command lets the operator do something.
func (e *engine) command(d *Drill) {
	e.now = max(e.now, d.At)
	e.decide(&group.Input{From: group.Operator, Command: &d.Command})
	e.settle()
}

// settle delivers the messages that are queued, and what follows from them.
func (e *engine) settle() {
	for i := 0; i < len(e.decided); i++ {
		if out := &e.decided[i]; out.To == group.Car || out.To == group.Landing {
			e.deliver(out.To, out.Index, &out.Message)
		}
	}
	e.decided, e.sent = e.decided[:0], e.sent[:0]
	e.decideAt = max(e.group.Wake(), e.now)
}

// deliver gives a message to a car or a landing, and what it wants done to the
// group control.
func (e *engine) deliver(to group.Party, index int, m *control.Message) {
	if to == group.Car {
		e.outputs = e.cars[index].Step(e.now, m, e.outputs[:0])
		e.wakes.set(index, e.cars[index].Wake())
	} else {
		e.outputs = e.landings[index].Step(e.now, m, e.outputs[:0])
		e.wakes.set(len(e.cars)+index, e.landings[index].Wake())
	}
	for i := range e.outputs {
		out := &e.outputs[i]
		in := group.Input{From: to, Index: index}
		if out.Event.Kind != elevator.EventNone {
			in.Event = &out.Event
			e.decide(&in)
		}
		if out.Message.Kind != control.Tick {
			in.Event, in.Message = nil, &out.Message
			e.decide(&in)
		}
	}
}

// decide gives one input to the group control, hands out its events and leaves its
// messages queued.
func (e *engine) decide(in *group.Input) {
	before := len(e.decided)
	e.decided = e.group.Step(e.now, in, e.decided)
	for i := before; i < len(e.decided); i++ {
		out := &e.decided[i]
		switch {
		case out.Refused != nil:
			if e.err == nil {
				e.err = out.Refused
			}
		case out.To == group.Nobody:
			e.onEvent(&out.Event)
		case out.To == group.Cluster: // no task runs here
		default:
			if ps := out.Message.Passengers; len(ps) > 0 {
				from := len(e.sent)
				e.sent = append(e.sent, ps...)
				out.Message.Passengers = e.sent[from:len(e.sent):len(e.sent)]
			}
		}
	}
}
