// Package stats turns events into the figures by which elevator groups are
// judged: waits, transits, times to destination, starts and metres.
//
// Events go into a Collector, from a simulation, a live run or a journal
// alike. It remembers one small record for each passenger, until it is told to
// Forget, and computes everything else when asked: a Result over the run or a part
// of it, the last minutes for a dashboard, the trend of the queue, the list of
// passengers. Figures of several runs become intervals with Estimate and Difference.
//
// A wait begins when the passenger arrives and ends when that passenger starts
// to board; the transit begins there and ends when the passenger has left the
// car, and so does the time to destination, which began with the wait.
//
// A Collector belongs to one goroutine.
package stats

import (
	"maps"
	"slices"
	"time"

	"elevator/internal/elevator"
)

// Journey is what a Collector remembers of one passenger.
type Journey struct {
	Passenger elevator.PassengerID
	Floor, To elevator.FloorIndex
	Car       elevator.CarIndex // the car boarded last; NoCar before
	ArrivedAt time.Duration
	BoardedAt time.Duration // when the passenger first started to board; Pending before
	LeftAt    time.Duration // when the passenger had left the car at their floor; Pending before
}

// Pending stands for a time that has not come.
const Pending = time.Duration(-1)

// Collector collects the journeys of one run.
type Collector struct {
	building *elevator.Building
	now      time.Duration
	waiting  int

	journeys []Journey // in the order of arrival
	// Invariant: passenger first+i is journeys[i] where numbers are dense, as they
	// are in our own runs; the others are found by others.
	first  elevator.PassengerID
	others map[elevator.PassengerID]int

	fromM  []float64 // where each car's present flight began
	starts int
	metres float64

	minutes [keptMinutes]minute
}

// NewCollector returns an empty collector for a run in building b.
func NewCollector(b *elevator.Building) *Collector {
	c := &Collector{building: b, fromM: make([]float64, len(b.Cars))}
	for i := range b.Cars {
		c.fromM[i] = b.Floors[b.Cars[i].Start].ElevationM
	}
	return c
}

// Clone returns a copy that goes on by itself.
func (c *Collector) Clone() *Collector {
	clone := *c
	clone.journeys, clone.others, clone.fromM = slices.Clone(c.journeys), maps.Clone(c.others), slices.Clone(c.fromM)
	return &clone
}

// Apply takes note of an event. Events come in the order of the journal; an
// event about a passenger or car that is not known is left out.
func (c *Collector) Apply(e *elevator.Event) {
	c.now = max(c.now, e.T)
	switch e.Kind {
	case elevator.PassengerArrived:
		c.arrived(Journey{e.Passenger, e.Floor, e.To, elevator.NoCar, e.T, Pending, Pending})
	case elevator.PassengerBoarded:
		if j := c.journey(e.Passenger); j != nil {
			c.boarded(j, e)
		}
	case elevator.PassengerAlighted:
		if j := c.journey(e.Passenger); j != nil {
			c.alighted(j, e)
		}
	case elevator.CarDeparted:
		if c.knows(e.Car) {
			c.fromM[e.Car] = e.PositionM
			c.starts++
		}
	case elevator.CarArrived:
		if c.knows(e.Car) {
			at := c.building.Floors[e.Floor].ElevationM
			c.metres += max(at-c.fromM[e.Car], c.fromM[e.Car]-at)
			c.fromM[e.Car] = at
		}
	case elevator.CarRecovered:
		if c.knows(e.Car) {
			c.fromM[e.Car] = e.PositionM
			if e.Floor != elevator.NoFloor {
				c.fromM[e.Car] = c.building.Floors[e.Floor].ElevationM
			}
		}
	case elevator.SnapshotTaken:
		c.join(e.Detail.Snapshot)
	}
}

func (c *Collector) knows(car elevator.CarIndex) bool { return car >= 0 && int(car) < len(c.fromM) }

func (c *Collector) arrived(j Journey) {
	if c.journey(j.Passenger) != nil {
		return
	}
	if len(c.journeys) == 0 {
		c.first = j.Passenger
	}
	c.journeys = append(c.journeys, j)
	c.index(len(c.journeys) - 1)
	c.waiting++
	c.minute().arrived++
}

// index lets journey find the i-th journey.
func (c *Collector) index(i int) {
	id := c.journeys[i].Passenger
	if id == c.first+elevator.PassengerID(i) {
		return
	}
	if c.others == nil {
		c.others = make(map[elevator.PassengerID]int)
	}
	c.others[id] = i
}

// Forget drops the journeys of those who arrived before t and have left. Results
// are then about whoever came later, or is on the way; the cars' figures and the
// last minutes stay as they are.
func (c *Collector) Forget(t time.Duration) {
	c.journeys = slices.DeleteFunc(c.journeys, func(j Journey) bool { return j.ArrivedAt < t && j.LeftAt != Pending })
	c.others = nil
	last := len(c.journeys) - 1
	if last < 0 {
		return
	}
	// A journey that takes long may be the only one left of its time. The numbers
	// after it are dense, so the index counts back from the last.
	c.first = c.journeys[last].Passenger - elevator.PassengerID(last)
	for i := range c.journeys {
		c.index(i)
	}
}

// journey returns the passenger's journey, or nil.
func (c *Collector) journey(id elevator.PassengerID) *Journey {
	if i := id - c.first; i >= 0 && int64(i) < int64(len(c.journeys)) && c.journeys[i].Passenger == id {
		return &c.journeys[i]
	}
	if i, ok := c.others[id]; ok {
		return &c.journeys[i]
	}
	return nil
}

func (c *Collector) boarded(j *Journey, e *elevator.Event) {
	j.Car = e.Car
	c.waiting--
	m := c.minute()
	if j.BoardedAt != Pending {
		return // let out on the way, and in again
	}
	j.BoardedAt = e.T
	wait := e.T - j.ArrivedAt
	m.boarded++
	m.wait += wait
	m.longest = max(m.longest, wait)
}

func (c *Collector) alighted(j *Journey, e *elevator.Event) {
	if e.Floor != j.To {
		c.waiting++
		c.minute()
		return
	}
	j.LeftAt = e.T
	c.minute().carried++
}

// join takes over the passengers and cars of a group in the middle of its run.
func (c *Collector) join(g *elevator.Group) {
	for i := range min(len(g.Cars), len(c.fromM)) {
		c.fromM[i] = g.Cars[i].FromM
	}
	for _, id := range slices.Sorted(maps.Keys(g.Journeys)) {
		if c.journey(id) != nil {
			continue
		}
		known := g.Journeys[id]
		p := &known.Passenger
		c.arrived(Journey{id, p.Floor, p.To, known.Car, p.ArrivesAt, Pending, Pending})
		if known.Car != elevator.NoCar {
			c.waiting--
			c.journey(id).BoardedAt = known.BoardedAt
		}
	}
}

// Journeys returns all journeys in the order of arrival. They are the
// collector's own: to be read, and only until the next Apply or Forget.
func (c *Collector) Journeys() []Journey { return c.journeys }

// Now returns the time of the last event.
func (c *Collector) Now() time.Duration { return c.now }

// Advance takes note that nothing has happened until t: whoever has not arrived
// has waited or ridden at least until then.
func (c *Collector) Advance(t time.Duration) { c.now = max(c.now, t) }

// Waiting returns how many passengers wait.
func (c *Collector) Waiting() int { return c.waiting }
