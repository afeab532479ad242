package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/sim"
	"elevator/internal/elevator/sim/plot"
	"elevator/internal/elevator/stats"
	"elevator/internal/elevator/traffic"
	"elevator/internal/journal"
)

// simulateOptions are the flags of simulate.
type simulateOptions struct {
	building, traffic, dispatcher string
	parking                       string
	seed                          uint64
	duration                      time.Duration
	journal, passengers, format   string
	plot                          string
}

func simulateCommand(ctx context.Context, args []string, std streams) error {
	var o simulateOptions
	flags := newFlags("simulate", std)
	flags.StringVar(&o.building, "building", "", "building `file` (YAML); default the built-in one")
	suggestVar(flags.FlagSet, &o.traffic, "traffic", "two-way:20%", "`NAME[:RATE%] or file` ("+strings.Join(traffic.Profiles(), ", ")+", a CSV trace, or a journal)", traffic.Profiles()...)
	dispatcherVar(flags.FlagSet, &o.dispatcher)
	parkingVar(flags.FlagSet, &o.parking)
	flags.Uint64Var(&o.seed, "seed", 1, "seed of the traffic")
	flags.DurationVar(&o.duration, "duration", 0, "arrivals stop after this much of the building's time; default 1h, a trace until its end")
	flags.StringVar(&o.journal, "journal", "", "write the events to this `file`")
	flags.StringVar(&o.passengers, "passengers", "", "write a CSV `file` with each passenger's journey")
	flags.StringVar(&o.plot, "plot", "", "draw the run's string diagram to this `file` (.svg or .png)")
	formatVar(flags.FlagSet, &o.format)
	if err := flags.parse(args); err != nil {
		return err
	}
	if err := checkDuration("duration", o.duration); err != nil {
		return err
	}
	return simulate(ctx, o, std)
}

func simulate(ctx context.Context, o simulateOptions, std streams) (err error) {
	b, err := readBuilding(o.building)
	if err != nil {
		return err
	}
	entry, err := parkedDispatcher(o.dispatcher, o.parking, b)
	if err != nil {
		return err
	}
	spec, err := readTraffic(o.traffic)
	if err != nil {
		return err
	}
	if o.duration == 0 && spec.Trace == "" {
		o.duration = time.Hour
	}
	source, err := traffic.New(b, spec, o.seed, o.duration)
	if err != nil {
		return badInputf("--traffic: %w", err)
	}
	passengers, err := traffic.Collect(source)
	if err != nil {
		return badInputf("--traffic: %w", err)
	}

	picture, err := openPlot(o.plot)
	if err != nil {
		return err
	}
	collected := stats.NewCollector(b)
	record := func(e *elevator.Event) error { collected.Apply(e); return nil }
	var recorder *plot.Recorder
	if picture != nil {
		defer func() { err = errors.Join(err, picture.close()) }()
		recorder = plot.NewRecorder(b)
		record = func(e *elevator.Event) error { collected.Apply(e); recorder.Apply(e); return nil }
	}
	if o.journal != "" {
		log, err := journal.Create(o.journal, b)
		if err != nil {
			return badInputf("--journal: %w", err)
		}
		defer func() { err = errors.Join(err, log.Close()) }()
		watch := record
		record = func(e *elevator.Event) error { return errors.Join(watch(e), log.Append(e)) }
	}
	// A simulation has no wall time: the same inputs give the same bytes.
	first := elevator.NewEvent(0, elevator.BuildingLoaded)
	first.Detail = &elevator.Detail{Header: &elevator.Header{
		Building: b, Speed: 1, Seed: o.seed, Dispatcher: entry.Name, Version: version, Format: elevator.JournalFormat,
	}}
	if err := record(&first); err != nil {
		return err
	}
	began := time.Now()
	bar := newProgress(std.err, "passengers", len(passengers))
	defer bar.end()
	var failed error
	summary, err := sim.Run(sim.Config{
		Building: b, Passengers: passengers, Dispatcher: entry, Done: ctx.Done(),
		OnEvent: func(e *elevator.Event) {
			own := *e
			if err := record(&own); err != nil && failed == nil {
				failed = err
			}
			if e.Kind == elevator.PassengerBoarded {
				bar.step()
			}
		},
	})
	if err := errors.Join(err, failed); err != nil {
		return err
	}
	collected.Advance(summary.End)
	result := collected.Result()
	result.SimulatedS, result.ElapsedS = summary.End.Seconds(), time.Since(began).Seconds()
	if o.passengers != "" {
		if err := writePassengers(o.passengers, collected); err != nil {
			return err
		}
	}
	if picture != nil {
		about := plot.Caption{Dispatcher: entry.Name, Traffic: o.traffic, Seed: o.seed}
		if err := picture.write(recorder.StringDiagram(about, collected)); err != nil {
			return fmt.Errorf("--plot: %w", err)
		}
	}
	bar.end()
	if err := printResult(std.out, o.format, result); err != nil {
		return err
	}
	if len(summary.Left) > 0 {
		return fmt.Errorf("%d passengers had not arrived %v after the last arrival", len(summary.Left), sim.Grace)
	}
	return nil
}

func writePassengers(path string, collected *stats.Collector) error {
	file, err := os.Create(path)
	if err != nil {
		return badInputf("--passengers: %w", err)
	}
	w := bufio.NewWriter(file)
	err = collected.WritePassengers(w)
	return errors.Join(err, w.Flush(), file.Close())
}

func printResult(out io.Writer, format string, r stats.Result) error {
	if format == "json" {
		data, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "%s\n", data)
		return err
	}
	wait := fmt.Sprintf("mean %.2f s, median %.1f, 95%% %.1f, longest %.1f; mean square %.0f s²\n"+
		"                     over 30 s %.1f %%, over 60 s %.1f %%",
		r.WaitS.Mean, r.WaitS.P50, r.WaitS.P95, r.WaitS.Max, r.WaitS.MeanSquare,
		100*r.WaitS.Over30Ratio, 100*r.WaitS.Over60Ratio)
	destination := fmt.Sprintf("mean %.2f s, 95%% %.1f, longest %.1f",
		r.TimeToDestinationS.Mean, r.TimeToDestinationS.P95, r.TimeToDestinationS.Max)
	if r.Saturated {
		wait = fmt.Sprintf("SATURATED: the queues grow over the run, so there is no mean; longest %.1f s", r.WaitS.Max)
		destination = fmt.Sprintf("SATURATED; longest %.1f s", r.TimeToDestinationS.Max)
	}
	_, err := fmt.Fprintf(out, `passengers           %d, carried %d
wait                 %s
transit              mean %.2f s, 95%% %.1f
time to destination  %s
cars                 %d starts, %.0f m
simulated            %.0f s in %.3f s
`,
		r.Passengers, r.Carried, wait,
		r.TransitS.Mean, r.TransitS.P95, destination,
		r.Cars.Starts, r.Cars.Metres, r.SimulatedS, r.ElapsedS)
	return err
}
