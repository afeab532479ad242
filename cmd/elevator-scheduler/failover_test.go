package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/journal"
	"elevator/internal/localmesos"
	"elevator/internal/programtest"
)

// mostRecovery is how long a takeover may take on this machine. It takes a
// fifth of a second where the machine has time to spare.
const mostRecovery = 5 * time.Second

// succession is a run on a cluster that outlives its schedulers.
type succession struct {
	t       *testing.T
	cluster *localmesos.Cluster
	work    string // of the agents
	state   string
	args    []string
	late    time.Duration // by which events may be journaled after they happened, see programtest.Judge
}

func newSuccession(t *testing.T, args ...string) *succession {
	t.Helper()
	s := &succession{t: t, work: t.TempDir(), state: t.TempDir()}
	s.args = append([]string{
		"run", "--ui", "never", "--http", "127.0.0.1:0", "--state-dir", s.state,
		"--artifact", "127.0.0.1:0", "--advertise", "127.0.0.1", "--log", filepath.Join(s.state, "log"),
	}, args...)
	s.startCluster()
	return s
}

func (s *succession) startCluster() {
	s.t.Helper()
	cluster, err := localmesos.Start(s.t.Context(), localmesos.Config{WorkDir: s.work})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = cluster.Close() })
	s.cluster = cluster
}

// scheduler starts the next scheduler.
func (s *succession) scheduler(more ...string) *programtest.Program {
	s.t.Helper()
	return programtest.Start(s.t, append(append(s.args, "--master", s.cluster.MasterAddr()), more...)...)
}

// soFar reads the journal while it is being written: what cannot be read now,
// such as a file that is just getting another name, can be the next time.
func (s *succession) soFar() []elevator.Event {
	events, _ := programtest.Journal(filepath.Join(s.state, "journal.ndjson"))
	return events
}

// carried waits until so many more people have been carried.
func (s *succession) carried(more int) {
	s.t.Helper()
	count := func() (n int) {
		for _, e := range s.soFar() {
			if e.Kind == elevator.PassengerAlighted {
				n++
			}
		}
		return n
	}
	before := count()
	programtest.Eventually(s.t, 60*time.Second, "more people are carried", func() bool { return count() >= before+more })
}

// successor starts the next scheduler and waits until cars and landings write
// the journal again.
func (s *succession) successor() *programtest.Program {
	s.t.Helper()
	before := s.files()
	began := time.Now()
	p := s.scheduler()
	goesOn := func() bool {
		events := s.soFar()
		last := 0
		for i := range events {
			if events[i].Kind == elevator.BuildingLoaded {
				last = i
			}
		}
		return s.files() > before && slices.ContainsFunc(events[last:], func(e elevator.Event) bool {
			return e.Car != elevator.NoCar || e.Kind == elevator.PassengerArrived
		})
	}
	programtest.Eventually(s.t, 30*time.Second, "the journal goes on", goesOn)
	took := time.Since(began)
	s.t.Logf("the journal went on %v after the start of the successor", took.Round(time.Millisecond))
	if took > mostRecovery {
		s.t.Errorf("the recovery took %v, want less than %v", took, mostRecovery)
	}
	return p
}

// files counts the files of the journal.
func (s *succession) files() int {
	files, err := journal.Files(filepath.Join(s.state, "journal.ndjson"))
	if err != nil {
		s.t.Fatal(err)
	}
	return len(files)
}

// finish waits for the end of the run and judges its whole journal as a
// stranger would.
func (s *succession) finish(p *programtest.Program, least int) {
	s.t.Helper()
	if code := p.Wait(150 * time.Second); code != 0 {
		s.t.Errorf("exit code %d: %s", code, p.Stderr())
	}
	s.judge(least)
	programtest.Eventually(s.t, 10*time.Second, "no executor is left", func() bool { return len(programtest.Executors(s.t, s.work)) == 0 })
	if s.t.Failed() {
		if log, err := os.ReadFile(filepath.Join(s.state, "log")); err == nil {
			s.t.Logf("log:\n%s", programtest.Tail(string(log), 80))
		}
	}
}

func (s *succession) judge(least int) {
	s.t.Helper()
	judged := programtest.Judge(s.t, filepath.Join(s.state, "journal.ndjson"), s.late)
	judged.Whole(s.t)
	if judged.Carried < least {
		s.t.Errorf("%d passengers carried, want at least %d", judged.Carried, least)
	}
	s.t.Logf("%d passengers carried, %d events in %d files", judged.Carried, judged.Events, judged.Files)
}

// The scheduler is killed twice in the middle of the traffic. Cars and landings
// go on; its successors lose nobody and forget no call. A soak does it with more
// seeds, and with passengers who key in their destinations.
func TestSchedulerKilled(t *testing.T) {
	seeds, buildings := []string{"1", "2"}, []string{""}
	if os.Getenv("ELEVATOR_SOAK") != "" {
		seeds, buildings = append(seeds, "3", "4", "5", "6", "7", "8"), append(buildings, panels(t))
	}
	for _, building := range buildings {
		for _, seed := range seeds {
			t.Run("seed "+seed+" "+filepath.Base(building), func(t *testing.T) {
				t.Parallel()
				s := newSuccession(t, "--speed", "10", "--duration", "3m", "--seed", seed, "--traffic", "two-way:30%")
				if building != "" {
					s.args = append(s.args, "--building", building, "--dispatcher", "destination")
				}
				first := s.scheduler()
				s.carried(8)
				first.Kill()
				second := s.successor()
				s.carried(5)
				second.Kill()
				third := s.successor()
				s.finish(third, 30)
				if !strings.Contains(third.Stdout(), "goes on with a run at") {
					t.Errorf("said: %s", third.Stdout())
				}
			})
		}
	}
}

// panels returns the built-in building with destination panels at its landings.
func panels(t *testing.T) string {
	t.Helper()
	text, err := exec.Command(programtest.Path(t, "elevator-scheduler"), "building").Output()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "panels.yaml")
	with := strings.Replace(string(text), "signalling: conventional", "signalling: destination", 1)
	if err := os.WriteFile(path, []byte(with), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// A scheduler that is told to end keeps the tasks; nothing is sent twice to
// its successor, and other options than those of the run are refused.
func TestSchedulerToldToEndKeepsTheTasks(t *testing.T) {
	t.Parallel()
	s := newSuccession(t, "--speed", "10", "--duration", "150s", "--seed", "4")
	first := s.scheduler()
	s.carried(5)
	first.Signal(syscall.SIGTERM)
	if code := first.Wait(5 * time.Second); code != 0 {
		t.Fatalf("exit code %d: %s", code, first.Stderr())
	}
	if n := len(programtest.Executors(t, s.work)); n != 2 {
		t.Fatalf("%d executors live on, want 2", n)
	}
	for _, other := range [][]string{
		{"--speed", "20"},
		{"--seed", "5"},
		{"--traffic", "lunch"},
		{"--journal", filepath.Join(t.TempDir(), "other.ndjson")},
		{"--building", "../../internal/elevator/building/files/office14.yaml"},
	} {
		p := s.scheduler(other...)
		if code := p.Wait(5 * time.Second); code != exitBadInput || !strings.Contains(p.Stderr(), other[0]) {
			t.Errorf("%v: exit code %d: %s", other, code, p.Stderr())
		}
	}
	s.finish(s.successor(), 20)
}

// Half of the cars and landings die together with the scheduler.
func TestExecutorKilledWithScheduler(t *testing.T) {
	t.Parallel()
	s := newSuccession(t, "--speed", "10", "--duration", "150s", "--seed", "5", "--on-task-failure", "restart")
	first := s.scheduler()
	s.carried(8)
	if err := syscall.Kill(programtest.Executors(t, s.work)[0].PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	first.Kill()
	s.finish(s.successor(), 20)
}

// Everything dies, master and agents too: the tasks are launched anew, and what
// they were is in the journal alone.
func TestEverythingKilled(t *testing.T) {
	t.Parallel()
	s := newSuccession(t, "--speed", "10", "--duration", "150s", "--seed", "6", "--on-task-failure", "restart")
	first := s.scheduler()
	s.carried(8)
	first.Kill()
	if err := s.cluster.Close(); err != nil {
		t.Fatal(err)
	}
	s.startCluster()
	s.finish(s.scheduler(), 20)
	if s.files() != 2 {
		t.Errorf("the journal has %d files, want 2", s.files())
	}
}

// A run that is over is no run to go on with: the next one begins anew, and the
// old journal keeps its content under another name.
func TestNextRunSetsTheJournalAside(t *testing.T) {
	t.Parallel()
	s := newSuccession(t, "--speed", "50", "--duration", "20s")
	if code := s.scheduler().Wait(60 * time.Second); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	before, err := os.ReadFile(filepath.Join(s.state, "journal.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	if code := s.scheduler("--seed", "2").Wait(60 * time.Second); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	aside, err := filepath.Glob(filepath.Join(s.state, "journal-*.ndjson"))
	if err != nil || len(aside) != 1 {
		t.Fatalf("set aside: %v, %v", aside, err)
	}
	if after, err := os.ReadFile(aside[0]); err != nil || string(after) != string(before) {
		t.Errorf("%s is not the first run's journal: %v", aside[0], err)
	}
	s.judge(0)
}
