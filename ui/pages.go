package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/stats"
)

// carsPage is the car table alone, sorted as the operator likes.
func (c *canvas) carsPage(p pane) {
	order := c.m.carOrder()
	first := window(len(order), p.h-1, slices.Index(order, c.car))
	c.carTable(p, order[first:])
}

// window returns the first of n lines to show in h rows so that the selected
// one is among them.
func window(n, h, at int) int {
	return max(min(at-h/2, n-h), 0)
}

// carPage is everything about one car.
func (c *canvas) carPage(p pane) {
	s, b := c.s, c.s.building
	car := &s.group.Cars[c.car]
	spec := &b.Cars[c.car]
	half := p.w / 2
	if p.w < 60 { // its calls and events stand on other pages
		half = p.w
	}
	text, class := c.modeText(c.car, half-15)
	_, speed := s.law.CarAt(car, s.clock.now)
	next := c.g.none
	if f := s.nextStop(c.car); f != elevator.NoFloor {
		next = s.floorName(f)
	}
	p.put(1, 0, strong, "Car "+spec.Name)
	rows := []struct {
		label, value string
		class        role
	}{
		{"mode", text, class},
		{"floor", s.floorName(s.floorOf(c.car)), plain},
		{"position", fmt.Sprintf("%.1f m", s.position(c.car)), plain},
		{"speed", fmt.Sprintf("%.1f m/s %s", max(speed, -speed), c.g.direction(car.Direction)), plain},
		{"next stop", next, plain},
		{"doors", car.Doors.String() + " for " + short(s.age(car.DoorsSince)), plain},
		{"load", fmt.Sprintf("%.0f of %.0f kg (%.0f %%)", car.LoadKg, b.RatedKg(c.car), 100*s.loadRatio(c.car)), plain},
		{"riders", fmt.Sprintf("%d of %d", len(car.Riders), spec.CapacityPersons), plain},
		{"car calls", c.carCallText(c.car), plain},
		{"serves", c.floorsText(spec.Serves), plain},
		{"starts", fmt.Sprint(car.Starts), plain},
		{"travelled", fmt.Sprintf("%.0f m", car.TravelM), plain},
		{"door cycles", fmt.Sprint(car.DoorCycles), plain},
	}
	for i, row := range rows {
		p.put(1, 2+i, faint, row.label)
		p.sub(14, 2+i, half-15, 1).put(0, 0, row.class, fit(row.value, half-15))
	}
	p.put(1, 2+len(rows), faint, "task")
	p.put(14, 2+len(rows), plain, c.carTask())

	right := p.sub(half, 0, p.w-half, p.h)
	right.put(0, 0, faint, "Landing calls it goes for")
	y := 1
	for _, call := range s.assigned(c.car) {
		age := s.age(call.RegisteredAt)
		right.put(0, y, callClass(age), fmt.Sprintf("%-8s %4s", c.callName(call.Key), short(age)))
		y++
	}
	y = max(y+1, 4)
	right.put(0, y, faint, "Its last events")
	c.carEvents(right.below(y + 1))
}

// carTask is where the selected car's task runs.
func (c *canvas) carTask() string {
	name := fmt.Sprintf("car-%d", c.car)
	for _, t := range c.s.tasks() {
		if t.Name == name {
			return strings.TrimSpace(t.Name + " " + t.State + " " + t.host())
		}
	}
	return c.g.none
}

// floorsText writes a set of floors, runs of them as first-last.
func (c *canvas) floorsText(set elevator.FloorSet) string {
	if set.Empty() || set.Len() == len(c.s.building.Floors) {
		return "all floors"
	}
	var parts []string
	for f := set.Above(elevator.NoFloor); f != elevator.NoFloor; {
		last := f
		for set.Has(last + 1) {
			last++
		}
		part := c.s.floorName(f)
		if last > f {
			part += "-" + c.s.floorName(last)
		}
		parts = append(parts, part)
		f = set.Above(last)
	}
	return strings.Join(parts, " ")
}

func (c *canvas) carEvents(p pane) {
	var lines []*elevator.Event
	for i := len(c.s.log.events) - 1; i >= 0 && len(lines) < p.h; i-- {
		if e := &c.s.log.events[i]; e.Car == c.car {
			lines = append(lines, e)
		}
	}
	for i, e := range lines {
		c.eventLine(p, len(lines)-1-i, e)
	}
}

// trafficPage shows how much people travel and how long it takes them.
func (c *canvas) trafficPage(p pane) {
	f := &c.s.figures
	first, second, third := 26, 37, 48
	p.put(1, 0, faint, "People of the last")
	p.putRight(first, 0, faint, "5 min")
	p.putRight(second, 0, faint, "60 min")
	p.putRight(third, 0, faint, "run")
	for i, row := range []struct {
		label string
		text  func(*stats.Result) string
	}{
		{"wait", func(r *stats.Result) string { return c.figure(r, r.WaitS.Mean) }},
		{"half under", func(r *stats.Result) string { return c.figure(r, r.WaitS.P50) }},
		{"90 % under", func(r *stats.Result) string { return c.figure(r, r.WaitS.P90) }},
		{"longest", func(r *stats.Result) string { return c.figure(r, r.WaitS.Max) }},
		{"over 30 s", func(r *stats.Result) string { return c.share(r, r.WaitS.Over30Ratio) }},
		{"over 60 s", func(r *stats.Result) string { return c.share(r, r.WaitS.Over60Ratio) }},
		{"ride", func(r *stats.Result) string { return c.figure(r, r.TransitS.Mean) }},
		{"to destination", func(r *stats.Result) string { return c.figure(r, r.TimeToDestinationS.Mean) }},
		{"95 % under", func(r *stats.Result) string { return c.figure(r, r.TimeToDestinationS.P95) }},
		{"arrived", func(r *stats.Result) string { return fmt.Sprint(r.Passengers) }},
		{"carried", func(r *stats.Result) string { return fmt.Sprint(r.Carried) }},
	} {
		p.put(1, 1+i, faint, row.label)
		p.putRight(first, 1+i, plain, row.text(&f.five))
		p.putRight(second, 1+i, plain, row.text(&f.hour))
		if f.runKnown {
			p.putRight(third, 1+i, plain, row.text(&f.run))
		}
	}
	p.put(1, 12, faint, "handling capacity")
	p.put(20, 12, plain, capacityText(c.s.stats.Recent(5*time.Minute), p.w-20))
	if p.w >= third+26 {
		c.callsByFloor(p.sub(third+4, 0, p.w-third-5, min(p.h, 13)))
	}
	c.charts(p.sub(1, 14, p.w-1, p.h-14))
}

// capacityText says in at most w columns how many people are carried in five
// minutes, which share of the population that is where somebody lives here.
func capacityText(recent stats.Window, w int) string {
	people := fmt.Sprintf("%.0f", recent.Capacity5)
	if recent.Percent5 == 0 {
		return people + " in 5 min"
	}
	share := fmt.Sprintf("%.1f %%", recent.Percent5)
	for _, text := range []string{people + " people in 5 min, " + share + " of the population", people + " in 5 min, " + share + " of population"} {
		if width(text) <= w {
			return text
		}
	}
	return people + ", " + share
}

// charts draws the series of the last hour one above the other.
func (c *canvas) charts(p pane) {
	series := []struct {
		label string
		value func(*stats.Minute) float64
	}{{"wait s", meanWaits}, {"queue", queues}, {"arrived", arrivals}, {"carried", carried}}
	rows := min(max(p.h/len(series), 1), 8)
	height := rows
	if rows > 2 {
		height-- // an empty row between two charts
	}
	for i, one := range series {
		c.chart(p.sub(0, i*rows, p.w, height), one.label, one.value)
	}
}

// callsByFloor shows how many landing calls each floor made since the
// dashboard looks; in a tall building, several floors in a line.
func (c *canvas) callsByFloor(p pane) {
	h := &c.s.figures
	p.put(0, 0, faint, "Landing calls by floor")
	rows := p.below(1)
	if rows.h == 0 {
		return
	}
	together := (len(h.up) + rows.h - 1) / rows.h
	type bin struct {
		name     string
		up, down int
	}
	var bins []bin
	greatest, nameWidth := 1, 2
	for last := len(h.up) - 1; last >= 0; last -= together {
		first := max(last-together+1, 0)
		b := bin{name: c.s.floorName(elevator.FloorIndex(first))}
		if first < last {
			b.name += "-" + c.s.floorName(elevator.FloorIndex(last))
		}
		for f := first; f <= last; f++ {
			b.up += h.up[f]
			b.down += h.down[f]
		}
		greatest, nameWidth = max(greatest, b.up+b.down), min(max(nameWidth, width(b.name)), 9)
		bins = append(bins, b)
	}
	for y, b := range bins {
		rows.putFit(0, y, nameWidth, plain, b.name)
		rows.putRight(nameWidth+6, y, plain, fmt.Sprintf("%s%d", c.g.up, b.up))
		rows.putRight(nameWidth+12, y, plain, fmt.Sprintf("%s%d", c.g.down, b.down))
		if barWidth := p.w - nameWidth - 14; barWidth > 4 {
			c.bar(rows, nameWidth+13, y, barWidth, float64(b.up+b.down)/float64(greatest), plain)
		}
	}
}

// eventsPage lists the events, the newest last.
func (c *canvas) eventsPage(p pane) {
	events := c.m.shownEvents()
	x := p.put(1, 0, faint, "Events: ")
	x = p.put(x, 0, plain, c.m.groups.String())
	if c.m.filter != "" {
		x = p.put(x, 0, faint, "  filter ")
		x = p.put(x, 0, warning, string(c.m.filter))
	}
	state := "  following the newest"
	if !c.m.follow {
		state = "  held"
	}
	x = p.put(x, 0, faint, state)
	if n := c.s.refused; n > 0 {
		p.put(x, 0, alarming, fmt.Sprintf("  %s contradict what was known", count(n, "event")))
	}
	rows := p.below(1)
	at := len(events) - 1
	if c.m.event != 0 {
		if i, found := slices.BinarySearchFunc(events, c.m.event, func(e *elevator.Event, seq uint64) int {
			return int(int64(e.Seq) - int64(seq))
		}); found {
			at = i
		}
	}
	first := max(len(events)-rows.h, 0)
	if !c.m.follow {
		first = window(len(events), rows.h, at)
	}
	for i := range min(rows.h, len(events)-first) {
		if first+i == at {
			rows.put(0, i, strong, c.g.pointer)
		}
		c.eventLine(rows, i, events[first+i])
	}
}

// tasksPage lists the tasks, where they run, and why they do not.
func (c *canvas) tasksPage(p pane) {
	running, total, agents := c.s.taskCounts()
	x := p.put(1, 0, plain, fmt.Sprintf("%d of %d running", running, total))
	for _, a := range agents {
		x = p.put(x, 0, faint, fmt.Sprintf("  %s: %s", a.name, count(a.running, "task")))
	}
	if r := &c.s.report; r.known {
		text, class := "  Mesos master "+r.Master, faint
		if !r.Connected {
			text, class = "  not subscribed with a Mesos master", alarming
		}
		p.put(x, 0, class, text)
	}
	tasks := c.m.shownTasks()
	name := 6
	for i := range tasks {
		name = min(max(name, width(tasks[i].Name)), 16)
	}
	p.put(1, 1, faint, "Task")
	p.put(name+2, 1, faint, "State")
	p.put(name+15, 1, faint, "For")
	p.put(name+20, 1, faint, "Tries")
	p.put(name+26, 1, faint, "Agent")
	p.put(name+44, 1, faint, "Why")
	at := slices.IndexFunc(tasks, func(t task) bool { return t.Name == c.m.task })
	rows := p.below(2)
	if i := max(at, 0); p.w < name+80 && i < len(tasks) && tasks[i].why() != "" {
		rows.h-- // for what finds no room beside the selected task
		p.put(1, p.h-1, plain, fit(tasks[i].Name+": "+tasks[i].why(), p.w-1))
	}
	first := window(len(tasks), rows.h, at)
	for i := range min(rows.h, len(tasks)-first) {
		t := &tasks[first+i]
		class := plain
		switch {
		case t.ended():
			class = alarming
		case t.State != taskRunning:
			class = warning
		}
		if first+i == max(at, 0) {
			rows.put(0, i, strong, c.g.pointer)
		}
		rows.putFit(1, i, name, plain, t.Name)
		rows.putFit(name+2, i, 12, class, t.State)
		if !t.Since.IsZero() {
			rows.put(name+15, i, faint, short(c.m.wall.Sub(t.Since)))
		}
		if t.Attempt > 0 {
			rows.put(name+20, i, faint, fmt.Sprint(t.Attempt))
		}
		rows.putFit(name+26, i, 17, plain, t.host())
		rows.sub(name+44, i, p.w-name-44, 1).put(0, 0, class, fit(t.why(), p.w-name-44))
	}
}
