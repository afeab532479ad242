package control

import "elevator/internal/elevator"

// carries reports whether car c, empty, may take the passenger at all: it
// serves both floors and the passenger is not too heavy for it.
func carries(b *elevator.Building, c elevator.CarIndex, p *elevator.Passenger) bool {
	spec := &b.Cars[c]
	return spec.Serves.Has(p.Floor) && spec.Serves.Has(p.To) && spec.CapacityPersons > 0 &&
		b.CountedKg(c, p) <= b.Load.FullRatio*b.RatedKg(c)+elevator.GraceKg
}

// leavesHere reports whether a rider gets out at the floor where the car
// stands: their own, or one where the car lets everybody out.
func (c *Car) leavesHere(p *elevator.Passenger) bool { return p.To == c.floor || c.emptiesHere() }

// room returns how many more people, and how many more kilograms, may board
// once those have got out who leave here.
func (c *Car) room() (persons int, kg float64) {
	persons = c.spec.CapacityPersons - len(c.boarders)
	kg = c.building.Load.FullRatio * c.building.RatedKg(c.index)
	for i := range c.riders {
		if !c.leavesHere(&c.riders[i]) {
			persons--
			kg -= c.building.CountedKg(c.index, &c.riders[i])
		}
	}
	for i := range c.boarders {
		kg -= c.building.CountedKg(c.index, &c.boarders[i])
	}
	return max(persons, 0), max(kg, 0)
}

// overloaded reports whether the load cell reads more than the car may start
// with. A cell that cannot be trusted is replaced by counting heads.
func (c *Car) overloaded() bool {
	aboard := 0.0
	for i := range c.riders {
		aboard += c.building.CountedKg(c.index, &c.riders[i])
	}
	kg, known := c.plant.LoadKg(aboard)
	if !known {
		kg = float64(len(c.riders)) * c.building.Load.PassengerKg
	}
	return kg > c.building.Load.OverloadRatio*c.building.RatedKg(c.index)+elevator.GraceKg
}

// passesLandings reports whether the car is so full that it answers no
// landing calls.
func (c *Car) passesLandings() bool {
	persons, kg := c.room()
	aboard := c.building.Load.FullRatio*c.building.RatedKg(c.index) - kg
	return c.building.PassesLandings(c.index, c.spec.CapacityPersons-persons, aboard)
}
