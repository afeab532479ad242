package main

import (
	"elevator/internal/programtest"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// screen is a real terminal with a program in it, as an operator has it.
type screen struct {
	t      *testing.T
	socket string
}

// newScreen runs a command line in a tmux of the test's own. Without tmux the
// test is skipped, or fails where tools are required.
func newScreen(t *testing.T, width, height int, command ...string) *screen {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		if os.Getenv("ELEVATOR_TEST_REQUIRE_TOOLS") == "1" {
			t.Fatal("tmux is not installed and tools are required")
		}
		t.Skip("tmux is not installed: the dashboard cannot be tried in a terminal")
	}
	s := &screen{t, filepath.Join(t.TempDir(), "tmux")}
	line := ""
	for _, word := range command {
		line += fmt.Sprintf("'%s' ", word)
	}
	s.tmux("-f", "/dev/null", "new-session", "-d", "-x", fmt.Sprint(width), "-y", fmt.Sprint(height),
		line+`; echo "exit code $?"; read wait`)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the screen at last:\n%s", s.text())
		}
		_ = exec.Command("tmux", "-S", s.socket, "kill-server").Run()
	})
	return s
}

func (s *screen) tmux(args ...string) string {
	s.t.Helper()
	cmd := exec.Command("tmux", append([]string{"-S", s.socket}, args...)...)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "LC_ALL=C.UTF-8", "TMPDIR="+filepath.Dir(s.socket))
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("tmux %v: %v: %s", args, err, out)
	}
	return string(out)
}

func (s *screen) text() string { return s.tmux("capture-pane", "-p") }

func (s *screen) press(keys ...string) { s.tmux(append([]string{"send-keys"}, keys...)...) }

// shows waits until the screen has all the words.
func (s *screen) shows(most time.Duration, words ...string) {
	s.t.Helper()
	programtest.Eventually(s.t, most, fmt.Sprintf("the screen shows %q", words), func() bool {
		text := s.text()
		for _, w := range words {
			if !strings.Contains(text, w) {
				return false
			}
		}
		return true
	})
}

// make run, as a newcomer sees it: the dashboard comes up, helps, survives a
// small window, and q ends everything and gives the terminal back.
func TestDashboardOfARun(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	s := newScreen(t, 160, 50, programtest.Path(t, "elevator-scheduler"), "run", "--speed", "10",
		"--http", "127.0.0.1:0", "--state-dir", state)
	s.shows(30*time.Second, "Built-in", "LIVE", "12 of 12 running", "carried")
	s.press("?")
	s.shows(5*time.Second, "quit")
	s.press("Escape")
	s.tmux("resize-window", "-x", "80", "-y", "24")
	s.shows(5*time.Second, "Built-in", "LIVE")
	s.tmux("resize-window", "-x", "40", "-y", "10")
	s.shows(5*time.Second, "A")
	s.tmux("resize-window", "-x", "120", "-y", "40")
	s.shows(5*time.Second, "12 of 12 running")
	s.press("q")
	s.shows(10*time.Second, "passengers carried", "exit code 0")
	if left := programtest.Executors(t, state); len(left) > 0 {
		t.Errorf("executors left: %v", left)
	}
}

// A desk of its own commands a car, sees its scheduler die, says so, and
// recovers with the scheduler.
func TestDashboardOutlivesItsScheduler(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	building := func() *programtest.Program {
		return programtest.Start(t, "run", "--ui", "never", "--http", address, "--speed", "5", "--state-dir", t.TempDir())
	}
	first := building()
	s := newScreen(t, 120, 40, programtest.Path(t, "elevator-scheduler"), "dashboard", "--connect", "http://"+address)
	s.shows(30*time.Second, "LIVE", "12 of 12 running")
	s.press(":")
	s.press("-l", "car-mode A out-of-service")
	s.press("Enter")
	s.shows(5*time.Second, "A") // a dangerous command asks for the car's name
	s.press("-l", "A")
	s.press("Enter")
	s.shows(10*time.Second, "out-of-service")
	first.Signal(syscall.SIGKILL)
	s.shows(15*time.Second, "STALE")
	building()
	s.shows(30*time.Second, "LIVE", "12 of 12 running")
	s.press("q")
	s.shows(10*time.Second, "exit code 0")
}

// A terminal that cannot be drawn on gets lines.
func TestDumbTerminalGetsLines(t *testing.T) {
	t.Parallel()
	s := newScreen(t, 80, 24, "env", "TERM=dumb", programtest.Path(t, "elevator-scheduler"), "run", "--speed", "20",
		"--duration", "20s", "--http", "127.0.0.1:0", "--state-dir", t.TempDir())
	s.shows(60*time.Second, "passengers carried", "exit code 0")
}
