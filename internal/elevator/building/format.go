package building

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"elevator/internal/elevator"
)

// Format writes a valid building as a file that Parse reads back to the same
// building. Everything is written out, defaults too; car by car only what
// differs from them.
func Format(b *elevator.Building) []byte {
	var w fileWriter
	if b.Name != "" {
		w.line("name: " + name(b.Name))
	}
	w.line("floors: # from the lowest up; height_m is to the floor above")
	for i := range b.Floors {
		w.floor(b, elevator.FloorIndex(i))
	}
	w.line("cars:")
	for i := range b.Cars {
		w.car(b, &b.Cars[i])
	}
	m, t, l := &b.Motion, &b.Transfer, &b.Load
	if m.Model == elevator.FloorTime {
		w.line(flow("motion: ", "model", m.Model.String(), "floor_time_s", seconds(m.FloorTime),
			"stop_overhead_s", seconds(m.StopOverhead), "turn_time_s", seconds(m.TurnTime)))
	} else {
		w.line(flow("motion: ", "model", m.Model.String(), "speed_mps", number(m.SpeedMps), "acceleration_mps2", number(m.AccelerationMps2),
			"jerk_mps3", number(m.JerkMps3), "start_delay_s", seconds(m.StartDelay), "levelling_s", seconds(m.Levelling)))
		w.line(flow("doors: ", "open_s", seconds(b.Doors.Open), "close_s", seconds(b.Doors.Close),
			"dwell_car_call_s", seconds(b.Doors.DwellCarCall), "dwell_landing_call_s", seconds(b.Doors.DwellLandingCall)))
	}
	if t.Distribution == elevator.ErlangTransfer {
		w.line(flow("transfer: ", "distribution", t.Distribution.String(), "k", strconv.Itoa(t.K), "mean_s", seconds(t.Mean),
			"min_s", seconds(t.Min), "max_s", seconds(t.Max)))
	} else {
		w.line(flow("transfer: ", "distribution", t.Distribution.String(), "mean_s", seconds(t.Mean)))
	}
	w.line(flow("load: ", "passenger_kg", number(l.PassengerKg), "full_ratio", number(l.FullRatio),
		"bypass_ratio", number(l.BypassRatio), "overload_ratio", number(l.OverloadRatio)))
	w.line("signalling: " + b.Signalling.String())
	return []byte(w.text.String())
}

type fileWriter struct{ text strings.Builder }

func (w *fileWriter) line(s string) {
	w.text.WriteString(s)
	w.text.WriteByte('\n')
}

func (w *fileWriter) floor(b *elevator.Building, f elevator.FloorIndex) {
	floor := &b.Floors[f]
	pairs := []string{"name", name(floor.Name)}
	if int(f)+1 < len(b.Floors) {
		pairs = append(pairs, "height_m", number(b.FloorHeight(f)))
	}
	pairs = append(pairs, "population", strconv.Itoa(floor.Population))
	if floor.MainTerminal {
		pairs = append(pairs, "main_terminal", "true")
	}
	w.line(flow("  - ", pairs...))
}

func (w *fileWriter) car(b *elevator.Building, c *elevator.CarSpec) {
	pairs := []string{"name", name(c.Name), "capacity_persons", strconv.Itoa(c.CapacityPersons)}
	if c.RatedLoadKg > 0 {
		pairs = append(pairs, "rated_load_kg", number(c.RatedLoadKg))
	}
	if c.Serves != b.AllFloors() {
		var served []string
		for f := range c.Serves.All() {
			served = append(served, name(b.Floors[f].Name))
		}
		pairs = append(pairs, "serves", "["+strings.Join(served, ", ")+"]")
	}
	if c.Home != b.MainTerminal() {
		pairs = append(pairs, "home", name(b.Floors[c.Home].Name))
	}
	if c.Start != c.Home {
		pairs = append(pairs, "start", name(b.Floors[c.Start].Name))
	}
	w.line(flow("  - ", pairs...))
}

// flow writes {key: value, …}.
func flow(prefix string, pairs ...string) string {
	var s strings.Builder
	s.WriteString(prefix)
	for i := 0; i < len(pairs); i += 2 {
		s.WriteString([...]string{"{", ", "}[min(i, 1)])
		s.WriteString(pairs[i] + ": " + pairs[i+1])
	}
	s.WriteByte('}')
	return s.String()
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func seconds(d time.Duration) string { return string(elevator.AppendSeconds(nil, d)) }

var plainName = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z_ -]*$`)

// name quotes what YAML would read as something else than this text.
func name(s string) string {
	if plainName.MatchString(s) && !strings.EqualFold(s, "null") && strings.TrimSpace(s) == s {
		return s
	}
	var q strings.Builder
	q.WriteByte('"')
	for _, r := range s {
		if r == '"' || r == '\\' {
			q.WriteByte('\\')
		}
		q.WriteRune(r)
	}
	q.WriteByte('"')
	return q.String()
}
