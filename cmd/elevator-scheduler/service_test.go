package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"elevator/internal/programtest"
)

// TestServiceManagerIsTold plays systemd: it listens where a unit of
// Type=notify is told to send to.
func TestServiceManagerIsTold(t *testing.T) {
	dir := t.TempDir()
	socket := filepath.Join(dir, "notify")
	manager, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer manager.Close()
	t.Setenv("NOTIFY_SOCKET", socket)
	t.Setenv("WATCHDOG_USEC", "3000000")
	log := filepath.Join(dir, "log")
	p := programtest.Start(t, "run", "--ui", "never", "--http", "127.0.0.1:0", "--log", log)

	await(t, manager, "READY=1")
	await(t, manager, "STATUS=12 tasks run; ")
	await(t, manager, "WATCHDOG=1")

	moved := filepath.Join(dir, "log.1")
	if err := os.Rename(log, moved); err != nil {
		t.Fatal(err)
	}
	p.Signal(syscall.SIGHUP)
	await(t, manager, "RELOADING=1")
	await(t, manager, "READY=1")
	if _, err := os.Stat(log); err != nil {
		t.Errorf("the log was not opened again: %v", err)
	}
	p.Signal(syscall.SIGTERM)
	await(t, manager, "STOPPING=1")
	if code := p.Wait(20 * time.Second); code != 0 {
		t.Errorf("exit code %d after SIGTERM", code)
	}
}

// The trace of a crash is in the log.
func TestCrashIsToldInTheLog(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "log")
	p := programtest.Start(t, "run", "--ui", "never", "--http", "127.0.0.1:0", "--log", log)
	programtest.Eventually(t, 30*time.Second, "it has started", func() bool { return p.API() != "" })
	p.Signal(syscall.SIGQUIT)
	if code := p.Wait(20 * time.Second); code != 2 {
		t.Errorf("exit code %d after SIGQUIT, want Go's 2", code)
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"SIGQUIT: quit", "created by"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%q is not in the log:\n%s", want, programtest.Tail(string(text), 20))
		}
	}
}

// await reads what the manager is told until something begins with want.
func await(t *testing.T, manager *net.UnixConn, want string) {
	t.Helper()
	if err := manager.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	var told []string
	message := make([]byte, 4096)
	for {
		n, err := manager.Read(message)
		if err != nil {
			t.Fatalf("told %q, then %v; want %s", told, err, want)
		}
		if told = append(told, string(message[:n])); strings.HasPrefix(told[len(told)-1], want) {
			return
		}
	}
}

func TestAHangingFunctionIsNotHealthy(t *testing.T) {
	now := time.Now()
	for _, test := range []struct {
		turned time.Time
		says   string
	}{
		{time.Time{}, ""},
		{now.Add(-time.Second), ""},
		{now.Add(-time.Minute), "has not turned for 1m0s"},
	} {
		err := healthy(test.turned, now)
		if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("turned at %v: %v, want %q", test.turned, err, test.says)
		}
	}
}
