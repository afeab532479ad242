package operator

import (
	"math"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/alarm"
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
	Dispatcher   string             `json:"dispatcher"`            // in charge; empty before the run began
	Dispatchers  []string           `json:"dispatchers,omitempty"` // that can serve the building
	Cars         []CarState         `json:"cars"`
	LandingCalls []LandingCallState `json:"landing_calls"`
	Floors       []FloorState       `json:"floors"`
	Alarms       []AlarmState       `json:"alarms"` // the oldest first
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
	Name           string   `json:"name"`
	Waiting        int      `json:"waiting"`
	LandingsLocked bool     `json:"landing_calls_locked"`
	CarCallsLocked []string `json:"car_calls_locked"` // the cars that take no call for it
}

// AlarmState is one alarm of a GroupState: "raised", then "acknowledged" or
// "cleared", then "over". The times are absent before it comes to that.
type AlarmState struct {
	Name           string   `json:"name"` // what the command acknowledge takes
	Text           string   `json:"text"`
	Critical       bool     `json:"critical"`
	State          string   `json:"state"`
	RaisedS        float64  `json:"raised_s"`
	ClearedS       *float64 `json:"cleared_s,omitempty"`
	AcknowledgedS  *float64 `json:"acknowledged_s,omitempty"`
	AcknowledgedBy string   `json:"acknowledged_by,omitempty"`
	Advice         string   `json:"advice"` // what an operator does about it
}

// State returns the group's state at the wall time given.
func (h *Hub) State(wall time.Time) GroupState {
	result, g, now := h.statistics.judge(h, wall)
	s := GroupState{
		Seq: g.Seq, T: thousandths(now.Seconds()), Building: h.building.Name, Mode: g.Mode.String(), Traffic: trafficState(g.Traffic.At(now)), Dispatcher: g.Dispatcher,
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
		s.Floors[i] = floorState(h.building, g, elevator.FloorIndex(i), n)
	}
	alarms := alarm.At(h.law, g, now)
	s.Alarms = make([]AlarmState, len(alarms))
	for i := range alarms {
		s.Alarms[i] = alarmState(&alarms[i])
	}
	return s
}

func floorState(b *elevator.Building, g *elevator.Group, f elevator.FloorIndex, waiting int) FloorState {
	s := FloorState{Name: b.Floors[f].Name, Waiting: waiting, LandingsLocked: g.LockedLandings.Has(f), CarCallsLocked: []string{}}
	for c := range g.Cars {
		if g.Cars[c].LockedCalls.Has(f) {
			s.CarCallsLocked = append(s.CarCallsLocked, b.Cars[c].Name)
		}
	}
	return s
}

func alarmState(a *elevator.Alarm) AlarmState {
	s := AlarmState{
		Name: a.Name, Text: a.Text, Critical: a.Critical, State: a.State(),
		RaisedS: thousandths(a.RaisedAt.Seconds()), AcknowledgedBy: a.AcknowledgedBy, Advice: alarm.Advice(a),
	}
	if a.Cleared {
		s.ClearedS = new(thousandths(a.ClearedAt.Seconds()))
	}
	if a.Acknowledged {
		s.AcknowledgedS = new(thousandths(a.AcknowledgedAt.Seconds()))
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
	s.Faults = append(s.Faults, car.Faults.Names()...)
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
