// Command elevator-scheduler runs an elevator group on a Mesos cluster, and
// holds the tools around it: the dashboard, the simulator, the benchmarks. Each
// subcommand is a file of its own: flags become options, and options go to a
// function that returns an error.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

// version is set by the linker.
var version = "dev"

// Exit codes: a run that failed, and bad input with nothing started.
const (
	exitFailed   = 1
	exitBadInput = 2
)

// subcommand is one word after the program's name. One without a summary is
// not listed.
type subcommand struct {
	name    string
	summary string
	run     func(ctx context.Context, args []string, std streams) error
	// operands follow the name, or the flags; empty where there are only flags.
	operands string
	// words are what the operands can begin with.
	words []word
}

// word is one value of an operand, with what follows it.
type word struct {
	name, rest, summary string
	follow              [][]string // the known words of each operand after it
}

// streams are where a subcommand reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
	// describe, where it is set, is given the flags in place of their being
	// parsed, and the subcommand does nothing else.
	describe func(*flag.FlagSet)
}

func subcommands() []subcommand {
	return []subcommand{
		{name: "run", summary: "run the building on a Mesos cluster (in this process by default)", run: runCommand},
		{name: "dashboard", summary: "watch a running building, or replay a journal", run: dashboardCommand},
		{name: "command", summary: "give a running group one command", run: commandCommand, operands: "NAME ARGS…", words: commandWords()},
		{name: "simulate", summary: "run the building in virtual time and print statistics", run: simulateCommand},
		{name: "bench", summary: "run a benchmark suite", run: benchCommand, operands: "SUITE", words: suiteWords()},
		{name: "building", summary: "print the built-in building file", run: buildingCommand},
		{name: "teardown", summary: "end a framework for good, with all its tasks", run: teardownCommand},
		{name: "healthcheck", summary: "ask a running scheduler whether it is healthy", run: healthcheckCommand},
		{name: "man", summary: "print the manual page of this program or of a subcommand", run: manCommand, operands: "[SUBCOMMAND]"},
		{name: "completion", summary: "print the completions for a shell", run: completionCommand, operands: "SHELL", words: shells},
		{name: "version", summary: "print the version", run: versionCommand},
		{name: benchPart, run: benchPartCommand},
	}
}

func main() {
	// A reader who leaves, as head does, is an error of the write, not our death:
	// there are tasks to end.
	signal.Ignore(syscall.SIGPIPE)
	ends := []os.Signal{syscall.SIGINT, syscall.SIGTERM}
	if !underServiceManager() {
		ends = append(ends, syscall.SIGHUP) // the terminal has gone; a service manager means something else by it
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	code := perform(ctx, os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr})
	stop()
	os.Exit(code)
}

// perform runs the subcommand that args name and returns the exit code.
func perform(ctx context.Context, args []string, std streams) int {
	all := subcommands()
	if len(args) == 0 || slices.Contains([]string{"help", "-h", "-help", "--help"}, args[0]) {
		out := std.out
		if len(args) == 0 {
			out = std.err
		}
		printUsage(out, all)
		if len(args) == 0 {
			return exitBadInput
		}
		return 0
	}
	i := slices.IndexFunc(all, func(c subcommand) bool { return c.name == args[0] })
	if i < 0 {
		fmt.Fprintf(std.err, "elevator-scheduler: unknown subcommand %q: want one of %s\n", args[0], names(all))
		return exitBadInput
	}
	err := all[i].run(ctx, args[1:], std)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case isBadInput(err):
		fmt.Fprintf(std.err, "elevator-scheduler %s: %v\n", all[i].name, err)
		return exitBadInput
	}
	fmt.Fprintf(std.err, "elevator-scheduler %s: %v\n", all[i].name, err)
	return exitFailed
}

// listed returns the subcommands that users are told of.
func listed(all []subcommand) []subcommand {
	return slices.DeleteFunc(slices.Clone(all), func(c subcommand) bool { return c.summary == "" })
}

func names(all []subcommand) string {
	var words []string
	for _, c := range listed(all) {
		words = append(words, c.name)
	}
	return strings.Join(words, ", ")
}

// flags returns the flags of a subcommand in the order of their names.
func (c *subcommand) flags() []*flag.Flag {
	var list []*flag.Flag
	std := streams{out: io.Discard, err: io.Discard, describe: func(set *flag.FlagSet) {
		set.VisitAll(func(f *flag.Flag) { list = append(list, f) })
	}}
	_ = c.run(context.Background(), nil, std) // it only says errDescribed
	return list
}

func printUsage(w io.Writer, all []subcommand) {
	fmt.Fprintln(w, "usage: elevator-scheduler SUBCOMMAND [FLAGS]")
	fmt.Fprintln(w)
	for _, c := range listed(all) {
		fmt.Fprintf(w, "  %-12s %s\n", c.name, c.summary)
	}
	fmt.Fprintln(w)
	fmt.Fprintln(w, "'elevator-scheduler SUBCOMMAND --help' lists the flags.")
}

func versionCommand(_ context.Context, args []string, std streams) error {
	flags := newFlags("version", std)
	if err := flags.parse(args); err != nil {
		return err
	}
	fmt.Fprintln(std.out, "elevator-scheduler", version)
	return nil
}
