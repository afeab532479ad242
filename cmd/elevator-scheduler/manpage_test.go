package main

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

// printed returns what a subcommand prints, which must be without error.
func printed(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := perform(t.Context(), args, streams{out: &out, err: &errs}); code != 0 {
		t.Fatalf("%q: exit code %d: %s", args, code, &errs)
	}
	return out.String()
}

func TestManualsNameEveryFlag(t *testing.T) {
	all := listed(subcommands())
	overview := printed(t, "man")
	for i := range all {
		c := &all[i]
		if !strings.Contains(overview, bold(c.name)+"\n"+roff(c.summary)+"\n") {
			t.Errorf("the program's page does not name %s", c.name)
		}
		page := printed(t, "man", c.name)
		flags := c.flags()
		if c.name == "run" && len(flags) < 30 {
			t.Errorf("only %d flags of run were found", len(flags))
		}
		for _, f := range flags {
			if !strings.Contains(page, bold("--"+f.Name)) {
				t.Errorf("the page of %s lacks --%s", c.name, f.Name)
			}
		}
		for _, w := range c.words {
			if !strings.Contains(page, bold(w.name)) || !strings.Contains(page, roff(w.summary)) {
				t.Errorf("the page of %s lacks %s", c.name, w.name)
			}
		}
		lint(t, page)
	}
	lint(t, overview)
}

// lint has mandoc read a page, where it is installed.
func lint(t *testing.T, page string) {
	t.Helper()
	mandoc, err := exec.LookPath("mandoc")
	if err != nil {
		return
	}
	cmd := exec.Command(mandoc, "-T", "lint", "-W", "error")
	cmd.Stdin = strings.NewReader(page)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("mandoc: %v\n%s\n%s", err, out, page)
	}
}

func TestRoffIsEscaped(t *testing.T) {
	for text, want := range map[string]string{
		"--a-b":       `\-\-a\-b`,
		".TH x":       `\&.TH x`,
		"'it'":        `\(aqit\(aq`,
		`C:\new`:      `C:\enew`,
		"host[:port]": "host[:port]",
	} {
		if got := roff(text); got != want {
			t.Errorf("%s becomes %s, want %s", text, got, want)
		}
	}
}

// TestBashCompletes asks bash itself, as the key Tab does.
func TestBashCompletes(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed")
	}
	script := printed(t, "completion", "bash")
	for _, test := range []struct{ line, want string }{
		{"si", "simulate"},
		{"run --on-", "--on-exit --on-task-failure"},
		{"run --journal", "--journal --journal-keep --journal-size"},
		{"command vip", "vip-call"},
		{"bench cri", "crites-barto"},
		{"completion z", "zsh"},
		{"man tear", "teardown"},
	} {
		words := strings.Fields("elevator-scheduler " + test.line)
		ask := script + "\nCOMP_WORDS=(" + strings.Join(words, " ") + "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _elevator_scheduler; echo ${COMPREPLY[*]}"
		out, err := exec.Command(bash, "--norc", "-c", ask).CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != test.want {
			t.Errorf("%s: %q, %v; want %q", test.line, got, err, test.want)
		}
	}
}

// TestOtherShellsReadTheirCompletions checks their syntax, where they are
// installed.
func TestOtherShellsReadTheirCompletions(t *testing.T) {
	for _, shell := range []string{"zsh", "fish"} {
		script := printed(t, "completion", shell)
		if !strings.Contains(script, "on-task-failure") || !strings.Contains(script, "vip-call") {
			t.Errorf("%s: flags or commands are missing", shell)
		}
		program, err := exec.LookPath(shell)
		if err != nil {
			continue
		}
		cmd := exec.Command(program, "-n", "/dev/stdin")
		cmd.Stdin = strings.NewReader(script)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", shell, err, out)
		}
	}
}
