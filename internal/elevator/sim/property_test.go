package sim

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"elevator/internal/elevator"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/group"
	"elevator/internal/elevator/sim/simtest"
)

// drawBuilding draws a building of a few floors and cars, of either motion
// model, in which every two floors have a car in common.
func drawBuilding(t *rapid.T) *elevator.Building {
	b := &elevator.Building{
		Name:     "drawn",
		Transfer: elevator.Transfer{Mean: time.Second},
		Load:     elevator.Load{PassengerKg: 75, FullRatio: 1, BypassRatio: 0.8, OverloadRatio: 1.1},
		Motion: elevator.Motion{
			Model: elevator.FloorTime, FloorTime: 1450 * time.Millisecond, StopOverhead: 5740 * time.Millisecond, TurnTime: time.Second,
		},
	}
	if rapid.Bool().Draw(t, "s-curve") {
		b.Motion = elevator.Motion{
			SpeedMps: rapid.Float64Range(0.6, 6).Draw(t, "speed"), AccelerationMps2: rapid.Float64Range(0.5, 1.5).Draw(t, "acceleration"),
			JerkMps3: rapid.Float64Range(0.5, 2).Draw(t, "jerk"), StartDelay: 500 * time.Millisecond,
		}
		b.Doors = elevator.Doors{
			Open: 1800 * time.Millisecond, Close: 2900 * time.Millisecond,
			DwellCarCall: 2 * time.Second, DwellLandingCall: 3 * time.Second,
		}
	}
	floors := rapid.IntRange(2, 15).Draw(t, "floors")
	terminal := rapid.IntRange(0, floors-1).Draw(t, "terminal")
	var all elevator.FloorSet
	height := 0.0
	for f := range floors {
		all.Add(elevator.FloorIndex(f))
		b.Floors = append(b.Floors, elevator.Floor{Name: fmt.Sprint(f), ElevationM: height, Population: 50, MainTerminal: f == terminal})
		height += rapid.Float64Range(2.5, 6).Draw(t, "height")
	}
	for i := range rapid.IntRange(1, 6).Draw(t, "cars") {
		serves := all
		if i > 0 && floors > 2 && rapid.IntRange(0, 3).Draw(t, "partial") == 0 {
			serves.Remove(elevator.FloorIndex(rapid.IntRange(0, floors-1).Draw(t, "not served")))
		}
		start := serves.Above(elevator.NoFloor)
		b.Cars = append(b.Cars, elevator.CarSpec{
			Name: string(rune('A' + i)), CapacityPersons: rapid.IntRange(2, 12).Draw(t, "capacity"),
			Serves: serves, Start: start, Home: start,
		})
	}
	return b
}

// mostPeople is how many people meet a dispatcher in one property: fewer where
// it thinks long.
func mostPeople(dispatcher string) int {
	if dispatcher == "lookahead" {
		return 8
	}
	return 60
}

// drawPassengers draws some people within some minutes, no more than the
// building can carry.
func drawPassengers(t *rapid.T, b *elevator.Building, most int) []elevator.Passenger {
	floors := len(b.Floors)
	within := rapid.IntRange(1, 600).Draw(t, "seconds")
	seats := 0
	for i := range b.Cars {
		seats += b.Cars[i].CapacityPersons
	}
	people := make([]elevator.Passenger, rapid.IntRange(1, min(most, 5*seats)).Draw(t, "people"))
	for i := range people {
		from := rapid.IntRange(0, floors-1).Draw(t, "from")
		to := (from + rapid.IntRange(1, floors-1).Draw(t, "distance")) % floors
		people[i] = elevator.Passenger{
			Floor: elevator.FloorIndex(from), To: elevator.FloorIndex(to), MassKg: 75,
			ArrivesAt: time.Duration(rapid.IntRange(0, within*1000).Draw(t, "at")) * time.Millisecond,
		}
	}
	return inOrder(people)
}

// inOrder sorts people by when they come and numbers them.
func inOrder(people []elevator.Passenger) []elevator.Passenger {
	slices.SortStableFunc(people, func(a, b elevator.Passenger) int { return cmp.Compare(a.ArrivesAt, b.ArrivesAt) })
	for i := range people {
		people[i].ID = elevator.PassengerID(i + 1)
	}
	return people
}

// drawSignalling draws one of those that suit the dispatcher: those with buttons also
// run where there are panels.
func drawSignalling(t *rapid.T, entry dispatch.Entry) elevator.Signalling {
	all := []elevator.Signalling{elevator.Destination, elevator.Hybrid, elevator.Conventional}
	if entry.NeedsDestination {
		all = all[:2]
	}
	return rapid.SampledFrom(all).Draw(t, "signalling")
}

// longStill is longer than any flight takes here, and than anybody whom a car could
// not take along waits before they press again.
const longStill = 4 * time.Minute

// Whatever the building and the traffic, every dispatcher brings everybody
// where they want to go, every call is answered in bounded time, nobody waits while
// every car rests, and the rules of the house are kept.
func TestEveryRunKeepsTheRules(t *testing.T) {
	for _, entry := range dispatch.All {
		t.Run(entry.Name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				b := drawBuilding(t)
				b.Signalling = drawSignalling(t, entry)
				people := drawPassengers(t, b, mostPeople(entry.Name))
				check := simtest.NewChecker(b)
				check.Promises, check.Answered, check.Still = entry.NeedsDestination, answerBound(b), longStill
				summary, err := Run(Config{Building: b, Passengers: people, Dispatcher: entry, OnEvent: check.Event})
				if err != nil {
					t.Fatal(err)
				}
				if err := check.End(); err != nil {
					t.Fatalf("%v (left: %v)", err, summary.Left)
				}
			})
		})
	}
}

// The same inputs give the same bytes.
func TestRunsAreDeterministic(t *testing.T) {
	for _, entry := range dispatch.All {
		t.Run(entry.Name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				b := drawBuilding(t)
				if entry.NeedsDestination {
					b.Signalling = elevator.Destination
				}
				people := drawPassengers(t, b, mostPeople(entry.Name))
				journal := func() []byte {
					var lines []byte
					_, err := Run(Config{Building: b, Passengers: people, Dispatcher: entry, OnEvent: func(e *elevator.Event) {
						lines = elevator.AppendEvent(lines, b, e)
					}})
					if err != nil {
						t.Fatal(err)
					}
					return lines
				}
				if first, second := journal(), journal(); !bytes.Equal(first, second) {
					t.Fatalf("the same run twice gave different journals of %d and %d bytes", len(first), len(second))
				}
			})
		})
	}
}

// drawDrills draws faults, or modes and losses of power, that come and go within
// ten minutes; in the end every car is healthy and in service.
func drawDrills(t *rapid.T, b *elevator.Building) []Drill {
	var drills []Drill
	add := func(at int, kind group.CommandKind, car int, with func(*group.Command)) {
		cmd := group.NewCommand(kind)
		cmd.Car = elevator.CarIndex(car)
		with(&cmd)
		drills = append(drills, Drill{time.Duration(at) * time.Second, cmd})
	}
	faults := []elevator.Fault{
		elevator.FaultDriveAndMotor, elevator.FaultDoorClosing, elevator.FaultDoorOpening, elevator.FaultController,
		elevator.FaultCarStoppedOutsideLandingZone, elevator.FaultStartFailure, elevator.FaultLoadMeasurement,
	}
	modes := []elevator.Mode{
		elevator.ModeOutOfService, elevator.ModeInspection, elevator.ModeAttendantControl, elevator.ModeHoming, elevator.ModeVIP,
	}
	breaks := rapid.Bool().Draw(t, "fault")
	for range rapid.IntRange(1, 6).Draw(t, "drills") {
		car := rapid.IntRange(0, len(b.Cars)-1).Draw(t, "car")
		at := rapid.IntRange(0, 300).Draw(t, "drill at")
		until := at + rapid.IntRange(1, 200).Draw(t, "lasts")
		if breaks {
			fault := rapid.SampledFrom(faults).Draw(t, "which fault")
			add(at, group.RaiseFault, car, func(c *group.Command) { c.Fault, c.On = fault, true })
			add(until, group.RaiseFault, car, func(c *group.Command) { c.Fault = fault })
			add(601, group.ResetFaults, car, func(c *group.Command) { c.Fault = fault })
			continue
		}
		if rapid.IntRange(0, 5).Draw(t, "power fails") == 0 {
			add(at, group.SetGroupMode, car, func(c *group.Command) { c.GroupMode = elevator.GroupEmergencyPower })
			add(until, group.SetGroupMode, car, func(c *group.Command) { c.GroupMode = elevator.GroupNormal })
			continue
		}
		mode := rapid.SampledFrom(modes).Draw(t, "which mode")
		add(at, group.SetCarMode, car, func(c *group.Command) { c.Mode = mode })
		add(until, group.SetCarMode, car, func(c *group.Command) { c.Mode = elevator.ModeNormal })
	}
	for car := range b.Cars {
		add(int(repaired.Seconds()), group.SetCarMode, car, func(c *group.Command) { c.Mode = elevator.ModeNormal })
	}
	slices.SortStableFunc(drills, func(a, b Drill) int { return cmp.Compare(a.At, b.At) })
	return drills
}

// repaired is when all drills are over.
const repaired = 602 * time.Second

// Whatever fails and comes back, nobody is lost: a lit call is answered, and nobody is
// forgotten once all is well.
func TestFaultsLoseNobody(t *testing.T) {
	for _, entry := range dispatch.All {
		t.Run(entry.Name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				b := drawBuilding(t)
				b.Signalling = drawSignalling(t, entry)
				people := drawPassengers(t, b, min(20, mostPeople(entry.Name)))
				check := simtest.NewChecker(b)
				check.Promises = entry.NeedsDestination
				summary, err := Run(Config{
					Building: b, Passengers: people, Dispatcher: entry, Drills: drawDrills(t, b), OnEvent: func(e *elevator.Event) {
						if e.T > repaired {
							check.Still = longStill
						}
						check.Event(e)
					},
				})
				if err != nil {
					t.Fatal(err)
				}
				if err := check.End(); err != nil {
					t.Fatalf("%v (left: %v)", err, summary.Left)
				}
			})
		})
	}
}
