package programtest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Eventually polls until ok or until most has passed, and then fails the test.
func Eventually(t testing.TB, most time.Duration, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), most)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("not within %v: %s", most, what)
		}
	}
}

// Executor is a running elevator-executor process.
type Executor struct {
	PID     int
	Sandbox string
}

// Signal sends the process a signal.
func (e Executor) Signal(s syscall.Signal) error {
	if err := syscall.Kill(e.PID, s); err != nil {
		return fmt.Errorf("%v to executor %d: %w", s, e.PID, err)
	}
	return nil
}

// Executors lists the executor processes whose sandboxes are below the
// directory given, by process id.
func Executors(t testing.TB, below string) []Executor {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	var found []Executor
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		cwd, err := os.Readlink(filepath.Join("/proc", e.Name(), "cwd"))
		if err != nil || !strings.HasPrefix(cwd, below) {
			continue
		}
		command, err := os.ReadFile(filepath.Join("/proc", e.Name(), "cmdline"))
		if err == nil && bytes.Contains(command, []byte("elevator-executor")) {
			found = append(found, Executor{pid, cwd})
		}
	}
	slices.SortFunc(found, func(a, b Executor) int { return a.PID - b.PID })
	return found
}
