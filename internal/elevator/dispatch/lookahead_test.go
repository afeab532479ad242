package dispatch

import (
	"testing"
	"time"

	"elevator/internal/elevator"
)

// passing is a view in which car 0, on its way down with people for the
// terminal, is about to pass or to answer a down call at floor 5 that car 1,
// idle at floor 6, could take as well.
func passing(p Plant) *View {
	v := testView(p, 9, 6)
	v.Now = time.Minute
	v.call(5, elevator.Down)
	v.Calls[0].Car, v.Calls[0].Cars = 0, elevator.CarSet(0).With(0)
	car := &v.Cars[0]
	car.Moving, car.Target, car.Direction, car.Persons = true, 5, elevator.Down, 6
	car.CarCalls.Add(0)
	car.Assigned[0].Add(5)
	car.DepartedAt = v.Now + decisionLead - p.Law.CommitTime(9, 5)
	return v
}

// The question is put once, moments before the car commits itself, and only
// about a call that another car could take.
func TestLookaheadAsksBeforeTheCommitPoint(t *testing.T) {
	p := testPlant(12, 2)
	l := newLookahead(p).(*lookahead)
	v := passing(p)
	q, ok := l.question(v, 0)
	if want := elevator.ConventionalCall(5, elevator.Down); !ok || q.call != want || q.car != 0 {
		t.Fatalf("question %+v, %v; want whether car 0 stops for %+v", q, ok, want)
	}
	for name, change := range map[string]func(*View){
		"too early":        func(v *View) { v.Cars[0].DepartedAt += time.Second },
		"committed":        func(v *View) { v.Cars[0].DepartedAt -= time.Second },
		"it stops anyway":  func(v *View) { v.Cars[0].CarCalls.Add(5) },
		"full":             func(v *View) { v.Cars[0].Full = true },
		"nobody else":      func(v *View) { v.Cars[1].InGroup = false },
		"no call is lit":   func(v *View) { v.Calls = nil },
		"out of the group": func(v *View) { v.Cars[0].InGroup = false },
	} {
		v := passing(p)
		change(v)
		if q, ok := l.question(v, 0); ok {
			t.Errorf("%s: question %+v, want none", name, q)
		}
	}
}

// Foresight shows who waits and who will come, in the order of arrival, and
// nobody who has left.
func TestForesightShowsWhoWaitsAndWhoWillCome(t *testing.T) {
	came := []elevator.Passenger{
		{ID: 1, ArrivesAt: 1 * time.Second, Floor: 3},
		{ID: 2, ArrivesAt: 2 * time.Second, Floor: 4},
		{ID: 3, ArrivesAt: 3 * time.Second, Floor: 5},
		{ID: 4, ArrivesAt: 20 * time.Second, Floor: 6},
		{ID: 5, ArrivesAt: 80 * time.Second, Floor: 7},
	}
	waits := map[elevator.PassengerID]bool{2: true}
	s := Foresight{Passengers: came, Waits: func(id elevator.PassengerID) bool { return waits[id] }}
	var f future
	s.see(10*time.Second, time.Minute, &f)
	if len(f.waiting) != 1 || f.waiting[0].floor != 4 || len(f.coming) != 1 || f.coming[0].floor != 6 {
		t.Errorf("waiting %+v, coming %+v; want passenger 2 and passenger 4", f.waiting, f.coming)
	}
	waits = map[elevator.PassengerID]bool{}
	s.see(25*time.Second, time.Minute, &f)
	if len(f.waiting) != 0 || len(f.coming) != 1 || f.coming[0].floor != 7 {
		t.Errorf("waiting %+v, coming %+v; want passenger 5 alone to come", f.waiting, f.coming)
	}
}

// The same view leads to the same decisions: the samples depend on nothing else.
func TestLookaheadIsDeterministic(t *testing.T) {
	p := testPlant(12, 2)
	decide := func() []Decision {
		l := newLookahead(p)
		v := passing(p)
		return l.Dispatch(v, nil)
	}
	first := decide()
	for range 20 {
		again := decide()
		if len(again) != len(first) {
			t.Fatalf("decisions %+v, before %+v", again, first)
		}
		for i := range again {
			if again[i] != first[i] {
				t.Fatalf("decisions %+v, before %+v", again, first)
			}
		}
	}
}

// An empty car on its way up to floor 9 that is about to pass a down call is asked
// whether it turns there, when another car can go on to the further calls.
func TestLookaheadAsksWhetherAnEmptyCarTurnsEarlier(t *testing.T) {
	p := testPlant(12, 2)
	view := func() *View {
		v := testView(p, 1, 11)
		v.Now = time.Minute
		v.call(9, elevator.Down)
		v.call(5, elevator.Down)
		car := &v.Cars[0]
		car.Moving, car.Target, car.Direction = true, 9, elevator.Up
		car.Assigned[0].Add(9)
		car.DepartedAt = v.Now + decisionLead - p.Law.CommitTime(1, 5)
		return v
	}
	l := newLookahead(p).(*lookahead)
	v := view()
	if !l.mayTurn(v, 0) {
		t.Fatal("not asked")
	}
	turns, leaves := l.other[0], l.other[1]
	if len(l.other) != 2 || turns.call.Floor != 5 || !turns.serve || leaves.call.Floor != 9 || leaves.serve {
		t.Errorf("the alternative is %+v; want that the car serves floor 5 and not 9", l.other)
	}
	if l.mayTurn(v, 0) {
		t.Error("asked again at the same moment")
	}
	for name, change := range map[string]func(*View){
		"too early":            func(v *View) { v.Cars[0].DepartedAt += time.Second },
		"somebody is aboard":   func(v *View) { v.Cars[0].Persons = 1 },
		"it stops there":       func(v *View) { v.Cars[0].Target = 5 },
		"nobody else for 9":    func(v *View) { v.Cars[1].InGroup = false },
		"no call at floor 5":   func(v *View) { v.Calls = v.Calls[:1] },
		"it goes there anyway": func(v *View) { v.Cars[0].Assigned[1].Add(5) },
	} {
		v := view()
		change(v)
		if newLookahead(p).(*lookahead).mayTurn(v, 0) {
			t.Errorf("%s: asked about %+v", name, l.other)
		}
	}
}

// An idle car that eta would send off is asked whether it stays, when another car
// can go.
func TestLookaheadAsksWhetherAnIdleCarStays(t *testing.T) {
	p := testPlant(12, 2)
	view := func() *View {
		v := testView(p, 4, 11)
		v.Now = time.Minute
		v.call(5, elevator.Down)
		return v
	}
	l := newLookahead(p).(*lookahead)
	if v := view(); !l.mayStay(v, 0) || len(l.other) != 1 || l.other[0].car != 0 || l.other[0].serve {
		t.Errorf("the alternative is %+v; want that car 0 leaves floor 5 to car 1", l.other)
	}
	for name, change := range map[string]func(*View){
		"has work":         func(v *View) { v.Cars[0].CarCalls.Add(7) },
		"nobody else":      func(v *View) { v.Cars[1].InGroup = false },
		"no call is lit":   func(v *View) { v.Calls = nil },
		"out of the group": func(v *View) { v.Cars[0].InGroup = false },
	} {
		v := view()
		change(v)
		if newLookahead(p).(*lookahead).mayStay(v, 0) {
			t.Errorf("%s: asked", name)
		}
	}
	if newLookahead(p).(*lookahead).mayStay(view(), 1) {
		t.Error("car 1, further away, is asked")
	}
}
