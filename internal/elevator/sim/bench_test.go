package sim

import (
	"fmt"
	"testing"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
	"elevator/internal/elevator/motion"
	"elevator/internal/elevator/traffic"
)

// One run is 30 minutes of lunch traffic in lunch20.
func BenchmarkEngine(b *testing.B) {
	for _, d := range entries(b, "uncoordinated", "eta") {
		b.Run(d.Name, func(b *testing.B) {
			configs, err := engineRuns()
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				c := configs[i%len(configs)]
				c.Dispatcher = d
				if _, err := Run(c); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// people draws the passengers of a traffic.
func people(tb testing.TB, b *elevator.Building, spec traffic.Spec, lasts time.Duration) []elevator.Passenger {
	tb.Helper()
	source, err := traffic.New(b, spec, 1, lasts)
	if err != nil {
		tb.Fatal(err)
	}
	list, err := traffic.Collect(source)
	if err != nil {
		tb.Fatal(err)
	}
	return list
}

// A day in an office of 40 floors and 12 cars, 2400 people.
func BenchmarkOfficeDay(b *testing.B) {
	house := building.Builtin()
	for f := len(house.Floors); f < 40; f++ {
		house.Floors = append(house.Floors, elevator.Floor{Name: fmt.Sprint(f), ElevationM: 3.6 * float64(f)})
	}
	for f := 1; f < 40; f++ {
		house.Floors[f].Population = 60
	}
	car := house.Cars[0]
	car.Serves, car.CapacityPersons, car.RatedLoadKg, house.Motion.SpeedMps = house.AllFloors(), 17, 1275, 6
	house.Cars = nil
	for i := range 12 {
		car.Name = fmt.Sprint(i)
		house.Cars = append(house.Cars, car)
	}
	c := Config{Building: house, Law: motion.NewLaw(house), Dispatcher: entries(b, "eta")[0]}
	c.Passengers = people(b, house, traffic.Spec{Profile: "office-day"}, 24*time.Hour)
	for b.Loop() {
		used := cpuTime()
		if _, err := Run(c); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric((cpuTime() - used).Seconds(), "CPU-s/day")
	}
	b.ReportMetric(float64(len(c.Passengers)), "passengers")
}

// What one passenger costs does not depend on how many there are.
func BenchmarkPassengers(b *testing.B) {
	house, err := building.Named("lunch20")
	if err != nil {
		b.Fatal(err)
	}
	const perHour = 480
	inhabitants := 0
	for i := range house.Floors {
		inhabitants += house.Floors[i].Population
	}
	spec := traffic.Spec{Profile: "lunch", RatePercent: 100 * perHour / 12 / float64(inhabitants)}
	for _, n := range []int{1_000, 10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			c := Config{Building: house, Law: motion.NewLaw(house), Dispatcher: entries(b, "eta")[0]}
			c.Passengers = people(b, house, spec, time.Duration(n)*time.Hour/perHour)
			for b.Loop() {
				used := cpuTime()
				if _, err := Run(c); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64((cpuTime()-used).Microseconds())/float64(len(c.Passengers)), "CPU-µs/passenger")
			}
		})
	}
}
