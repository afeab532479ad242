package plot

import "math"

// thin leaves out points of a polyline that nobody could see: of those in the
// same half of a pixel's column only the first, the lowest, the highest and the
// last stay, in their order.
func thin(points []point) []point {
	column := func(p point) float64 { return math.Floor(2 * p.x) }
	var out []point
	for from := 0; from < len(points); {
		to := from + 1
		lowest, highest := from, from
		for ; to < len(points) && column(points[to]) == column(points[from]); to++ {
			if points[to].y < points[lowest].y {
				lowest = to
			}
			if points[to].y > points[highest].y {
				highest = to
			}
		}
		last := -1
		for _, i := range [...]int{from, min(lowest, highest), max(lowest, highest), to - 1} {
			if i > last {
				out, last = append(out, points[i]), i
			}
		}
		from = to
	}
	return out
}
