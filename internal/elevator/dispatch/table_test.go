package dispatch

import (
	"slices"
	"testing"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/motion"
)

// testPlant is a building of the floor-time model: a second a floor, six
// seconds a stop, one a person.
func testPlant(floors, cars int) Plant {
	b := &elevator.Building{
		Name: "test",
		Motion: elevator.Motion{
			Model: elevator.FloorTime, FloorTime: time.Second, StopOverhead: 6 * time.Second,
		},
		Transfer: elevator.Transfer{Mean: time.Second},
		Load:     elevator.Load{PassengerKg: 75, FullRatio: 1, BypassRatio: 0.8, OverloadRatio: 1.1},
	}
	var all elevator.FloorSet
	for f := range floors {
		all.Add(elevator.FloorIndex(f))
		b.Floors = append(b.Floors, elevator.Floor{ElevationM: 3 * float64(f), Population: 10, MainTerminal: f == 0})
	}
	for range cars {
		b.Cars = append(b.Cars, elevator.CarSpec{CapacityPersons: 10, Serves: all})
	}
	return Plant{Building: b, Law: motion.NewLaw(b)}
}

// testView is a view in which every car stands idle at the floors given.
func testView(p Plant, at ...elevator.FloorIndex) *View {
	v := &View{Building: p.Building, Changed: CallsChanged}
	for _, f := range at {
		v.Cars = append(v.Cars, CarView{
			Floor: f, Target: elevator.NoFloor, FromM: p.Law.ElevationM(f), InGroup: true, Parking: elevator.NoFloor,
		})
	}
	return v
}

// call lights a call in the view.
func (v *View) call(f elevator.FloorIndex, d elevator.Direction) elevator.CallKey {
	key := elevator.ConventionalCall(f, d)
	v.Calls = append(v.Calls, elevator.LandingCall{Key: key, RegisteredAt: v.Now, Car: elevator.NoCar})
	return key
}

// given returns the car that a decision gives the call to, NoCar where none
// does.
func given(decisions []Decision, key elevator.CallKey) elevator.CarIndex {
	for _, d := range decisions {
		if d.Park == elevator.NoCar && d.Call == key {
			return d.Main
		}
	}
	return elevator.NoCar
}

func TestEveryDispatcherIsFoundByItsName(t *testing.T) {
	p := testPlant(8, 2)
	p.Building.Signalling = elevator.Hybrid
	var names []string
	for _, e := range All {
		found, ok := ByName(e.Name)
		if !ok || found.Name != e.Name {
			t.Errorf("ByName(%q) = %q, %v", e.Name, found.Name, ok)
		}
		if name := e.New(p).Name(); name != e.Name {
			t.Errorf("dispatcher %q calls itself %q", e.Name, name)
		}
		if slices.Contains(names, e.Name) {
			t.Errorf("two dispatchers are called %q", e.Name)
		}
		names = append(names, e.Name)
	}
	if _, ok := ByName("none"); ok {
		t.Error("there is a dispatcher called none")
	}
	if _, ok := ByName(Default); !ok {
		t.Errorf("the default dispatcher %q is not in the table", Default)
	}
}

func TestDestinationDispatchersRefuseButtons(t *testing.T) {
	p := testPlant(8, 2)
	for _, e := range All {
		if err := e.Fits(p.Building); (err != nil) != e.NeedsDestination {
			t.Errorf("%s in a building with up and down buttons: %v", e.Name, err)
		}
	}
}

// Every dispatcher with buttons gives a call to some car at once, to no car out
// of the group, and again when its car leaves.
func TestEveryCallGetsACarOfTheGroup(t *testing.T) {
	for _, e := range All {
		if e.NeedsDestination {
			continue
		}
		t.Run(e.Name, func(t *testing.T) {
			p := testPlant(8, 3)
			v := testView(p, 0, 5, 7)
			v.Cars[1].InGroup = false
			key := v.call(5, elevator.Down)
			d := e.New(p)
			first := given(d.Dispatch(v, nil), key)
			if first != 0 && first != 2 {
				t.Fatalf("the call went to car %d, want 0 or 2", first)
			}
			v.Calls[0].Car, v.Calls[0].Cars = first, elevator.CarSet(0).With(first)
			v.Cars[first].Assigned[0].Add(5)
			v.Cars[first].InGroup, v.Cars[1].InGroup = false, true
			v.Changed = ServiceChanged
			v.Now += 2 * time.Second
			if second := given(d.Dispatch(v, nil), key); second == elevator.NoCar || second == first {
				t.Errorf("after car %d left the group the call went to car %d", first, second)
			}
		})
	}
}

func TestFigureOfSuitability(t *testing.T) {
	p := testPlant(10, 1)
	for _, test := range []struct {
		name   string
		car    CarView
		call   elevator.CallKey
		figure int
	}{
		{"idle", CarView{Floor: 2}, elevator.ConventionalCall(5, elevator.Up), 9 + 1 - 3},
		{"towards, same way", CarView{Floor: 2, Moving: true, Direction: elevator.Up, Persons: 1}, elevator.ConventionalCall(5, elevator.Up), 9 + 2 - 3},
		{"towards, other way", CarView{Floor: 2, Moving: true, Direction: elevator.Up, Persons: 1}, elevator.ConventionalCall(5, elevator.Down), 9 + 1 - 3},
		{"away", CarView{Floor: 6, Moving: true, Direction: elevator.Up, Persons: 1}, elevator.ConventionalCall(5, elevator.Up), 1},
		{"just left", CarView{Floor: 5, Moving: true, Direction: elevator.Up, Persons: 1}, elevator.ConventionalCall(5, elevator.Up), 1},
	} {
		if got := suitability(&test.car, test.call, len(p.Building.Floors)-1); got != test.figure {
			t.Errorf("%s: figure %d, want %d", test.name, got, test.figure)
		}
	}
}

// A car that was refused for a call is not able to answer it, unless all were.
func TestAvailableLeavesOutRefusedCars(t *testing.T) {
	p := testPlant(8, 2)
	v := testView(p, 0, 0)
	key := elevator.ConventionalCall(3, elevator.Up)
	v.Avoid = &[2][]elevator.CarSet{make([]elevator.CarSet, 8), make([]elevator.CarSet, 8)}
	v.Avoid[1][3] = elevator.CarSet(0).With(0)
	if got, want := v.Available(key), elevator.CarSet(0).With(1); got != want {
		t.Errorf("available cars %b, want %b", got, want)
	}
	v.Avoid[1][3] = elevator.CarSet(0).With(0).With(1)
	if got, want := v.Available(key), elevator.CarSet(0).With(0).With(1); got != want {
		t.Errorf("available cars %b when all were refused, want %b", got, want)
	}
}
