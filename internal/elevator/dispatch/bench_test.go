package dispatch

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
	"elevator/internal/elevator/motion"
)

// busyView draws a group in the middle of its work: cars that fly and stand,
// with people and car calls, and so many lit calls, the oldest first.
func busyView(r *rand.Rand, law *motion.Law, b *elevator.Building, calls int) *View {
	floors := len(b.Floors)
	v := &View{Now: time.Hour, Building: b, Changed: CallsChanged, Cars: make([]CarView, len(b.Cars))}
	for i := range v.Cars {
		car := &v.Cars[i]
		*car = CarView{Floor: elevator.FloorIndex(r.IntN(floors)), Target: elevator.NoFloor, InGroup: true, Parking: elevator.NoFloor}
		for range r.IntN(6) {
			if f := elevator.FloorIndex(r.IntN(floors)); f != car.Floor {
				car.CarCalls.Add(f)
				car.Persons += 1 + r.IntN(2)
			}
		}
		car.FromM = law.ElevationM(car.Floor)
		if up := car.CarCalls.Above(car.Floor); up != elevator.NoFloor {
			car.Moving, car.Target, car.Direction = true, up, elevator.Up
		} else if down := car.CarCalls.Below(car.Floor); down != elevator.NoFloor {
			car.Moving, car.Target, car.Direction = true, down, elevator.Down
		}
		if car.Moving {
			car.DepartedAt = v.Now - time.Duration(r.Float64()*float64(law.FlightTime(car.Floor, car.Target)))
		}
	}
	for len(v.Calls) < calls {
		key := elevator.ConventionalCall(elevator.FloorIndex(r.IntN(floors)), elevator.Direction(2*r.IntN(2)-1))
		if next := key.Floor + elevator.FloorIndex(key.Direction); next < 0 || int(next) >= floors || callIndex(v, key) >= 0 {
			continue
		}
		age := time.Duration(r.IntN(60_000)) * time.Millisecond
		v.Calls = append(v.Calls, elevator.LandingCall{Key: key, RegisteredAt: v.Now - age, Car: elevator.NoCar})
	}
	slices.SortFunc(v.Calls, func(a, b elevator.LandingCall) int { return int(a.RegisteredAt - b.RegisteredAt) })
	return v
}

// tower is a building of so many floors and cars like office14's.
func tower(tb testing.TB, floors, cars int) *elevator.Building {
	b, err := building.Named("office14")
	if err != nil {
		tb.Fatal(err)
	}
	floor, car := b.Floors[1], b.Cars[0]
	for len(b.Floors) < floors {
		floor.Name, floor.ElevationM = fmt.Sprint(len(b.Floors)), b.Floors[len(b.Floors)-1].ElevationM+3.8
		b.Floors = append(b.Floors, floor)
	}
	car.Serves = b.AllFloors()
	b.Cars = b.Cars[:0]
	for i := range cars {
		car.Name = fmt.Sprint(i)
		b.Cars = append(b.Cars, car)
	}
	return b
}

// One decision of eta: fresh where no call has a car yet, and again, as nearly
// every decision is, where all but the newest have. The metric p99-µs is over
// drawn situations, each the fastest of three, so that it is the work and not
// what else the machine does.
func BenchmarkETADecision(b *testing.B) {
	for _, size := range []struct{ floors, cars, calls int }{{30, 8, 40}, {120, 32, 200}} {
		house := tower(b, size.floors, size.cars)
		law := motion.NewLaw(house)
		for _, fresh := range []bool{true, false} {
			name := fmt.Sprintf("%d cars/%d calls/fresh=%v", size.cars, size.calls, fresh)
			b.Run(name, func(b *testing.B) {
				b.ReportAllocs()
				r := rand.New(rand.NewPCG(1, 2))
				var views []*View
				e := newETA(Plant{Building: house, Law: law})
				for range 200 {
					v := busyView(r, law, house, size.calls)
					if !fresh {
						for _, d := range e.Dispatch(v, nil) {
							if at := callIndex(v, d.Call); d.Park == elevator.NoCar && at != len(v.Calls)-1 {
								v.Calls[at].Car, v.Calls[at].Cars = d.Main, d.Cars
							}
						}
					}
					views = append(views, v)
				}
				took := make([]time.Duration, len(views))
				var out []Decision
				for i := 0; b.Loop(); i++ {
					v := views[i/3%len(views)]
					began := time.Now()
					out = e.Dispatch(v, out[:0])
					d, best := time.Since(began), &took[i/3%len(views)]
					if *best == 0 || d < *best {
						*best = d
					}
				}
				took = slices.DeleteFunc(took, func(d time.Duration) bool { return d == 0 })
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds())/1000, "p99-µs")
			})
		}
	}
}
