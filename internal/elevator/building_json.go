package elevator

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"
)

// NextElevation returns the height above the lowest floor, in metres, of the
// floor that lies heightM above elevationM. Heights count in whole
// micrometres, so that a building survives being written out as floor heights
// and read back.
func NextElevation(elevationM, heightM float64) float64 {
	return math.Round((elevationM+heightM)*1e6) / 1e6
}

// FloorHeight returns the height in metres from floor f to the floor above, 0
// for the top floor.
func (b *Building) FloorHeight(f FloorIndex) float64 {
	if int(f)+1 >= len(b.Floors) {
		return 0
	}
	return math.Round((b.Floors[f+1].ElevationM-b.Floors[f].ElevationM)*1e6) / 1e6
}

// AllFloors returns the set of all floors of the building.
func (b *Building) AllFloors() FloorSet {
	var s FloorSet
	for i := range b.Floors {
		s.Add(FloorIndex(i))
	}
	return s
}

// The JSON of a building has the keys of the building file, all of them
// written out but serves where a car serves every floor, and the sections and
// keys that the motion model or the distribution does not have.
type (
	buildingJSON struct {
		Name       string       `json:"name"`
		Floors     []floorJSON  `json:"floors"`
		Cars       []carJSON    `json:"cars"`
		Motion     motionJSON   `json:"motion"`
		Doors      *doorsJSON   `json:"doors,omitempty"`
		Transfer   transferJSON `json:"transfer"`
		Load       loadJSON     `json:"load"`
		Signalling string       `json:"signalling"`
	}
	floorJSON struct {
		Name         string  `json:"name"`
		HeightM      float64 `json:"height_m,omitempty"`
		Population   int     `json:"population"`
		MainTerminal bool    `json:"main_terminal,omitempty"`
	}
	carJSON struct {
		Name            string   `json:"name"`
		CapacityPersons int      `json:"capacity_persons"`
		RatedLoadKg     float64  `json:"rated_load_kg,omitempty"`
		Serves          []string `json:"serves,omitempty"`
		Home            string   `json:"home"`
		Start           string   `json:"start"`
	}
	motionJSON struct {
		Model            string   `json:"model"`
		SpeedMps         float64  `json:"speed_mps,omitempty"`
		AccelerationMps2 float64  `json:"acceleration_mps2,omitempty"`
		JerkMps3         float64  `json:"jerk_mps3,omitempty"`
		StartDelayS      *Seconds `json:"start_delay_s,omitempty"`
		LevellingS       *Seconds `json:"levelling_s,omitempty"`
		FloorTimeS       *Seconds `json:"floor_time_s,omitempty"`
		StopOverheadS    *Seconds `json:"stop_overhead_s,omitempty"`
		TurnTimeS        *Seconds `json:"turn_time_s,omitempty"`
	}
	doorsJSON struct {
		OpenS             Seconds `json:"open_s"`
		CloseS            Seconds `json:"close_s"`
		DwellCarCallS     Seconds `json:"dwell_car_call_s"`
		DwellLandingCallS Seconds `json:"dwell_landing_call_s"`
	}
	transferJSON struct {
		Distribution string   `json:"distribution"`
		K            int      `json:"k,omitempty"`
		MeanS        Seconds  `json:"mean_s"`
		MinS         *Seconds `json:"min_s,omitempty"`
		MaxS         *Seconds `json:"max_s,omitempty"`
	}
	loadJSON struct {
		PassengerKg   float64 `json:"passenger_kg"`
		FullRatio     float64 `json:"full_ratio"`
		BypassRatio   float64 `json:"bypass_ratio"`
		OverloadRatio float64 `json:"overload_ratio"`
	}
)

var (
	motionModelNames  = []string{SCurve: "s-curve", FloorTime: "floor-time"}
	distributionNames = []string{FixedTransfer: "fixed", ErlangTransfer: "erlang"}
	signallingNames   = []string{Conventional: "conventional", Destination: "destination", Hybrid: "hybrid"}
)

// String returns "s-curve" or "floor-time", the building file's words.
func (m MotionModel) String() string { return nameOf(motionModelNames, int(m)) }

// ParseMotionModel returns the model of that name, and false where there is none.
func ParseMotionModel(name string) (MotionModel, bool) {
	i := slices.Index(motionModelNames, name)
	return MotionModel(max(i, 0)), i >= 0
}

// String returns "fixed" or "erlang", the building file's words.
func (d TransferDistribution) String() string { return nameOf(distributionNames, int(d)) }

// ParseTransferDistribution returns the distribution of that name, and false
// where there is none.
func ParseTransferDistribution(name string) (TransferDistribution, bool) {
	i := slices.Index(distributionNames, name)
	return TransferDistribution(max(i, 0)), i >= 0
}

// String returns "conventional", "destination" or "hybrid", the building
// file's words.
func (s Signalling) String() string { return nameOf(signallingNames, int(s)) }

// ParseSignalling returns the signalling of that name, and false where there
// is none.
func ParseSignalling(name string) (Signalling, bool) {
	i := slices.Index(signallingNames, name)
	return Signalling(max(i, 0)), i >= 0
}

func nameOf(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return "unknown"
}

// MarshalJSON writes the whole building in the building file's keys.
func (b *Building) MarshalJSON() ([]byte, error) {
	j := buildingJSON{
		Name:       b.Name,
		Load:       loadJSON(b.Load),
		Transfer:   transferJSON{Distribution: b.Transfer.Distribution.String(), MeanS: Seconds(b.Transfer.Mean)},
		Motion:     motionJSON{Model: b.Motion.Model.String()},
		Signalling: b.Signalling.String(),
	}
	for i := range b.Floors {
		f := &b.Floors[i]
		j.Floors = append(j.Floors, floorJSON{f.Name, b.FloorHeight(FloorIndex(i)), f.Population, f.MainTerminal})
	}
	all := b.AllFloors()
	for i := range b.Cars {
		c := &b.Cars[i]
		car := carJSON{
			Name: c.Name, CapacityPersons: c.CapacityPersons, RatedLoadKg: c.RatedLoadKg,
			Home: b.Floors[c.Home].Name, Start: b.Floors[c.Start].Name,
		}
		if c.Serves != all {
			for f := range c.Serves.All() {
				car.Serves = append(car.Serves, b.Floors[f].Name)
			}
		}
		j.Cars = append(j.Cars, car)
	}
	m := &b.Motion
	if m.Model == FloorTime {
		j.Motion.FloorTimeS, j.Motion.StopOverheadS, j.Motion.TurnTimeS = secondsOf(m.FloorTime), secondsOf(m.StopOverhead), secondsOf(m.TurnTime)
	} else {
		j.Motion.SpeedMps, j.Motion.AccelerationMps2, j.Motion.JerkMps3 = m.SpeedMps, m.AccelerationMps2, m.JerkMps3
		j.Motion.StartDelayS, j.Motion.LevellingS = secondsOf(m.StartDelay), secondsOf(m.Levelling)
		j.Doors = &doorsJSON{
			Seconds(b.Doors.Open), Seconds(b.Doors.Close),
			Seconds(b.Doors.DwellCarCall), Seconds(b.Doors.DwellLandingCall),
		}
	}
	if b.Transfer.Distribution == ErlangTransfer {
		j.Transfer.K, j.Transfer.MinS, j.Transfer.MaxS = b.Transfer.K, secondsOf(b.Transfer.Min), secondsOf(b.Transfer.Max)
	}
	return json.Marshal(&j)
}

func secondsOf(d time.Duration) *Seconds { return new(Seconds(d)) }

// UnmarshalJSON reads what MarshalJSON wrote and validates it. Unlike the
// building file it knows no defaults but serves.
func (b *Building) UnmarshalJSON(data []byte) error {
	var j buildingJSON
	if err := unmarshalStrict(data, &j); err != nil {
		return fmt.Errorf("building: %w", err)
	}
	built := Building{Name: j.Name, Load: Load(j.Load)}
	elevation := 0.0
	for _, f := range j.Floors {
		built.Floors = append(built.Floors, Floor{f.Name, elevation, f.Population, f.MainTerminal})
		elevation = NextElevation(elevation, f.HeightM)
	}
	if len(built.Floors) > MaxFloors {
		return invalid("floors", "%d floors, at most %d", len(built.Floors), MaxFloors)
	}
	for i := range j.Cars {
		car, err := j.Cars[i].spec(&built)
		if err != nil {
			return invalid(fmt.Sprintf("cars[%d]", i), "%v", err)
		}
		built.Cars = append(built.Cars, car)
	}
	var ok bool
	if built.Motion.Model, ok = ParseMotionModel(j.Motion.Model); !ok {
		return invalid("motion.model", "%.40q is neither s-curve nor floor-time", j.Motion.Model)
	}
	j.Motion.fill(&built.Motion)
	if j.Doors != nil {
		built.Doors = Doors{
			time.Duration(j.Doors.OpenS), time.Duration(j.Doors.CloseS),
			time.Duration(j.Doors.DwellCarCallS), time.Duration(j.Doors.DwellLandingCallS),
		}
	}
	t := &built.Transfer
	if t.Distribution, ok = ParseTransferDistribution(j.Transfer.Distribution); !ok {
		return invalid("transfer.distribution", "%.40q is neither fixed nor erlang", j.Transfer.Distribution)
	}
	t.Mean, t.K, t.Min, t.Max = time.Duration(j.Transfer.MeanS), j.Transfer.K, durationOf(j.Transfer.MinS), durationOf(j.Transfer.MaxS)
	if built.Signalling, ok = ParseSignalling(j.Signalling); !ok {
		return invalid("signalling", "%.40q is neither conventional nor destination nor hybrid", j.Signalling)
	}
	if err := built.Validate(); err != nil {
		return err
	}
	*b = built
	return nil
}

func (j *motionJSON) fill(m *Motion) {
	m.SpeedMps, m.AccelerationMps2, m.JerkMps3 = j.SpeedMps, j.AccelerationMps2, j.JerkMps3
	m.StartDelay, m.Levelling = durationOf(j.StartDelayS), durationOf(j.LevellingS)
	m.FloorTime, m.StopOverhead, m.TurnTime = durationOf(j.FloorTimeS), durationOf(j.StopOverheadS), durationOf(j.TurnTimeS)
}

func durationOf(s *Seconds) time.Duration {
	if s == nil {
		return 0
	}
	return time.Duration(*s)
}

func (j *carJSON) spec(b *Building) (CarSpec, error) {
	c := CarSpec{
		Name: j.Name, CapacityPersons: j.CapacityPersons, RatedLoadKg: j.RatedLoadKg,
		Serves: b.AllFloors(), Home: b.FloorByName(j.Home), Start: b.FloorByName(j.Start),
	}
	if j.Serves == nil {
		return c, nil
	}
	c.Serves = FloorSet{}
	for _, name := range j.Serves {
		f := b.FloorByName(name)
		if f == NoFloor {
			return c, fmt.Errorf("serves: the building has no floor %.40q", name)
		}
		c.Serves.Add(f)
	}
	return c, nil
}
