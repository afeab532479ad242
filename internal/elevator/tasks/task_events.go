package tasks

import (
	"errors"
	"strings"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/group"
	"elevator/internal/gotask"
)

// taskEvent takes note of what became of a task. Once all tasks run for the
// first time the building's clock starts; an attempt that is launched after that
// is told what the task was, and one that is found running what it has missed.
func (s *Scheduler) taskEvent(e gotask.SchedEvent) error {
	if e.Kind == gotask.EventRegistered {
		s.takeover.until = time.Now().Add(settleTime)
	}
	if e.Task == "" {
		s.cfg.Logger.Debug("cluster", "event", e.Kind, "agent", e.Agent.Hostname, "text", e.Text)
		return nil
	}
	who, index, err := party(e.Task)
	if err != nil {
		return err
	}
	if e.Kind == gotask.EventTaskSilence {
		if who == group.Car && s.started {
			s.step(s.now(), &group.Input{From: who, Index: index, Silent: e.Reason == gotask.ReasonSilent, Heard: e.Reason == gotask.ReasonHeard})
		}
		return nil
	}
	runs := e.Kind == gotask.EventTaskRunning
	if runs && s.running[e.Task] == e.Attempt {
		return nil // found again after the master was away
	}
	s.attempt(e)
	state := taskState(e)
	if !s.started {
		s.early = append(s.early, state)
		if len(s.running) == len(s.outboxes) {
			return s.start(time.Now())
		}
		return nil
	}
	if !runs {
		// Its last words come before its end, also while others are waited for.
		if err := s.catchUp(func(said *statement) bool { return said.task == e.Task }); err != nil {
			return err
		}
	}
	now := s.now()
	state.T = now
	if found := runs && s.launched[e.Task] != e.Attempt; found {
		if s.group.Group().Tasks[e.Task].State != state.Detail.State {
			s.step(now, &group.Input{Event: &state})
		}
		s.resync(e.Task, who, index)
		return nil
	}
	s.step(now, &group.Input{Event: &state})
	s.heard(e.Task)
	if runs {
		s.outboxes[e.Task].restart(s.hello(true))
		s.forgetLamps(e.Task)
		s.step(now, &group.Input{From: who, Index: index, Restore: true})
		if who == group.Landing {
			s.arrivals.again(elevator.FloorIndex(index), s.tellFloor)
		}
	}
	return nil
}

// attempt takes note of which attempt at a task runs, and which was launched here.
func (s *Scheduler) attempt(e gotask.SchedEvent) {
	if e.Kind == gotask.EventTaskRunning {
		s.running[e.Task] = e.Attempt
	} else {
		delete(s.running, e.Task)
		s.outboxes[e.Task].down()
	}
	if e.Kind == gotask.EventTaskLaunched {
		s.launched[e.Task] = e.Attempt
	}
}

// taskState returns the journal's event of what became of a task; its time is not
// set.
func taskState(e gotask.SchedEvent) elevator.Event {
	state := elevator.NewEvent(0, elevator.TaskStateChanged)
	state.Detail = &elevator.Detail{
		Task: e.Task, State: strings.TrimPrefix(string(e.Kind), "task-"), Agent: e.Agent.Hostname, Reason: reason(e),
	}
	return state
}

// reason returns why something became of a task, in one line.
func reason(e gotask.SchedEvent) string {
	if e.Text == "" {
		return e.Reason
	}
	if e.Reason == "" {
		return e.Text
	}
	return e.Reason + ": " + e.Text
}

// start begins the building's time: every task is told what it is.
func (s *Scheduler) start(wall time.Time) error {
	s.started = true
	s.clock = Clock{Epoch: wall.Add(lead), Speed: s.cfg.Speed}
	s.cfg.ClockSet(s.clock)
	s.run = s.clock.Epoch
	s.header(s.clock.Epoch)
	// First the journal: a successor must know the run that a task was told of.
	if err := errors.Join(s.commit(0), s.unwritten); err != nil {
		return err
	}
	for _, o := range s.outboxes {
		o.restart(s.hello(true))
	}
	return nil
}

// header queues the journal's first line and what happened before the clock
// began.
func (s *Scheduler) header(wall time.Time) {
	h := s.cfg.Header
	h.WallTime = wall
	first := elevator.NewEvent(0, elevator.BuildingLoaded)
	first.Detail = &elevator.Detail{Header: &h}
	s.held.add(first)
	for i := range s.early {
		s.step(0, &group.Input{Event: &s.early[i]})
	}
	s.early = nil
}

// hello is a greeting whose epoch is by what the wall clock shows now, which may
// have been set since the clock was.
func (s *Scheduler) hello(fresh bool) *hello {
	wall := time.Now()
	return &hello{
		Building: s.cfg.Building, Run: s.run, Fresh: fresh, Speed: s.clock.Speed, SentAt: s.clock.At(wall),
		Epoch: wall.Add(-wall.Sub(s.clock.Epoch)),
	}
}
