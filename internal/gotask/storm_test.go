package gotask_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"elevator/internal/gotask"
	"elevator/internal/localmesos"
)

const stormTasks = 100

// storm breaks a cluster at random while numbers go to all tasks and back, through several schedulers one after the other.
type storm struct {
	*app
	cluster *localmesos.Cluster
	random  *rand.Rand
	check   *streams
	names   []string
	epoch   int // of the present scheduler
	next    int // number to send to each task
	ended   int // attempts that were told to have ended

	recovered map[string][]time.Duration // by fault: how long until all tasks answered again
}

// until exchanges numbers until the condition holds.
func (s *storm) until(what string, holds func() bool) {
	s.t.Helper()
	deadline := time.NewTimer(90 * time.Second)
	defer deadline.Stop()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	var queue []gotask.TaskMsg
	for len(queue) > 0 || !holds() {
		var out chan<- gotask.TaskMsg
		var first gotask.TaskMsg
		if len(queue) > 0 {
			out, first = s.out, queue[0]
		}
		select {
		case out <- first:
			queue = queue[1:]
		case e, ok := <-s.events:
			if !ok {
				s.t.Fatalf("the system ended before %s", what)
			}
			s.note(e)
		case m := <-s.in:
			s.check.receive(m.TaskName, m.MessageData)
		case <-ticker.C:
			if len(queue) > 0 {
				continue // the machine is too slow for that rate
			}
			for _, name := range s.names {
				queue = append(queue, gotask.TaskMsg{TaskName: name, MessageData: fmt.Sprintf("%d %d", s.epoch, s.next)})
			}
			s.next++
		case <-deadline.C:
			s.t.Fatalf("not %s: %d numbers sent to each task, status %+v", what, s.next, s.s.Status())
		}
	}
}

func (s *storm) note(e gotask.SchedEvent) {
	switch e.Kind {
	case gotask.EventTaskFailed, gotask.EventTaskLost:
		s.ended++
	case gotask.EventTaskKilled, gotask.EventTaskFinished, gotask.EventError:
		s.t.Errorf("event: %+v", e)
	}
}

// recovery waits until every task has answered what is sent from now on.
func (s *storm) recovery(fault string, begun time.Time) {
	s.t.Helper()
	mark := s.next
	s.until("recovered from "+fault, func() bool {
		return s.next > mark && !slices.ContainsFunc(s.names, func(name string) bool {
			answer := s.check.last["got "+name]
			return answer.epoch < s.epoch || answer.n < mark
		})
	})
	s.recovered[fault] = append(s.recovered[fault], time.Since(begun))
}

// faults are what live schedulers go through.
var faults = []struct {
	name string
	do   func(s *storm) error
}{
	{"master restarted", func(s *storm) error { return s.cluster.RestartMaster() }},
	{"streams of the scheduler cut", func(s *storm) error { s.cluster.CutSchedulers(); return nil }},
	{"executor killed", func(s *storm) error { return s.killExecutor(s.random.IntN(100)) }},
	{"agent restarted", func(s *storm) error { return s.restartAgent(false) }},
	{"agent and executor killed", func(s *storm) error { return s.restartAgent(true) }},
}

func (s *storm) killExecutor(i int) error {
	all := s.cluster.Executors()
	if len(all) == 0 {
		return errors.New("no executor to kill")
	}
	return syscall.Kill(all[i%len(all)].PID, syscall.SIGKILL)
}

func (s *storm) restartAgent(withExecutor bool) error {
	agent := s.random.IntN(len(s.cluster.AgentIDs()))
	if err := s.cluster.StopAgent(agent); err != nil {
		return err
	}
	if withExecutor {
		for _, e := range s.cluster.Executors() {
			if e.Agent == agent {
				if err := syscall.Kill(e.PID, syscall.SIGKILL); err != nil {
					return err
				}
			}
		}
	}
	return s.cluster.StartAgent(agent)
}

// live is one scheduler's life: it goes through so many faults and ends; its tasks live on unless it is the last.
func (s *storm) live(config gotask.Config, specs []gotask.TaskSpec, faultsLeft int, last bool) {
	s.epoch, s.next = s.epoch+1, 0
	s.check.succeed()
	begun := time.Now()
	ctx, cancel := context.WithCancel(s.t.Context())
	defer cancel()
	err := localApp(ctx, s.t, config, func(base *app) {
		s.app = base
		name := "scheduler restarted"
		if s.epoch == 1 {
			name = "start"
		}
		before := s.check.again
		s.recovery(name, begun)
		if n := s.check.again - before; n > 0 {
			s.t.Errorf("%s: %d messages come again, although the predecessor ended in order", name, n)
		}
		order := s.random.Perm(len(faults))
		for i := range faultsLeft {
			fault := faults[order[i%len(order)]]
			begun := time.Now()
			if err := fault.do(s); err != nil {
				s.t.Fatal(fault.name, err)
			}
			s.recovery(fault.name, begun)
		}
		if !last {
			cancel()
			s.untilEnd() // what it takes from now on is taken
			for task, messages := range s.inbox {
				for _, data := range messages {
					s.check.receive(task, data)
				}
			}
		}
	}, specs...)
	if last && err != nil || !last && !errors.Is(err, context.Canceled) {
		s.t.Fatalf("Run: %v", err)
	}
}

// TestStorm breaks everything in turn under 100 tasks: no number is missing or comes twice within an attempt, and none is
// handed to two schedulers, since each ends in order. With ELEVATOR_SOAK it goes on for many lives.
func TestStorm(t *testing.T) {
	lives, each := 2, len(faults)
	if os.Getenv("ELEVATOR_SOAK") != "" {
		lives, each = 6, 2*len(faults)
	}
	c, config := onCluster(t, localmesos.Config{
		Agents: 4, Resources: localmesos.Resources{CPUs: 100, MemMB: 1 << 16},
		AllocationInterval: 100 * time.Millisecond, ReregistrationTimeout: 500 * time.Millisecond, ReregistrationDelay: 200 * time.Millisecond,
		SubscriptionBackoffMax: 200 * time.Millisecond,
	})
	config.Checkpoint = true
	config.OnExit = gotask.KeepOnExit
	config.State = gotask.NewFileStore(t.TempDir() + "/state.json")
	s := &storm{
		cluster: c, random: rand.New(rand.NewPCG(uint64(lives), 1)), check: newStreams(t), recovered: map[string][]time.Duration{},
	}
	s.app = &app{t: t}
	for i := range stormTasks {
		s.names = append(s.names, fmt.Sprintf("storm-%d", i))
	}
	specs := []gotask.TaskSpec{{Name: "storm", Type: "stream", Count: stormTasks, Args: []string{"200ms"}}}
	for life := range lives {
		s.live(config, specs, each, life == lives-1)
	}
	if s.check.lost > 0 && s.ended == 0 {
		t.Errorf("%d messages were lost and no attempt has ended", s.check.lost)
	}
	t.Logf("%d messages taken; %d lost with the %d attempts that ended", s.check.taken, s.check.lost, s.ended)
	for _, fault := range slices.Sorted(maps.Keys(s.recovered)) {
		times := s.recovered[fault]
		slices.Sort(times)
		t.Logf("%-30s all %d tasks answer after %v (median of %d), %v at most", fault, stormTasks,
			times[len(times)/2].Round(time.Millisecond), len(times), times[len(times)-1].Round(time.Millisecond))
	}
}
