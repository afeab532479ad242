package sim

import (
	"fmt"
	"testing"
	"time"
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

// A day in an office of 40 floors and 12 cars.
func BenchmarkOfficeDay(b *testing.B) {
	c, err := officeDay()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		day, err := timeLongRun(b.Context(), "office day", entries(b, "eta")[0], []Config{c}, 0)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(day.CPUS, "CPU-s/day")
	}
	b.ReportMetric(float64(len(c.Passengers)), "passengers")
}

// What one passenger costs does not depend on how many there are.
func BenchmarkPassengers(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				lunch, err := timeLunches(b.Context(), entries(b, "eta")[0], n)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(lunch[0].PerPassengerUs, "CPU-µs/passenger")
			}
		})
	}
}

// One decision of eta in 200 situations of each size.
func BenchmarkETADecision(b *testing.B) {
	for b.Loop() {
		times, err := timeAllDecisions(b.Context(), entries(b, "eta"), 200, time.Minute)
		if err != nil {
			b.Fatal(err)
		}
		for _, d := range times {
			size := fmt.Sprintf("%d-cars/%d-calls/%d-assigned", d.Cars, d.Calls, d.Assigned)
			b.ReportMetric(d.P50Us, "p50-µs/"+size)
			b.ReportMetric(d.P99Us, "p99-µs/"+size)
		}
	}
}
