package dispatch

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"elevator/internal/elevator"
)

// The cost of a plan, counted by hand: a car idle at the terminal, a down call
// at floor 4 that has waited 10 s. Four seconds up, three to open: the wait is
// 17 s. One second to board, three to close, four down, three to open, one to
// get out, three to close: the car is free 22 s from now, and somebody was
// aboard for half a second of boarding, 3 + 4 + 3 seconds, and half a second of
// leaving.
func TestPlanCostOfOneCall(t *testing.T) {
	p := testPlant(8, 1)
	e := newTunedETA(p, tuning{weights: weights{ride: 100, busy: 10_000}})
	v := testView(p, 0)
	v.call(4, elevator.Down)
	v.Now = 10 * time.Second
	e.read(v)
	got := e.cost(&e.starts[0], 1, unlimited)
	want := 17.0*17 + 100*(0.5+3+4+3+0.5) + 10_000*22
	if math.Abs(got-want) > 1e-6 {
		t.Errorf("cost %v, want %v", got, want)
	}
}

// drawView draws a view of idle, moving and standing cars and up to six calls.
func drawView(t *rapid.T, p Plant) *View {
	floors := len(p.Building.Floors)
	floor := rapid.IntRange(0, floors-1)
	v := &View{Building: p.Building, Now: time.Minute, Changed: CallsChanged}
	for range p.Building.Cars {
		at := elevator.FloorIndex(floor.Draw(t, "at"))
		car := CarView{Floor: at, Target: elevator.NoFloor, FromM: p.Law.ElevationM(at), InGroup: true, Parking: elevator.NoFloor}
		to := elevator.FloorIndex(floor.Draw(t, "to"))
		if to != at && rapid.Bool().Draw(t, "moving") {
			car.Moving, car.Target, car.Direction = true, to, elevator.Toward(at, to)
			car.DepartedAt = v.Now - time.Duration(rapid.IntRange(0, 900).Draw(t, "ms"))*time.Millisecond
			car.CarCalls.Add(to)
			car.Persons = rapid.IntRange(1, 9).Draw(t, "persons")
		}
		v.Cars = append(v.Cars, car)
	}
	for range rapid.IntRange(1, 6).Draw(t, "calls") {
		f, d := floor.Draw(t, "floor"), elevator.Direction(1-2*rapid.IntRange(0, 1).Draw(t, "down"))
		switch f {
		case 0:
			d = elevator.Up
		case floors - 1:
			d = elevator.Down
		}
		key := elevator.ConventionalCall(elevator.FloorIndex(f), d)
		if callIndex(v, key) >= 0 {
			continue
		}
		v.call(key.Floor, key.Direction)
		v.Calls[len(v.Calls)-1].RegisteredAt = v.Now - time.Duration(rapid.IntRange(0, 60).Draw(t, "age"))*time.Second
	}
	return v
}

// The search finds an assignment nearly as good as the best of all, which a
// search through every one of them knows.
func TestSearchIsNearTheOptimum(t *testing.T) {
	p := testPlant(10, 3)
	worst := 1.0
	rapid.Check(t, func(t *rapid.T) {
		e := newETA(p).(*eta)
		v := drawView(t, p)
		e.read(v)
		e.search(v)
		found := 0.0
		for c := range e.costs {
			found += e.at(c, e.masks[c], unlimited)
		}
		best := math.Inf(1)
		cars := len(v.Cars)
		for code := range int(math.Pow(float64(cars), float64(len(v.Calls)))) {
			masks := make([]uint64, cars)
			for i, rest := 0, code; i < len(v.Calls); i, rest = i+1, rest/cars {
				masks[rest%cars] |= 1 << i
			}
			sum := 0.0
			for c := range masks {
				sum += e.at(c, masks[c], unlimited)
			}
			best = min(best, sum)
		}
		if found < best-1e-6 {
			t.Fatalf("the search found %v, less than the least of all, %v", found, best)
		}
		if best > 0 {
			worst = max(worst, found/best)
		}
		if found > 1.5*best+1 {
			t.Fatalf("the search found %v, the best is %v", found, best)
		}
	})
	t.Logf("worst ratio to the optimum: %.3f", worst)
}

// A call does not leave a car that has begun to slow down for it.
func TestCommittedCallsStay(t *testing.T) {
	p := testPlant(10, 2)
	v := testView(p, 0, 4)
	v.Now = time.Minute
	key := v.call(5, elevator.Down)
	v.Calls[0].Car, v.Calls[0].Cars = 0, elevator.CarSet(0).With(0)
	car := &v.Cars[0]
	car.Moving, car.Target, car.Direction = true, 5, elevator.Up
	car.Assigned[0].Add(5)
	car.DepartedAt = v.Now - p.Law.CommitTime(0, 5) - time.Millisecond
	if to := given(newETA(p).Dispatch(v, nil), key); to != elevator.NoCar {
		t.Errorf("the call went to car %d while car 0 slows down for it", to)
	}
}

// Moments before a car would pass a lit call, eta wants to be asked.
func TestETAWakesBeforeDecisions(t *testing.T) {
	p := testPlant(10, 1)
	v := testView(p, 0)
	v.call(7, elevator.Up)
	car := &v.Cars[0]
	car.Moving, car.Target, car.Direction = true, 9, elevator.Up
	at, ok := newETA(p).Wake(v)
	if want := p.Law.CommitTime(0, 7) - decisionLead; !ok || at != want {
		t.Errorf("wakes at %v, %v, want %v", at, ok, want)
	}
}

// In up-peak idle cars wait at the main terminal, in down-peak spread out.
func TestParkingFollowsDemand(t *testing.T) {
	p := testPlant(11, 4)
	park := newParker(p.Building)
	r := newRates(newTiming(p))
	v := testView(p, 5, 5, 5, 5)
	where := func() (terminal int, spots []elevator.FloorIndex) {
		for i := range v.Cars {
			v.Cars[i].Floor = 5
		}
		for _, d := range park.park(v, &r, nil) {
			if d.ParkAt == park.terminal {
				terminal++
			} else {
				spots = append(spots, d.ParkAt)
			}
		}
		return terminal, spots
	}
	r.entering.count(v.Now, 10, true)
	if n, spots := where(); n != 4 || len(spots) != 0 {
		t.Errorf("up-peak: %d cars to the terminal, others to %v; want all four there", n, spots)
	}
	r.entering = entering{}
	r.entering.count(v.Now, 10, false)
	if n, spots := where(); n != 0 || len(spots) == 0 {
		t.Errorf("down-peak: %d cars to the terminal, others to %v; want none there", n, spots)
	}
	v.Mode = elevator.GroupUpPeak
	if n, _ := where(); n != 4 {
		t.Errorf("up-peak by the operator: %d cars to the terminal, want all four", n)
	}
}
