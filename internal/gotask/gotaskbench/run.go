package gotaskbench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"elevator/internal/gotask"
)

// Config says what to measure, and on what.
type Config struct {
	// Child is a program and its first arguments that call Child with the arguments that follow. It must be on every
	// agent at that path. Required.
	Child []string
	// Master is the host:port of the leading master of a cluster; default local clusters. "scale" is always on a local one.
	Master string
	// User of the executors; default the present one.
	User string
	// Only names the measurements to make: "messages", "launch" and "scale"; default all.
	Only []string
	// ScaleFor is how long the many tasks of "scale" exchange messages; default 5 s.
	ScaleFor time.Duration
	// Knee goes on after "scale" with other rates, until it is known where the system does not keep up any more.
	Knee bool
}

// The sizes of the measurements.
const (
	messageAgents = 8  // as many executors, or as there are
	manyAgents    = 20 // for launches and scale, where the cluster is local

	payload   = "sixty-four bytes of a message that says nothing in particular..."
	taskCPUs  = 0.01
	taskMemMB = 1

	launchTasks = 1000
	launches    = 3
	rounds      = 5   // in which the two sides take turns
	tripsEach   = 300 // round trips in one round
)

func (c Config) withDefaults() (Config, error) {
	if len(c.Child) == 0 {
		return c, errors.New("gotask benchmark: Child is empty; it must be the command line that calls gotaskbench.Child")
	}
	for _, name := range c.Only {
		if !slices.Contains([]string{"messages", "launch", "scale"}, name) {
			return c, fmt.Errorf("gotask benchmark: measurement %q: want messages, launch or scale", name)
		}
	}
	if c.ScaleFor == 0 {
		c.ScaleFor = 5 * time.Second
	}
	if c.User == "" {
		u, err := user.Current()
		if err != nil {
			return c, fmt.Errorf("gotask benchmark: %w", err)
		}
		c.User = u.Username
	}
	return c, nil
}

// Run makes the measurements. It takes about a minute without Knee.
func Run(ctx context.Context, cfg Config) (Result, error) {
	var r Result
	cfg, err := cfg.withDefaults()
	if err != nil {
		return r, err
	}
	for _, m := range []struct {
		name    string
		agents  int
		measure func(ctx context.Context, cfg Config, master string, r *Result) error
	}{
		{"messages", messageAgents, measureMessages},
		{"launch", manyAgents, measureLaunches},
		{"scale", manyAgents, measureScale},
	} {
		if len(cfg.Only) > 0 && !slices.Contains(cfg.Only, m.name) {
			continue
		}
		on := cfg
		if m.name == "scale" {
			on.Master = ""
		}
		err := onCluster(ctx, on, m.agents, func(master string) error { return m.measure(ctx, on, master, &r) })
		if err != nil {
			return r, fmt.Errorf("gotask benchmark: %s: %w", m.name, err)
		}
	}
	r.Load = loadAverage()
	return r, nil
}

func onCluster(ctx context.Context, cfg Config, agents int, measure func(master string) error) error {
	if cfg.Master != "" {
		return measure(cfg.Master)
	}
	c, err := startCluster(ctx, cfg.Child, agents)
	if err != nil {
		return err
	}
	return errors.Join(measure(c.master), c.close())
}

// measureMessages compares round trips and throughput, with one task in each executor.
func measureMessages(ctx context.Context, cfg Config, master string, r *Result) (err error) {
	r.Executors, err = countAgents(ctx, cfg, master, messageAgents)
	if err != nil {
		return err
	}
	bare, err := startBare(ctx, cfg, master, r.Executors, r.Executors)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bare.stop()) }()
	app, err := startApp(ctx, cfg, master, r.Executors, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, app.stop()) }()

	var bareTrips, trips []time.Duration
	for range rounds {
		took, err := bare.roundTrips(ctx, tripsEach)
		if err != nil {
			return err
		}
		bareTrips = append(bareTrips, took...)
		if took, err = app.roundTrips(ctx, tripsEach); err != nil {
			return err
		}
		trips = append(trips, took...)
	}
	r.RoundTrip = compare(micros(percentile(trips, 50)), micros(percentile(bareTrips, 50)))
	r.RoundTripP99 = compare(micros(percentile(trips, 99)), micros(percentile(bareTrips, 99)))

	best := 0.0
	for inFlight := 1; inFlight <= maxConnections; inFlight *= 2 {
		rate, err := bare.throughput(ctx, 3000, inFlight)
		if err != nil {
			return err
		}
		if rate > best {
			best, r.BareInFlight = rate, inFlight
		}
	}
	var bareRates, rates []float64
	for range rounds {
		rate, err := bare.throughput(ctx, 10_000, r.BareInFlight)
		if err != nil {
			return err
		}
		bareRates = append(bareRates, rate)
		if rate, err = app.throughput(ctx, 100_000, 512); err != nil {
			return err
		}
		rates = append(rates, rate)
	}
	r.Throughput = compare(median(rates), median(bareRates))
	return nil
}

// measureLaunches compares the times from the subscription until all tasks run, and weighs the scheduler of so many tasks.
func measureLaunches(ctx context.Context, cfg Config, master string, r *Result) error {
	dir, err := os.MkdirTemp("", "gotaskbench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	agents, err := countAgents(ctx, cfg, master, manyAgents)
	if err != nil {
		return err
	}
	var bareTimes, times, heaps []float64
	for i := range launches {
		begin := time.Now()
		bare, err := startBare(ctx, cfg, master, agents, launchTasks)
		if err != nil {
			return err
		}
		bareTimes = append(bareTimes, time.Since(begin).Seconds())
		if err := bare.stop(); err != nil {
			return err
		}
		empty := heapBytes()
		begin = time.Now()
		app, err := startApp(ctx, cfg, master, launchTasks, gotask.NewFileStore(filepath.Join(dir, fmt.Sprint(i))))
		if err != nil {
			return err
		}
		times = append(times, time.Since(begin).Seconds())
		heaps = append(heaps, (heapBytes()-empty)/launchTasks/1024)
		if err := app.stop(); err != nil {
			return err
		}
	}
	r.Launch = compare(median(times), median(bareTimes))
	r.HeapKiB = median(heaps)
	return nil
}

// countAgents is how many agents a bare framework can count on, at most so many: those of a local cluster, or all that offer
// at once.
func countAgents(ctx context.Context, cfg Config, master string, most int) (int, error) {
	if cfg.Master == "" {
		return most, nil
	}
	bare, err := startBare(ctx, cfg, master, 1, 1)
	if err != nil {
		return 0, err
	}
	n := min(most, len(bare.offers))
	return n, bare.stop()
}

// heapBytes is what the heap holds after everything unreachable is gone.
func heapBytes() float64 {
	runtime.GC()
	runtime.GC() // also what only finalizers and pools held
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}
