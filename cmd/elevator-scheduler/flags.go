package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"strings"
	"time"
)

// badInput marks an error of the caller's: one sentence, exit code 2.
type badInput struct{ error }

func (e badInput) Unwrap() error { return e.error }

func isBadInput(err error) bool {
	_, ok := errors.AsType[badInput](err)
	return ok
}

func badInputf(format string, args ...any) error { return badInput{fmt.Errorf(format, args...)} }

// flagSet is the flags of one subcommand.
type flagSet struct {
	*flag.FlagSet
	help     io.Writer
	describe func(*flag.FlagSet)
}

// errDescribed ends a subcommand that was asked for its flags only.
var errDescribed = errors.New("the flags were described")

func newFlags(name string, std streams) flagSet {
	set := flag.NewFlagSet(name, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	return flagSet{set, std.out, std.describe}
}

// parse reads args, which must be flags only.
func (f flagSet) parse(args []string) error {
	if err := f.parseSome(args); err != nil {
		return err
	}
	if f.NArg() > 0 {
		return badInputf("unexpected argument %q: only flags are taken, see --help", f.Arg(0))
	}
	return nil
}

// parseSome reads args and leaves what follows the flags to the caller.
func (f flagSet) parseSome(args []string) error {
	if f.describe != nil {
		f.describe(f.FlagSet)
		return errDescribed
	}
	err := f.Parse(args)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintf(f.help, "flags of elevator-scheduler %s:\n", f.Name())
		f.SetOutput(f.help)
		f.PrintDefaults()
		return flag.ErrHelp
	}
	return badInputf("%s; see 'elevator-scheduler %s --help'", flagSentence(err), f.Name())
}

// flagSentence says what package flag says, with the flag's name first and as it
// is given.
func flagSentence(err error) string {
	sentence := strings.Replace(err.Error(), "flag provided but not defined: -", "unknown flag --", 1)
	if rest, ok := strings.CutPrefix(sentence, "invalid value "); ok {
		value, rest, _ := strings.Cut(rest, " for flag -")
		name, why, _ := strings.Cut(rest, ": ")
		return "--" + name + " " + value + ": " + why
	}
	return sentence
}

// given reports whether the flag was on the command line.
func (f flagSet) given(name string) bool {
	found := false
	f.Visit(func(fl *flag.Flag) { found = found || fl.Name == name })
	return found
}

func checkSpeed(speed float64) error {
	if math.IsNaN(speed) || speed <= 0 || speed > 1000 {
		return badInputf("--speed %v: want a number above 0, at most 1000", speed)
	}
	return nil
}

func checkCount(flagName string, n int) error {
	if n < 0 {
		return badInputf("--%s %d: must not be negative", flagName, n)
	}
	return nil
}

func checkDuration(flagName string, d time.Duration) error {
	if d < 0 {
		return badInputf("--%s %v: must not be negative", flagName, d)
	}
	return nil
}
