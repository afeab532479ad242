package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"elevator/internal/gotask"
	"elevator/internal/localmesos/clustertest"
	"elevator/internal/operator"
	"elevator/internal/programtest"
)

// The building on a cluster of its own, not in this process: the tests of this
// file need one named by ELEVATOR_TEST_MASTER.

// startOnCluster runs the building on the named cluster.
func startOnCluster(t *testing.T, args ...string) (p *programtest.Program, journal string) {
	t.Helper()
	master := clustertest.Master(t)
	dir := t.TempDir()
	journal = filepath.Join(dir, "journal.ndjson")
	p = programtest.Start(t, append([]string{
		"run", "--master", master, "--ui", "never", "--http", "127.0.0.1:0", "--state-dir", dir, "--journal", journal,
		"--artifact", "127.0.0.1:0", "--advertise", "127.0.0.1", "--on-exit", "teardown", "--log", filepath.Join(dir, "log"),
	}, args...)...)
	return p, journal
}

func frameworkID(p *programtest.Program) string {
	s, err := p.Status()
	if err != nil {
		return ""
	}
	return s.FrameworkID
}

// clusterExecutors lists the executors of the program, not the shells between
// them and their agents.
func clusterExecutors(t *testing.T, framework string) []clustertest.Process {
	t.Helper()
	var list []clustertest.Process
	for _, p := range clustertest.Executors(t, framework) {
		for _, c := range programtest.Executors(t, p.Sandbox) {
			if c.PID == p.PID {
				list = append(list, p)
			}
		}
	}
	return list
}

// arrive waits for the end of the run: everybody carried, nothing left.
func arrive(t *testing.T, p *programtest.Program, journal, framework string, least int, judge func(*testing.T, string) (carried int)) {
	t.Helper()
	if code := p.Wait(3 * time.Minute); code != 0 {
		t.Fatalf("exit code %d: %s", code, p.Stderr())
	}
	carried := judge(t, journal)
	if carried < least {
		t.Errorf("%d passengers carried, want at least %d", carried, least)
	}
	programtest.Eventually(t, 20*time.Second, "no executor is left", func() bool { return len(clustertest.Executors(t, framework)) == 0 })
	t.Logf("%s", programtest.Tail(p.Stdout(), 1))
}

// spotless wants a journal that breaks no rule.
func spotless(t *testing.T, journal string) int {
	t.Helper()
	judged := programtest.Judge(t, journal, 0)
	judged.Whole(t)
	return judged.Carried
}

// excused wants a journal that breaks no rule, but for flights that seem too
// short: what a car tells while nobody hears it is journaled when it arrives.
func excused(t *testing.T, journal string) int {
	t.Helper()
	judged := programtest.Judge(t, journal, 0)
	if err := judged.Checker.End(); err != nil {
		for line := range strings.Lines(err.Error()) {
			if !strings.Contains(line, "flew from floor") {
				t.Errorf("%s: %s", journal, line)
			}
		}
	}
	return judged.Carried
}

func TestBuildingOnCluster(t *testing.T) {
	p, journal := startOnCluster(t, "--speed", "20", "--duration", "5m")
	programtest.Eventually(t, 40*time.Second, "all tasks run", func() bool { return p.RunningTasks() == 12 })
	framework := frameworkID(p)
	if n := len(clusterExecutors(t, framework)); n == 0 {
		t.Errorf("%d executors, want one on each agent that offered enough", n)
	}
	arrive(t, p, journal, framework, 40, spotless)
	if p.Stderr() != "" {
		t.Errorf("stderr: %s", p.Stderr())
	}
}

// An executor, then an agent, then the leading master die while people ride.
func TestBuildingOutlivesCluster(t *testing.T) {
	clustertest.Controlled(t)
	p, journal := startOnCluster(t, "--speed", "10", "--duration", "10m", "--on-task-failure", "restart")
	programtest.Eventually(t, 40*time.Second, "all tasks run", func() bool { return p.RunningTasks() == 12 })
	framework := frameworkID(p)
	client, err := operator.NewClient(p.API())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	carriedSince := func(count int) int {
		t.Helper()
		now := 0
		// An agent looks for its master again after up to a minute.
		programtest.Eventually(t, 2*time.Minute, "more people are carried", func() bool {
			s, err := client.Group(t.Context())
			if err == nil {
				now = s.Stats.Carried
			}
			return now > count
		})
		return now
	}
	survives := func(what string, broken func()) {
		t.Helper()
		count := carriedSince(0)
		attempts := attemptsOf(p)
		broken()
		begun := time.Now()
		programtest.Eventually(t, time.Minute, "all tasks run after "+what, func() bool {
			s, err := p.Status()
			return err == nil && s.Connected && p.RunningTasks() == 12
		})
		t.Logf("%s: all tasks ran after %v, %d of them anew", what, time.Since(begun).Round(time.Millisecond), attemptsOf(p)-attempts)
		carriedSince(count + 3)
	}
	carriedSince(3)
	survives("an executor's end", func() {
		if err := clusterExecutors(t, framework)[0].Kill(); err != nil {
			t.Error(err)
		}
		programtest.Eventually(t, time.Minute, "the loss is noticed", func() bool { return p.RunningTasks() < 12 })
	})
	survives("an agent's restart", func() {
		victim := clusterExecutors(t, framework)[0]
		clustertest.Do(t, clustertest.KillAgent, victim.Agent)
		carriedSince(0)
		clustertest.Do(t, clustertest.StartAgent, victim.Agent)
	})
	survives("the end of agent and executor", func() {
		victim := clusterExecutors(t, framework)[0]
		clustertest.Do(t, clustertest.KillAgent, victim.Agent)
		if err := victim.Kill(); err != nil {
			t.Error(err)
		}
		clustertest.Do(t, clustertest.StartAgent, victim.Agent)
		programtest.Eventually(t, time.Minute, "the loss is noticed", func() bool { return p.RunningTasks() < 12 })
	})
	survives("the master's end", func() {
		clustertest.KillLeader(t)
		programtest.Eventually(t, time.Minute, "the loss is noticed", func() bool {
			s, err := p.Status()
			return err == nil && !s.Connected
		})
		if !strings.HasPrefix(clustertest.Named(), "zk://") { // there others are waiting to lead
			clustertest.Do(t, clustertest.StartMasters)
		}
	})
	clustertest.Do(t, clustertest.StartMasters)
	arrive(t, p, journal, framework, 80, excused)
}

func attemptsOf(p *programtest.Program) int {
	n := 0
	s, err := p.Status()
	if err != nil {
		return -1
	}
	for _, task := range s.Tasks {
		n += task.Attempt
	}
	return n
}

// A scheduler that is killed leaves everything running; its successor takes
// over from the state directory and ends the run in order.
func TestSuccessorOnCluster(t *testing.T) {
	master := clustertest.Master(t)
	dir := t.TempDir()
	args := []string{
		"run", "--master", master, "--ui", "never", "--http", "127.0.0.1:0", "--state-dir", dir, "--artifact", "127.0.0.1:0",
		"--advertise", "127.0.0.1", "--on-exit", "teardown", "--speed", "10", "--duration", "5m", "--log", filepath.Join(dir, "log"),
	}
	first := programtest.Start(t, args...)
	programtest.Eventually(t, 40*time.Second, "all tasks run", func() bool { return first.RunningTasks() == 12 })
	framework := frameworkID(first)
	before := clusterExecutors(t, framework)
	first.Kill()
	begun := time.Now()
	second := programtest.Start(t, args...)
	var found gotask.Status
	programtest.Eventually(t, 40*time.Second, "the successor finds all tasks running", func() bool {
		found, _ = second.Status()
		return second.RunningTasks() == 12
	})
	t.Logf("the successor found all tasks %v after its start", time.Since(begun).Round(time.Millisecond))
	if found.FrameworkID != framework || found.Epoch != 2 {
		t.Errorf("framework %s, epoch %d; want %s, 2", found.FrameworkID, found.Epoch, framework)
	}
	after := clusterExecutors(t, framework)
	if len(after) != len(before) || after[0].PID != before[0].PID {
		t.Errorf("executors %v were %v", after, before)
	}
	arrive(t, second, filepath.Join(dir, "journal.ndjson"), framework, 1, spotless)
}
