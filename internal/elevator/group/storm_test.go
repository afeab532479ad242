package group

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/dispatch"
)

// Whatever goes down and comes back, whatever operators do and however long
// messages take: nobody is lost or doubled, no car does what a lift may never do,
// and when all is repaired everybody arrives and every call is answered.
//
// Each storm is one seed, so that a bad one can be repeated; ELEVATOR_SOAK=1
// weathers many more.
func TestStorm(t *testing.T) {
	storms := 1500
	if os.Getenv("ELEVATOR_SOAK") != "" {
		storms = 20000
	}
	for seed := range storms {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			t.Parallel()
			weather(t, uint64(seed))
		})
	}
}

func weather(t *testing.T, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 7))
	d, b := stormyBuilding(rng)
	latencies := []time.Duration{0, 20 * time.Millisecond, 300 * time.Millisecond, 3 * time.Second}
	w := newStormyWorld(b, d, stormyPassengers(rng, b), latencies[rng.IntN(len(latencies))], rng)
	for range rng.IntN(25) {
		if w.trouble != nil {
			break
		}
		car, floor := elevator.CarIndex(rng.IntN(len(b.Cars))), elevator.FloorIndex(rng.IntN(len(b.Floors)))
		if rng.IntN(2) == 0 {
			car, floor = w.runToStop(w.now + 20*time.Second)
			w.run(w.now + w.upTo(4*time.Second))
		} else {
			w.run(w.now + w.upTo(time.Duration(1+rng.IntN(20))*time.Second))
		}
		what := w.mishap(car, floor)
		w.log = append(w.log, fmt.Sprintf("%8.3f  %s", w.now.Seconds(), what))
	}
	for !w.allRun() && w.trouble == nil {
		w.run(w.now + time.Second)
	}
	if w.trouble == nil {
		w.repair()
		w.check.Still = 4 * time.Minute // longer than anybody waits before they press again
	}
	for w.now < 4*time.Hour && !w.done() && w.trouble == nil {
		w.run(w.now + 20*time.Second)
	}
	if w.trouble == nil {
		w.trouble = w.check.End()
	}
	if w.trouble != nil {
		w.log = append([]string{fmt.Sprintf("dispatcher %s, %d floors, %d cars, latency %v", d.Name, len(b.Floors), len(b.Cars), w.latency)}, w.log...)
		w.report(t)
	}
}

// stormyBuilding draws a building and who dispatches it: mostly nearest-car and
// eta.
func stormyBuilding(rng *rand.Rand) (dispatch.Entry, *elevator.Building) {
	b := testBuilding(2+rng.IntN(7), 1+rng.IntN(4))
	b.Transfer.Mean = time.Second
	b.Motion.StopOverhead, b.Motion.TurnTime = 6*time.Second, time.Second
	if rng.IntN(3) > 0 {
		b.Motion = elevator.Motion{SpeedMps: 1.6, AccelerationMps2: 1, JerkMps3: 1.2, StartDelay: 500 * time.Millisecond}
		b.Doors = elevator.Doors{
			Open: 1800 * time.Millisecond, Close: 2900 * time.Millisecond,
			DwellCarCall: 2 * time.Second, DwellLandingCall: 3 * time.Second,
		}
	}
	for i := range b.Cars {
		b.Cars[i].CapacityPersons = 1 + rng.IntN(8)
		b.Cars[i].Start = elevator.FloorIndex(rng.IntN(len(b.Floors)))
		if i > 0 && len(b.Floors) > 2 && rng.IntN(5) == 0 {
			b.Cars[i].Serves.Remove(elevator.FloorIndex(rng.IntN(len(b.Floors))))
			b.Cars[i].Start = b.Cars[i].Serves.Above(elevator.NoFloor)
			b.Cars[i].Home = b.Cars[i].Start
		}
	}
	b.Signalling = []elevator.Signalling{0, 0, 0, 0, elevator.Destination, elevator.Hybrid}[rng.IntN(6)]
	names := []string{"nearest-car", "nearest-car", "eta", "eta", "eta", "uncoordinated", "original"}
	if b.Signalling != elevator.Conventional {
		names = append(names, "destination", "destination", "hybrid", "hybrid")
	}
	d, _ := dispatch.ByName(names[rng.IntN(len(names))])
	return d, b
}

func stormyPassengers(rng *rand.Rand, b *elevator.Building) []elevator.Passenger {
	ps := make([]elevator.Passenger, rng.IntN(40))
	at, from := time.Duration(0), 0
	for i := range ps {
		// They come in parties, so that two cars stand at one landing at times.
		if rng.IntN(3) == 0 {
			at += time.Duration(rng.IntN(15000)) * time.Millisecond
			from = rng.IntN(len(b.Floors))
		}
		at += time.Duration(rng.IntN(800)) * time.Millisecond
		to := (from + 1 + rng.IntN(len(b.Floors)-1)) % len(b.Floors)
		ps[i] = elevator.Passenger{
			ID: elevator.PassengerID(i + 1), Floor: elevator.FloorIndex(from), To: elevator.FloorIndex(to),
			ArrivesAt: at, MassKg: 40 + 35*rng.Float64(), BoardTime: time.Duration(rng.IntN(3000)) * time.Millisecond,
		}
	}
	return ps
}

var stormyFaults = []elevator.Fault{
	elevator.FaultStartFailure, elevator.FaultDoorOpening, elevator.FaultDoorClosing, elevator.FaultDriveAndMotor,
	elevator.FaultCarStoppedOutsideLandingZone, elevator.FaultLoadMeasurement, elevator.FaultOverload, elevator.FaultController,
}

// mishap does something to a car or a floor, or both, and returns what it was.
func (w *stormyWorld) mishap(car elevator.CarIndex, floor elevator.FloorIndex) string {
	switch n := w.rng.IntN(22); {
	case n < 5:
		w.crash(w.tasks[car])
		return fmt.Sprint("car ", car, " goes down")
	case n < 8:
		w.crash(w.tasks[len(w.b.Cars)+int(floor)])
		return fmt.Sprint("landing ", floor, " goes down")
	case n < 9:
		w.crash(w.tasks[car])
		w.crash(w.tasks[len(w.b.Cars)+int(floor)])
		return fmt.Sprint("car ", car, " and landing ", floor, " go down")
	case n < 11:
		d, _ := dispatch.ByName(w.group.Dispatcher())
		w.takeOver(d)
		return "the group control is replaced"
	}
	cmd := w.anyCommand()
	if w.rng.IntN(3) > 0 {
		cmd.Car = car
	}
	cmd.Floor = floor
	if cmd.Check(w.b) != nil {
		return "nothing"
	}
	w.command(cmd)
	return fmt.Sprintf("%v car %d floor %d %v %v %v %v %s", cmd.Kind, cmd.Car, cmd.Floor, cmd.On, cmd.Mode, cmd.GroupMode, cmd.Fault, cmd.Dispatcher)
}

func (w *stormyWorld) anyCommand() Command {
	kinds := []CommandKind{
		PressButton, PressCarButton, SetCarMode, SetCarMode, SetCarMode, SetGroupMode, ParkCar, LockFloor, ClearCarCalls, ClearCalls,
		SetDispatcher, RaiseFault, RaiseFault, RaiseFault, ResetFaults, LockLanding, LockCarCalls, SetAllModes, CallVIP, WorkDoors,
	}
	cmd := NewCommand(kinds[w.rng.IntN(len(kinds))])
	cmd.Mode = elevator.Mode(1 + w.rng.IntN(int(elevator.ModeOccupantEvacuation)))
	if w.rng.IntN(2) == 0 {
		cmd.Mode = elevator.ModeNormal
	}
	cmd.GroupMode = elevator.GroupMode(1 + w.rng.IntN(int(elevator.GroupUpPeak)))
	cmd.Fault, cmd.On = stormyFaults[w.rng.IntN(len(stormyFaults))], w.rng.IntN(3) > 0
	cmd.Doors = elevator.DoorCommand(w.rng.IntN(3))
	cmd.Direction = elevator.Direction(1 - 2*w.rng.IntN(2))
	cmd.Dispatcher = dispatch.All[w.rng.IntN(len(dispatch.All))].Name
	if cmd.Dispatcher == "lookahead" {
		cmd.Dispatcher = "eta" // it thinks too long for a storm
	}
	return cmd
}

// repair heals every fault and puts everything back in service.
func (w *stormyWorld) repair() {
	cmd := NewCommand(SetGroupMode)
	cmd.GroupMode = elevator.GroupNormal
	w.command(cmd)
	for i := range w.b.Cars {
		for _, f := range stormyFaults {
			cmd := NewCommand(RaiseFault)
			cmd.Car, cmd.Fault = elevator.CarIndex(i), f
			w.command(cmd)
		}
		cmd := NewCommand(SetCarMode)
		cmd.Car, cmd.Mode = elevator.CarIndex(i), elevator.ModeNormal
		w.command(cmd)
	}
	for f := range w.b.Floors {
		cmd := NewCommand(LockFloor)
		cmd.Floor = elevator.FloorIndex(f)
		w.command(cmd)
	}
}
