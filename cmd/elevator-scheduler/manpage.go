package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

// manCommand prints a manual page, as 'man -l -' reads it.
func manCommand(_ context.Context, args []string, std streams) error {
	flags := newFlags("man", std)
	if err := flags.parseSome(args); err != nil {
		return err
	}
	all := listed(subcommands())
	if flags.NArg() == 0 {
		return writeManual(std.out, all)
	}
	i := slices.IndexFunc(all, func(c subcommand) bool { return c.name == flags.Arg(0) })
	if i < 0 || flags.NArg() > 1 {
		return badInputf("%q: want one of %s, or nothing", strings.Join(flags.Args(), " "), names(all))
	}
	return writeSubcommandManual(std.out, &all[i])
}

// manual is a page in the language of man(7).
type manual struct{ out *bufio.Writer }

func newManual(w io.Writer, title string) manual {
	m := manual{bufio.NewWriter(w)}
	m.line(`.TH "%s" "1" "" "elevator %s" "Elevators on Mesos"`, strings.ToUpper(title), version)
	return m
}

// line writes a request; its texts must have gone through roff.
func (m manual) line(format string, args ...any) { fmt.Fprintf(m.out, format+"\n", args...) }

func (m manual) section(name string) { m.line(".SH %s", name) }

// item writes a term and what it means.
func (m manual) item(term, text string) {
	m.line(".TP")
	m.line("%s", term)
	m.line("%s", roff(text))
}

var roffSpecial = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "…", "...", "–", `\(en`)

// roff returns the text as roff prints it unchanged, also where a line begins
// with a dot.
func roff(text string) string {
	text = roffSpecial.Replace(text)
	if strings.HasPrefix(text, ".") {
		text = `\&` + text
	}
	return text
}

func bold(text string) string { return `\fB` + roff(text) + `\fR` }

const program = "elevator-scheduler"

// exitCodes are the same for every subcommand.
var exitCodes = []word{
	{name: "0", summary: "done"},
	{name: "1", summary: "a run that failed: a task, the master, passengers who are left"},
	{name: "2", summary: "bad input, nothing was started; the last line on standard error says what would be right"},
}

// writeManual writes the page of the whole program.
func writeManual(w io.Writer, all []subcommand) error {
	m := newManual(w, program)
	m.section("NAME")
	m.line("%s \\- elevator group control on Apache Mesos", roff(program))
	m.section("SYNOPSIS")
	m.line(`%s \fISUBCOMMAND\fR [\fIFLAGS\fR]`, bold(program))
	m.section("DESCRIPTION")
	m.line("Runs the cars and floors of a building as tasks on a Mesos cluster, decides which car answers which call, and shows operators what happens. Each subcommand has a page of its own.")
	m.section("SUBCOMMANDS")
	for _, c := range all {
		m.item(bold(c.name), c.summary)
	}
	m.endings()
	m.section("SEE ALSO")
	var pages []string
	for _, c := range all {
		pages = append(pages, bold(program+"-"+c.name)+"(1)")
	}
	m.line("%s", strings.Join(append(pages, bold("elevator-executor")+"(1)"), ",\n"))
	return m.out.Flush()
}

// writeSubcommandManual writes the page of one subcommand.
func writeSubcommandManual(w io.Writer, c *subcommand) error {
	title := program + "-" + c.name
	m := newManual(w, title)
	m.section("NAME")
	m.line("%s \\- %s", roff(title), roff(c.summary))
	m.section("SYNOPSIS")
	m.line(`%s [\fIFLAGS\fR] %s`, bold(program+" "+c.name), roff(c.operands))
	if flags := c.flags(); len(flags) > 0 {
		m.section("OPTIONS")
		for _, f := range flags {
			m.flag(f)
		}
	}
	if len(c.words) > 0 {
		m.section("OPERANDS")
		for _, word := range c.words {
			m.item(strings.TrimSpace(bold(word.name)+" "+roff(word.rest)), word.summary)
		}
	}
	m.endings()
	m.section("SEE ALSO")
	m.line("%s(1)", bold(program))
	return m.out.Flush()
}

func (m manual) flag(f *flag.Flag) {
	value, usage := flag.UnquoteUsage(f)
	term := bold("--" + f.Name)
	if value != "" {
		term += ` \fI` + roff(value) + `\fR`
	}
	if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" && f.DefValue != "0s" {
		usage += " (default " + f.DefValue + ")"
	}
	m.item(term, usage)
}

func (m manual) endings() {
	m.section(`"EXIT STATUS"`)
	for _, code := range exitCodes {
		m.item(bold(code.name), code.summary)
	}
}
