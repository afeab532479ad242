package elevator

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// testBuilding has names that need escaping, a car that serves a part, and
// drawn transfer times.
func testBuilding() *Building {
	b := &Building{
		Name: "Test",
		Floors: []Floor{
			{Name: "G", MainTerminal: true},
			{Name: "1", ElevationM: 4.5, Population: 71},
			{Name: `2 "süd"`, ElevationM: 8.3, Population: 70},
			{Name: "3", ElevationM: 12.1, Population: 1},
		},
		Motion:   Motion{SpeedMps: 2.5, AccelerationMps2: 1, JerkMps3: 1.2, StartDelay: 500 * time.Millisecond},
		Doors:    Doors{1800 * time.Millisecond, 2900 * time.Millisecond, 2 * time.Second, 3 * time.Second},
		Transfer: Transfer{ErlangTransfer, time.Second, 20, 600 * time.Millisecond, 6 * time.Second},
		Load:     Load{75, 1, 0.8, 1.1},
	}
	b.Cars = []CarSpec{
		{Name: "A", CapacityPersons: 16, RatedLoadKg: 1250, Serves: b.AllFloors()},
		{Name: `B\`, CapacityPersons: 8, Serves: FloorSet{0b1011}, Home: 1, Start: 3},
		{Name: "C", CapacityPersons: 8, Serves: b.AllFloors(), Home: 1, Start: 2},
	}
	return b
}

func event(t time.Duration, seq uint64, kind EventKind, set func(*Event)) *Event {
	e := NewEvent(t, kind)
	e.Seq = seq
	if set != nil {
		set(&e)
	}
	return &e
}

func TestAppendEventWritesTheJournalsFormat(t *testing.T) {
	wall := time.Date(2026, 1, 2, 3, 4, 5, 600, time.FixedZone("CET", 3600))
	for _, tc := range []struct {
		event *Event
		want  string
	}{
		{
			event(0, 1, PassengerArrived, func(e *Event) { e.Passenger, e.Floor, e.To, e.MassKg = 1, 0, 3, 75 }),
			`{"t":0,"seq":1,"event":"passenger_arrived","passenger":1,"floor":"G","to":"3","mass_kg":75}`,
		}, {
			event(12500*time.Millisecond, 2, PassengerArrived, func(e *Event) {
				e.Passenger, e.Floor, e.To, e.MassKg = 2, 2, 0, 68.5
				e.Transfer = TransferTimes{1100 * time.Millisecond, 999999999}
			}),
			`{"t":12.5,"seq":2,"event":"passenger_arrived","passenger":2,"floor":"2 \"süd\"","to":"G","mass_kg":68.5,"board_s":1.1,"alight_s":0.999999999}`,
		}, {
			event(3141592654, 3, LandingCallRegistered, func(e *Event) { e.Floor, e.Direction = 0, Up }),
			`{"t":3.141592654,"seq":3,"event":"landing_call_registered","floor":"G","direction":"up"}`,
		}, {
			event(1, 4, LandingCallRegistered, func(e *Event) { e.Floor, e.To, e.Direction = 3, 0, Down }),
			`{"t":0.000000001,"seq":4,"event":"landing_call_registered","floor":"3","to":"G"}`,
		}, {
			event(0, 5, LandingCallAssigned, func(e *Event) { e.Floor, e.Direction, e.Car = 1, Down, 0 }),
			`{"t":0,"seq":5,"event":"landing_call_assigned","floor":"1","direction":"down","car":"A"}`,
		}, {
			event(0, 6, LandingCallAssigned, func(e *Event) { e.Floor, e.Direction, e.Car, e.Cars = 1, Down, 1, 0b101 }),
			`{"t":0,"seq":6,"event":"landing_call_assigned","floor":"1","direction":"down","car":"B\\","cars":["A","B\\","C"]}`,
		}, {
			event(0, 7, LandingCallAssigned, func(e *Event) { e.Floor, e.Direction = 1, Down }),
			`{"t":0,"seq":7,"event":"landing_call_assigned","floor":"1","direction":"down"}`,
		}, {
			event(0, 8, LandingCallAnswered, func(e *Event) { e.Floor, e.To, e.Direction, e.Car = 1, 3, Up, 0 }),
			`{"t":0,"seq":8,"event":"landing_call_answered","floor":"1","to":"3","car":"A"}`,
		}, {
			event(0, 9, CarCallRegistered, func(e *Event) { e.Car, e.Floor = 0, 3 }),
			`{"t":0,"seq":9,"event":"car_call_registered","car":"A","floor":"3"}`,
		}, {
			event(0, 10, CarDeparted, func(e *Event) { e.Car, e.Floor, e.To, e.Direction, e.PositionM = 0, 3, 0, Down, 12.1 }),
			`{"t":0,"seq":10,"event":"car_departed","car":"A","floor":"3","to":"G","direction":"down","position_m":12.1}`,
		}, {
			event(0, 11, CarTargetChanged, func(e *Event) { e.Car, e.To = 0, 1 }),
			`{"t":0,"seq":11,"event":"car_target_changed","car":"A","to":"1"}`,
		}, {
			event(0, 12, DoorsOpening, func(e *Event) { e.Car, e.Floor, e.Direction = 0, 1, Up }),
			`{"t":0,"seq":12,"event":"doors_opening","car":"A","floor":"1","direction":"up"}`,
		}, {
			event(0, 13, DoorsClosed, func(e *Event) { e.Car, e.Floor = 0, 1 }),
			`{"t":0,"seq":13,"event":"doors_closed","car":"A","floor":"1"}`,
		}, {
			event(0, 14, PassengerBoarded, func(e *Event) { e.Passenger, e.Car, e.Floor = 7, 2, 1 }),
			`{"t":0,"seq":14,"event":"passenger_boarded","passenger":7,"car":"C","floor":"1"}`,
		}, {
			event(0, 15, CarRecovered, func(e *Event) { e.Car, e.PositionM, e.Detail = 0, 1e-7, &Detail{Riders: []PassengerID{3, 9}} }),
			`{"t":0,"seq":15,"event":"car_recovered","car":"A","position_m":1e-07,"riders":[3,9]}`,
		}, {
			event(0, 16, CarRecovered, func(e *Event) { e.Car, e.Floor, e.Detail = 0, 2, &Detail{} }),
			`{"t":0,"seq":16,"event":"car_recovered","car":"A","floor":"2 \"süd\"","riders":[]}`,
		}, {
			event(0, 17, ModeChanged, func(e *Event) { e.Car, e.Mode, e.Detail = 0, ModeOutOfService, &Detail{By: "eve"} }),
			`{"t":0,"seq":17,"event":"mode_changed","car":"A","mode":"out-of-service","by":"eve"}`,
		}, {
			event(0, 18, ModeChanged, func(e *Event) { e.GroupMode = GroupUpPeak }),
			`{"t":0,"seq":18,"event":"mode_changed","mode":"up-peak"}`,
		}, {
			event(0, 19, FaultRaised, func(e *Event) { e.Car, e.Fault = 0, FaultOverload }),
			`{"t":0,"seq":19,"event":"fault_raised","car":"A","fault":"overload"}`,
		}, {
			event(0, 20, TaskStateChanged, func(e *Event) { e.Detail = &Detail{Task: "car-0", State: "TASK_LOST", Agent: "a1", Reason: "x\ny"} }),
			`{"t":0,"seq":20,"event":"task_state","task":"car-0","state":"TASK_LOST","agent":"a1","reason":"x\u000ay"}`,
		}, {
			event(0, 21, CommandGiven, func(e *Event) {
				e.Detail = &Detail{RequestID: "r", By: "eve", Command: "press 1 up", Result: "ok", WallTime: wall}
			}),
			`{"t":0,"seq":21,"event":"command","request_id":"r","by":"eve","command":"press 1 up","result":"ok","wall_time":"2026-01-02T02:04:05.0000006Z"}`,
		}, {
			event(0, 22, CommandGiven, func(e *Event) {
				e.Detail = &Detail{Task: "car-0", RequestID: "r", By: "eve", Command: "restart-task", Result: "ok", WallTime: wall}
			}),
			`{"t":0,"seq":22,"event":"command","task":"car-0","request_id":"r","by":"eve","command":"restart-task","result":"ok","wall_time":"2026-01-02T02:04:05.0000006Z"}`,
		}, {
			event(0, 1, BuildingLoaded, func(e *Event) {
				e.Detail = &Detail{Header: &Header{Building: testBuilding(), WallTime: wall, Speed: 1.5, Seed: math.MaxUint64, Dispatcher: "eta", Version: "v1"}}
			}),
			`{"t":0,"seq":1,"event":"building","building":{"name":"Test","floors":[{"name":"G","height_m":4.5,"population":0,"main_terminal":true},` +
				`{"name":"1","height_m":3.8,"population":71},{"name":"2 \"süd\"","height_m":3.8,"population":70},{"name":"3","population":1}],` +
				`"cars":[{"name":"A","capacity_persons":16,"rated_load_kg":1250,"home":"G","start":"G"},` +
				`{"name":"B\\","capacity_persons":8,"serves":["G","1","3"],"home":"1","start":"3"},` +
				`{"name":"C","capacity_persons":8,"home":"1","start":"2 \"süd\""}],` +
				`"motion":{"model":"s-curve","speed_mps":2.5,"acceleration_mps2":1,"jerk_mps3":1.2,"start_delay_s":0.5,"levelling_s":0},` +
				`"doors":{"open_s":1.8,"close_s":2.9,"dwell_car_call_s":2,"dwell_landing_call_s":3},` +
				`"transfer":{"distribution":"erlang","k":20,"mean_s":1,"min_s":0.6,"max_s":6},` +
				`"load":{"passenger_kg":75,"full_ratio":1,"bypass_ratio":0.8,"overload_ratio":1.1},"signalling":"conventional"},` +
				`"wall_time":"2026-01-02T02:04:05.0000006Z","speed":1.5,"seed":18446744073709551615,"dispatcher":"eta","version":"v1"}`,
		},
	} {
		b := testBuilding()
		if got := string(AppendEvent(nil, b, tc.event)); got != tc.want+"\n" {
			t.Errorf("%v:\n got %s\nwant %s", tc.event.Kind, got, tc.want)
		}
		back, err := ParseEvent(b, []byte(tc.want))
		if err != nil {
			t.Errorf("%s: %v", tc.want, err)
			continue
		}
		if diff := cmp.Diff(canonical(tc.event), &back, cmpopts.EquateEmpty(), cmpopts.EquateComparable(TrafficDetector{}), cmpopts.EquateApproxTime(0)); diff != "" {
			t.Errorf("%s: read back (-want +got)\n%s", tc.want, diff)
		}
	}
}

// canonical is the event as its line can say it: the set of cars holds the
// car too, and is left out where it holds no other.
func canonical(e *Event) *Event {
	c := *e
	if c.Car != NoCar && c.Cars != 0 {
		c.Cars = c.Cars.With(c.Car)
		if c.Cars.Without(c.Car) == 0 {
			c.Cars = 0
		}
	}
	return &c
}

func TestAppendEventThatCannotBeSaidIsRefusedByTheReader(t *testing.T) {
	b := testBuilding()
	for _, e := range []*Event{
		event(0, 1, EventNone, nil),
		event(0, 1, CommandGiven+1, nil),
		event(0, 1, CarArrived, nil),
		event(0, 1, CarArrived, func(e *Event) { e.Car, e.Floor = 7, 99 }),
		event(0, 1, CarDeparted, func(e *Event) { e.Car, e.Floor, e.To, e.PositionM = 0, 0, 1, math.NaN() }),
		event(0, 1, LandingCallRegistered, func(e *Event) { e.Floor = 1 }),
		event(0, 1, TaskStateChanged, nil),
		event(0, 1, BuildingLoaded, nil),
		event(0, 1, SnapshotTaken, nil),
	} {
		line := AppendEvent(nil, b, e)
		if _, err := ParseEvent(b, line); err == nil {
			t.Errorf("accepted %s", line)
		}
	}
}

func TestParseEventNamesWhatIsWrong(t *testing.T) {
	for _, tc := range []struct{ line, want string }{
		{``, "not a JSON object"},
		{`[]`, "not a JSON object"},
		{`{}`, "field t is missing"},
		{`{"t":1,"event":"car_arrived"}`, "field seq is missing"},
		{`{"t":1,"seq":1}`, "field event is missing"},
		{`{"t":1,"seq":1,"event":"nonsense"}`, `field event: "nonsense" is no kind of event`},
		{`{"t":-1,"seq":1,"event":"car_arrived"}`, "field t: is negative"},
		{`{"t":1e3,"seq":1,"event":"car_arrived"}`, "field t: "},
		{`{"t":1.0000000001,"seq":1,"event":"car_arrived"}`, "more than nine decimals"},
		{`{"t":99999999999,"seq":1,"event":"car_arrived"}`, "more than can be counted"},
		{`{"t":"1","seq":1,"event":"car_arrived"}`, "field t: "},
		{`{"t":1,"seq":-1,"event":"car_arrived"}`, "field seq: "},
		{`{"t":1,"seq":01,"event":"car_arrived"}`, "field seq: "},
		{`{"t":1,"seq":1,"event":"car_arrived","car":"A"}`, "event car_arrived: field floor is missing"},
		{`{"t":1,"seq":1,"event":"car_arrived","car":"A","floor":"9"}`, `field floor: the building has no floor "9"`},
		{`{"t":1,"seq":1,"event":"car_arrived","car":"Z","floor":"1"}`, `field car: the building has no car "Z"`},
		{`{"t":1,"seq":1,"event":"car_arrived","car":1,"floor":"1"}`, "field car: "},
		{`{"t":1,"seq":1,"event":"car_arrived","car":null,"floor":"1"}`, "field car: "},
		{`{"t":1,"seq":1,"event":"car_arrived","car":"A","floor":"1","to":"2"}`, "field to does not belong"},
		{`{"t":1,"seq":1,"event":"car_arrived","car":"A","floor":"1","colour":"red"}`, `unknown field "colour"`},
		{`{"t":1,"seq":1,"event":"car_arrived","car":"A","car":"A","floor":"1"}`, "field car is given twice"},
		{`{"t":1,"t":1,"seq":1,"event":"car_arrived"}`, "field t is given twice"},
		{`{"t":1,"seq":1,"event":"car_arrived","car":"A","floor":"1"} x`, "follows the object"},
		{`{"t":1,"seq":1,"event":"car_arrived","car":"A","floor":"1`, "cut off"},
		{`{"t":1,"seq":1,"event":"car_arrived","car":"A","floor":"1"`, "expected , or }"},
		{"{\"t\":1,\"seq\":1,\"event\":\"car_arrived\",\"car\":\"\xff\",\"floor\":\"1\"}", "not UTF-8"},
		{`{"t":1,"seq":1,"event":"landing_call_registered","floor":"1"}`, "exactly one of the fields to direction"},
		{`{"t":1,"seq":1,"event":"landing_call_registered","floor":"1","to":"3","direction":"up"}`, "exactly one"},
		{`{"t":1,"seq":1,"event":"landing_call_registered","floor":"1","to":"1"}`, "leads up or down"},
		{`{"t":1,"seq":1,"event":"landing_call_registered","floor":"1","direction":"none"}`, "leads up or down"},
		{`{"t":1,"seq":1,"event":"landing_call_registered","floor":"1","direction":"left"}`, "field direction: "},
		{`{"t":1,"seq":1,"event":"landing_call_assigned","floor":"1","direction":"up","car":"A","cars":["C"]}`, "field cars: "},
		{`{"t":1,"seq":1,"event":"passenger_arrived","passenger":0,"floor":"1","to":"3","mass_kg":75}`, "field passenger: "},
		{`{"t":1,"seq":1,"event":"passenger_arrived","passenger":1,"floor":"1","to":"1","mass_kg":75}`, "field to: "},
		{`{"t":1,"seq":1,"event":"passenger_arrived","passenger":1,"floor":"1","to":"3","mass_kg":-5}`, "field mass_kg: "},
		{`{"t":1,"seq":1,"event":"passenger_arrived","passenger":1,"floor":"1","to":"3","mass_kg":NaN}`, "field mass_kg: "},
		{`{"t":1,"seq":1,"event":"mode_changed","car":"A","mode":"up-peak"}`, `"up-peak" is no car mode`},
		{`{"t":1,"seq":1,"event":"mode_changed","mode":"vip"}`, `"vip" is no group mode`},
		{`{"t":1,"seq":1,"event":"fault_raised","car":"A","fault":"tired"}`, `"tired" is no fault`},
		{`{"t":1,"seq":1,"event":"car_recovered","car":"A","floor":"1","riders":[0]}`, "field riders: "},
		{`{"t":1,"seq":1,"event":"car_recovered","car":"A","floor":"1","riders":null}`, "field riders: "},
		{`{"t":1,"seq":1,"event":"building","building":null,"wall_time":"2026-01-02T02:04:05Z","speed":1,"seed":1,"dispatcher":"","version":""}`, "field building: "},
		{`{"t":1,"seq":1,"event":"building","building":{"nme":""},"wall_time":"2026-01-02T02:04:05Z","speed":1,"seed":1,"dispatcher":"","version":""}`, `unknown field "nme"`},
	} {
		_, err := ParseEvent(testBuilding(), []byte(tc.line))
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s\n got %v\nwant …%s…", tc.line, err, tc.want)
		}
	}
}

func TestDecoderLearnsTheNamesFromTheBuildingLine(t *testing.T) {
	b := testBuilding()
	d := NewEventDecoder(nil)
	arrived := AppendEvent(nil, b, event(1, 2, CarArrived, func(e *Event) { e.Car, e.Floor = 2, 3 }))
	if _, err := d.Decode(arrived); err == nil {
		t.Fatal("read an event before the building line")
	}
	if _, err := d.Decode(AppendEvent(nil, b, event(0, 1, BuildingLoaded, func(e *Event) { e.Detail = &Detail{Header: &Header{Building: b}} }))); err != nil {
		t.Fatal(err)
	}
	e, err := d.Decode(arrived)
	if err != nil || e.Car != 2 || e.Floor != 3 {
		t.Fatalf("%+v, %v", e, err)
	}
	if diff := cmp.Diff(b, d.Building()); diff != "" {
		t.Fatal(diff)
	}
}

// drawEvent draws an event that a line can say, of any kind but the two that
// carry a whole building or group.
func drawEvent(t *rapid.T, b *Building) *Event {
	e := NewEvent(time.Duration(rapid.Int64Range(0, math.MaxInt64).Draw(t, "t")), EventKind(rapid.IntRange(int(PassengerArrived), int(CommandGiven)).Draw(t, "kind")))
	e.Seq = rapid.Uint64().Draw(t, "seq")
	form := &eventForms[e.Kind]
	all := form.required | form.optional | form.choice
	floor := func(label string) FloorIndex { return FloorIndex(rapid.IntRange(0, len(b.Floors)-1).Draw(t, label)) }
	if all.has(fieldFloor) {
		e.Floor = floor("floor")
	}
	if all.has(fieldCar) || all.has(fieldAssignedCar) {
		e.Car = CarIndex(rapid.IntRange(0, len(b.Cars)-1).Draw(t, "car"))
	}
	if all.has(fieldPassenger) {
		e.Passenger = PassengerID(rapid.Int64Range(1, math.MaxInt64).Draw(t, "passenger"))
	}
	if all.has(fieldTo) {
		e.To = FloorIndex((int(e.Floor) + 1 + rapid.IntRange(0, len(b.Floors)-2).Draw(t, "to")) % len(b.Floors))
	}
	if all.has(fieldDirection) {
		e.Direction = Direction(rapid.SampledFrom([]int{-1, 1}).Draw(t, "direction"))
	}
	if form.choice.has(fieldTo) {
		if rapid.Bool().Draw(t, "destination call") {
			e.Direction = Toward(e.Floor, e.To)
		} else {
			e.To = NoFloor
		}
	}
	if form.choice.has(fieldPositionM) && rapid.Bool().Draw(t, "between floors") {
		e.Floor = NoFloor
	}
	if all.has(fieldPositionM) && (e.Floor == NoFloor || form.required.has(fieldPositionM)) {
		e.PositionM = rapid.Float64().Draw(t, "position")
	}
	if all.has(fieldMassKg) {
		e.MassKg = rapid.Float64Min(0).Draw(t, "mass")
		e.Transfer.Board = time.Duration(rapid.Int64Range(0, math.MaxInt64).Draw(t, "board"))
		e.Transfer.Alight = time.Duration(rapid.Int64Range(0, math.MaxInt64).Draw(t, "alight"))
	}
	if all.has(fieldCars) {
		e.Cars = CarSet(rapid.Uint64Range(0, 1<<len(b.Cars)-1).Draw(t, "cars"))
	}
	if all.has(fieldFault) {
		e.Fault = Fault(rapid.IntRange(1, len(faultNames)-1).Draw(t, "fault"))
	}
	if e.Kind == ModeChanged {
		e.Mode = Mode(rapid.IntRange(0, len(modeNames)-1).Draw(t, "mode"))
		if rapid.Bool().Draw(t, "group") {
			e.Car, e.Mode, e.GroupMode = NoCar, 0, GroupMode(rapid.IntRange(0, len(groupModeNames)-1).Draw(t, "group mode"))
		}
	}
	drawDetail(t, &e, all)
	return &e
}

func drawDetail(t *rapid.T, e *Event, all fieldSet) {
	text := func(f eventField) string {
		if !all.has(f) {
			return ""
		}
		return rapid.String().Draw(t, fieldNames[f])
	}
	d := Detail{
		Task: text(fieldTask), State: text(fieldState), Agent: text(fieldAgent), Reason: text(fieldReason),
		RequestID: text(fieldRequestID), By: text(fieldBy), Command: text(fieldCommand), Result: text(fieldResult),
	}
	if e.Kind == CommandGiven {
		d.WallTime = time.Unix(0, rapid.Int64().Draw(t, "wall time")).UTC()
	}
	if all.has(fieldRiders) {
		d.Riders = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) PassengerID {
			return PassengerID(rapid.Int64Range(1, math.MaxInt64).Draw(t, "rider"))
		}), 1, 5).Draw(t, "riders")
	}
	if !cmp.Equal(d, Detail{}) || all.has(fieldTask) || all.has(fieldRequestID) {
		e.Detail = &d
	}
}

func TestEveryEventSurvivesItsLine(t *testing.T) {
	b := testBuilding()
	decoder := NewEventDecoder(b)
	rapid.Check(t, func(t *rapid.T) {
		e := drawEvent(t, b)
		line := AppendEvent(nil, b, e)
		back, err := decoder.Decode(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if diff := cmp.Diff(canonical(e), &back); diff != "" {
			t.Fatalf("%s\n%s", line, diff)
		}
	})
}

func TestSecondsAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64().Draw(t, "d"))
		if d == math.MinInt64 {
			t.Skip("has no positive counterpart")
		}
		text := AppendSeconds(nil, d)
		back, err := ParseSeconds(text)
		if err != nil || back != d {
			t.Fatalf("%d written as %s, read as %d, %v", d, text, back, err)
		}
	})
}

func TestOrdinaryEventsAllocateNothing(t *testing.T) {
	b := testBuilding()
	e := event(12345*time.Millisecond, 99, CarDeparted, func(e *Event) { e.Car, e.Floor, e.To, e.Direction, e.PositionM = 0, 3, 0, Down, 12.1 })
	line := AppendEvent(nil, b, e)
	buffer := make([]byte, 0, 512)
	if n := testing.AllocsPerRun(100, func() { buffer = AppendEvent(buffer[:0], b, e) }); n != 0 {
		t.Errorf("writing an event: %v allocations", n)
	}
	decoder := NewEventDecoder(b)
	if n := testing.AllocsPerRun(100, func() {
		if _, err := decoder.Decode(line); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("reading an event: %v allocations", n)
	}
}

func FuzzParseEvent(f *testing.F) {
	b := testBuilding()
	f.Add([]byte(`{"t":12.5,"seq":7,"event":"car_arrived","car":"A","floor":"3"}`))
	f.Add([]byte(`{"t":0,"seq":6,"event":"landing_call_assigned","floor":"1","direction":"down","car":"B\\","cars":["A","B\\","C"]}`))
	f.Add([]byte(`{"t":0,"seq":15,"event":"car_recovered","car":"A","position_m":1e-07,"riders":[3,9]}`))
	f.Add(AppendEvent(nil, b, event(0, 1, BuildingLoaded, func(e *Event) { e.Detail = &Detail{Header: &Header{Building: b}} })))
	f.Add(AppendEvent(nil, b, event(0, 2, SnapshotTaken, func(e *Event) { e.Detail = &Detail{Snapshot: NewGroup(b)} })))
	f.Fuzz(func(t *testing.T, line []byte) {
		e, err := ParseEvent(b, line)
		if err != nil {
			return
		}
		g := NewGroup(b)
		g.Apply(&e) // may refuse, must not panic
		again := AppendEvent(nil, b, &e)
		back, err := ParseEvent(b, again)
		if err != nil {
			t.Fatalf("%s became %s: %v", line, again, err)
		}
		if third := AppendEvent(nil, b, &back); string(third) != string(again) {
			t.Fatalf("%s became %s became %s", line, again, third)
		}
	})
}

func BenchmarkAppendEvent(b *testing.B) {
	building := testBuilding()
	e := event(12345*time.Millisecond, 99, CarDeparted, func(e *Event) { e.Car, e.Floor, e.To, e.Direction, e.PositionM = 0, 3, 0, Down, 12.1 })
	buffer := make([]byte, 0, 512)
	b.ReportAllocs()
	for b.Loop() {
		buffer = AppendEvent(buffer[:0], building, e)
	}
}

func BenchmarkDecode(b *testing.B) {
	building := testBuilding()
	e := event(12345*time.Millisecond, 99, CarDeparted, func(e *Event) { e.Car, e.Floor, e.To, e.Direction, e.PositionM = 0, 3, 0, Down, 12.1 })
	line := AppendEvent(nil, building, e)
	decoder := NewEventDecoder(building)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decoder.Decode(line); err != nil {
			b.Fatal(err)
		}
	}
}
