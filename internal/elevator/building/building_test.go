package building

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"elevator/internal/elevator"
)

const office = `name: Office 14
floors:
  - {name: G, height_m: 4.5, population: 0, main_terminal: true}
  - {name: 1, height_m: 3.8, population: 71}
  - {count: 3, first: 2, height_m: 3.66, population: 5}
cars:
  - {name: A, capacity_persons: 16, rated_load_kg: 1250}
  - {name: B, capacity_persons: 8, serves: [G, "3"], home: 3, start: G}
motion: {model: s-curve, speed_mps: 2.5, acceleration_mps2: 1.0, jerk_mps3: 1.2, start_delay_s: 0.5, levelling_s: 0.25}
doors: {open_s: 1.8, close_s: 2.9, dwell_car_call_s: 2, dwell_landing_call_s: 3}
transfer: {distribution: erlang, k: 20, mean_s: 1, min_s: 0.6, max_s: 6}
load: {passenger_kg: 75, full_ratio: 1.0, bypass_ratio: 0.8, overload_ratio: 1.1}
signalling: hybrid
`

func TestParseReadsEveryKey(t *testing.T) {
	b, err := Parse("office.yaml", []byte(office))
	if err != nil {
		t.Fatal(err)
	}
	want := &elevator.Building{
		Name: "Office 14",
		Floors: []elevator.Floor{
			{Name: "G", MainTerminal: true},
			{Name: "1", ElevationM: 4.5, Population: 71},
			{Name: "2", ElevationM: 8.3, Population: 5},
			{Name: "3", ElevationM: 11.96, Population: 5},
			{Name: "4", ElevationM: 15.62, Population: 5},
		},
		Cars: []elevator.CarSpec{
			{Name: "A", CapacityPersons: 16, RatedLoadKg: 1250, Serves: elevator.FloorSet{0b11111}},
			{Name: "B", CapacityPersons: 8, Serves: elevator.FloorSet{0b01001}, Home: 3},
		},
		Motion: elevator.Motion{SpeedMps: 2.5, AccelerationMps2: 1, JerkMps3: 1.2, StartDelay: 500 * time.Millisecond, Levelling: 250 * time.Millisecond},
		Doors: elevator.Doors{
			Open: 1800 * time.Millisecond, Close: 2900 * time.Millisecond, DwellCarCall: 2 * time.Second, DwellLandingCall: 3 * time.Second,
		},
		Transfer:   elevator.Transfer{Distribution: elevator.ErlangTransfer, Mean: time.Second, K: 20, Min: 600 * time.Millisecond, Max: 6 * time.Second},
		Load:       elevator.Load{PassengerKg: 75, FullRatio: 1, BypassRatio: 0.8, OverloadRatio: 1.1},
		Signalling: elevator.Hybrid,
	}
	if diff := cmp.Diff(want, b); diff != "" {
		t.Fatal(diff)
	}
}

func TestWhatIsLeftOutHasItsDefault(t *testing.T) {
	b, err := Parse("small.yaml", []byte("floors: [{name: P, height_m: 3}, {name: 1}]\ncars: [{name: A, capacity_persons: 4}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := withDefaults(elevator.SCurve)
	want.Floors = []elevator.Floor{{Name: "P", MainTerminal: true}, {Name: "1", ElevationM: 3}}
	want.Cars = []elevator.CarSpec{{Name: "A", CapacityPersons: 4, Serves: elevator.FloorSet{3}}}
	if diff := cmp.Diff(want, b); diff != "" {
		t.Fatal(diff)
	}
	b, err = Parse("small.yaml", []byte("floors: [{count: 3}]\ncars: [{name: A, capacity_persons: 4, serves: [2, 3]}, {name: B, capacity_persons: 4}]\nmotion: {model: floor-time}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if b.Cars[0].Home != 1 || b.Cars[0].Start != 1 || b.Motion.FloorTime != 1450*time.Millisecond || b.Doors != (elevator.Doors{}) {
		t.Fatalf("%+v", b)
	}
}

// TestErrorsSayWhereAndWhat changes one thing in the office at a time.
func TestErrorsSayWhereAndWhat(t *testing.T) {
	for _, tc := range []struct{ old, new, want string }{
		{office, "", "x.yaml:1: the file is empty"},
		{office, "floors: [", "x.yaml:1: not YAML"},
		{office, "floors:\n\t- x", "x.yaml:2: not YAML"},
		{office, "- a", "x.yaml:1: expected keys and values"},
		{office, "null", "x.yaml:1: expected keys and values"},
		{office, office + "---\na: b\n", "a second document"},
		{office, "name: x\ncars: []\n", "x.yaml:1: floors is missing"},
		{"signalling: hybrid", "colour: red", `x.yaml:13: unknown key "colour"; expected one of name, floors`},
		{"signalling: hybrid", "signalling: smoke", `x.yaml:13: signalling: expected conventional, destination or hybrid, found "smoke"`},
		{"signalling: hybrid", "signalling: hybrid\nname: x", "x.yaml:14: name: given twice, first on line 1"},
		{"name: Office 14", "name: &a x", "x.yaml:1: name: anchors and aliases"},
		{"[G, \"3\"]", "&a [G]", "x.yaml:8: cars[1].serves: anchors"},
		{"speed_mps: 2.5", "sped_mps: 2.5", `x.yaml:9: motion: unknown key "sped_mps"`},
		{"speed_mps: 2.5", "speed_mps: 2.5 m/s", `x.yaml:9: motion.speed_mps: expected a number without a unit, such as 1.5, found "2.5 m/s"`},
		{"speed_mps: 2.5", `speed_mps: "2.5"`, "x.yaml:9: motion.speed_mps: expected a number"},
		{"speed_mps: 2.5", "speed_mps: .nan", "x.yaml:9: motion.speed_mps: expected a finite number"},
		{"speed_mps: 2.5", "speed_mps: .inf", "x.yaml:9: motion.speed_mps: expected a finite number"},
		{"speed_mps: 2.5", "speed_mps: -1", "x.yaml:9: motion.speed_mps: -1 m/s; expected more than 0"},
		{"speed_mps: 2.5", "speed_mps: 0", "x.yaml:9: motion.speed_mps: 0 m/s; expected more than 0"},
		{"speed_mps: 2.5", "speed_mps: null", "found nothing"},
		{"jerk_mps3: 1.2", "turn_time_s: 1", "x.yaml:9: motion.turn_time_s: the motion model s-curve has no turn_time_s"},
		{"model: s-curve", "model: magic", "x.yaml:9: motion.model: expected s-curve or floor-time"},
		{"model: s-curve", "model: floor-time", "x.yaml:9: motion.speed_mps: the motion model floor-time has no speed_mps"},
		{"{model: s-curve, speed_mps: 2.5, acceleration_mps2: 1.0, jerk_mps3: 1.2, start_delay_s: 0.5, levelling_s: 0.25}", "{model: floor-time}", "x.yaml:10: doors: the motion model floor-time has no doors section"},
		{"start_delay_s: 0.5", "start_delay_s: 0.5s", `found "0.5s"`},
		{"start_delay_s: 0.5", "start_delay_s: 1e300", "expected a number of seconds"},
		{"start_delay_s: 0.5", "start_delay_s: -0.5", "x.yaml:9: motion.start_delay_s: -0.5 s; expected 0 to 600 s"},
		{"open_s: 1.8", "open_s: -1", "x.yaml:10: doors.open_s: "},
		{"open_s: 1.8", "open_s: [1]", "found a list"},
		{"open_s: 1.8", "open_s: true", "expected a number"},
		{"{open_s: 1.8, close_s: 2.9, dwell_car_call_s: 2, dwell_landing_call_s: 3}", "[1]", "x.yaml:10: doors: expected keys and values"},
		{"distribution: erlang", "distribution: fixed", "x.yaml:11: transfer.k: the distribution fixed has no k"},
		{"distribution: erlang", "distribution: normal", "x.yaml:11: transfer.distribution: expected fixed or erlang"},
		{"k: 20", "k: 0", "x.yaml:11: transfer.k: 0; expected 1 to"},
		{"k: 20", "k: 2.5", "x.yaml:11: transfer.k: expected a whole number"},
		{"mean_s: 1,", "mean_s: 0,", "x.yaml:11: transfer.mean_s: "},
		{"min_s: 0.6", "min_s: 2", "x.yaml:11: transfer.min_s: 2s; expected 0 to less than the mean 1s"},
		{"max_s: 6", "max_s: 0.7", "x.yaml:11: transfer.max_s: 700ms; expected more than the mean"},
		{"passenger_kg: 75", "passenger_kg: 0", "x.yaml:12: load.passenger_kg: "},
		{"passenger_kg: 75", "passenger_kg: 2000", `x.yaml:7: cars[0].rated_load_kg: car "A" carries nobody`},
		{"bypass_ratio: 0.8", "bypass_ratio: 1.05", "x.yaml:12: load.bypass_ratio: 1.05; expected at most full_ratio"},
		{"overload_ratio: 1.1", "overload_ratio: 0.9", "x.yaml:12: load.overload_ratio: 0.9; expected at least full_ratio"},
		{"full_ratio: 1.0", "full_ratio: -1", "x.yaml:12: load.full_ratio: "},
		{"name: G,", "", "x.yaml:3: floors[0]: name is missing"},
		{"name: G,", "name: ,", "x.yaml:3: floors[0].name: expected a name, found nothing"},
		{"name: G,", "name: [a],", "x.yaml:3: floors[0].name: expected a name, found a list"},
		{"name: B,", `name: "a\tb",`, "unprintable"},
		{"name: B,", "name: " + strings.Repeat("x", 65) + ",", "expected a name of 1 to 64 bytes"},
		{"name: 1,", "name: 3,", `x.yaml:5: floors[3].name: two floors are named "3" (floors 2 and 4 from the bottom)`},
		{"name: 1,", "name: 1, first: 5,", "a single floor (no count) has no first"},
		{"name: 1,", "name: 1, main_terminal: true,", `x.yaml:4: floors[1].main_terminal: floor "G" is the main terminal already`},
		{"name: 1,", "name: 1, main_terminal: maybe,", "x.yaml:4: floors[1].main_terminal: expected true or false"},
		{"height_m: 4.5", "height_m: 0", "x.yaml:3: floors[0].height_m: 0 m; expected more than 0"},
		{"height_m: 4.5", "height_m: 4e-7", "x.yaml:3: floors[0].height_m: "},
		{"height_m: 4.5", "height_m: 2000", "x.yaml:3: floors[0].height_m: 2000 m; expected more than 0 and at most 1000"},
		{"height_m: 4.5, ", "", "x.yaml:3: floors[0]: height_m is missing"},
		{"height_m: 3.66, ", "", "x.yaml:5: floors[2]: height_m is missing"},
		{"population: 71", "population: -1", "x.yaml:4: floors[1].population: "},
		{"population: 71", "population: 1.5", "x.yaml:4: floors[1].population: expected a whole number"},
		{"population: 71", "population: 99999999999999999999", "x.yaml:4: floors[1].population: expected a whole number"},
		{"count: 3", "count: 0", "x.yaml:5: floors[2]: 0 floors"},
		{"count: 3", "count: -1", "x.yaml:5: floors[2]: -1 floors"},
		{"count: 3", "count: 1000000000", "x.yaml:5: floors[2]: 1000000000 floors from here on; expected 1 to 254"},
		{"count: 3", "count: 255", "x.yaml:5: floors[2]: 255 floors"},
		{"count: 3", "count: 3, name: x", "a run of floors (count) has no name"},
		{"first: 2", "first: two", "x.yaml:5: floors[2].first: expected a whole number"},
		{"capacity_persons: 16", "capacity_persons: 0", "x.yaml:7: cars[0].capacity_persons: 0 persons; expected 1 to"},
		{"capacity_persons: 16, ", "", "x.yaml:7: cars[0]: capacity_persons is missing"},
		{"rated_load_kg: 1250", "rated_load_kg: 0", "x.yaml:7: cars[0].rated_load_kg: 0 kg; expected more than 0"},
		{"rated_load_kg: 1250", "rated_load_kg: 10", `car "A" carries nobody`},
		{"rated_load_kg: 1250", "serves: [G, 2, 3, 4]", `x.yaml:4: floors[1]: floor "1" is served by no car`},
		{"name: B", "name: A", `x.yaml:8: cars[1].name: two cars are named "A"`},
		{`[G, "3"], home: 3`, "[G]", `x.yaml:8: cars[1].serves: car "B" serves 1 floor(s)`},
		{`[G, "3"]`, "[G, 9]", `x.yaml:8: cars[1].serves: the building has no floor "9"`},
		{`[G, "3"]`, "all", "x.yaml:8: cars[1].serves: expected a list"},
		{"home: 3", "home: 2", `x.yaml:8: cars[1].home: car "B" does not serve its home`},
		{"home: 3", "home: 9", `x.yaml:8: cars[1].home: the building has no floor "9"`},
		{"start: G", "start: 1", "x.yaml:8: cars[1].start: "},
		{office, "floors: [{name: 1}]\ncars: [{name: A, capacity_persons: 1}]", "x.yaml:1: floors: 1 floors; expected 2 to 256"},
		{office, "floors: []\ncars: [{name: A, capacity_persons: 1}]", "x.yaml:1: floors: 0 floors"},
		{office, "floors: [{count: 2, height_m: 3}]\ncars: []", "x.yaml:2: cars: 0 cars; expected 1 to 64"},
		{office, "floors: [{count: 2, height_m: 3}]\ncars:\n" + manyCars(65), "x.yaml:3: cars: 65 cars; expected 1 to 64"},
		{office, strings.Repeat("#", maxFileBytes+1), "expected at most"},
	} {
		text := strings.Replace(office, tc.old, tc.new, 1)
		if text == office {
			t.Errorf("%q is not in the office", tc.old)
		}
		_, err := Parse("x.yaml", []byte(text))
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%q instead of %.60q\n got %v\nwant …%s…", tc.new[:min(len(tc.new), 60)], tc.old, err, tc.want)
		}
	}
}

func manyCars(n int) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, "  - {name: car %d, capacity_persons: 5}\n", i)
	}
	return s.String()
}

func TestAnAbsurdCountAllocatesLittle(t *testing.T) {
	text := []byte(strings.Replace(office, "count: 3", "count: 1000000000", 1))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := Parse("x", text); err == nil {
		t.Error("accepted")
	}
	runtime.ReadMemStats(&after)
	if bytes := after.TotalAlloc - before.TotalAlloc; bytes > 1_000_000 {
		t.Fatalf("%d bytes", bytes)
	}
}

func TestBuiltinIsWhatTheManualSays(t *testing.T) {
	b := Builtin()
	if err := b.Validate(); err != nil {
		t.Fatal(err)
	}
	if len(b.Floors) != 8 || b.Floors[0].Name != "1" || !b.Floors[0].MainTerminal || b.Floors[0].Population != 0 {
		t.Errorf("floors %+v", b.Floors)
	}
	for i, f := range b.Floors[1:] {
		if f.Population != 40 || math.Abs(f.ElevationM-3.6*float64(i+1)) > 1e-9 {
			t.Errorf("floor %+v", f)
		}
	}
	if len(b.Cars) != 4 || b.Cars[3].Name != "D" || b.Cars[3].CapacityPersons != 10 || b.Cars[3].RatedLoadKg != 750 || b.Motion.SpeedMps != 1.6 {
		t.Errorf("cars %+v, speed %v", b.Cars, b.Motion.SpeedMps)
	}
	back, err := Parse("builtin", Format(b))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b, back); diff != "" {
		t.Fatal(diff)
	}
}

func TestEveryNamedBuildingIsValid(t *testing.T) {
	want := map[string]struct {
		floors, cars, population int
	}{
		"crites-barto": {10, 4, 756}, "crites-barto-additive": {10, 4, 756},
		"office14": {15, 6, 1000}, "office14-full": {15, 6, 1000}, "office14-dwell": {15, 6, 1000},
		"lunch20": {20, 4, 760}, "midtown-office": {21, 4, 1710}, "garden-apartments": {6, 2, 120},
	}
	for _, name := range Names() {
		b, err := Named(name)
		if err != nil {
			t.Error(err)
			continue
		}
		population := 0
		for _, f := range b.Floors {
			population += f.Population
		}
		if w := want[name]; len(b.Floors) != w.floors || len(b.Cars) != w.cars || population != w.population {
			t.Errorf("%s: %d floors, %d cars, %d people; want %+v", name, len(b.Floors), len(b.Cars), population, w)
		}
	}
	if len(Names()) != len(want) {
		t.Errorf("buildings %v", Names())
	}
	if _, err := Named("../building"); err == nil || !strings.Contains(err.Error(), "office14") {
		t.Errorf("unknown building: %v", err)
	}
}

func TestReadFileNamesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mine.yaml")
	if _, err := ReadFile(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("missing file: %v", err)
	}
	if err := os.WriteFile(path, []byte("floors: 3\ncars: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadFile(path); err == nil || !strings.HasPrefix(err.Error(), path+":1: floors: expected a list") {
		t.Errorf("bad file: %v", err)
	}
}

// drawBuilding draws a valid building.
func drawBuilding(t *rapid.T) *elevator.Building {
	nameOf := rapid.StringMatching(`[ -~]{1,6}|[äöü€😀]{1,3}`)
	b := withDefaults(elevator.MotionModel(rapid.IntRange(0, 1).Draw(t, "model")))
	b.Name = rapid.OneOf(rapid.Just(""), nameOf).Draw(t, "name")
	elevation := 0.0
	for _, n := range rapid.SliceOfNDistinct(nameOf, 2, 12, rapid.ID).Draw(t, "floor names") {
		b.Floors = append(b.Floors, elevator.Floor{Name: n, ElevationM: elevation, Population: rapid.IntRange(0, 500).Draw(t, "population")})
		elevation = elevator.NextElevation(elevation, rapid.Float64Range(0.001, 1000).Draw(t, "height"))
	}
	b.Floors[rapid.IntRange(0, len(b.Floors)-1).Draw(t, "main terminal")].MainTerminal = true
	duration := func(label string) time.Duration {
		return time.Duration(rapid.Int64Range(1, int64(10*time.Minute)).Draw(t, label))
	}
	for i, n := range rapid.SliceOfNDistinct(nameOf, 1, 5, rapid.ID).Draw(t, "car names") {
		c := elevator.CarSpec{Name: n, CapacityPersons: rapid.IntRange(1, 50).Draw(t, "capacity"), Serves: b.AllFloors()}
		if i > 0 {
			c.Serves.Remove(elevator.FloorIndex(rapid.IntRange(0, len(b.Floors)-1).Draw(t, "unserved")))
		}
		if c.Serves.Len() < 2 {
			c.Serves = b.AllFloors()
		}
		if rapid.Bool().Draw(t, "rated") {
			c.RatedLoadKg = rapid.Float64Range(200, 5000).Draw(t, "rated load")
		}
		c.Home = c.Serves.Above(elevator.FloorIndex(rapid.IntRange(-1, 0).Draw(t, "home")))
		if c.Home == elevator.NoFloor {
			c.Home = c.Serves.Above(elevator.NoFloor)
		}
		c.Start = c.Serves.Below(elevator.MaxFloors)
		b.Cars = append(b.Cars, c)
	}
	if b.Motion.Model == elevator.FloorTime {
		b.Motion.FloorTime, b.Motion.StopOverhead = duration("floor time"), duration("stop overhead")
	} else {
		b.Motion.SpeedMps = rapid.Float64Range(0.1, 20).Draw(t, "speed")
		b.Doors.Open = duration("open")
	}
	if rapid.Bool().Draw(t, "erlang") {
		b.Transfer = erlangDefaults()
		b.Transfer.Max = time.Second + duration("max")/2
	}
	b.Load.PassengerKg = rapid.Float64Range(1, 75).Draw(t, "passenger")
	b.Signalling = elevator.Signalling(rapid.IntRange(0, 2).Draw(t, "signalling"))
	return b
}

func TestEveryBuildingSurvivesItsFile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := drawBuilding(t)
		if err := b.Validate(); err != nil {
			t.Skip(err)
		}
		text := Format(b)
		back, err := Parse("drawn", text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if diff := cmp.Diff(b, back); diff != "" {
			t.Fatalf("%s\n%s", diff, text)
		}
		asJSON, err := b.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		var fromJSON elevator.Building
		if err := fromJSON.UnmarshalJSON(asJSON); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(b, &fromJSON); diff != "" {
			t.Fatal(diff)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(office))
	f.Add(Format(Builtin()))
	for _, name := range Names() {
		data, err := files.ReadFile("files/" + name + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := Parse("fuzz", data)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "fuzz") {
				t.Fatalf("%v does not name the file", err)
			}
			return
		}
		back, err := Parse("again", Format(b))
		if err != nil {
			t.Fatalf("%v\n%s", err, Format(b))
		}
		if diff := cmp.Diff(b, back); diff != "" {
			t.Fatal(diff)
		}
	})
}
