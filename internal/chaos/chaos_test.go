package chaos

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/localmesos/clustertest"
	"elevator/internal/programtest"
)

// Buildings are struck again and again; whatever dies, nobody is forgotten. One
// short round in every test, all of them in a soak. A failing round is repeated
// by the command that it prints.
func TestChaos(t *testing.T) {
	rounds, length := []uint64{1}, 30*time.Second
	if os.Getenv("ELEVATOR_SOAK") != "" {
		rounds, length = make([]uint64, 12), 2*time.Minute
		for i := range rounds {
			rounds[i] = uint64(i + 1)
		}
	}
	binaries := "" // whose clocks cannot be set: the others' take minutes to compile
	if os.Getenv("ELEVATOR_SOAK") != "" {
		binaries = programtest.BuildSettable(t)
	}
	table := newTable()
	named := newVictims() // all rounds strike the same cluster, where one is named
	t.Run("rounds", func(t *testing.T) {
		for _, seed := range rounds {
			t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
				victims := named
				if clustertest.Named() == "" {
					t.Parallel()
					victims = newVictims()
				}
				round(t, seed, length, binaries, victims, table)
			})
		}
	})
	t.Logf("\n%s", table)
	if clustertest.Named() == "" { // another cluster takes its own time
		table.check(t)
	} else if os.Getenv("ELEVATOR_SOAK") != "" {
		named.everybody(t, 2)
	}
}

// round runs a building for about the time given and strikes it all the while. The
// clocks of settable binaries, where a directory of them is given, are set, too.
func round(t *testing.T, seed uint64, length time.Duration, binaries string, victims *victims, table *table) {
	t.Cleanup(func() {
		if !t.Failed() {
			return
		}
		soak := ""
		if os.Getenv("ELEVATOR_SOAK") != "" {
			soak = "ELEVATOR_SOAK=1 "
		}
		name := t.Name()
		if clustertest.Named() != "" { // whose turn it was depends on the rounds before
			name = strings.Split(name, "/")[0]
		}
		t.Logf("repeat with: %sgo test ./internal/chaos -run '%s$' -count 1", soak, name)
	})
	r := rand.New(rand.NewPCG(seed, 7))
	// After the strikes everybody who has arrived has to be carried.
	const rest = 15 * time.Second
	duration := (length + rest) * usualSpeed
	s := &site{t: t, cluster: newCluster(t), state: t.TempDir(), speed: usualSpeed, victims: victims}
	if binaries != "" {
		s.haveClocks(binaries)
	}
	s.openOnCluster("--duration", duration.String(), "--seed", fmt.Sprint(seed), "--traffic", "two-way:25%")
	began := time.Now()
	var worst time.Duration
	for time.Since(began) < length {
		took := s.suffer(victims.fault(r, s.possible(faults())), r, table)
		worst = max(worst, took)
	}
	judged := s.finish(s.lateness(worst))
	t.Logf("%d passengers carried, %d events in %d journals\n%s", judged.Carried, judged.Events, judged.Files, victims)
	table.judged(judged)
}

// lateness is by how much a journaled time may be wrong, in the building's
// time, where a strike lasted so long in wall time.
func (s *site) lateness(wall time.Duration) time.Duration {
	return time.Duration(float64(wall) * s.speed)
}

func newCluster(t *testing.T) cluster {
	t.Helper()
	if clustertest.Named() == "" {
		return newLocalCluster(t)
	}
	clustertest.Controlled(t)
	return &namedCluster{t}
}

// possible leaves those faults that can be had here.
func (s *site) possible(all []fault) (these []fault) {
	for _, f := range all {
		switch {
		case f.needs == aLink && s.link == nil, f.needs == aLocal && clustertest.Named() != "", f.needs == aZooKeeper && !zooKeeper(),
			f.needs == aClock && s.clocks == nil, f.needs == allClocks && (s.clocks == nil || s.clocks.agents == nil):
		default:
			these = append(these, f)
		}
	}
	return these
}

// suffer strikes the building once, waits until all is normal, and returns how
// long it took from the strike on.
func (s *site) suffer(f fault, r *rand.Rand, table *table) time.Duration {
	s.t.Helper()
	before, lit := s.carried(), s.lit(0)
	began := time.Now()
	mend, until := f.strike(s, r)
	if f.longest > 0 {
		time.Sleep(f.longest/10 + time.Duration(r.Int64N(int64(f.longest*9/10))))
	}
	if mend != nil {
		mend()
	}
	took, err := s.recovery(until)
	if err != nil {
		s.t.Fatalf("%s: %v", f.name, err)
	}
	whole := time.Since(began)
	s.t.Logf("%8s after the start of the round: %s%s, normal again after %v", time.Since(s.began).Round(100*time.Millisecond), f.name, s.victims.mention(), took.Round(time.Millisecond))
	table.strike(f, took)
	// Passengers travel between two strikes.
	programtest.Eventually(s.t, 20*time.Second, f.name+": people are carried after it", func() bool { return s.carried() >= before+2 })
	s.answered(lit, f.name)
	if s.clocks != nil {
		s.keptTime(f.name)
	}
	return whole
}

// lit returns the calls that are lit, each with the number of the event that
// registered it, as far as that is at most upTo; 0: of all.
func (s *site) lit(upTo uint64) map[elevator.CallKey]uint64 {
	calls := make(map[elevator.CallKey]uint64)
	for _, e := range s.events() {
		switch {
		case e.Kind == elevator.LandingCallAnswered:
			delete(calls, e.Call())
		case e.Kind == elevator.LandingCallRegistered && (upTo == 0 || e.Seq <= upTo):
			calls[e.Call()] = e.Seq
		}
	}
	return calls
}

// answered waits until the calls that were lit before a strike are answered.
func (s *site) answered(lit map[elevator.CallKey]uint64, strike string) {
	s.t.Helper()
	var upTo uint64
	for _, seq := range lit {
		upTo = max(upTo, seq)
	}
	for deadline := time.Now().Add(20 * time.Second); upTo > 0; time.Sleep(100 * time.Millisecond) {
		left := s.lit(upTo)
		if len(left) == 0 {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("%s: calls that were lit before it are still not answered after 20 s: %v", strike, left)
		}
	}
}
