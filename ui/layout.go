package ui

// groupLayout is where the parts of the group page go. A part that does not
// fit has no rows; the shafts give way to one line a car, and that to a
// summary.
type groupLayout struct {
	kind     groupKind
	rows     int // of the shafts: from one floor to the next
	column   int // of the shafts: from one car to the next
	left     int // columns before the first shaft
	shafts   span
	cars     span // the car table, or one line a car
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
	bySummary
)

// span is some rows, or columns, from a first one on.
type span struct{ from, n int }

// The sizes of the group page's parts.
const (
	carCell       = 5  // columns of a car in its shaft: [▲12]
	shaftHead     = 1  // rows above the shafts: the cars' names
	shaftFoot     = 2  // rows below them: loads and modes
	averagesWidth = 24 // columns of the averages beside the shafts
	averagesRows  = 10 // rows that the averages need
	sideEvents    = 50 // columns from which on events stand beside the shafts
	crowdWidth    = 9
)

// layoutGroup divides a body of w columns and h rows for a building.
// nameWidth is that of the longest floor name, at most 8.
func layoutGroup(w, h, floors, cars, nameWidth, carWidth int) groupLayout {
	l := groupLayout{left: floorColumns(nameWidth, carWidth), column: carCell + 1, rows: 1}
	if w >= l.left+crowdWidth+cars*(l.column+2)+averagesWidth+2 {
		l.crowd = crowdWidth
		l.left += crowdWidth
	}
	fits := h >= floors+shaftHead+shaftFoot && w >= l.left+cars*l.column
	if !fits {
		return layoutLines(w, h, cars)
	}
	l.kind = byShafts
	for l.rows < 3 && h >= (floors-1)*(l.rows+1)+1+shaftHead+shaftFoot+cars+8 {
		l.rows++
	}
	l.shafts = span{0, (floors-1)*l.rows + 1 + shaftHead + shaftFoot}
	l.beside = w >= l.left+cars*l.column+averagesWidth+2 && l.shafts.n >= averagesRows
	room := w - l.left
	if l.beside {
		room -= averagesWidth + 2
	}
	l.column = min(room/cars, 10)
	row := l.shafts.n
	if l.beside {
		l.averages = span{l.left + cars*l.column + 1, 0}
		l.averages.n = w - l.averages.from
	} else if h-row >= 2 {
		l.averages = span{row, min(2, h-row)}
		row += l.averages.n
	}
	if h-row >= cars+3 && w >= 60 {
		l.cars = span{row + 1, cars + 1}
		row += cars + 2
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

// layoutLines is the layout without shafts.
func layoutLines(w, h, cars int) groupLayout {
	l := groupLayout{kind: byLines, averages: span{h - 2, 2}}
	if cars+3 > h {
		l.kind = bySummary
		l.cars = span{0, h - 2}
		return l
	}
	if cars+4 > h {
		l.averages = span{h - 1, 1}
	}
	l.cars = span{0, cars + 1}
	first := cars + 1
	if l.averages.from > first+1 {
		first++ // an empty row between the two
	}
	l.events = span{first, l.averages.from - first}
	return l
}

// floorColumns is the width of what stands left of the shafts: the floor's
// name, the people waiting, and a landing call each way.
func floorColumns(nameWidth, carWidth int) int {
	return 1 + nameWidth + 1 + 4 + 2*(callColumns(carWidth)+1) + 1
}

// callColumns is the width of a landing call: ▲ 12s A.
func callColumns(carWidth int) int { return 1 + 4 + 1 + carWidth }
