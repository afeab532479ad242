package gotask

import "time"

const (
	// helloInterval is how often an executor and the scheduler say hello, also where there is nothing else to say.
	helloInterval = 2 * time.Second
	// silentAfter is how long an executor that was heard before may say nothing: two hellos may get lost.
	silentAfter = 3 * helloInterval
)

// noticeSilence tells the scheduler function of tasks whose executors do not answer, or answer again: a process that
// hangs, or an agent that is cut off and that the master has not given up yet. Without a master nobody can be heard, and
// then for a moment.
func (s *GoTaskScheduler) noticeSilence(now time.Time) {
	if !s.connected || now.Sub(s.connectedAt) < silentAfter {
		return
	}
	for _, t := range s.order {
		if t.state != TaskRunning {
			continue
		}
		p := s.peers[peerKey{t.agent.ID, t.exec}]
		if p == nil {
			continue
		}
		if silent := p.session.Stats(now).Silence > silentAfter; silent != t.silent {
			t.silent = silent
			reason, text := ReasonHeard, "its executor answers again"
			if silent {
				reason, text = ReasonSilent, "its executor does not answer"
			}
			s.taskEvent(now, EventTaskSilence, t, reason, text)
		}
	}
}

// unheard reports whether nothing has come from the task's executor since the present subscription began. Where a master
// died, the agent may still look for its successor: for that an agent takes up to 75 s, and its tasks run all the while.
func (s *GoTaskScheduler) unheard(now time.Time, t *task) bool {
	p := s.peers[peerKey{t.agent.ID, t.exec}]
	return s.connected && t.state == TaskRunning && p != nil && p.session.Stats(now).Silence > now.Sub(s.connectedAt)
}
