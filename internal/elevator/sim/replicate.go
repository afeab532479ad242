package sim

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/motion"
	"elevator/internal/elevator/stats"
	"elevator/internal/elevator/traffic"
)

// Trial is one traffic in one building, repeated with many seeds. Every
// dispatcher that tries it meets the same passengers.
type Trial struct {
	Building *elevator.Building
	Traffic  traffic.Spec
	Duration time.Duration // arrivals stop then
	From, To time.Duration // who arrives in between counts; To 0: everybody from From on
	Seeds
}

// Seeds are those of a trial's replications.
type Seeds struct {
	First        uint64
	Replications int
}

// Replicate runs the trial with one dispatcher, on all cores, and returns the
// figures of each seed in the order of seeds. It stops early when ctx ends.
func Replicate(ctx context.Context, t Trial, d dispatch.Entry) ([]stats.Result, error) {
	return Repeat(ctx, t, d, func(c *stats.Collector) stats.Result {
		if t.To == 0 {
			return c.Between(t.From, 1<<63-1)
		}
		return c.Between(t.From, t.To)
	})
}

// Repeat runs the trial with one dispatcher, on all cores, and returns what
// measure makes of each seed's journeys, in the order of seeds. Measure must be
// safe for use by several goroutines, each with a Collector of its own.
func Repeat[T any](ctx context.Context, t Trial, d dispatch.Entry, measure func(*stats.Collector) T) ([]T, error) {
	measured := make([]T, t.Replications)
	errs := make([]error, t.Replications)
	law := motion.NewLaw(t.Building)
	seeds := make(chan int)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), t.Replications) {
		workers.Go(func() {
			for i := range seeds {
				collected := stats.NewCollector(t.Building)
				if errs[i] = t.run(law, i, d, collected); errs[i] == nil {
					measured[i] = measure(collected)
				}
			}
		})
	}
	for i := range t.Replications {
		if ctx.Err() != nil {
			break
		}
		seeds <- i
	}
	close(seeds)
	workers.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for i, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("seed %d: %w", t.First+uint64(i), err)
		}
	}
	return measured, nil
}

func (t *Trial) run(law *motion.Law, i int, d dispatch.Entry, collected *stats.Collector) error {
	source, err := traffic.New(t.Building, t.Traffic, t.First+uint64(i), t.Duration)
	if err != nil {
		return err
	}
	passengers, err := traffic.Collect(source)
	if err != nil {
		return err
	}
	_, err = Run(Config{
		Building: t.Building, Law: law, Passengers: passengers, Dispatcher: d, OnEvent: collected.Apply,
	})
	return err
}
