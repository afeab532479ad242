package chaos

import (
	"context"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"elevator/internal/localmesos/clustertest"
	"elevator/internal/operator"
	"elevator/internal/programtest"
)

// clocks are the wall clocks of a site's machines, all of them right at first.
type clocks struct {
	scheduler *programtest.Clock
	began     time.Duration                 // what that was set by when the present scheduler began
	cluster   *programtest.Clock            // of master and agents; nil: they are in the test's process
	agents    map[string]*programtest.Clock // of the executors of an agent; nil: they cannot be set
}

// haveClocks has the site run copies of the settable binaries in a directory.
func (s *site) haveClocks(binaries string) {
	s.t.Helper()
	s.binaries = copyBinaries(s.t, binaries)
	s.clocks = &clocks{scheduler: programtest.NewClock(s.t, s.binaries), agents: s.cluster.clocks()}
}

// copyBinaries links the settable binaries into a directory of the test's own, which
// has a clock of its own.
func copyBinaries(t testing.TB, from string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, name := range []string{"elevator-scheduler", "elevator-executor"} {
		if err := os.Link(filepath.Join(from, name), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// clockFaults set clocks under programs that run, and before a successor starts.
// Clocks stay as they are set: all that is struck later finds them so.
var clockFaults = []fault{
	{"clock of the scheduler's machine set", mostOfScheduler, 0, aClock, func(s *site, r *rand.Rand) (func(), func() error) {
		by := s.setClock(r, "scheduler", s.clocks.scheduler)
		return nil, s.tellsStep(by)
	}},
	{"clock of an agent's machine set", mostOfTask, 0, allClocks, func(s *site, r *rand.Rand) (func(), func() error) {
		agent := draw(r, slices.Sorted(maps.Keys(s.clocks.agents)))
		s.setClock(r, "executors of agent "+agent, s.clocks.agents[agent])
		return nil, nil
	}},
	{"all clocks set by the same", mostOfTask, 0, allClocks, func(s *site, r *rand.Rand) (func(), func() error) {
		by := s.setClock(r, "scheduler", s.clocks.scheduler)
		for _, clock := range s.clocks.agents {
			clock.Set(by)
		}
		if s.clocks.cluster != nil {
			s.clocks.cluster.Set(by)
		}
		return nil, s.tellsStep(by)
	}},
	{"all clocks set, each otherwise", mostOfTask, 0, allClocks, func(s *site, r *rand.Rand) (func(), func() error) {
		s.setAgentClocks(r)
		by := s.setClock(r, "scheduler", s.clocks.scheduler)
		return nil, s.tellsStep(by)
	}},
	{"scheduler killed, its machine's clock set", mostOfScheduler, 4 * time.Second, aClock, func(s *site, r *rand.Rand) (func(), func() error) {
		s.killScheduler()
		s.setClock(r, "scheduler", s.clocks.scheduler)
		return s.startScheduler, nil
	}},
	{"all clocks set, each otherwise, and all executors killed", mostOfTask, 0, allClocks, func(s *site, r *rand.Rand) (func(), func() error) {
		until := s.relaunched()
		s.setAgentClocks(r)
		by := s.setClock(r, "scheduler", s.clocks.scheduler)
		s.killExecutors()
		told := s.tellsStep(by)
		return nil, func() error {
			if err := until(); err != nil {
				return err
			}
			return told()
		}
	}},
}

// clusterClockSet sets the clock of a master and its agents.
var clusterClockSet = fault{"clock of master and agents set", mostOfTask, 0, allClocks, func(s *site, r *rand.Rand) (func(), func() error) {
	s.setClock(r, "master and agents", s.clocks.cluster)
	return nil, nil
}}

func (s *site) setAgentClocks(r *rand.Rand) {
	s.t.Helper()
	for _, agent := range slices.Sorted(maps.Keys(s.clocks.agents)) {
		s.setClock(r, "executors of agent "+agent, s.clocks.agents[agent])
	}
}

// setClock sets a clock by seconds, minutes, hours or a day, forward or back, and
// not much further from what is right than that.
func (s *site) setClock(r *rand.Rand, whose string, clock *programtest.Clock) (by time.Duration) {
	s.t.Helper()
	by = draw(r, []time.Duration{2 * time.Second, time.Minute, time.Hour, 24 * time.Hour})
	by += time.Duration(r.IntN(50)) * time.Second
	if clock.Step() > 0 || clock.Step() == 0 && r.IntN(2) == 0 {
		by = -by
	}
	clock.Set(by)
	s.victims.strike(mistimed, whose)
	s.victims.now = append(s.victims.now, fmt.Sprintf("by %v to %v", by, clock.Step()))
	return by
}

// tellsStep returns what reports, once the scheduler, its metrics and a desk tell
// that the clock was just set by so much, and that nothing else is wrong.
func (s *site) tellsStep(by time.Duration) func() error {
	s.t.Helper()
	way := "forward"
	if by < 0 {
		way = "back"
	}
	warning := fmt.Sprintf("this machine's clock was set %s by %v", way, by.Abs())
	gained := s.clocks.scheduler.Step() - s.clocks.began
	// Before the scheduler notices, too, nobody may take it for one that hangs.
	for range 20 {
		if err := s.operate(func(c *operator.Client) error { return c.Healthy(s.t.Context()) }); err != nil {
			s.t.Errorf("the clock was set by %v: /healthz: %v", by, err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	return func() error {
		var warnings []string
		err := s.operate(func(c *operator.Client) (err error) {
			warnings, err = c.Ready(s.t.Context())
			return err
		})
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(warnings, func(w string) bool { return strings.HasPrefix(w, warning) }) {
			return fmt.Errorf("/readyz warns of %q, want %q", warnings, warning)
		}
		metrics, err := s.scheduler.Metrics()
		if err != nil {
			return err
		}
		steps, offset := metrics["elevator_clock_steps_total"], metrics["elevator_clock_offset_seconds"]
		if steps < 1 || math.Abs(offset-gained.Seconds()) > 0.1 {
			return fmt.Errorf("the metrics tell %v steps, in all by %v s; want %v s", steps, offset, gained.Seconds())
		}
		ctx, cancel := context.WithTimeout(s.t.Context(), 10*time.Second)
		defer cancel()
		desk, err := exec.CommandContext(ctx, s.binary(), "dashboard", "--once", "--connect", s.scheduler.API()).CombinedOutput()
		if err != nil {
			return fmt.Errorf("a desk: %w: %s", err, desk)
		}
		if !strings.Contains(string(desk), warning) {
			return fmt.Errorf("a desk shows %s, want %q", desk, warning)
		}
		return nil
	}
}

// keptTime fails the test unless the building's time is what it has to be, whatever
// clocks show and whoever has died: speed times what passed since it began.
func (s *site) keptTime(strike string) {
	s.t.Helper()
	// Two machines' clocks are taken for the same where they nearly are.
	const most = 2 * time.Second
	began := s.events()[0].Detail.Header.WallTime // when all clocks were right
	passed := time.Since(began)
	var state operator.GroupState
	err := s.operate(func(c *operator.Client) (err error) {
		state, err = c.Group(s.t.Context())
		return err
	})
	if err != nil {
		s.t.Fatalf("%s: %v", strike, err)
	}
	shown := time.Duration(state.T / s.speed * float64(time.Second))
	if shown < passed-most || shown > time.Since(began)+most {
		s.t.Errorf("%s: the building's time is %v, want %v", strike,
			time.Duration(state.T*float64(time.Second)), time.Duration(float64(passed)*s.speed))
	}
}

// settableCluster is a master and two agents in one process of --master=local. All
// that can be done to it is to set clocks.
type settableCluster struct {
	cluster
	t       testing.TB
	program *programtest.Program
	state   string // directory
	clock   *programtest.Clock
}

// newSettableCluster starts one that has an empty building of its own besides.
func newSettableCluster(t testing.TB, binaries string) *settableCluster {
	t.Helper()
	c := &settableCluster{t: t, state: t.TempDir()}
	dir := copyBinaries(t, binaries)
	c.clock = programtest.NewClock(t, dir)
	c.program = programtest.StartBinary(t, filepath.Join(dir, "elevator-scheduler"), "run", "--ui", "never", "--http", "127.0.0.1:0", "--state-dir", c.state, "--traffic", "none")
	programtest.Eventually(t, 60*time.Second, "the cluster runs", func() bool { return c.program.API() != "" && c.program.Ready() == nil })
	return c
}

func (c *settableCluster) master() string {
	c.t.Helper()
	status, err := c.program.Status()
	if err != nil {
		c.t.Fatal(err)
	}
	return status.Master
}

func (c *settableCluster) clocks() map[string]*programtest.Clock {
	c.t.Helper()
	clocks := make(map[string]*programtest.Clock)
	for _, agent := range []string{"agent-1", "agent-2"} {
		clocks[agent] = programtest.NewClock(c.t, filepath.Join(c.state, "agents", agent))
	}
	return clocks
}

// The clocks of a whole cluster are set: that of master and agents, those of their
// executors, and that of a scheduler on a machine of its own.
func TestClocksOfACluster(t *testing.T) {
	if os.Getenv("ELEVATOR_SOAK") == "" {
		t.Skip("binaries whose clocks can be set take minutes to compile: ELEVATOR_SOAK=1 does")
	}
	if clustertest.Named() != "" {
		t.Skip("sets the clocks of a local cluster")
	}
	binaries := programtest.BuildSettable(t)
	c := newSettableCluster(t, binaries)
	s := &site{t: t, cluster: c, state: t.TempDir(), speed: usualSpeed, victims: newVictims()}
	s.haveClocks(binaries)
	s.clocks.cluster = c.clock
	s.openOnCluster("--duration", "20m", "--traffic", "two-way:25%")
	r, table := rand.New(rand.NewPCG(1, 9)), newTable()
	faults := append([]fault{clusterClockSet, schedulerKilled, executorKilled}, clockFaults...)
	var worst time.Duration
	for range 4 * len(faults) {
		worst = max(worst, s.suffer(s.victims.fault(r, faults), r, table))
	}
	judged := s.finish(s.lateness(worst))
	table.judged(judged)
	t.Logf("\n%s%s", table, s.victims)
	table.check(t)
	c.program.Signal(syscall.SIGTERM)
	if code := c.program.Wait(20 * time.Second); code != 0 {
		t.Errorf("the cluster ends with code %d: %s", code, c.program.Stderr())
	}
}
