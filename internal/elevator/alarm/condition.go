package alarm

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/motion"
)

// LongWait is how long a landing call is lit before that is abnormal.
const LongWait = 60 * time.Second

// How long a car does what it should be done with before it counts as stuck.
const (
	stuckMoving   = 10 * time.Second // in flight, beyond the time that the flight takes
	stuckDoors    = 30 * time.Second // with doors that open or close
	stuckStanding = 60 * time.Second // with closed doors and car calls
)

// soonest is the shortest of these: no event makes anything abnormal by time
// alone before that time has passed.
const soonest = stuckMoving

// never is a time that does not come.
const never = time.Duration(math.MaxInt64)

// The kinds of alarms: what their names begin with.
const (
	kindFault    = "fault"
	kindStuck    = "stuck"
	kindFire     = "fire"
	kindLongWait = "long-wait"
	kindTask     = "task"
)

// survey collects what is abnormal about a group at one time.
type survey struct {
	g     *elevator.Group
	law   *motion.Law
	now   time.Duration
	found []elevator.Alarm // raised when it became so
	next  time.Duration    // when, without further events, something else becomes abnormal; or never
}

// conditions returns what is abnormal at the time now, the oldest first, and
// when time alone adds to it.
func conditions(law *motion.Law, g *elevator.Group, now time.Duration) ([]elevator.Alarm, time.Duration) {
	s := survey{g: g, law: law, now: now, next: never}
	for i := range g.Cars {
		s.faults(elevator.CarIndex(i))
		s.stuck(elevator.CarIndex(i))
	}
	s.fire()
	s.longWaits()
	s.lostTasks()
	slices.SortFunc(s.found, func(a, b elevator.Alarm) int {
		return cmp.Or(cmp.Compare(a.RaisedAt, b.RaisedAt), cmp.Compare(a.Name, b.Name))
	})
	return s.found, s.next
}

func (s *survey) find(name, text string, critical bool, since time.Duration) {
	s.found = append(s.found, elevator.Alarm{Name: name, Text: text, Critical: critical, RaisedAt: since})
}

// lasts reports whether what becomes abnormal at the time since is so by now.
func (s *survey) lasts(since time.Duration) bool {
	if since < s.now {
		return true
	}
	s.next = min(s.next, since)
	return false
}

func (s *survey) faults(c elevator.CarIndex) {
	car, name := &s.g.Cars[c], s.g.Building.Cars[c].Name
	for f := range car.Faults.All() {
		s.find(kindFault+":"+name+":"+f.String(), "car "+name+": fault "+f.String(), f != elevator.FaultOverload, s.now)
	}
}

// stuck looks for a car that should have gone on by now. One that is out of
// service, has a fault or is lost has another alarm, or none.
func (s *survey) stuck(c elevator.CarIndex) {
	car := &s.g.Cars[c]
	switch {
	case car.Mode == elevator.ModeOutOfService || !car.TaskRunning || car.Faults != 0:
	case car.Moving:
		if since := s.due(car) + stuckMoving; s.lasts(since) {
			s.foundStuck(c, since, "on its way to "+s.floorName(car.Target))
		}
	case car.Doors == elevator.DoorsAreOpening || car.Doors == elevator.DoorsAreClosing:
		if since := car.DoorsSince + stuckDoors; s.lasts(since) {
			s.foundStuck(c, since, "with doors "+car.Doors.String()+" at "+s.floorName(car.Floor))
		}
	case car.Doors == elevator.DoorsAreClosed && !car.CarCalls.Empty() && car.Mode.InGroup():
		if since := max(car.DoorsSince, car.DepartedAt, car.CallsSince) + stuckStanding; s.lasts(since) {
			s.foundStuck(c, since, "at "+s.floorName(car.Floor)+" with car calls")
		}
	}
}

func (s *survey) foundStuck(c elevator.CarIndex, since time.Duration, how string) {
	name := s.g.Building.Cars[c].Name
	text := "car " + name + " stuck " + how
	if n := len(s.g.Cars[c].Riders); n > 0 {
		text += fmt.Sprintf(", %d aboard", n)
	}
	s.find(kindStuck+":"+name, text, true, since)
}

// due returns when a moving car arrives.
func (s *survey) due(car *elevator.Car) time.Duration {
	if car.Target == elevator.NoFloor {
		return car.DepartedAt
	}
	if s.law.FloorAt(car.FromM) == elevator.NoFloor {
		return car.DepartedAt + s.law.LevellingTime(car.FromM, car.Target)
	}
	return car.DepartedAt + s.law.FlightTime(car.Floor, car.Target)
}

// fire is one alarm for all cars that fire operation has recalled or that
// firefighters drive.
func (s *survey) fire() {
	var cars []string
	for c := range s.g.Cars {
		if m := s.g.Cars[c].Mode; m == elevator.ModeFireOperation || m == elevator.ModeFirefighterControl {
			cars = append(cars, s.g.Building.Cars[c].Name)
		}
	}
	if len(cars) > 0 {
		s.find(kindFire, "fire operation: car "+strings.Join(cars, " "), true, s.now)
	}
}

func (s *survey) longWaits() {
	for i := range s.g.Calls {
		call := &s.g.Calls[i]
		since := call.RegisteredAt + LongWait
		if !s.lasts(since) {
			continue
		}
		from, way := s.floorName(call.Key.Floor), call.Key.Direction.String()
		if call.Key.To != elevator.NoFloor {
			way = "to " + s.floorName(call.Key.To)
		}
		s.find(kindLongWait+":"+from+":"+strings.TrimPrefix(way, "to "), "long wait: landing call "+from+" "+way, false, since)
	}
}

func (s *survey) lostTasks() {
	for name, t := range s.g.Tasks {
		switch t.State {
		case "failed", "lost", "killed", "unreachable":
			text := "task " + name + " " + t.State
			if t.Reason != "" {
				text += ": " + t.Reason
			}
			s.find(kindTask+":"+name, text, true, t.Since)
		}
	}
}

func (s *survey) floorName(f elevator.FloorIndex) string {
	if f < 0 || int(f) >= len(s.g.Building.Floors) {
		return "?"
	}
	return s.g.Building.Floors[f].Name
}
