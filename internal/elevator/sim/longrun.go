package sim

import (
	"context"
	"fmt"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/motion"
	"elevator/internal/elevator/traffic"
)

// LongRun is what one kind of long run costs, in processor time.
type LongRun struct {
	Dispatcher     string  `json:"dispatcher"`
	Name           string  `json:"run"`
	Runs           int     `json:"runs"`
	Passengers     float64 `json:"passengers_per_run"`
	CPUS           float64 `json:"cpu_s_per_run"`
	PerPassengerUs float64 `json:"cpu_us_per_passenger"`
	TimesLeast     float64 `json:"times_least,omitempty"` // PerPassengerUs, of the run with the fewest passengers; 0: not compared
}

// timeLongRuns plays the hour of each table of the benchmark crites-barto with every
// dispatcher, and with the default one an office day and lunches of a thousand to a
// million passengers.
func timeLongRuns(ctx context.Context, dispatchers []dispatch.Entry) ([]LongRun, error) {
	var long []LongRun
	for _, d := range dispatchers {
		hours, err := critesBartoHours()
		if err != nil {
			return nil, err
		}
		run, err := timeLongRun(ctx, "hour of crites-barto", d, hours, 0)
		if err != nil {
			return nil, err
		}
		long = append(long, run)
	}
	for _, d := range dispatchers {
		if d.Name != dispatch.Default {
			continue
		}
		day, err := officeDay()
		if err != nil {
			return nil, err
		}
		run, err := timeLongRun(ctx, "office day, 40 floors, 12 cars", d, []Config{day}, 0)
		if err != nil {
			return nil, err
		}
		lunches, err := timeLunches(ctx, d, 1_000, 10_000, 100_000, 1_000_000)
		if err != nil {
			return nil, err
		}
		long = append(append(long, run), lunches...)
	}
	return long, nil
}

// timeLunches plays lunches of about so many passengers, the fewest first, and
// compares each with the first.
func timeLunches(ctx context.Context, d dispatch.Entry, passengers ...int) ([]LongRun, error) {
	var long []LongRun
	for _, n := range passengers {
		lunch, err := lunchOf(n)
		if err != nil {
			return nil, err
		}
		run, err := timeLongRun(ctx, "lunch without end", d, []Config{lunch}, time.Second)
		if err != nil {
			return nil, err
		}
		long = append(long, run)
		long[len(long)-1].TimesLeast = run.PerPassengerUs / long[0].PerPassengerUs
	}
	return long, nil
}

// timeLongRun plays the runs, again and again for at least the given wall time.
func timeLongRun(ctx context.Context, name string, d dispatch.Entry, configs []Config, atLeast time.Duration) (LongRun, error) {
	run := LongRun{Dispatcher: d.Name, Name: name}
	people := 0
	used := cpuTime()
	for began := time.Now(); run.Runs == 0 || time.Since(began) < atLeast; {
		for _, c := range configs {
			c.Dispatcher, c.Done = d, ctx.Done()
			if _, err := Run(c); err != nil {
				return run, fmt.Errorf("%s, %s: %w", name, d.Name, err)
			}
			run.Runs++
			people += len(c.Passengers)
		}
	}
	took := (cpuTime() - used).Seconds()
	run.Passengers, run.CPUS = float64(people)/float64(run.Runs), took/float64(run.Runs)
	run.PerPassengerUs = took * 1e6 / float64(people)
	return run, nil
}

// critesBartoHours returns the first run of each table of the benchmark
// crites-barto, without a dispatcher.
func critesBartoHours() ([]Config, error) {
	hours := make([]Config, 0, len(critesBartoTables)+1)
	add := func(buildingName, profile string) error {
		b, err := building.Named(buildingName)
		if err != nil {
			return err
		}
		c, err := configOf(b, traffic.Spec{Profile: profile}, 1001, time.Hour)
		hours = append(hours, c)
		return err
	}
	for _, t := range critesBartoTables {
		if err := add("crites-barto", t.profile); err != nil {
			return nil, err
		}
	}
	err := add("crites-barto-additive", "crites-barto")
	return hours, err
}

// officeDay returns a day in an office of 40 floors and 12 cars with 2,340 people.
func officeDay() (Config, error) {
	b := building.Builtin()
	for f := len(b.Floors); f < 40; f++ {
		b.Floors = append(b.Floors, elevator.Floor{Name: fmt.Sprint(f), ElevationM: 3.6 * float64(f)})
	}
	for f := 1; f < 40; f++ {
		b.Floors[f].Population = 60
	}
	car := b.Cars[0]
	car.Serves, car.CapacityPersons, car.RatedLoadKg, b.Motion.SpeedMps = b.AllFloors(), 17, 1275, 6
	b.Cars = nil
	for i := range 12 {
		car.Name = fmt.Sprint(i)
		b.Cars = append(b.Cars, car)
	}
	return configOf(b, traffic.Spec{Profile: "office-day"}, 1, 24*time.Hour)
}

// lunchOf returns lunch traffic of 480 passengers an hour in a building of 20 floors
// and four cars that goes on until about n have come.
func lunchOf(n int) (Config, error) {
	b, err := building.Named("lunch20")
	if err != nil {
		return Config{}, err
	}
	const perHour = 480
	inhabitants := 0
	for i := range b.Floors {
		inhabitants += b.Floors[i].Population
	}
	spec := traffic.Spec{Profile: "lunch", RatePercent: 100 * perHour / 12 / float64(inhabitants)}
	return configOf(b, spec, 1, time.Duration(n)*time.Hour/perHour)
}

// configOf returns a run of a traffic, without a dispatcher.
func configOf(b *elevator.Building, spec traffic.Spec, seed uint64, lasts time.Duration) (Config, error) {
	source, err := traffic.New(b, spec, seed, lasts)
	if err != nil {
		return Config{}, err
	}
	passengers, err := traffic.Collect(source)
	return Config{Building: b, Law: motion.NewLaw(b), Passengers: passengers}, err
}
