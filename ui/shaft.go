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

func (c *canvas) layout(p pane) groupLayout {
	return layoutGroup(p.w, p.h, c.size(), c.m.view)
}

func (c *canvas) size() groupSize {
	return groupSize{
		floors: len(c.s.building.Floors), cars: len(c.s.building.Cars),
		floorName: longestName(floorNames(c.s), 5, 8), carName: longestName(carNames(c.s), 1, 4),
	}
}

// groupPage shows the whole group at once.
func (c *canvas) groupPage(p pane) {
	l := c.layout(p)
	shafts := p.sub(0, l.shafts.from, p.w, l.shafts.n)
	if l.kind != byShafts {
		overview := p.sub(0, l.cars.from, p.w, l.cars.n)
		if l.kind == byLines {
			c.carLines(overview)
		} else {
			c.carCells(overview)
		}
		c.callLine(p.sub(0, l.calls.from, p.w, l.calls.n))
		c.shafts(shafts, l)
		c.averageLines(p.sub(0, l.averages.from, p.w, l.averages.n))
		return
	}
	c.shafts(shafts, l)
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

// shafts draws the floors with their calls and a column for each car, or the
// part of them that there is room for.
func (c *canvas) shafts(p pane, l groupLayout) {
	height := p.h - shaftHead - shaftFoot
	if height <= 0 {
		return
	}
	r := c.ruler(l, height)
	c.floors(p, l, r)
	first := c.firstCar(l)
	for i := range l.shown {
		c.shaft(p.sub(l.left+i*l.column, 0, l.column, p.h), elevator.CarIndex(first+i), l.cell, r)
	}
	if first > 0 {
		p.put(l.left-1, 0, faint, c.g.more)
	}
	if first+l.shown < len(c.s.building.Cars) {
		p.put(l.left+l.shown*l.column-1, 0, faint, c.g.more)
	}
}

// ruler puts the floors where the operator wants them.
func (c *canvas) ruler(l groupLayout, height int) ruler {
	floors := c.s.building.Floors
	if c.m.toScale {
		return scaleRuler(floors, height)
	}
	lowest := c.m.lowest
	if !c.m.keepFloors {
		lowest = elevator.FloorIndex(windowAround(int(c.s.floorOf(c.car)), l.floors, len(floors)))
	}
	lowest = min(max(lowest, 0), elevator.FloorIndex(len(floors)-l.floors))
	return indexRuler(floors, lowest, l.rows, height)
}

// firstCar returns the first of the cars whose shafts are seen.
func (c *canvas) firstCar(l groupLayout) int {
	return windowAround(int(c.car), l.shown, len(c.s.building.Cars))
}

// floors writes what stands left of the shafts: names, people who wait, landing
// calls; and how many calls are at floors that are not seen.
func (c *canvas) floors(p pane, l groupLayout, r ruler) {
	size := c.size()
	calls := callColumns(size.carName) + 1
	upX := 1 + size.floorName + 1 + 4 + l.crowd + 1
	p.put(1, 0, faint, "Floor")
	p.putRight(upX-1, 0, faint, "Wait")
	p.put(upX, 0, faint, "Up")
	p.put(upX+calls, 0, faint, "Down")
	body := p.sub(0, shaftHead, p.w, r.height)
	for f := elevator.FloorIndex(0); int(f) < len(r.rows); f++ {
		y, last := r.rows[f], r.together(f)
		if r.sees(y) {
			up, down := c.oldestCall(f, last, elevator.Up), c.oldestCall(f, last, elevator.Down)
			c.floorName(body, y, size.floorName, c.spokesman(f, last, up, down))
			c.crowd(body, upX-1, y, l.crowd, f, last)
			c.landingCall(body, upX, y, up, size.carName)
			c.landingCall(body, upX+calls, y, down, size.carName)
			if at := upX; c.s.group.LockedLandings.Has(f) && (up.n == 0 || down.n == 0) {
				if up.n > 0 {
					at += calls
				}
				body.put(at, y, warning, "locked")
			}
		}
		f = last
	}
	foot := p.below(p.h - shaftFoot)
	end := l.left - 1
	foot.putRight(end, 0, faint, "load")
	if above := c.callsWhere(func(f elevator.FloorIndex) bool { return r.rows[f] < 0 }); above > 0 {
		foot.put(1, 0, warning, c.g.up+" "+count(above, "call")+" above")
	}
	if below := c.callsWhere(func(f elevator.FloorIndex) bool { return r.rows[f] >= r.height }); below > 0 {
		foot.put(1, 1, warning, c.g.down+" "+count(below, "call")+" below")
	}
}

// callsWhere counts the lit landing calls at some floors.
func (c *canvas) callsWhere(at func(elevator.FloorIndex) bool) (n int) {
	for i := range c.s.group.Calls {
		if at(c.s.group.Calls[i].Key.Floor) {
			n++
		}
	}
	return n
}

// spokesman is the floor whose name stands for all that share a row: one with a
// call, the main terminal, or the lowest.
func (c *canvas) spokesman(first, last elevator.FloorIndex, calls ...calls) elevator.FloorIndex {
	for _, call := range calls {
		if call.n > 0 {
			return call.oldest.Key.Floor
		}
	}
	for f := first; f <= last; f++ {
		if c.s.building.Floors[f].MainTerminal {
			return f
		}
	}
	return first
}

func (c *canvas) floorName(p pane, y, width int, f elevator.FloorIndex) {
	floor, class := &c.s.building.Floors[f], plain
	if floor.MainTerminal {
		class = strong
	}
	p.put(1, y, class, shorten(floor.Name, width))
}

// crowd shows how many people wait at some floors, to the left of a column.
func (c *canvas) crowd(p pane, end, y, width int, first, last elevator.FloorIndex) {
	n := 0
	for f := first; f <= last; f++ {
		n += c.s.group.Waiting[f]
	}
	if n == 0 {
		return
	}
	p.putRight(end, y, plain, fmt.Sprint(n))
	dots := min(n, width-1)
	p.line(end-5-dots, y, dots, plain, c.g.person)
}

// calls are landing calls of one direction at the same place.
type calls struct {
	oldest *elevator.LandingCall
	n      int
}

// oldestCall returns the calls of some floors in one direction.
func (c *canvas) oldestCall(first, last elevator.FloorIndex, d elevator.Direction) (found calls) {
	for i := range c.s.group.Calls {
		call := &c.s.group.Calls[i]
		if call.Key.Floor < first || call.Key.Floor > last || call.Key.Direction != d {
			continue
		}
		if found.n++; found.oldest == nil {
			found.oldest = call
		}
	}
	return found
}

// landingCall writes the age of the oldest of some calls, and whose it is; of
// several, how many they are.
func (c *canvas) landingCall(p pane, x, y int, found calls, carWidth int) {
	if found.n == 0 {
		return
	}
	age := c.s.age(found.oldest.RegisteredAt)
	class := callClass(age)
	x = p.put(x, y, class, c.g.direction(found.oldest.Key.Direction)+fmt.Sprintf("%4s ", short(age)))
	whose := c.g.none
	switch {
	case found.n > 1:
		whose = fmt.Sprintf("%dx", min(found.n, 9))
	case found.oldest.Car != elevator.NoCar:
		whose = c.s.carName(found.oldest.Car)
	}
	p.put(x, y, class, shorten(whose, carWidth+1))
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
// car itself, or where it is when that is not seen.
func (c *canvas) shaft(p pane, car elevator.CarIndex, cell int, r ruler) {
	s, b := c.s, c.s.building
	spec, state := &b.Cars[car], &s.group.Cars[car]
	middle := cell / 2
	class := strong
	if car == c.car {
		class = selected
	}
	name := shorten(spec.Name, cell)
	p.put(middle-(width(name)-1)/2, 0, class, name)

	lowest, highest := spec.Serves.Above(elevator.NoFloor), spec.Serves.Below(elevator.FloorIndex(len(b.Floors)))
	if lowest == elevator.NoFloor {
		lowest, highest = 0, elevator.FloorIndex(len(b.Floors)-1)
	}
	body := p.sub(0, shaftHead, p.w, r.height)
	for y := max(r.rows[highest], 0); y <= min(r.rows[lowest], r.height-1); y++ {
		body.put(middle, y, faint, c.g.shaft)
	}
	for f := lowest; f <= highest; f++ {
		x := middle
		if state.LockedCalls.Has(f) && spec.Serves.Has(f) {
			body.put(x, r.rows[f], warning, c.g.locked)
		}
		if state.CarCalls.Has(f) {
			x = body.put(x, r.rows[f], lamp, c.g.carCall)
		}
		if text, class := c.landingMark(car, f); text != "" {
			body.put(x, r.rows[f], class, text)
		}
	}
	c.carAt(body, car, cell, r)

	foot := p.below(p.h - shaftFoot)
	load := faint
	switch ratio := s.loadRatio(car); {
	case ratio > b.Load.OverloadRatio && b.Load.OverloadRatio > 0:
		load = alarming
	case ratio > 0:
		load = plain
	}
	text := fmt.Sprintf("%.0f%%", 100*s.loadRatio(car))
	foot.put(max((cell-width(text)+1)/2, 0), 0, load, text)
	word, class := c.condition(car)
	foot.putFit(0, 1, p.w-1, class, word)
}

// carAt draws the car itself. One that is beyond the floors that are seen is an
// arrow and the floor where it is.
func (c *canvas) carAt(p pane, car elevator.CarIndex, cell int, r ruler) {
	row := r.row(c.s.position(car))
	inner, class := c.carFace(car)
	if !r.sees(row) {
		arrow, y := c.g.up, 0
		if row > 0 {
			arrow, y = c.g.down, r.height-1
		}
		p.put(0, y, faint, fit(arrow+c.s.floorName(c.s.floorOf(car)), p.w-1))
		return
	}
	left, right := doorSides(c.s.group.Cars[car].Doors)
	if cell < carCell {
		inner = c.g.direction(c.s.group.Cars[car].Direction)
	}
	p.put(0, row, class, left+inner+right)
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
	case c.s.hasAlarm("stuck:" + c.s.carName(car)):
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
	l := c.layout(body)
	if l.shafts.n == 0 || msg.x < l.left || msg.y < body.y+l.shafts.from || msg.y >= body.y+l.shafts.from+l.shafts.n {
		return 0, false
	}
	c.car = m.selectedCar()
	i := (msg.x - l.left) / l.column
	return elevator.CarIndex(c.firstCar(l) + i), i < l.shown
}
