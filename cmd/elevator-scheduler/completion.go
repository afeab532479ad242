package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"
)

// shells are those that completions are written for, and where they look for
// them.
var shells = []word{
	{name: "bash", summary: "into /usr/share/bash-completion/completions/elevator-scheduler"},
	{name: "zsh", summary: "into /usr/share/zsh/vendor-completions/_elevator-scheduler"},
	{name: "fish", summary: "into /usr/share/fish/vendor_completions.d/elevator-scheduler.fish"},
}

// completionCommand prints a shell's completions of all subcommands: their
// flags and operands, the values of both as far as they are known, and files
// where a flag takes one.
func completionCommand(_ context.Context, args []string, std streams) error {
	flags := newFlags("completion", std)
	if err := flags.parseSome(args); err != nil {
		return err
	}
	write := map[string]func(io.Writer, []subcommand) error{"bash": writeBash, "zsh": writeZsh, "fish": writeFish}[flags.Arg(0)]
	if write == nil || flags.NArg() != 1 {
		return badInputf("shell %q: want bash, zsh or fish", strings.Join(flags.Args(), " "))
	}
	return write(std.out, listed(subcommands()))
}

// isSwitch reports whether a flag takes no value.
func isSwitch(f *flag.Flag) bool {
	value, ok := f.Value.(interface{ IsBoolFlag() bool })
	return ok && value.IsBoolFlag()
}

func flagNames(c *subcommand) string {
	var list []string
	for _, f := range c.flags() {
		list = append(list, "--"+f.Name)
	}
	return strings.Join(list, " ")
}

func operandNames(c *subcommand, all []subcommand) string {
	var list []string
	for _, w := range c.words {
		list = append(list, w.name)
	}
	if c.name == "man" {
		for _, other := range all {
			list = append(list, other.name)
		}
	}
	return strings.Join(list, " ")
}

// writeOperandCases writes, in the syntax that bash and zsh share, a case for each
// place after an operand where words are known, with the command offer (of them, at
// its %s), and one for the places after those, with the command nothing. What is
// looked at is the subcommand, a word that was given, and how many places ago.
func writeOperandCases(b *strings.Builder, all []subcommand, offer, nothing string) {
	for i := range all {
		for _, operand := range all[i].words {
			for place, known := range operand.follow {
				fmt.Fprintf(b, "\t\t'%s %s %d') "+offer+" ;;\n", all[i].name, operand.name, place+1, strings.Join(known, " "))
			}
			fmt.Fprintf(b, "\t\t'%s %s '*) %s ;;\n", all[i].name, operand.name, nothing)
		}
	}
}
