package tasks

import (
	"cmp"
	"slices"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/control"
	"elevator/internal/elevator/group"
	"elevator/internal/gotask"
)

// settleTime is how long, in wall time, a scheduler that has taken over waits
// for the tasks to report before it writes the journal and dispatches.
const settleTime = 1500 * time.Millisecond

// takeover is what a Scheduler that goes on with a run has still to learn from
// the tasks. Each of them is sent a Resync; its answer, under the same number,
// comes after everything that the task had said before, and tells what time it is
// in the building. Until then the clock goes on from the journal's last event, as
// if no time had passed since, which is never too late.
type takeover struct {
	number  uint32
	silent  map[string]bool        // tasks that may live and have not reported
	before  map[string]*redelivery // of tasks whose report the group has not
	cars    int                    // of these
	guess   time.Time              // when the building's time began, by this machine's wall clock; zero once it is known
	at      time.Duration          // of the building, when this scheduler learnt what time it is
	until   time.Time              // when waiting ends; zero before the master was found
	backlog []statement            // held until the waiting ends
}

// statement is what one step of a task's controller gave.
type statement struct {
	task string
	fromTask
}

// takeOver goes on with a predecessor's run, with its group.
func (s *Scheduler) takeOver(r *Resume, wall time.Time) {
	g := s.group.Group()
	s.started = true
	s.run = r.Recovered.Header.WallTime
	s.clock = clockAt(g.T, wall, s.cfg.Speed)
	s.latest, s.decided, s.journaled = g.T, g.T, g.T
	s.takeover = takeover{
		guess: r.Epoch, at: g.T, number: uint32(r.Recovered.NextSeq), silent: make(map[string]bool), before: make(map[string]*redelivery),
	}
	for task := range s.outboxes {
		s.before[task] = &redelivery{events: r.seen[task]}
		s.silent[task] = true
		if elevator.TaskCar(task) != elevator.NoCar {
			s.cars++
		}
	}
	for task := range s.outboxes {
		if hasEnded(g.Tasks[task].State) {
			s.heard(task)
		}
	}
}

// hasEnded reports whether nothing can come any more from a task in that state.
func hasEnded(state string) bool {
	switch gotask.EventKind("task-" + state) {
	case gotask.EventTaskFinished, gotask.EventTaskFailed, gotask.EventTaskKilled, gotask.EventTaskLost:
		return true
	}
	return false
}

// reports reports whether it answers the Resync of that number.
func (said *statement) reports(number uint32) bool {
	return slices.ContainsFunc(said.Outputs, func(out output) bool {
		return out.Message != nil && out.Message.Kind == control.Know && out.Message.Stop == number
	})
}

// catchUp takes what was said during the wait, as far as it is wanted now, in
// the order in which it was said: executors report one after another.
func (s *Scheduler) catchUp(wanted func(*statement) bool) error {
	if len(s.backlog) == 0 {
		return nil
	}
	slices.SortStableFunc(s.backlog, func(a, b statement) int { return cmp.Compare(a.T, b.T) })
	s.align()
	var kept []statement
	for i := range s.backlog {
		said := &s.backlog[i]
		if !wanted(said) {
			kept = append(kept, *said)
			continue
		}
		if err := s.take(said); err != nil {
			return err
		}
	}
	s.backlog = kept
	return nil
}

// align finds what of the backlog the predecessor has journaled, of those tasks
// that have said everything.
func (s *Scheduler) align() {
	again := make(map[string][]timedEvent)
	for i := range s.backlog {
		said := &s.backlog[i]
		for j := range said.Outputs {
			if e := said.Outputs[j].Event; e != nil {
				again[said.task] = append(again[said.task], timedEvent{said.T, e})
			}
		}
	}
	for task, before := range s.before {
		if !before.aligned && !s.silent[task] {
			before.align(again[task])
		}
	}
}

// learnTime sets the clock right by what a task said at the time t of the
// building: the tasks count on whoever their scheduler is, and whatever its wall
// clock shows. Once it is known, what machines' clocks may differ by is left alone.
func (s *Scheduler) learnTime(t time.Duration, wall time.Time) {
	alike := 2 * trustedSkew
	if !s.takeover.guess.IsZero() {
		alike = 0
	}
	if clock := s.clock.NotBefore(t, wall, alike); clock != s.clock {
		s.clock, s.takeover.at = clock, t
		if s.takeover.guess.IsZero() {
			s.cfg.ClockSet(clock)
		}
	}
}

// guessTime believes the wall clock where no task lives that could tell how long
// the group was without a scheduler. One that does not answer yet may.
func (s *Scheduler) guessTime(wall time.Time) {
	if s.takeover.guess.IsZero() || len(s.silent) > 0 {
		return
	}
	s.learnTime(s.guessed(wall), wall)
	s.timeKnown(wall)
}

// guessed is the building's time by the wall clock.
func (s *Scheduler) guessed(wall time.Time) time.Duration {
	return Clock{Epoch: s.takeover.guess, Speed: s.cfg.Speed}.At(wall)
}

// timeKnown tells others what time it is, and whoever reads the log that the wall
// clock does not agree.
func (s *Scheduler) timeKnown(wall time.Time) {
	if s.takeover.guess.IsZero() {
		return
	}
	ahead := time.Duration(float64(s.guessed(wall)-s.clock.At(wall)) / s.cfg.Speed)
	if ahead.Abs() >= 2*trustedSkew {
		s.cfg.Logger.Warn("the wall clock is not that of the scheduler before", "ahead", ahead.Round(time.Millisecond),
			"hint", "the building's time is not touched; times before and after do not compare")
	}
	s.takeover.guess = time.Time{}
	s.cfg.ClockSet(s.clock)
}

// settling reports whether the tasks are still given time to report.
func (s *Scheduler) settling(wall time.Time) bool {
	return len(s.silent) > 0 && (s.takeover.until.IsZero() || wall.Before(s.takeover.until))
}

// resync greets a task that went on without a scheduler and asks what it
// knows.
func (s *Scheduler) resync(task string, who group.Party, index int) {
	s.outboxes[task].restart(s.hello(false))
	m := control.NewMessage(control.Resync)
	m.Stop = s.takeover.number
	s.tell(0, task, m) // it knows better what time it is
	if who == group.Landing {
		s.arrivals.again(elevator.FloorIndex(index), s.tellFloor)
	}
}

// heard takes note that nothing from before the takeover will come from the
// task any more. Once that is so for all cars, the landings' beliefs about them
// can be mended.
func (s *Scheduler) heard(task string) {
	delete(s.silent, task)
	if s.before[task] == nil {
		return
	}
	delete(s.before, task)
	if elevator.TaskCar(task) == elevator.NoCar {
		return
	}
	if s.cars--; s.cars == 0 {
		s.step(s.latest, &group.Input{Settle: true})
	}
}

// isNews reports whether what a task says is not known from the journal.
func (s *Scheduler) isNews(task string, t time.Duration, out *output) bool {
	if m := out.Message; m != nil && m.Kind == control.Know {
		return s.before[task] != nil && m.Stop == s.takeover.number
	}
	before := s.before[task]
	switch {
	case before == nil:
		return true
	case out.Event != nil:
		return !before.has(t, out.Event)
	}
	return !before.hasPassed(t)
}
