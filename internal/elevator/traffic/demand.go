package traffic

import (
	"errors"
	"fmt"
	"sort"
	"time"

	"elevator/internal/elevator"
)

// phaseDemand holds the rates of one phase for every floor.
type phaseDemand struct {
	duration time.Duration
	floors   []floorDemand
}

// floorDemand is who leaves one floor.
//
// Invariant: cumulative ascends and ends with perSecond, or is empty.
type floorDemand struct {
	perSecond    float64 // passengers a second to all destinations
	destinations []elevator.FloorIndex
	cumulative   []float64 // rate to this destination and those before it
}

func (d *floorDemand) add(to elevator.FloorIndex, perSecond float64) {
	if perSecond <= 0 {
		return
	}
	d.perSecond += perSecond
	d.destinations = append(d.destinations, to)
	d.cumulative = append(d.cumulative, d.perSecond)
}

// destination picks where u, from 0 up to but not 1, falls.
func (d *floorDemand) destination(u float64) elevator.FloorIndex {
	i := sort.SearchFloat64s(d.cumulative, u*d.perSecond)
	return d.destinations[min(i, len(d.destinations)-1)]
}

const fiveMinutes = 300 // seconds

// population weighs the journeys of a building by the people on its floors.
// Only journeys that one car can make are asked for.
type population struct {
	people              float64 // main terminal excluded
	in, out, interfloor pairs
}

func newPopulation(b *elevator.Building) (*population, error) {
	var p population
	reach := reachable(b)
	terminal := b.MainTerminal()
	p.in, p.out, p.interfloor = newPairs(b), newPairs(b), newPairs(b)
	for i := range b.Floors {
		if from := elevator.FloorIndex(i); from != terminal {
			p.people += float64(b.Floors[i].Population)
		}
		for j := range b.Floors {
			from, to := elevator.FloorIndex(i), elevator.FloorIndex(j)
			switch {
			case !reach[from].Has(to):
			case from == terminal:
				p.in.weigh(from, to, float64(b.Floors[to].Population))
			case to == terminal:
				p.out.weigh(from, to, float64(b.Floors[from].Population))
			default:
				p.interfloor.weigh(from, to, float64(b.Floors[from].Population)*float64(b.Floors[to].Population))
			}
		}
	}
	if p.people == 0 {
		return nil, errors.New("nobody lives or works in the building: no floor but the main terminal has a population")
	}
	return &p, nil
}

// demand spreads a phase over the floors. The share of a direction in which
// the building has no journeys (between floors, where only one has a
// population) is left to the others.
func (p *population) demand(phase Phase) (phaseDemand, error) {
	mix := phase.Mix
	for _, direction := range []struct {
		share *float64
		pairs *pairs
	}{{&mix.In, &p.in}, {&mix.Out, &p.out}, {&mix.Interfloor, &p.interfloor}} {
		if direction.pairs.sum == 0 {
			*direction.share = 0
		} else {
			*direction.share /= direction.pairs.sum
		}
	}
	rates := func(i, j int) float64 {
		return mix.In*p.in.weights[i][j] + mix.Out*p.out.weights[i][j] + mix.Interfloor*p.interfloor.weights[i][j]
	}
	total := mix.In*p.in.sum + mix.Out*p.out.sum + mix.Interfloor*p.interfloor.sum
	if total == 0 {
		return phaseDemand{}, fmt.Errorf(
			"the building has no journeys of the mix in/out/interfloor %g/%g/%g: no two floors that it is for have a population and a car in common",
			phase.Mix.In, phase.Mix.Out, phase.Mix.Interfloor)
	}
	perSecond := p.people * phase.RatePercent / 100 / fiveMinutes
	floors := len(p.in.weights)
	d := phaseDemand{phase.Duration, make([]floorDemand, floors)}
	for i := range floors {
		for j := range floors {
			d.floors[i].add(elevator.FloorIndex(j), perSecond/total*rates(i, j))
		}
	}
	return d, nil
}

// pairs weighs the journeys of one direction of traffic.
type pairs struct {
	weights [][]float64
	sum     float64
}

func newPairs(b *elevator.Building) pairs {
	p := pairs{weights: make([][]float64, len(b.Floors))}
	for i := range p.weights {
		p.weights[i] = make([]float64, len(b.Floors))
	}
	return p
}

func (p *pairs) weigh(from, to elevator.FloorIndex, weight float64) {
	p.weights[from][to] = weight
	p.sum += weight
}

// reachable returns for each floor the others that one car goes to from there.
func reachable(b *elevator.Building) []elevator.FloorSet {
	sets := make([]elevator.FloorSet, len(b.Floors))
	for i := range b.Cars {
		for f := range b.Cars[i].Serves.All() {
			for w := range sets[f] {
				sets[f][w] |= b.Cars[i].Serves[w]
			}
		}
	}
	for f := range sets {
		sets[f].Remove(elevator.FloorIndex(f))
	}
	return sets
}

// critesBarto is the down-peak of Crites and Barto (1996), after Bao et al.
// (1994): from every floor but the main terminal to the main terminal, at rates
// that change every five minutes and repeat after an hour, and in two variants
// passengers from the main terminal to floors drawn uniformly. It does not
// follow the population.
type critesBarto struct {
	name        string
	upPerMinute float64
}

var critesBartoVariants = []critesBarto{{"crites-barto", 0}, {"crites-barto-up2", 2}, {"crites-barto-up4", 4}}

// critesBartoRates are passengers in five minutes at each upper floor.
var critesBartoRates = [...]float64{1, 2, 4, 4, 18, 12, 8, 7, 18, 5, 3, 2}

func (c critesBarto) demand(b *elevator.Building) []phaseDemand {
	terminal := b.MainTerminal()
	upper := reachable(b)[terminal]
	var demands []phaseDemand
	for _, rate := range critesBartoRates {
		d := phaseDemand{fiveMinutes * time.Second, make([]floorDemand, len(b.Floors))}
		for f := range upper.All() {
			d.floors[f].add(terminal, rate/fiveMinutes)
			d.floors[terminal].add(f, c.upPerMinute/60/float64(upper.Len()))
		}
		demands = append(demands, d)
	}
	return demands
}
