package plot

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/motion"
	"elevator/internal/elevator/sim"
	"elevator/internal/elevator/traffic"
)

// events simulates some minutes of a building and returns what happened.
func events(t testing.TB, b *elevator.Building, name, spec string, seed uint64, lasts time.Duration) []elevator.Event {
	t.Helper()
	entry, ok := dispatch.ByName(name)
	if !ok {
		t.Fatalf("no dispatcher %q", name)
	}
	parsed, err := traffic.ParseSpec(spec)
	if err != nil {
		t.Fatal(err)
	}
	source, err := traffic.New(b, parsed, seed, lasts)
	if err != nil {
		t.Fatal(err)
	}
	passengers, err := traffic.Collect(source)
	if err != nil {
		t.Fatal(err)
	}
	var all []elevator.Event
	_, err = sim.Run(sim.Config{
		Building: b, Passengers: passengers, Dispatcher: entry,
		OnEvent: func(e *elevator.Event) { all = append(all, *e) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// at returns where the recorder says a car was, and whether its doors were open.
func (r *Recorder) at(c elevator.CarIndex, t time.Duration) (metres float64, open bool) {
	car := &r.cars[c]
	for i := range car.courses {
		k := &car.courses[i]
		if t >= k.from && t <= r.until(k.until, i+1 == len(car.courses)) {
			metres = r.heightM(k, t)
		}
	}
	for i, o := range car.openings {
		if t >= o.from && t < r.until(o.until, car.open && i+1 == len(car.openings)) {
			open = true
		}
	}
	return metres, open
}

// At any time of any run the diagram's lines are where the group says its cars
// are.
func TestRecorderIsWhereTheGroupIs(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := building.Builtin()
		name := rapid.SampledFrom([]string{"eta", "uncoordinated", "nearest-car"}).Draw(rt, "dispatcher")
		seed := rapid.Uint64Range(1, 1000).Draw(rt, "seed")
		all := events(t, b, name, "two-way:30%", seed, 3*time.Minute)
		r, g, law := NewRecorder(b), elevator.NewGroup(b), motion.NewLaw(b)
		for i := range all {
			r.Apply(&all[i])
		}
		type sight struct {
			at     time.Duration
			metres float64
			open   bool
		}
		seen := make([][]sight, len(b.Cars))
		for i := range all {
			if err := g.Apply(&all[i]); err != nil {
				rt.Fatal(err)
			}
			if i+1 == len(all) || all[i+1].T == all[i].T {
				continue
			}
			between := all[i].T + (all[i+1].T-all[i].T)/2
			for c := range g.Cars {
				metres, _ := law.CarAt(&g.Cars[c], between)
				seen[c] = append(seen[c], sight{between, metres, g.Cars[c].Doors == elevator.DoorsAreOpen})
			}
		}
		for c := range seen {
			for _, want := range seen[c] {
				metres, open := r.at(elevator.CarIndex(c), want.at)
				if math.Abs(metres-want.metres) > 1e-9 || open != want.open {
					rt.Fatalf("car %d at %v: drawn at %v m, open %v; is at %v m, open %v", c, want.at, metres, open, want.metres, want.open)
				}
			}
		}
	})
}

// A recorder that begins in the middle of a run, as one of a rotated journal
// does, agrees with one that saw all of it.
func TestRecorderJoins(t *testing.T) {
	b := building.Builtin()
	all := events(t, b, "eta", "two-way:30%", 1, 3*time.Minute)
	whole, g := NewRecorder(b), elevator.NewGroup(b)
	half := NewRecorder(b)
	for i := range all {
		whole.Apply(&all[i])
		if err := g.Apply(&all[i]); err != nil {
			t.Fatal(err)
		}
		switch {
		case i == len(all)/2:
			snapshot := elevator.NewEvent(g.T, elevator.SnapshotTaken)
			snapshot.Detail = &elevator.Detail{Snapshot: g.Clone()}
			half.Apply(&snapshot)
		case i > len(all)/2:
			half.Apply(&all[i])
		}
	}
	for c := range b.Cars {
		for at := all[len(all)/2].T; at < whole.now; at += time.Second {
			wantM, wantOpen := whole.at(elevator.CarIndex(c), at)
			gotM, gotOpen := half.at(elevator.CarIndex(c), at)
			if math.Abs(gotM-wantM) > 1e-9 || gotOpen != wantOpen {
				t.Fatalf("car %d at %v: %v m, open %v; want %v m, open %v", c, at, gotM, gotOpen, wantM, wantOpen)
			}
		}
	}
}

// A car that is found between two floors jumps there, with its doors closed.
func TestRecorderRecovers(t *testing.T) {
	b := building.Builtin()
	r := NewRecorder(b)
	departed := elevator.NewEvent(time.Second, elevator.CarDeparted)
	departed.Car, departed.Floor, departed.To = 0, 0, 7
	recovered := elevator.NewEvent(4*time.Second, elevator.CarRecovered)
	recovered.Car, recovered.PositionM = 0, 5
	nobody := elevator.NewEvent(9*time.Second, elevator.CarArrived)
	nobody.Car, nobody.Floor = 99, 3
	for _, e := range []elevator.Event{departed, recovered, nobody} {
		r.Apply(&e)
	}
	if metres, open := r.at(0, 8*time.Second); metres != 5 || open {
		t.Errorf("the car is at %v m, open %v; want 5 m, closed", metres, open)
	}
}
