package operator

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"elevator/internal/elevator"
)

// counters are the metrics that grow with each event. Metrics of state are
// read from the fold when they are scraped (see stateCollector).
type counters struct {
	events  [elevator.CommandGiven + 1]prometheus.Counter // by kind
	refused prometheus.Counter

	landingCalls      [2]prometheus.Counter // by direction, see upDown
	answered          [2]prometheus.Counter
	assigned          [2]prometheus.Counter
	reassigned        [2]prometheus.Counter
	requests          []prometheus.Counter // landing calls, by floor
	destinations      []prometheus.Counter // car calls, by floor
	response          prometheus.Histogram
	carCalls          []prometheus.Counter // by car
	carCallsServed    []prometheus.Counter
	faults            []prometheus.Counter
	recoveries        []prometheus.Counter
	arrived           prometheus.Counter
	wait              prometheus.Histogram
	transit           prometheus.Histogram
	timeToDestination prometheus.Histogram

	all []prometheus.Collector
}

// The wait's bounds hold the 30 and 60 seconds by which groups are judged.
var (
	waitBounds        = []float64{5, 10, 15, 20, 25, 30, 40, 50, 60, 90, 120, 180, 300}
	transitBounds     = []float64{10, 20, 30, 40, 50, 60, 80, 100, 120, 180, 300}
	destinationBounds = []float64{15, 30, 45, 60, 75, 90, 110, 130, 150, 180, 240, 300, 600}
)

// newCounters returns counters that all stand at zero, so that a query for one
// of them finds it before it first counts.
func newCounters(b *elevator.Building) *counters {
	c := &counters{
		refused: newCounter("elevator_events_refused_total",
			"Events that contradicted the state and were passed on without being folded."),
		response: newHistogram("elevator_landing_call_response_seconds",
			"Time from a landing call's registration until a car's doors begin to open for it, in the building's time.", waitBounds),
		arrived: newCounter("elevator_passengers_arrived_total", "Passengers who have arrived at a landing."),
		wait: newHistogram("elevator_wait_seconds",
			"Time from a passenger's arrival at the landing until they start to board, in the building's time.", waitBounds),
		transit: newHistogram("elevator_transit_seconds",
			"Time from a passenger's start to board until they have left the car, in the building's time.", transitBounds),
		timeToDestination: newHistogram("elevator_time_to_destination_seconds",
			"Time from a passenger's arrival at the landing until they have left the car, in the building's time.", destinationBounds),
	}
	c.all = []prometheus.Collector{
		c.refused, c.response, c.arrived, c.wait, c.transit, c.timeToDestination,
	}
	events := c.vector("elevator_events_total", "Events published, by kind.", "event")
	for kind := elevator.BuildingLoaded; kind <= elevator.CommandGiven; kind++ {
		c.events[kind] = events.WithLabelValues(kind.String())
	}
	c.landingCalls = c.perDirection("elevator_landing_calls_total", "Landing calls registered, by the direction asked for.")
	c.answered = c.perDirection("elevator_landing_calls_answered_total", "Landing calls answered, by the direction asked for.")
	c.assigned = c.perDirection("elevator_landing_calls_assigned_total", "Landing calls without a car that were given one, by the direction asked for.")
	c.reassigned = c.perDirection("elevator_landing_calls_reassigned_total", "Landing calls taken from one car and given to another, by the direction asked for.")
	c.requests = c.perFloor(b, "elevator_floor_landing_calls_total", "Landing calls registered, by floor.")
	c.destinations = c.perFloor(b, "elevator_floor_car_calls_total", "Car calls registered, by the floor they lead to.")
	c.carCalls = c.perCar(b, "elevator_car_calls_total", "Car calls registered.")
	c.carCallsServed = c.perCar(b, "elevator_car_calls_answered_total", "Car calls answered.")
	c.faults = c.perCar(b, "elevator_car_faults_total", "Faults raised.")
	c.recoveries = c.perCar(b, "elevator_car_recoveries_total", "Times the car's controller came back after a restart.")
	return c
}

func newCounter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
}

func newHistogram(name, help string, bounds []float64) prometheus.Histogram {
	return prometheus.NewHistogram(histogramOpts(name, help, bounds))
}

// histogramOpts are those of a histogram that has classic buckets for those who
// read text, and native ones for those who scrape protocol buffers.
func histogramOpts(name, help string, bounds []float64) prometheus.HistogramOpts {
	return prometheus.HistogramOpts{
		Name: name, Help: help, Unit: "seconds", Buckets: bounds,
		NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 100, NativeHistogramMinResetDuration: time.Hour,
	}
}

func (c *counters) vector(name, help, label string) *prometheus.CounterVec {
	v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{label})
	c.all = append(c.all, v)
	return v
}

func (c *counters) perDirection(name, help string) (pair [2]prometheus.Counter) {
	v := c.vector(name, help, "direction")
	for _, d := range []elevator.Direction{elevator.Down, elevator.Up} {
		pair[upDown(d)] = v.WithLabelValues(d.String())
	}
	return pair
}

func (c *counters) perFloor(b *elevator.Building, name, help string) []prometheus.Counter {
	v := c.vector(name, help, "floor")
	list := make([]prometheus.Counter, len(b.Floors))
	for i := range b.Floors {
		list[i] = v.WithLabelValues(b.Floors[i].Name)
	}
	return list
}

func (c *counters) perCar(b *elevator.Building, name, help string) []prometheus.Counter {
	v := c.vector(name, help, "car")
	list := make([]prometheus.Counter, len(b.Cars))
	for i := range b.Cars {
		list[i] = v.WithLabelValues(b.Cars[i].Name)
	}
	return list
}

// upDown is the place of a direction in a pair of counters.
func upDown(d elevator.Direction) int {
	if d == elevator.Up {
		return 1
	}
	return 0
}

// before is what the group knew of an event's passenger and call before the
// event was folded.
type before struct {
	journey elevator.Journey
	call    elevator.LandingCall
	lit     bool // the event's landing call or car call
}

func recall(g *elevator.Group, e *elevator.Event) (b before) {
	switch e.Kind {
	case elevator.PassengerBoarded, elevator.PassengerAlighted:
		b.journey, _ = g.Journey(e.Passenger)
	case elevator.LandingCallRegistered, elevator.LandingCallAssigned, elevator.LandingCallAnswered:
		if i := g.CallIndex(e.Call()); i >= 0 {
			b.call, b.lit = g.Calls[i], true
		}
	case elevator.CarCallRegistered, elevator.CarCallAnswered:
		b.lit = e.Car >= 0 && int(e.Car) < len(g.Cars) && g.Cars[e.Car].CarCalls.Has(e.Floor)
	}
	return b
}

// count counts an event that was folded. Lamps are idempotent: a call counts
// when it changes one.
func (c *counters) count(e *elevator.Event, b before) {
	if int(e.Kind) < len(c.events) && e.Kind != elevator.EventNone {
		c.events[e.Kind].Inc()
	}
	switch e.Kind {
	case elevator.LandingCallRegistered:
		if !b.lit {
			c.landingCalls[upDown(e.Direction)].Inc()
			c.requests[e.Floor].Inc()
		}
	case elevator.LandingCallAssigned:
		switch {
		case !b.lit || e.Car == elevator.NoCar || e.Car == b.call.Car:
		case b.call.Car == elevator.NoCar:
			c.assigned[upDown(e.Direction)].Inc()
		default:
			c.reassigned[upDown(e.Direction)].Inc()
		}
	case elevator.LandingCallAnswered:
		if b.lit {
			c.answered[upDown(e.Direction)].Inc()
			c.response.Observe((e.T - b.call.RegisteredAt).Seconds())
		}
	case elevator.CarCallRegistered:
		if !b.lit {
			c.carCalls[e.Car].Inc()
			c.destinations[e.Floor].Inc()
		}
	case elevator.CarCallAnswered:
		if b.lit {
			c.carCallsServed[e.Car].Inc()
		}
	case elevator.FaultRaised:
		c.faults[e.Car].Inc()
	case elevator.CarRecovered:
		c.recoveries[e.Car].Inc()
	case elevator.PassengerArrived:
		c.arrived.Inc()
	case elevator.PassengerBoarded:
		c.wait.Observe((e.T - b.journey.Passenger.ArrivesAt).Seconds())
	case elevator.PassengerAlighted:
		if e.Floor == b.journey.Passenger.To {
			c.transit.Observe((e.T - b.journey.BoardedAt).Seconds())
			c.timeToDestination.Observe((e.T - b.journey.Passenger.ArrivesAt).Seconds())
		}
	}
}
