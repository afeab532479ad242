package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/sim"
)

// suite is one benchmark; run returns what its table holds, to be printed as
// text by write or as JSON.
type suite struct {
	name         string
	about        string
	replications int
	run          func(ctx context.Context, replications int, d []dispatch.Entry) (result any, write func(io.Writer) error, err error)
}

func suites() []suite {
	return []suite{
		{"crites-barto", "down-peak of Crites and Barto (1996), beside the published rows", 30, runCritesBarto},
		{"office14", "handling capacity, up-peak and lunch of a 14-floor office", 50, runOffice14},
		{"engine", "simulated seconds per second", 1, runEngine},
	}
}

func benchCommand(ctx context.Context, args []string, std streams) error {
	flags := newFlags("bench", std)
	replications := flags.Int("replications", 0, "how many seeds; default 30 for crites-barto, 50 for office14")
	only := flags.String("dispatcher", "", "`NAME[,NAME…]`; default all that the suite's signalling allows")
	format := flags.String("format", "text", "`text or json`")
	name, args := "", slices.Clone(args)
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, args = args[0], args[1:]
	}
	if err := flags.parse(args); err != nil {
		return err
	}
	if err := oneOf("format", *format, "text", "json"); err != nil {
		return err
	}
	all := suites()
	i := slices.IndexFunc(all, func(s suite) bool { return s.name == name })
	if i < 0 {
		return badInputf("suite %q: want one of %s", name, suiteNames(all))
	}
	dispatchers, err := chosenDispatchers(*only)
	if err != nil {
		return err
	}
	switch {
	case *replications < 0 || *replications > 100_000:
		return badInputf("--replications %d: want 1 to 100000", *replications)
	case *replications == 0:
		*replications = all[i].replications
	}
	result, write, err := all[i].run(ctx, *replications, dispatchers)
	if err != nil {
		return err
	}
	if *format == "json" {
		data, err := json.MarshalIndent(result, "", "  ")
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(std.out, "%s\n", data)
		return err
	}
	return write(std.out)
}

func suiteNames(all []suite) string {
	var words []string
	for _, s := range all {
		words = append(words, s.name)
	}
	return strings.Join(words, ", ")
}

func chosenDispatchers(list string) ([]dispatch.Entry, error) {
	if list == "" {
		return dispatch.All, nil
	}
	var chosen []dispatch.Entry
	for _, name := range strings.Split(list, ",") {
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

func runCritesBarto(ctx context.Context, replications int, d []dispatch.Entry) (any, func(io.Writer) error, error) {
	tables, err := sim.CritesBarto(ctx, replications, conventional(d))
	return tables, func(w io.Writer) error { return writeTables(w, tables) }, err
}

func runOffice14(ctx context.Context, replications int, d []dispatch.Entry) (any, func(io.Writer) error, error) {
	capacities, tables, err := sim.Office14(ctx, replications, d)
	result := map[string]any{"handling_capacity": capacities, "tables": tables}
	return result, func(w io.Writer) error {
		if err := sim.WriteCapacities(w, capacities); err != nil {
			return err
		}
		fmt.Fprintln(w)
		return writeTables(w, tables)
	}, err
}

func runEngine(_ context.Context, _ int, d []dispatch.Entry) (any, func(io.Writer) error, error) {
	speeds, err := sim.Engine(conventional(d), 2*time.Second)
	return speeds, func(w io.Writer) error { return sim.WriteSpeeds(w, speeds) }, err
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
