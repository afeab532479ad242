package group

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/control"
	"elevator/internal/elevator/dispatch"
)

// keyedIn is a destination and a car.
type keyedIn struct {
	call elevator.CallKey
	car  elevator.CarIndex
}

// ledgerWitness passes everything on to a Promiser and writes down what it is asked
// and what it promises.
type ledgerWitness struct {
	dispatch.Promiser
	pressed  map[elevator.CallKey]int
	promised map[keyedIn]int
}

func (w *ledgerWitness) Dispatch(v *dispatch.View, out []dispatch.Decision) []dispatch.Decision {
	for _, key := range v.Pressed {
		w.pressed[key]++
	}
	from := len(out)
	out = w.Promiser.Dispatch(v, out)
	for _, d := range out[from:] {
		if d.Park == elevator.NoCar && d.Call.To != elevator.NoFloor {
			w.promised[keyedIn{d.Call, d.Main}] += d.Promise
		}
	}
	return out
}

// A destination that was keyed in is promised once, whatever forgets: a landing's
// task that starts anew hears from the group control what people were told and who
// is boarding, a group control that starts anew hears it from the landings, and one
// that takes over the running dispatcher's place from that one. Nobody keys in
// again, and everybody rides in the car that they were promised.
func TestPromisesOutliveWhoeverForgets(t *testing.T) {
	for _, forgets := range []string{"landing", "group control", "dispatcher"} {
		t.Run(forgets, func(t *testing.T) {
			for seed := range uint64(30) {
				t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
					t.Parallel()
					promisesOutlive(t, forgets, seed)
				})
			}
		})
	}
}

func promisesOutlive(t *testing.T, forgets string, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 11))
	b := testBuilding(6+rng.IntN(6), 2+rng.IntN(3))
	b.Signalling = elevator.Destination
	b.Transfer.Mean, b.Motion.StopOverhead = time.Second, 6*time.Second
	for i := range b.Cars {
		b.Cars[i].CapacityPersons = 2 + rng.IntN(4)
	}
	people := promisedPassengers(rng, b)
	witness := &ledgerWitness{pressed: map[elevator.CallKey]int{}, promised: map[keyedIn]int{}}
	entry, _ := dispatch.ByName("destination")
	begin := entry.New
	entry.New = func(p dispatch.Plant) dispatch.Dispatcher {
		witness.Promiser = begin(p).(dispatch.Promiser)
		return witness
	}
	w := newStormyWorld(b, entry, people, 0, rng)
	for w.now < 30*time.Minute && !w.done() && w.trouble == nil {
		w.run(w.now + w.upTo(8*time.Second))
		w.samePromises(t)
		switch forgets {
		case "landing":
			floor := w.tasks[len(b.Cars)+rng.IntN(len(b.Floors))]
			if rng.IntN(2) == 0 {
				floor = w.tasks[len(b.Cars)]
			}
			w.stateChanged(floor, "failed")
			w.stateChanged(floor, elevator.TaskRunning)
		case "group control":
			w.takeOver(entry)
			w.run(w.now)
		case "dispatcher":
			cmd := NewCommand(SetDispatcher)
			cmd.Dispatcher = "destination"
			w.command(cmd)
			witness.Promiser = w.group.promiser
			w.group.dispatcher, w.group.promiser = witness, witness
		}
	}
	if w.trouble == nil {
		w.trouble = w.check.End()
	}
	if w.trouble != nil {
		w.report(t)
	}
	witness.verify(t, w)
}

// promisedPassengers come in parties, half of them to the main terminal.
func promisedPassengers(rng *rand.Rand, b *elevator.Building) []elevator.Passenger {
	var people []elevator.Passenger
	at := time.Duration(0)
	for len(people) < 60 {
		at += time.Duration(rng.IntN(12000)) * time.Millisecond
		from := rng.IntN(len(b.Floors))
		if rng.IntN(2) == 0 {
			from = 0
		}
		for range 1 + rng.IntN(6) {
			to := (from + 1 + rng.IntN(len(b.Floors)-1)) % len(b.Floors)
			people = append(people, elevator.Passenger{
				ID: elevator.PassengerID(len(people) + 1), Floor: elevator.FloorIndex(from), To: elevator.FloorIndex(to),
				ArrivesAt: at, MassKg: 75, BoardTime: time.Second,
			})
		}
	}
	return people
}

// verify compares what people keyed in and were told with what they did.
func (w *ledgerWitness) verify(t *testing.T, world *stormyWorld) {
	t.Helper()
	came, rode := map[elevator.CallKey]int{}, map[keyedIn]int{}
	for i := range world.passengers {
		p := &world.passengers[i]
		came[elevator.DestinationCall(p.Floor, p.To)]++
	}
	for i := range world.events {
		if e := &world.events[i]; e.Kind == elevator.PassengerBoarded {
			p := &world.passengers[e.Passenger-1]
			rode[keyedIn{elevator.DestinationCall(p.Floor, p.To), e.Car}]++
		}
	}
	for key, n := range came {
		if w.pressed[key] != n {
			t.Errorf("%d people came to floor %d for %d; that was keyed in %d times", n, key.Floor, key.To, w.pressed[key])
		}
		for c := range world.b.Cars {
			k := keyedIn{key, elevator.CarIndex(c)}
			if w.promised[k] != rode[k] {
				t.Errorf("from floor %d to %d car %d was promised to %d people and taken by %d", key.Floor, key.To, c, w.promised[k], rode[k])
			}
		}
	}
}

// samePromises compares what the group control believes people at each landing to
// have been told with what the landing knows.
func (w *stormyWorld) samePromises(t *testing.T) {
	t.Helper()
	inOrder := func(a, b control.Promise) int { return cmp.Or(cmp.Compare(a.To, b.To), cmp.Compare(a.Car, b.Car)) }
	for f := range w.b.Floors {
		m := control.NewMessage(control.Resync)
		report := w.tasks[len(w.b.Cars)+f].controller.Step(w.now, &m, nil)
		knows := slices.SortedFunc(slices.Values(report[len(report)-1].Message.Report.Promises), inOrder)
		if told := slices.SortedFunc(slices.Values(w.group.promisesAt(elevator.FloorIndex(f))), inOrder); !slices.Equal(told, knows) {
			t.Fatalf("%v: at floor %d promises to %+v, the group control knows of %+v", w.now, f, knows, told)
		}
	}
}
