package sim

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/group"
	"elevator/internal/elevator/motion"
	"elevator/internal/elevator/sim/simtest"
)

// TestDispatching plays the cases of testdata/dispatching: a building of eight
// floors, who comes when, and what an operator does meanwhile; then what the
// group made of it, without the doors, and the shafts at every stop. The lines:
//
//	group dispatcher=eta cars=2 start=(1,8) destination parking=lobby
//	group dispatcher=hybrid hybrid         a panel at the main terminal alone
//	group capacity=4 without=(8,7)         car A does not serve 8, B not 7
//	passenger 1 and=3 from=1 to=5 at=3     three people at once
//	mode A out-of-service at=10            an operator's commands
//	fault A drive-and-motor at=10
//	group-mode up-peak at=0
//	dispatcher eta at=10
//	vip 8 at=10
func TestDispatching(t *testing.T) {
	datadriven.Walk(t, "testdata/dispatching", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			c := newDispatchingCase(t, d)
			for line := range strings.Lines(d.Input) {
				cmd, args, err := datadriven.ParseLine(line)
				if err != nil {
					d.Fatalf(t, "%v", err)
				}
				c.line(t, &datadriven.TestData{Pos: d.Pos, Cmd: cmd, CmdArgs: args})
			}
			return c.play(t)
		})
	})
}

type dispatchingCase struct {
	Config
	b        *elevator.Building
	promises bool // by one dispatcher, for good
}

func newDispatchingCase(t *testing.T, d *datadriven.TestData) *dispatchingCase {
	b := building.Builtin()
	name, parking, cars := dispatch.Default, "auto", 2
	d.MaybeScanArgs(t, "dispatcher", &name)
	d.MaybeScanArgs(t, "parking", &parking)
	d.MaybeScanArgs(t, "cars", &cars)
	b.Cars = b.Cars[:cars]
	for i := range b.Cars {
		car := &b.Cars[i]
		d.MaybeScanArgs(t, "capacity", &car.CapacityPersons)
		car.RatedLoadKg = float64(car.CapacityPersons) * b.Load.PassengerKg
		if f := floorOf(b, d, "start", i); f != elevator.NoFloor {
			car.Start = f
		}
		if f := floorOf(b, d, "without", i); f != elevator.NoFloor {
			car.Serves.Remove(f)
		}
	}
	switch {
	case d.HasArg("destination"):
		b.Signalling = elevator.Destination
	case d.HasArg("hybrid"):
		b.Signalling = elevator.Hybrid
	}
	entry, ok := dispatch.ByName(name)
	if !ok {
		d.Fatalf(t, "no dispatcher %q", name)
	}
	policy, err := dispatch.ParkingByName(parking)
	if err != nil {
		d.Fatalf(t, "parking %v", err)
	}
	return &dispatchingCase{Config{Building: b, Dispatcher: entry.Parked(policy)}, b, entry.NeedsDestination}
}

// floorOf returns the floor that an argument names for car i, the last one for all
// further cars, or NoFloor.
func floorOf(b *elevator.Building, d *datadriven.TestData, key string, i int) elevator.FloorIndex {
	for _, arg := range d.CmdArgs {
		if arg.Key == key {
			return b.FloorByName(arg.Vals[min(i, len(arg.Vals)-1)])
		}
	}
	return elevator.NoFloor
}

// line reads one line of a case.
func (c *dispatchingCase) line(t *testing.T, d *datadriven.TestData) {
	at := 0.0
	d.MaybeScanArgs(t, "at", &at)
	when := time.Duration(at * float64(time.Second))
	var cmd group.Command
	switch d.Cmd {
	case "passenger":
		c.passengers(t, d, when)
		return
	case "mode":
		cmd = group.NewCommand(group.SetCarMode)
		cmd.Car = c.b.CarByName(d.CmdArgs[0].Key)
		cmd.Mode, _ = elevator.ParseMode(d.CmdArgs[1].Key)
	case "fault":
		cmd = group.NewCommand(group.RaiseFault)
		cmd.Car, cmd.On = c.b.CarByName(d.CmdArgs[0].Key), true
		cmd.Fault, _ = elevator.ParseFault(d.CmdArgs[1].Key)
	case "group-mode":
		cmd = group.NewCommand(group.SetGroupMode)
		cmd.GroupMode, _ = elevator.ParseGroupMode(d.CmdArgs[0].Key)
	case "dispatcher":
		cmd = group.NewCommand(group.SetDispatcher)
		cmd.Dispatcher, c.promises = d.CmdArgs[0].Key, false
	case "vip":
		cmd = group.NewCommand(group.CallVIP)
		cmd.Floor = c.b.FloorByName(d.CmdArgs[0].Key)
	default:
		d.Fatalf(t, "unknown line %q", d.Cmd)
	}
	c.Drills = append(c.Drills, Drill{when, cmd})
}

func (c *dispatchingCase) passengers(t *testing.T, d *datadriven.TestData, at time.Duration) {
	var from, to string
	d.ScanArgs(t, "from", &from)
	d.ScanArgs(t, "to", &to)
	first, err := strconv.Atoi(d.CmdArgs[0].Key)
	if err != nil {
		d.Fatalf(t, "%v", err)
	}
	last, massKg := first, 75.0
	d.MaybeScanArgs(t, "and", &last)
	d.MaybeScanArgs(t, "mass", &massKg)
	for id := first; id <= last; id++ {
		c.Passengers = append(c.Passengers, elevator.Passenger{
			ID: elevator.PassengerID(id), Floor: c.b.FloorByName(from), To: c.b.FloorByName(to), MassKg: massKg, ArrivesAt: at,
		})
	}
}

// play runs the case and tells what happened.
func (c *dispatchingCase) play(t *testing.T) string {
	var text strings.Builder
	g, check := elevator.NewGroup(c.b), simtest.NewChecker(c.b)
	check.Promises = c.promises
	film := simtest.NewFilm(g, motion.NewLaw(c.b))
	c.OnEvent = func(e *elevator.Event) {
		check.Event(e)
		if e.T > g.T {
			film.Shoot(g.T)
		}
		if err := g.Apply(e); err != nil {
			t.Fatal(err)
		}
		film.Event(e)
		if tellsOfDispatching(e.Kind) {
			fmt.Fprintf(&text, "%8.3f  %s\n", e.T.Seconds(), simtest.Sentence(c.b, e))
		}
	}
	summary, err := Run(c.Config)
	if err != nil {
		t.Fatal(err)
	}
	if err := check.End(); err != nil {
		t.Fatal(err)
	}
	return text.String() + film.End(summary.End)
}

func tellsOfDispatching(kind elevator.EventKind) bool {
	switch kind {
	case elevator.LandingCallRegistered, elevator.LandingCallAssigned, elevator.LandingCallAnswered,
		elevator.CarDeparted, elevator.CarTargetChanged, elevator.CarArrived, elevator.ModeChanged, elevator.FaultRaised,
		elevator.PassengerBoarded, elevator.PassengerAlighted:
		return true
	}
	return false
}
