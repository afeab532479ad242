package plot

import (
	"cmp"
	"math"
	"slices"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/stats"
)

// Measures of the string diagram, in pixels.
const (
	stripMost     = 1400.0 // width of a strip of time
	stripLeast    = 760.0
	secondMost    = 9.0  // of a second
	floorGap      = 24.0 // of a usual floor
	stripTallest  = 640.0
	stripShortest = 150.0
	rightMargin   = 46.0
	labelSize     = 11.0
	slotGap       = 2.6 // between two who wait at a floor
	laneGap       = 2.6 // between two cars at a floor
)

// A strip shows about ten minutes; a longer run is cut into several, one below
// the other, as long as there are not too many of them.
const (
	stripTime  = 10*time.Minute + 30*time.Second
	stripsMost = 12
	longWait   = time.Minute // drawn in the colour of alarm
)

// diagram is a string diagram in the making.
type diagram struct {
	*Picture
	r        *Recorder
	journeys []stats.Journey
	slots    []int // of each journey: its place in the queue of its floor
	font     font

	strip         time.Duration
	strips        int
	left, plot    float64 // where strips begin, and how wide they are
	top           float64 // of the present strip
	height        axis    // metres to pixels below top
	gap, lane     float64
	slotGaps      []float64 // of each floor: between two who wait there
	withHours     bool
	perSecond     float64 // pixels
	from, through time.Duration
}

// StringDiagram draws what was recorded: the height of each car over time, thick
// where its doors are open; who waits, as lines above their floor from arrival
// to boarding, stacked so that the stack is the queue; and who rides, as thin
// lines from boarding to alighting. The statistics are those of the same run.
func (r *Recorder) StringDiagram(about Caption, collected *stats.Collector) *Picture {
	d := &diagram{Picture: &Picture{}, r: r, journeys: collected.Journeys(), font: newFont()}
	d.measure()
	bottom := d.header(about, collected.Result())
	for i := range d.strips {
		d.from = time.Duration(i) * d.strip
		d.through = min(d.from+d.strip, max(r.now, time.Second))
		d.top = bottom + 14
		d.drawStrip()
		bottom = d.top + d.height.from + 30
	}
	d.text(point{d.left + d.plot/2, bottom + 9}, labelSize, middle, faintInk, d.timeUnit())
	d.Height = math.Ceil(bottom + 20)
	return d.Picture
}

func (d *diagram) timeUnit() string {
	if d.withHours {
		return "time since the start, hours:minutes"
	}
	return "time since the start, minutes:seconds"
}

// measure decides the sizes of everything.
func (d *diagram) measure() {
	b, end := d.r.building, max(d.r.now, time.Second)
	d.strips = min(int((end+stripTime-1)/stripTime), stripsMost)
	d.strip = end
	if d.strips > 1 {
		unit := timeStep(end / time.Duration(d.strips) / 20)
		d.strip = (end/time.Duration(d.strips) + unit) / unit * unit
		d.strips = int((end + d.strip - 1) / d.strip)
	}
	d.withHours = end >= 100*time.Minute
	d.plot = stripMost
	if d.strips == 1 {
		d.plot = min(max(secondMost*end.Seconds(), stripLeast), stripMost)
	}
	d.perSecond = d.plot / d.strip.Seconds()

	names := 0.0
	for i := range b.Floors {
		names = max(names, d.font.width(b.Floors[i].Name, labelSize))
	}
	d.left = 44 + min(names, 120)
	d.Width = math.Ceil(d.left + d.plot + rightMargin)

	top := b.Floors[len(b.Floors)-1].ElevationM
	tall := min(max(floorGap*float64(len(b.Floors)), stripShortest), stripTallest)
	d.gap = tall / float64(len(b.Floors))
	d.lane = min(laneGap, d.gap/2/float64(len(b.Cars)))
	d.height = axis{low: 0, high: top, from: tall, to: d.gap}
	d.queue()
}

// lanes is how much room the cars at a floor take.
func (d *diagram) lanes() float64 { return d.lane * float64(len(d.r.cars)) }

// queue gives everybody who waits the lowest place that is free at their floor,
// and each floor as much room between two of them as its longest queue leaves.
func (d *diagram) queue() {
	d.slots = make([]int, len(d.journeys))
	taken := make([][]time.Duration, len(d.r.building.Floors)) // until when
	for i := range d.journeys {
		j := &d.journeys[i]
		places := taken[j.Floor]
		k := slices.IndexFunc(places, func(until time.Duration) bool { return until <= j.ArrivedAt })
		if k < 0 {
			k = len(places)
			taken[j.Floor] = append(places, 0)
		}
		taken[j.Floor][k] = d.or(j.BoardedAt)
		d.slots[i] = k
	}
	d.slotGaps = make([]float64, len(taken))
	for f, places := range taken {
		d.slotGaps[f] = min(slotGap, (d.gap-d.lanes())/float64(max(len(places), 1)))
	}
}

// or returns a time, or the end of the run where it has not come.
func (d *diagram) or(t time.Duration) time.Duration {
	if t == stats.Pending {
		return d.r.now
	}
	return t
}

func (d *diagram) x(t time.Duration) float64 { return d.left + (t-d.from).Seconds()*d.perSecond }
func (d *diagram) y(metres float64) float64  { return d.top + d.height.at(metres) }
func (d *diagram) floorY(f elevator.FloorIndex) float64 {
	return d.y(d.r.building.Floors[f].ElevationM)
}

// laneY is how far a car's line is drawn below its height, so that cars at the
// same floor are seen beside each other.
func (d *diagram) laneY(c elevator.CarIndex) float64 {
	return (float64(c) - float64(len(d.r.cars)-1)/2) * d.lane
}

// within cuts a time to the present strip; it reports false when nothing is
// left.
func (d *diagram) within(from, until time.Duration) (time.Duration, time.Duration, bool) {
	from, until = max(from, d.from), min(until, d.through)
	return from, until, from <= until
}

func (d *diagram) drawStrip() {
	d.grid()
	d.waits()
	d.rides()
	for c := range d.r.cars {
		d.car(elevator.CarIndex(c))
	}
	d.carNames()
}

func (d *diagram) grid() {
	b := d.r.building
	right, bottom := d.x(d.through), d.top+d.height.from+6
	unit := timeStep(time.Duration(64 / d.perSecond * float64(time.Second)))
	for t := (d.from + unit - 1) / unit * unit; t <= d.through; t += unit {
		d.rule(point{d.x(t), d.top}, point{d.x(t), bottom + 4}, 1, gridLine)
		d.text(point{d.x(t), bottom + 16}, labelSize, middle, faintInk, clockTime(t, d.withHours))
	}
	above := math.Inf(1)
	for f := range b.Floors {
		y := d.floorY(elevator.FloorIndex(f))
		pen := gridLine
		if b.Floors[f].MainTerminal {
			pen = frameLine
		}
		d.rule(point{d.left, y}, point{right, y}, 1, pen)
		if above-y >= labelSize+1 {
			d.text(point{d.left - 8, y + 4}, labelSize, end, ink, d.font.fit(b.Floors[f].Name, labelSize, 120))
			above = y
		}
	}
	frame := box(d.left, d.top, right, bottom)
	d.add(&line{parts: [][]point{append(frame, frame[0])}, colour: frameLine, width: 1},
		&words{at: point{16, (d.top + bottom) / 2}, body: "floor", size: labelSize, colour: faintInk, anchor: middle, upward: true})
}

// waits draws who waits, floor by floor.
func (d *diagram) waits() {
	usual, long := make([][][]point, len(d.slotGaps)), make([][][]point, len(d.slotGaps))
	for i := range d.journeys {
		j := &d.journeys[i]
		from, until, ok := d.within(j.ArrivedAt, d.or(j.BoardedAt))
		if !ok {
			continue
		}
		y := d.floorY(j.Floor) - d.lanes()/2 - d.slotGaps[j.Floor]*(float64(d.slots[i])+0.5)
		mark := []point{{d.x(from), y}, {max(d.x(until), d.x(from)+0.8), y}}
		if d.or(j.BoardedAt)-j.ArrivedAt > longWait {
			long[j.Floor] = append(long[j.Floor], mark)
		} else {
			usual[j.Floor] = append(usual[j.Floor], mark)
		}
	}
	for f, gap := range d.slotGaps {
		if len(usual[f]) > 0 {
			d.add(&line{parts: usual[f], colour: faintInk, width: min(1, 0.45*gap)})
		}
		if len(long[f]) > 0 {
			d.add(&line{parts: long[f], colour: alarm, width: min(2, 0.8*gap)})
		}
	}
}

// rides draws who rides: straight from boarding to alighting, in lines too faint
// to compete with the cars'.
func (d *diagram) rides() {
	if !d.showsRides() {
		return
	}
	parts := make([][][]point, len(d.r.cars))
	for i := range d.journeys {
		j := &d.journeys[i]
		if j.BoardedAt == stats.Pending {
			continue
		}
		left := d.or(j.LeftAt)
		from, until, ok := d.within(j.BoardedAt, left)
		if !ok || left == j.BoardedAt || j.LeftAt == stats.Pending {
			continue
		}
		a, b := d.floorY(j.Floor)+d.laneY(j.Car), d.floorY(j.To)+d.laneY(j.Car)
		course := axis{low: j.BoardedAt.Seconds(), high: left.Seconds(), from: a, to: b}
		parts[j.Car] = append(parts[j.Car], []point{
			{d.x(from), course.at(from.Seconds())}, {d.x(until), course.at(until.Seconds())},
		})
	}
	for c, rides := range parts {
		if len(rides) > 0 {
			pen, _ := penOf(c)
			d.add(&line{parts: rides, colour: pen, width: 0.7, opacity: 0.3})
		}
	}
}

// showsRides reports whether rides are drawn: in strips of hours they would only
// be a fog.
func (d *diagram) showsRides() bool { return d.perSecond >= 0.4 }

// car draws one car's line and, thicker, its open doors.
func (d *diagram) car(c elevator.CarIndex) {
	record, offset := &d.r.cars[c], d.laneY(c)
	var course []point
	for i := range record.courses {
		k := &record.courses[i]
		from, until, ok := d.within(k.from, d.r.until(k.until, i+1 == len(record.courses)))
		if !ok {
			continue
		}
		samples := 1
		if k.moving {
			samples = max(int(math.Ceil((until-from).Seconds()*d.perSecond/2)), 2)
		}
		for s := range samples + 1 {
			t := from + (until-from)*time.Duration(s)/time.Duration(samples)
			course = append(course, point{d.x(t), d.y(d.r.heightM(k, t)) + offset})
		}
	}
	var doors [][]point
	for i, o := range record.openings {
		from, until, ok := d.within(o.from, d.r.until(o.until, record.open && i+1 == len(record.openings)))
		if ok && (until-from).Seconds()*d.perSecond >= 0.3 {
			y := d.y(o.heightM) + offset
			doors = append(doors, []point{{d.x(from), y}, {d.x(until), y}})
		}
	}
	pen, dash := penOf(int(c))
	name := "car " + d.r.building.Cars[c].Name
	d.add(&line{parts: [][]point{thin(course)}, colour: pen, width: 1.5, dash: dash, name: name})
	if len(doors) > 0 {
		d.add(&line{parts: doors, colour: pen, width: max(1.9*d.lane, 2.5), name: name + ", doors open"})
	}
}

// carNames writes the cars' names behind the ends of their lines, moved apart
// where they would overlap.
func (d *diagram) carNames() {
	type label struct {
		car elevator.CarIndex
		y   float64
	}
	var labels []label
	for c := range d.r.cars {
		record := &d.r.cars[c]
		k, _ := slices.BinarySearchFunc(record.courses, d.through, func(k course, t time.Duration) int { return cmp.Compare(k.from, t) })
		at := &record.courses[max(k-1, 0)]
		labels = append(labels, label{elevator.CarIndex(c), d.y(d.r.heightM(at, d.through)) + d.laneY(elevator.CarIndex(c))})
	}
	slices.SortStableFunc(labels, func(a, b label) int { return cmp.Compare(a.y, b.y) })
	ys := make([]float64, len(labels))
	for i := range labels {
		ys[i] = labels[i].y
	}
	spread(ys, min(labelSize, d.height.from/float64(len(ys))), d.top+d.height.from+4)
	for i, l := range labels {
		pen, _ := penOf(int(l.car))
		d.rule(point{d.x(d.through), l.y}, point{d.x(d.through) + 9, ys[i]}, 0.7, pen)
		d.add(&words{
			at: point{d.x(d.through) + 11, ys[i] + 4}, size: labelSize, colour: pen, bold: true,
			body: d.font.fit(d.r.building.Cars[l.car].Name, labelSize, rightMargin-13),
		})
	}
}

// spread moves ascending positions so far apart that neighbours have a gap, and
// none is beyond the last allowed.
func spread(ys []float64, gap, last float64) {
	for i := 1; i < len(ys); i++ {
		ys[i] = max(ys[i], ys[i-1]+gap)
	}
	for i := len(ys) - 1; i >= 0; i-- {
		ys[i] = min(ys[i], last)
		last = ys[i] - gap
	}
}
