package elevator

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestFloorSetIsASetOfFloors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var set FloorSet
		oracle := make(map[FloorIndex]bool)
		floor := rapid.Custom(func(t *rapid.T) FloorIndex { return FloorIndex(rapid.IntRange(0, MaxFloors-1).Draw(t, "floor")) })
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			f := floor.Draw(t, "f")
			if rapid.Bool().Draw(t, "add") {
				set.Add(f)
				oracle[f] = true
			} else {
				set.Remove(f)
				delete(oracle, f)
			}
		}
		var want []FloorIndex
		for f := range FloorIndex(MaxFloors) {
			if oracle[f] {
				want = append(want, f)
			}
			if set.Has(f) != oracle[f] {
				t.Fatalf("has %d: %v", f, set.Has(f))
			}
		}
		if got := slices.Collect(set.All()); !slices.Equal(got, want) {
			t.Fatalf("all %v, want %v", got, want)
		}
		if set.Len() != len(want) || set.Empty() != (len(want) == 0) || set.Has(NoFloor) {
			t.Fatalf("len %d, empty %v, has no floor %v", set.Len(), set.Empty(), set.Has(NoFloor))
		}
		from := FloorIndex(rapid.IntRange(int(NoFloor), MaxFloors).Draw(t, "from"))
		above, below := NoFloor, NoFloor
		for _, f := range want {
			if f > from && above == NoFloor {
				above = f
			}
			if f < from {
				below = f
			}
		}
		if set.Above(from) != above || set.Below(from) != below {
			t.Fatalf("above %d: %d, want %d; below: %d, want %d", from, set.Above(from), above, set.Below(from), below)
		}
	})
}

func TestFloorSetStopsWhenAskedTo(t *testing.T) {
	for f := range (FloorSet{0b1100}).All() {
		if f != 2 {
			t.Fatalf("went on to %d", f)
		}
		break
	}
}

func TestCarSetIsASetOfCars(t *testing.T) {
	var s CarSet
	if s.First() != NoCar || s.Has(0) || s.Has(NoCar) {
		t.Fatal("the empty set holds a car")
	}
	s = s.With(63).With(5).With(5)
	if s.First() != 5 || !s.Has(63) || s.Has(6) || s.Without(5).First() != 63 {
		t.Fatalf("%b", s)
	}
}

func TestFaultSetIsASetOfFaults(t *testing.T) {
	var s FaultSet
	if s.Names() != nil {
		t.Errorf("the empty set holds %v", s.Names())
	}
	s = s.With(FaultOverload).With(FaultController).With(FaultDoorClosing).Without(FaultDoorClosing)
	if got := slices.Collect(s.All()); !slices.Equal(got, []Fault{FaultController, FaultOverload}) {
		t.Errorf("faults %v", got)
	}
	if got := s.Names(); !slices.Equal(got, []string{"controller", "overload"}) {
		t.Errorf("names %v", got)
	}
}

func TestDirections(t *testing.T) {
	if Toward(1, 3) != Up || Toward(3, 1) != Down || Toward(2, 2) != None {
		t.Error("toward")
	}
	for d, want := range map[Direction]string{Up: "up", Down: "down", None: "none"} {
		if d.String() != want {
			t.Errorf("%d is %q, want %q", d, d, want)
		}
	}
}

func TestEveryNameIsReadBack(t *testing.T) {
	for m := range Mode(len(modeNames)) {
		if back, ok := ParseMode(m.String()); !ok || back != m {
			t.Errorf("mode %v", m)
		}
	}
	for m := range GroupMode(len(groupModeNames)) {
		if back, ok := ParseGroupMode(m.String()); !ok || back != m {
			t.Errorf("group mode %v", m)
		}
	}
	for f := range Fault(len(faultNames)) {
		if back, ok := ParseFault(f.String()); !ok || back != f {
			t.Errorf("fault %v", f)
		}
	}
	for k := BuildingLoaded; k <= CommandGiven; k++ {
		if back, ok := ParseEventKind(k.String()); !ok || back != k {
			t.Errorf("event kind %v", k)
		}
	}
	if EventNone.String() != "none" || EventKind(99).String() != "none" {
		t.Error("no event has a name")
	}
}
