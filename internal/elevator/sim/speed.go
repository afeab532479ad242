package sim

import (
	"fmt"
	"io"
	"runtime"
	"text/tabwriter"
	"time"

	"elevator/internal/elevator/building"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/motion"
	"elevator/internal/elevator/traffic"
)

// Speed is how fast the simulator runs with one dispatcher on one core. All
// times are processor time, so that what else the machine does hardly counts.
type Speed struct {
	Dispatcher    string  `json:"dispatcher"`
	Runs          int     `json:"runs"`
	PassengersRun float64 `json:"passengers_per_run"`
	PerRunMs      float64 `json:"per_run_ms"`
	TimesReal     float64 `json:"times_real_time"`
	EventsPerS    float64 `json:"events_per_s"`
	AllocsPerRun  float64 `json:"allocations_per_run"`
}

// Engine runs the benchmark engine: 30 minutes of lunch traffic with about 240
// passengers in a building of 20 floors and four cars, again and again for the
// given time, on one core. Making the passengers and the statistics is not part
// of what is timed.
func Engine(dispatchers []dispatch.Entry, atLeast time.Duration) ([]Speed, error) {
	configs, err := engineRuns()
	if err != nil {
		return nil, err
	}
	var speeds []Speed
	for _, d := range dispatchers {
		s, err := timeRuns(d, configs, atLeast)
		if err != nil {
			return nil, fmt.Errorf("engine: %s: %w", d.Name, err)
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
		source, err := traffic.New(b, spec, uint64(i+1), lasts)
		if err != nil {
			return nil, err
		}
		configs[i] = Config{Building: b, Law: motion.NewLaw(b)}
		if configs[i].Passengers, err = traffic.Collect(source); err != nil {
			return nil, err
		}
	}
	return configs, nil
}

func timeRuns(d dispatch.Entry, configs []Config, atLeast time.Duration) (Speed, error) {
	s := Speed{Dispatcher: d.Name}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began, used := time.Now(), cpuTime()
	simulated, events, people := time.Duration(0), 0, 0
	for time.Since(began) < atLeast || s.Runs == 0 {
		for i := range configs {
			configs[i].Dispatcher = d
			sum, err := Run(configs[i])
			if err != nil {
				return s, err
			}
			s.Runs++
			simulated += sum.End
			events += sum.Events
			people += len(configs[i].Passengers)
		}
	}
	took := cpuTime() - used
	runtime.ReadMemStats(&after)
	runs := float64(s.Runs)
	s.PassengersRun = float64(people) / runs
	s.PerRunMs = took.Seconds() * 1000 / runs
	s.TimesReal = simulated.Seconds() / took.Seconds()
	s.EventsPerS = float64(events) / took.Seconds()
	s.AllocsPerRun = float64(after.Mallocs-before.Mallocs) / runs
	return s, nil
}

// WriteSpeeds writes speeds for people to read.
func WriteSpeeds(w io.Writer, speeds []Speed) error {
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tab, "dispatcher\truns\tpassengers\tCPU ms a run\t× real time\tevents/s\tallocations a run\t")
	for _, s := range speeds {
		fmt.Fprintf(tab, "%s\t%d\t%.0f\t%.2f\t%.0f\t%.0f\t%.0f\t\n",
			s.Dispatcher, s.Runs, s.PassengersRun, s.PerRunMs, s.TimesReal, s.EventsPerS, s.AllocsPerRun)
	}
	return tab.Flush()
}
