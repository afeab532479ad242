package ui

import (
	"fmt"
	"slices"
	"strings"

	"elevator/internal/elevator"
)

// carColumnSpec is a column of the car table.
type carColumnSpec struct {
	title string
	width int
	sort  carColumn // byCar: not sortable
	right bool      // numbers
	text  func(*canvas, elevator.CarIndex) (string, role)
}

// modeColumns is the width of a car's mode in the table.
const modeColumns = 14

// carTableColumns are the columns with a fixed width, in their order.
func carTableColumns(carWidth, floorWidth int) []carColumnSpec {
	return []carColumnSpec{
		{title: "Car", width: max(carWidth, 3)},
		{title: "Floor", width: max(floorWidth, 5), sort: byFloor, text: func(c *canvas, car elevator.CarIndex) (string, role) {
			return c.s.floorName(c.s.floorOf(car)), plain
		}},
		{title: "Dir", width: 4, text: func(c *canvas, car elevator.CarIndex) (string, role) {
			return c.g.direction(c.s.group.Cars[car].Direction), plain
		}},
		{title: "Doors", width: 7, text: func(c *canvas, car elevator.CarIndex) (string, role) {
			if d := c.s.group.Cars[car].Doors; d != elevator.DoorsAreClosed {
				return d.String(), plain
			}
			return "closed", faint
		}},
		{title: "Load", width: 4, sort: byLoad, right: true, text: func(c *canvas, car elevator.CarIndex) (string, role) {
			if c.s.group.Cars[car].LoadKg == 0 {
				return "0%", faint
			}
			return fmt.Sprintf("%.0f%%", 100*c.s.loadRatio(car)), plain
		}},
		{title: "Riders", width: 6, right: true, text: func(c *canvas, car elevator.CarIndex) (string, role) {
			n := len(c.s.group.Cars[car].Riders)
			if n == 0 {
				return "0", faint
			}
			return fmt.Sprint(n), plain
		}},
		{title: "Mode", width: modeColumns, text: func(c *canvas, car elevator.CarIndex) (string, role) {
			return c.modeText(car, modeColumns)
		}},
		{title: "Next", width: 5, text: func(c *canvas, car elevator.CarIndex) (string, role) {
			if next := c.s.nextStop(car); next != elevator.NoFloor {
				return c.s.floorName(next), plain
			}
			return c.g.none, faint
		}},
	}
}

// countColumns count what a car has done; the cars page has them where there is
// room.
var countColumns = []carColumnSpec{
	{title: "Starts", width: 7, sort: byStarts, right: true, text: func(c *canvas, car elevator.CarIndex) (string, role) {
		return fmt.Sprint(c.s.group.Cars[car].Starts), plain
	}},
	{title: "Metres", width: 7, right: true, text: func(c *canvas, car elevator.CarIndex) (string, role) {
		return fmt.Sprintf("%.0f", c.s.group.Cars[car].TravelM), plain
	}},
	{title: "Door cycles", width: 11, right: true, text: func(c *canvas, car elevator.CarIndex) (string, role) {
		return fmt.Sprint(c.s.group.Cars[car].DoorCycles), plain
	}},
}

// modeText is a car's mode or, where it has any, its faults, in w columns.
func (c *canvas) modeText(car elevator.CarIndex, w int) (string, role) {
	state := &c.s.group.Cars[car]
	word, class := c.condition(car)
	switch {
	case word == "LOST" || word == "STUCK":
		return strings.ToLower(word), class
	case state.Faults != 0:
		return faultsIn(w, state.Faults), class
	case state.Mode == elevator.ModeNormal:
		class = faint
	}
	return modeIn(w, state.Mode), class
}

// carTable shows a line for each car in the order given.
func (c *canvas) carTable(p pane, order []elevator.CarIndex) {
	columns := carTableColumns(longestName(carNames(c.s), 1, 8), longestName(floorNames(c.s), 1, 8))
	if p.w < 50 { // the mode matters more
		columns = slices.DeleteFunc(columns, func(col carColumnSpec) bool { return col.title == "Dir" || col.title == "Riders" })
	}
	x := 1
	if c.m.page == carsPage && p.w >= 110 {
		columns = append(columns, countColumns...)
	}
	ends := make([]int, len(columns))
	for i, col := range columns {
		title := col.title
		if c.m.page == carsPage && col.sort == c.m.sortBy && col.sort != byCar {
			title += c.g.down
		}
		ends[i] = x
		if col.right {
			x += max(col.width-width(title), 0)
		}
		p.put(x, 0, faint, title)
		x = ends[i]
		x += max(col.width, width(title)) + 1
	}
	rest := p.w - x
	calls, lands := x, x+min(max(rest/2, 10), 24)
	p.put(calls, 0, faint, "Car calls")
	heading := "Landing calls"
	if p.w-lands < width(heading) {
		heading = "Landings"
	}
	p.put(lands, 0, faint, heading)
	for i, car := range order {
		if i+1 >= p.h {
			break
		}
		y := i + 1
		name := strong
		if car == c.car {
			name = selected
			p.put(0, y, strong, c.g.pointer)
		}
		p.put(1, y, name, shorten(c.s.carName(car), columns[0].width))
		for j, col := range columns[1:] {
			text, class := col.text(c, car)
			if col.right {
				p.putRight(ends[j+1]+col.width, y, class, text)
				continue
			}
			p.put(ends[j+1], y, class, shorten(text, col.width))
		}
		p.putFit(calls, y, lands-calls-1, plain, c.carCallText(car))
		c.assignedText(p.sub(lands, y, p.w-lands, 1), car)
	}
}

func (c *canvas) carCallText(car elevator.CarIndex) string {
	var floors []string
	for f := range c.s.group.Cars[car].CarCalls.All() {
		floors = append(floors, c.s.floorName(f))
	}
	return strings.Join(floors, " ")
}

// callName writes a landing call as 7▲ or, with a destination, 1→7.
func (c *canvas) callName(key elevator.CallKey) string {
	if key.To != elevator.NoFloor {
		return c.s.floorName(key.Floor) + c.g.arrow + c.s.floorName(key.To)
	}
	return c.s.floorName(key.Floor) + c.g.direction(key.Direction)
}

// assignedText writes the landing calls that a car goes for, long waits
// conspicuous.
func (c *canvas) assignedText(p pane, car elevator.CarIndex) {
	x := 0
	for _, call := range c.s.assigned(car) {
		text := c.callName(call.Key)
		if x+width(text) > p.w {
			p.put(min(x, p.w-1), 0, faint, c.g.more)
			return
		}
		class := callClass(c.s.age(call.RegisteredAt))
		if class == lamp {
			class = plain
		}
		x = p.put(x, 0, class, text) + 1
	}
}

// carLines shows one line a car, with the shaft lying along it where there is
// room.
func (c *canvas) carLines(p pane) {
	carWidth := longestName(carNames(c.s), 3, 6)
	floorWidth := longestName(floorNames(c.s), 5, 6)
	floorX := 1 + carWidth + 1
	faceX := floorX + floorWidth + 1
	loadX := faceX + carCell + 1
	stateX := loadX + 5
	trackX := stateX + 10
	p.put(1, 0, faint, "Car")
	p.put(floorX, 0, faint, "Floor")
	p.put(loadX, 0, faint, "Load")
	p.put(stateX, 0, faint, "Next")
	if p.w-trackX >= 16 {
		floors := c.s.building.Floors
		x := p.put(trackX, 0, faint, floors[0].Name+" ")
		last := floors[len(floors)-1].Name
		p.line(x, 0, p.w-1-width(last)-1-x, faint, " ")
		p.putRight(p.w-1, 0, faint, last)
	}
	for i, car := range c.m.carOrder() {
		y := i + 1
		name := strong
		if car == c.car {
			name = selected
			p.put(0, y, strong, c.g.pointer)
		}
		state := &c.s.group.Cars[car]
		p.put(1, y, name, shorten(c.s.carName(car), carWidth))
		p.put(floorX, y, plain, shorten(c.s.floorName(c.s.floorOf(car)), floorWidth))
		inner, class := c.carFace(car)
		left, right := doorSides(state.Doors)
		p.put(faceX, y, class, left+inner+right)
		load := plain
		if state.LoadKg == 0 {
			load = faint
		}
		p.putRight(loadX+4, y, load, fmt.Sprintf("%.0f%%", 100*c.s.loadRatio(car)))
		x := stateX
		if next := c.s.nextStop(car); next != elevator.NoFloor {
			x = p.put(x, y, plain, c.g.arrow+c.s.floorName(next)) + 1
		}
		word, class := c.condition(car)
		p.put(x, y, class, word)
		if w := p.w - 1 - trackX; w >= 16 {
			c.lyingShaft(p.sub(trackX, y, w, 1), car)
		}
	}
}

// lyingShaft draws a shaft from left, the lowest floor, to right.
func (c *canvas) lyingShaft(p pane, car elevator.CarIndex) {
	floors := c.s.building.Floors
	top := floors[len(floors)-1].ElevationM
	column := func(m float64) int { return int(m/top*float64(p.w-1) + 0.5) }
	serves := &c.s.building.Cars[car].Serves
	from, to := serves.Above(elevator.NoFloor), serves.Below(elevator.FloorIndex(len(floors)))
	if from == elevator.NoFloor {
		from, to = 0, elevator.FloorIndex(len(floors)-1)
	}
	for x := column(floors[from].ElevationM); x <= column(floors[to].ElevationM); x++ {
		p.put(x, 0, faint, c.g.track)
	}
	for f := range floors {
		x := column(floors[f].ElevationM)
		if c.s.group.Cars[car].CarCalls.Has(elevator.FloorIndex(f)) {
			p.put(x, 0, lamp, c.g.carCall)
		} else if text, class := c.landingMark(car, elevator.FloorIndex(f)); text != "" {
			p.put(x, 0, class, text)
		}
	}
	_, class := c.carFace(car)
	p.put(column(c.s.position(car)), 0, class, c.g.full)
}

// callLine lists the lit landing calls, the oldest first.
func (c *canvas) callLine(p pane) {
	if p.h == 0 {
		return
	}
	x := p.put(1, 0, faint, "Calls ")
	if len(c.s.group.Calls) == 0 {
		p.put(x, 0, faint, "none")
		return
	}
	y := 0
	for i := range c.s.group.Calls {
		call := &c.s.group.Calls[i]
		age := c.s.age(call.RegisteredAt)
		text := c.callName(call.Key) + " " + short(age)
		if call.Car != elevator.NoCar {
			text += " " + c.s.carName(call.Car)
		}
		if x+width(text) > p.w {
			if y++; y >= p.h {
				p.put(p.w-1, y-1, faint, c.g.more)
				return
			}
			x = 7
		}
		x = p.put(x, y, callClass(age), text) + 2
	}
}

// carCells shows several cars a line: where each is, its direction, doors and
// riders or, where there is something wrong with it, what.
func (c *canvas) carCells(p pane) {
	size := c.size()
	step := cellColumns(size)
	perLine := max(p.w/step, 1)
	order := c.m.carOrder()
	first := windowAround(slices.Index(order, c.car)/perLine, p.h, (len(order)+perLine-1)/perLine) * perLine
	for i, car := range order[first:] {
		cell := p.sub(i%perLine*step, i/perLine, step, 1)
		name := strong
		if car == c.car {
			name = selected
			cell.put(0, 0, strong, c.g.pointer)
		}
		cell.put(1, 0, name, shorten(c.s.carName(car), size.carName))
		cell.put(size.carName+2, 0, plain, shorten(c.s.floorName(c.s.floorOf(car)), size.floorName))
		x := size.carName + size.floorName + 3
		if word, class := c.condition(car); class == alarming || class == warning {
			cell.put(x, 0, class, fit(word, carCell))
			continue
		}
		inner, class := c.carFace(car)
		left, right := doorSides(c.s.group.Cars[car].Doors)
		cell.put(x, 0, class, left+inner+right)
	}
}
