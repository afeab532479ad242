package plot

import (
	"cmp"
	"fmt"

	"elevator/internal/elevator/stats"
)

// Caption says what a run was; it becomes the title.
type Caption struct {
	Dispatcher, Traffic string
	Seed                uint64
}

// header draws title, statistics and legend, and returns where they end.
func (d *diagram) header(about Caption, result stats.Result) float64 {
	b := d.r.building
	d.title = fmt.Sprintf("%s: %s, %s, seed %d", cmp.Or(b.Name, "Elevator group"), about.Dispatcher, about.Traffic, about.Seed)
	room := d.plot + d.left - 16
	d.add(&words{at: point{16, 30}, body: d.font.fit(d.title, 18, room), size: 18, colour: ink, bold: true})
	y := 50.0
	for _, text := range statistics(&result) {
		d.text(point{16, y}, 12, start, ink, d.font.fit(text, 12, room))
		y += 17
	}
	if result.Saturated {
		d.add(&words{at: point{16, y}, body: "SATURATED: the queues grow over the run, so there are no means", size: 12, colour: alarm, bold: true})
		y += 17
	}
	return d.legend(y + 6)
}

func statistics(r *stats.Result) []string {
	if r.Saturated {
		return []string{fmt.Sprintf("%d passengers, %d carried · longest wait %.1f s, longest time to destination %.1f s · %d starts, %.0f m",
			r.Passengers, r.Carried, r.WaitS.Max, r.TimeToDestinationS.Max, r.Cars.Starts, r.Cars.Metres)}
	}
	return []string{
		fmt.Sprintf("%d passengers, %d carried · wait mean %.1f s, 95 %% %.1f, longest %.1f · over 60 s %.1f %%",
			r.Passengers, r.Carried, r.WaitS.Mean, r.WaitS.P95, r.WaitS.Max, 100*r.WaitS.Over60Ratio),
		fmt.Sprintf("transit mean %.1f s, 95 %% %.1f · time to destination mean %.1f s, 95 %% %.1f, longest %.1f · %d starts, %.0f m",
			r.TransitS.Mean, r.TransitS.P95, r.TimeToDestinationS.Mean, r.TimeToDestinationS.P95, r.TimeToDestinationS.Max,
			r.Cars.Starts, r.Cars.Metres),
	}
}

// legend draws what the lines mean, in as many rows as it takes, and returns
// where it ends.
func (d *diagram) legend(y float64) float64 {
	const sample, gap = 34.0, 18.0
	x := 16.0
	entry := func(text string, draw func(from, to point)) {
		width := sample + 6 + d.font.width(text, labelSize)
		if x+width > d.Width-16 && x > 16 {
			x, y = 16, y+17
		}
		draw(point{x, y - 4}, point{x + sample, y - 4})
		d.text(point{x + sample + 6, y}, labelSize, start, ink, text)
		x += width + gap
	}
	for c := range d.r.cars {
		entry("car "+d.font.fit(d.r.building.Cars[c].Name, labelSize, 160), func(from, to point) {
			pen, dash := penOf(c)
			d.add(&line{parts: [][]point{{from, to}}, colour: pen, width: 1.8, dash: dash})
		})
	}
	first, _ := penOf(0)
	entry("doors open", func(from, to point) { d.rule(from, to, 4.5, first) })
	if d.showsRides() {
		entry("rides", func(from, to point) {
			d.add(&line{parts: [][]point{{from, to}}, colour: first, width: 0.8, opacity: 0.5})
		})
	}
	entry("waits", func(from, to point) { d.rule(from, to, 1, faintInk) })
	entry("waits over 60 s", func(from, to point) { d.rule(from, to, 2, alarm) })
	return y
}
