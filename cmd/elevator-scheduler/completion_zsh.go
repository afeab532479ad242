package main

import (
	"flag"
	"fmt"
	"io"
	"strings"
)

var zshSpecial = strings.NewReplacer(`\`, `\\`, "'", `'\''`, "[", `\[`, "]", `\]`, ":", `\:`)

// writeZsh writes a function for zsh's completion system, which shows what each
// flag means.
func writeZsh(w io.Writer, all []subcommand) error {
	var b strings.Builder
	b.WriteString("#compdef elevator-scheduler\n\nlocal -a subcommands\nsubcommands=(\n")
	for _, c := range all {
		fmt.Fprintf(&b, "\t'%s:%s'\n", c.name, zshSpecial.Replace(c.summary))
	}
	b.WriteString(`)
# An operand is one of those that its subcommand begins with or, by its place after
# such a one, one of the words known there.
_elevator_scheduler_operand() {
	local i
	for (( i = 2; i < CURRENT; i++ )); do
		case "$words[1] $words[i] $(( CURRENT - i ))" in
`)
	writeOperandCases(&b, all, "compadd -- %s; return", "return")
	b.WriteString("\t\tesac\n\tdone\n\tcase $words[1] in\n")
	for i := range all {
		if names := operandNames(&all[i], all); names != "" {
			fmt.Fprintf(&b, "\t%s) compadd -- %s ;;\n", all[i].name, names)
		}
	}
	b.WriteString("\tesac\n}\nif (( CURRENT == 2 )); then\n\t_describe subcommand subcommands\n\treturn\nfi\nlocal subcommand=$words[2]\nshift words\n(( CURRENT-- ))\ncase $subcommand in\n")
	for i := range all {
		c := &all[i]
		fmt.Fprintf(&b, "%s)\n\t_arguments", c.name)
		for _, f := range c.flags() {
			_, usage := flag.UnquoteUsage(f)
			fmt.Fprintf(&b, " \\\n\t\t'--%s[%s]%s'", f.Name, zshSpecial.Replace(usage), zshValue(f))
		}
		b.WriteString(" \\\n\t\t'*:operand:_elevator_scheduler_operand'\n\t;;\n")
	}
	b.WriteString("esac\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// zshValue says what a flag's value can be.
func zshValue(f *flag.Flag) string {
	words, files := strings.Join(knownValues(f), " "), takesFile(f)
	switch {
	case isSwitch(f):
		return ""
	case words != "" && files:
		return `:value:{_alternative "words:word:(` + words + `)" "files:file:_files"}`
	case words != "":
		return ":value:(" + words + ")"
	case files:
		return ":file:_files"
	}
	return ":value: "
}
