package control

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"elevator/internal/elevator"
)

// storm is what can go wrong between people and their floor.
type storm struct {
	latency, lateness time.Duration // the longest
	loss, again       float64       // probabilities of a message
}

// mayVanish are the messages that lose nobody if they never arrive, because
// somebody says them again.
var mayVanish = []MessageKind{Assign, Unassign, Announce, Board, Boarded, Left, Lamp, Button}

// mayRepeat are the messages that may come once more, at any time.
var mayRepeat = append([]MessageKind{Expect, RestoreCar}, mayVanish...)

func (s storm) over(w *world, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 1))
	upTo := func(d time.Duration) time.Duration {
		if d == 0 {
			return 0
		}
		return time.Duration(rng.Int64N(int64(d)))
	}
	w.delay = func(link, *Message) time.Duration { return upTo(s.latency) }
	w.late = func() time.Duration { return upTo(s.lateness) }
	w.lose = func(m *Message) bool { return rng.Float64() < s.loss && slices.Contains(mayVanish, m.Kind) }
	w.again = func(m *Message) []time.Duration {
		if rng.Float64() >= s.again || !slices.Contains(mayRepeat, m.Kind) {
			return nil
		}
		return []time.Duration{upTo(20 * time.Second)}
	}
}

func anyStormyBuilding(t *rapid.T) *elevator.Building {
	b := newTestBuilding(rapid.IntRange(2, 9).Draw(t, "floors"), rapid.IntRange(1, 3).Draw(t, "cars"),
		rapid.IntRange(1, 6).Draw(t, "capacity"), rapid.Bool().Draw(t, "floor time"))
	b.Signalling = rapid.SampledFrom([]elevator.Signalling{elevator.Conventional, elevator.Destination, elevator.Hybrid}).Draw(t, "signalling")
	b.Load.BypassRatio = rapid.SampledFrom([]float64{0.5, 0.8, 5}).Draw(t, "bypass")
	b.Motion.StartDelay = rapid.SampledFrom([]time.Duration{0, 500 * time.Millisecond}).Draw(t, "start delay")
	for c := range b.Cars {
		b.Cars[c].Start = elevator.FloorIndex(rapid.IntRange(0, len(b.Floors)-1).Draw(t, "start"))
	}
	return b
}

func anyPassengers(t *rapid.T, b *elevator.Building) []elevator.Passenger {
	var ps []elevator.Passenger
	at := time.Duration(0)
	for id := range rapid.IntRange(0, 20).Draw(t, "passengers") {
		at += time.Duration(rapid.IntRange(0, 12000).Draw(t, "gap ms")) * time.Millisecond
		from := rapid.IntRange(0, len(b.Floors)-1).Draw(t, "from")
		to := (from + rapid.IntRange(1, len(b.Floors)-1).Draw(t, "further")) % len(b.Floors)
		ps = append(ps, elevator.Passenger{
			ID: elevator.PassengerID(id + 1), Floor: elevator.FloorIndex(from), To: elevator.FloorIndex(to), ArrivesAt: at,
			MassKg:    rapid.Float64Range(30, 75).Draw(t, "kg"),
			BoardTime: time.Duration(rapid.IntRange(0, 3000).Draw(t, "board ms")) * time.Millisecond,
		})
	}
	return ps
}

var stormModes = []elevator.Mode{
	elevator.ModeVIP, elevator.ModeHoming, elevator.ModeAttendantControl, elevator.ModeFirefighterControl,
	elevator.ModeFireOperation, elevator.ModeEmergencyPower, elevator.ModeEarthquakeOperation, elevator.ModeInspection,
	elevator.ModeOutOfService, elevator.ModeCabinetRecall,
}

var stormFaults = []elevator.Fault{
	elevator.FaultStartFailure, elevator.FaultDoorOpening, elevator.FaultDoorClosing, elevator.FaultCarStoppedOutsideLandingZone,
	elevator.FaultLoadMeasurement, elevator.FaultOverload, elevator.FaultDriveAndMotor,
}

// mishap does one thing to the building that nobody had reckoned with, and
// returns what it was.
func mishap(t *rapid.T, w *world) string {
	car := elevator.CarIndex(rapid.IntRange(0, len(w.cars)-1).Draw(t, "car"))
	floor := elevator.FloorIndex(rapid.IntRange(0, len(w.landings)-1).Draw(t, "floor"))
	m := NewMessage(Tick)
	m.Floor = floor
	switch what := rapid.SampledFrom([]string{
		"call", "cancel", "park", "press", "mode", "normal", "fault", "heal", "restart car", "restart landing", "stray", "acknowledge", "deaf", "doors",
	}).Draw(t, "mishap"); what {
	case "call":
		m.Kind = RegisterCall
	case "cancel":
		m.Kind = CancelCalls
	case "park":
		m.Kind = Park
	case "acknowledge":
		m.Kind = AcknowledgeCar
	case "doors":
		m.Kind, m.Doors = CommandDoors, elevator.DoorCommand(rapid.IntRange(0, 2).Draw(t, "door command"))
	case "press":
		m.Kind, m.Direction = Press, elevator.Up
		if rapid.Bool().Draw(t, "down") {
			m.Direction = elevator.Down
		}
		if end := map[elevator.Direction]elevator.FloorIndex{elevator.Up: elevator.FloorIndex(len(w.landings) - 1)}[m.Direction]; floor == end {
			return "nothing"
		}
		w.toLanding(floor, m)
		return fmt.Sprint("press ", floor, m.Direction)
	case "mode":
		m.Kind, m.Mode = SetMode, rapid.SampledFrom(stormModes).Draw(t, "mode")
		w.toCar(car, m)
		return fmt.Sprint("mode ", car, m.Mode, floor)
	case "normal":
		m.Kind, m.Mode = SetMode, elevator.ModeNormal
	case "fault", "heal":
		m.Kind, m.Fault, m.On = InjectFault, rapid.SampledFrom(stormFaults).Draw(t, "fault"), what == "fault"
		w.toCar(car, m)
		return fmt.Sprint(what, " ", car, m.Fault)
	case "deaf":
		w.deafen(car, time.Duration(rapid.IntRange(0, 40000).Draw(t, "deaf ms"))*time.Millisecond)
		return fmt.Sprint("deaf ", car)
	case "restart car":
		w.restartCar(car)
		return fmt.Sprint("restart car ", car)
	case "restart landing":
		w.restartLanding(floor)
		return fmt.Sprint("restart landing ", floor)
	case "stray":
		// A message that makes no sense at all.
		stray := NewMessage(MessageKind(rapid.IntRange(0, 30).Draw(t, "kind")))
		stray.Car, stray.Floor = elevator.CarIndex(rapid.IntRange(-1, 70).Draw(t, "of car")), elevator.FloorIndex(rapid.IntRange(-3, 300).Draw(t, "at floor"))
		stray.Stop, stray.Direction = rapid.Uint32Max(40).Draw(t, "stop"), elevator.Direction(rapid.IntRange(-1, 1).Draw(t, "direction"))
		if harmful := []MessageKind{SetMode, InjectFault, RestoreCar, Boarded, LockLanding, RestoreLanding}; slices.Contains(harmful, stray.Kind) {
			return "nothing"
		}
		w.toCar(car, stray)
		w.toLanding(floor, stray)
		return fmt.Sprint("stray ", stray.Kind)
	}
	w.toCar(car, m)
	return fmt.Sprint("kind ", m.Kind, " to ", car, floor)
}

// Whatever happens on the way, a lift does nothing it may never do, and when
// all is repaired everybody arrives, every call is answered, and the cars come
// to rest.
//
// The mishaps that matter take two or three coincidences, so it weathers a
// thousand storms, and more with -rapid.checks.
func TestStorm(t *testing.T) {
	for range 10 {
		rapid.Check(t, weather)
	}
}

func weather(t *rapid.T) {
	w := newWorld(anyStormyBuilding(t))
	storm{
		latency:  rapid.SampledFrom([]time.Duration{0, 300 * time.Millisecond, 4 * time.Second}).Draw(t, "latency"),
		lateness: rapid.SampledFrom([]time.Duration{0, 500 * time.Millisecond}).Draw(t, "lateness"),
		loss:     rapid.SampledFrom([]float64{0, 0.05, 0.3}).Draw(t, "loss"),
		again:    rapid.SampledFrom([]float64{0, 0.05, 0.3}).Draw(t, "again"),
	}.over(w, rapid.Uint64().Draw(t, "network"))
	passengers := anyPassengers(t, w.b)
	w.expect(passengers...)
	var log []string
	for range rapid.IntRange(0, 12).Draw(t, "mishaps") {
		w.run(w.now + time.Duration(rapid.IntRange(0, 20000).Draw(t, "wait ms"))*time.Millisecond)
		what := mishap(t, w)
		log = append(log, fmt.Sprintf("%8.3f  %s", w.now.Seconds(), what))
	}
	repair(w)
	for w.now < 2*time.Hour && !atRest(w, len(passengers)) && len(w.trouble) == 0 {
		w.run(w.now + 20*time.Second)
		w.resync()
	}
	if len(w.trouble) > 0 || !atRest(w, len(passengers)) {
		tail := w.notes[max(0, len(w.notes)-60):]
		t.Fatalf("%v\n%d of %d carried, %d wait, %d ride, %d calls\n%s\n%s\n%s", w.trouble, w.fold.Carried, len(passengers),
			w.fold.WaitingTotal(), w.fold.Riding(), len(w.fold.Calls), strings.Join(log, "\n"), strings.Join(tail, "\n"), strings.Join(w.film.Draw(w.now), "\n"))
	}
}

// repair heals every fault, ends every mode, and calms the network.
func repair(w *world) {
	w.lose = func(*Message) bool { return false }
	for c := range w.cars {
		for _, f := range stormFaults {
			m := NewMessage(InjectFault)
			m.Fault = f
			w.toCar(elevator.CarIndex(c), m)
		}
		m := NewMessage(SetMode)
		m.Mode = elevator.ModeNormal
		w.toCar(elevator.CarIndex(c), m)
	}
}

func atRest(w *world, passengers int) bool {
	for _, c := range w.cars {
		if c.phase != resting {
			return false
		}
	}
	return w.fold.Carried == passengers && len(w.fold.Calls) == 0
}
