package dispatch

import (
	"fmt"
	"math"
	"strings"
	"time"

	"elevator/internal/elevator"
)

// Parker decides where idle cars wait, instead of the dispatcher. It is asked
// after it, with the same View, and appends its decisions to out. Like a
// Dispatcher it may keep what it learned, belongs to one group control, and is
// deterministic.
type Parker interface {
	Park(v *View, out []Decision) []Decision
}

// Parking is one line of the table of parking policies.
type Parking struct {
	Name  string
	About string             // one line for the help text
	New   func(Plant) Parker // nil: the dispatcher parks the cars itself
}

// Parkings lists the parking policies, the default first. Research has found
// waits of idle cars that stand at zone centres 30 % shorter, and of cars at the
// lobby longer, but in up-peak; no policy is best for every traffic.
var Parkings = []Parking{
	{Name: "auto", About: "as the dispatcher sees fit"},
	{Name: "stay", About: "where the last passenger left them", New: newSpotParker(noSpots)},
	{Name: "lobby", About: "at the main terminal", New: newSpotParker(lobbySpots)},
	{Name: "zones", About: "one in the middle of each zone, of which there are as many as cars", New: newSpotParker(zoneCentres)},
	{Name: "demand", About: "where people came to the landings in the last half hour", New: newSpotParker(demandSpots)},
	{Name: "pattern", About: "lobby in up-peak, demand in two-way traffic, else zones, as detected or as the operator says", New: newSpotParker(patternSpots)},
}

// ParkingNames returns the names of the parking policies.
func ParkingNames() []string {
	names := make([]string, len(Parkings))
	for i := range Parkings {
		names[i] = Parkings[i].Name
	}
	return names
}

// ParkingByName returns the policy of that name, or an error that lists all.
func ParkingByName(name string) (Parking, error) {
	for _, p := range Parkings {
		if p.Name == name {
			return p, nil
		}
	}
	return Parking{}, fmt.Errorf("%q: want one of %s", name, strings.Join(ParkingNames(), ", "))
}

// spotParker has one spot for each car of the group. An idle car that is at a
// spot, or on its way to one, keeps it; the others go each to the nearest spot
// that is left. A car that does not serve its spot's floor waits at the nearest
// that it serves.
type spotParker struct {
	rule   func(*spotParker, *View, int) // appends that many spots
	demand *landingDemand
	spots  []elevator.FloorIndex
}

func newSpotParker(rule func(*spotParker, *View, int)) func(Plant) Parker {
	return func(p Plant) Parker {
		return &spotParker{rule: rule, demand: newLandingDemand(p.Building)}
	}
}

// Park implements Parker.
func (p *spotParker) Park(v *View, out []Decision) []Decision {
	p.demand.observe(v)
	p.spots = p.spots[:0]
	p.rule(p, v, groupSize(v))
	var homeless elevator.CarSet
	for i := range v.Cars {
		if hasNothingToDo(&v.Cars[i]) && !p.keep(v, i) {
			homeless = homeless.With(elevator.CarIndex(i))
		}
	}
	for c := range homeless.All() {
		if f := p.nearest(v, int(c)); f != elevator.NoFloor {
			out = append(out, ParkCar(c, f))
		}
	}
	return out
}

// keep takes the spot where car i waits or will wait, if there is one.
func (p *spotParker) keep(v *View, i int) bool {
	at := waitingPlace(&v.Cars[i])
	for s, spot := range p.spots {
		if v.nearestServed(i, spot) == at {
			p.take(s)
			return true
		}
	}
	return false
}

// nearest takes the spot that is the fewest floors from car i, and returns the
// floor at which the car waits then; NoFloor where no spot is left.
func (p *spotParker) nearest(v *View, i int) elevator.FloorIndex {
	at, best := waitingPlace(&v.Cars[i]), -1
	for s, spot := range p.spots {
		if best < 0 || floorsBetween(at, spot) < floorsBetween(at, p.spots[best]) {
			best = s
		}
	}
	if best < 0 {
		return elevator.NoFloor
	}
	f := v.nearestServed(i, p.spots[best])
	p.take(best)
	return f
}

func (p *spotParker) take(s int) { p.spots = append(p.spots[:s], p.spots[s+1:]...) }

// waitingPlace returns where an idle car waits, or will when it has parked.
func waitingPlace(car *CarView) elevator.FloorIndex {
	switch {
	case car.Moving:
		return car.Target
	case car.Parking != elevator.NoFloor:
		return car.Parking // it is about to leave, or there
	}
	return car.Floor
}

// nearestServed returns the floor nearest to f that car i serves, the lower one
// of two.
func (v *View) nearestServed(i int, f elevator.FloorIndex) elevator.FloorIndex {
	serves := &v.Building.Cars[i].Serves
	if serves.Has(f) {
		return f
	}
	below, above := serves.Below(f), serves.Above(f)
	if below == elevator.NoFloor || above != elevator.NoFloor && above-f < f-below {
		return above
	}
	return below
}

func noSpots(*spotParker, *View, int) {}

func lobbySpots(p *spotParker, _ *View, cars int) {
	for range cars {
		p.spots = append(p.spots, p.demand.terminal)
	}
}

// zoneCentres splits the floors into zones of the same size.
func zoneCentres(p *spotParker, v *View, cars int) {
	for i := range cars {
		p.spots = append(p.spots, elevator.FloorIndex((2*i+1)*len(v.Building.Floors)/(2*cars)))
	}
}

// demandSpots splits the floors into zones that the same number of people come
// to, and takes the floor in the middle of each of them: several times the main
// terminal where most come there.
func demandSpots(p *spotParker, v *View, cars int) {
	share, f := 0.0, elevator.FloorIndex(-1)
	for i := range cars {
		middle := (float64(i) + 0.5) / float64(cars)
		for int(f)+1 < len(v.Building.Floors) && (f < 0 || share < middle) {
			f++
			share += p.demand.settled[f]
		}
		p.spots = append(p.spots, f)
	}
}

// patternSpots follows the traffic mode that the operator has set or, where that
// is normal, the one that is detected.
func patternSpots(p *spotParker, v *View, cars int) {
	mode := v.Mode
	if mode != elevator.GroupUpPeak && mode != elevator.GroupDownPeak && mode != elevator.GroupTwoWay {
		mode = v.Detected
	}
	switch mode {
	case elevator.GroupUpPeak:
		lobbySpots(p, v, cars)
	case elevator.GroupTwoWay:
		demandSpots(p, v, cars)
	default:
		zoneCentres(p, v, cars)
	}
}

// landingDemand estimates what share of those who come to the landings come to
// which, by who steps in there. Before people have come, half of them are
// expected at the main terminal, the others by the floors' populations.
type landingDemand struct {
	terminal elevator.FloorIndex
	count    []float64 // by floor: people, decayed to since
	since    time.Duration
	persons  []int     // in each car when it was looked at last
	settled  []float64 // by floor: its share when it was taken last
	settles  time.Duration
}

const (
	demandMemory   = 30 * time.Minute // the time constant over which people are forgotten
	demandSettles  = 5 * time.Minute  // how long the shares stay, so that cars do not follow every passenger
	demandExpected = 20.0             // how many people weigh as much as what is expected without any
)

func newLandingDemand(b *elevator.Building) *landingDemand {
	d := &landingDemand{
		terminal: b.MainTerminal(),
		count:    make([]float64, len(b.Floors)),
		persons:  make([]int, len(b.Cars)),
		settled:  make([]float64, len(b.Floors)),
	}
	people := 0
	for f := range b.Floors {
		if elevator.FloorIndex(f) != d.terminal {
			people += b.Floors[f].Population
		}
	}
	for f := range d.count {
		switch {
		case elevator.FloorIndex(f) == d.terminal:
			d.count[f] = demandExpected / 2
		case people > 0:
			d.count[f] = demandExpected / 2 * float64(b.Floors[f].Population) / float64(people)
		default:
			d.count[f] = demandExpected / 2 / float64(len(b.Floors)-1)
		}
	}
	d.settle(0)
	return d
}

// observe looks at the cars: whoever is aboard more than before has stepped in
// where the car stands.
func (d *landingDemand) observe(v *View) {
	if v.Now >= d.settles {
		d.settle(v.Now)
	}
	for i := range v.Cars {
		car := &v.Cars[i]
		if more := car.Persons - d.persons[i]; more > 0 {
			d.decay(v.Now)
			d.count[car.Floor] += float64(more)
		}
		d.persons[i] = car.Persons
	}
}

func (d *landingDemand) decay(now time.Duration) {
	keep := math.Exp(-float64(now-d.since) / float64(demandMemory))
	for f := range d.count {
		d.count[f] *= keep
	}
	d.since = now
}

func (d *landingDemand) settle(now time.Duration) {
	sum := 0.0
	for _, n := range d.count {
		sum += n
	}
	for f, n := range d.count {
		d.settled[f] = n / sum
	}
	d.settles = now + demandSettles
}
