package sim

import (
	"testing"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/sim/simtest"
	"elevator/internal/elevator/traffic"
)

// witness passes everything on to a Promiser and writes down what it promises.
type witness struct {
	dispatch.Promiser
	pressed  int
	promises map[elevator.CallKey][]elevator.CarIndex // in the order of presses
	moved    int                                      // how often all who wait behind a call were given another car
}

func (w *witness) Dispatch(v *dispatch.View, out []dispatch.Decision) []dispatch.Decision {
	w.pressed += len(v.Pressed)
	from := len(out)
	out = w.Promiser.Dispatch(v, out)
	for _, d := range out[from:] {
		switch {
		case d.Park != elevator.NoCar || d.Call.To == elevator.NoFloor:
		case d.Promise == 1:
			w.promises[d.Call] = append(w.promises[d.Call], d.Main)
		default:
			w.moved++
		}
	}
	return out
}

// fiftyToHundredTen gives passengers masses all over that range, in kg.
func fiftyToHundredTen(id elevator.PassengerID) float64 { return 50 + float64(id*37%61) }

// No promise of destination control is broken, from light traffic to overload:
// everybody keys in their destination once, is promised one car, and rides in that
// car. So does whoever stays behind when it is full, in groups and of whatever
// weight. The reader of the journal says the same.
func TestEveryPassengerRidesInTheCarTheyWerePromised(t *testing.T) {
	entry := entries(t, "destination")[0]
	b, err := office14For(entry)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		spec   traffic.Spec
		seed   uint64
		weighs func(elevator.PassengerID) float64 // nil: what the building counts for a person
	}{
		{spec: traffic.Spec{Profile: "up-peak", RatePercent: 12}, seed: 1},
		{spec: traffic.Spec{Profile: "up-peak", RatePercent: 24, Mix: &traffic.Mix{In: 1}}, seed: 2},
		{spec: traffic.Spec{Profile: "up-peak", RatePercent: 30, Mix: &traffic.Mix{In: 1}}, seed: 3},
		{spec: traffic.Spec{Profile: "lunch", RatePercent: 13}, seed: 4},
		{spec: traffic.Spec{Profile: "lunch", RatePercent: 18}, seed: 6},
		{spec: traffic.Spec{Profile: "lunch", RatePercent: 22}, seed: 7},
		{spec: traffic.Spec{Profile: "lunch", RatePercent: 20, BatchMean: 4}, seed: 10},
		{spec: traffic.Spec{Profile: "lunch", RatePercent: 20, BatchMean: 4, BatchTogether: true}, seed: 1, weighs: fiftyToHundredTen},
		{spec: traffic.Spec{Profile: "down-peak", RatePercent: 12}, seed: 8},
		{spec: traffic.Spec{Profile: "down-peak", RatePercent: 20}, seed: 9},
		{spec: traffic.Spec{Profile: "down-peak", RatePercent: 25}, seed: 1, weighs: fiftyToHundredTen},
		{spec: traffic.Spec{Profile: "interfloor", RatePercent: 10}, seed: 5},
		{spec: traffic.Spec{Profile: "interfloor", RatePercent: 20}, seed: 11},
	} {
		t.Run(test.spec.String(), func(t *testing.T) {
			source, err := traffic.New(b, test.spec, test.seed, 30*time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			passengers, err := traffic.Collect(source)
			if err != nil {
				t.Fatal(err)
			}
			for i := range passengers {
				if p := &passengers[i]; test.weighs != nil {
					p.MassKg = test.weighs(p.ID)
				}
			}
			w := &witness{promises: map[elevator.CallKey][]elevator.CarIndex{}}
			watched := entry
			watched.New = func(p dispatch.Plant) dispatch.Dispatcher {
				w.Promiser = entry.New(p).(dispatch.Promiser)
				return w
			}
			calls := map[elevator.PassengerID]elevator.CallKey{}
			turn := map[elevator.PassengerID]int{} // how many had keyed in the same before
			before := map[elevator.CallKey]int{}
			broken := 0
			check := simtest.NewChecker(b)
			check.Promises = true
			sum, err := Run(Config{Building: b, Passengers: passengers, Dispatcher: watched, OnEvent: func(e *elevator.Event) {
				check.Event(e)
				switch e.Kind {
				case elevator.PassengerArrived:
					key := elevator.DestinationCall(e.Floor, e.To)
					calls[e.Passenger], turn[e.Passenger] = key, before[key]
					before[key]++
				case elevator.PassengerBoarded:
					key := calls[e.Passenger]
					if i := turn[e.Passenger]; i >= len(w.promises[key]) || w.promises[key][i] != e.Car {
						broken++
					}
				}
			}})
			if err != nil || len(sum.Left) > 0 {
				t.Fatalf("run: %v, %d left", err, len(sum.Left))
			}
			if err := check.End(); err != nil {
				t.Error(err)
			}
			if w.pressed != len(passengers) || w.moved != 0 || broken != 0 {
				t.Errorf("%d passengers keyed in %d times; %d rode in another car than promised; %d promises moved",
					len(passengers), w.pressed, broken, w.moved)
			}
		})
	}
}
