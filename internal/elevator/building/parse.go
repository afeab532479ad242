package building

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"elevator/internal/elevator"
)

// Parse reads a building file; name is what errors call it. A value that is
// not there has its default: no main terminal named means the lowest floor, a
// car's serves all floors, its home the main terminal (the lowest floor it
// serves, where it does not serve that), its start its home.
func Parse(name string, data []byte) (*elevator.Building, error) {
	if len(data) > maxFileBytes {
		return nil, fmt.Errorf("%s: %d bytes are no building file; expected at most %d", name, len(data), maxFileBytes)
	}
	root, err := parseYAML(name, data)
	if err != nil {
		return nil, err
	}
	d := &document{name: name, lines: make(map[string]int)}
	b := d.building(root)
	if d.err != nil {
		return nil, d.err
	}
	if err := b.Validate(); err != nil {
		invalid, ok := errors.AsType[*elevator.InvalidError](err)
		if !ok {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return nil, fmt.Errorf("%s:%d: %w", name, d.lineOf(invalid.Path), err)
	}
	return b, nil
}

var yamlLine = regexp.MustCompile(`^yaml: (?:unmarshal errors:\s*)?line (\d+): `)

// parseYAML returns the root mapping of the only document in data.
func parseYAML(name string, data []byte) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document, second yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil, fmt.Errorf("%s:1: the file is empty; expected floors and cars", name)
	case err != nil:
		if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
			return nil, fmt.Errorf("%s:%s: not YAML: %s", name, m[1], strings.TrimPrefix(err.Error(), m[0]))
		}
		return nil, fmt.Errorf("%s: not YAML: %w", name, err)
	}
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s:%d: a second document or garbage follows; expected one building", name, max(second.Line, 1))
	}
	return document.Content[0], nil
}

// lineOf returns the line of the path, or of the closest thing around it that
// the file has.
func (d *document) lineOf(path string) int {
	for path != "" {
		if line, ok := d.lines[path]; ok {
			return line
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return 1
}

func (d *document) building(root *yaml.Node) *elevator.Building {
	s := d.section(root, "", "name", "floors", "cars", "motion", "doors", "transfer", "load", "signalling")
	for _, key := range []string{"floors", "cars"} {
		if !s.has(key) {
			d.fail(root.Line, "", "%s is missing; a building has floors and cars", key)
		}
	}
	model := d.motionModel(s)
	b := withDefaults(model)
	b.Name = s.text("name", "")
	d.floors(s, b)
	if d.err != nil {
		return nil
	}
	d.cars(s, b)
	d.motion(s, &b.Motion)
	d.doors(s, b)
	d.transfer(s, &b.Transfer)
	d.load(s, &b.Load)
	b.Signalling = named(s, "signalling", b.Signalling, elevator.ParseSignalling, "conventional, destination or hybrid")
	return b
}

// motionModel looks ahead: the model decides which other keys there can be.
func (d *document) motionModel(s section) elevator.MotionModel {
	node := s.values["motion"]
	if node == nil || node.Kind != yaml.MappingNode {
		return elevator.SCurve
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value != "model" {
			continue
		}
		model, ok := elevator.ParseMotionModel(node.Content[i+1].Value)
		if !ok {
			d.fail(node.Content[i+1].Line, "motion.model", "expected s-curve or floor-time, found %s", describe(node.Content[i+1]))
		}
		return model
	}
	return elevator.SCurve
}

// floors reads single floors and runs of equal floors.
func (d *document) floors(s section, b *elevator.Building) {
	elevation, missing := 0.0, 0
	for i, node := range s.list("floors") {
		path := fmt.Sprintf("floors[%d]", len(b.Floors))
		f := d.section(node, path, "name", "height_m", "population", "main_terminal", "count", "first")
		count := f.count("count", 1)
		if f.has("count") {
			d.refuse(f, "a run of floors (count)", "name", "main_terminal")
		} else {
			d.refuse(f, "a single floor (no count)", "first")
			if !f.has("name") {
				d.fail(f.line, path, "name is missing")
			}
		}
		if count < 1 || count > elevator.MaxFloors-len(b.Floors) {
			d.fail(f.line, path, "%d floors from here on; expected 1 to %d, for a building has at most %d",
				count, elevator.MaxFloors-len(b.Floors), elevator.MaxFloors)
		}
		first := f.count("first", 1)
		if first < -1_000_000 || first > 1_000_000 {
			f.fail("first", "expected a floor's number, found %d", first)
		}
		if missing > 0 {
			d.fail(missing, fmt.Sprintf("floors[%d]", len(b.Floors)-1), "height_m is missing; expected the height in metres to the floor above")
		}
		if d.err != nil {
			return
		}
		if !f.has("height_m") && b.Motion.Model == elevator.SCurve {
			missing = f.line
			if count > 1 {
				d.fail(f.line, path, "height_m is missing; expected the height in metres of each of the %d floors", count)
			}
		}
		height := f.number("height_m", floorTimeHeightM)
		if height <= 0 {
			f.fail("height_m", "%v m; expected more than 0", height)
		}
		for n := range count {
			floor := elevator.Floor{
				Name: strconv.Itoa(first + n), ElevationM: elevation,
				Population: f.count("population", 0), MainTerminal: f.flag("main_terminal"),
			}
			if f.has("name") {
				floor.Name = f.text("name", "")
			}
			d.lines[fmt.Sprintf("floors[%d]", len(b.Floors))] = s.list("floors")[i].Line
			b.Floors = append(b.Floors, floor)
			elevation = elevator.NextElevation(elevation, height)
		}
	}
	for i := range b.Floors {
		if b.Floors[i].MainTerminal {
			return
		}
	}
	if len(b.Floors) > 0 {
		b.Floors[0].MainTerminal = true
	}
}

// floorTimeHeightM is the height of a floor that has none in the floor-time
// model, which needs none: positions are drawn and metres counted with it.
const floorTimeHeightM = 3.6

func (d *document) refuse(s section, what string, keys ...string) {
	for _, key := range keys {
		if s.has(key) {
			s.fail(key, "%s has no %s", what, key)
		}
	}
}

func (d *document) cars(s section, b *elevator.Building) {
	for i, node := range s.list("cars") {
		path := fmt.Sprintf("cars[%d]", i)
		c := d.section(node, path, "name", "capacity_persons", "rated_load_kg", "serves", "home", "start")
		for _, key := range []string{"name", "capacity_persons"} {
			if !c.has(key) {
				d.fail(c.line, path, "%s is missing", key)
			}
		}
		car := elevator.CarSpec{
			Name: c.text("name", ""), CapacityPersons: c.count("capacity_persons", 0),
			RatedLoadKg: c.number("rated_load_kg", 0), Serves: b.AllFloors(),
		}
		if c.has("rated_load_kg") && car.RatedLoadKg <= 0 {
			c.fail("rated_load_kg", "%v kg; expected more than 0, or no such key where it is not known", car.RatedLoadKg)
		}
		if c.has("serves") {
			car.Serves = elevator.FloorSet{}
			for _, item := range c.list("serves") {
				name := d.textOf(item, c.key("serves"))
				f := b.FloorByName(name)
				if f == elevator.NoFloor {
					d.fail(item.Line, c.key("serves"), "the building has no floor %.40q", name)
					return
				}
				car.Serves.Add(f)
			}
		}
		home := b.MainTerminal()
		if !car.Serves.Has(home) {
			home = car.Serves.Above(elevator.NoFloor)
		}
		car.Home = c.floor("home", b, home)
		car.Start = c.floor("start", b, car.Home)
		b.Cars = append(b.Cars, car)
	}
}

func (s section) floor(key string, b *elevator.Building, otherwise elevator.FloorIndex) elevator.FloorIndex {
	if !s.has(key) {
		return otherwise
	}
	name := s.text(key, "")
	f := b.FloorByName(name)
	if f == elevator.NoFloor {
		s.fail(key, "the building has no floor %.40q", name)
	}
	return f
}

var (
	sCurveKeys    = []string{"speed_mps", "acceleration_mps2", "jerk_mps3", "start_delay_s", "levelling_s"}
	floorTimeKeys = []string{"floor_time_s", "stop_overhead_s", "turn_time_s"}
)

func (d *document) motion(s section, m *elevator.Motion) {
	if !s.has("motion") {
		return
	}
	k := d.section(s.values["motion"], "motion", append(append([]string{"model"}, sCurveKeys...), floorTimeKeys...)...)
	if m.Model == elevator.FloorTime {
		d.refuse(k, "the motion model floor-time", sCurveKeys...)
		m.FloorTime = k.seconds("floor_time_s", m.FloorTime)
		m.StopOverhead = k.seconds("stop_overhead_s", m.StopOverhead)
		m.TurnTime = k.seconds("turn_time_s", m.TurnTime)
		return
	}
	d.refuse(k, "the motion model s-curve", floorTimeKeys...)
	m.SpeedMps = k.number("speed_mps", m.SpeedMps)
	m.AccelerationMps2 = k.number("acceleration_mps2", m.AccelerationMps2)
	m.JerkMps3 = k.number("jerk_mps3", m.JerkMps3)
	m.StartDelay = k.seconds("start_delay_s", m.StartDelay)
	m.Levelling = k.seconds("levelling_s", m.Levelling)
}

func (d *document) doors(s section, b *elevator.Building) {
	if !s.has("doors") {
		return
	}
	if b.Motion.Model == elevator.FloorTime {
		s.fail("doors", "the motion model floor-time has no doors section: stop_overhead_s holds the door times")
		return
	}
	k := d.section(s.values["doors"], "doors", "open_s", "close_s", "dwell_car_call_s", "dwell_landing_call_s")
	b.Doors.Open = k.seconds("open_s", b.Doors.Open)
	b.Doors.Close = k.seconds("close_s", b.Doors.Close)
	b.Doors.DwellCarCall = k.seconds("dwell_car_call_s", b.Doors.DwellCarCall)
	b.Doors.DwellLandingCall = k.seconds("dwell_landing_call_s", b.Doors.DwellLandingCall)
}

func (d *document) transfer(s section, t *elevator.Transfer) {
	if !s.has("transfer") {
		return
	}
	k := d.section(s.values["transfer"], "transfer", "distribution", "mean_s", "k", "min_s", "max_s")
	distribution := named(k, "distribution", t.Distribution, elevator.ParseTransferDistribution, "fixed or erlang")
	if distribution == elevator.FixedTransfer {
		d.refuse(k, "the distribution fixed", "k", "min_s", "max_s")
	} else {
		*t = erlangDefaults()
		t.K = k.count("k", t.K)
		t.Min = k.seconds("min_s", t.Min)
		t.Max = k.seconds("max_s", t.Max)
	}
	t.Mean = k.seconds("mean_s", t.Mean)
}

func (d *document) load(s section, l *elevator.Load) {
	if !s.has("load") {
		return
	}
	k := d.section(s.values["load"], "load", "passenger_kg", "full_ratio", "bypass_ratio", "overload_ratio")
	l.PassengerKg = k.number("passenger_kg", l.PassengerKg)
	l.FullRatio = k.number("full_ratio", l.FullRatio)
	l.BypassRatio = k.number("bypass_ratio", min(l.BypassRatio, l.FullRatio))
	l.OverloadRatio = k.number("overload_ratio", max(l.OverloadRatio, l.FullRatio))
}
