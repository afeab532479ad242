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
