package main

import (
	"flag"
	"fmt"
	"io"
	"strings"
)

var fishSpecial = strings.NewReplacer(`\`, `\\`, "'", `\'`)

// writeFish writes one line a flag and a line for each place of an operand
// where words are known.
func writeFish(w io.Writer, all []subcommand) error {
	var b strings.Builder
	b.WriteString(`# fish completion for elevator-scheduler
complete -c elevator-scheduler -f

# Whether the word to complete stands at a place after another, from 1.
function __elevator_scheduler_after --argument-names word place
	set -l given (commandline -opc)
	set -l at (contains -i -- $word $given); or return 1
	test (math (count $given) - $at + 1) -eq $place
end
`)
	line := func(format string, args ...any) {
		fmt.Fprintf(&b, "complete -c elevator-scheduler "+format+"\n", args...)
	}
	for i := range all {
		c := &all[i]
		line("-n __fish_use_subcommand -a %s -d '%s'", c.name, fishSpecial.Replace(c.summary))
		for _, f := range c.flags() {
			_, usage := flag.UnquoteUsage(f)
			line("-n '__fish_seen_subcommand_from %s' -l %s%s -d '%s'", c.name, f.Name, fishValue(f), fishSpecial.Replace(usage))
		}
		operands := operandNames(c, all)
		if operands == "" {
			continue
		}
		chosen := operands
		if c.name == "man" {
			chosen = "" // they are subcommands, which stand before as well
		}
		line("-n '__fish_seen_subcommand_from %s; and not __fish_seen_subcommand_from %s' -a '%s'", c.name, chosen, operands)
		for _, operand := range c.words {
			for place, known := range operand.follow {
				if len(known) > 0 {
					line("-n '__fish_seen_subcommand_from %s; and __elevator_scheduler_after %s %d' -a '%s'", c.name, operand.name, place+1, strings.Join(known, " "))
				}
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// fishValue says what a flag's value can be.
func fishValue(f *flag.Flag) string {
	if isSwitch(f) {
		return ""
	}
	value := " -x"
	if takesFile(f) {
		value = " -r -F"
	}
	if words := knownValues(f); len(words) > 0 {
		value += " -a '" + strings.Join(words, " ") + "'"
	}
	return value
}
