package sim

import (
	"testing"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/sim/simtest"
)

// answerBound is how long a call may be lit: the ten minutes after which it is
// rescued, and two journeys of a car through the whole building, up and down, that
// stops at every floor for everybody aboard.
func answerBound(b *elevator.Building) time.Duration {
	floors, persons := time.Duration(len(b.Floors)), 0
	for i := range b.Cars {
		persons = max(persons, b.Cars[i].CapacityPersons)
	}
	stop := b.Doors.Open + b.Doors.Close + b.Doors.DwellLandingCall + b.Motion.StopOverhead + b.Motion.TurnTime + b.Motion.StartDelay + b.Motion.Levelling
	oneFloor := b.Motion.FloorTime
	if b.Motion.Model == elevator.SCurve {
		m := b.Motion
		highest := b.Floors[len(b.Floors)-1].ElevationM / float64(len(b.Floors)-1)
		oneFloor = time.Duration((2*highest/m.SpeedMps + m.SpeedMps/m.AccelerationMps2 + m.AccelerationMps2/m.JerkMps3) * float64(time.Second))
	}
	journey := 2*floors*(stop+oneFloor) + 2*time.Duration(persons)*b.Transfer.Mean
	return 10*time.Minute + 2*journey
}

// stream adds somebody every so often who takes the next of the trips.
func stream(people []elevator.Passenger, every, until time.Duration, trips ...[2]elevator.FloorIndex) []elevator.Passenger {
	for i, at := 0, time.Duration(0); at < until; i, at = i+1, at+every {
		trip := trips[i%len(trips)]
		people = append(people, elevator.Passenger{Floor: trip[0], To: trip[1], MassKg: 75, ArrivesAt: at})
	}
	return people
}

// Where more people come than two cars can carry, for an hour, no call starves:
// neither that at the top, with the traffic crossing below, nor those at the lower
// floors that full cars pass in down-peak, nor who waits behind one alone. Without
// the rescue most dispatchers leave one of them lit for an hour. And nobody is
// rescued by another car than they were promised.
func TestNoCallStarvesInOverload(t *testing.T) {
	type trip = [2]elevator.FloorIndex
	for _, traffic := range []struct {
		name  string
		every time.Duration
		trips []trip
		rare  trip // somebody every other minute
	}{
		{"crossing below the top", 2 * time.Second, []trip{{1, 3}, {4, 2}, {2, 5}, {5, 1}, {3, 4}, {4, 0}}, trip{7, 6}},
		{"down-peak above the lowest floors", 2 * time.Second, []trip{{7, 0}, {6, 0}, {5, 0}}, trip{1, 0}},
		{"two-way above the lowest floors", 2 * time.Second, []trip{{0, 7}, {6, 0}, {0, 5}, {4, 0}, {0, 3}, {7, 0}}, trip{1, 0}},
	} {
		for _, entry := range dispatch.All {
			t.Run(traffic.name+"/"+entry.Name, func(t *testing.T) {
				t.Parallel()
				length := time.Hour
				if entry.Name == "lookahead" {
					length = 20 * time.Minute // it thinks long
				}
				b := building.Builtin()
				b.Cars = b.Cars[:2]
				b.Signalling = entry.Signalling
				people := stream(nil, traffic.every, length, traffic.trips...)
				people = inOrder(stream(people, 2*time.Minute, length, traffic.rare))
				check := simtest.NewChecker(b)
				check.Answered, check.Promises = answerBound(b), true
				rare := make(map[elevator.PassengerID]time.Duration)
				watch := func(e *elevator.Event) {
					check.Event(e)
					switch {
					case e.Kind == elevator.PassengerArrived && trip{e.Floor, e.To} == traffic.rare:
						rare[e.Passenger] = e.T
					case e.Kind == elevator.PassengerBoarded:
						if at, ok := rare[e.Passenger]; ok && e.T-at > answerBound(b) {
							t.Errorf("passenger %d has waited for %v", e.Passenger, e.T-at)
						}
						delete(rare, e.Passenger)
					}
				}
				summary, err := Run(Config{Building: b, Passengers: people, Dispatcher: entry, OnEvent: watch})
				if err != nil {
					t.Fatal(err)
				}
				for passenger, at := range rare {
					if summary.End-at > answerBound(b) {
						t.Errorf("passenger %d waits since %v", passenger, at)
					}
				}
				if err := check.Err(); err != nil { // there is no time to carry everybody
					t.Error(err)
				}
			})
		}
	}
}
