package plot

// Picture is a figure, ready to be written. Its unit is the pixel of an
// unscaled screen; y grows downwards.
type Picture struct {
	Width, Height float64
	title         string
	shapes        []shape
}

// shape is one of *line, *area and *words.
type shape any

type point struct{ x, y float64 }

// colour is 0xRRGGBB.
type colour uint32

// line is one or more polylines of one pen. A polyline of a single point is a
// dot with a round pen, and nothing with a square one.
type line struct {
	parts   [][]point
	colour  colour
	width   float64
	opacity float64   // 0: opaque
	dash    []float64 // lengths on, off, on, …; nil: solid
	round   bool      // ends are round; otherwise they are cut off square
	name    string    // what a reader who points at it is told; may be empty
}

// area is a filled polygon.
type area struct {
	outline []point
	colour  colour
	opacity float64 // 0: opaque
}

// anchor is which point of a text its position names.
type anchor uint8

const (
	start anchor = iota
	middle
	end
)

// words is one line of text. Its position is on the baseline.
type words struct {
	at     point
	body   string
	size   float64
	colour colour
	anchor anchor
	bold   bool
	upward bool // turned by 90° to be read from the right
}

func (p *Picture) add(shapes ...shape) { p.shapes = append(p.shapes, shapes...) }

// rule draws a solid straight line.
func (p *Picture) rule(from, to point, width float64, c colour) {
	p.add(&line{parts: [][]point{{from, to}}, colour: c, width: width})
}

// box is the outline of a rectangle.
func box(x0, y0, x1, y1 float64) []point {
	return []point{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}
}

func (p *Picture) text(at point, size float64, a anchor, c colour, body string) {
	p.add(&words{at: at, body: body, size: size, colour: c, anchor: a})
}
