package dispatch

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"elevator/internal/elevator"
)

// In a building of at most 64 floors the quick walk costs what the walk for any
// building does, to the last bit: whatever the car is doing, whoever is aboard, and
// whichever calls it is given. Either may give a plan up at a limit.
func TestLowBuildingsAreWalkedLikeTallOnes(t *testing.T) {
	plants := []Plant{testPlant(5, 3), testPlant(16, 3), testPlant(64, 3)}
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom(plants).Draw(t, "plant")
		e, v := newTunedETA(p, defaultTuning()), drawView(t, p)
		e.turn = rapid.SampledFrom([]float64{0, 1}).Draw(t, "turn")
		e.dwell = [2]float64{2, 3}
		for f := range p.Building.Floors {
			e.rates.count[0][f] = rapid.Float64Range(0, 20).Draw(t, "down")
			e.rates.count[1][f] = rapid.Float64Range(0, 20).Draw(t, "up")
		}
		e.rates.since = v.Now
		for i := range v.Cars {
			drawWork(t, &v.Cars[i], v.Now, len(p.Building.Floors))
		}
		drawDestinationCalls(t, v)
		e.read(v)
		for c := range e.starts {
			mask := rapid.Uint64Range(0, 1<<len(e.calls)-1).Draw(t, "mask")
			low, tall := e.costLow(&e.starts[c], mask, unlimited), e.costTall(&e.starts[c], mask, unlimited)
			if low != tall {
				t.Fatalf("car %d with calls %b costs %v, in a tall building %v", c, mask, low, tall)
			}
			limit := tall * rapid.Float64Range(0, 2).Draw(t, "limit")
			givenUp(t, e.costLow(&e.starts[c], mask, limit), tall, limit)
			givenUp(t, e.costTall(&e.starts[c], mask, limit), tall, limit)
		}
	})
}

// givenUp checks a plan that was walked up to a limit: it costs what the whole does,
// or both cost more.
func givenUp(t *rapid.T, cost, whole, limit float64) {
	if cost != whole && (cost <= limit || whole <= limit) {
		t.Fatalf("walked up to %v a plan costs %v, whole %v", limit, cost, whole)
	}
}

// drawDestinationCalls adds calls for destinations, of which several can be lit at a
// landing for the same direction.
func drawDestinationCalls(t *rapid.T, v *View) {
	floor := rapid.IntRange(0, len(v.Building.Floors)-1)
	for range rapid.IntRange(0, 4).Draw(t, "destinations") {
		from, to := elevator.FloorIndex(floor.Draw(t, "from")), elevator.FloorIndex(floor.Draw(t, "for"))
		if from != to {
			v.Calls = append(v.Calls, elevator.LandingCall{Key: elevator.DestinationCall(from, to), RegisteredAt: v.Now, Car: elevator.NoCar})
		}
	}
}

// drawWork draws people aboard a car, their car calls, and what its doors do.
func drawWork(t *rapid.T, car *CarView, now time.Duration, floors int) {
	car.Persons = rapid.IntRange(0, 12).Draw(t, "persons")
	for range rapid.IntRange(0, 4).Draw(t, "car calls") {
		car.CarCalls.Add(elevator.FloorIndex(rapid.IntRange(0, floors-1).Draw(t, "car call")))
	}
	if car.Moving {
		car.DepartedAt = now - time.Duration(rapid.IntRange(0, 60_000).Draw(t, "flies for ms"))*time.Millisecond
		return
	}
	car.Direction = rapid.SampledFrom([]elevator.Direction{elevator.Down, elevator.None, elevator.Up}).Draw(t, "direction")
	car.Doors = rapid.SampledFrom([]elevator.DoorState{
		elevator.DoorsAreClosed, elevator.DoorsAreOpening, elevator.DoorsAreOpen, elevator.DoorsAreClosing,
	}).Draw(t, "doors")
	car.DoorsSince = now - time.Duration(rapid.IntRange(0, 5_000).Draw(t, "doors for ms"))*time.Millisecond
}
