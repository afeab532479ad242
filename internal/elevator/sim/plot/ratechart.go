package plot

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"elevator/internal/elevator/sim"
	"elevator/internal/elevator/stats"
)

// Measures of the rate chart, in pixels.
const (
	panelWidth  = 590.0
	panelHeight = 430.0
	panelLeft   = 62.0 // room for the values at its side
	panelTop    = 104.0
	markRadius  = 3.6
)

// chart is a rate chart in the making.
type chart struct {
	*Picture
	sweep *Sweep
	all   []Series
	font  font
}

// panel is one of its two diagrams.
type panel struct {
	chart
	title     string
	x, y      axis
	value     func(*RatePoint) stats.Interval
	published func(*sim.Published) float64
}

// RateChart draws what Sweep.Run measured: on the left the mean wait, on the
// right the mean time to destination, a line for each dispatcher in its band of
// 95 % confidence. Where a group is saturated a mean says nothing: there the
// line goes on broken to a hollow mark at the upper edge.
func (s *Sweep) RateChart(all []Series, replications int) *Picture {
	c := chart{&Picture{Width: 2*(panelLeft+panelWidth) + 30, title: s.Title}, s, all, newFont()}
	c.add(&words{at: point{16, 30}, body: s.Title, size: 18, colour: ink, bold: true})
	c.text(point{16, 50}, 12, start, ink, fmt.Sprintf("means of %d replications, bands of 95 %% confidence", replications))
	bottom := c.legend(72)
	top := max(panelTop, bottom+32)
	c.panel(0, top, "mean wait, s",
		func(p *RatePoint) stats.Interval { return p.WaitS }, func(p *sim.Published) float64 { return p.WaitS })
	c.panel(1, top, "mean time to destination, s",
		func(p *RatePoint) stats.Interval { return p.DestinationS }, func(p *sim.Published) float64 { return p.SystemS })
	c.Height = top + panelHeight + 48
	return c.Picture
}

func (c chart) panel(column int, top float64, title string, value func(*RatePoint) stats.Interval, published func(*sim.Published) float64) {
	left := panelLeft + float64(column)*(panelLeft+panelWidth)
	rates := c.sweep.Rates
	p := panel{chart: c, title: title, value: value, published: published}
	margin := (rates[len(rates)-1] - rates[0]) / 30
	p.x = axis{low: rates[0] - margin, high: rates[len(rates)-1] + margin, from: left, to: left + panelWidth}
	p.y = axis{low: 0, high: p.highest(), from: top + panelHeight, to: top}
	p.grid()
	p.limit()
	for i := range c.all {
		p.band(i)
	}
	for i := range c.all {
		p.line(i)
	}
	p.marks()
}

// highest returns where the y axis ends: above everything that is drawn, with
// room for the marks of what is saturated.
func (p *panel) highest() float64 {
	greatest := 1.0
	for i := range p.sweep.Published {
		greatest = max(greatest, p.published(&p.sweep.Published[i]))
	}
	for _, s := range p.all {
		for i := range s.Points {
			if v := p.value(&s.Points[i]); !s.Points[i].Saturated {
				greatest = max(greatest, v.Mean+min(v.HalfWidth, v.Mean/2))
			}
		}
	}
	return 1.12 * greatest
}

func (p *panel) grid() {
	for unit, v := step(p.y.high, 8), 0.0; v <= p.y.high; v += unit {
		p.rule(point{p.x.from, p.y.at(v)}, point{p.x.to, p.y.at(v)}, 1, gridLine)
		p.text(point{p.x.from - 7, p.y.at(v) + 4}, labelSize, end, ink, number(v))
	}
	unit := step(p.x.high-p.x.low, 10)
	for v := math.Ceil(p.x.low/unit) * unit; v <= p.x.high; v += unit {
		p.rule(point{p.x.at(v), p.y.to}, point{p.x.at(v), p.y.from + 4}, 1, gridLine)
		p.text(point{p.x.at(v), p.y.from + 17}, labelSize, middle, ink, number(v))
	}
	frame := box(p.x.from, p.y.to, p.x.to, p.y.from)
	p.add(&line{parts: [][]point{append(frame, frame[0])}, colour: frameLine, width: 1})
	p.add(&words{at: point{p.x.from, p.y.to - 9}, body: p.title, size: 13, colour: ink, bold: true})
	p.text(point{(p.x.from + p.x.to) / 2, p.y.from + 37}, labelSize, middle, faintInk, p.sweep.Axis)
}

// limit draws the rate beyond which a calculation says nobody can be carried.
func (p *panel) limit() {
	if p.sweep.Limit == 0 {
		return
	}
	x := p.x.at(p.sweep.Limit)
	p.add(&line{parts: [][]point{{{x, p.y.from}, {x, p.y.to}}}, colour: faintInk, width: 1.2, dash: []float64{2, 3}})
	p.text(point{x + 5, p.y.from - 7}, labelSize, start, faintInk, p.sweep.LimitName)
}

// runs returns the stretches of points that follow each other unsaturated.
func runs(points []RatePoint) [][]RatePoint {
	var out [][]RatePoint
	from := 0
	for i := range len(points) + 1 {
		if i < len(points) && !points[i].Saturated {
			continue
		}
		if i > from {
			out = append(out, points[from:i])
		}
		from = i + 1
	}
	return out
}

func (p *panel) band(i int) {
	pen, _ := penOf(i)
	for _, run := range runs(p.all[i].Points) {
		var outline, back []point
		for k := range run {
			v, x := p.value(&run[k]), p.x.at(run[k].Rate)
			outline = append(outline, point{x, p.inside(v.Mean + v.HalfWidth)})
			back = append(back, point{x, p.inside(v.Mean - v.HalfWidth)})
		}
		slices.Reverse(back)
		if len(run) > 1 {
			p.add(&area{outline: append(outline, back...), colour: pen, opacity: 0.16})
		}
	}
}

// inside returns where a value is drawn, or the edge of the panel.
func (p *panel) inside(v float64) float64 { return p.y.at(min(max(v, p.y.low), p.y.high)) }

func (p *panel) line(i int) {
	pen, dash := penOf(i)
	points := p.all[i].Points
	at := func(k int) point {
		if points[k].Saturated {
			return point{p.x.at(points[k].Rate), p.edge(i)}
		}
		return point{p.x.at(points[k].Rate), p.y.at(p.value(&points[k]).Mean)}
	}
	for k := 1; k < len(points); k++ {
		if points[k].Saturated != points[k-1].Saturated {
			p.add(&line{parts: [][]point{{at(k - 1), at(k)}}, colour: pen, width: 1, dash: []float64{1, 3}})
		}
	}
	for _, run := range runs(points) {
		var course []point
		for k := range run {
			course = append(course, point{p.x.at(run[k].Rate), p.y.at(p.value(&run[k]).Mean)})
		}
		p.add(&line{parts: [][]point{course}, colour: pen, width: 1.8, dash: dash, name: p.all[i].Dispatcher})
	}
	for k := range points {
		p.mark(i, at(k), markRadius, pen, points[k].Saturated)
	}
}

// edge returns the height at which the marks of a saturated dispatcher stand,
// one row each.
func (p *panel) edge(i int) float64 { return p.y.to + 8 + 9*float64(i) }

// marks draws the published values with their names, which stand to the left
// and above all lines.
func (p *panel) marks() {
	list := slices.Clone(p.sweep.Published)
	slices.SortStableFunc(list, func(a, b sim.Published) int { return cmp.Compare(p.published(&b), p.published(&a)) })
	if len(list) == 0 {
		return
	}
	const size, arm = 10.0, 3.0
	x := p.x.at(p.sweep.PublishedAt)
	ys := make([]float64, len(list))
	for i := range list {
		ys[i] = p.y.at(p.published(&list[i]))
	}
	labels := slices.Clone(ys)
	spread(labels, size+1, p.roof(p.sweep.PublishedAt)-12)
	for i := range list {
		name := list[i].Name
		p.add(
			&line{parts: [][]point{{{x - arm, ys[i] - arm}, {x + arm, ys[i] + arm}}, {{x - arm, ys[i] + arm}, {x + arm, ys[i] - arm}}}, colour: ink, width: 1.1},
			&line{parts: [][]point{{{x - arm - 1, ys[i]}, {x - 36, labels[i]}}}, colour: faintInk, width: 0.5},
			&words{at: point{x - 39, labels[i] + 3.5}, body: name, size: size, colour: faintInk, anchor: end},
		)
	}
}

// roof returns the height of the highest line up to a rate.
func (p *panel) roof(rate float64) float64 {
	y := p.y.from
	for _, s := range p.all {
		for i := range s.Points {
			if s.Points[i].Rate <= rate && !s.Points[i].Saturated {
				y = min(y, p.y.at(p.value(&s.Points[i]).Mean))
			}
		}
	}
	return y
}

// legend draws what the lines and marks mean and returns where it ends.
func (c chart) legend(y float64) float64 {
	x := 16.0
	entry := func(text string, draw func(at point)) {
		width := 42 + c.font.width(text, labelSize)
		if x+width > c.Width-16 {
			x, y = 16, y+17
		}
		draw(point{x, y - 4})
		c.text(point{x + 42, y}, labelSize, start, ink, text)
		x += width + 20
	}
	for i := range c.all {
		entry(c.all[i].Dispatcher, func(at point) {
			pen, dash := penOf(i)
			c.add(&line{parts: [][]point{{at, {at.x + 36, at.y}}}, colour: pen, width: 1.8, dash: dash})
			c.mark(i, point{at.x + 18, at.y}, markRadius, pen, false)
		})
	}
	entry("SATURATED: the queues grow", func(at point) {
		pen, _ := penOf(0)
		c.mark(0, point{at.x + 18, at.y}, markRadius, pen, true)
	})
	if len(c.sweep.Published) > 0 {
		entry("published", func(at point) {
			const arm = 3
			x, y := at.x+18, at.y
			c.add(&line{parts: [][]point{{{x - arm, y - arm}, {x + arm, y + arm}}, {{x - arm, y + arm}, {x + arm, y - arm}}}, colour: ink, width: 1.1})
		})
	}
	return y
}
