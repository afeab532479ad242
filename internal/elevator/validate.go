package elevator

import (
	"fmt"
	"math"
	"time"
	"unicode"
	"unicode/utf8"
)

// InvalidError says which value of a building cannot be.
type InvalidError struct {
	Path    string // in the building file's keys, such as cars[1].capacity_persons
	Problem string // what is wrong and what would be right
}

// Error returns "path: problem".
func (e *InvalidError) Error() string { return e.Path + ": " + e.Problem }

func invalid(path, format string, args ...any) error {
	return &InvalidError{path, fmt.Sprintf(format, args...)}
}

// The limits of a building. They are far beyond what is built and keep every
// sum of times and heights exact.
const (
	maxFloorHeightM = 1000
	maxPopulation   = 1_000_000
	maxCapacity     = 1000
	maxMassKg       = 1_000_000
	maxNameBytes    = 64
	maxTime         = 10 * time.Minute
	maxErlangK      = 1000
)

// Validate returns an *InvalidError for the first value that is impossible,
// and nil for a building that can be run.
func (b *Building) Validate() error {
	if b.Name != "" {
		if err := validateName("name", b.Name); err != nil {
			return err
		}
	}
	for _, check := range []func() error{
		b.validateFloors, b.validateCars, b.validateService, b.validateMotion, b.validateDoors, b.validateTransfer, b.validateLoad,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	if int(b.Signalling) >= len(signallingNames) {
		return invalid("signalling", "expected conventional, destination or hybrid")
	}
	return nil
}

func (b *Building) validateFloors() error {
	if n := len(b.Floors); n < 2 || n > MaxFloors {
		return invalid("floors", "%d floors; expected 2 to %d", n, MaxFloors)
	}
	names := make(map[string]int)
	terminal := -1
	for i := range b.Floors {
		f := &b.Floors[i]
		path := fmt.Sprintf("floors[%d]", i)
		if err := validateName(path+".name", f.Name); err != nil {
			return err
		}
		if first, twice := names[f.Name]; twice {
			return invalid(path+".name", "two floors are named %q (floors %d and %d from the bottom)", f.Name, first+1, i+1)
		}
		names[f.Name] = i
		if f.Population < 0 || f.Population > maxPopulation {
			return invalid(path+".population", "%d people; expected 0 to %d", f.Population, maxPopulation)
		}
		if f.MainTerminal && terminal >= 0 {
			return invalid(path+".main_terminal", "floor %q is the main terminal already; exactly one floor is", b.Floors[terminal].Name)
		}
		if f.MainTerminal {
			terminal = i
		}
		if i == 0 && f.ElevationM != 0 {
			return invalid(path+".height_m", "the lowest floor is at %v m; expected 0", f.ElevationM)
		}
		if i > 0 {
			below := fmt.Sprintf("floors[%d].height_m", i-1)
			if err := within(below, f.ElevationM-b.Floors[i-1].ElevationM, 0, maxFloorHeightM, "m"); err != nil {
				return err
			}
		}
	}
	if terminal < 0 {
		return invalid("floors", "no floor has main_terminal: true; exactly one floor is where people enter")
	}
	return nil
}

func (b *Building) validateCars() error {
	if n := len(b.Cars); n < 1 || n > MaxCars {
		return invalid("cars", "%d cars; expected 1 to %d", n, MaxCars)
	}
	names := make(map[string]bool)
	for i := range b.Cars {
		c := &b.Cars[i]
		path := fmt.Sprintf("cars[%d]", i)
		if err := validateName(path+".name", c.Name); err != nil {
			return err
		}
		if names[c.Name] {
			return invalid(path+".name", "two cars are named %q", c.Name)
		}
		names[c.Name] = true
		if c.CapacityPersons < 1 || c.CapacityPersons > maxCapacity {
			return invalid(path+".capacity_persons", "%d persons; expected 1 to %d", c.CapacityPersons, maxCapacity)
		}
		if c.RatedLoadKg != 0 {
			if err := within(path+".rated_load_kg", c.RatedLoadKg, 0, maxMassKg, "kg"); err != nil {
				return err
			}
		}
		if c.Serves.Len() < 2 || int(c.Serves.Below(MaxFloors)) >= len(b.Floors) {
			return invalid(path+".serves", "car %q serves %d floor(s); expected two or more of the building's", c.Name, c.Serves.Len())
		}
		if !c.Serves.Has(c.Home) {
			return invalid(path+".home", "car %q does not serve its home; expected a floor it serves", c.Name)
		}
		if !c.Serves.Has(c.Start) {
			return invalid(path+".start", "car %q does not serve the floor it starts at; expected a floor it serves", c.Name)
		}
	}
	return nil
}

// validateService looks for floors where nobody can come or go.
func (b *Building) validateService() error {
	var served FloorSet
	for i := range b.Cars {
		for w := range served {
			served[w] |= b.Cars[i].Serves[w]
		}
	}
	for i := range b.Floors {
		if !served.Has(FloorIndex(i)) {
			return invalid(fmt.Sprintf("floors[%d]", i), "floor %q is served by no car", b.Floors[i].Name)
		}
	}
	return nil
}

func (b *Building) validateMotion() error {
	m := &b.Motion
	if m.Model == FloorTime {
		if m.SpeedMps != 0 || m.AccelerationMps2 != 0 || m.JerkMps3 != 0 || m.StartDelay != 0 || m.Levelling != 0 {
			return invalid("motion", "speed, acceleration, jerk, start delay and levelling belong to the model s-curve")
		}
		if m.FloorTime <= 0 {
			return invalid("motion.floor_time_s", "%v; expected more than 0 s", m.FloorTime)
		}
		return firstError(
			withinTime("motion.floor_time_s", m.FloorTime),
			withinTime("motion.stop_overhead_s", m.StopOverhead),
			withinTime("motion.turn_time_s", m.TurnTime),
		)
	}
	if m.Model != SCurve {
		return invalid("motion.model", "expected s-curve or floor-time")
	}
	if m.FloorTime != 0 || m.StopOverhead != 0 || m.TurnTime != 0 {
		return invalid("motion", "floor time, stop overhead and turn time belong to the model floor-time")
	}
	return firstError(
		within("motion.speed_mps", m.SpeedMps, 0, 100, "m/s"),
		within("motion.acceleration_mps2", m.AccelerationMps2, 0, 100, "m/s²"),
		within("motion.jerk_mps3", m.JerkMps3, 0, 1000, "m/s³"),
		withinTime("motion.start_delay_s", m.StartDelay),
		withinTime("motion.levelling_s", m.Levelling),
	)
}

func (b *Building) validateDoors() error {
	if b.Motion.Model == FloorTime {
		if b.Doors != (Doors{}) {
			return invalid("doors", "the model floor-time has no doors section: stop_overhead_s holds the door times")
		}
		return nil
	}
	return firstError(
		withinTime("doors.open_s", b.Doors.Open),
		withinTime("doors.close_s", b.Doors.Close),
		withinTime("doors.dwell_car_call_s", b.Doors.DwellCarCall),
		withinTime("doors.dwell_landing_call_s", b.Doors.DwellLandingCall),
	)
}

func (b *Building) validateTransfer() error {
	t := &b.Transfer
	if t.Mean <= 0 || t.Mean > maxTime {
		return invalid("transfer.mean_s", "%v; expected more than 0 and at most %v s", t.Mean, maxTime.Seconds())
	}
	switch t.Distribution {
	case FixedTransfer:
		if t.K != 0 || t.Min != 0 || t.Max != 0 {
			return invalid("transfer", "k, min_s and max_s belong to the distribution erlang")
		}
	case ErlangTransfer:
		if t.K < 1 || t.K > maxErlangK {
			return invalid("transfer.k", "%d; expected 1 to %d", t.K, maxErlangK)
		}
		if t.Min < 0 || t.Min >= t.Mean {
			return invalid("transfer.min_s", "%v; expected 0 to less than the mean %v", t.Min, t.Mean)
		}
		if t.Max <= t.Mean || t.Max > maxTime {
			return invalid("transfer.max_s", "%v; expected more than the mean %v and at most %v", t.Max, t.Mean, maxTime)
		}
	default:
		return invalid("transfer.distribution", "expected fixed or erlang")
	}
	return nil
}

func (b *Building) validateLoad() error {
	l := &b.Load
	if err := firstError(
		within("load.passenger_kg", l.PassengerKg, 0, 10_000, "kg"),
		within("load.full_ratio", l.FullRatio, 0, 10, ""),
		within("load.bypass_ratio", l.BypassRatio, 0, 10, ""),
		within("load.overload_ratio", l.OverloadRatio, 0, 10, ""),
	); err != nil {
		return err
	}
	if l.BypassRatio > l.FullRatio {
		return invalid("load.bypass_ratio", "%v; expected at most full_ratio, %v", l.BypassRatio, l.FullRatio)
	}
	if l.OverloadRatio < l.FullRatio {
		return invalid("load.overload_ratio", "%v; expected at least full_ratio, %v", l.OverloadRatio, l.FullRatio)
	}
	for i := range b.Cars {
		if rated := b.RatedKg(CarIndex(i)); rated*l.FullRatio < l.PassengerKg {
			return invalid(fmt.Sprintf("cars[%d].rated_load_kg", i), "car %q carries nobody: a passenger of %v kg is more than its full load of %v kg",
				b.Cars[i].Name, l.PassengerKg, rated*l.FullRatio)
		}
	}
	return nil
}

func validateName(path, name string) error {
	if name == "" || len(name) > maxNameBytes || !utf8.ValidString(name) {
		return invalid(path, "%.70q; expected a name of 1 to %d bytes", name, maxNameBytes)
	}
	for _, r := range name {
		if !unicode.IsPrint(r) {
			return invalid(path, "%q holds an unprintable character", name)
		}
	}
	return nil
}

// within wants more than low and at most high.
func within(path string, value, low, high float64, unit string) error {
	if math.IsNaN(value) || value <= low || value > high {
		if unit != "" {
			unit = " " + unit
		}
		return invalid(path, "%v%s; expected more than %v and at most %v", value, unit, low, high)
	}
	return nil
}

func withinTime(path string, d time.Duration) error {
	if d < 0 || d > maxTime {
		return invalid(path, "%v s; expected 0 to %v s", d.Seconds(), maxTime.Seconds())
	}
	return nil
}

func firstError(list ...error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}
