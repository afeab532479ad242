package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

// shells are those that completions are written for, and where they look for
// them.
var shells = []word{
	{name: "bash", summary: "into /usr/share/bash-completion/completions/elevator-scheduler"},
	{name: "zsh", summary: "into /usr/share/zsh/vendor-completions/_elevator-scheduler"},
	{name: "fish", summary: "into /usr/share/fish/vendor_completions.d/elevator-scheduler.fish"},
}

// completionCommand prints a shell's completions of all subcommands, their
// flags and operands, and files elsewhere.
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

// writeBash writes a function that knows the flags of each subcommand. A value
// of a flag is completed as a file.
func writeBash(w io.Writer, all []subcommand) error {
	var b strings.Builder
	var subs []string
	for _, c := range all {
		subs = append(subs, c.name)
	}
	fmt.Fprintf(&b, `# bash completion for elevator-scheduler
_elevator_scheduler() {
	local word=${COMP_WORDS[COMP_CWORD]} flags= operands=
	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W '%s' -- "$word")
		return
	fi
	case ${COMP_WORDS[1]} in
`, strings.Join(subs, " "))
	for i := range all {
		fmt.Fprintf(&b, "\t%s)\n\t\tflags='%s'\n\t\toperands='%s'\n\t\t;;\n", all[i].name, flagNames(&all[i]), operandNames(&all[i], all))
	}
	b.WriteString(`	esac
	case $word in
	-*) mapfile -t COMPREPLY < <(compgen -W "$flags --help" -- "$word") ;;
	*)
		mapfile -t COMPREPLY < <(compgen -W "$operands" -- "$word")
		[ ${#COMPREPLY[@]} -gt 0 ] || mapfile -t COMPREPLY < <(compgen -f -- "$word")
		;;
	esac
}
complete -o filenames -F _elevator_scheduler elevator-scheduler
`)
	_, err := io.WriteString(w, b.String())
	return err
}

var zshSpecial = strings.NewReplacer(`\`, `\\`, "'", `'\''`, "[", `\[`, "]", `\]`, ":", `\:`)

// writeZsh writes a function for zsh's completion system, which shows what each
// flag means.
func writeZsh(w io.Writer, all []subcommand) error {
	var b strings.Builder
	b.WriteString("#compdef elevator-scheduler\n\nlocal -a subcommands\nsubcommands=(\n")
	for _, c := range all {
		fmt.Fprintf(&b, "\t'%s:%s'\n", c.name, zshSpecial.Replace(c.summary))
	}
	b.WriteString(")\nif (( CURRENT == 2 )); then\n\t_describe subcommand subcommands\n\treturn\nfi\nlocal subcommand=$words[2]\nshift words\n(( CURRENT-- ))\ncase $subcommand in\n")
	for i := range all {
		c := &all[i]
		fmt.Fprintf(&b, "%s)\n\t_arguments", c.name)
		for _, f := range c.flags() {
			_, usage := flag.UnquoteUsage(f)
			value := ":value:_files"
			if isSwitch(f) {
				value = ""
			}
			fmt.Fprintf(&b, " \\\n\t\t'--%s[%s]%s'", f.Name, zshSpecial.Replace(usage), value)
		}
		operands := "_files"
		if words := operandNames(c, all); words != "" {
			operands = "(" + words + ")"
		}
		fmt.Fprintf(&b, " \\\n\t\t'*:operand:%s'\n\t;;\n", operands)
	}
	b.WriteString("esac\n")
	_, err := io.WriteString(w, b.String())
	return err
}

var fishSpecial = strings.NewReplacer(`\`, `\\`, "'", `\'`)

// writeFish writes one line a flag.
func writeFish(w io.Writer, all []subcommand) error {
	var b strings.Builder
	b.WriteString("# fish completion for elevator-scheduler\n")
	line := func(format string, args ...any) {
		fmt.Fprintf(&b, "complete -c elevator-scheduler "+format+"\n", args...)
	}
	for i := range all {
		c := &all[i]
		line("-n __fish_use_subcommand -f -a %s -d '%s'", c.name, fishSpecial.Replace(c.summary))
		for _, f := range c.flags() {
			_, usage := flag.UnquoteUsage(f)
			takes := " -r"
			if isSwitch(f) {
				takes = ""
			}
			line("-n '__fish_seen_subcommand_from %s' -l %s%s -d '%s'", c.name, f.Name, takes, fishSpecial.Replace(usage))
		}
		for word := range slices.Values(strings.Fields(operandNames(c, all))) {
			line("-n '__fish_seen_subcommand_from %s' -f -a %s", c.name, word)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
