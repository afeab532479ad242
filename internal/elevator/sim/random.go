package sim

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"text/tabwriter"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/motion"
	"elevator/internal/elevator/stats"
	"elevator/internal/elevator/traffic"
)

// Contest says how a dispatcher did in one class of the cases of the benchmark
// random. In each case it is compared with the better of the two baselines,
// nearest-car and uncoordinated, for either figure.
type Contest struct {
	Class      string         `json:"class"`
	Dispatcher string         `json:"dispatcher"`
	Cases      int            `json:"cases"`
	Wait       stats.Interval `json:"wait_change_ratio"`                // mean over the cases of wait / baseline's wait - 1
	System     stats.Interval `json:"time_to_destination_change_ratio"` // the same of the time to destination
	WaitS      float64        `json:"wait_s"`                           // means over the cases
	BaseWaitS  float64        `json:"baseline_wait_s"`
}

// Worse reports whether the dispatcher was worse in the class in one of the
// figures, with 95 % confidence.
func (c *Contest) Worse() bool {
	return c.Wait.Mean-c.Wait.HalfWidth > 0 || c.System.Mean-c.System.HalfWidth > 0
}

// Contests are the results of the benchmark random.
type Contests []Contest

// randomCase is a building and its traffic, drawn from a seed.
type randomCase struct {
	building *elevator.Building
	traffic  traffic.Spec
	load     float64 // of the handling capacity
	seed     uint64
}

const (
	randomRun     = 30 * time.Minute
	randomWarming = 5 * time.Minute // who arrives before is not counted
)

// newRandomCase draws a building of 3 to 40 floors with 3 to 12 cars, and a
// traffic of one of the mixes at 40 to 90 % of what the round trip time says the
// group can carry in up-peak.
func newRandomCase(seed uint64) randomCase {
	r := rand.New(rand.NewPCG(seed, 0))
	b := building.Builtin()
	b.Name = fmt.Sprintf("random %d", seed)
	floors, cars := 3+r.IntN(38), 3+r.IntN(10)
	height := 3 + 1.5*r.Float64()
	people := 20 + r.IntN(80)
	b.Floors = b.Floors[:0]
	for f := range floors {
		b.Floors = append(b.Floors, elevator.Floor{Name: fmt.Sprint(f), ElevationM: float64(f) * height, Population: people, MainTerminal: f == 0})
	}
	b.Floors[0].Population = 0
	b.Motion.SpeedMps = [...]float64{1, 1.6, 2.5, 4, 6}[min(4, int(float64(floors)*height/40)+r.IntN(2))]
	persons := [...]int{8, 10, 13, 17, 21}[r.IntN(5)]
	b.Cars = b.Cars[:0]
	for c := range cars {
		b.Cars = append(b.Cars, elevator.CarSpec{
			Name: fmt.Sprint(c), CapacityPersons: persons, RatedLoadKg: float64(persons) * b.Load.PassengerKg, Serves: b.AllFloors(),
		})
	}
	mixes := [...]string{"up-peak", "down-peak", "lunch", "two-way", "interfloor"}
	c := randomCase{building: b, seed: seed, load: 0.4 + 0.5*r.Float64()}
	c.traffic = traffic.Spec{Profile: mixes[r.IntN(len(mixes))]}
	c.traffic.RatePercent = 100 * c.load * upPeakCapacity(b) / float64(people*(floors-1))
	return c
}

// upPeakCapacity is the handling capacity by the round trip calculation, in
// people in five minutes: cars leave the terminal, the lowest floor, filled to
// 80 % (CIBSE Guide D).
func upPeakCapacity(b *elevator.Building) float64 {
	law := motion.NewLaw(b)
	upper := len(b.Floors) - 1
	n, people := float64(upper), 0.8*float64(b.Cars[0].CapacityPersons)
	stops := n * (1 - math.Pow(1-1/n, people))
	highest := n
	for i := 1; i < upper; i++ {
		highest -= math.Pow(float64(i)/n, people)
	}
	one := law.FlightTime(0, 1).Seconds()
	perFloor := (law.FlightTime(0, elevator.FloorIndex(upper)).Seconds() - one) / (n - 1)
	perStop := one - perFloor + b.Doors.Open.Seconds() + b.Doors.Close.Seconds()
	trip := 2*highest*perFloor + (stops+1)*perStop + 2*people*b.Transfer.Mean.Seconds()
	return 300 * people * float64(len(b.Cars)) / trip
}

// classes names the classes that the case belongs to.
func (c *randomCase) classes() []string {
	within := func(what string, x float64, bounds ...float64) string {
		for i := range bounds[:len(bounds)-2] {
			if x < bounds[i+1] {
				return fmt.Sprintf("%s %g-%g", what, bounds[i], bounds[i+1]-1)
			}
		}
		return fmt.Sprintf("%s %g-%g", what, bounds[len(bounds)-2], bounds[len(bounds)-1]-1)
	}
	return []string{
		"all",
		within("floors", float64(len(c.building.Floors)), 3, 11, 21, 41),
		within("cars", float64(len(c.building.Cars)), 3, 5, 9, 13),
		within("load %", math.Floor(100*c.load), 40, 55, 75, 91),
		"mix " + c.traffic.Profile,
	}
}

// RandomHeldOut is the first seed of the cases that nothing was tuned on: eta's
// weights were chosen while looking at 1 to 200.
const RandomHeldOut = 1001

// Random runs the benchmark random: a drawn building for every seed, each with
// half an hour of drawn traffic, under every dispatcher with up and down
// buttons. The baselines need not be named.
func Random(ctx context.Context, seeds Seeds, dispatchers []dispatch.Entry) (Contests, error) {
	var entries []dispatch.Entry
	for _, name := range []string{"nearest-car", "uncoordinated"} {
		d, _ := dispatch.ByName(name)
		entries = append(entries, d)
	}
	for _, d := range dispatchers {
		if !d.NeedsDestination && d.Name != entries[0].Name && d.Name != entries[1].Name {
			entries = append(entries, d)
		}
	}
	n := seeds.Replications
	cases := make([]randomCase, n)
	for i := range cases {
		cases[i] = newRandomCase(seeds.First + uint64(i))
	}
	results := make([][]stats.Result, n)
	errs := make([]error, n)
	numbers := make(chan int)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		workers.Go(func() {
			for i := range numbers {
				results[i], errs[i] = cases[i].run(ctx, entries)
			}
		})
	}
	for i := range cases {
		numbers <- i
	}
	close(numbers)
	workers.Wait()
	for i, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("case %d: %w", cases[i].seed, err)
		}
	}
	return judge(cases, results, entries), nil
}

// run plays the case under every dispatcher.
func (c *randomCase) run(ctx context.Context, entries []dispatch.Entry) ([]stats.Result, error) {
	source, err := traffic.New(c.building, c.traffic, c.seed, randomRun)
	if err != nil {
		return nil, err
	}
	passengers, err := traffic.Collect(source)
	if err != nil {
		return nil, err
	}
	law := motion.NewLaw(c.building)
	var results []stats.Result
	for _, d := range entries {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		collected := stats.NewCollector(c.building)
		_, err := Run(Config{Building: c.building, Law: law, Passengers: passengers, Dispatcher: d, OnEvent: collected.Apply})
		if err != nil {
			return nil, err
		}
		results = append(results, collected.Between(randomWarming, randomRun))
	}
	return results, nil
}

// judge compares the dispatchers from the third on with the first two.
func judge(cases []randomCase, results [][]stats.Result, entries []dispatch.Entry) Contests {
	byClass := map[string][]int{}
	for i := range cases {
		for _, class := range cases[i].classes() {
			byClass[class] = append(byClass[class], i)
		}
	}
	var names []string
	for class := range byClass {
		names = append(names, class)
	}
	slices.Sort(names)
	var contests Contests
	for e := 2; e < len(entries); e++ {
		for _, class := range names {
			contest := Contest{Class: class, Dispatcher: entries[e].Name, Cases: len(byClass[class])}
			var waits, systems []float64
			for _, i := range byClass[class] {
				r := results[i]
				base := min(r[0].WaitS.Mean, r[1].WaitS.Mean)
				waits = append(waits, r[e].WaitS.Mean/base-1)
				systems = append(systems, r[e].TimeToDestinationS.Mean/min(r[0].TimeToDestinationS.Mean, r[1].TimeToDestinationS.Mean)-1)
				contest.WaitS += r[e].WaitS.Mean / float64(contest.Cases)
				contest.BaseWaitS += base / float64(contest.Cases)
			}
			contest.Wait, contest.System = stats.Estimate(waits), stats.Estimate(systems)
			contests = append(contests, contest)
		}
	}
	return contests
}

// WriteText writes the contests for people to read.
func (list Contests) WriteText(w io.Writer) error {
	if _, err := fmt.Fprintln(w, "random: against the better of nearest-car and uncoordinated in each case (means over the cases ± 95 %)"); err != nil {
		return err
	}
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tab, "dispatcher\tclass\tcases\twait s\tbaseline's\twait %\ttime to destination %\t\t")
	for i := range list {
		c, verdict := &list[i], ""
		if c.Worse() {
			verdict = "WORSE"
		}
		fmt.Fprintf(tab, "%s\t%s\t%d\t%.1f\t%.1f\t%+.1f ± %.1f\t%+.1f ± %.1f\t%s\t\n", c.Dispatcher, c.Class, c.Cases, c.WaitS, c.BaseWaitS,
			100*c.Wait.Mean, 100*c.Wait.HalfWidth, 100*c.System.Mean, 100*c.System.HalfWidth, verdict)
	}
	return tab.Flush()
}
