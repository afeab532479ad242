package operator

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"elevator/internal/elevator"
)

// carriage counts what passes: the metrics that grow with each event. Metrics
// of state are read from the fold when they are scraped (see collector).
type carriage struct {
	landingCalls *prometheus.CounterVec
	carCalls     map[elevator.CarIndex]uint64
	wait         prometheus.Histogram
	transit      prometheus.Histogram
	destination  prometheus.Histogram
}

func passengerHistogram(name, help string, buckets []float64) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: name, Help: help, Buckets: buckets,
		NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 100, NativeHistogramMinResetDuration: time.Hour,
	})
}

func newCarriage() *carriage {
	c := &carriage{
		landingCalls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "elevator_landing_calls_total", Help: "Landing calls registered, by the direction asked for.",
		}, []string{"direction"}),
		carCalls: make(map[elevator.CarIndex]uint64),
		wait: passengerHistogram("elevator_wait_seconds",
			"Time from a passenger's arrival at the landing until they start to board, in the building's time.",
			[]float64{5, 10, 15, 20, 25, 30, 40, 50, 60, 90, 120, 180, 300}),
		transit: passengerHistogram("elevator_transit_seconds",
			"Time from a passenger's start to board until they have left the car, in the building's time.",
			[]float64{10, 20, 30, 40, 50, 60, 80, 100, 120, 180, 300}),
		destination: passengerHistogram("elevator_time_to_destination_seconds",
			"Time from a passenger's arrival at the landing until they have left the car, in the building's time.",
			[]float64{15, 30, 45, 60, 75, 90, 110, 130, 150, 180, 240, 300, 600}),
	}
	for _, d := range []elevator.Direction{elevator.Up, elevator.Down} {
		c.landingCalls.WithLabelValues(d.String())
	}
	return c
}

// observe counts e, which is about to be applied to g.
func (c *carriage) observe(g *elevator.Group, e *elevator.Event) {
	switch e.Kind {
	case elevator.LandingCallRegistered:
		c.landingCalls.WithLabelValues(e.Direction.String()).Inc()
	case elevator.CarCallRegistered:
		c.carCalls[e.Car]++
	case elevator.PassengerBoarded:
		if j, ok := g.Journeys[e.Passenger]; ok {
			c.wait.Observe((e.T - j.Passenger.ArrivesAt).Seconds())
		}
	case elevator.PassengerAlighted:
		if j, ok := g.Journeys[e.Passenger]; ok && e.Floor == j.Passenger.To {
			c.transit.Observe((e.T - j.BoardedAt).Seconds())
			c.destination.Observe((e.T - j.Passenger.ArrivesAt).Seconds())
		}
	}
}

func (s *Server) registerMetrics(reg *prometheus.Registry) {
	s.streams = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "elevator_api_streams", Help: "Readers of the event stream that are connected.",
	})
	s.cutOff = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "elevator_api_streams_cut_off_total", Help: "Readers of the event stream that were too slow and were cut off.",
	})
	m := s.hub.metrics
	reg.MustRegister(s.streams, s.cutOff, m.landingCalls, m.wait, m.transit, m.destination, newCollector(s.hub))
}

// collector reads the metrics of state from the hub's fold, so that no copy of
// it has to be kept up to date. Labels are bounded by the building.
type collector struct {
	hub *Hub

	carFloor, carPosition, carDirection, carLoad, carDoors, carMode *prometheus.Desc
	carCalls, carCallsPending, landingCallsPending                  *prometheus.Desc
	waiting, riding, carried, tasks                                 *prometheus.Desc
}

func newCollector(h *Hub) *collector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return &collector{
		hub:                 h,
		carFloor:            desc("elevator_car_floor", "Index of the floor where the car stands or that it left last, 0 the lowest.", "car"),
		carPosition:         desc("elevator_car_position_meters", "Height of the car above the lowest floor.", "car"),
		carDirection:        desc("elevator_car_direction", "Direction of the car: -1 down, 0 none, 1 up.", "car"),
		carLoad:             desc("elevator_car_load_ratio", "Load of the car as a share of its rated load.", "car"),
		carDoors:            desc("elevator_car_doors_open", "Whether the car's doors are not closed.", "car"),
		carMode:             desc("elevator_car_mode", "Mode of the car (BACnet Car_Mode): 1 for the present one.", "car", "mode"),
		carCalls:            desc("elevator_car_calls_total", "Car calls registered.", "car"),
		carCallsPending:     desc("elevator_car_calls_pending", "Car calls that are lit.", "car"),
		landingCallsPending: desc("elevator_landing_calls_pending", "Landing calls that are lit.", "floor", "direction"),
		waiting:             desc("elevator_passengers_waiting", "Passengers waiting at all landings."),
		riding:              desc("elevator_passengers_riding", "Passengers aboard all cars."),
		carried:             desc("elevator_passengers_carried_total", "Passengers who have reached their floor."),
		tasks:               desc("elevator_tasks", "Tasks of cars and floors, by state.", "state"),
	}
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, ch) }

// Collect implements prometheus.Collector.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	c.hub.mu.Lock()
	defer c.hub.mu.Unlock()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	counter := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, labels...)
	}
	g, b, now := c.hub.group, c.hub.building, c.hub.now(time.Now())
	for i := range g.Cars {
		car, name, index := &g.Cars[i], b.Cars[i].Name, elevator.CarIndex(i)
		gauge(c.carFloor, float64(car.Floor), name)
		gauge(c.carPosition, c.hub.position(car, now), name)
		gauge(c.carDirection, float64(car.Direction), name)
		gauge(c.carLoad, car.LoadKg/b.RatedKg(index), name)
		gauge(c.carDoors, flag(car.Doors != elevator.DoorsAreClosed), name)
		for m := elevator.ModeUnknown; m <= elevator.ModeOccupantEvacuation; m++ {
			gauge(c.carMode, flag(car.Mode == m), name, m.String())
		}
		counter(c.carCalls, float64(c.hub.metrics.carCalls[index]), name)
		gauge(c.carCallsPending, float64(car.CarCalls.Len()), name)
	}
	pending := make(map[elevator.CallKey]int)
	for i := range g.Calls {
		key := g.Calls[i].Key
		pending[elevator.ConventionalCall(key.Floor, key.Direction)]++
	}
	for f := range b.Floors {
		floor := elevator.FloorIndex(f)
		if f < len(b.Floors)-1 {
			gauge(c.landingCallsPending, float64(pending[elevator.ConventionalCall(floor, elevator.Up)]), b.Floors[f].Name, "up")
		}
		if f > 0 {
			gauge(c.landingCallsPending, float64(pending[elevator.ConventionalCall(floor, elevator.Down)]), b.Floors[f].Name, "down")
		}
	}
	gauge(c.waiting, float64(g.WaitingTotal()))
	gauge(c.riding, float64(g.Riding()))
	counter(c.carried, float64(g.Carried))
	c.collectTasks(g, gauge)
}

// taskStates are the states that are always shown, so that a query for one of
// them never finds nothing.
var taskStates = []string{"pending", "launched", "running", "finished", "failed", "killed", "lost"}

func (c *collector) collectTasks(g *elevator.Group, gauge func(*prometheus.Desc, float64, ...string)) {
	count := make(map[string]int, len(taskStates))
	for _, s := range taskStates {
		count[s] = 0
	}
	for _, task := range g.Tasks {
		count[task.State]++
	}
	for state, n := range count {
		gauge(c.tasks, float64(n), state)
	}
}

func flag(on bool) float64 {
	if on {
		return 1
	}
	return 0
}
