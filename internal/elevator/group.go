package elevator

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// DoorState is the state of a car's doors, with BACnet's Car_Door_Status in
// mind.
type DoorState uint8

// The door states.
const (
	DoorsAreClosed DoorState = iota
	DoorsAreOpening
	DoorsAreOpen
	DoorsAreClosing
)

// String returns "closed", "opening", "open" or "closing".
func (d DoorState) String() string {
	return [...]string{"closed", "opening", "open", "closing"}[d&3]
}

// Car is what is known of one car.
//
// Invariant: Moving implies Doors == DoorsAreClosed.
// Invariant: LoadKg is the sum of the riders' masses.
type Car struct {
	Floor       FloorIndex    // the floor it stands at, or left last
	Target      FloorIndex    // the floor it travels to; NoFloor when it stands
	Direction   Direction     // the way it travels or, standing, the way it announced
	Moving      bool          // between CarDeparted and CarArrived
	FromM       float64       // where the present flight began, or where it stands, in metres
	DepartedAt  time.Duration // when the present flight began
	Doors       DoorState
	DoorsSince  time.Duration // when Doors took its present value
	LoadKg      float64
	Riders      []PassengerID // in the order they boarded
	CarCalls    FloorSet
	CallsSince  time.Duration // when CarCalls was empty last
	Mode        Mode
	Faults      FaultSet
	Starts      int
	TravelM     float64 // metres travelled in finished flights
	DoorCycles  int
	TaskRunning bool     // the car's task is running; always true in a simulation
	LockedCalls FloorSet // floors for which it takes no car calls
}

// LandingCall is one lit landing call.
type LandingCall struct {
	Key          CallKey
	RegisteredAt time.Duration
	Car          CarIndex // the car that goes for it; NoCar while there is none
	Cars         CarSet   // all cars that go for it, Car among them
}

// Journey is what is known of a passenger between arrival and leaving the car.
type Journey struct {
	Passenger Passenger
	Car       CarIndex // NoCar while waiting
	BoardedAt time.Duration
}

// Group is the state of an elevator group: the fold of its events.
//
// Invariant: a passenger is waiting at one floor, or riding in one car, or
// gone; Apply refuses an event that says otherwise.
type Group struct {
	Building *Building
	Seq      uint64
	T        time.Duration
	Mode     GroupMode       // as operators want it
	Traffic  TrafficDetector // as it is
	Cars     []Car
	Calls    []LandingCall // lit calls, the oldest first
	Waiting  []int         // passengers waiting at each floor
	Journeys map[PassengerID]Journey
	Carried  int // passengers who have left the car at their floor
	Tasks    map[string]TaskState

	Dispatcher     string   // the name of the one in charge; "" where nobody said
	LockedLandings FloorSet // floors that take no landing calls
	Alarms         []Alarm  // in the order in which they were raised; kept by package alarm
}

// TaskState is the last TaskStateChanged of one task.
type TaskState struct {
	State, Agent, Reason string
	Since                time.Duration
}

// TaskRunning is the TaskState.State of a task that is up.
const TaskRunning = "running"

// The types of tasks: car 2 of the group is the task "car-2", the landing of the
// third floor from below the task "floor-2".
const (
	CarTask   = "car"
	FloorTask = "floor"
)

// TaskName returns the name of a task of that type for a car or a landing.
func TaskName(kind string, index int) string { return kind + "-" + strconv.Itoa(index) }

// TaskCar returns the car that a task of that name runs, or NoCar.
func TaskCar(task string) CarIndex {
	number, ok := strings.CutPrefix(task, CarTask+"-")
	if !ok {
		return NoCar
	}
	c, err := strconv.ParseInt(number, 10, 16)
	if err != nil || c < 0 {
		return NoCar
	}
	return CarIndex(c)
}

// NewGroup returns the group of building b at the start of a run: every car
// stands with closed doors at its start floor, nobody waits.
func NewGroup(b *Building) *Group {
	g := &Group{
		Building: b,
		Mode:     GroupNormal,
		Traffic:  newTrafficDetector(b),
		Cars:     make([]Car, len(b.Cars)),
		Waiting:  make([]int, len(b.Floors)),
		Journeys: make(map[PassengerID]Journey),
		Tasks:    make(map[string]TaskState),
	}
	for i := range g.Cars {
		start := b.Cars[i].Start
		g.Cars[i] = Car{
			Floor: start, Target: NoFloor, FromM: b.Floors[start].ElevationM,
			Mode: ModeNormal, TaskRunning: true,
		}
	}
	return g
}

// Clone returns a copy that shares nothing but the building.
func (g *Group) Clone() *Group {
	c := *g
	c.Cars = slices.Clone(g.Cars)
	for i := range c.Cars {
		c.Cars[i].Riders = slices.Clone(g.Cars[i].Riders)
	}
	c.Calls = slices.Clone(g.Calls)
	c.Alarms = slices.Clone(g.Alarms)
	c.Waiting = slices.Clone(g.Waiting)
	c.Journeys = make(map[PassengerID]Journey, len(g.Journeys))
	maps.Copy(c.Journeys, g.Journeys)
	c.Tasks = make(map[string]TaskState, len(g.Tasks))
	maps.Copy(c.Tasks, g.Tasks)
	return &c
}

// CallIndex returns the position of the call in Calls, or -1 where it is not
// lit.
func (g *Group) CallIndex(key CallKey) int {
	for i := range g.Calls {
		if g.Calls[i].Key == key {
			return i
		}
	}
	return -1
}

// Journey returns what is known of a passenger who waits or rides, and false
// where there is none.
func (g *Group) Journey(id PassengerID) (Journey, bool) {
	j, ok := g.Journeys[id]
	return j, ok
}

// EachJourney calls f for every passenger who waits or rides, in no order.
func (g *Group) EachJourney(f func(*Journey)) {
	for _, j := range g.Journeys {
		f(&j)
	}
}

// Riding counts the passengers aboard all cars.
func (g *Group) Riding() int {
	n := 0
	for i := range g.Cars {
		n += len(g.Cars[i].Riders)
	}
	return n
}

// WaitingTotal counts the passengers waiting at all floors.
func (g *Group) WaitingTotal() int {
	n := 0
	for _, w := range g.Waiting {
		n += w
	}
	return n
}

// Apply folds one event into the group. An event that contradicts the state,
// such as a passenger who boards without waiting at that floor, is refused
// with an error and changes nothing. A call registered twice, or answered when
// it is not lit, is no contradiction: lamps are idempotent.
func (g *Group) Apply(e *Event) error {
	if e.T < g.T {
		return fmt.Errorf("event %d (kind %d) at %v: time goes backwards from %v", e.Seq, e.Kind, e.T, g.T)
	}
	if err := g.apply(e); err != nil {
		return fmt.Errorf("event %d at %v: %w", e.Seq, e.T, err)
	}
	g.T = e.T
	g.Traffic.count(e, g.Building.Floors)
	if e.Seq != 0 {
		g.Seq = e.Seq
	}
	return nil
}

func (g *Group) apply(e *Event) error {
	switch e.Kind {
	case EventNone:
		return nil
	case BuildingLoaded:
		if e.Detail != nil && e.Detail.Header != nil {
			g.Dispatcher = e.Detail.Header.Dispatcher
		}
		return nil
	case SnapshotTaken:
		return nil
	case CommandGiven:
		g.applyCommand(e)
		return nil
	case PassengerArrived, PassengerBoarded, PassengerAlighted:
		return g.applyPassenger(e)
	case LandingCallRegistered, LandingCallAssigned, LandingCallAnswered:
		return g.applyLandingCall(e)
	case TaskStateChanged:
		g.Tasks[e.Detail.Task] = TaskState{e.Detail.State, e.Detail.Agent, e.Detail.Reason, e.T}
		if c := TaskCar(e.Detail.Task); c >= 0 && int(c) < len(g.Cars) {
			g.Cars[c].TaskRunning = e.Detail.State == TaskRunning
		}
		return nil
	case ModeChanged:
		if e.Car == NoCar {
			g.Mode = e.GroupMode
			return nil
		}
	}
	return g.applyCar(e)
}

func (g *Group) applyPassenger(e *Event) error {
	j, known := g.Journeys[e.Passenger]
	if e.Kind == PassengerArrived {
		if known {
			return fmt.Errorf("passenger %d arrives twice", e.Passenger)
		}
		g.Journeys[e.Passenger] = Journey{
			Passenger: Passenger{
				ID: e.Passenger, Floor: e.Floor, To: e.To, MassKg: e.MassKg, ArrivesAt: e.T,
				BoardTime: e.Transfer.Board, AlightTime: e.Transfer.Alight,
			},
			Car: NoCar,
		}
		g.Waiting[e.Floor]++
		return nil
	}
	if !known {
		return fmt.Errorf("passenger %d is not in the building", e.Passenger)
	}
	car := &g.Cars[e.Car]
	if e.Kind == PassengerBoarded {
		if j.Car != NoCar || j.Passenger.Floor != e.Floor {
			return fmt.Errorf("passenger %d boards car %d at floor %d but does not wait there", e.Passenger, e.Car, e.Floor)
		}
		j.Car, j.BoardedAt = e.Car, e.T
		g.Journeys[e.Passenger] = j
		g.Waiting[e.Floor]--
		car.Riders = append(car.Riders, e.Passenger)
		car.LoadKg += j.Passenger.MassKg
		return nil
	}
	i := slices.Index(car.Riders, e.Passenger)
	if i < 0 {
		return fmt.Errorf("passenger %d leaves car %d but is not aboard", e.Passenger, e.Car)
	}
	car.Riders = slices.Delete(car.Riders, i, i+1)
	car.LoadKg -= j.Passenger.MassKg
	if len(car.Riders) == 0 {
		car.LoadKg = 0
	}
	if e.Floor != j.Passenger.To {
		// Let out on the way (fire recall, a car that leaves service): they wait
		// there for the rest of their journey.
		j.Passenger.Floor, j.Car = e.Floor, NoCar
		g.Journeys[e.Passenger] = j
		g.Waiting[e.Floor]++
		return nil
	}
	delete(g.Journeys, e.Passenger)
	g.Carried++
	return nil
}

func (g *Group) applyLandingCall(e *Event) error {
	i := g.CallIndex(e.Call())
	switch {
	case e.Kind == LandingCallRegistered && i < 0:
		g.Calls = append(g.Calls, LandingCall{Key: e.Call(), RegisteredAt: e.T, Car: NoCar})
	case e.Kind == LandingCallAssigned && i >= 0:
		g.Calls[i].Car = e.Car
		g.Calls[i].Cars = e.Cars
		if e.Car != NoCar {
			g.Calls[i].Cars = e.Cars.With(e.Car)
		}
	case e.Kind == LandingCallAnswered && i >= 0:
		g.Calls = slices.Delete(g.Calls, i, i+1)
	}
	return nil
}

func (g *Group) applyCar(e *Event) error {
	if e.Car < 0 || int(e.Car) >= len(g.Cars) {
		return fmt.Errorf("event kind %d names car %d of %d", e.Kind, e.Car, len(g.Cars))
	}
	car := &g.Cars[e.Car]
	switch e.Kind {
	case CarCallRegistered:
		if car.CarCalls.Empty() {
			car.CallsSince = e.T
		}
		car.CarCalls.Add(e.Floor)
	case CarCallAnswered:
		car.CarCalls.Remove(e.Floor)
	case CarDeparted:
		if car.Doors != DoorsAreClosed {
			return fmt.Errorf("car %d departs with its doors %v", e.Car, car.Doors)
		}
		car.Moving, car.Floor, car.Target, car.Direction = true, e.Floor, e.To, e.Direction
		car.FromM, car.DepartedAt = e.PositionM, e.T
		car.Starts++
	case CarTargetChanged:
		car.Target = e.To
	case CarArrived:
		at := g.Building.Floors[e.Floor].ElevationM
		car.TravelM += max(at-car.FromM, car.FromM-at)
		car.Moving, car.Floor, car.Target, car.FromM = false, e.Floor, NoFloor, at
	case DoorsOpening:
		if car.Moving {
			return fmt.Errorf("car %d opens its doors in motion", e.Car)
		}
		car.Direction = e.Direction
		car.setDoors(DoorsAreOpening, e.T)
	case DoorsOpened:
		car.setDoors(DoorsAreOpen, e.T)
	case DoorsClosing:
		car.setDoors(DoorsAreClosing, e.T)
	case DoorsClosed:
		car.setDoors(DoorsAreClosed, e.T)
		car.DoorCycles++
	case CarRecovered:
		car.Moving, car.Target, car.FromM = false, NoFloor, e.PositionM
		if e.Floor != NoFloor {
			car.Floor, car.FromM = e.Floor, g.Building.Floors[e.Floor].ElevationM
		}
		car.setDoors(DoorsAreClosed, e.T)
	case ModeChanged:
		car.Mode = e.Mode
	case FaultRaised:
		car.Faults = car.Faults.With(e.Fault)
	case FaultCleared:
		car.Faults = car.Faults.Without(e.Fault)
	}
	return nil
}

func (c *Car) setDoors(d DoorState, t time.Duration) { c.Doors, c.DoorsSince = d, t }
