package group

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/control"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/motion"
	"elevator/internal/elevator/sim/simtest"
)

// task is one car or landing of a stormy world.
type task struct {
	party      Party
	index      int
	controller control.Controller // nil while the task is down
	lastUp     time.Duration      // when the last packet on its way from it arrives
	lastDown   time.Duration      // and to it
}

// packet is on its way between the group control and a task. What one step of a
// controller says goes up together, with the time of that step.
type packet struct {
	at      time.Duration
	order   int
	task    *task
	up      []control.Output // from the task, said at time t
	t       time.Duration
	state   string          // the cluster's word on the task
	message control.Message // to the task
}

// stormyWorld is a building whose cars and landings are real controllers under
// the real group control. Messages take their time, in order on each link; tasks
// go down and start anew at any moment, and what they had said may be lost from
// some point on. So does the group control: what it had said may be lost as well,
// what it was told is in the journal.
type stormyWorld struct {
	b          *elevator.Building
	law        *motion.Law
	rng        *rand.Rand
	latency    time.Duration // the longest
	group      *Control
	tasks      []*task // the cars, then the landings
	passengers []elevator.Passenger

	now     time.Duration
	latest  time.Duration // of the inputs to the group control
	packets []packet
	order   int
	outputs []Output

	awaited map[*task]bool // by a group control that has taken over: they have not reported
	until   time.Duration  // it waits no longer
	backlog []packet       // what was said meanwhile
	unheard map[*task]bool // cars whose report it has not taken; nil: it has settled

	check   *simtest.Checker
	arrived map[elevator.PassengerID]bool
	events  []elevator.Event
	log     []string // mishaps
	trouble error
}

func newStormyWorld(b *elevator.Building, d dispatch.Entry, passengers []elevator.Passenger, latency time.Duration, rng *rand.Rand) *stormyWorld {
	law := motion.NewLaw(b)
	w := &stormyWorld{
		b: b, law: law, rng: rng, latency: latency, passengers: passengers,
		group:   New(b, law, d.New(dispatch.Plant{Building: b, Law: law}), Options{}),
		check:   simtest.NewChecker(b),
		arrived: make(map[elevator.PassengerID]bool),
	}
	w.check.Late = 2 * latency
	for i := range b.Cars {
		w.tasks = append(w.tasks, &task{party: Car, index: i})
	}
	for i := range b.Floors {
		w.tasks = append(w.tasks, &task{party: Landing, index: i})
	}
	for _, t := range w.tasks {
		w.begin(t)
		w.expect(t)
	}
	return w
}

// begin gives a task a new controller.
func (w *stormyWorld) begin(t *task) {
	if t.party == Car {
		t.controller = control.NewCar(w.law, w.b, elevator.CarIndex(t.index))
	} else {
		t.controller = control.NewLanding(w.b, elevator.FloorIndex(t.index))
	}
}

// expect tells a landing who will come that has not been seen to come.
func (w *stormyWorld) expect(t *task) {
	for i := range w.passengers {
		if p := &w.passengers[i]; t.party == Landing && int(p.Floor) == t.index && !w.arrived[p.ID] {
			m := control.NewMessage(control.Expect)
			m.Passengers = w.passengers[i : i+1]
			w.post(t, &m)
		}
	}
}

func (w *stormyWorld) upTo(d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	return time.Duration(w.rng.Int64N(int64(d)))
}

// run plays until the given time, or until nothing is left to happen.
func (w *stormyWorld) run(until time.Duration) {
	for w.trouble == nil {
		at, t := w.next()
		if at > until {
			break
		}
		w.now = max(w.now, at)
		switch {
		case t != nil:
			w.step(t, control.NewMessage(control.Tick))
		case len(w.packets) > 0 && w.packets[w.first()].at <= at:
			i := w.first()
			p := w.packets[i]
			w.packets = slices.Delete(w.packets, i, i+1)
			w.deliver(&p)
		case w.settling():
			clear(w.awaited)
			w.catchUp(nil)
		default:
			w.tell(max(at, w.latest), Tick())
		}
	}
	w.now = max(w.now, until)
}

// runToStop plays until a car opens its doors, which it returns with its floor,
// or until the given time.
func (w *stormyWorld) runToStop(until time.Duration) (elevator.CarIndex, elevator.FloorIndex) {
	for w.now < until && w.trouble == nil {
		seen := len(w.events)
		w.run(min(until, w.now+200*time.Millisecond))
		for i := range w.events[seen:] {
			if e := &w.events[seen+i]; e.Kind == elevator.DoorsOpening {
				return e.Car, e.Floor
			}
		}
	}
	return elevator.CarIndex(w.rng.IntN(len(w.b.Cars))), elevator.FloorIndex(w.rng.IntN(len(w.b.Floors)))
}

// next returns when something happens next, and the task that wakes then; nil
// where a packet arrives or the group control wakes.
func (w *stormyWorld) next() (time.Duration, *task) {
	at := w.group.Wake()
	if w.settling() {
		at = w.until
	}
	if i := w.first(); i >= 0 {
		at = min(at, w.packets[i].at)
	}
	var first *task
	for _, t := range w.tasks {
		if t.controller != nil && t.controller.Wake() < at {
			at, first = t.controller.Wake(), t
		}
	}
	return at, first
}

func (w *stormyWorld) first() int {
	best := -1
	for i := range w.packets {
		p := &w.packets[i]
		if best < 0 || p.at < w.packets[best].at || p.at == w.packets[best].at && p.order < w.packets[best].order {
			best = i
		}
	}
	return best
}

// step steps a task and sends up what it says.
func (w *stormyWorld) step(t *task, m control.Message) {
	outputs := t.controller.Step(w.now, &m, nil)
	if len(outputs) == 0 {
		return
	}
	for i := range outputs {
		outputs[i].Message.Passengers = slices.Clone(outputs[i].Message.Passengers)
	}
	t.lastUp = max(t.lastUp, w.now+w.upTo(w.latency))
	w.put(packet{at: t.lastUp, task: t, up: outputs, t: w.now})
}

// post sends a message down to a task that is up.
func (w *stormyWorld) post(t *task, m *control.Message) {
	if t.controller == nil {
		return
	}
	copied := *m
	copied.Passengers = slices.Clone(m.Passengers)
	t.lastDown = max(t.lastDown, w.now+w.upTo(w.latency))
	w.put(packet{at: t.lastDown, task: t, message: copied})
}

func (w *stormyWorld) put(p packet) {
	w.order++
	p.order = w.order
	w.packets = append(w.packets, p)
}

func (w *stormyWorld) deliver(p *packet) {
	switch {
	case p.state != "":
		w.catchUp(p.task) // its last words come before its end
		w.stateChanged(p.task, p.state)
		w.heard(p.task)
		delete(w.awaited, p.task)
		w.catchUp(nil)
	case p.up == nil:
		w.step(p.task, p.message)
	case w.settling():
		w.backlog = append(w.backlog, *p)
		if p.reports() {
			delete(w.awaited, p.task)
		}
		w.catchUp(nil)
	default:
		w.take(p)
	}
}

func (p *packet) reports() bool {
	return slices.ContainsFunc(p.up, func(out control.Output) bool { return out.Message.Kind == control.Know })
}

// take gives what a task said to the group control.
func (w *stormyWorld) take(p *packet) {
	for i := range p.up {
		in := Input{From: p.task.party, Index: p.task.index}
		if out := &p.up[i]; out.Event.Kind != elevator.EventNone {
			in.Event = &out.Event
		} else {
			in.Message = &out.Message
		}
		w.tell(p.t, in)
	}
	if p.reports() {
		w.heard(p.task)
	}
}

// takeOver replaces the group control by one that knows no more than the journal, and
// asks everybody what they know. It waits a while for all reports, and takes what was
// said until then in the order of its times.
func (w *stormyWorld) takeOver(d dispatch.Entry) {
	const patience = 1500 * time.Millisecond
	var lost []*task
	w.packets = slices.DeleteFunc(w.packets, func(p packet) bool {
		if p.up != nil || p.state != "" {
			return false
		}
		if w.rng.IntN(3) == 0 && !slices.Contains(lost, p.task) {
			lost = append(lost, p.task)
		}
		return slices.Contains(lost, p.task)
	})
	clear(w.awaited)
	w.catchUp(nil)
	w.group = New(w.b, w.law, d.New(dispatch.Plant{Building: w.b, Law: w.law}), Options{Group: w.group.Group().Clone()})
	w.awaited, w.unheard, w.until = make(map[*task]bool), make(map[*task]bool), w.now+patience
	w.check.Late = 2*w.latency + patience
	for _, t := range w.tasks {
		if t.controller == nil {
			continue
		}
		w.awaited[t] = true
		if t.party == Car {
			w.unheard[t] = true
		}
		m := control.NewMessage(control.Resync)
		w.post(t, &m)
		w.expect(t)
	}
}

// settling reports whether a group control that has taken over waits for reports.
func (w *stormyWorld) settling() bool { return len(w.awaited) > 0 }

// catchUp takes what one task said during the wait or, when that is over, all of them.
func (w *stormyWorld) catchUp(only *task) {
	if only == nil && w.settling() {
		return
	}
	slices.SortStableFunc(w.backlog, func(a, b packet) int { return cmp.Compare(a.t, b.t) })
	w.backlog = slices.DeleteFunc(w.backlog, func(p packet) bool {
		wanted := only == nil || p.task == only
		if wanted {
			w.take(&p)
		}
		return wanted
	})
}

// heard takes note that nothing from before the takeover will come from a task. Once
// that is so for all cars, what landings believe of them can be mended.
func (w *stormyWorld) heard(t *task) {
	if delete(w.unheard, t); w.unheard != nil && len(w.unheard) == 0 {
		w.unheard = nil
		w.tell(w.latest, Input{Settle: true})
	}
}

// tell steps the group control and carries out what it wants.
func (w *stormyWorld) tell(t time.Duration, in Input) {
	w.latest = max(w.latest, t)
	w.outputs = w.group.Step(t, &in, w.outputs[:0])
	for i := range w.outputs {
		switch out := &w.outputs[i]; {
		case out.Refused != nil:
			w.trouble = fmt.Errorf("%v: refused: %w", w.now, out.Refused)
		case out.To == Nobody:
			w.check.Event(&out.Event)
			w.events = append(w.events, out.Event)
			if out.Event.Kind == elevator.PassengerArrived {
				w.arrived[out.Event.Passenger] = true
			}
		case out.To == Car:
			w.post(w.tasks[out.Index], &out.Message)
		default:
			w.post(w.tasks[len(w.b.Cars)+out.Index], &out.Message)
		}
	}
	if err := w.check.Err(); err != nil && w.trouble == nil {
		w.trouble = err
	}
}

// crash takes a task down. What it said last may be lost from some point on; the
// cluster may notice before the task runs anew, or not.
func (w *stormyWorld) crash(t *task) {
	if t.controller == nil {
		return
	}
	t.controller = nil
	var last time.Duration
	lost := false
	w.packets = slices.DeleteFunc(w.packets, func(p packet) bool {
		if p.task != t {
			return false
		}
		lost = lost || w.rng.IntN(3) == 0
		if p.up == nil || lost {
			return true
		}
		last = max(last, p.at)
		return false
	})
	noticed, again := max(last, w.now), w.upTo(time.Second)
	if w.rng.IntN(2) == 0 {
		noticed += w.upTo(5 * time.Second)
		again = w.upTo(40 * time.Second)
	}
	if w.rng.IntN(4) > 0 {
		w.put(packet{at: noticed, task: t, state: "failed"})
	}
	w.put(packet{at: noticed + again, task: t, state: elevator.TaskRunning})
}

// stateChanged tells the group control what became of a task, and lets one that
// runs anew have its facts.
func (w *stormyWorld) stateChanged(t *task, state string) {
	name := elevator.FloorTask
	if t.party == Car {
		name = elevator.CarTask
	}
	e := elevator.NewEvent(w.now, elevator.TaskStateChanged)
	e.Detail = &elevator.Detail{Task: elevator.TaskName(name, t.index), State: state}
	in := Input{From: t.party, Index: t.index, Event: &e}
	w.tell(w.now, in)
	if state != elevator.TaskRunning {
		return
	}
	w.begin(t)
	t.lastUp, t.lastDown = w.now, w.now
	w.tell(w.now, Input{From: t.party, Index: t.index, Restore: true})
	w.expect(t)
}

// command gives an operator's command.
func (w *stormyWorld) command(cmd Command) {
	cmd.By = "operator"
	w.tell(w.now, Input{From: Operator, Command: &cmd})
}

// allRun reports whether every task is up and known to be.
func (w *stormyWorld) allRun() bool {
	return !w.settling() && !slices.ContainsFunc(w.tasks, func(t *task) bool { return t.controller == nil })
}

// done reports whether everybody has arrived and every call is answered.
func (w *stormyWorld) done() bool {
	g := w.group.Group()
	return g.Carried == len(w.passengers) && len(g.Calls) == 0
}

// report describes a storm that ended badly.
func (w *stormyWorld) report(t *testing.T) {
	var text strings.Builder
	var line []byte
	for i := range w.events[max(0, len(w.events)-120):] {
		line = elevator.AppendEvent(line[:0], w.b, &w.events[max(0, len(w.events)-120)+i])
		text.Write(line)
		if line[len(line)-1] != '\n' {
			text.WriteByte('\n')
		}
	}
	g := w.group.Group()
	t.Errorf("%v\n%d of %d carried, %d wait, %d ride, %d calls\nmishaps:\n%s\nthe journal's end:\n%s\nrepeat with -run '%s$'",
		w.trouble, g.Carried, len(w.passengers), g.WaitingTotal(), g.Riding(), len(g.Calls),
		strings.Join(w.log, "\n"), text.String(), t.Name())
}
