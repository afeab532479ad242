package tasks

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/control"
)

// LeftBehindError says that people were still under way when their time was
// over.
type LeftBehindError struct {
	Passengers []elevator.PassengerID
	Waiting    int // how many of them wait at a landing
}

// Error counts and lists them.
func (e *LeftBehindError) Error() string {
	ids := make([]string, 0, 20)
	for _, id := range e.Passengers {
		if len(ids) == cap(ids) {
			ids = append(ids, "…")
			break
		}
		ids = append(ids, fmt.Sprint(id))
	}
	return fmt.Sprintf("%d passengers have not arrived (%d waiting, %d riding): %s",
		len(e.Passengers), e.Waiting, len(e.Passengers)-e.Waiting, strings.Join(ids, ", "))
}

// over reports whether the run has reached its end at the time given.
func (s *Scheduler) over(now time.Duration) (bool, error) {
	if s.cfg.Endless || now < s.cfg.Duration || !s.arrivals.over() {
		return false, nil
	}
	g := s.group.Group()
	if g.WaitingTotal()+g.Riding() == 0 && len(g.Calls) == 0 {
		_, held := s.held.earliest()
		return !held && s.unwritten == nil, nil // the journal shall say so, too
	}
	latest := max(s.cfg.Duration, s.takeover.at)
	g.EachJourney(func(j *elevator.Journey) { latest = max(latest, j.Passenger.ArrivesAt) })
	if now < latest+grace {
		return false, nil
	}
	return true, leftBehind(g)
}

func leftBehind(g *elevator.Group) *LeftBehindError {
	e := &LeftBehindError{Waiting: g.WaitingTotal()}
	g.EachJourney(func(j *elevator.Journey) { e.Passengers = append(e.Passengers, j.Passenger.ID) })
	slices.Sort(e.Passengers)
	return e
}

// end journals what is left, also of a run that never began.
func (s *Scheduler) end() error {
	if !s.started && len(s.early) > 0 {
		s.header(time.Now())
	}
	if err := s.commit(control.Never); err != nil {
		return err
	}
	return s.unwritten
}

// Group returns a copy of the state at the end of the run. It must not be
// called before RunSchedContext has returned.
func (s *Scheduler) Group() *elevator.Group { return s.group.Group().Clone() }
