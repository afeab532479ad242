package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/sim"
	"elevator/internal/elevator/sim/plot"
	"elevator/internal/gotask/gotaskbench"
)

// suite is one benchmark.
type suite struct {
	name        string
	about       string
	seeds       sim.Seeds        // where none are asked for
	dispatchers []dispatch.Entry // where none are named
	run         func(ctx context.Context, seeds sim.Seeds, d []dispatch.Entry) (findings, error)
	// suits leaves out the dispatchers that the suite's signalling does not allow.
	suits func(d []dispatch.Entry) []dispatch.Entry
	// sweep is what --plot draws; nil: the suite has no rates to draw over.
	sweep func() plot.Sweep
}

// findings are what a suite's tables hold, to be printed as text by write or as
// JSON.
type findings struct {
	result    any
	write     func(io.Writer) error
	published []sim.Published // of the traffic that the suite's sweep scales
}

func suites() []suite {
	return []suite{
		{
			name: "crites-barto", about: "down-peak of Crites and Barto (1996), beside the published rows",
			seeds: sim.Seeds{First: 1001, Replications: 30}, dispatchers: slices.Concat(dispatch.All, dispatch.Variants),
			run: runCritesBarto, suits: conventional, sweep: plot.CritesBartoSweep,
		}, {
			name: "office14", about: "handling capacity, up-peak and lunch of a 14-floor office",
			seeds: sim.Seeds{First: 1, Replications: 50}, dispatchers: dispatch.All,
			run: runOffice14, suits: slices.Clone[[]dispatch.Entry], sweep: plot.Office14Sweep,
		}, {
			name: "elevator-sim", about: "cases of elevator-sim, another open simulator, beside its published rows",
			seeds: sim.Seeds{First: 1, Replications: 100}, dispatchers: dispatch.All, run: runElevatorSim, suits: conventional,
		}, {
			name: "random", about: "eta against the better baseline in buildings drawn at random",
			seeds: sim.Seeds{First: sim.RandomHeldOut, Replications: 200}, dispatchers: dispatch.All, run: runRandom, suits: conventional,
		}, {
			name: "engine", about: "simulated seconds per second, time for a decision, cost of a passenger",
			seeds: sim.Seeds{First: 1, Replications: 1}, dispatchers: dispatch.All, run: runEngine, suits: conventional,
		}, {
			name: "gotask", about: "messages and launches of gotask beside a client of the bare protocol",
			seeds: sim.Seeds{First: 1, Replications: 1}, dispatchers: dispatch.All, run: runGotask, suits: conventional,
		},
	}
}

func benchCommand(ctx context.Context, args []string, std streams) (err error) {
	flags := newFlags("bench", std)
	replications := flags.Int("replications", 0, "how many seeds; default 30 for crites-barto, 50 for office14, 100 for elevator-sim, 200 for random")
	first := flags.Uint64("seed", 0, "the first seed; default 1001 for crites-barto and random, 1 for others (random was tuned on 1 to 200)")
	var only, parking string
	suggestVar(flags.FlagSet, &only, "dispatcher", "", "`NAME[,NAME…]`; default all that the suite's signalling allows", dispatcherNames()...)
	suggestVar(flags.FlagSet, &parking, "parking", "", "`POLICY[,POLICY…]` by which idle cars are parked, each tried with each dispatcher: "+strings.Join(dispatch.ParkingNames(), ", ")+"; default auto", dispatch.ParkingNames()...)
	var format string
	formatVar(flags.FlagSet, &format)
	plotPath := flags.String("plot", "", "also run a sweep of arrival rates and draw waits over them to this `file` (.svg or .png)")
	name, args := "", slices.Clone(args)
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, args = args[0], args[1:]
	}
	if err := flags.parse(args); err != nil {
		return err
	}
	all := suites()
	i := slices.IndexFunc(all, func(s suite) bool { return s.name == name })
	if i < 0 {
		return badInputf("suite %q: want one of %s", name, suiteNames(all))
	}
	dispatchers, err := chosenDispatchers(only, all[i].dispatchers)
	if err != nil {
		return err
	}
	if dispatchers, err = parked(dispatchers, parking); err != nil {
		return err
	}
	seeds := all[i].seeds
	switch {
	case *replications < 0 || *replications > 100_000:
		return badInputf("--replications %d: want 1 to 100000", *replications)
	case *replications > 0:
		seeds.Replications = *replications
	}
	if *first > 0 {
		seeds.First = *first
	}
	if *plotPath != "" && all[i].sweep == nil {
		return badInputf("--plot: suite %s has no arrival rates to draw over", name)
	}
	picture, err := openPlot(*plotPath)
	if err != nil {
		return err
	}
	if picture != nil {
		defer func() { err = errors.Join(err, picture.close()) }()
	}
	dispatchers = all[i].suits(dispatchers)
	bar := newProgress(std.err, name+", runs", -1)
	defer bar.end()
	found, err := all[i].run(ctx, seeds, counted(dispatchers, bar))
	if err != nil {
		return err
	}
	bar.end()
	if picture != nil {
		sweep := all[i].sweep()
		sweep.Published = found.published
		if err := drawSweep(ctx, sweep, seeds.Replications, dispatchers, picture, std.err); err != nil {
			return fmt.Errorf("--plot: %w", err)
		}
	}
	if format == "json" {
		data, err := json.MarshalIndent(found.result, "", "  ")
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(std.out, "%s\n", data)
		return err
	}
	return found.write(std.out)
}

// counted returns the same dispatchers; each run of one of them is a step of the
// bar.
func counted(d []dispatch.Entry, bar *progress) []dispatch.Entry {
	d = slices.Clone(d)
	for i := range d {
		if begin := d[i].New; begin != nil {
			d[i].New = func(p dispatch.Plant) dispatch.Dispatcher {
				bar.step()
				return begin(p)
			}
		}
		if begin := d[i].Clairvoyant; begin != nil {
			d[i].Clairvoyant = func(p dispatch.Plant, f *dispatch.Foresight) dispatch.Dispatcher {
				bar.step()
				return begin(p, f)
			}
		}
	}
	return d
}

// drawSweep measures the dispatchers over a suite's rates and draws them.
func drawSweep(ctx context.Context, sweep plot.Sweep, replications int, d []dispatch.Entry, picture *plotFile, stderr io.Writer) error {
	bar := newProgress(stderr, "sweep, runs", len(sweep.Rates)*len(d)*replications)
	defer bar.end()
	series, err := sweep.Run(ctx, replications, counted(d, bar))
	if err != nil {
		return err
	}
	return picture.write(sweep.RateChart(series, replications))
}

// suiteWords are the operands of bench.
func suiteWords() []word {
	var list []word
	for _, s := range suites() {
		list = append(list, word{name: s.name, summary: s.about})
	}
	return list
}

func suiteNames(all []suite) string {
	var words []string
	for _, s := range all {
		words = append(words, s.name)
	}
	return strings.Join(words, ", ")
}

// parked returns each dispatcher with each of the parking policies.
func parked(dispatchers []dispatch.Entry, list string) ([]dispatch.Entry, error) {
	if list == "" {
		return dispatchers, nil
	}
	var all []dispatch.Entry
	for _, d := range dispatchers {
		for name := range strings.SplitSeq(list, ",") {
			policy, err := dispatch.ParkingByName(name)
			if err != nil {
				return nil, badInputf("--parking %w", err)
			}
			all = append(all, d.Parked(policy))
		}
	}
	return all, nil
}

// chosenDispatchers returns those that are named, or the suite's own.
func chosenDispatchers(list string, own []dispatch.Entry) ([]dispatch.Entry, error) {
	if list == "" {
		return own, nil
	}
	var chosen []dispatch.Entry
	for name := range strings.SplitSeq(list, ",") {
		if i := slices.IndexFunc(dispatch.Variants, func(d dispatch.Entry) bool { return d.Name == name }); i >= 0 {
			chosen = append(chosen, dispatch.Variants[i])
			continue
		}
		entry, err := findDispatcher(name, nil)
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, entry)
	}
	return chosen, nil
}

// conventional leaves out dispatchers that need a destination panel.
func conventional(d []dispatch.Entry) []dispatch.Entry {
	return slices.DeleteFunc(slices.Clone(d), func(e dispatch.Entry) bool { return e.NeedsDestination })
}

func runCritesBarto(ctx context.Context, seeds sim.Seeds, d []dispatch.Entry) (findings, error) {
	tables, err := sim.CritesBarto(ctx, seeds, d)
	if err != nil {
		return findings{}, err
	}
	return findings{tables, func(w io.Writer) error { return writeTables(w, tables) }, tables[0].Published}, nil
}

func runElevatorSim(ctx context.Context, seeds sim.Seeds, d []dispatch.Entry) (findings, error) {
	tables, err := sim.ElevatorSim(ctx, seeds, d)
	return findings{result: tables, write: func(w io.Writer) error { return writeTables(w, tables) }}, err
}

func runOffice14(ctx context.Context, seeds sim.Seeds, d []dispatch.Entry) (findings, error) {
	capacities, tables, err := sim.Office14(ctx, seeds, d)
	result := map[string]any{"handling_capacity": capacities, "tables": tables}
	return findings{result: result, write: func(w io.Writer) error {
		if err := sim.WriteCapacities(w, capacities); err != nil {
			return err
		}
		fmt.Fprintln(w)
		return writeTables(w, tables)
	}}, err
}

// runRandom plays a building for every seed.
func runRandom(ctx context.Context, seeds sim.Seeds, d []dispatch.Entry) (findings, error) {
	contests, err := sim.Random(ctx, seeds, d)
	return findings{result: contests, write: contests.WriteText}, err
}

func runEngine(ctx context.Context, _ sim.Seeds, d []dispatch.Entry) (findings, error) {
	speeds, err := sim.Engine(ctx, d)
	return findings{result: speeds, write: speeds.WriteText}, err
}

// runGotask measures on local clusters, or on the one of ELEVATOR_TEST_MASTER.
// Cluster and executors are this program again, as bench-part.
func runGotask(ctx context.Context, _ sim.Seeds, _ []dispatch.Entry) (findings, error) {
	self, err := os.Executable()
	if err != nil {
		return findings{}, fmt.Errorf("find this program: %w", err)
	}
	r, err := gotaskbench.Run(ctx, gotaskbench.Config{
		Child: []string{self, benchPart}, Master: os.Getenv("ELEVATOR_TEST_MASTER"), Knee: true,
	})
	return findings{result: r, write: r.WriteText}, err
}

// benchPart is the subcommand that plays a part of the gotask suite. It is for
// that suite alone and not listed.
const benchPart = "bench-part"

func benchPartCommand(ctx context.Context, args []string, _ streams) error {
	return gotaskbench.Child(ctx, args)
}

func writeTables(w io.Writer, tables []sim.Table) error {
	for i := range tables {
		if err := tables[i].WriteText(w); err != nil {
			return err
		}
		fmt.Fprintln(w)
	}
	return nil
}
