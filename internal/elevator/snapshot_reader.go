package elevator

import (
	"fmt"
	"slices"
	"time"
)

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
