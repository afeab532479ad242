package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"elevator/internal/elevator/dispatch"
	"elevator/internal/programtest"
	"elevator/ui"
)

// TestCompletions asks the shells themselves, as the key Tab does; zsh about
// operands only, since its completion system wants a terminal.
func TestCompletions(t *testing.T) {
	const modes = "attendant-control cabinet-recall earthquake-operation emergency-power firefighter-control fire-operation homing inspection normal occupant-evacuation out-of-service parking vip"
	dispatchers := strings.Join(dispatcherNames(), " ")
	tests := []struct{ line, want string }{
		{"si", "simulate"},
		{"run --on-", "--on-exit --on-task-failure"},
		{"run --journal", "--journal --journal-keep --journal-size"},
		{"run --dispatcher ", dispatchers},
		{"run --parking ", strings.Join(dispatch.ParkingNames(), " ")},
		{"run --on-exit ", "teardown keep"},
		{"run --ui ", "auto always never"},
		{"run --seed ", ""},
		{"simulate --format j", "json"},
		{"simulate --traffic lun", "lunch"},
		{"dashboard --theme ", strings.Join(ui.Themes(), " ")},
		{"dashboard --once --format p", "picture"},
		{"dashboard --token-file manpage.g", "manpage.go"},
		{"bench cri", "crites-barto"},
		{"completion z", "zsh"},
		{"man tear", "teardown"},
		{"command vip", "vip-call"},
		{"command car-mode ", ""},
		{"command car-mode A ", modes},
		{"command car-mode A normal ", ""},
		{"command car-mode A normal 1 ", ""},
		{"command --format json group-mode up", "up-peak"},
		{"command landing-call 3 ", "up down"},
		{"command car-doors A o", "open"},
		{"command fault A load-measurement ", "on off"},
		{"command reset-faults A over", "overload"},
		{"command dispatcher ", dispatchers},
		{"command acknowledge ", "all"},
	}
	for shell, complete := range map[string]func(t *testing.T, program, script, line string) string{
		"bash": bashCompletes, "fish": fishCompletes, "zsh": zshCompletes,
	} {
		t.Run(shell, func(t *testing.T) {
			program, script := programtest.Tool(t, shell), completionFile(t, shell)
			for _, test := range tests {
				if shell == "zsh" && (strings.Contains(test.line, "--") || !strings.Contains(test.line, " ")) {
					continue
				}
				got, want := strings.Fields(complete(t, program, script, test.line)), strings.Fields(test.want)
				slices.Sort(got)
				slices.Sort(want)
				if !slices.Equal(slices.Compact(got), want) {
					t.Errorf("%q: %q; want %q", test.line, got, want)
				}
			}
		})
	}
}

// completionFile returns a file with a shell's completions.
func completionFile(t *testing.T, shell string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), shell)
	if err := os.WriteFile(file, []byte(printed(t, "completion", shell)), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func bashCompletes(t *testing.T, program, script, line string) string {
	words := strings.Fields(line)
	if strings.HasSuffix(line, " ") {
		words = append(words, "''")
	}
	return asked(t, program, "--norc", "-c", fmt.Sprintf("source %s; COMP_WORDS=(elevator-scheduler %s); COMP_CWORD=%d; _elevator_scheduler; echo ${COMPREPLY[*]}",
		script, strings.Join(words, " "), len(words)))
}

func fishCompletes(t *testing.T, program, script, line string) string {
	return asked(t, program, "--no-config", "-c", fmt.Sprintf("source %s; complete -C 'elevator-scheduler %s' | cut -f1", script, line))
}

// zshCompletes has the function for operands called in place of zsh's own that
// would call it, and prints what it adds; what does not fit the word it is for zsh
// to drop.
func zshCompletes(t *testing.T, program, script, line string) string {
	words := strings.Fields(line)
	word := ""
	if strings.HasSuffix(line, " ") {
		words = append(words, "''")
	} else {
		word = words[len(words)-1]
	}
	added := asked(t, program, "-f", "-c", fmt.Sprintf("compadd() { shift; print -r -- $* }; _arguments() { _elevator_scheduler_operand }; words=(elevator-scheduler %s); CURRENT=%d; source %s",
		strings.Join(words, " "), len(words)+1, script))
	fits := slices.DeleteFunc(strings.Fields(added), func(w string) bool { return !strings.HasPrefix(w, word) })
	return strings.Join(fits, " ")
}

func asked(t *testing.T, program string, args ...string) string {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%q: %v: %s", args, err, out)
	}
	return string(out)
}

// TestBashTakesFlagAndValueApart completes what follows an equals sign.
func TestBashTakesFlagAndValueApart(t *testing.T) {
	program, script := programtest.Tool(t, "bash"), completionFile(t, "bash")
	for line, want := range map[string]string{"run --on-exit =": "teardown keep", "run --on-exit = k": "keep"} {
		if got := strings.TrimSpace(bashCompletes(t, program, script, line)); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

// TestScriptsOfShells looks for flags, values and commands in what is written for
// each shell, and has the shell check the syntax.
func TestScriptsOfShells(t *testing.T) {
	for _, shell := range shells {
		t.Run(shell.name, func(t *testing.T) {
			script := printed(t, "completion", shell.name)
			for _, word := range []string{"on-task-failure", "nearest-car", "vip-call", "firefighter-control"} {
				if !strings.Contains(script, word) {
					t.Errorf("%s is missing", word)
				}
			}
			cmd := exec.Command(programtest.Tool(t, shell.name), "-n", "/dev/stdin")
			cmd.Stdin = strings.NewReader(script)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
