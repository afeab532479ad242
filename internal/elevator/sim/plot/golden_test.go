package plot

import (
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/sim"
	"elevator/internal/elevator/stats"
)

const smallBuilding = `
name: Small & <tidy>
floors: [{name: G, height_m: 4, population: 0, main_terminal: true}, {name: 1, height_m: 3, population: 10}, {name: 2, population: 10}]
cars: [{name: A, capacity_persons: 8}, {name: B, capacity_persons: 8}]
`

// The figures as they are written, line by line: testdata holds events or
// measurements, and the SVG that is made of them.
func TestGolden(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			var p *Picture
			switch d.Cmd {
			case "diagram":
				p = goldenDiagram(t, d.Input)
			case "rates":
				p = goldenRates(t, d.Input)
			default:
				t.Fatalf("%s: no command %q", d.Pos, d.Cmd)
			}
			var out strings.Builder
			if err := p.Write(&out, SVG); err != nil {
				t.Fatal(err)
			}
			return out.String()
		})
	})
}

// goldenDiagram draws events, one line of a journal each.
func goldenDiagram(t *testing.T, lines string) *Picture {
	b, err := building.Parse("small.yaml", []byte(smallBuilding))
	if err != nil {
		t.Fatal(err)
	}
	r, collected := NewRecorder(b), stats.NewCollector(b)
	for text := range strings.Lines(lines) {
		e, err := elevator.ParseEvent(b, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		r.Apply(&e)
		collected.Apply(&e)
	}
	return r.StringDiagram(Caption{Dispatcher: "eta", Traffic: `"trace".csv`, Seed: 7}, collected)
}

// goldenRates draws measurements: a dispatcher, and for each rate wait±half
// width/time to destination, or the word saturated.
func goldenRates(t *testing.T, lines string) *Picture {
	s := Sweep{
		Title: "Small building", Axis: "arrival rate, %", Rates: []float64{5, 10, 15},
		Published: []sim.Published{{Name: "ESA", WaitS: 12, SystemS: 30}, {Name: "FIM", WaitS: 13, SystemS: 31}}, PublishedAt: 10,
		Limit: 12.5, LimitName: "calculated",
	}
	number := func(text string) float64 {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	var all []Series
	for text := range strings.Lines(lines) {
		fields := strings.Fields(text)
		series := Series{Dispatcher: fields[0]}
		for i, field := range fields[1:] {
			point := RatePoint{Rate: s.Rates[i], Saturated: field == "saturated"}
			if wait, total, ok := strings.Cut(field, "/"); ok {
				mean, half, _ := strings.Cut(wait, "±")
				point.WaitS = stats.Interval{Mean: number(mean), HalfWidth: number(half)}
				point.DestinationS = stats.Interval{Mean: number(total), HalfWidth: number(half)}
			}
			series.Points = append(series.Points, point)
		}
		all = append(all, series)
	}
	return s.RateChart(all, 3)
}

// entries looks dispatchers up.
func entries(t testing.TB, names ...string) []dispatch.Entry {
	t.Helper()
	var list []dispatch.Entry
	for _, name := range names {
		entry, ok := dispatch.ByName(name)
		if !ok {
			t.Fatalf("no dispatcher %q", name)
		}
		list = append(list, entry)
	}
	return list
}
