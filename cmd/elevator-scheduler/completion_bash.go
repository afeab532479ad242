package main

import (
	"fmt"
	"io"
	"strings"
)

// writeBash writes a function for bash's completion. It chooses among flags,
// operands, known words and files by the subcommand and by what stands before
// the word, or some places before it.
func writeBash(w io.Writer, all []subcommand) error {
	var b strings.Builder
	var subs []string
	for _, c := range all {
		subs = append(subs, c.name)
	}
	fmt.Fprintf(&b, `# bash completion for elevator-scheduler
_elevator_scheduler() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} flags= words= files= i
	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W '%s' -- "$word")
		return
	fi
	# bash takes --flag=value apart.
	[ "$before" != = ] || before=${COMP_WORDS[COMP_CWORD-2]}
	[ "$word" != = ] || word=
	case ${COMP_WORDS[1]} in
`, strings.Join(subs, " "))
	for i := range all {
		fmt.Fprintf(&b, "\t%s) flags='%s' words='%s' ;;\n", all[i].name, flagNames(&all[i]), operandNames(&all[i], all))
	}
	b.WriteString("\tesac\n\tfor ((i = 2; i < COMP_CWORD; i++)); do\n\t\tcase \"${COMP_WORDS[1]} ${COMP_WORDS[i]} $((COMP_CWORD - i))\" in\n")
	writeOperandCases(&b, all, "words='%s'", "words=")
	b.WriteString("\t\tesac\n\tdone\n\tcase \"${COMP_WORDS[1]} $before\" in\n")
	for i := range all {
		for _, f := range all[i].flags() {
			if isSwitch(f) {
				continue
			}
			files := ""
			if takesFile(f) {
				files = "yes"
			}
			fmt.Fprintf(&b, "\t'%s --%s') words='%s' files=%s ;;\n", all[i].name, f.Name, strings.Join(knownValues(f), " "), files)
		}
	}
	b.WriteString(`	esac
	case $word in
	-*) words="$flags --help" files= ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word"; [ -z "$files" ] || compgen -f -- "$word")
}
complete -o filenames -F _elevator_scheduler elevator-scheduler
`)
	_, err := io.WriteString(w, b.String())
	return err
}
