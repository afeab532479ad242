package traffic_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
	"elevator/internal/elevator/traffic"
)

func named(t testing.TB, name string) *elevator.Building {
	b, err := building.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func collect(t testing.TB, b *elevator.Building, spec traffic.Spec, seed uint64, duration time.Duration) []elevator.Passenger {
	t.Helper()
	source, err := traffic.New(b, spec, seed, duration)
	if err != nil {
		t.Fatal(err)
	}
	all, err := traffic.Collect(source)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestSpecsAreReadAsWritten(t *testing.T) {
	for _, text := range []string{"up-peak", "up-peak:12%", "down-peak:7.5%", "lunch", "interfloor:0.1%", "two-way:20%", "office-day", "crites-barto", "crites-barto-up2", "crites-barto-up4", "none", "morning.csv", "/a/b c:1%.csv", "run.ndjson"} {
		spec, err := traffic.ParseSpec(text)
		if err != nil || spec.String() != text {
			t.Errorf("%s: %s, %v", text, spec, err)
		}
	}
	for text, want := range map[string]string{
		"": "one of up-peak, down-peak", "rush": "one of up-peak", "up-peak:": "such as up-peak:12%", "up-peak:12": "such as up-peak:12%",
		"up-peak:x%": "above 0%", "up-peak:0%": "above 0%", "up-peak:-1%": "above 0%", "up-peak:NaN%": "above 0%", "up-peak:Inf%": "above 0%",
		"up-peak:2000%": "at most 1000%", "none:5%": "takes none", "crites-barto:5%": "takes none", "trace.txt": "ends in .csv",
	} {
		if _, err := traffic.ParseSpec(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want …%s…", text, err, want)
		}
	}
}

// near fails unless a Poisson count is within four standard deviations.
func near(t *testing.T, what string, got int, want float64) {
	t.Helper()
	if math.Abs(float64(got)-want) > 4*math.Sqrt(want)+1 {
		t.Errorf("%s: %d, want about %.1f", what, got, want)
	}
}

func TestRatesAndMixesAreThoseAskedFor(t *testing.T) {
	b := named(t, "office14")
	terminal := b.MainTerminal()
	const hours = 20
	for _, tc := range []struct {
		spec traffic.Spec
		rate float64
		mix  traffic.Mix
	}{
		{traffic.Spec{Profile: "up-peak"}, 12, traffic.Mix{In: .85, Out: .10, Interfloor: .05}},
		{traffic.Spec{Profile: "up-peak", RatePercent: 15, Mix: &traffic.Mix{In: 1}}, 15, traffic.Mix{In: 1}},
		{traffic.Spec{Profile: "down-peak", RatePercent: 5}, 5, traffic.Mix{In: .10, Out: .85, Interfloor: .05}},
		{traffic.Spec{Profile: "lunch"}, 13, traffic.Mix{In: .45, Out: .45, Interfloor: .10}},
		{traffic.Spec{Profile: "interfloor", RatePercent: 6}, 6, traffic.Mix{Interfloor: 1}},
		{traffic.Spec{Profile: "two-way", RatePercent: 20}, 20, traffic.Mix{In: .5, Out: .5}},
		{traffic.Spec{Phases: []traffic.Phase{{Duration: time.Hour, RatePercent: 10, Mix: traffic.Mix{In: 2, Out: 2}}}}, 10, traffic.Mix{In: .5, Out: .5}},
		{traffic.Spec{Profile: "up-peak", BatchMean: 3}, 12, traffic.Mix{In: .85, Out: .10, Interfloor: .05}},
	} {
		want := hours * 12 * 1000 * tc.rate / 100
		var in, out, between int
		from, to := make([]int, len(b.Floors)), make([]int, len(b.Floors))
		for _, p := range collect(t, b, tc.spec, 7, hours*time.Hour) {
			from[p.Floor]++
			to[p.To]++
			switch terminal {
			case p.Floor:
				in++
			case p.To:
				out++
			default:
				between++
			}
		}
		if tc.spec.BatchMean > 1 {
			want /= 5 // a geometric batch of mean 3 has the variance of five single arrivals
			in, out, between = in/5, out/5, between/5
		}
		near(t, tc.spec.Profile+" in", in, want*tc.mix.In)
		near(t, tc.spec.Profile+" out", out, want*tc.mix.Out)
		near(t, tc.spec.Profile+" interfloor", between, want*tc.mix.Interfloor)
		if tc.spec.BatchMean > 1 {
			continue
		}
		for f := 1; f < len(b.Floors); f++ {
			share := float64(b.Floors[f].Population) / 1000
			near(t, fmt.Sprintf("%s from floor %d", tc.spec.Profile, f), from[f], want*share*(tc.mix.Out+tc.mix.Interfloor))
			near(t, fmt.Sprintf("%s to floor %d", tc.spec.Profile, f), to[f], want*share*(tc.mix.In+tc.mix.Interfloor))
		}
	}
}

func TestCritesBartoChangesEveryFiveMinutes(t *testing.T) {
	b := named(t, "crites-barto")
	for name, upPerMinute := range map[string]float64{"crites-barto": 0, "crites-barto-up2": 2, "crites-barto-up4": 4} {
		const hours = 100
		var down, up [12]int
		perFloor := make([]int, len(b.Floors))
		for _, p := range collect(t, b, traffic.Spec{Profile: name}, 3, hours*time.Hour) {
			slot := int(p.ArrivesAt/(5*time.Minute)) % 12
			if p.Floor == 0 {
				up[slot]++
				perFloor[p.To]++
				continue
			}
			if p.To != 0 {
				t.Fatalf("%s: %+v", name, p)
			}
			down[slot]++
		}
		for slot, rate := range []float64{1, 2, 4, 4, 18, 12, 8, 7, 18, 5, 3, 2} {
			near(t, fmt.Sprintf("%s down in slot %d", name, slot), down[slot], hours*9*rate)
			near(t, fmt.Sprintf("%s up in slot %d", name, slot), up[slot], hours*5*upPerMinute)
		}
		for f := 1; f < len(b.Floors); f++ {
			near(t, fmt.Sprintf("%s up to floor %d", name, f), perFloor[f], hours*60*upPerMinute/9)
		}
	}
}

func TestArrivalsArePoisson(t *testing.T) {
	b := named(t, "crites-barto")
	counts := make([]float64, 2000)
	for _, p := range collect(t, b, traffic.Spec{Profile: "up-peak", RatePercent: 50, Mix: &traffic.Mix{In: 1}}, 11, 2000*time.Minute) {
		counts[p.ArrivesAt/time.Minute]++
	}
	var sum, squares float64
	for _, n := range counts {
		sum += n
		squares += n * n
	}
	mean := sum / float64(len(counts))
	variance := squares/float64(len(counts)) - mean*mean
	if ratio := variance / mean; ratio < 0.85 || ratio > 1.15 {
		t.Errorf("variance to mean of the arrivals in a minute: %.3f, want 1", ratio)
	}
}

func TestOfficeDayFollowsTheDay(t *testing.T) {
	b := named(t, "office14")
	hours := make([]int, 48)
	for _, p := range collect(t, b, traffic.Spec{Profile: "office-day", RatePercent: 12}, 1, 48*time.Hour) {
		hours[p.ArrivesAt/time.Hour]++
	}
	const full = 12 * 1000 * 0.12
	near(t, "7 to 8", hours[0], full*0.2)
	near(t, "8 to 9", hours[1], full*0.8)
	near(t, "12 to 13", hours[5], full*0.9)
	near(t, "midnight", hours[17], full*0.02)
	near(t, "8 to 9 of the next day", hours[25], full*0.8)
}

func TestPassengersAreInOrderAndTheSameForEverybody(t *testing.T) {
	b := named(t, "crites-barto")
	rapid.Check(t, func(t *rapid.T) {
		spec := traffic.Spec{
			Profile:     rapid.SampledFrom(traffic.Profiles()).Draw(t, "profile"),
			BatchMean:   rapid.SampledFrom([]float64{0, 1, 2.5}).Draw(t, "batch"),
			RatePercent: 0,
		}
		seed := rapid.Uint64().Draw(t, "seed")
		duration := time.Duration(rapid.IntRange(1, 40).Draw(t, "minutes")) * time.Minute
		source, err := traffic.New(b, spec, seed, duration)
		if err != nil {
			t.Fatal(err)
		}
		all, err := traffic.Collect(source)
		if err != nil {
			t.Fatal(err)
		}
		endless, err := traffic.New(b, spec, seed, 0)
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range all {
			if p.ID != elevator.PassengerID(i+1) || p.Floor == p.To || p.ArrivesAt >= duration || i > 0 && p.ArrivesAt < all[i-1].ArrivesAt {
				t.Fatalf("%d: %+v", i, p)
			}
			for _, d := range []time.Duration{p.BoardTime, p.AlightTime} {
				if d < b.Transfer.Min || d > b.Transfer.Max {
					t.Fatalf("%+v: transfer outside %v", p, b.Transfer)
				}
			}
			if same, _, err := endless.Next(); err != nil || same != p {
				t.Fatalf("%+v without an end, %+v with one (%v)", same, p, err)
			}
		}
	})
}

func TestFloorsAreIndependent(t *testing.T) {
	small, large := named(t, "office14"), named(t, "office14")
	large.Floors[9].Population, large.Floors[8].Population = 142, 0
	spec := traffic.Spec{Profile: "down-peak", Mix: &traffic.Mix{Out: 1}}
	at := func(b *elevator.Building, f elevator.FloorIndex) (times []time.Duration) {
		for _, p := range collect(t, b, spec, 5, time.Hour) {
			if p.Floor == f {
				times = append(times, p.ArrivesAt)
			}
		}
		return times
	}
	if diff := cmp.Diff(at(small, 3), at(large, 3)); diff != "" {
		t.Errorf("floor 3 changed with floor 9: %s", diff)
	}
}

func TestErlangTransfersHaveTheirMean(t *testing.T) {
	b := named(t, "crites-barto")
	var sum, squares float64
	all := collect(t, b, traffic.Spec{Profile: "crites-barto"}, 1, 20*time.Hour)
	for _, p := range all {
		for _, d := range []time.Duration{p.BoardTime, p.AlightTime} {
			sum += d.Seconds()
			squares += d.Seconds() * d.Seconds()
		}
	}
	n := float64(2 * len(all))
	mean := sum / n
	// Below 0.6 s lies 1.6 % of Erlang(20, 1 s), whose loss lifts the mean by 0.8 %.
	if deviation := math.Sqrt(squares/n - mean*mean); mean < 1.0 || mean > 1.015 || deviation < 0.2 || deviation > 0.23 {
		t.Errorf("mean %.4f s, deviation %.4f s", mean, deviation)
	}
}

func TestJourneysThatNoCarMakesAreNotAskedFor(t *testing.T) {
	b, err := building.Parse("split", []byte(`floors: [{name: G, height_m: 3, main_terminal: true}, {count: 4, height_m: 3, population: 50}]
cars: [{name: A, capacity_persons: 8, serves: [G, 1, 2]}, {name: B, capacity_persons: 8, serves: [G, 3, 4]}]`))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, p := range collect(t, b, traffic.Spec{Profile: "interfloor", RatePercent: 20}, 1, 10*time.Hour) {
		n++
		if (p.Floor <= 2) != (p.To <= 2) || p.Floor == 0 || p.To == 0 {
			t.Fatalf("%+v", p)
		}
	}
	near(t, "interfloor", n, 10*12*200*0.20)
}

func TestTrafficThatCannotBeIsRefused(t *testing.T) {
	b := named(t, "office14")
	empty := named(t, "office14")
	for i := range empty.Floors {
		empty.Floors[i].Population = 0
	}
	for _, tc := range []struct {
		b        *elevator.Building
		spec     traffic.Spec
		duration time.Duration
		want     string
	}{
		{b, traffic.Spec{}, 0, "no such profile"},
		{b, traffic.Spec{Profile: "lunch"}, -1, "negative"},
		{b, traffic.Spec{Profile: "lunch", RatePercent: -1}, 0, "a rate of -1%"},
		{b, traffic.Spec{Profile: "lunch", RatePercent: math.NaN()}, 0, "a rate of NaN%"},
		{b, traffic.Spec{Profile: "lunch", Mix: &traffic.Mix{In: -1, Out: 2}}, 0, "mix"},
		{b, traffic.Spec{Profile: "lunch", Mix: &traffic.Mix{}}, 0, "mix"},
		{b, traffic.Spec{Profile: "lunch", BatchMean: 0.5}, 0, "batches of 0.5"},
		{b, traffic.Spec{Phases: []traffic.Phase{{0, 1, traffic.Mix{In: 1}}}}, 0, "lasts 0s"},
		{b, traffic.Spec{Profile: "crites-barto", RatePercent: 5}, 0, "own rates"},
		{empty, traffic.Spec{Profile: "lunch"}, 0, "nobody lives or works"},
		{b, traffic.Spec{Trace: filepath.Join(t.TempDir(), "none.csv")}, 0, "none.csv"},
	} {
		if _, err := traffic.New(tc.b, tc.spec, 1, tc.duration); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%v: got %v, want …%s…", tc.spec, err, tc.want)
		}
	}
	if all := collect(t, b, traffic.Spec{Profile: traffic.None}, 1, 0); len(all) != 0 {
		t.Errorf("none brings %d passengers", len(all))
	}
	quiet := traffic.Spec{Phases: []traffic.Phase{{time.Hour, 0, traffic.Mix{In: 1}}}}
	if all := collect(t, b, quiet, 1, 0); len(all) != 0 {
		t.Errorf("a rate of nothing brings %d passengers", len(all))
	}
}

func TestATraceRepeatsItsPassengers(t *testing.T) {
	b := named(t, "crites-barto")
	all := collect(t, b, traffic.Spec{Profile: "crites-barto-up4"}, 9, 2*time.Hour)
	path := filepath.Join(t.TempDir(), "trace.csv")
	var text bytes.Buffer
	if err := traffic.WriteCSV(&text, b, all); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(all, collect(t, b, traffic.Spec{Trace: path}, 9, 0)); diff != "" {
		t.Error(diff)
	}
	half := collect(t, b, traffic.Spec{Trace: path}, 9, time.Hour)
	if len(half) == 0 || len(half) == len(all) || !cmp.Equal(half, all[:len(half)]) {
		t.Errorf("%d of %d passengers in the first of two hours", len(half), len(all))
	}
}

func TestAJournalRepeatsItsPassengers(t *testing.T) {
	b := named(t, "crites-barto")
	all := collect(t, b, traffic.Spec{Profile: "crites-barto-up4"}, 9, 10*time.Minute)
	header := elevator.NewEvent(0, elevator.BuildingLoaded)
	header.Detail = &elevator.Detail{Header: &elevator.Header{Building: b}}
	lines := elevator.AppendEvent(nil, b, &header)
	for _, p := range all {
		e := p.Arrival(p.ArrivesAt)
		lines = elevator.AppendEvent(lines, b, &e)
	}
	path := filepath.Join(t.TempDir(), "run.ndjson")
	if err := os.WriteFile(path, append(lines, `{"t":99,"se`...), 0o600); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(all, collect(t, b, traffic.Spec{Trace: path}, 1234, 0)); diff != "" {
		t.Error(diff)
	}
	if _, err := traffic.Collect(traffic.ReadJournal(b, "x.ndjson", strings.NewReader("{}\n"), 1)); err == nil || !strings.Contains(err.Error(), "x.ndjson:1: ") {
		t.Errorf("no journal: %v", err)
	}
}

func TestTraceErrorsSayWhereAndWhat(t *testing.T) {
	b, err := building.Parse("split", []byte(`floors: [{name: G, height_m: 3, main_terminal: true}, {count: 4, height_m: 3, population: 50}]
cars: [{name: A, capacity_persons: 8, serves: [G, 1, 2]}, {name: B, capacity_persons: 8, rated_load_kg: 900, serves: [G, 3, 4]}]`))
	if err != nil {
		t.Fatal(err)
	}
	const header = "time_s,from,to,mass_kg\n"
	for _, tc := range []struct{ text, want string }{
		{"", "x.csv:1: expected the header"},
		{"time,from,to\n", "x.csv:1: expected the header"},
		{"time_s,from,to,mass_kg,x\n", "x.csv:1: expected the header"},
		{header + "0,G,9,75\n", `x.csv:2: to: the building has no floor "9"`},
		{header + "0,9,G,75\n", `x.csv:2: from: the building has no floor "9"`},
		{header + "0,G,1,75\n1,G,G,75\n", `x.csv:3: to: floor "G" is where the passenger comes from`},
		{header + "2,G,1,75\n1.5,G,1,75\n", "x.csv:3: time_s: 1.5 s after 2 s"},
		{header + "-1,G,1,75\n", "x.csv:2: time_s: -1 s is negative"},
		{header + "NaN,G,1,75\n", "x.csv:2: time_s: "},
		{header + ",G,1,75\n", "x.csv:2: time_s: "},
		{header + "0,G,1,0\n", "x.csv:2: mass_kg: 0; expected more than 0"},
		{header + "0,G,1,-5\n", "x.csv:2: mass_kg: -5; expected more than 0"},
		{header + "0,G,1,NaN\n", "x.csv:2: mass_kg: NaN"},
		{header + "0,G,1,heavy\n", `x.csv:2: mass_kg: "heavy" is no number`},
		{header + "0,G,3,900\n1,G,3,901\n", "x.csv:3: mass_kg: 901 kg; no car that serves both floors takes more than 900 kg"},
		{header + "0,G,1,601\n", "takes more than 600 kg"},
		{header + "0,1,3,75\n", `x.csv:2: to: no car serves both "1" and "3"`},
		{header + "0,G,1\n", "x.csv:2: 3 fields; expected 4, as the header has"},
		{header + "0,\"G,1,75\n", "x.csv:"},
	} {
		source, err := traffic.ReadCSV(b, "x.csv", strings.NewReader(tc.text), 1)
		if err == nil {
			_, err = traffic.Collect(source)
			if _, _, again := source.Next(); !errors.Is(again, err) {
				t.Errorf("%q: first %v, then %v", tc.text, err, again)
			}
		}
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%q: got %v, want …%s…", tc.text, err, tc.want)
		}
	}
	for _, text := range []string{"time_s,from,to\n", header + "0,G,1,\n0,G,1,75\n", "\ufefftime_s,from,to\r\n0,\"G\",1\r\n"} {
		source, err := traffic.ReadCSV(b, "x.csv", strings.NewReader(text), 1)
		if err == nil {
			_, err = traffic.Collect(source)
		}
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzReadCSV(f *testing.F) {
	b := building.Builtin()
	f.Add([]byte("time_s,from,to,mass_kg\n0,1,2,75\n1.5,2,1,\n"))
	f.Add([]byte("time_s,from,to\n0,1,2\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		source, err := traffic.ReadCSV(b, "x.csv", bytes.NewReader(data), 1)
		if err != nil {
			return
		}
		all, err := traffic.Collect(source)
		if err != nil && !strings.HasPrefix(err.Error(), "x.csv:") {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if err := traffic.WriteCSV(&text, b, all); err != nil {
			t.Fatal(err)
		}
		source, err = traffic.ReadCSV(b, "again.csv", &text, 1)
		if err != nil {
			t.Fatal(err)
		}
		again, err := traffic.Collect(source)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(all, again); diff != "" {
			t.Fatal(diff)
		}
	})
}

func BenchmarkReadCSV(b *testing.B) {
	office := building.Builtin()
	var text bytes.Buffer
	text.WriteString("time_s,from,to,mass_kg\n")
	const rows = 100_000
	for i := range rows {
		fmt.Fprintf(&text, "%d.25,%d,%d,75\n", i, i%8+1, (i+1)%8+1)
	}
	for b.Loop() {
		source, err := traffic.ReadCSV(office, "x", bytes.NewReader(text.Bytes()), 1)
		if err != nil {
			b.Fatal(err)
		}
		for {
			_, more, err := source.Next()
			if err != nil {
				b.Fatal(err)
			}
			if !more {
				break
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
}

func BenchmarkPoisson(b *testing.B) {
	source, err := traffic.New(building.Builtin(), traffic.Spec{Profile: "lunch"}, 1, 0)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := source.Next(); err != nil {
			b.Fatal(err)
		}
	}
}

// People who come together may also go together.
func TestABatchGoesToOneFloor(t *testing.T) {
	b := building.Builtin()
	for _, together := range []bool{true, false} {
		source, err := traffic.New(b, traffic.Spec{Profile: "lunch", BatchMean: 4, BatchTogether: together}, 1, 2*time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		passengers, err := traffic.Collect(source)
		if err != nil {
			t.Fatal(err)
		}
		apart := 0
		for i := 1; i < len(passengers); i++ {
			p, q := &passengers[i-1], &passengers[i]
			if p.ArrivesAt == q.ArrivesAt && p.Floor == q.Floor && p.To != q.To {
				apart++
			}
		}
		if (apart == 0) != together {
			t.Errorf("together %v: %d of %d go elsewhere than who came with them", together, apart, len(passengers))
		}
	}
}
