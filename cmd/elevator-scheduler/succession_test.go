package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/operator"
	"elevator/internal/programtest"
)

// clientOf returns a client of a scheduler's API, once it has said where that is.
func clientOf(t *testing.T, p *programtest.Program) *operator.Client {
	t.Helper()
	programtest.Eventually(t, 10*time.Second, "the scheduler says where its API is", func() bool { return p.API() != "" })
	client, err := operator.NewClient(p.API())
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// stateOf asks a scheduler for the state of its group.
func stateOf(t *testing.T, p *programtest.Program) operator.GroupState {
	t.Helper()
	client := clientOf(t, p)
	defer client.Close()
	state, err := client.Group(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// give gives a scheduler a command, as words.
func give(t *testing.T, p *programtest.Program, words ...string) {
	t.Helper()
	client := clientOf(t, p)
	defer client.Close()
	command, err := operator.CommandFromWords(words)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Command(t.Context(), command); err != nil {
		t.Fatalf("%q: %v", words, err)
	}
}

// What an operator has chosen outlives the scheduler that was told, also one that
// is killed: dispatcher, group mode, a car's mode, locked floors. Only who starts
// the next one with another dispatcher changes that again.
func TestWhatOperatorsChoseOutlivesTheScheduler(t *testing.T) {
	t.Parallel()
	s := newSuccession(t, "--speed", "10", "--seed", "7", "--traffic", "two-way:10%")
	first := s.scheduler()
	s.carried(1)
	chosen := func(p *programtest.Program) string {
		g := stateOf(t, p)
		return fmt.Sprintf("%s %s, %s %s, %v", g.Dispatcher, g.Mode, g.Cars[1].Name, g.Cars[1].Mode, g.Floors[3].CarCallsLocked)
	}
	give(t, first, "dispatcher", "nearest-car")
	give(t, first, "group-mode", "up-peak")
	give(t, first, "car-mode", "B", "out-of-service")
	give(t, first, "lock-car-calls", "4", "on", "C")
	const want = "nearest-car up-peak, B out-of-service, [C]"
	programtest.Eventually(t, 10*time.Second, "all is as chosen", func() bool { return chosen(first) == want })
	first.Kill()
	second := s.successor()
	if got := chosen(second); got != want {
		t.Errorf("after the scheduler was killed: %s, want %s", got, want)
	}
	second.Signal(syscall.SIGTERM)
	if code := second.Wait(10 * time.Second); code != 0 {
		t.Fatalf("exit code %d: %s", code, second.Stderr())
	}
	s.args = append(s.args, "--dispatcher", "eta")
	third := s.successor()
	if got, want := chosen(third), strings.Replace(want, "nearest-car", "eta", 1); got != want {
		t.Errorf("after a restart with --dispatcher eta: %s, want %s", got, want)
	}
	third.Kill()
}

// A scheduler goes on with what a later version has written, as far as it knows
// what it says: a version can be rolled back.
func TestJournalOfALaterVersionGoesOn(t *testing.T) {
	t.Parallel()
	s := newSuccession(t, "--speed", "10", "--duration", "2m", "--seed", "8", "--traffic", "two-way:30%")
	s.late = 10 * time.Second // what cars do before the successor hears them: a second of the wall's
	first := s.scheduler()
	s.carried(8)
	first.Kill()
	passed := writeAsLater(t, filepath.Join(s.state, "journal.ndjson"))
	second := s.successor()
	s.finish(second, 15)
	log, err := os.ReadFile(filepath.Join(s.state, "log"))
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("lines=%d", passed); !strings.Contains(string(log), "of a later version") || !strings.Contains(string(log), want) {
		t.Errorf("the log does not say that of a later version %s are passed over:\n%s", want, programtest.Tail(string(log), 20))
	}
}

// writeAsLater rewrites a journal as a later version may have: with its format's
// number, a field more in some lines, and events that nobody knows. It returns how
// many lines it has changed or added, beside the first.
func writeAsLater(t *testing.T, path string) (changed int) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var later []byte
	for line := range bytes.Lines(data) {
		before, _, _ := bytes.Cut(line, []byte(`,"crc":`))
		text, from := string(bytes.TrimSuffix(bytes.TrimSpace(before), []byte("}"))), len(later)
		switch {
		case strings.Contains(text, `"event":"building"`):
			text += fmt.Sprintf(`,"format":%d`, elevator.JournalFormat+1)
		case strings.Contains(text, `"event":"doors_opened"`):
			text, changed = text+`,"width_m":1.1`, changed+1
		case strings.Contains(text, `"event":"car_call_registered"`): // of no consequence: the car knows
			text, changed = strings.Replace(text, "car_call_registered", "car_call_foreseen", 1), changed+1
		}
		later = append(later, text...)
		later = elevator.AppendChecksum(append(later, '}', '\n'), from)
	}
	if changed < 5 {
		t.Fatalf("only %d lines were changed", changed)
	}
	if err := os.WriteFile(path, later, 0o600); err != nil {
		t.Fatal(err)
	}
	return changed
}

// A scheduler also goes on with the journal of a backup, in which it does not stand
// who came and went since: cars and landings know what they were about. (Who was on
// the way then stays in the books; the guide says so.)
func TestJournalOfABackupGoesOn(t *testing.T) {
	t.Parallel()
	s := newSuccession(t, "--speed", "10", "--seed", "9", "--traffic", "two-way:30%")
	first := s.scheduler()
	s.carried(5)
	path := filepath.Join(s.state, "journal.ndjson")
	backup, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s.carried(4)
	first.Kill()
	if err := os.WriteFile(path, backup, 0o600); err != nil {
		t.Fatal(err)
	}
	second := s.successor()
	s.carried(10)
	programtest.Eventually(t, 10*time.Second, "it is ready", func() bool { return second.API() != "" && second.Ready() == nil })
	second.Kill()
}
