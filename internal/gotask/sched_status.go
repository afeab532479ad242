package gotask

import (
	"maps"
	"slices"
	"time"
)

// Status returns a snapshot.
func (s *GoTaskScheduler) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	st := Status{
		FrameworkID: s.frameworkID, Epoch: s.epoch, Master: s.master, MasterVersion: s.masterVersion, Connected: s.connected,
		Tasks: []TaskStatus{}, Agents: []AgentStatus{}, Offers: []OfferStatus{}, Executors: s.executorStatus(),
	}
	if s.saveErr != nil {
		st.Unsaved = s.saveErr.Error()
	}
	agents := map[string]*AgentStatus{}
	agent := func(id string) *AgentStatus {
		if agents[id] == nil {
			agents[id] = &AgentStatus{AgentRef: s.agentRef(id)}
		}
		return agents[id]
	}
	for _, t := range s.order {
		ts := TaskStatus{
			Name: t.name, State: t.state, Attempt: t.attempt, Agent: t.agent, Since: t.since,
			Silent: t.silent, Unheard: s.unheard(now, t), Pending: t.pending, Reason: t.reason, Text: t.text,
		}
		if t.attempt > 0 {
			ts.ID = t.id()
		}
		st.Tasks = append(st.Tasks, ts)
		if t.live() {
			a := agent(t.agent.ID)
			a.Tasks++
			a.Executor = t.exec
		}
	}
	for _, id := range s.offers.ids() {
		h := s.offers.held[id]
		o := OfferStatus{ID: id, Agent: agent(h.offer.AgentID.Value).AgentRef, Since: h.since}
		for _, r := range h.offer.Resources {
			switch r.Name {
			case "cpus":
				o.CPUs += r.GetScalar().GetValue()
			case "mem":
				o.MemMB += r.GetScalar().GetValue()
			case "disk":
				o.DiskMB += r.GetScalar().GetValue()
			}
		}
		st.Offers = append(st.Offers, o)
	}
	for _, id := range slices.Sorted(maps.Keys(agents)) {
		st.Agents = append(st.Agents, *agents[id])
	}
	return st
}

// executorStatus describes the executors that have live tasks.
func (s *GoTaskScheduler) executorStatus() []ExecutorStatus {
	tasks := map[peerKey]int{}
	for _, t := range s.order {
		if t.live() {
			tasks[peerKey{t.agent.ID, t.exec}]++
		}
	}
	list := make([]ExecutorStatus, 0, len(tasks))
	for _, key := range slices.SortedFunc(maps.Keys(tasks), comparePeers) {
		e := ExecutorStatus{ID: key.executor, Agent: s.agentRef(key.agent), Tasks: tasks[key]}
		if p := s.peers[key]; p != nil {
			told := decodeIntroduction(p.session.PeerBuild())
			e.Version, e.Metrics = told.Version, told.Metrics
		}
		list = append(list, e)
	}
	return list
}
