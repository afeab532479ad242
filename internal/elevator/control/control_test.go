package control

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"elevator/internal/elevator"
)

// TestControl plays the cases of testdata: each a small building, then, line by
// line, what is done to it, and everything that follows. The commands:
//
//	passenger 1 from=1 to=5 at=3 kg=80     somebody will come
//	assign A 5 up | assign A 1 to=5        the dispatcher gives a landing call to a car
//	unassign A 5 up                        … and takes it away
//	press 5 up                             the operator presses a landing button
//	call A 7                               the operator registers a car call
//	cancel A                               … and cancels all of them
//	park A 1 | park A                      … or sends the idle car somewhere
//	lock A 3 4                             no car calls for these floors
//	lock-landing 3 | unlock-landing 3
//	mode A fire-operation 1                a mode of operation, and where to
//	mode A vip 5                           a priority ride from there
//	doors A open | doors A close | doors A none    worked by hand
//	fault A door-closing | heal A door-closing | acknowledge A
//	deaf A 20                              for so long its sensors show nothing new
//	delay board 10                         the next such message takes 10 s
//	lose board 2                           the next two such messages get lost
//	restart A | restart 3                  the task of a car or a landing starts anew
//	resync A | resync 3                    a group control that comes back asks for a report
//	run 20 | run until=20 | run            play on; without a time until all is quiet
//
// run prints what happened; with messages in building also what was said. Each
// case ends with the shafts, drawn at every opening of the doors, at whatever
// else an engineer would want to look at, and at the end: see
// simtest.Film.
func TestControl(t *testing.T) {
	for _, name := range []string{"service", "landing", "doors", "modes", "faults", "restart", "report"} {
		t.Run(name, func(t *testing.T) {
			datadriven.RunTest(t, "testdata/"+name+".txt", func(t *testing.T, d *datadriven.TestData) string {
				w := newWorld(testBuilding(t, d))
				w.chatty, w.manual = d.HasArg("messages"), d.HasArg("manual")
				var out strings.Builder
				for line := range strings.Lines(d.Input) {
					cmd, cmdArgs, err := datadriven.ParseLine(line)
					if err != nil {
						d.Fatalf(t, "%v", err)
					}
					out.WriteString(w.command(t, &datadriven.TestData{Pos: d.Pos, Cmd: cmd, CmdArgs: cmdArgs, Rewrite: d.Rewrite}))
					if len(w.trouble) > 0 {
						t.Fatalf("%s: %v", d.Pos, w.trouble)
					}
				}
				return out.String() + w.film.End(w.now)
			})
		})
	}
}

// testBuilding is a building whose times are easily reckoned: floors of 4 m,
// 2 m/s, so n floors take 2n+3 s (one floor 5.123 s); doors open in 2 s and
// close in 3 s, dwell 2 s for a car call and 4 s for a landing call; a step in
// or out takes 1 s. Cars carry 10 people, 750 kg.
func testBuilding(t *testing.T, d *datadriven.TestData) *elevator.Building {
	floors, cars, capacity, bypass, full := 8, 1, 10, 0.8, 1.0
	model, start, closeS := "s-curve", "1", 3
	d.MaybeScanArgs(t, "floors", &floors)
	d.MaybeScanArgs(t, "cars", &cars)
	d.MaybeScanArgs(t, "capacity", &capacity)
	d.MaybeScanArgs(t, "bypass", &bypass)
	d.MaybeScanArgs(t, "full", &full)
	d.MaybeScanArgs(t, "model", &model)
	d.MaybeScanArgs(t, "start", &start)
	d.MaybeScanArgs(t, "close", &closeS)
	b := newTestBuilding(floors, cars, capacity, model == "floor-time")
	b.Load.BypassRatio, b.Load.FullRatio = bypass, full
	if model != "floor-time" {
		b.Doors.Close = time.Duration(closeS) * time.Second
	}
	if d.HasArg("destination") {
		b.Signalling = elevator.Destination
	}
	for c := range b.Cars {
		b.Cars[c].Start = floorNamed(t, d, b, start)
		if c == 0 && d.HasArg("not") {
			var not string
			d.ScanArgs(t, "not", &not)
			b.Cars[c].Serves.Remove(floorNamed(t, d, b, not))
		}
	}
	return b
}

func newTestBuilding(floors, cars, capacity int, floorTime bool) *elevator.Building {
	b := &elevator.Building{
		Motion: elevator.Motion{Model: elevator.SCurve, SpeedMps: 2, AccelerationMps2: 1, JerkMps3: 1},
		Doors: elevator.Doors{
			Open: 2 * time.Second, Close: 3 * time.Second, DwellCarCall: 2 * time.Second, DwellLandingCall: 4 * time.Second,
		},
		Transfer: elevator.Transfer{Mean: time.Second},
		Load:     elevator.Load{PassengerKg: 75, FullRatio: 1, BypassRatio: 0.8, OverloadRatio: 1.1},
	}
	if floorTime {
		b.Motion = elevator.Motion{
			Model: elevator.FloorTime, FloorTime: 1500 * time.Millisecond, StopOverhead: 6 * time.Second, TurnTime: time.Second,
		}
		b.Doors = elevator.Doors{}
	}
	var all elevator.FloorSet
	for f := range floors {
		b.Floors = append(b.Floors, elevator.Floor{Name: strconv.Itoa(f + 1), ElevationM: 4 * float64(f), MainTerminal: f == 0})
		all.Add(elevator.FloorIndex(f))
	}
	for c := range cars {
		b.Cars = append(b.Cars, elevator.CarSpec{
			Name: string(rune('A' + c)), CapacityPersons: capacity, RatedLoadKg: 75 * float64(capacity), Serves: all,
		})
	}
	return b
}

func floorNamed(t *testing.T, d *datadriven.TestData, b *elevator.Building, name string) elevator.FloorIndex {
	f := b.FloorByName(name)
	if f == elevator.NoFloor {
		d.Fatalf(t, "no floor %q", name)
	}
	return f
}

// args reads the words of a command one after another.
type args struct {
	t *testing.T
	d *datadriven.TestData
	w *world
	n int
}

func (a *args) word() string {
	if a.n >= len(a.d.CmdArgs) {
		a.d.Fatalf(a.t, "%s: one word too few", a.d.Cmd)
	}
	a.n++
	return a.d.CmdArgs[a.n-1].Key
}

func (a *args) more() bool { return a.n < len(a.d.CmdArgs) }

func (a *args) number() int {
	n, err := strconv.Atoi(a.word())
	if err != nil {
		a.d.Fatalf(a.t, "%v", err)
	}
	return n
}

func (a *args) floor() elevator.FloorIndex { return floorNamed(a.t, a.d, a.w.b, a.word()) }

func (a *args) car() elevator.CarIndex {
	name := a.word()
	c := a.w.b.CarByName(name)
	if c == elevator.NoCar {
		a.d.Fatalf(a.t, "no car %q", name)
	}
	return c
}

func (a *args) seconds(s string) time.Duration {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		a.d.Fatalf(a.t, "%v", err)
	}
	return time.Duration(f * float64(time.Second))
}

func (a *args) option(name, otherwise string) string {
	a.d.MaybeScanArgs(a.t, name, &otherwise)
	return otherwise
}

// landingCall reads "5 up" or "1 to=5".
func (a *args) landingCall() elevator.CallKey {
	f := a.floor()
	if to := a.option("to", ""); to != "" {
		return elevator.DestinationCall(f, floorNamed(a.t, a.d, a.w.b, to))
	}
	if a.word() == "up" {
		return elevator.ConventionalCall(f, elevator.Up)
	}
	return elevator.ConventionalCall(f, elevator.Down)
}

var kinds = map[string]MessageKind{
	"board": Board, "announce": Announce, "boarded": Boarded, "left": Left, "lamp": Lamp, "button": Button, "assign": Assign,
}

func (w *world) command(t *testing.T, d *datadriven.TestData) string {
	a := &args{t: t, d: d, w: w}
	m := NewMessage(Tick)
	switch d.Cmd {
	case "passenger":
		a.passenger()
		return ""
	case "assign":
		c := a.car()
		key := a.landingCall()
		if w.fold.CallIndex(key) >= 0 {
			w.assign(c, key)
		} else {
			w.tell(c, Assign, key)
		}
		return ""
	case "unassign":
		c := a.car()
		w.tell(c, Unassign, a.landingCall())
		return ""
	case "press":
		key := a.landingCall()
		m.Kind, m.Floor, m.Direction, m.To = Press, key.Floor, key.Direction, key.To
		w.toLanding(key.Floor, m)
		return ""
	case "lock-landing", "unlock-landing":
		m.Kind, m.On = LockLanding, d.Cmd == "lock-landing"
		w.toLanding(a.floor(), m)
		return ""
	case "delay", "lose":
		a.disturb()
		return ""
	case "restart":
		if c := w.b.CarByName(d.CmdArgs[0].Key); c != elevator.NoCar {
			w.restartCar(c)
		} else {
			w.restartLanding(a.floor())
		}
		return ""
	case "resync":
		m.Kind, m.Stop = Resync, 1
		if c := w.b.CarByName(d.CmdArgs[0].Key); c != elevator.NoCar {
			w.toCar(c, m)
		} else {
			w.toLanding(a.floor(), m)
		}
		return ""
	case "run":
		return a.run()
	}
	c := a.car()
	switch d.Cmd {
	case "call":
		m.Kind, m.Floor = RegisterCall, a.floor()
	case "cancel":
		m.Kind = CancelCalls
	case "park":
		m.Kind = Park
		if a.more() {
			m.Floor = a.floor()
		}
	case "lock":
		m.Kind = LockCarCalls
		for a.more() {
			m.Floors.Add(a.floor())
		}
	case "mode":
		m.Kind = SetMode
		m.Mode, _ = elevator.ParseMode(a.word())
		if a.more() {
			m.Floor = a.floor()
		}
		w.recall = m.Floor
	case "fault", "heal":
		m.Kind, m.On = InjectFault, d.Cmd == "fault"
		m.Fault, _ = elevator.ParseFault(a.word())
	case "doors":
		m.Kind = CommandDoors
		m.Doors, _ = elevator.ParseDoorCommand(a.word())
	case "acknowledge":
		m.Kind = AcknowledgeCar
	case "deaf":
		w.deafen(c, a.seconds(a.word()))
		return ""
	default:
		d.Fatalf(t, "unknown command %s", d.Cmd)
	}
	w.toCar(c, m)
	return ""
}

func (a *args) passenger() {
	first := a.number()
	n, _ := strconv.Atoi(a.option("and", "0"))
	kg, _ := strconv.ParseFloat(a.option("kg", "75"), 64)
	for id := first; id <= max(first, n); id++ {
		a.w.expect(elevator.Passenger{
			ID:    elevator.PassengerID(id),
			Floor: floorNamed(a.t, a.d, a.w.b, a.option("from", "")), To: floorNamed(a.t, a.d, a.w.b, a.option("to", "")),
			MassKg: kg, ArrivesAt: max(a.w.now, a.seconds(a.option("at", "0"))),
		})
	}
}

// disturb delays or loses the next messages of a kind.
func (a *args) disturb() {
	kind, ok := kinds[a.word()]
	if !ok {
		a.d.Fatalf(a.t, "unknown kind of message")
	}
	word := a.word()
	if a.d.Cmd == "delay" {
		by := a.seconds(word)
		a.w.delay = func(l link, m *Message) time.Duration {
			if m == nil || m.Kind != kind || !l.down {
				return 0
			}
			a.w.delay = func(link, *Message) time.Duration { return 0 }
			return by
		}
		return
	}
	n, _ := strconv.Atoi(word)
	a.w.lose = func(m *Message) bool {
		if m.Kind != kind || n == 0 {
			return false
		}
		n--
		return true
	}
}

func (a *args) run() string {
	until := Never
	if s := a.option("until", ""); s != "" {
		until = a.seconds(s)
	} else if a.more() {
		until = a.w.now + a.seconds(a.word())
	}
	a.w.notes = nil
	a.w.run(until)
	if len(a.w.notes) == 0 && until != Never {
		return fmt.Sprintf("%8.3f  nothing\n", until.Seconds())
	}
	if until == Never {
		a.w.notes = append(a.w.notes, fmt.Sprintf("%8.3f  all is quiet; %d carried, %d wait, %d ride",
			a.w.now.Seconds(), a.w.fold.Carried, a.w.fold.WaitingTotal(), a.w.fold.Riding()))
	}
	return strings.Join(a.w.notes, "\n") + "\n"
}
