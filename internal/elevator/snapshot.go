package elevator

import (
	"maps"
	"slices"
)

// Snapshot is a group written out with names instead of indexes: the
// journal's snapshot line, and what the operator's API builds its answer on.
// Group.Snapshot makes it; Snapshot.Group reads it back.
type Snapshot struct {
	Seq          uint64                `json:"seq"`
	T            Seconds               `json:"t"`
	Mode         string                `json:"mode"`
	Cars         []CarSnapshot         `json:"cars"`
	LandingCalls []LandingCallSnapshot `json:"landing_calls"`
	Floors       []FloorSnapshot       `json:"floors"`
	Passengers   []PassengerSnapshot   `json:"passengers"` // waiting and riding, by their numbers
	Carried      int                   `json:"carried"`
	Tasks        []TaskSnapshot        `json:"tasks"`             // by name
	Traffic      *TrafficSnapshot      `json:"traffic,omitempty"` // absent in the journals of older programs
	Alarms       []AlarmSnapshot       `json:"alarms,omitempty"`
	Dispatcher   string                `json:"dispatcher,omitempty"` // in charge, where that is known
}

// CarSnapshot is one car of a Snapshot.
type CarSnapshot struct {
	Name        string         `json:"name"`
	Floor       string         `json:"floor"`      // where it stands, or which it left last
	PositionM   float64        `json:"position_m"` // FromM, unless somebody who knows the motion writes the present position over it
	Direction   string         `json:"direction"`
	Doors       string         `json:"doors"`
	LoadKg      float64        `json:"load_kg"`
	Riders      []PassengerID  `json:"riders"` // in the order they boarded
	Mode        string         `json:"mode"`
	Target      string         `json:"target,omitempty"` // absent where it stands
	CarCalls    []string       `json:"car_calls"`
	CallsSinceS Seconds        `json:"calls_since_s,omitempty"` // when there were none last
	Assigned    []CallSnapshot `json:"assigned"`                // the landing calls it goes for, the oldest first
	Faults      []string       `json:"faults"`
	Moving      bool           `json:"moving"`
	FromM       float64        `json:"from_m"` // where the present flight began, or where it stands
	DepartedS   Seconds        `json:"departed_s"`
	DoorsSinceS Seconds        `json:"doors_since_s"`
	Starts      int            `json:"starts"`
	TravelM     float64        `json:"travel_m"`
	DoorCycles  int            `json:"door_cycles"`
	TaskRunning bool           `json:"task_running"`
	LockedCalls []string       `json:"locked_calls,omitempty"` // floors for which it takes no car calls
}

// CallSnapshot names a landing call: by its direction or, a destination call,
// by where to.
type CallSnapshot struct {
	Floor     string `json:"floor"`
	Direction string `json:"direction,omitempty"`
	To        string `json:"to,omitempty"`
}

// LandingCallSnapshot is one lit landing call of a Snapshot.
type LandingCallSnapshot struct {
	CallSnapshot
	AgeS        Seconds  `json:"age_s"`
	RegisteredS Seconds  `json:"registered_s"`
	Car         string   `json:"car,omitempty"`
	Cars        []string `json:"cars,omitempty"` // all that go for it, where it is not Car alone
}

// FloorSnapshot is one floor of a Snapshot.
type FloorSnapshot struct {
	Name    string `json:"name"`
	Waiting int    `json:"waiting"`
	Locked  bool   `json:"locked,omitempty"` // its landing takes no calls
}

// PassengerSnapshot is one passenger on the way.
type PassengerSnapshot struct {
	Passenger PassengerID `json:"passenger"`
	Floor     string      `json:"floor"`
	To        string      `json:"to"`
	MassKg    float64     `json:"mass_kg"`
	ArrivedS  Seconds     `json:"arrived_s"`
	Car       string      `json:"car,omitempty"` // absent while waiting
	BoardedS  Seconds     `json:"boarded_s"`
	BoardS    Seconds     `json:"board_s"`
	AlightS   Seconds     `json:"alight_s"`
}

// TaskSnapshot is one task of a Snapshot.
type TaskSnapshot struct {
	Task   string  `json:"task"`
	State  string  `json:"state"`
	Agent  string  `json:"agent"`
	Reason string  `json:"reason"`
	SinceS Seconds `json:"since_s"`
}

// AlarmSnapshot is one alarm of a Snapshot.
type AlarmSnapshot struct {
	Alarm          string   `json:"alarm"`
	Text           string   `json:"text"`
	Critical       bool     `json:"critical"`
	RaisedS        Seconds  `json:"raised_s"`
	ClearedS       *Seconds `json:"cleared_s,omitempty"`      // absent while it lasts
	AcknowledgedS  *Seconds `json:"acknowledged_s,omitempty"` // absent before that
	AcknowledgedBy string   `json:"acknowledged_by,omitempty"`
}

// snapshot writes the alarm out.
func (a *Alarm) snapshot() AlarmSnapshot {
	s := AlarmSnapshot{Alarm: a.Name, Text: a.Text, Critical: a.Critical, RaisedS: Seconds(a.RaisedAt), AcknowledgedBy: a.AcknowledgedBy}
	if a.Cleared {
		s.ClearedS = new(Seconds(a.ClearedAt))
	}
	if a.Acknowledged {
		s.AcknowledgedS = new(Seconds(a.AcknowledgedAt))
	}
	return s
}

// Snapshot writes the group out. It shares nothing with the group but the
// lists of riders.
func (g *Group) Snapshot() *Snapshot {
	s := &Snapshot{
		Seq: g.Seq, T: Seconds(g.T), Mode: g.Mode.String(), Carried: g.Carried, Traffic: g.Traffic.snapshot(), Dispatcher: g.Dispatcher,
		Cars: make([]CarSnapshot, len(g.Cars)), LandingCalls: make([]LandingCallSnapshot, len(g.Calls)),
		Floors: make([]FloorSnapshot, len(g.Waiting)), Passengers: make([]PassengerSnapshot, 0, len(g.Journeys)),
		Tasks: make([]TaskSnapshot, 0, len(g.Tasks)),
	}
	for i := range g.Cars {
		s.Cars[i] = g.carSnapshot(CarIndex(i))
	}
	for i := range g.Calls {
		call := &g.Calls[i]
		s.LandingCalls[i] = LandingCallSnapshot{
			CallSnapshot: g.callSnapshot(call.Key), AgeS: Seconds(g.T - call.RegisteredAt),
			RegisteredS: Seconds(call.RegisteredAt), Car: g.carName(call.Car),
		}
		if call.Car == NoCar || call.Cars.Without(call.Car) != 0 {
			s.LandingCalls[i].Cars = g.carNames(call.Cars)
		}
	}
	for i, waiting := range g.Waiting {
		s.Floors[i] = FloorSnapshot{g.Building.Floors[i].Name, waiting, g.LockedLandings.Has(FloorIndex(i))}
	}
	for _, id := range slices.Sorted(maps.Keys(g.Journeys)) {
		j := g.Journeys[id]
		s.Passengers = append(s.Passengers, PassengerSnapshot{
			Passenger: id, Floor: g.floorName(j.Passenger.Floor), To: g.floorName(j.Passenger.To),
			MassKg: j.Passenger.MassKg, ArrivedS: Seconds(j.Passenger.ArrivesAt), Car: g.carName(j.Car),
			BoardedS: Seconds(j.BoardedAt), BoardS: Seconds(j.Passenger.BoardTime), AlightS: Seconds(j.Passenger.AlightTime),
		})
	}
	for _, name := range slices.Sorted(maps.Keys(g.Tasks)) {
		t := g.Tasks[name]
		s.Tasks = append(s.Tasks, TaskSnapshot{name, t.State, t.Agent, t.Reason, Seconds(t.Since)})
	}
	for i := range g.Alarms {
		s.Alarms = append(s.Alarms, g.Alarms[i].snapshot())
	}
	return s
}

func (g *Group) carSnapshot(c CarIndex) CarSnapshot {
	car := &g.Cars[c]
	s := CarSnapshot{
		Name: g.Building.Cars[c].Name, Floor: g.floorName(car.Floor), PositionM: car.FromM,
		Direction: car.Direction.String(), Doors: car.Doors.String(), LoadKg: car.LoadKg,
		Riders: car.Riders, Mode: car.Mode.String(), Target: g.floorName(car.Target),
		CarCalls: []string{}, Assigned: []CallSnapshot{}, Faults: []string{},
		Moving: car.Moving, FromM: car.FromM, DepartedS: Seconds(car.DepartedAt), DoorsSinceS: Seconds(car.DoorsSince), CallsSinceS: Seconds(car.CallsSince),
		Starts: car.Starts, TravelM: car.TravelM, DoorCycles: car.DoorCycles, TaskRunning: car.TaskRunning,
	}
	if s.Riders == nil {
		s.Riders = []PassengerID{}
	}
	for f := range car.CarCalls.All() {
		s.CarCalls = append(s.CarCalls, g.floorName(f))
	}
	for f := range car.LockedCalls.All() {
		s.LockedCalls = append(s.LockedCalls, g.floorName(f))
	}
	for i := range g.Calls {
		if g.Calls[i].Cars.Has(c) {
			s.Assigned = append(s.Assigned, g.callSnapshot(g.Calls[i].Key))
		}
	}
	s.Faults = append(s.Faults, car.Faults.Names()...)
	return s
}

func (g *Group) callSnapshot(key CallKey) CallSnapshot {
	if key.To != NoFloor {
		return CallSnapshot{Floor: g.floorName(key.Floor), To: g.floorName(key.To)}
	}
	return CallSnapshot{Floor: g.floorName(key.Floor), Direction: key.Direction.String()}
}

func (g *Group) floorName(f FloorIndex) string {
	if f == NoFloor {
		return ""
	}
	return g.Building.Floors[f].Name
}

func (g *Group) carName(c CarIndex) string {
	if c == NoCar {
		return ""
	}
	return g.Building.Cars[c].Name
}

func (g *Group) carNames(set CarSet) []string {
	var names []string
	for c := set.First(); c != NoCar; c = set.First() {
		names = append(names, g.carName(c))
		set = set.Without(c)
	}
	return names
}
