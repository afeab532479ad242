package chaos

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"syscall"
	"time"

	"elevator/internal/localmesos/clustertest"
	"elevator/internal/operator"
)

// fault is one way to break a building: a row of the table.
type fault struct {
	name string
	// most is how long, in wall time, it may take on a local cluster until all is
	// normal again once the fault has been mended.
	most time.Duration
	// longest bounds how long the fault lasts; 0: it is over at once.
	longest time.Duration
	needs   need
	// strike breaks something, drawn from r where there is a choice. It returns
	// what mends it, and what else has to come true before all is normal again;
	// both may be nil.
	strike func(s *site, r *rand.Rand) (mend func(), until func() error)
}

// need says where a fault can be had.
type need int

const (
	anywhere   need = iota
	aLink           // a master that is reached through a relay
	aLocal          // a cluster of the test's own
	aZooKeeper      // masters that elect each other behind a ZooKeeper
	aClock          // a scheduler whose machine's clock can be set
	allClocks       // executors whose machines' clocks can be set, too
)

const (
	mostOfTask       = 5 * time.Second  // until a car's or a floor's task runs again
	mostOfScheduler  = 5 * time.Second  // until a successor has taken over
	mostOfEverything = 15 * time.Second // until all that died together is back
)

var (
	executorKilled = fault{"executor killed", mostOfTask, 0, anywhere, func(s *site, r *rand.Rand) (func(), func() error) {
		until := s.relaunched()
		s.signalExecutor(s.drawExecutor(r, killed), syscall.SIGKILL)
		return nil, until
	}}
	executorsKilled = fault{"all executors killed", mostOfTask, 0, anywhere, func(s *site, _ *rand.Rand) (func(), func() error) {
		until := s.relaunched()
		s.killExecutors()
		return nil, until
	}}
	executorFrozen = fault{"executor frozen", mostOfTask, 4 * time.Second, anywhere, func(s *site, r *rand.Rand) (func(), func() error) {
		e := s.drawExecutor(r, frozen)
		s.signalExecutor(e, syscall.SIGSTOP)
		return func() { s.signalExecutor(e, syscall.SIGCONT) }, nil
	}}
	agentKilled = fault{"agent killed", mostOfTask, 4 * time.Second, anywhere, func(s *site, r *rand.Rand) (func(), func() error) {
		agent := s.drawAgent(r, killed)
		s.cluster.killAgent(agent)
		return func() { s.cluster.startAgent(agent) }, nil
	}}
	agentFrozen = fault{"agent frozen", mostOfTask, 4 * time.Second, anywhere, func(s *site, r *rand.Rand) (func(), func() error) {
		agent := s.drawAgent(r, frozen)
		s.cluster.freezeAgent(agent)
		return func() { s.cluster.thawAgent(agent) }, nil
	}}
	masterKilled = fault{"master killed", mostOfTask, 4 * time.Second, anywhere, func(s *site, _ *rand.Rand) (func(), func() error) {
		s.killMaster(s.cluster.masters()[0])
		return s.cluster.startMasters, nil
	}}
	standbyKilled = fault{"standby master killed", mostOfTask, 4 * time.Second, aZooKeeper, func(s *site, r *rand.Rand) (func(), func() error) {
		s.cluster.killMaster(s.drawStandby(r, killed))
		return s.cluster.startMasters, nil
	}}
	masterFrozen = fault{"master frozen", mostOfTask, 4 * time.Second, anywhere, func(s *site, _ *rand.Rand) (func(), func() error) {
		s.freezeLeader()
		return s.cluster.thawMasters, nil
	}}
	masterFrozenLong = fault{"master frozen until it is given up", mostOfTask, 4 * time.Second, anywhere, func(s *site, _ *rand.Rand) (func(), func() error) {
		s.freezeLeader()
		time.Sleep(s.cluster.masterGivenUp())
		return s.cluster.thawMasters, nil
	}}
	zooKeeperKilled = fault{"ZooKeeper killed", mostOfTask, 8 * time.Second, aZooKeeper, func(s *site, _ *rand.Rand) (func(), func() error) {
		s.killZooKeeper()
		return s.cluster.startZooKeeper, nil
	}}
	zooKeeperKilledLong = fault{"ZooKeeper killed until sessions end", mostOfTask, 8 * time.Second, aZooKeeper, func(s *site, _ *rand.Rand) (func(), func() error) {
		s.killZooKeeper()
		time.Sleep(s.cluster.masterGivenUp())
		return s.cluster.startZooKeeper, nil
	}}
	schedulerKilled = fault{"scheduler killed", mostOfScheduler, 4 * time.Second, anywhere, func(s *site, _ *rand.Rand) (func(), func() error) {
		s.killScheduler()
		return s.startScheduler, nil
	}}
	journalSpoilt = fault{"scheduler killed, journal's end torn or a bit of it flipped", mostOfScheduler, 4 * time.Second, anywhere, func(s *site, r *rand.Rand) (func(), func() error) {
		s.killScheduler()
		s.spoilJournal(r)
		return s.startScheduler, nil
	}}
	schedulerFrozen = fault{"scheduler frozen", mostOfScheduler, 6 * time.Second, anywhere, func(s *site, _ *rand.Rand) (func(), func() error) {
		s.victims.strike(frozen, "scheduler")
		s.scheduler.Signal(syscall.SIGSTOP)
		return func() { s.scheduler.Signal(syscall.SIGCONT) }, nil
	}}

	executorsCut = fault{"connections of an agent to its executors cut", mostOfTask, 0, anywhere, func(s *site, r *rand.Rand) (func(), func() error) {
		s.cluster.cutExecutors(s.drawAgent(r, cutOff))
		return nil, nil
	}}
	linkCut = fault{"connections to the master cut", mostOfTask, 0, aLink, func(s *site, _ *rand.Rand) (func(), func() error) {
		s.link.cut()
		return nil, nil
	}}
	linkRefused = fault{"master out of reach", mostOfTask, 4 * time.Second, aLink, func(s *site, _ *rand.Rand) (func(), func() error) {
		s.link.refuse(true)
		return func() { s.link.refuse(false) }, nil
	}}
	linkHalfOpen = fault{"connections to the master half-open", mostOfTask, 8 * time.Second, aLink, func(s *site, _ *rand.Rand) (func(), func() error) {
		s.link.stall(true)
		return func() { s.link.stall(false) }, nil
	}}
	linkSlow = fault{"connections to the master slow", mostOfTask, 4 * time.Second, aLink, func(s *site, r *rand.Rand) (func(), func() error) {
		s.link.slow(time.Duration(50+r.IntN(450)) * time.Millisecond)
		return func() { s.link.slow(0) }, nil
	}}
	messagesLost = fault{"messages lost and delayed", mostOfTask, 6 * time.Second, aLocal, func(s *site, r *rand.Rand) (func(), func() error) {
		s.cluster.loseMessages(r.Float64()/2, time.Duration(r.IntN(300))*time.Millisecond)
		return func() { s.cluster.loseMessages(0, 0) }, nil
	}}

	everythingKilled = fault{"everything killed", mostOfEverything, 2 * time.Second, anywhere, func(s *site, _ *rand.Rand) (func(), func() error) {
		s.killScheduler()
		agents := s.killExecutors()
		return s.powerCut(agents), nil
	}}
)

// plantFaults stick a motor, a door and the load cell of a car.
var plantFaults = []fault{
	plantFault("motor sticks", "drive-and-motor"),
	plantFault("door does not close", "door-closing"),
	plantFault("door does not open", "door-opening"),
	plantFault("load cell wrong", "load-measurement"),
}

func plantFault(name, signal string) fault {
	return fault{name, mostOfTask, 4 * time.Second, anywhere, func(s *site, r *rand.Rand) (func(), func() error) {
		car := s.victims.next(r, stuck, "car", []string{"A", "B", "C", "D"})
		s.drill(car, signal, true)
		healthy := func() error {
			return s.operate(func(client *operator.Client) error {
				state, err := client.Group(s.t.Context())
				if err != nil {
					return err
				}
				for _, c := range state.Cars {
					if c.Name == car && len(c.Faults) > 0 {
						return fmt.Errorf("car %s still has %v", car, c.Faults)
					}
				}
				return nil
			})
		}
		return func() { s.drill(car, signal, false) }, healthy
	}}
}

// single are the faults that strike one party; pairs of them strike together.
var single = []fault{executorKilled, executorFrozen, agentKilled, agentFrozen, masterKilled, masterFrozen, schedulerKilled, schedulerFrozen}

// faults are all rows of the table.
func faults() []fault {
	all := append([]fault{}, single...)
	all = append(all, journalSpoilt, executorsKilled, executorsCut, standbyKilled, masterFrozenLong, zooKeeperKilled, zooKeeperKilledLong, linkCut, linkRefused, linkHalfOpen, linkSlow, messagesLost)
	all = append(all, plantFaults...)
	all = append(all, clockFaults...)
	return append(all, everythingKilled, pair)
}

// pair strikes two different parties within an instant, and mends them in
// either order.
var pair = fault{name: "two at once", most: mostOfEverything, longest: 4 * time.Second, needs: anywhere, strike: strikePair}

func strikePair(s *site, r *rand.Rand) (func(), func() error) {
	i := r.IntN(len(single))
	j := (i + 1 + r.IntN(len(single)-1)) % len(single)
	for !compatible(single[i].name, single[j].name) {
		j = (j + 1) % len(single)
		if j == i {
			j = (j + 1) % len(single)
		}
	}
	first, second := single[min(i, j)], single[max(i, j)]
	s.t.Logf("two at once: %s, %s", first.name, second.name)
	mendFirst, untilFirst := first.strike(s, r)
	mendSecond, untilSecond := second.strike(s, r)
	mends := []func(){mendFirst, mendSecond}
	r.Shuffle(2, func(i, j int) { mends[i], mends[j] = mends[j], mends[i] })
	return func() {
			for _, mend := range mends {
				if mend != nil {
					mend()
				}
			}
		}, func() error {
			for _, until := range []func() error{untilFirst, untilSecond} {
				if until == nil {
					continue
				}
				if err := until(); err != nil {
					return err
				}
			}
			return nil
		}
}

// compatible reports whether the second can be struck after the first: nobody
// is both dead and frozen.
func compatible(a, b string) bool {
	return a[:5] != b[:5] // execu…, agent…, maste…, sched…
}

// draw takes one of the choices.
func draw[T any](r *rand.Rand, choices []T) T { return choices[r.IntN(len(choices))] }

// relaunched returns what reports, once tasks of executors that are about to
// die have been launched again.
func (s *site) relaunched() func() error {
	before := s.attempts()
	return func() error {
		if now := s.attempts(); now <= before {
			return fmt.Errorf("no task was launched again: %d attempts", now)
		}
		return nil
	}
}

// attempts counts the launches of all tasks; 0 while the scheduler does not
// answer.
func (s *site) attempts() (n int) {
	status, err := s.scheduler.Status()
	if err != nil {
		return 0
	}
	for _, t := range status.Tasks {
		n += t.Attempt
	}
	return n
}

// spoilJournal does to the last line of the journal what a machine may that
// dies: a part of it is missing, or one bit is another.
func (s *site) spoilJournal(r *rand.Rand) {
	s.t.Helper()
	text, err := os.ReadFile(s.journal())
	if err != nil {
		s.t.Fatal(err)
	}
	last := bytes.LastIndexByte(bytes.TrimSuffix(text, []byte("\n")), '\n') + 1
	at := last + r.IntN(len(text)-last)
	if bytes.Count(text, []byte("\n")) <= 2 {
		return // building and snapshot alone, which were synced before the file had its name
	}
	if r.IntN(2) == 0 {
		s.t.Logf("the journal's last line is torn after %d of %d bytes", at-last, len(text)-last)
		err = os.Truncate(s.journal(), int64(at))
	} else {
		bit := r.IntN(8)
		s.t.Logf("bit %d of byte %d of the journal's last line is flipped", bit, at-last)
		text[at] ^= 1 << bit
		err = os.WriteFile(s.journal(), text, 0o644)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// powerCut ends masters, ZooKeeper and the agents at host:port, whose executors
// are dead, and returns what brings them and a scheduler back.
func (s *site) powerCut(agents []string) (mend func()) {
	if clustertest.Named() == "" {
		return func() {
			s.cluster.powerOff()
			s.startScheduler()
		}
	}
	for _, agent := range agents {
		s.killAgent(agent)
	}
	for _, master := range s.cluster.masters() {
		s.killMaster(master)
	}
	if zooKeeper() {
		s.killZooKeeper()
	}
	return func() {
		if zooKeeper() {
			s.cluster.startZooKeeper()
		}
		s.cluster.startMasters()
		for _, agent := range agents {
			s.cluster.startAgent(agent)
		}
		s.startScheduler()
	}
}

// drill has the operators raise or clear a car's fault.
func (s *site) drill(car, signal string, on bool) {
	s.t.Helper()
	err := s.operate(func(c *operator.Client) error {
		_, err := c.Command(s.t.Context(), operator.Command{Name: "fault", Car: car, Fault: signal, On: &on})
		return err
	})
	if err != nil {
		s.t.Fatalf("fault %s of car %s %v: %v", signal, car, on, err)
	}
}
