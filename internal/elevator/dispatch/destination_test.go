package dispatch

import (
	"testing"

	"elevator/internal/elevator"
)

// press keys in a destination and makes the view as it is after the group
// control has carried out the decision. It returns the promised car.
func press(t *testing.T, d *destination, v *View, f, to elevator.FloorIndex) elevator.CarIndex {
	t.Helper()
	key := elevator.DestinationCall(f, to)
	if callIndex(v, key) < 0 {
		v.Calls = append(v.Calls, elevator.LandingCall{Key: key, RegisteredAt: v.Now, Car: elevator.NoCar})
	}
	v.Pressed, v.Changed = []elevator.CallKey{key}, CallsChanged
	decisions := d.Dispatch(v, nil)
	for _, dec := range decisions {
		if dec.Park == elevator.NoCar && dec.Call == key {
			if dec.Promise != 1 || !dec.Cars.Has(dec.Main) {
				t.Fatalf("decision %+v, want one promise of a car among those that go", dec)
			}
			at := &v.Calls[callIndex(v, key)]
			at.Car, at.Cars = dec.Main, dec.Cars
			return dec.Main
		}
	}
	t.Fatalf("nobody was promised for %+v", key)
	return elevator.NoCar
}

func destinationOf(floors, cars int) (*destination, *View) {
	p := testPlant(floors, cars)
	p.Building.Signalling = elevator.Destination
	at := make([]elevator.FloorIndex, cars)
	return newDestination(p).(*destination), testView(p, at...)
}

// People for the same floor share a car; its lamp goes out when it opens, and
// its trip is over when it has left.
func TestSameDestinationSharesACar(t *testing.T) {
	d, v := destinationOf(12, 3)
	first := press(t, d, v, 0, 9)
	if second := press(t, d, v, 0, 9); second != first {
		t.Errorf("the second passenger for floor 9 was sent to car %d, the first to %d", second, first)
	}
	take, done := d.Load(first, 0, elevator.Up)
	if !take.Has(9) || !done.Has(9) || take.Len() != 1 {
		t.Errorf("car %d takes %v and is done with %v, want floor 9", first, take, done)
	}
	d.Left(first)
	if d.promised(elevator.DestinationCall(0, 9)) {
		t.Error("a promise is left after the car has taken everybody along")
	}
}

// A trip has as many seats as the car: whoever comes then goes with another.
func TestATripHasNoMoreSeatsThanTheCar(t *testing.T) {
	d, v := destinationOf(12, 2)
	seats := map[elevator.CarIndex]int{}
	for range 25 {
		seats[press(t, d, v, 0, 9)]++
	}
	for c := range d.ledgers {
		for trip := range 4 {
			if n, _ := d.ledgers[c].seats(trip); n > d.capacity[c] {
				t.Errorf("car %d, trip %d: %v seats promised of %v", c, trip, n, d.capacity[c])
			}
		}
	}
	if seats[0] == 0 || seats[1] == 0 {
		t.Errorf("25 passengers went to cars %v, want both", seats)
	}
}

// Whoever is promised a later trip does not board this one, and the lamp of
// their floor stays lit.
func TestALaterTripWaits(t *testing.T) {
	d, v := destinationOf(12, 1)
	for range 12 { // ten seats
		press(t, d, v, 0, 9)
	}
	take, done := d.Load(0, 0, elevator.Up)
	if !take.Has(9) || done.Has(9) {
		t.Errorf("takes floor 9: %v, done with it: %v; want true, false", take.Has(9), done.Has(9))
	}
	d.Left(0)
	take, done = d.Load(0, 0, elevator.Up)
	if !take.Has(9) || !done.Has(9) {
		t.Errorf("second trip takes floor 9: %v, done with it: %v; want true, true", take.Has(9), done.Has(9))
	}
}

// The promises of a car that fails are moved.
func TestPromisesOfAFailedCarMove(t *testing.T) {
	d, v := destinationOf(12, 2)
	first := press(t, d, v, 0, 9)
	v.Cars[first].InGroup = false
	v.Pressed, v.Changed = nil, ServiceChanged
	key := elevator.DestinationCall(0, 9)
	if to := given(d.Dispatch(v, nil), key); to == elevator.NoCar || to == first {
		t.Errorf("car %d failed and its passenger was sent to car %d", first, to)
	}
}

// The stops of a trip: many while there is time, few when the load needs it,
// never fewer than two.
func TestStopLimitFollowsTheLoad(t *testing.T) {
	p := testPlant(15, 6)
	tm := newTiming(p)
	limit := newStopLimit(tm, p.Building)
	previous := 14
	for load := 0.0; load < 1000; load += 20 {
		k := limit.limit(tm, load, 6)
		if k > previous || k < destinationFewestK {
			t.Fatalf("at %v people in five minutes %d stops, before %d", load, k, previous)
		}
		previous = k
	}
	if limit.limit(tm, 0, 6) != 14 || previous != destinationFewestK {
		t.Errorf("%d stops without load and %d with much, want 14 and %d", limit.limit(tm, 0, 6), previous, destinationFewestK)
	}
}
