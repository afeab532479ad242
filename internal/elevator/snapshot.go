package elevator

import (
	"fmt"
	"maps"
	"slices"
	"time"
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

// alarm reads the alarm back.
func (s *AlarmSnapshot) alarm() Alarm {
	a := Alarm{
		Name: s.Alarm, Text: s.Text, Critical: s.Critical, RaisedAt: time.Duration(s.RaisedS),
		Cleared: s.ClearedS != nil, Acknowledged: s.AcknowledgedS != nil, AcknowledgedBy: s.AcknowledgedBy,
	}
	if a.Cleared {
		a.ClearedAt = time.Duration(*s.ClearedS)
	}
	if a.Acknowledged {
		a.AcknowledgedAt = time.Duration(*s.AcknowledgedS)
	}
	return a
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
	for f := FaultController; int(f) < len(faultNames); f++ {
		if car.Faults.Has(f) {
			s.Faults = append(s.Faults, f.String())
		}
	}
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

// Group returns the group of building b that the snapshot describes. A name
// that b does not have, and passengers who are in two places or none, are
// errors that name the field.
func (s *Snapshot) Group(b *Building) (*Group, error) {
	r := snapshotReader{NewEventDecoder(b)}
	g := NewGroup(b)
	g.Seq, g.T, g.Carried, g.Dispatcher = s.Seq, time.Duration(s.T), s.Carried, s.Dispatcher
	var ok bool
	if g.Mode, ok = ParseGroupMode(s.Mode); !ok {
		return nil, fmt.Errorf("mode: %.40q is no group mode", s.Mode)
	}
	if len(s.Cars) != len(b.Cars) || len(s.Floors) != len(b.Floors) {
		return nil, fmt.Errorf("%d cars and %d floors in a building with %d and %d",
			len(s.Cars), len(s.Floors), len(b.Cars), len(b.Floors))
	}
	for i := range s.Cars {
		if err := r.car(&s.Cars[i], b.Cars[i].Name, &g.Cars[i]); err != nil {
			return nil, fmt.Errorf("cars[%d]: %w", i, err)
		}
	}
	for i := range s.LandingCalls {
		call, err := r.landingCall(&s.LandingCalls[i])
		if err != nil {
			return nil, fmt.Errorf("landing_calls[%d]: %w", i, err)
		}
		g.Calls = append(g.Calls, call)
	}
	for i := range s.Passengers {
		if err := r.passenger(&s.Passengers[i], g); err != nil {
			return nil, fmt.Errorf("passengers[%d]: %w", i, err)
		}
	}
	for i := range s.Floors {
		if s.Floors[i].Name != b.Floors[i].Name || s.Floors[i].Waiting != g.Waiting[i] {
			return nil, fmt.Errorf("floors[%d]: %d wait at %.40q, but by the passengers %d wait at %q",
				i, s.Floors[i].Waiting, s.Floors[i].Name, g.Waiting[i], b.Floors[i].Name)
		}
		g.LockedLandings.Set(FloorIndex(i), s.Floors[i].Locked)
	}
	if riding := g.Riding(); riding+g.WaitingTotal() != len(g.Journeys) {
		return nil, fmt.Errorf("cars: %d riders, but by the passengers %d ride", riding, len(g.Journeys)-g.WaitingTotal())
	}
	if s.Traffic != nil {
		if err := g.Traffic.restore(s.Traffic, g.T); err != nil {
			return nil, fmt.Errorf("traffic: %w", err)
		}
	}
	for _, t := range s.Tasks {
		g.Tasks[t.Task] = TaskState{t.State, t.Agent, t.Reason, time.Duration(t.SinceS)}
	}
	for i := range s.Alarms {
		g.Alarms = append(g.Alarms, s.Alarms[i].alarm())
	}
	return g, nil
}

// snapshotReader turns a snapshot's names into indexes.
type snapshotReader struct{ names *EventDecoder }

func (r snapshotReader) floor(field, name string) (FloorIndex, error) {
	f, ok := r.names.floors[name]
	if !ok {
		return NoFloor, fmt.Errorf("%s: the building has no floor %.40q", field, name)
	}
	return f, nil
}

func (r snapshotReader) carIndex(field, name string) (CarIndex, error) {
	c, ok := r.names.cars[name]
	if !ok {
		return NoCar, fmt.Errorf("%s: the building has no car %.40q", field, name)
	}
	return c, nil
}

func (r snapshotReader) car(s *CarSnapshot, name string, car *Car) (err error) {
	if s.Name != name {
		return fmt.Errorf("name: %.40q where the building has car %q", s.Name, name)
	}
	*car = Car{
		Target: NoFloor, Moving: s.Moving, FromM: s.FromM, DepartedAt: time.Duration(s.DepartedS),
		DoorsSince: time.Duration(s.DoorsSinceS), CallsSince: time.Duration(s.CallsSinceS), LoadKg: s.LoadKg, Riders: slices.Clone(s.Riders),
		Starts: s.Starts, TravelM: s.TravelM, DoorCycles: s.DoorCycles, TaskRunning: s.TaskRunning,
	}
	var known bool
	if car.Direction, known = parseDirection(s.Direction); !known {
		return fmt.Errorf("direction: %.40q is neither up nor down nor none", s.Direction)
	}
	if car.Mode, known = ParseMode(s.Mode); !known {
		return fmt.Errorf("mode: %.40q is no car mode", s.Mode)
	}
	for car.Doors = DoorsAreClosed; car.Doors.String() != s.Doors; car.Doors++ {
		if car.Doors == DoorsAreClosing {
			return fmt.Errorf("doors: %.40q is no state of doors", s.Doors)
		}
	}
	if car.Moving && car.Doors != DoorsAreClosed {
		return fmt.Errorf("doors: %s in motion", s.Doors)
	}
	if car.Floor, err = r.floor("floor", s.Floor); err != nil {
		return err
	}
	if s.Target != "" {
		if car.Target, err = r.floor("target", s.Target); err != nil {
			return err
		}
	}
	for _, name := range s.CarCalls {
		f, err := r.floor("car_calls", name)
		if err != nil {
			return err
		}
		car.CarCalls.Add(f)
	}
	for _, name := range s.LockedCalls {
		f, err := r.floor("locked_calls", name)
		if err != nil {
			return err
		}
		car.LockedCalls.Add(f)
	}
	for _, name := range s.Faults {
		f, known := ParseFault(name)
		if !known {
			return fmt.Errorf("faults: %.40q is no fault", name)
		}
		car.Faults = car.Faults.With(f)
	}
	return nil
}

func (r snapshotReader) landingCall(s *LandingCallSnapshot) (LandingCall, error) {
	call := LandingCall{RegisteredAt: time.Duration(s.RegisteredS), Car: NoCar}
	from, err := r.floor("floor", s.Floor)
	if err != nil {
		return call, err
	}
	if s.To != "" {
		to, err := r.floor("to", s.To)
		if err != nil {
			return call, err
		}
		call.Key = DestinationCall(from, to)
	} else {
		d, _ := parseDirection(s.Direction)
		call.Key = ConventionalCall(from, d)
	}
	if call.Key.Direction == None {
		return call, fmt.Errorf("direction: a landing call leads up or down")
	}
	for _, name := range s.Cars {
		c, err := r.carIndex("cars", name)
		if err != nil {
			return call, err
		}
		call.Cars = call.Cars.With(c)
	}
	if s.Car != "" {
		if call.Car, err = r.carIndex("car", s.Car); err != nil {
			return call, err
		}
		call.Cars = call.Cars.With(call.Car)
	}
	return call, nil
}

// passenger enters one passenger into the journeys, and those who wait into
// the floor's count. Riders are in their car's list already.
func (r snapshotReader) passenger(s *PassengerSnapshot, g *Group) error {
	j := Journey{Car: NoCar, BoardedAt: time.Duration(s.BoardedS)}
	j.Passenger = Passenger{
		ID: s.Passenger, MassKg: s.MassKg, ArrivesAt: time.Duration(s.ArrivedS),
		BoardTime: time.Duration(s.BoardS), AlightTime: time.Duration(s.AlightS),
	}
	var err error
	if j.Passenger.Floor, err = r.floor("floor", s.Floor); err != nil {
		return err
	}
	if j.Passenger.To, err = r.floor("to", s.To); err != nil {
		return err
	}
	if _, twice := g.Journeys[s.Passenger]; twice || s.Passenger < 1 {
		return fmt.Errorf("passenger: %d is given twice, or is no number from 1", s.Passenger)
	}
	if s.Car == "" {
		g.Waiting[j.Passenger.Floor]++
	} else if j.Car, err = r.carIndex("car", s.Car); err != nil {
		return err
	} else if !slices.Contains(g.Cars[j.Car].Riders, s.Passenger) {
		return fmt.Errorf("car: passenger %d is not among the riders of %q", s.Passenger, s.Car)
	}
	g.Journeys[s.Passenger] = j
	return nil
}
