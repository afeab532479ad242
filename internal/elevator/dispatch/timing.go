package dispatch

import (
	"math"
	"time"

	"elevator/internal/elevator"
)

// timing holds the times of a building in seconds, as a plan needs them.
type timing struct {
	floors   int
	words    int // how many words of a FloorSet the building's floors take
	terminal elevator.FloorIndex
	serving  []elevator.CarSet // by floor: the cars that serve it
	flight   []float64         // by from*floors+to
	open     float64           // from arrival to open doors
	close    float64           // from doors that begin to close to the next departure
	transfer float64           // one person stepping in or out, on average
	turn     float64           // before a departure against the last direction
	dwell    [2]float64
	bypass   []float64 // for each car: landing calls are passed from this many people on
	capacity []float64 // for each car: boarding stops at this many people
}

// The indexes of timing.dwell.
const (
	dwellCarCall = iota
	dwellLandingCall
)

func newTiming(p Plant) *timing {
	b := p.Building
	n := len(b.Floors)
	t := &timing{
		floors:   n,
		words:    (n + 63) / 64,
		terminal: b.MainTerminal(),
		serving:  make([]elevator.CarSet, n),
		flight:   make([]float64, n*n),
		open:     b.Doors.Open.Seconds(),
		close:    b.Doors.Close.Seconds(),
		transfer: b.Transfer.Mean.Seconds(),
		turn:     p.Law.TurnTime().Seconds(),
		dwell:    [2]float64{b.Doors.DwellCarCall.Seconds(), b.Doors.DwellLandingCall.Seconds()},
	}
	if b.Motion.Model == elevator.FloorTime {
		t.open, t.close, t.dwell = b.Motion.StopOverhead.Seconds()/2, b.Motion.StopOverhead.Seconds()/2, [2]float64{}
	}
	for from := range n {
		for to := range n {
			t.flight[from*n+to] = p.Law.FlightTime(elevator.FloorIndex(from), elevator.FloorIndex(to)).Seconds()
		}
	}
	for i := range b.Cars {
		for f := range b.Cars[i].Serves.All() {
			t.serving[f] = t.serving[f].With(elevator.CarIndex(i))
		}
		persons := float64(b.Cars[i].CapacityPersons)
		inKg := b.RatedKg(elevator.CarIndex(i)) / b.Load.PassengerKg
		capacity := min(persons, math.Floor(inKg*b.Load.FullRatio+1e-9))
		bypass := 0
		for !b.PassesLandings(elevator.CarIndex(i), bypass, float64(bypass)*b.Load.PassengerKg) {
			bypass++
		}
		t.bypass = append(t.bypass, float64(bypass))
		t.capacity = append(t.capacity, capacity)
	}
	return t
}

func (t *timing) fly(from, to elevator.FloorIndex) float64 {
	return t.flight[int(from)*t.floors+int(to)]
}

// stop returns the seconds that doors stay open for so many transfers.
func (t *timing) stop(transfers float64, landing bool) float64 {
	dwell := t.dwell[dwellCarCall]
	if landing {
		dwell = t.dwell[dwellLandingCall]
	}
	if stay := transfers * t.transfer; stay > dwell { // max would look for NaN, in the innermost loop
		return stay
	}
	return dwell
}

func seconds(d time.Duration) float64 { return float64(d) * 1e-9 }
