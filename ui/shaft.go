package ui

import (
	"fmt"
	"strings"
	"time"

	"elevator/internal/elevator"
)

// longestName returns the width of the longest name, between least and most.
func longestName(names []string, least, most int) int {
	for _, n := range names {
		least = max(least, width(n))
	}
	return min(least, most)
}

func (c *canvas) layout(p pane) (l groupLayout, nameWidth, carWidth int) {
	b := c.s.building
	nameWidth = longestName(floorNames(c.s), 5, 8)
	carWidth = longestName(carNames(c.s), 1, 4)
	return layoutGroup(p.w, p.h, len(b.Floors), len(b.Cars), nameWidth, carWidth), nameWidth, carWidth
}

// groupPage shows the whole group at once.
func (c *canvas) groupPage(p pane) {
	l, nameWidth, carWidth := c.layout(p)
	switch l.kind {
	case byShafts:
		c.shafts(p.sub(0, l.shafts.from, p.w, l.shafts.n), l, nameWidth, carWidth)
	case byLines:
		c.carLines(p.sub(0, l.cars.from, p.w, l.cars.n))
		c.callLine(p.sub(0, l.events.from, p.w, l.events.n))
		c.averageLines(p.sub(0, l.averages.from, p.w, l.averages.n))
		return
	case bySummary:
		c.summary(p.sub(0, l.cars.from, p.w, l.cars.n))
		c.averageLines(p.sub(0, l.averages.from, p.w, l.averages.n))
		return
	}
	if l.beside {
		side := p.sub(l.averages.from, 0, l.averages.n, l.shafts.n)
		for y := range side.h {
			side.put(0, y, faint, c.g.wall)
		}
		side = side.sub(2, 0, side.w-2, side.h)
		c.averages(side.sub(0, 0, min(side.w, 44), side.h))
		c.trends(side.below(averagesRows + 1))
	} else {
		c.averageLines(p.sub(0, l.averages.from, p.w, l.averages.n))
	}
	if l.cars.n > 0 {
		c.carTable(p.sub(0, l.cars.from, p.w, l.cars.n), c.m.carOrder())
	}
	c.taskLine(p.sub(0, l.tasks.from, p.w, l.tasks.n))
	c.latestEvents(p.sub(0, l.events.from, p.w, l.events.n))
}

// trends draws the last hour beside the shafts, as far as there is room.
func (c *canvas) trends(p pane) {
	c.sparkLine(p.sub(0, 0, p.w, 1), "wait s", meanWaits)
	c.sparkLine(p.sub(0, 1, p.w, 1), "queue", queues)
	c.sparkLine(p.sub(0, 2, p.w, 1), "carried", carried)
	if p.w >= sideEvents && p.h > 6 {
		p.put(0, 4, faint, "Latest events")
		c.latestEvents(p.sub(-1, 5, p.w, p.h-5))
	}
}

// shafts draws the floors with their calls and a column for each car.
func (c *canvas) shafts(p pane, l groupLayout, nameWidth, carWidth int) {
	s, b := c.s, c.s.building
	calls := callColumns(carWidth) + 1
	upX := 1 + nameWidth + 1 + 4 + l.crowd + 1
	p.put(1, 0, faint, "Floor")
	p.putRight(upX-1, 0, faint, "Wait")
	p.put(upX, 0, faint, "Up")
	p.put(upX+calls, 0, faint, "Down")
	rowOf := func(f elevator.FloorIndex) int { return shaftHead + (len(b.Floors)-1-int(f))*l.rows }
	for f := range b.Floors {
		floor := elevator.FloorIndex(f)
		y := rowOf(floor)
		class := plain
		if b.Floors[f].MainTerminal {
			class = strong
		}
		p.put(1, y, class, shorten(b.Floors[f].Name, nameWidth))
		if n := s.group.Waiting[f]; n > 0 {
			p.putRight(upX-1, y, plain, fmt.Sprint(n))
			dots := min(n, l.crowd-1)
			p.line(upX-6-dots, y, dots, plain, c.g.person)
		}
		c.landingCall(p, upX, y, floor, elevator.Up, carWidth)
		c.landingCall(p, upX+calls, y, floor, elevator.Down, carWidth)
	}
	for i := range b.Cars {
		c.shaft(p.sub(l.left+i*l.column, 0, l.column, p.h), elevator.CarIndex(i), rowOf, l.rows)
	}
}

// landingCall writes the oldest lit call of a floor in one direction, with its
// age and its car.
func (c *canvas) landingCall(p pane, x, y int, f elevator.FloorIndex, d elevator.Direction, carWidth int) {
	var oldest *elevator.LandingCall
	n := 0
	for i := range c.s.group.Calls {
		call := &c.s.group.Calls[i]
		if call.Key.Floor != f || call.Key.Direction != d {
			continue
		}
		if n++; oldest == nil {
			oldest = call
		}
	}
	if oldest == nil {
		return
	}
	age := c.s.age(oldest.RegisteredAt)
	class := callClass(age)
	x = p.put(x, y, class, c.g.direction(d)+fmt.Sprintf("%4s ", short(age)))
	car := c.g.none
	if oldest.Car != elevator.NoCar {
		car = c.s.carName(oldest.Car)
	}
	others := ""
	if n > 1 {
		others = fmt.Sprintf("+%d", n-1)
	}
	p.put(x, y, class, shorten(car, carWidth+1-len(others))+others)
}

// callClass makes a call the more conspicuous the longer somebody waits.
func callClass(age time.Duration) role {
	switch {
	case age > longWait:
		return alarming
	case age > longWait/2:
		return warning
	}
	return lamp
}

// shaft draws one car in its column: the floors it serves, its calls, and the
// car itself.
func (c *canvas) shaft(p pane, car elevator.CarIndex, rowOf func(elevator.FloorIndex) int, rows int) {
	s, b := c.s, c.s.building
	spec, state := &b.Cars[car], &s.group.Cars[car]
	middle := carCell / 2
	class := strong
	if car == c.car {
		class = selected
	}
	name := shorten(spec.Name, carCell)
	p.put(middle-(width(name)-1)/2, 0, class, name)

	lowest, highest := spec.Serves.Above(elevator.NoFloor), spec.Serves.Below(elevator.FloorIndex(len(b.Floors)))
	if lowest == elevator.NoFloor {
		lowest, highest = 0, elevator.FloorIndex(len(b.Floors)-1)
	}
	for y := rowOf(highest); y <= rowOf(lowest); y++ {
		p.put(middle, y, faint, c.g.shaft)
	}
	for f := lowest; f <= highest; f++ {
		x := middle
		if state.CarCalls.Has(f) {
			x = p.put(x, rowOf(f), lamp, c.g.carCall)
		}
		if text, class := c.landingMark(car, f); text != "" {
			p.put(x, rowOf(f), class, text)
		}
	}
	inner, class := c.carFace(car)
	left, right := doorSides(state.Doors)
	p.put(0, c.carRow(car, rowOf, rows), class, left+inner+right)

	foot := p.below(p.h - shaftFoot)
	if state.LoadKg > 0 {
		load := plain
		if s.loadRatio(car) > b.Load.OverloadRatio && b.Load.OverloadRatio > 0 {
			load = alarming
		}
		foot.put(0, 0, load, fmt.Sprintf("%3.0f%%", 100*s.loadRatio(car)))
	} else {
		foot.put(0, 0, faint, "  0%")
	}
	word, class := c.condition(car)
	foot.putFit(0, 1, p.w-1, class, word)
}

// carRow returns the row at which a car is drawn: between those of two floors
// where there is one.
func (c *canvas) carRow(car elevator.CarIndex, rowOf func(elevator.FloorIndex) int, rows int) int {
	position, floors := c.s.position(car), c.s.building.Floors
	f := 0
	for f+1 < len(floors)-1 && floors[f+1].ElevationM <= position {
		f++
	}
	height := floors[f+1].ElevationM - floors[f].ElevationM
	share := min(max((position-floors[f].ElevationM)/height, 0), 1)
	return rowOf(elevator.FloorIndex(f)) - int(share*float64(rows)+0.5)
}

// landingMark is the oldest landing call of a floor that a car goes for.
func (c *canvas) landingMark(car elevator.CarIndex, f elevator.FloorIndex) (string, role) {
	for i := range c.s.group.Calls {
		call := &c.s.group.Calls[i]
		if call.Key.Floor == f && call.Cars.Has(car) {
			return c.g.direction(call.Key.Direction), callClass(c.s.age(call.RegisteredAt))
		}
	}
	return "", plain
}

// carFace is what is written in a car: its direction and its riders.
func (c *canvas) carFace(car elevator.CarIndex) (string, role) {
	state := &c.s.group.Cars[car]
	riders := ""
	if n := len(state.Riders); n > 0 {
		riders = fmt.Sprint(n)
	}
	_, class := c.condition(car)
	if class == faint || class == plain {
		class = strong
	}
	return fit(c.g.direction(state.Direction)+fmt.Sprintf("%2s", riders), 3), class
}

// condition says in one word what is special about a car: nothing in normal
// operation.
func (c *canvas) condition(car elevator.CarIndex) (string, role) {
	state := &c.s.group.Cars[car]
	switch {
	case !state.TaskRunning:
		return "LOST", alarming
	case state.Faults != 0:
		return "FAULT", alarming
	case c.s.alarms.active("stuck "+c.s.carName(car)) >= 0:
		return "STUCK", alarming
	}
	switch state.Mode {
	case elevator.ModeNormal:
		return "", faint
	case elevator.ModeParking:
		return "park", faint
	case elevator.ModeHoming:
		return "home", faint
	case elevator.ModeFireOperation, elevator.ModeFirefighterControl:
		return "FIRE", alarming
	case elevator.ModeOutOfService:
		return "OUT", warning
	case elevator.ModeInspection:
		return "INSP", warning
	case elevator.ModeEmergencyPower:
		return "EPOWR", warning
	case elevator.ModeEarthquakeOperation:
		return "QUAKE", alarming
	case elevator.ModeAttendantControl:
		return "ATTND", warning
	case elevator.ModeCabinetRecall:
		return "RECAL", warning
	case elevator.ModeOccupantEvacuation:
		return "EVAC", warning
	case elevator.ModeVIP:
		return "VIP", warning
	}
	return strings.ToUpper(state.Mode.String()), warning
}

// hit returns the car whose shaft was clicked on.
func (m *model) hit(msg mouseMessage) (elevator.CarIndex, bool) {
	c := canvas{m: m, s: m.shown(), g: m.glyphs}
	if c.s.group == nil || m.page != groupPage || msg.width < leastWidth || msg.height < leastHeight {
		return 0, false
	}
	body := pane{nil, 0, 2, msg.width, msg.height - 3}
	l, _, _ := c.layout(body)
	if l.kind != byShafts || msg.x < l.left || msg.y < body.y || msg.y >= body.y+l.shafts.n {
		return 0, false
	}
	i := (msg.x - l.left) / l.column
	return elevator.CarIndex(i), i < len(c.s.group.Cars)
}
