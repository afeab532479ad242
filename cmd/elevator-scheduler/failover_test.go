package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/sim/simtest"
	"elevator/internal/journal"
	"elevator/internal/localmesos"
)

// succession is a run on a cluster that outlives its schedulers.
type succession struct {
	t       *testing.T
	cluster *localmesos.Cluster
	work    string // of the agents
	state   string
	args    []string
}

func newSuccession(t *testing.T, args ...string) *succession {
	t.Helper()
	s := &succession{t: t, work: t.TempDir(), state: t.TempDir()}
	s.args = append([]string{"run", "--ui", "never", "--http", "127.0.0.1:0", "--state-dir", s.state,
		"--artifact", "127.0.0.1:0", "--advertise", "127.0.0.1", "--log", filepath.Join(s.state, "log")}, args...)
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
func (s *succession) scheduler(more ...string) *program {
	s.t.Helper()
	return start(s.t, append(append(s.args, "--master", s.cluster.MasterAddr()), more...)...)
}

// events reads the journal, with all files that it was continued from. While it
// is being written its last line may be missing.
func (s *succession) events() []elevator.Event {
	s.t.Helper()
	reader, err := journal.Open(filepath.Join(s.state, "journal.ndjson"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		s.t.Fatal(err)
	}
	defer reader.Close()
	var events []elevator.Event
	for {
		e, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return events
		}
		if err != nil {
			s.t.Fatal(err)
		}
		events = append(events, e)
	}
}

// carried waits until so many more people have been carried.
func (s *succession) carried(more int) {
	s.t.Helper()
	count := func() (n int) {
		for _, e := range s.events() {
			if e.Kind == elevator.PassengerAlighted {
				n++
			}
		}
		return n
	}
	before := count()
	eventually(s.t, 60*time.Second, "more people are carried", func() bool { return count() >= before+more })
}

// kill ends a scheduler at once.
func (s *succession) kill(p *program) {
	s.t.Helper()
	p.signal(syscall.SIGKILL)
	<-p.ended
}

// successor starts the next scheduler and waits until cars and landings write
// the journal again.
func (s *succession) successor() *program {
	s.t.Helper()
	before := s.files()
	began := time.Now()
	p := s.scheduler()
	goesOn := func() bool {
		events := s.events()
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
	eventually(s.t, 30*time.Second, "the journal goes on", goesOn)
	took := time.Since(began)
	s.t.Logf("the journal went on %v after the start of the successor", took.Round(time.Millisecond))
	if took > 5*time.Second {
		s.t.Errorf("the recovery took %v, want less than 5 s", took)
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
func (s *succession) finish(p *program, least int) {
	s.t.Helper()
	if code := p.wait(150 * time.Second); code != 0 {
		s.t.Errorf("exit code %d: %s", code, p.err.String())
	}
	s.judge(least)
	if left := executors(s.t, s.work); len(left) > 0 {
		s.t.Errorf("executors left: %v", left)
	}
	if s.t.Failed() {
		if log, err := os.ReadFile(filepath.Join(s.state, "log")); err == nil {
			s.t.Logf("log:\n%s", tail(string(log), 80))
		}
	}
}

func (s *succession) judge(least int) {
	s.t.Helper()
	events := s.events()
	if len(events) == 0 || events[0].Kind != elevator.BuildingLoaded {
		s.t.Fatal("no journal")
	}
	header := events[0].Detail.Header
	checker := simtest.NewChecker(header.Building)
	carried, files := 0, 0
	for i := range events {
		e := &events[i]
		checker.Event(e)
		switch e.Kind {
		case elevator.BuildingLoaded:
			files++
			if h := e.Detail.Header; !h.WallTime.Equal(header.WallTime) || h.Speed != header.Speed {
				s.t.Errorf("the clock began %v, speed %v; the journal goes on with %v, %v", header.WallTime, header.Speed, h.WallTime, h.Speed)
			}
			if files > 1 && (i+1 == len(events) || events[i+1].Kind != elevator.SnapshotTaken) {
				s.t.Error("a file that continues another has no snapshot")
			}
		case elevator.PassengerAlighted:
			carried++
		}
	}
	if err := checker.End(); err != nil {
		s.t.Error(err)
	}
	if carried < least {
		s.t.Errorf("%d passengers carried, want at least %d", carried, least)
	}
	s.t.Logf("%d passengers carried, %d events in %d files", carried, len(events), files)
}

// The scheduler is killed twice in the middle of the traffic. Cars and landings
// go on; its successors lose nobody and forget no call.
func TestSchedulerKilled(t *testing.T) {
	for _, seed := range []string{"1", "2", "3"} {
		t.Run("seed "+seed, func(t *testing.T) {
			t.Parallel()
			s := newSuccession(t, "--speed", "10", "--duration", "5m", "--seed", seed, "--traffic", "two-way:25%")
			first := s.scheduler()
			s.carried(10)
			s.kill(first)
			second := s.successor()
			s.carried(5)
			s.kill(second)
			third := s.successor()
			s.finish(third, 30)
			if !strings.Contains(third.out.String(), "goes on with a run at") {
				t.Errorf("said: %s", third.out.String())
			}
		})
	}
}
