package main

import (
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"elevator/internal/programtest"
)

// make run, as a newcomer sees it: the dashboard comes up, helps, survives a
// small window, and q ends everything and gives the terminal back.
func TestDashboardOfARun(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	s := programtest.NewScreen(t, 160, 50, programtest.Path(t, "elevator-scheduler"), "run", "--speed", "10",
		"--http", "127.0.0.1:0", "--state-dir", state)
	s.Shows(30*time.Second, "Built-in", "LIVE", "12 of 12 running", "carried")
	s.Press("?")
	s.Shows(5*time.Second, "quit")
	s.Press("Escape")
	s.Tmux("resize-window", "-x", "80", "-y", "24")
	s.Shows(5*time.Second, "Built-in", "LIVE")
	s.Tmux("resize-window", "-x", "40", "-y", "10")
	s.Shows(5*time.Second, "A")
	s.Tmux("resize-window", "-x", "120", "-y", "40")
	s.Shows(5*time.Second, "12 of 12 running")
	s.Press("q")
	s.Shows(10*time.Second, "passengers carried", "exit code 0")
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
	s := programtest.NewScreen(t, 120, 40, programtest.Path(t, "elevator-scheduler"), "dashboard", "--connect", "http://"+address)
	s.Shows(30*time.Second, "LIVE", "12 of 12 running")
	s.Press(":")
	s.Press("-l", "car-mode A out-of-service")
	s.Press("Enter")
	s.Shows(5*time.Second, "A") // a dangerous command asks for the car's name
	s.Press("-l", "A")
	s.Press("Enter")
	s.Shows(10*time.Second, "out-of-service")
	first.Signal(syscall.SIGKILL)
	s.Shows(15*time.Second, "STALE")
	building()
	s.Shows(30*time.Second, "LIVE", "12 of 12 running")
	s.Press("q")
	s.Shows(10*time.Second, "exit code 0")
}

// A desk in a shell is suspended by ctrl-z, which gives the terminal back, and goes
// on where the shell says so, in the size that the terminal has by then.
func TestDashboardIsSuspendedAndGoesOn(t *testing.T) {
	t.Parallel()
	building := programtest.Start(t, "run", "--ui", "never", "--http", "127.0.0.1:0", "--speed", "5", "--state-dir", t.TempDir())
	programtest.Eventually(t, 30*time.Second, "all tasks run", func() bool { return building.API() != "" && building.Ready() == nil })
	s := programtest.NewScreen(t, 120, 40, "sh", "-i")
	s.Press("-l", programtest.Path(t, "elevator-scheduler")+" dashboard --connect "+building.API())
	s.Press("Enter")
	s.Shows(20*time.Second, "LIVE", "12 of 12 running")
	s.Press("C-z")
	s.Shows(10*time.Second, "Stopped")
	s.Press("-l", "echo seen $((6*7))")
	s.Press("Enter")
	s.Shows(5*time.Second, "echo seen $((6*7))", "seen 42")
	s.Tmux("resize-window", "-x", "80", "-y", "24")
	s.Press("-l", "fg")
	s.Press("Enter")
	s.Shows(20*time.Second, "LIVE", "12 of 12 running", "q quit")
	if lines := strings.Split(strings.TrimRight(s.Text(), "\n"), "\n"); !strings.Contains(lines[0], "LIVE") || len(lines) != 24 {
		t.Errorf("the picture does not fill the smaller terminal:\n%s", s.Text())
	}
	s.Press("q")
	s.Press("-l", "echo and $((6*8))")
	s.Press("Enter")
	s.Shows(10*time.Second, "echo and $((6*8))", "and 48")
}

// A terminal that cannot be drawn on gets lines.
func TestDumbTerminalGetsLines(t *testing.T) {
	t.Parallel()
	s := programtest.NewScreen(t, 80, 24, "env", "TERM=dumb", programtest.Path(t, "elevator-scheduler"), "run", "--speed", "20",
		"--duration", "20s", "--http", "127.0.0.1:0", "--state-dir", t.TempDir())
	s.Shows(60*time.Second, "passengers carried", "exit code 0")
}
