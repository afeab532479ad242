package ui

import (
	"slices"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/alarm"
	"elevator/internal/elevator/motion"
	"elevator/internal/elevator/stats"
)

// linkState says whether a site's data are fresh.
type linkState uint8

const (
	linkConnecting linkState = iota // nothing was heard yet
	linkLive
	linkStale // the connection is lost, or silent for too long
	linkEnded // the run is over, or a recording: nothing more will come
)

// silence is how long a live connection may say nothing, heartbeats included.
const silence = 12 * time.Second

// site is what the dashboard knows of one group: the fold of its events, and
// what can only be asked for.
//
// Invariant: building, law, group and watch are either all nil or all set.
type site struct {
	address     string
	link        linkState
	attempt     int       // connections tried since the last that worked
	problem     string    // why the last one failed
	heard       time.Time // wall time of the last line
	header      elevator.Header
	building    *elevator.Building
	law         *motion.Law
	group       *elevator.Group
	watch       *alarm.Watch // of group
	clock       clockwork
	stats       *stats.Collector
	figures     figures
	log         eventLog
	alarms      []elevator.Alarm // as of the last full second
	own         []elevator.Alarm // of this desk: its connection, and what it was told when it asked
	report      taskReport
	reasons     reasons
	dispatchers []string  // that can serve the building; nil where nobody said
	refused     int       // events that the fold refused
	recorder    *recorder // of a running group that is not looked at in the past
}

// fold applies one event to everything that is computed from events.
func (s *site) fold(e *elevator.Event) {
	switch e.Kind {
	case elevator.BuildingLoaded:
		s.open(e)
	case elevator.SnapshotTaken:
		if s.group != nil {
			s.group = e.Detail.Snapshot.Clone()
			s.group.Seq, s.group.T = e.Seq, e.T
			s.stats.Apply(e)
			s.clock.now = e.T
			_ = s.watch.Apply(s.group, e) // which it cannot refuse
		}
		return
	}
	if s.group == nil {
		return
	}
	s.stats.Apply(e)
	s.figures.count(e)
	if err := s.watch.Apply(s.group, e); err != nil {
		s.refused++
	}
	s.log.add(e)
}

// forget drops the journeys that no figure is about any more, an hour's at a
// time.
func (s *site) forget() {
	const needed = historyMinutes * time.Minute
	if all := s.stats.Journeys(); len(all) > 0 && all[0].ArrivedAt < s.clock.now-2*needed {
		s.stats.Forget(s.clock.now - needed)
	}
}

// record keeps a folded event, so that the operator can go back to it.
func (s *site) record(e *elevator.Event) {
	switch {
	case e.Kind == elevator.BuildingLoaded:
		if s.recorder == nil || !s.recorder.continues(e.Detail.Header) {
			s.recorder = newRecorder(*e)
		}
	case s.recorder != nil:
		s.recorder.record(e, s.group)
	}
}

// open starts anew with the building that a stream or a file begins with. A
// stream that begins again, with the same building, keeps its log.
func (s *site) open(e *elevator.Event) {
	s.header = *e.Detail.Header
	s.building = s.header.Building
	s.law = motion.NewLaw(s.building)
	s.group = elevator.NewGroup(s.building)
	s.watch = alarm.NewWatch(s.law)
	s.stats, s.figures = stats.NewCollector(s.building), newFigures(len(s.building.Floors))
	s.clock = clockwork{}
}

// position returns the height of a car now, in metres.
func (s *site) position(c elevator.CarIndex) float64 {
	m, _ := s.law.CarAt(&s.group.Cars[c], s.clock.now)
	return m
}

// floorOf returns the floor that a car is nearest to now.
func (s *site) floorOf(c elevator.CarIndex) elevator.FloorIndex {
	if car := &s.group.Cars[c]; !car.Moving {
		return car.Floor
	}
	return s.law.NearestFloor(s.position(c))
}

// age returns how long something of the building's time has lasted, as shown.
func (s *site) age(since time.Duration) time.Duration { return max(s.clock.shown-since, 0) }

// moving reports whether a picture of the site changes by time alone.
func (s *site) moving() bool {
	if s.group == nil || !s.clock.running {
		return false
	}
	for i := range s.group.Cars {
		if s.group.Cars[i].Moving {
			return true
		}
	}
	return false
}

// clone returns a copy for the screen that later events do not change.
func (s *site) clone() *site {
	c := *s
	if s.group != nil {
		c.group, c.stats = s.group.Clone(), s.stats.Clone()
	}
	c.recorder = nil
	c.figures, c.log, c.own = s.figures.clone(), s.log.clone(), slices.Clone(s.own)
	return &c
}

// nextStop returns the floor that a car is on its way to, or NoFloor.
func (s *site) nextStop(c elevator.CarIndex) elevator.FloorIndex {
	return s.group.Cars[c].Target
}

// assigned returns the landing calls that a car goes for, the oldest first.
func (s *site) assigned(c elevator.CarIndex) []elevator.LandingCall {
	var calls []elevator.LandingCall
	for i := range s.group.Calls {
		if s.group.Calls[i].Cars.Has(c) {
			calls = append(calls, s.group.Calls[i])
		}
	}
	return calls
}

func (s *site) floorName(f elevator.FloorIndex) string {
	if f < 0 || int(f) >= len(s.building.Floors) {
		return "?"
	}
	return s.building.Floors[f].Name
}

func (s *site) carName(c elevator.CarIndex) string {
	if c < 0 || int(c) >= len(s.building.Cars) {
		return "?"
	}
	return s.building.Cars[c].Name
}

// loadRatio is a car's load as a share of its rated load.
func (s *site) loadRatio(c elevator.CarIndex) float64 {
	return s.group.Cars[c].LoadKg / s.building.RatedKg(c)
}
