package sim

import (
	"context"
	"fmt"
	"io"
	"math"
	"runtime"
	"text/tabwriter"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/group"
	"elevator/internal/elevator/traffic"
)

// Speeds are the results of the benchmark engine.
type Speeds struct {
	Runs      []Speed        `json:"runs"`
	Decisions []DecisionTime `json:"decisions"`
	LongRuns  []LongRun      `json:"long_runs"`
}

// Engine runs the benchmark engine, on one core: how fast short runs, single
// decisions and long runs are. It takes some minutes and stops early when ctx ends.
func Engine(ctx context.Context, dispatchers []dispatch.Entry) (Speeds, error) {
	var s Speeds
	var err error
	if s.Runs, err = timeAllRuns(ctx, dispatchers, 5*time.Second); err != nil {
		return s, fmt.Errorf("engine: %w", err)
	}
	if s.Decisions, err = timeAllDecisions(ctx, dispatchers, 200, 5*time.Second); err != nil {
		return s, fmt.Errorf("engine: %w", err)
	}
	if s.LongRuns, err = timeLongRuns(ctx, dispatchers); err != nil {
		return s, fmt.Errorf("engine: %w", err)
	}
	return s, nil
}

// WriteText writes the speeds for people to read.
func (s *Speeds) WriteText(w io.Writer) error {
	fmt.Fprintln(w, "30 minutes of lunch in 20 floors with 4 cars, again and again; processor time")
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tab, "dispatcher\truns\tpassengers\tCPU ms a run\t× real time\tfastest round\tevents/s\tallocations a run\tan event later\t")
	for _, r := range s.Runs {
		fmt.Fprintf(tab, "%s\t%d\t%.0f\t%.2f\t%.0f\t%.0f\t%.0f\t%.0f\t%.4f\t\n",
			r.Dispatcher, r.Runs, r.PassengersRun, r.PerRunMs, r.TimesReal, r.FastestTimesReal, r.EventsPerS, r.AllocsPerRun, r.AllocsPerEvent)
	}
	if err := tab.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "\none decision in situations drawn at random, each the fastest of up to %d tries; a slow dispatcher's are fewer\n", decisionTries)
	tab = tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tab, "dispatcher\tcars\tcalls\twith a car\tsituations\tp50 µs\tp99 µs\t")
	for _, d := range s.Decisions {
		fmt.Fprintf(tab, "%s\t%d\t%d\t%d\t%d\t%.1f\t%.1f\t\n", d.Dispatcher, d.Cars, d.Calls, d.Assigned, d.Situations, d.P50Us, d.P99Us)
	}
	if err := tab.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w, "\nlonger runs; processor time")
	tab = tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tab, "dispatcher\trun\ttimes\tpassengers\tCPU s a run\tµs a passenger\t× least\t")
	for _, l := range s.LongRuns {
		ratio := ""
		if l.TimesLeast > 0 {
			ratio = fmt.Sprintf("%.2f", l.TimesLeast)
		}
		fmt.Fprintf(tab, "%s\t%s\t%d\t%.0f\t%.3f\t%.2f\t%s\t\n", l.Dispatcher, l.Name, l.Runs, l.Passengers, l.CPUS, l.PerPassengerUs, ratio)
	}
	return tab.Flush()
}

// Speed is how fast the simulator runs with one dispatcher on one core. All
// times are processor time, so that what else the machine does hardly counts.
type Speed struct {
	Dispatcher       string  `json:"dispatcher"`
	Runs             int     `json:"runs"`
	PassengersRun    float64 `json:"passengers_per_run"`
	PerRunMs         float64 `json:"per_run_ms"`
	TimesReal        float64 `json:"times_real_time"`
	FastestTimesReal float64 `json:"times_real_time_fastest"` // in the fastest round: shows the work, and not who else uses the machine
	EventsPerS       float64 `json:"events_per_s"`
	AllocsPerRun     float64 `json:"allocations_per_run"`
	AllocsPerEvent   float64 `json:"allocations_per_event"` // in the steady state
}

// timeAllRuns plays 30 minutes of lunch traffic with about 240 passengers in a
// building of 20 floors and four cars, again and again for at least the given time
// with each dispatcher. Making the passengers and the statistics is not part of what
// is timed.
func timeAllRuns(ctx context.Context, dispatchers []dispatch.Entry, atLeast time.Duration) ([]Speed, error) {
	configs, err := engineRuns()
	if err != nil {
		return nil, err
	}
	var speeds []Speed
	for _, d := range dispatchers {
		s, err := timeRuns(ctx, d, configs, atLeast)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.Name, err)
		}
		if s.AllocsPerEvent, err = steadyAllocations(d, configs[0].Building); err != nil {
			return nil, fmt.Errorf("%s: %w", d.Name, err)
		}
		speeds = append(speeds, s)
	}
	return speeds, nil
}

// engineRuns returns the runs of the benchmark engine, one for each of its
// seeds, without a dispatcher.
func engineRuns() ([]Config, error) {
	b, err := building.Named("lunch20")
	if err != nil {
		return nil, err
	}
	population := 0
	for i := range b.Floors {
		population += b.Floors[i].Population
	}
	const lasts = 30 * time.Minute
	spec := traffic.Spec{Profile: "lunch", RatePercent: 100 * 240 / float64(population) / (lasts.Minutes() / 5)}
	configs := make([]Config, 20)
	for i := range configs {
		if configs[i], err = configOf(b, spec, uint64(i+1), lasts); err != nil {
			return nil, err
		}
	}
	return configs, nil
}

func timeRuns(ctx context.Context, d dispatch.Entry, configs []Config, atLeast time.Duration) (Speed, error) {
	s := Speed{Dispatcher: d.Name}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	events, people := 0, 0
	simulated, took, fastest := time.Duration(0), time.Duration(0), time.Duration(math.MaxInt64)
	for began := time.Now(); time.Since(began) < atLeast || s.Runs == 0; {
		simulated, events, people = 0, 0, 0
		used := cpuTime()
		for i := range configs {
			configs[i].Dispatcher, configs[i].Done = d, ctx.Done()
			sum, err := Run(configs[i])
			if err != nil {
				return s, err
			}
			simulated += sum.End
			events += sum.Events
			people += len(configs[i].Passengers)
		}
		round := cpuTime() - used
		s.Runs += len(configs)
		took += round
		fastest = min(fastest, round)
	}
	runtime.ReadMemStats(&after)
	rounds := float64(s.Runs / len(configs))
	s.PassengersRun = float64(people) / float64(len(configs))
	s.PerRunMs = took.Seconds() * 1000 / float64(s.Runs)
	s.TimesReal = rounds * simulated.Seconds() / took.Seconds()
	s.FastestTimesReal = simulated.Seconds() / fastest.Seconds()
	s.EventsPerS = rounds * float64(events) / took.Seconds()
	s.AllocsPerRun = float64(after.Mallocs-before.Mallocs) / float64(s.Runs)
	return s, nil
}

// steadyAllocations returns how often something is allocated for an event in the
// fourth hour of lunch traffic: by then the queues are about as long as they get.
func steadyAllocations(d dispatch.Entry, b *elevator.Building) (float64, error) {
	if d.New == nil {
		return 0, nil // a clairvoyant needs a run of its own
	}
	const warm, lasts = 3 * time.Hour, 4 * time.Hour
	c, err := configOf(b, traffic.Spec{Profile: "lunch", RatePercent: 3}, 1, lasts)
	if err != nil {
		return 0, err
	}
	events := 0
	e := newEngine(b, c.Law, d.New(dispatch.Plant{Building: b, Law: c.Law}), group.Options{}, func(*elevator.Event) { events++ })
	e.expect(c.Passengers)
	for e.next(warm) {
	}
	var before, after runtime.MemStats
	seen := events
	runtime.ReadMemStats(&before)
	for e.next(lasts) {
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / float64(events-seen), e.err
}
