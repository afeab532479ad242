package ui

// groupLayout is where the parts of the group page go. A part that does not
// fit has no rows. Where a building is too large for its shafts to be seen at
// once there is an overview, of one line a car or of several cars a line, and a
// window on the shafts.
type groupLayout struct {
	kind     groupKind
	rows     int  // of the shafts: from one floor to the next
	floors   int  // of the shafts: how many are seen at a time, at an equal distance
	shown    int  // of the shafts: how many cars are seen at a time
	cell     int  // of the shafts: columns of a car
	column   int  // of the shafts: from one car to the next
	left     int  // columns before the first shaft
	shafts   span // with head and foot
	cars     span // the car table, or the overview
	calls    span // of the overview: the lit calls
	averages span // beside the shafts (columns) or below them (rows)
	beside   bool
	tasks    span // rows at the bottom
	events   span // rows at the bottom, above the tasks; of the side, below the averages
	crowd    int  // columns for people waiting, as dots
}

// groupKind is how the group is drawn.
type groupKind uint8

const (
	byShafts groupKind = iota
	byLines
	byCells
)

// groupView is how the operator wants the group to be drawn.
type groupView uint8

const (
	bestView groupView = iota // shafts if all of them fit
	shaftView
	overview
	groupViews
)

// String names the view.
func (v groupView) String() string {
	return [...]string{"what fits", "shafts", "overview"}[v]
}

// span is some rows, or columns, from a first one on.
type span struct{ from, n int }

// The sizes of the group page's parts.
const (
	carCell       = 5  // columns of a car in its shaft: [▲12]
	narrowCell    = 3  // the same without its riders: [▲]
	shaftHead     = 1  // rows above the shafts: the cars' names
	shaftFoot     = 2  // rows below them: loads and modes
	leastShafts   = 10 // rows of shafts below an overview, with head and foot
	mostRows      = 5  // from one floor to the next
	averagesWidth = 24 // columns of the averages beside the shafts
	averagesRows  = 10 // rows that the averages need
	sideEvents    = 50 // columns from which on events stand beside the shafts
	crowdWidth    = 9
)

// groupSize is what a layout has to show: how many floors and cars, and the
// widths of their longest names.
type groupSize struct{ floors, cars, floorName, carName int }

// layoutGroup divides a body of w columns and h rows.
func layoutGroup(w, h int, size groupSize, wanted groupView) groupLayout {
	l := groupLayout{left: floorColumns(size.floorName, size.carName), cell: carCell, rows: 1}
	if w >= l.left+crowdWidth+size.cars*(carCell+3)+averagesWidth+2 {
		l.crowd = crowdWidth
		l.left += crowdWidth
	}
	if w < l.left+size.cars*(carCell+1) {
		l.cell = narrowCell
	}
	l.column = l.cell + 1
	l.shown = min(max((w-l.left)/l.column, 0), size.cars)
	fits := h >= size.floors+shaftHead+shaftFoot && l.cell == carCell
	if wanted == overview || wanted == bestView && !fits || l.shown == 0 {
		return layoutOverview(l, w, h, size)
	}
	return layoutShafts(l, w, h, size)
}

// layoutShafts is the layout with the shafts, or a window on them, foremost.
func layoutShafts(l groupLayout, w, h int, size groupSize) groupLayout {
	l.kind = byShafts
	for l.rows < mostRows && h >= (size.floors-1)*(l.rows+1)+1+shaftHead+shaftFoot+size.cars+8 {
		l.rows++
	}
	room := h - shaftHead - shaftFoot
	if size.floors > room && room >= leastShafts {
		room -= 3 // for the averages and the tasks
	}
	l.floors = min(size.floors, room)
	l.shafts = span{0, (l.floors-1)*l.rows + 1 + shaftHead + shaftFoot}
	l.beside = w >= l.left+l.shown*l.column+averagesWidth+2 && l.shafts.n >= averagesRows
	width := w - l.left
	if l.beside {
		width -= averagesWidth + 2
	}
	l.column = min(width/l.shown, 10)
	row := l.shafts.n
	if l.beside {
		l.averages = span{l.left + l.shown*l.column + 1, 0}
		l.averages.n = w - l.averages.from
	} else if h-row >= 2 {
		l.averages = span{row, min(2, h-row)}
		row += l.averages.n
	}
	if h-row >= size.cars+3 && w >= 60 {
		l.cars = span{row + 1, size.cars + 1}
		row += size.cars + 2
	}
	if l.beside && l.averages.n-2 >= sideEvents {
		l.tasks = span{row + 1, max(h-row-1, 0)}
		return l
	}
	bottom := h
	if n := min(bottom-row, 1); n > 0 {
		l.tasks = span{bottom - n, n}
		bottom -= n
	}
	if n := bottom - row - 1; n >= 1 && w >= 60 {
		l.events = span{bottom - n, n}
	}
	return l
}

// layoutOverview is the layout with a line for each car or, where there are too
// many of them, with several cars a line; with a window on the shafts where
// there is room for one.
func layoutOverview(l groupLayout, w, h int, size groupSize) groupLayout {
	l.kind, l.averages = byLines, span{h - 2, 2}
	rows := size.cars + 1
	switch {
	case size.cars+3 > h:
		l.kind = byCells
		perLine := max(w/cellColumns(size), 1)
		rows = min((size.cars+perLine-1)/perLine, h-3)
	case size.cars+4 > h:
		l.averages = span{h - 1, 1}
	}
	l.cars = span{0, rows}
	first := rows
	if l.averages.from > first+1 {
		first++ // an empty row between the two
	}
	l.calls = span{first, l.averages.from - first}
	if rest := l.calls.n - 4; rest >= leastShafts && l.shown > 0 {
		l.calls.n = 2
		l.shafts = span{first + 3, rest}
		l.floors = min(rest-shaftHead-shaftFoot, size.floors)
		l.shafts.n = l.floors + shaftHead + shaftFoot
	}
	return l
}

// floorColumns is the width of what stands left of the shafts: the floor's
// name, the people waiting, and a landing call each way.
func floorColumns(nameWidth, carWidth int) int {
	return 1 + nameWidth + 1 + 4 + 2*(callColumns(carWidth)+1) + 1
}

// callColumns is the width of a landing call: ▲ 12s A.
func callColumns(carWidth int) int { return 1 + 4 + 1 + carWidth }

// cellColumns is the width of a car of which several stand in a line: A 12 [▲ 3].
func cellColumns(size groupSize) int { return 1 + size.carName + 1 + size.floorName + 1 + carCell + 1 }
