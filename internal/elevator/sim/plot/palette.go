package plot

import "math"

// The colours of what is no data.
const (
	paper     colour = 0xffffff
	ink       colour = 0x1f2430
	faintInk  colour = 0x666c78
	gridLine  colour = 0xe6e8ec
	frameLine colour = 0xb4b9c3
	alarm     colour = 0xc1121f
)

// pens are eight colours that people with any kind of colour vision tell apart
// on white (after Okabe and Ito 2008, the light ones darkened).
var pens = [...]colour{0x0072b2, 0xd55e00, 0x00855f, 0xb3478f, 0x7a5c00, 0x2b9fd9, 0x5b3fa0, 0x3c3f46}

// dashes tell lines apart without colour. The first is solid.
var dashes = [...][]float64{
	nil, {8, 3}, {3, 2.5}, {10, 3, 2, 3}, {14, 4}, {5, 2, 1.5, 2, 1.5, 2}, {1.6, 2.6}, {12, 3, 4, 3},
}

// penOf returns colour and dashes of the i-th line. No two of the first 64 have
// both in common.
func penOf(i int) (colour, []float64) {
	return pens[i%len(pens)], dashes[(i+i/len(pens))%len(dashes)]
}

// markCorners are the corners of the marks on the lines of a chart, around a
// mark of radius 1. The first mark is a dot.
var markCorners = [...][]point{
	polygon(20, 0.9, 0),
	polygon(4, 1.1, math.Pi/4),
	polygon(3, 1.25, -math.Pi/2),
	polygon(4, 1.2, 0),
	polygon(3, 1.25, math.Pi/2),
	{{-1, -0.4}, {-0.4, -0.4}, {-0.4, -1}, {0.4, -1}, {0.4, -0.4}, {1, -0.4}, {1, 0.4}, {0.4, 0.4}, {0.4, 1}, {-0.4, 1}, {-0.4, 0.4}, {-1, 0.4}},
	polygon(6, 1.1, 0),
	polygon(5, 1.1, -math.Pi/2),
}

func polygon(corners int, radius, turn float64) []point {
	outline := make([]point, corners)
	for i := range outline {
		sin, cos := math.Sincos(turn + 2*math.Pi*float64(i)/float64(corners))
		outline[i] = point{radius * cos, radius * sin}
	}
	return outline
}

// mark draws the i-th mark: filled, or hollow.
func (p *Picture) mark(i int, at point, radius float64, c colour, hollow bool) {
	corners := markCorners[i%len(markCorners)]
	outline := make([]point, len(corners))
	for k, q := range corners {
		outline[k] = point{at.x + radius*q.x, at.y + radius*q.y}
	}
	if !hollow {
		p.add(&area{outline: outline, colour: c})
		return
	}
	p.add(&area{outline: outline, colour: paper},
		&line{parts: [][]point{append(outline, outline[0])}, colour: c, width: 1.3})
}
