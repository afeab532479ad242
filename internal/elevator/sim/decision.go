package sim

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/motion"
)

// DecisionTime is how long a dispatcher takes for one decision, in wall time.
type DecisionTime struct {
	Dispatcher string  `json:"dispatcher"`
	Cars       int     `json:"cars"`
	Calls      int     `json:"calls"`
	Assigned   int     `json:"assigned"` // of the calls: those that have a car
	Situations int     `json:"situations"`
	P50Us      float64 `json:"p50_us"`
	P99Us      float64 `json:"p99_us"`
}

// decisionSizes are the groups in which decisions are timed.
var decisionSizes = []struct{ floors, cars, calls int }{{30, 8, 40}, {120, 32, 200}}

// decisionTries is how often each decision is made, where there is time: the fastest
// shows the work, and not what else the machine does.
const decisionTries = 5

// timeAllDecisions times decisions of each dispatcher in so many situations of each
// size: where no call has a car yet, and where all but the newest have, as when a
// button has been pressed. A dispatcher that uses up its budget of processor time for
// a size is timed in fewer situations, but in one at least, and its decisions are
// tried once.
func timeAllDecisions(ctx context.Context, dispatchers []dispatch.Entry, situations int, budget time.Duration) ([]DecisionTime, error) {
	var times []DecisionTime
	for _, size := range decisionSizes {
		b, err := tower(size.floors, size.cars)
		if err != nil {
			return nil, err
		}
		plant := dispatch.Plant{Building: b, Law: motion.NewLaw(b)}
		for _, entry := range dispatchers {
			if entry.New == nil {
				continue
			}
			w := stopwatch{dispatcher: entry.New(plant), budget: budget}
			w.measure(ctx, plant, size.calls, situations)
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			d := DecisionTime{Dispatcher: entry.Name, Cars: size.cars, Calls: size.calls}
			times = append(times, d.of(0, w.without), d.of(size.calls-1, w.with))
		}
	}
	return times, nil
}

// of returns the figures of decisions that took so long.
func (d DecisionTime) of(assigned int, took []time.Duration) DecisionTime {
	d.Assigned, d.Situations = assigned, len(took)
	slices.Sort(took)
	d.P50Us = took[len(took)/2].Seconds() * 1e6
	d.P99Us = took[len(took)*99/100].Seconds() * 1e6
	return d
}

// stopwatch times the decisions of one dispatcher.
type stopwatch struct {
	dispatcher    dispatch.Dispatcher
	budget        time.Duration // of processor time
	began         time.Duration
	decisions     []dispatch.Decision
	without, with []time.Duration // how long they took: where no call has a car, and where all but the newest have
}

// measure draws situations and times the decisions, until they are as many as
// wanted or the budget is used up.
func (w *stopwatch) measure(ctx context.Context, plant dispatch.Plant, calls, situations int) {
	r := rand.New(rand.NewPCG(1, 2))
	w.began = cpuTime()
	for len(w.with) == 0 || len(w.with) < situations && !w.spent() {
		v := busyView(r, plant, calls)
		w.without = append(w.without, w.time(v))
		assign(v, w.decisions)
		w.with = append(w.with, w.time(v))
		if ctx.Err() != nil {
			return
		}
	}
}

func (w *stopwatch) spent() bool { return cpuTime()-w.began >= w.budget }

// time returns how long the decision takes, at the fastest.
func (w *stopwatch) time(v *dispatch.View) time.Duration {
	fastest := time.Duration(math.MaxInt64)
	for try := 0; try == 0 || try < decisionTries && !w.spent(); try++ {
		from := time.Now()
		w.decisions = w.dispatcher.Dispatch(v, w.decisions[:0])
		fastest = min(fastest, time.Since(from))
	}
	return fastest
}

// tower returns a building of so many floors and cars like those of office14.
func tower(floors, cars int) (*elevator.Building, error) {
	b, err := building.Named("office14")
	if err != nil {
		return nil, err
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
	return b, nil
}

// busyView draws a group in the middle of its work: cars that fly and stand,
// with people and car calls, and so many lit calls without a car, the oldest first.
func busyView(r *rand.Rand, p dispatch.Plant, calls int) *dispatch.View {
	floors := len(p.Building.Floors)
	v := &dispatch.View{Now: time.Hour, Building: p.Building, Changed: dispatch.CallsChanged, Cars: make([]dispatch.CarView, len(p.Building.Cars))}
	for i := range v.Cars {
		v.Cars[i] = busyCar(r, p, v.Now)
	}
	lit := map[elevator.CallKey]bool{}
	for len(v.Calls) < calls {
		key := elevator.ConventionalCall(elevator.FloorIndex(r.IntN(floors)), elevator.Direction(2*r.IntN(2)-1))
		if next := int(key.Floor) + int(key.Direction); next < 0 || next >= floors || lit[key] {
			continue
		}
		lit[key] = true
		age := time.Duration(r.IntN(60_000)) * time.Millisecond
		v.Calls = append(v.Calls, elevator.LandingCall{Key: key, RegisteredAt: v.Now - age, Car: elevator.NoCar})
	}
	slices.SortFunc(v.Calls, func(a, b elevator.LandingCall) int { return cmp.Compare(a.RegisteredAt, b.RegisteredAt) })
	return v
}

// busyCar draws a car that flies to one of its car calls, or stands without any.
func busyCar(r *rand.Rand, p dispatch.Plant, now time.Duration) dispatch.CarView {
	floors := len(p.Building.Floors)
	car := dispatch.CarView{Floor: elevator.FloorIndex(r.IntN(floors)), Target: elevator.NoFloor, InGroup: true, Parking: elevator.NoFloor}
	for range r.IntN(6) {
		if f := elevator.FloorIndex(r.IntN(floors)); f != car.Floor {
			car.CarCalls.Add(f)
			car.Persons += 1 + r.IntN(2)
		}
	}
	car.FromM = p.Law.ElevationM(car.Floor)
	if up := car.CarCalls.Above(car.Floor); up != elevator.NoFloor {
		car.Moving, car.Target, car.Direction = true, up, elevator.Up
	} else if down := car.CarCalls.Below(car.Floor); down != elevator.NoFloor {
		car.Moving, car.Target, car.Direction = true, down, elevator.Down
	}
	if car.Moving {
		car.DepartedAt = now - time.Duration(r.Float64()*float64(p.Law.FlightTime(car.Floor, car.Target)))
	}
	return car
}

// assign gives all calls but the newest the cars that were decided on.
func assign(v *dispatch.View, decisions []dispatch.Decision) {
	for _, d := range decisions {
		for i := range v.Calls[:len(v.Calls)-1] {
			if d.Park == elevator.NoCar && v.Calls[i].Key == d.Call {
				v.Calls[i].Car, v.Calls[i].Cars = d.Main, d.Cars
			}
		}
	}
}
