package ui

import "elevator/internal/elevator"

// ruler says at which row of the shafts a floor or a car is drawn: to index,
// with the floors at equal distances and no more of them than there is room
// for, or to scale, with all of them at their heights.
type ruler struct {
	floors []elevator.Floor
	rows   []int // of each floor, from the shafts' top; outside of it where it is not seen
	height int   // of the shafts
}

// indexRuler puts the floors from the lowest one seen on at equal distances.
func indexRuler(floors []elevator.Floor, lowest elevator.FloorIndex, distance, height int) ruler {
	r := ruler{floors, make([]int, len(floors)), height}
	for f := range floors {
		r.rows[f] = height - 1 - (f-int(lowest))*distance
	}
	return r
}

// scaleRuler puts all floors at their heights; in a tall building several share
// a row.
func scaleRuler(floors []elevator.Floor, height int) ruler {
	r := ruler{floors, make([]int, len(floors)), height}
	top := floors[len(floors)-1].ElevationM
	for f := range floors {
		r.rows[f] = height - 1 - int(floors[f].ElevationM/top*float64(height-1)+0.5)
	}
	return r
}

// row returns the row of a height above the lowest floor: between those of two
// floors where there is one.
func (r *ruler) row(heightM float64) int {
	f := 0
	for f+1 < len(r.floors)-1 && r.floors[f+1].ElevationM <= heightM {
		f++
	}
	below, above := &r.floors[f], &r.floors[f+1]
	share := min(max((heightM-below.ElevationM)/(above.ElevationM-below.ElevationM), 0), 1)
	return r.rows[f] - int(share*float64(r.rows[f]-r.rows[f+1])+0.5)
}

// sees reports whether the row is one of the shafts'.
func (r *ruler) sees(row int) bool { return row >= 0 && row < r.height }

// together returns the highest floor that shares the row of floor f.
func (r *ruler) together(f elevator.FloorIndex) elevator.FloorIndex {
	for int(f)+1 < len(r.rows) && r.rows[f+1] == r.rows[f] {
		f++
	}
	return f
}

// windowAround returns the first of n things to show of the given number, so
// that the one named is among them. It moves in steps of half a window, and so
// stands still most of the time.
func windowAround(at, n, of int) int {
	step := max(n/2, 1)
	return min(max((at-n/4)/step*step, 0), max(of-n, 0))
}
