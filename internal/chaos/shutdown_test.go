package chaos

import (
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/localmesos/clustertest"
	"elevator/internal/programtest"
)

// By default any task's failure ends the whole system: within ten seconds, with
// exit code 1, all tasks gone from the master's books, and the calls and
// passengers left named.
func TestFailureEndsTheWholeSystem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		strike func(s *site, c *localCluster)
		says   string // on stderr
	}{
		{"an executor is killed", func(s *site, _ *localCluster) {
			s.signalExecutor(s.executors()[0], syscall.SIGKILL)
		}, `(car|floor)-\d.* on agent agent-\d.*REASON_EXECUTOR_TERMINATED.*with its executor ended`},
		{"all executors are killed", func(s *site, _ *localCluster) {
			for _, e := range s.executors() {
				s.signalExecutor(e, syscall.SIGKILL)
			}
		}, `(car|floor)-\d.* on agent agent-\d.*REASON_EXECUTOR_TERMINATED`},
		{"an agent is taken out of service", func(_ *site, c *localCluster) {
			c.must(c.mesos().RemoveAgent(0))
		}, `(car|floor)-\d.* on agent agent-1.*REASON_AGENT_REMOVED`},
		{"an agent is cut off for good", func(_ *site, c *localCluster) {
			c.freezeAgent("0")
		}, `(car|floor)-\d.* on agent agent-1`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cluster := newLocalCluster(t)
			s := newSite(t, cluster, t.TempDir(), "--on-task-failure", "shutdown", "--traffic", "two-way:60%")
			programtest.Eventually(t, 60*time.Second, "people ride and wait", func() bool { return s.carried() > 10 })
			framework := s.frameworkID()
			c.strike(s, cluster)
			// An agent that is only silent is given up after five pings.
			programtest.Eventually(t, 30*time.Second, "the failure is noticed", func() bool {
				_, ended := s.scheduler.Ended()
				return ended || s.scheduler.RunningTasks() < 12
			})
			noticed := time.Now()
			if code := s.scheduler.Wait(20 * time.Second); code != 1 {
				t.Errorf("exit code %d, want 1", code)
			}
			if took := time.Since(noticed); took > 10*time.Second {
				t.Errorf("the end took %v", took)
			}
			if text := s.scheduler.Stderr(); !regexp.MustCompile(c.says).MatchString(text) {
				t.Errorf("stderr does not say which task failed, where and why: %s", text)
			}
			s.namesWhoIsLeft()
			if tasks, known := cluster.mesos().Tasks()[framework]; known {
				t.Errorf("the master still has %d tasks of the framework", tasks)
			}
			if c.name == "an agent is cut off for good" {
				cluster.thawAgent("0") // it hears only now that its tasks are to end
			}
			programtest.Eventually(t, 10*time.Second, "no executor is left", func() bool { return len(clustertest.Executors(t, framework)) == 0 })
		})
	}
}

// namesWhoIsLeft holds what the scheduler said in the end against the journal:
// every passenger under way and every lit call.
func (s *site) namesWhoIsLeft() {
	s.t.Helper()
	events, err := programtest.Journal(filepath.Join(s.state, "journal.ndjson"))
	if err != nil {
		s.t.Fatal(err)
	}
	underWay, lit := make(map[string]bool), make(map[elevator.CallKey]bool)
	for _, e := range events {
		switch e.Kind {
		case elevator.PassengerArrived:
			underWay[strconv.Itoa(int(e.Passenger))] = true
		case elevator.PassengerAlighted:
			delete(underWay, strconv.Itoa(int(e.Passenger)))
		case elevator.LandingCallRegistered:
			lit[e.Call()] = true
		case elevator.LandingCallAnswered:
			delete(lit, e.Call())
		}
	}
	said := s.scheduler.Stdout()
	for _, found := range regexp.MustCompile(`left under way: passenger (\d+) to`).FindAllStringSubmatch(said, -1) {
		if !underWay[found[1]] {
			s.t.Errorf("passenger %s is said to be left but is not", found[1])
		}
		delete(underWay, found[1])
	}
	if len(underWay) > 0 {
		s.t.Errorf("the passengers %v are left and not named", underWay)
	}
	if named := len(regexp.MustCompile(`left unanswered: landing call`).FindAllString(said, -1)); named != len(lit) {
		s.t.Errorf("%d lit calls are named, %d are left", named, len(lit))
	}
}
