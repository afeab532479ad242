package main

import (
	"flag"
	"fmt"
	"slices"
	"strings"
)

// choice is the value of a flag for which some words are known, to whoever
// gives it and to the completions of shells.
type choice struct {
	value *string
	words []string
	open  bool // anything else is taken, too
}

// chooseVar registers a flag that takes one of some words.
func chooseVar(f *flag.FlagSet, p *string, name, value, usage string, words ...string) {
	*p = value
	f.Var(choice{p, words, false}, name, usage)
}

// suggestVar registers a flag that takes one of some words or anything else.
func suggestVar(f *flag.FlagSet, p *string, name, value, usage string, words ...string) {
	*p = value
	f.Var(choice{p, words, true}, name, usage)
}

// formatVar registers how a subcommand prints its result.
func formatVar(f *flag.FlagSet, p *string) {
	chooseVar(f, p, "format", "text", "`text or json`", "text", "json")
}

// String is the flag's value.
func (c choice) String() string {
	if c.value == nil {
		return ""
	}
	return *c.value
}

// Set takes a value from the command line.
func (c choice) Set(text string) error {
	if !c.open && !slices.Contains(c.words, text) {
		return fmt.Errorf("want %s", strings.Join(c.words, " or "))
	}
	*c.value = text
	return nil
}

// knownValues are the words that a flag's value can be, as far as they are
// known.
func knownValues(f *flag.Flag) []string {
	if c, ok := f.Value.(choice); ok {
		return c.words
	}
	return nil
}

// takesFile reports whether a flag's value names a file, as its help says.
func takesFile(f *flag.Flag) bool {
	value, _ := flag.UnquoteUsage(f)
	return slices.ContainsFunc(strings.Fields(value), func(word string) bool { return word == "file" || word == "directory" || word == "binary" })
}
