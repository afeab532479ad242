package chaos

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"elevator/internal/localmesos/clustertest"
	"elevator/internal/programtest"
)

// A building runs for a day at high speed, with a fault every quarter of a
// minute of ours. A third into it the binaries are replaced by those of another
// version, another third later by the first ones again; executors of both run
// side by side. Nothing that a process holds may grow with the time that it
// lives.
//
// ELEVATOR_TEST_OTHER_BINARIES names a directory with the other version's; by
// default they are built from the same source.
func TestLongRun(t *testing.T) {
	if clustertest.Named() != "" {
		t.Skip("watches the processes of a local cluster")
	}
	speed, duration, traffic, pause := 60, 25*time.Minute, "two-way:15%", 2*time.Second
	if os.Getenv("ELEVATOR_SOAK") != "" {
		speed, duration, traffic, pause = 110, 24*time.Hour, "office-day", 15*time.Second
	} else {
		t.Parallel()
	}
	other := os.Getenv("ELEVATOR_TEST_OTHER_BINARIES")
	if other == "" {
		other = programtest.Build(t, "other")
	}
	table := newTable()
	cluster := newLocalCluster(t)
	s := newSite(t, cluster, t.TempDir(), "--speed", fmt.Sprint(speed), "--duration", duration.String(), "--traffic", traffic)
	s.speed = float64(speed)
	held, stop := watch(s, time.Second)
	r := rand.New(rand.NewPCG(1, 24))
	third := duration / time.Duration(speed) / 3
	temporary := []string{s.scheduler.TempDir}
	var worst time.Duration
	for part := range 3 {
		until := s.began.Add(time.Duration(part+1) * third)
		if part == 2 {
			until = until.Add(-third / 4) // whoever was delayed arrives
		}
		worst = max(worst, s.strikeUntil(until, pause, r, table))
		if part < 2 {
			s.exchange([]string{other, ""}[part], table)
			temporary = append(temporary, s.scheduler.TempDir)
		}
	}
	judged := s.finishWithin(third+10*time.Minute, s.lateness(worst))
	stop()
	held.flat(t, judged.Events/3)
	s.leftovers(cluster.work, temporary)
	table.judged(judged)
	var size int64
	if info, err := os.Stat(s.journal()); err == nil {
		size = info.Size()
	}
	t.Logf("%v of the building's time; the last of %d journals has %d bytes\n%s", duration, judged.Files, size, table)
}

// strikeUntil strikes the site until the wall time given, with a pause after
// each strike, and returns how long the worst one lasted.
func (s *site) strikeUntil(until time.Time, pause time.Duration, r *rand.Rand, table *table) (worst time.Duration) {
	s.t.Helper()
	faults := []fault{
		executorKilled, executorFrozen, agentKilled, agentFrozen, masterKilled, linkCut, linkRefused, linkHalfOpen, linkSlow, messagesLost,
	}
	faults = append(faults, plantFaults...)
	for time.Until(until) > 2*pause {
		f := draw(r, faults)
		began := time.Now()
		mend, met := f.strike(s, r)
		if f.longest > 0 {
			time.Sleep(f.longest/10 + time.Duration(r.Int64N(int64(f.longest/2))))
		}
		if mend != nil {
			mend()
		}
		mended := time.Now()
		programtest.Eventually(s.t, time.Minute, "all tasks run after: "+f.name, func() bool {
			return s.scheduler.Ready() == nil && (met == nil || met() == nil)
		})
		table.strike(f, time.Since(mended))
		worst = max(worst, time.Since(began))
		time.Sleep(pause)
	}
	return worst
}

// exchange replaces the binaries: the scheduler is told to end, and its
// successor is of another version. The executors stay; one that dies afterwards
// is replaced by one of the new version.
func (s *site) exchange(binaries string, table *table) {
	s.t.Helper()
	before := s.attempts()
	s.scheduler.Signal(syscall.SIGTERM)
	if code := s.scheduler.Wait(10 * time.Second); code != 0 {
		s.t.Fatalf("exit code %d: %s", code, s.scheduler.Stderr())
	}
	began := time.Now()
	s.binaries = binaries
	s.startScheduler()
	programtest.Eventually(s.t, time.Minute, "the other version has taken over", func() bool { return s.scheduler.Ready() == nil })
	table.strike(fault{name: "other version", most: mostOfScheduler}, time.Since(began))
	if after := s.attempts(); after != before {
		s.t.Errorf("tasks were launched %d times before and %d times after the exchange: they were to stay", before, after)
	}
	executors := s.executors()
	until := s.relaunched()
	s.signalExecutor(executors[0], syscall.SIGKILL)
	programtest.Eventually(s.t, time.Minute, "tasks run in an executor of the other version", func() bool {
		return until() == nil && s.scheduler.Ready() == nil
	})
	if n := len(s.versions()); n != 2 {
		s.t.Errorf("executors of %d versions run side by side, want 2", n)
	}
}

// versions counts the executors by what their binary says it is.
func (s *site) versions() map[string]int {
	s.t.Helper()
	versions := make(map[string]int)
	for _, e := range s.executors() {
		version, err := exec.Command(fmt.Sprintf("/proc/%d/exe", e.PID), "--version").Output()
		if err != nil {
			s.t.Fatal(err)
		}
		versions[string(version)]++
	}
	return versions
}
