package operator

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"elevator/internal/elevator"
)

// stateCollector reads the metrics of state from a copy of the hub's fold, so
// that all of one scrape belong to one moment and no second copy of any has to
// be kept up to date. Labels are bounded by the building and by BACnet's words.
type stateCollector struct {
	hub *Hub

	carFloor, carPosition, carSpeed, carDirection, carLoad, carRiders, carDoors *prometheus.Desc
	carMode, carFault, carTask, carCallsPending, carCallsOldest                 *prometheus.Desc
	carStarts, carTravel, carDoorCycles                                         *prometheus.Desc
	groupMode, trafficDetected, seconds                                         *prometheus.Desc
	landingCallsPending, landingCallsUnassigned, landingCallsOldest             *prometheus.Desc
	waiting, riding, carried, tasks                                             *prometheus.Desc
}

func newStateCollector(h *Hub) *stateCollector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return &stateCollector{
		hub:             h,
		carFloor:        desc("elevator_car_floor", "Index of the floor where the car stands or that it left last, 0 the lowest.", "car"),
		carPosition:     desc("elevator_car_position_meters", "Height of the car above the lowest floor.", "car"),
		carSpeed:        desc("elevator_car_speed_meters_per_second", "Speed of the car, positive upwards.", "car"),
		carDirection:    desc("elevator_car_direction", "Direction of the car: -1 down, 0 none, 1 up.", "car"),
		carLoad:         desc("elevator_car_load_ratio", "Load of the car as a share of its rated load.", "car"),
		carRiders:       desc("elevator_car_passengers", "Passengers aboard the car.", "car"),
		carDoors:        desc("elevator_car_doors_open", "Whether the car's doors are not closed.", "car"),
		carMode:         desc("elevator_car_mode", "Mode of the car (BACnet Car_Mode): 1 for the present one.", "car", "mode"),
		carFault:        desc("elevator_car_fault", "Faults of the car (BACnet Fault_Signals): 1 for those present.", "car", "fault"),
		carTask:         desc("elevator_car_task_running", "Whether the car's task is running.", "car"),
		carCallsPending: desc("elevator_car_calls_pending", "Car calls that are lit.", "car"),
		carCallsOldest: desc("elevator_car_calls_oldest_age_seconds",
			"Age of the car's oldest lit call, in the building's time; 0 where there is none.", "car"),
		carStarts:     desc("elevator_car_starts_total", "Flights of the car begun.", "car"),
		carTravel:     desc("elevator_car_travel_meters_total", "Distance the car has travelled in finished flights.", "car"),
		carDoorCycles: desc("elevator_car_door_cycles_total", "Times the car's doors have closed.", "car"),
		groupMode:     desc("elevator_group_mode", "Mode of the group (BACnet Group_Mode): 1 for the present one.", "mode"),
		trafficDetected: desc("elevator_traffic_detected",
			"Traffic as the group sees it, in the words of BACnet Group_Mode: 1 for the present one.", "mode"),
		seconds: desc("elevator_building_time_seconds", "The building's time since the start of the run."),
		landingCallsPending: desc("elevator_landing_calls_pending",
			"Landing calls that are lit.", "floor", "direction"),
		landingCallsUnassigned: desc("elevator_landing_calls_unassigned", "Landing calls that are lit and have no car."),
		landingCallsOldest: desc("elevator_landing_calls_oldest_age_seconds",
			"Age of the oldest lit landing call, in the building's time, by the direction asked for; 0 where there is none.", "direction"),
		waiting: desc("elevator_passengers_waiting", "Passengers waiting at all landings."),
		riding:  desc("elevator_passengers_riding", "Passengers aboard all cars."),
		carried: desc("elevator_passengers_carried_total", "Passengers who have reached their floor."),
		tasks:   desc("elevator_tasks", "Tasks of cars and floors, by state.", "state"),
	}
}

// Describe implements prometheus.Collector.
func (c *stateCollector) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, ch) }

// Collect implements prometheus.Collector.
func (c *stateCollector) Collect(ch chan<- prometheus.Metric) {
	g, now, oldest := c.hub.measure(time.Now())
	out := samples{ch}
	for i := range g.Cars {
		c.car(out, g, elevator.CarIndex(i), now)
		out.gauge(c.carCallsOldest, oldest[i].Seconds(), g.Building.Cars[i].Name)
	}
	c.landingCalls(out, g, now)
	for m := elevator.GroupUnknown; m <= elevator.GroupUpPeak; m++ {
		out.gauge(c.groupMode, flag(g.Mode == m), m.String())
	}
	traffic := g.Traffic.At(now)
	for _, m := range elevator.DetectedModes() {
		out.gauge(c.trafficDetected, flag(traffic.Mode() == m), m.String())
	}
	out.gauge(c.seconds, now.Seconds())
	out.gauge(c.waiting, float64(g.WaitingTotal()))
	out.gauge(c.riding, float64(g.Riding()))
	out.counter(c.carried, float64(g.Carried))
	for state, n := range tasksByState(g) {
		out.gauge(c.tasks, float64(n), state)
	}
}

func (c *stateCollector) car(out samples, g *elevator.Group, index elevator.CarIndex, now time.Duration) {
	car, name := &g.Cars[index], g.Building.Cars[index].Name
	positionM, speedMps := c.hub.law.CarAt(car, now)
	out.gauge(c.carFloor, float64(car.Floor), name)
	out.gauge(c.carPosition, positionM, name)
	out.gauge(c.carSpeed, speedMps, name)
	out.gauge(c.carDirection, float64(car.Direction), name)
	out.gauge(c.carLoad, car.LoadKg/g.Building.RatedKg(index), name)
	out.gauge(c.carRiders, float64(len(car.Riders)), name)
	out.gauge(c.carDoors, flag(car.Doors != elevator.DoorsAreClosed), name)
	out.gauge(c.carTask, flag(car.TaskRunning), name)
	out.gauge(c.carCallsPending, float64(car.CarCalls.Len()), name)
	out.counter(c.carStarts, float64(car.Starts), name)
	out.counter(c.carTravel, car.TravelM, name)
	out.counter(c.carDoorCycles, float64(car.DoorCycles), name)
	for m := elevator.ModeUnknown; m <= elevator.ModeOccupantEvacuation; m++ {
		out.gauge(c.carMode, flag(car.Mode == m), name, m.String())
	}
	for f := elevator.FaultController; f <= elevator.FaultOverload; f++ {
		out.gauge(c.carFault, flag(car.Faults.Has(f)), name, f.String())
	}
}

// landingCalls shows both buttons of every floor, lit or not. A destination
// call counts as the button that would have led there.
func (c *stateCollector) landingCalls(out samples, g *elevator.Group, now time.Duration) {
	pending := make([][2]int, len(g.Building.Floors))
	unassigned, oldest := 0, [2]time.Duration{}
	for i := range g.Calls {
		call := &g.Calls[i]
		pending[call.Key.Floor][upDown(call.Key.Direction)]++
		age := &oldest[upDown(call.Key.Direction)]
		*age = max(*age, now-call.RegisteredAt)
		if call.Car == elevator.NoCar {
			unassigned++
		}
	}
	for f := range pending {
		name := g.Building.Floors[f].Name
		if f < len(pending)-1 {
			out.gauge(c.landingCallsPending, float64(pending[f][upDown(elevator.Up)]), name, elevator.Up.String())
		}
		if f > 0 {
			out.gauge(c.landingCallsPending, float64(pending[f][upDown(elevator.Down)]), name, elevator.Down.String())
		}
	}
	out.gauge(c.landingCallsUnassigned, float64(unassigned))
	for _, d := range []elevator.Direction{elevator.Down, elevator.Up} {
		out.gauge(c.landingCallsOldest, oldest[upDown(d)].Seconds(), d.String())
	}
}

// taskStates are always shown, so that a query for one of them never finds
// nothing. Any other word counts as otherState, so that none makes a new series.
var taskStates = []string{
	"pending", "launched", "starting", "running", "killing", "finished", "failed", "killed", "lost", otherState,
}

const otherState = "other"

func tasksByState(g *elevator.Group) map[string]int {
	count := make(map[string]int, len(taskStates))
	for _, state := range taskStates {
		count[state] = 0
	}
	for _, task := range g.Tasks {
		state := task.State
		if _, known := count[state]; !known {
			state = otherState
		}
		count[state]++
	}
	return count
}

// samples is where a collector puts its metrics.
type samples struct{ ch chan<- prometheus.Metric }

func (s samples) gauge(d *prometheus.Desc, v float64, labels ...string) {
	s.ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}

func (s samples) counter(d *prometheus.Desc, v float64, labels ...string) {
	s.ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, labels...)
}

func flag(on bool) float64 {
	if on {
		return 1
	}
	return 0
}
