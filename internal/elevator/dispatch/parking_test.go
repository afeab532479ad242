package dispatch

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"elevator/internal/elevator"
)

// Of eleven floors and cars where the last passenger left them: where each
// policy has them wait.
func TestParking(t *testing.T) {
	type floors = []elevator.FloorIndex
	for _, tc := range []struct {
		name, policy string
		at           floors
		change       func(*View)
		want         floors
	}{
		{name: "stay", policy: "stay", at: floors{3, 3, 9}, want: floors{3, 3, 9}},
		{name: "lobby", policy: "lobby", at: floors{3, 3, 9}, want: floors{0, 0, 0}},
		{name: "one zone", policy: "zones", at: floors{9}, want: floors{5}},
		{name: "zones, each car the nearest that is left", policy: "zones", at: floors{9, 9, 9}, want: floors{9, 5, 1}},
		{name: "zones, who is in the middle stays", policy: "zones", at: floors{10, 1, 9}, want: floors{5, 1, 9}},
		{
			name: "a busy car leaves its zone to nobody", policy: "zones", at: floors{9, 9, 0},
			change: func(v *View) { v.Cars[2].Persons = 1 }, want: floors{9, 5, 0},
		},
		{
			name: "a car that leaves the group makes the zones larger", policy: "zones", at: floors{9, 9, 0},
			change: func(v *View) { v.Cars[2].InGroup = false }, want: floors{8, 2, 0},
		},
		{
			name: "as near as a car may", policy: "lobby", at: floors{9, 9},
			change: func(v *View) { v.Building.Cars[1].Serves.Remove(0) }, want: floors{0, 1},
		},
		{name: "half at the terminal before anybody has come", policy: "demand", at: floors{0, 0, 0, 0}, want: floors{0, 0, 3, 8}},
		{
			name: "quiet: zones", policy: "pattern", at: floors{0, 0},
			change: func(v *View) { v.Detected = elevator.GroupNormal }, want: floors{2, 8},
		},
		{
			name: "up-peak is detected", policy: "pattern", at: floors{9, 9},
			change: func(v *View) { v.Detected = elevator.GroupUpPeak }, want: floors{0, 0},
		},
		{
			name: "down-peak is detected", policy: "pattern", at: floors{0, 0},
			change: func(v *View) { v.Detected = elevator.GroupDownPeak }, want: floors{2, 8},
		},
		{
			name: "two-way is detected: demand", policy: "pattern", at: floors{9, 9, 9, 9},
			change: func(v *View) { v.Detected = elevator.GroupTwoWay }, want: floors{8, 3, 0, 0},
		},
		{
			name: "the operator knows better", policy: "pattern", at: floors{9, 9},
			change: func(v *View) { v.Mode, v.Detected = elevator.GroupUpPeak, elevator.GroupDownPeak }, want: floors{0, 0},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := testPlant(11, len(tc.at))
			v := testView(p, tc.at...)
			if tc.change != nil {
				tc.change(v)
			}
			if got := parkedBy(t, p, v, tc.policy); !slices.Equal(got, tc.want) {
				t.Errorf("cars at %v wait at %v, want %v", tc.at, got, tc.want)
			}
		})
	}
}

// parkedBy returns where the policy has the cars wait. Asked again when they are
// there, or on their way, it leaves them in peace.
func parkedBy(t *testing.T, p Plant, v *View, policy string) []elevator.FloorIndex {
	t.Helper()
	parking, err := ParkingByName(policy)
	if err != nil {
		t.Fatal(err)
	}
	parker := parking.New(p)
	for _, d := range parker.Park(v, nil) {
		v.Cars[d.Park].Parking = d.ParkAt
	}
	if again := parker.Park(v, nil); len(again) > 0 {
		t.Errorf("asked again, it decides %+v", again)
	}
	where := make([]elevator.FloorIndex, len(v.Cars))
	for i := range v.Cars {
		if where[i] = v.Cars[i].Floor; v.Cars[i].Parking != elevator.NoFloor {
			where[i] = v.Cars[i].Parking
		}
	}
	return where
}

// Demand is where people stepped in, looked at every five minutes.
func TestParkingByDemandFollowsThePeople(t *testing.T) {
	p := testPlant(11, 2)
	v := testView(p, 0, 0)
	parking, err := ParkingByName("demand")
	if err != nil {
		t.Fatal(err)
	}
	parker := parking.New(p)
	parked := func(now time.Duration) []elevator.FloorIndex {
		v.Now = now
		for _, d := range parker.Park(v, nil) {
			v.Cars[d.Park].Parking = d.ParkAt
		}
		return []elevator.FloorIndex{waitingPlace(&v.Cars[0]), waitingPlace(&v.Cars[1])}
	}
	before := parked(0)
	for now := time.Duration(0); now < 4*time.Minute; now += 10 * time.Second {
		v.Cars[0].Floor, v.Cars[0].Persons = 7, 10
		parked(now)
		v.Cars[0].Floor, v.Cars[0].Persons = 0, 0
		parked(now + time.Second)
	}
	if now := parked(4 * time.Minute); !slices.Equal(now, before) {
		t.Errorf("after four minutes the cars wait at %v, want them at %v still", now, before)
	}
	if now := parked(5 * time.Minute); !slices.Equal(now, []elevator.FloorIndex{7, 7}) {
		t.Errorf("after five minutes the cars wait at %v, want them at floor 7, where everybody came", now)
	}
}

// A parker that remembers what it saw sends the same cars to the same places as one
// that sees every view for the first time.
func TestParkerRemembersNothingThatMatters(t *testing.T) {
	p := testPlant(12, 5)
	rapid.Check(t, func(t *rapid.T) {
		parker, r := newParker(p.Building), newRates(newTiming(p))
		v := drawView(t, p)
		for range rapid.IntRange(1, 12).Draw(t, "views") {
			switch rapid.IntRange(0, 4).Draw(t, "change") {
			case 0:
				v = drawView(t, p)
			case 1:
				v.Mode = rapid.SampledFrom(elevator.DetectedModes()).Draw(t, "mode")
			case 2:
				r.entering = entering{terminal: rapid.Float64Range(0, 9).Draw(t, "terminal"), all: 9}
			case 3:
				car := &v.Cars[rapid.IntRange(0, len(v.Cars)-1).Draw(t, "car")]
				car.InGroup = !car.InGroup
			}
			fresh := newParker(p.Building)
			got, want := parker.park(v, &r, nil), fresh.park(v, &r, nil)
			if !slices.Equal(got, want) {
				t.Fatalf("decides %+v, want %+v", got, want)
			}
			for _, d := range got {
				v.Cars[d.Park].Parking = d.ParkAt
			}
		}
	})
}

func TestNoParkingPolicyOfThatName(t *testing.T) {
	_, err := ParkingByName("roof")
	const want = `"roof": want one of auto, stay, lobby, zones, demand, pattern`
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
