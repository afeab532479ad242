package dispatch

import (
	"slices"
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
	if take := d.Load(first, 0, elevator.Up); !take.Has(9) || take.Len() != 1 {
		t.Errorf("car %d takes people to %v, want to floor 9", first, take)
	}
	d.Board(first, []elevator.FloorIndex{9, 9}, elevator.FloorSet{})
	if cars := d.Promised(elevator.DestinationCall(0, 9)); cars != 0 {
		t.Errorf("cars %b are promised after the car has taken everybody along", cars)
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
	call := elevator.DestinationCall(0, 9)
	for trip, seats := range []int{10, 2} {
		if take := d.Load(0, 0, elevator.Up); !take.Has(9) {
			t.Errorf("trip %d takes nobody to floor 9", trip)
		}
		d.Board(0, slices.Repeat([]elevator.FloorIndex{9}, seats), elevator.FloorSet{})
		if waits := d.Promised(call).Has(0); waits != (trip == 0) {
			t.Errorf("trip %d: somebody waits for the car: %v", trip, waits)
		}
		d.Left(0)
	}
}

// Whom a full car leaves behind at an upper landing is promised it still, as
// many as they are; whom nobody leaves behind never was there.
func TestWhoStaysBehindKeepsTheCar(t *testing.T) {
	d, v := destinationOf(12, 1)
	for range 3 {
		press(t, d, v, 8, 0)
	}
	press(t, d, v, 8, 2)
	d.Load(0, 8, elevator.Down)
	var behind elevator.FloorSet
	behind.Add(0)
	d.Board(0, []elevator.FloorIndex{0}, behind)
	if !d.Promised(elevator.DestinationCall(8, 0)).Has(0) || d.Promised(elevator.DestinationCall(8, 2)) != 0 {
		t.Errorf("promises %+v, want those for floor 0 alone", d.ledgers[0].promises)
	}
	d.Left(0)
	if p := d.ledgers[0].promises; len(p) != 1 || p[0].to != 0 || p[0].persons != 2 {
		t.Errorf("promises %+v after the car has left, want two people for floor 0", p)
	}
	d.Load(0, 8, elevator.Down)
	d.Board(0, []elevator.FloorIndex{0, 0}, elevator.FloorSet{})
	d.Left(0)
	if p := d.ledgers[0].promises; len(p) != 0 {
		t.Errorf("promises %+v after it has taken them along, want none", p)
	}
}

// The ledger counts everybody once, whoever of those who want to the same floor goes
// along: of eleven people promised one car with ten seats, ten for its next trip.
func TestTheLedgerCountsEverybodyOnce(t *testing.T) {
	var to9 elevator.FloorSet
	to9.Add(9)
	key := elevator.DestinationCall(0, 9)
	for _, test := range []struct {
		name   string
		opens  int // how often the car asks before the answer: somebody has come late
		along  int
		behind elevator.FloorSet
		wait   int
	}{
		{"the car is full for the one of the later trip", 1, 10, to9, 1},
		{"two of this trip are too heavy", 1, 8, to9, 3},
		{"there is room after all for the one of the later trip", 1, 11, elevator.FloorSet{}, 0},
		{"it asks twice and leaves two of this trip", 2, 8, to9, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, v := destinationOf(12, 1)
			for range 11 {
				press(t, d, v, 0, 9)
			}
			d.Load(0, 0, elevator.Up)
			for range test.opens - 1 {
				d.Board(0, nil, to9)
				d.Load(0, 0, elevator.Up)
			}
			d.Board(0, slices.Repeat([]elevator.FloorIndex{9}, test.along), test.behind)
			if n := d.Waiting(key, 0); n != test.wait {
				t.Errorf("%d wait while it stands open, want %d: %+v", n, test.wait, d.ledgers[0].promises)
			}
			d.Left(0)
			if n := d.Waiting(key, 0); n != test.wait || d.Promised(key).Has(0) != (n > 0) {
				t.Errorf("%d wait when it has left, want %d: %+v", n, test.wait, d.ledgers[0].promises)
			}
		})
	}
}

// A dispatcher that takes over goes on with the promises of the one before it.
func TestPromisesAreResumed(t *testing.T) {
	d, _ := destinationOf(12, 2)
	key := elevator.DestinationCall(0, 9)
	d.Resume(key, 0, 2)
	d.Resume(key, 1, 12)
	d.Resume(key, 0, 3) // instead of the two
	if a, b := d.Waiting(key, 0), d.Waiting(key, 1); a != 3 || b != 12 {
		t.Errorf("%d and %d people wait for the two cars, want 3 and 12", a, b)
	}
	for trip, want := range []float64{10, 2} {
		if n, _ := d.ledgers[1].seats(trip); n != want {
			t.Errorf("trip %d of the second car: %v seats taken of %v, want %v", trip, n, d.capacity[1], want)
		}
	}
}

// The promises of a car that fails are moved, and nobody else's: who was told
// another car keeps it.
func TestPromisesOfAFailedCarMove(t *testing.T) {
	d, v := destinationOf(12, 2)
	first := press(t, d, v, 0, 9)
	v.Cars[first].InGroup = false
	v.Pressed, v.Changed = nil, ServiceChanged
	key := elevator.DestinationCall(0, 9)
	if to := given(d.Dispatch(v, nil), key); to == elevator.NoCar || to == first {
		t.Errorf("car %d failed and its passenger was sent to car %d", first, to)
	}

	d, v = destinationOf(12, 3)
	for range 25 {
		press(t, d, v, 0, 9)
	}
	kept := d.Promised(key).Without(first)
	v.Cars[first].InGroup = false
	v.Pressed, v.Changed = nil, ServiceChanged
	for _, dec := range d.Dispatch(v, nil) {
		if dec.Park == elevator.NoCar && dec.Instead != elevator.CarSet(0).With(first) {
			t.Errorf("decision %+v, want one for those alone who were promised car %d", dec, first)
		}
	}
	if cars := d.Promised(key); kept == 0 || cars&kept != kept || cars.Has(first) {
		t.Errorf("cars %b are promised, before %b and car %d", cars, kept, first)
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
