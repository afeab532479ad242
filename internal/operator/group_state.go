package operator

import (
	"math"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/motion"
	"elevator/internal/elevator/stats"
)

// GroupState is the answer of GET /api/v1/group: the state of the group after
// the event with sequence number Seq, with positions computed for the time T.
// Floors and cars are named, and an empty name means none; times are seconds of
// the building's time, rounded like metres and kilograms to the thousandth.
type GroupState struct {
	Seq          uint64             `json:"seq"`
	T            float64            `json:"t"`
	Building     string             `json:"building"`
	Mode         string             `json:"mode"` // as operators want it
	Traffic      TrafficState       `json:"traffic"`
	Cars         []CarState         `json:"cars"`
	LandingCalls []LandingCallState `json:"landing_calls"`
	Floors       []FloorState       `json:"floors"`
	Stats        stats.Result       `json:"stats"`
}

// TrafficState is what the group sees of its traffic: see
// elevator.TrafficDetector.
type TrafficState struct {
	Detected string  `json:"detected"` // BACnet Group_Mode
	SinceS   float64 `json:"since_s"`  // when it came to be detected
	Boarded  int     `json:"boarded"`  // people, in the last five minutes
	In       int     `json:"in"`       // of them at the main terminal
	Out      int     `json:"out"`      // people who left a car at the main terminal
}

// CarState is one car of a GroupState.
type CarState struct {
	Name      string             `json:"name"`
	Floor     string             `json:"floor"` // the floor it stands at or left last
	PositionM float64            `json:"position_m"`
	Direction string             `json:"direction"`
	Doors     string             `json:"doors"`
	LoadKg    float64            `json:"load_kg"`
	Riders    int                `json:"riders"`
	Mode      string             `json:"mode"`
	Target    string             `json:"target"` // the floor it travels to
	CarCalls  []string           `json:"car_calls"`
	Assigned  []LandingCallState `json:"assigned"`
	Faults    []string           `json:"faults"`
}

// LandingCallState is one lit landing call: To is named for a destination
// call, Direction for both kinds.
type LandingCallState struct {
	Floor     string  `json:"floor"`
	Direction string  `json:"direction"`
	To        string  `json:"to"`
	AgeS      float64 `json:"age_s"`
	Car       string  `json:"car"` // the car that goes for it
}

// FloorState is one floor of a GroupState.
type FloorState struct {
	Name    string `json:"name"`
	Waiting int    `json:"waiting"`
}

// State returns the group's state at the wall time given.
func (h *Hub) State(wall time.Time) GroupState {
	result, g, now := h.statistics.judge(h, wall)
	s := GroupState{
		Seq: g.Seq, T: thousandths(now.Seconds()), Building: h.building.Name, Mode: g.Mode.String(), Traffic: trafficState(g.Traffic.At(now)),
		Cars:         make([]CarState, len(g.Cars)),
		LandingCalls: make([]LandingCallState, len(g.Calls)),
		Floors:       make([]FloorState, len(g.Waiting)),
		Stats:        result,
	}
	for i := range g.Cars {
		s.Cars[i] = carState(h.building, h.law, &g.Cars[i], now)
		s.Cars[i].Name = h.building.Cars[i].Name
	}
	for i := range g.Calls {
		call := &g.Calls[i]
		s.LandingCalls[i] = landingCallState(h.building, call, now)
		for c := range call.Cars.All() {
			s.Cars[c].Assigned = append(s.Cars[c].Assigned, s.LandingCalls[i])
		}
	}
	for i, n := range g.Waiting {
		s.Floors[i] = FloorState{h.building.Floors[i].Name, n}
	}
	return s
}

func trafficState(d elevator.TrafficDetector) TrafficState {
	s := TrafficState{Detected: d.Mode().String(), SinceS: thousandths(d.Since().Seconds())}
	s.Boarded, s.In, s.Out = d.Counts()
	return s
}

func carState(b *elevator.Building, law *motion.Law, car *elevator.Car, now time.Duration) CarState {
	positionM, _ := law.CarAt(car, now)
	s := CarState{
		Floor: b.Floors[car.Floor].Name, PositionM: thousandths(positionM),
		Direction: car.Direction.String(), Doors: car.Doors.String(), LoadKg: thousandths(car.LoadKg),
		Riders: len(car.Riders), Mode: car.Mode.String(),
		CarCalls: []string{}, Assigned: []LandingCallState{}, Faults: []string{},
	}
	if car.Target != elevator.NoFloor {
		s.Target = b.Floors[car.Target].Name
	}
	for f := range car.CarCalls.All() {
		s.CarCalls = append(s.CarCalls, b.Floors[f].Name)
	}
	for f := elevator.FaultController; f <= elevator.FaultOverload; f++ {
		if car.Faults.Has(f) {
			s.Faults = append(s.Faults, f.String())
		}
	}
	return s
}

func landingCallState(b *elevator.Building, call *elevator.LandingCall, now time.Duration) LandingCallState {
	s := LandingCallState{
		Floor: b.Floors[call.Key.Floor].Name, Direction: call.Key.Direction.String(),
		AgeS: thousandths((now - call.RegisteredAt).Seconds()),
	}
	if call.Key.To != elevator.NoFloor {
		s.To = b.Floors[call.Key.To].Name
	}
	if call.Car != elevator.NoCar {
		s.Car = b.Cars[call.Car].Name
	}
	return s
}

func thousandths(v float64) float64 { return math.Round(v*1000) / 1000 }
