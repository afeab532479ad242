package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"elevator/internal/programtest"
)

// TestBadInput holds what a caller gets wrong: one sentence that says what,
// where and what would be right, exit code 2, nothing started and nothing left
// behind.
func TestBadInput(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	buildings := 0
	building := func(text string) string {
		buildings++
		return file(fmt.Sprintf("building%d.yaml", buildings), text)
	}
	const cars = "cars: [{name: A, capacity_persons: 8}]\n"

	cases := []struct {
		name string
		args []string
		says []string // all of them
	}{
		{"no subcommand", nil, []string{"usage"}},
		{"unknown subcommand", []string{"fly"}, []string{`"fly"`, "simulate"}},
		{"unknown flag", []string{"run", "--sped", "2"}, []string{"unknown flag --sped", "--help"}},
		{"argument that is no flag", []string{"run", "fast"}, []string{`"fast"`}},
		{"missing executor", []string{"run", "--executor", "/nowhere/elevator-executor"}, []string{"--executor", "/nowhere", "make build"}},
		{"executor that is a directory", []string{"run", "--executor", dir}, []string{"--executor", "not a regular file"}},
		{"executor that cannot run", []string{"run", "--executor", file("plain", "x")}, []string{"--executor", "not executable"}},
		{"busy port", []string{"run", "--http", busy.Addr().String()}, []string{"--http", busy.Addr().String(), "in use"}},
		{"no such building", []string{"run", "--building", filepath.Join(dir, "none.yaml")}, []string{"none.yaml", "no such file"}},
		{"unknown key", []string{"run", "--building", building("floorz: []\n" + cars)}, []string{"building1.yaml:1", "floorz"}},
		{"one floor", []string{"run", "--building", building("floors: [{name: 1}]\n" + cars)}, []string{"building2.yaml:1", "floor"}},
		{"too many floors", []string{"run", "--building", building("floors: [{count: 1000000000, height_m: 3, first: 1}]\n" + cars)}, []string{"building3.yaml:1", "256"}},
		{"NaN", []string{"run", "--building", building("floors: [{count: 3, height_m: .nan, first: 1}]\n" + cars)}, []string{"building4.yaml:1", "height_m"}},
		{"unknown traffic", []string{"run", "--traffic", "rush"}, []string{"--traffic", "rush", "two-way"}},
		{"bad rate", []string{"run", "--traffic", "lunch:x%"}, []string{"--traffic"}},
		{"trace: no header", []string{"run", "--traffic", file("h.csv", "1,1,2\n")}, []string{"h.csv:1", "time_s"}},
		{"trace: unknown floor", []string{"run", "--traffic", file("f.csv", "time_s,from,to\n1,1,99\n")}, []string{"f.csv:2", "99"}},
		{"trace: time going backwards", []string{"run", "--traffic", file("b.csv", "time_s,from,to\n5,1,2\n4,1,2\n")}, []string{"b.csv:3"}},
		{"trace: NaN", []string{"run", "--traffic", file("n.csv", "time_s,from,to\nNaN,1,2\n")}, []string{"n.csv:2"}},
		{"trace: nowhere to go", []string{"run", "--traffic", file("s.csv", "time_s,from,to\n1,2,2\n")}, []string{"s.csv:2"}},
		{"unknown dispatcher", []string{"run", "--dispatcher", "psychic"}, []string{"--dispatcher", "psychic", "nearest-car"}},
		{"unknown parking", []string{"run", "--parking", "roof"}, []string{"--parking", "roof", "zones"}},
		{"negative speed", []string{"run", "--speed", "-1"}, []string{"--speed", "above 0"}},
		{"speed that is no number", []string{"run", "--speed", "NaN"}, []string{"--speed"}},
		{"negative duration", []string{"run", "--duration", "-1s"}, []string{"--duration"}},
		{"unknown policy", []string{"run", "--on-task-failure", "shrug"}, []string{"--on-task-failure", "restart"}},
		{"no agents", []string{"run", "--agents", "0"}, []string{"--agents"}},
		{"state directory below a file", []string{"run", "--state-dir", filepath.Join(file("f", "x"), "state")}, []string{"--state-dir", "not a directory"}},
		{"bad master", []string{"run", "--master", "zk://", "--state-dir", filepath.Join(dir, "state")}, []string{"zk://"}},
		{"negative size of the journal", []string{"run", "--journal-size", "-1"}, []string{"--journal-size", "negative"}},
		{"missing secret", []string{"run", "--secret-file", filepath.Join(dir, "none")}, []string{"--secret-file", "none"}},
		{"simulate: unknown traffic", []string{"simulate", "--traffic", "rush"}, []string{"--traffic", "rush"}},
		{"simulate: unknown format", []string{"simulate", "--format", "xml"}, []string{"--format", "json"}},
		{"bench: unknown suite", []string{"bench", "fantasy"}, []string{"fantasy", "crites-barto"}},
		{"dashboard: no such journal", []string{"dashboard", "--replay", filepath.Join(dir, "none")}, []string{"--replay", "no such file"}},
		{"dashboard: unknown theme", []string{"dashboard", "--theme", "plaid"}, []string{"plaid", "mono"}},
		{"command: unknown", []string{"command", "explode"}, []string{"explode", "car-call"}},
		{"run: no token in the file", []string{"run", "--token-file", file("tokens", "operator\n")}, []string{"--token-file", "line 1"}},
		{"dashboard: bad address", []string{"dashboard", "--connect", "http://"}, []string{"http://", "host:port"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := programtest.Start(t, c.args...)
			if code := p.Wait(20 * time.Second); code != exitBadInput {
				t.Errorf("exit code %d, want %d", code, exitBadInput)
			}
			text := p.Stderr()
			for _, want := range c.says {
				if !strings.Contains(text, want) {
					t.Errorf("stderr does not say %q: %s", want, text)
				}
			}
			if lines := strings.Count(text, "\n"); lines != 1 && c.args != nil {
				t.Errorf("%d lines on stderr, want one sentence: %s", lines, text)
			}
			for _, bad := range []string{"panic", "goroutine ", ".go:"} {
				if strings.Contains(text, bad) {
					t.Errorf("stderr shows %q: %s", bad, text)
				}
			}
			left, err := os.ReadDir(p.TempDir)
			if err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

// A state directory serves one scheduler at a time.
func TestStateDirectoryInUse(t *testing.T) {
	dir := t.TempDir()
	first := programtest.Start(t, "run", "--ui", "never", "--state-dir", dir, "--http", "127.0.0.1:0")
	programtest.Eventually(t, 20*time.Second, "the first scheduler starts", func() bool { return strings.Contains(first.Stdout(), "API") })
	second := programtest.Start(t, "run", "--ui", "never", "--state-dir", dir, "--http", "127.0.0.1:0")
	if code := second.Wait(10 * time.Second); code != exitBadInput || !strings.Contains(second.Stderr(), "in use") {
		t.Errorf("the second ended with %d: %s", code, second.Stderr())
	}
}

// Without a master the run fails once the time for finding one is over.
func TestNoMaster(t *testing.T) {
	p := programtest.Start(t, "run", "--ui", "never", "--http", "127.0.0.1:0", "--master", "127.0.0.1:1",
		"--state-dir", t.TempDir(), "--connect-timeout", "500ms")
	if code := p.Wait(20 * time.Second); code != exitFailed {
		t.Errorf("exit code %d, want %d", code, exitFailed)
	}
	if text := p.Stderr(); !strings.Contains(text, "127.0.0.1:1") || strings.Count(text, "\n") != 1 {
		t.Errorf("stderr: %s", text)
	}
}
