package tasks

import (
	"slices"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/control"
	"elevator/internal/elevator/group"
)

// hold keeps an event for the journal. What happened to a car or a landing has
// its owner's time; what the group decided comes after all that it decided
// before, although an input that led to it may be older. What a car did next
// comes after that in turn: one that was cut off tells late where it stopped, and
// has answered the calls there before it left.
func (s *Scheduler) hold(t time.Duration, in *group.Input, e elevator.Event) {
	if in.Event == nil || in.Event.Kind != e.Kind {
		s.decided = max(s.decided, t)
		t = s.decided
		if in.From == group.Car {
			s.decidedFor[in.Index] = t
		}
		if e.Kind == elevator.LandingCallAnswered && e.Car != elevator.NoCar {
			s.decidedFor[e.Car] = t // whoever's word it was that showed it
		}
	}
	if in.From == group.Car {
		t = max(t, s.decidedFor[in.Index])
	}
	e.T = t
	s.upTo = max(s.upTo, t)
	s.held.add(e)
}

// lamp lights a lamp once its call is journaled, and puts one out at once, also
// before it was lit.
func (s *Scheduler) lamp(t time.Duration, task string, m control.Message) {
	if m.On {
		s.lamps = append(s.lamps, addressed{t, task, m})
		return
	}
	s.lamps = slices.DeleteFunc(s.lamps, func(held addressed) bool {
		return held.to == task && held.m.Direction == m.Direction && held.m.To == m.To
	})
	s.tell(t, task, m)
}

// forgetLamps drops what was to be lit at a landing that has started anew: it is
// restored with its lamps, and would count promises twice.
func (s *Scheduler) forgetLamps(task string) {
	s.lamps = slices.DeleteFunc(s.lamps, func(held addressed) bool { return held.to == task })
}

// tellPromises tells a landing who was promised the car that announces itself
// there. Their lamps cannot wait for the journal: they would not step in.
func (s *Scheduler) tellPromises(task string, car elevator.CarIndex) {
	s.lamps = slices.DeleteFunc(s.lamps, func(held addressed) bool {
		promised := held.to == task && held.m.Car == car
		if promised {
			s.tell(held.t, task, held.m)
		}
		return promised
	})
}

// commit journals and publishes the events up to the time given, lights the
// lamps of the calls among them, and confirms the messages whose events are safe.
// While the journal cannot be written nothing of that happens, for what it does not
// say a successor would not know; cars go on with what they were told, until they
// have told as much as may be unconfirmed.
func (s *Scheduler) commit(until time.Duration) error {
	for t, held := s.held.earliest(); held && t <= until; t, held = s.held.earliest() {
		e := s.held.pop()
		e.T = max(e.T, s.journaled) // it came later than the window allows for
		s.journaled = e.T
		if err := s.cfg.Journal.Append(&e); err != nil {
			if s.write() != nil {
				return nil // a successor hears of it again
			}
			return err
		}
		s.events = append(s.events, e)
	}
	more := len(s.events) > 0
	if more {
		if err := s.write(); err != nil {
			return nil
		}
		if err := s.cfg.Publish(s.events); err != nil {
			s.cfg.Logger.Error("publish events", "error", err)
		}
		s.lastWritten = s.events[len(s.events)-1].Seq
		s.events = s.events[:0]
	}
	s.light(until)
	s.confirm(until, more)
	return nil
}

// light lights the lamps of calls that were journaled: those up to the time given.
func (s *Scheduler) light(until time.Duration) {
	kept := s.lamps[:0]
	for _, lamp := range s.lamps {
		if lamp.t <= until {
			s.tell(lamp.t, lamp.to, lamp.m)
		} else {
			kept = append(kept, lamp)
		}
	}
	s.lamps = kept
}

// confirm confirms the messages whose events are safe in a journal that is written
// up to the time given; more says that lines were written just now.
func (s *Scheduler) confirm(until time.Duration, more bool) {
	wall := time.Now()
	p := progress{
		until: until, last: s.lastWritten, durable: s.cfg.Journal.Durable(),
		more: more, old: wall.Sub(s.wrote) >= tailAge,
	}
	if more {
		s.wrote = wall
	}
	for task, taken := range s.taken {
		if n := taken.confirm(p); n > 0 {
			s.io.Confirm(task, n)
		}
	}
}

// write brings what was appended to the journal's file. What fails is tried
// again with the next commit.
func (s *Scheduler) write() error {
	err := s.cfg.Journal.Flush()
	switch {
	case err != nil && s.unwritten == nil:
		s.cfg.Logger.Error("the journal cannot be written: no lamp is lit and nothing confirmed until it can", "error", err)
	case err == nil && s.unwritten != nil:
		s.cfg.Logger.Info("the journal is written again", "events", len(s.events))
	}
	s.unwritten = err
	return err
}
