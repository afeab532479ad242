package group

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"elevator/internal/elevator"
	"elevator/internal/elevator/control"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/motion"
)

// The files in testdata/conversations are conversations: what reaches the group control, and
// all that it wants done.
func TestConversations(t *testing.T) {
	datadriven.Walk(t, "testdata/conversations", func(t *testing.T, path string) {
		var c *Control
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "group":
				c = newControl(t, d)
				return ""
			case "takeover": // by a Control that knows the journal alone
				c = New(c.building, c.law, c.dispatcher, Options{Group: c.group.Clone()})
				return ""
			case "step":
				var seconds int
				d.ScanArgs(t, "t", &seconds)
				return converse(t, c, time.Duration(seconds)*time.Second, d.Input)
			}
			t.Fatalf("unknown command %q", d.Cmd)
			return ""
		})
	})
}

func testBuilding(floors, cars int) *elevator.Building {
	b := &elevator.Building{
		Name:   "test",
		Motion: elevator.Motion{Model: elevator.FloorTime, FloorTime: time.Second},
		Load:   elevator.Load{PassengerKg: 75, FullRatio: 1, BypassRatio: 0.8, OverloadRatio: 1.1},
	}
	var all elevator.FloorSet
	for f := range floors {
		all.Add(elevator.FloorIndex(f))
		b.Floors = append(b.Floors, elevator.Floor{Name: strconv.Itoa(f), ElevationM: 3 * float64(f), MainTerminal: f == 0})
	}
	for i := range cars {
		b.Cars = append(b.Cars, elevator.CarSpec{Name: string(rune('A' + i)), CapacityPersons: 10, Serves: all})
	}
	return b
}

func newControl(t *testing.T, d *datadriven.TestData) *Control {
	var floors, cars int
	var dispatcher string
	d.ScanArgs(t, "floors", &floors)
	d.ScanArgs(t, "cars", &cars)
	d.ScanArgs(t, "dispatcher", &dispatcher)
	b := testBuilding(floors, cars)
	if d.HasArg("destination") {
		b.Signalling = elevator.Destination
	}
	entry, ok := dispatch.ByName(dispatcher)
	if !ok {
		t.Fatalf("no dispatcher %q", dispatcher)
	}
	law := motion.NewLaw(b)
	return New(b, law, entry.New(dispatch.Plant{Building: b, Law: law}), Options{})
}

// converse takes one input a line and returns the outputs, one a line, and
// then those of the ticks that the control asked for.
func converse(t *testing.T, c *Control, now time.Duration, lines string) string {
	var text strings.Builder
	for line := range strings.Lines(lines) {
		in := parseInput(t, strings.Fields(line))
		printOutputs(&text, c.Step(now, &in, nil))
		for c.Wake() <= now {
			tick := Tick()
			printOutputs(&text, c.Step(now, &tick, nil))
		}
	}
	return text.String()
}

// words are the key=value arguments of a line.
type words map[string]string

func (w words) floor(key string) elevator.FloorIndex {
	if s, ok := w[key]; ok {
		n, _ := strconv.Atoi(s)
		return elevator.FloorIndex(n)
	}
	return elevator.NoFloor
}

func (w words) int(key string) int {
	n, _ := strconv.Atoi(w[key])
	return n
}

func direction(s string) elevator.Direction {
	return map[string]elevator.Direction{"up": elevator.Up, "down": elevator.Down}[s]
}

var eventKinds = map[string]elevator.EventKind{
	"arrived": elevator.PassengerArrived, "boarded": elevator.PassengerBoarded, "alighted": elevator.PassengerAlighted,
	"opening": elevator.DoorsOpening, "opened": elevator.DoorsOpened, "closing": elevator.DoorsClosing,
	"closed": elevator.DoorsClosed, "departed": elevator.CarDeparted, "stopped": elevator.CarArrived,
	"fault": elevator.FaultRaised, "healed": elevator.FaultCleared, "mode": elevator.ModeChanged,
	"task": elevator.TaskStateChanged, "carcall": elevator.CarCallRegistered,
}

// parseInput reads "car 0 …", "landing 3 …", "operator …" and "tick".
func parseInput(t *testing.T, f []string) Input {
	w := words{}
	for _, s := range f {
		if key, value, ok := strings.Cut(s, "="); ok {
			w[key] = value
		}
	}
	in := Input{}
	switch f[0] {
	case "tick":
		return in
	case "settle":
		in.Settle = true
		return in
	case "operator":
		return Input{From: Operator, Command: parseCommand(f[1], w)}
	case "car":
		in.From = Car
	case "landing":
		in.From = Landing
	}
	in.Index, _ = strconv.Atoi(f[1])
	switch f[2] {
	case "restore":
		in.Restore = true
		return in
	case "silent":
		in.Silent = true
		return in
	case "heard":
		in.Heard = true
		return in
	}
	if kind, ok := eventKinds[f[2]]; ok {
		in.Event = parseEvent(in, kind, w)
		return in
	}
	m := control.NewMessage(0)
	m.Direction, m.To, m.Stop = direction(w["dir"]), w.floor("to"), uint32(w.int("stop"))
	switch f[2] {
	case "button":
		m.Kind, m.Floor = control.Button, elevator.FloorIndex(in.Index)
	case "announce":
		m.Kind, m.Car, m.Floor, m.RoomPersons = control.Announce, elevator.CarIndex(in.Index), w.floor("floor"), w.int("room")
	case "board":
		m.Kind, m.Car, m.Floor = control.Board, elevator.CarIndex(w.int("car")), elevator.FloorIndex(in.Index)
		for id := range strings.SplitSeq(w["passengers"], ",") {
			if n, err := strconv.Atoi(id); err == nil {
				m.Passengers = append(m.Passengers, elevator.Passenger{ID: elevator.PassengerID(n)})
			}
		}
	case "know":
		parseReport(&m, in, w)
	default:
		t.Fatalf("cannot read %q", f)
	}
	in.Message = &m
	return in
}

// parseReport reads "floor=4 calls=4:up,2:down doors=open stop=3 room=9 boarding=1" of
// a car, which may be is=new, and "calls=4:up waiting=1,2 stops=0:3" of a landing, which
// may be is=locked; "lit=7 promised=0:2 to=7" of one with a panel: car 0 to two people
// for 7; "queue=1,2 to=7": these two, who wait for certain, want to 7.
func parseReport(m *control.Message, in Input, w words) {
	m.Kind, m.Floor = control.Know, w.floor("floor")
	r := &control.Report{
		Active: w["is"] != "new", Stands: w["doors"] == "open" || w["doors"] == "closing", Boards: w["doors"] == "open",
		Stop: m.Stop, Direction: m.Direction, RoomPersons: w.int("room"),
		Park: w.floor("park"), Recall: elevator.NoFloor, Locked: w["is"] == "locked", Answered: w["boarding"] != "",
	}
	each := func(key string, take func(number int, word string)) {
		for item := range strings.SplitSeq(w[key], ",") {
			number, word, _ := strings.Cut(item, ":")
			if n, err := strconv.Atoi(number); err == nil {
				take(n, word)
			}
		}
	}
	each("calls", func(f int, d string) {
		r.Calls = append(r.Calls, elevator.ConventionalCall(elevator.FloorIndex(f), direction(d)))
	})
	each("boarding", func(id int, _ string) { r.Boarding = append(r.Boarding, elevator.PassengerID(id)) })
	each("lit", func(to int, _ string) {
		r.Calls = append(r.Calls, elevator.DestinationCall(elevator.FloorIndex(in.Index), elevator.FloorIndex(to)))
	})
	each("promised", func(car int, persons string) {
		n, _ := strconv.Atoi(persons)
		r.Promises = append(r.Promises, control.Promise{To: w.floor("to"), Car: elevator.CarIndex(car), Persons: n})
	})
	each("queue", func(id int, _ string) {
		r.Queue = append(r.Queue, elevator.Passenger{ID: elevator.PassengerID(id), To: w.floor("to"), MassKg: 75})
	})
	each("waiting", func(id int, _ string) { r.Waiting = append(r.Waiting, elevator.PassengerID(id)) })
	each("stops", func(car int, stop string) {
		n, _ := strconv.Atoi(stop)
		r.Stops = append(r.Stops, control.CarStop{Car: elevator.CarIndex(car), Stop: uint32(n)})
	})
	if in.From == Landing {
		m.Floor = elevator.FloorIndex(in.Index)
	}
	m.Report = r
}

func parseEvent(in Input, kind elevator.EventKind, w words) *elevator.Event {
	e := elevator.NewEvent(0, kind)
	if in.From == Car {
		e.Car, e.Floor = elevator.CarIndex(in.Index), w.floor("floor")
	} else {
		e.Floor = elevator.FloorIndex(in.Index)
	}
	e.To, e.Direction, e.Passenger = w.floor("to"), direction(w["dir"]), elevator.PassengerID(w.int("passenger"))
	e.Mode, _ = elevator.ParseMode(w["mode"])
	e.Fault, _ = elevator.ParseFault(w["fault"])
	if kind == elevator.PassengerArrived {
		e.MassKg = 75
	}
	if kind == elevator.TaskStateChanged {
		task := elevator.CarTask
		if in.From == Landing {
			task = elevator.FloorTask
		}
		e.Detail = &elevator.Detail{Task: elevator.TaskName(task, in.Index), State: w["state"]}
	}
	return &e
}

func parseCommand(name string, w words) *Command {
	kind, _ := ParseCommand(name)
	cmd := NewCommand(kind)
	cmd.RequestID, cmd.By, cmd.Dispatcher, cmd.On = w["id"], "test", w["dispatcher"], w["on"] == "true"
	cmd.Task, cmd.Alarm = w["task"], w["alarm"]
	cmd.Floor, cmd.To, cmd.Direction = w.floor("floor"), w.floor("to"), direction(w["dir"])
	if _, ok := w["car"]; ok {
		cmd.Car = elevator.CarIndex(w.int("car"))
	}
	cmd.Mode, _ = elevator.ParseMode(w["mode"])
	cmd.GroupMode, _ = elevator.ParseGroupMode(w["group-mode"])
	cmd.Fault, _ = elevator.ParseFault(w["fault"])
	cmd.Doors, _ = elevator.ParseDoorCommand(w["doors"])
	return &cmd
}

var messageNames = map[control.MessageKind]string{
	control.Assign: "assign", control.Unassign: "unassign", control.RegisterCall: "register-call",
	control.CancelCalls: "cancel-calls", control.Park: "park", control.SetMode: "set-mode",
	control.LockCarCalls: "lock-car-calls", control.RestoreCar: "restore", control.InjectFault: "inject-fault",
	control.Board: "board", control.AcknowledgeCar: "acknowledge", control.Announce: "announce",
	control.Lamp: "lamp", control.Boarded: "boarded", control.Left: "left", control.Press: "press",
	control.LockLanding: "lock", control.RestoreLanding: "restore", control.PutBack: "put-back",
	control.CommandDoors: "command-doors",
}

func printOutputs(text *strings.Builder, outs []Output) {
	for i := range outs {
		switch o := &outs[i]; {
		case o.Refused != nil:
			fmt.Fprintf(text, "refused: %v\n", o.Refused)
		case o.To == Nobody:
			printEvent(text, &o.Event)
		case o.To == Cluster:
			fmt.Fprintf(text, "cluster: restart %s\n", o.Task)
		default:
			printMessage(text, o)
		}
	}
}

func printEvent(text *strings.Builder, e *elevator.Event) {
	fmt.Fprintf(text, "event %d: %v", e.Seq, e.Kind)
	if e.Kind == elevator.CommandGiven {
		fmt.Fprintf(text, " %s: %s\n", e.Detail.Command, e.Detail.Result)
		return
	}
	if e.Passenger != 0 {
		fmt.Fprintf(text, " passenger=%d", e.Passenger)
	}
	if e.Floor != elevator.NoFloor {
		fmt.Fprintf(text, " floor=%d", e.Floor)
	}
	if e.Direction != elevator.None {
		fmt.Fprintf(text, " %v", e.Direction)
	}
	if e.To != elevator.NoFloor {
		fmt.Fprintf(text, " to=%d", e.To)
	}
	if e.Car != elevator.NoCar {
		fmt.Fprintf(text, " car=%d", e.Car)
	}
	if e.Cars != 0 && e.Cars != elevator.CarSet(0).With(e.Car) {
		fmt.Fprintf(text, " cars=%b", e.Cars)
	}
	if e.Detail != nil && e.Detail.By != "" {
		fmt.Fprintf(text, " by=%s", e.Detail.By)
	}
	fmt.Fprintln(text)
}

func printMessage(text *strings.Builder, o *Output) {
	m := &o.Message
	fmt.Fprintf(text, "%s %d: %s", [...]string{"", "car", "landing"}[o.To], o.Index, messageNames[m.Kind])
	if o.To == Car && m.Floor != elevator.NoFloor {
		fmt.Fprintf(text, " floor=%d", m.Floor)
	}
	if m.Direction != elevator.None {
		fmt.Fprintf(text, " %v", m.Direction)
	}
	if m.To != elevator.NoFloor {
		fmt.Fprintf(text, " to=%d", m.To)
	}
	if o.To == Landing && m.Car != elevator.NoCar {
		fmt.Fprintf(text, " car=%d", m.Car)
	}
	if m.Stop != 0 {
		fmt.Fprintf(text, " stop=%d", m.Stop)
	}
	switch m.Kind {
	case control.Lamp, control.LockLanding, control.InjectFault:
		fmt.Fprintf(text, " on=%v", m.On)
	case control.CommandDoors:
		fmt.Fprintf(text, " %v", m.Doors)
	case control.SetMode:
		fmt.Fprintf(text, " %v", m.Mode)
	case control.LockCarCalls:
		for f := range m.Floors.All() {
			fmt.Fprintf(text, " locked=%d", f)
		}
	case control.RestoreLanding, control.RestoreCar, control.PutBack, control.Board:
		for _, p := range m.Passengers {
			fmt.Fprintf(text, " passenger=%d", p.ID)
		}
		for _, k := range m.Lamps {
			fmt.Fprintf(text, " lamp=%v", k.Direction)
		}
		printReport(text, m.Report)
	}
	if m.Passenger != 0 {
		fmt.Fprintf(text, " passenger=%d", m.Passenger)
	}
	for f := elevator.FaultController; f <= elevator.FaultOverload; f++ {
		if m.Faults.Has(f) || m.Kind == control.InjectFault && m.Fault == f {
			fmt.Fprintf(text, " fault=%v", f)
		}
	}
	fmt.Fprintln(text)
}

func printReport(text *strings.Builder, r *control.Report) {
	if r == nil {
		return
	}
	for _, s := range r.Stops {
		fmt.Fprintf(text, " stands=%d:%d(%v room=%d boarding=%v)", s.Car, s.Stop, s.Direction, s.RoomPersons, s.Boarding)
	}
	for _, p := range r.Promises {
		fmt.Fprintf(text, " promised=%d:%d(to=%d)", p.Car, p.Persons, p.To)
	}
}
