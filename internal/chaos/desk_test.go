package chaos

import (
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/programtest"
)

var (
	staleFor = regexp.MustCompile(`STALE (\d+)s`)
	leaves   = regexp.MustCompile(`passenger (\d+) leaves`)
)

// A desk that is cut off from the scheduler says so, with the age of what it
// shows, and goes on without a gap when the link is back.
func TestDeskBehindACutCable(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	n.open("--duration", "5m", "--traffic", "two-way:25%")
	program := programtest.Path(t, "elevator-scheduler")
	screen := programtest.NewScreenOn(t, n.desk, 120, 40, program, "dashboard", "--connect", n.scheduler.API())
	lines := programtest.StartOn(t, n.desk, program, "dashboard", "--connect", n.scheduler.API())
	screen.Shows(20*time.Second, "LIVE", "12 of 12 running")
	before := n.carried()
	programtest.Eventually(t, 20*time.Second, "the desk sees somebody leave", func() bool { return leaves.MatchString(lines.Stdout()) })

	n.schedulerDesk.Cut()
	screen.Shows(20*time.Second, "STALE")
	ages := func(least int) func() bool {
		return func() bool {
			found := staleFor.FindStringSubmatch(screen.Text())
			if found == nil {
				return false
			}
			age, err := strconv.Atoi(found[1])
			return err == nil && age >= least
		}
	}
	programtest.Eventually(t, 15*time.Second, "the age of what is shown grows", ages(8))
	programtest.Eventually(t, 30*time.Second, "the building goes on", func() bool { return n.carried() > before+3 })
	n.schedulerDesk.Mend()
	mended := time.Now()
	screen.Shows(mostOfTask, "LIVE")
	t.Logf("live again after %v", time.Since(mended).Round(time.Millisecond))

	judged := n.finish(0)
	var left []string
	events, err := programtest.Journal(n.journal())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if e.Kind == elevator.PassengerAlighted {
			left = append(left, strconv.Itoa(int(e.Passenger)))
		}
	}
	var seen []string
	programtest.Eventually(t, 10*time.Second, "the desk has seen the last passenger leave", func() bool {
		seen = nil
		for _, found := range leaves.FindAllStringSubmatch(lines.Stdout(), -1) {
			seen = append(seen, found[1])
		}
		return slices.Contains(seen, left[len(left)-1])
	})
	if missed := left[len(left)-len(seen):]; !slices.Equal(seen, missed) {
		t.Errorf("the desk saw %v leave, want %v", seen, missed)
	}
	t.Logf("%d of %d passengers seen leaving", len(seen), judged.Carried)
}

// An agent cannot fetch the executor, because the way to the scheduler is cut.
// The building opens once it is back.
func TestArtifactBehindACutCable(t *testing.T) {
	t.Parallel()
	programtest.Path(t, "elevator-executor") // its building shall not count
	n := newNetwork(t)
	const cut = 5 * time.Second
	n.agentScheduler[0].Cut()
	began := time.Now()
	mending := time.AfterFunc(cut, n.agentScheduler[0].Mend)
	defer mending.Stop()
	n.open("--duration", "1m", "--traffic", "two-way:25%")
	took := time.Since(began) - cut
	if took < 0 || took > mostOfTask {
		t.Errorf("the building opened %v after the link was back, want less than %v", took, mostOfTask)
	}
	t.Logf("the building opened %v after the link was back", took.Round(time.Millisecond))
	n.finish(0)
}
