package chaos

import (
	"maps"
	"math/rand/v2"
	"slices"
	"syscall"

	"elevator/internal/localmesos/clustertest"
)

// These strike one party each, or draw who is struck, and note whom by name.

func (s *site) killScheduler() {
	s.victims.strike(killed, "scheduler")
	s.scheduler.Kill()
}

func (s *site) killZooKeeper() {
	s.t.Helper()
	s.victims.strike(killed, "ZooKeeper")
	s.cluster.killZooKeeper()
}

func (s *site) killMaster(master string) {
	s.t.Helper()
	s.victims.strike(killed, "master "+master)
	s.cluster.killMaster(master)
}

func (s *site) freezeLeader() {
	s.t.Helper()
	leader := s.cluster.masters()[0]
	s.victims.strike(frozen, "master "+leader)
	s.cluster.freezeMaster(leader)
}

func (s *site) killAgent(agent string) {
	s.t.Helper()
	s.victims.strike(killed, "agent "+agent)
	s.cluster.killAgent(agent)
}

// killExecutors ends all executors and returns their agents' host:port.
func (s *site) killExecutors() (agents []string) {
	s.t.Helper()
	below := s.executorsBelow()
	agents = slices.Sorted(maps.Keys(below))
	for _, agent := range agents {
		for _, e := range below[agent] {
			s.victims.strike(killed, "executor of agent "+agent)
			s.signalExecutor(e, syscall.SIGKILL)
		}
	}
	return agents
}

// executorsBelow groups the executors by their agent's host:port.
func (s *site) executorsBelow() map[string][]clustertest.Process {
	s.t.Helper()
	below := make(map[string][]clustertest.Process)
	for _, e := range s.executors() {
		below[e.Agent] = append(below[e.Agent], e)
	}
	return below
}

// drawExecutor draws an executor, by its agent.
func (s *site) drawExecutor(r *rand.Rand, how deed) clustertest.Process {
	s.t.Helper()
	below := s.executorsBelow()
	return draw(r, below[s.victims.next(r, how, "executor of agent", slices.Sorted(maps.Keys(below)))])
}

// drawAgent draws an agent that has an executor.
func (s *site) drawAgent(r *rand.Rand, how deed) (agent string) {
	s.t.Helper()
	agents := slices.Sorted(maps.Keys(s.executorsBelow()))
	return s.cluster.below(s.victims.next(r, how, "agent", agents))
}

// drawStandby draws a master that does not lead.
func (s *site) drawStandby(r *rand.Rand, how deed) (master string) {
	s.t.Helper()
	masters := s.cluster.masters()
	if len(masters) < 2 {
		s.t.Fatalf("of the masters %v none stands by", masters)
	}
	return s.victims.next(r, how, "master", masters[1:])
}
