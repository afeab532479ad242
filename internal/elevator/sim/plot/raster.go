package plot

import (
	"image"
	"image/color"
	"math"
	"slices"
)

// raster paints shapes on an image. What a shape covers of each pixel is first
// gathered in a mask, so that a line that crosses itself is no darker there.
type raster struct {
	image *image.RGBA
	scale float64 // pixels of the image for one of the picture
	mask  []uint8
	dirty image.Rectangle // what of the mask is not zero
	font  font
}

func newRaster(width, height int, scale float64) *raster {
	r := &raster{
		image: image.NewRGBA(image.Rect(0, 0, width, height)),
		scale: scale, mask: make([]uint8, width*height), font: newFont(),
	}
	for i := range r.image.Pix {
		r.image.Pix[i] = 0xff
	}
	return r
}

func (r *raster) paint(s shape) {
	switch s := s.(type) {
	case *line:
		parts := s.parts
		if s.dash != nil {
			parts = dashed(parts, s.dash)
		}
		r.stroke(parts, s.width, s.round)
		r.blend(s.colour, s.opacity)
	case *area:
		r.fill(s.outline)
		r.blend(s.colour, s.opacity)
	case *words:
		parts, width := r.font.strokes(s)
		r.stroke(parts, width, true)
		r.blend(s.colour, 0)
	}
}

// stroke covers what a pen of that width passes. Joints are always round.
func (r *raster) stroke(parts [][]point, width float64, round bool) {
	radius := width * r.scale / 2
	for _, part := range parts {
		scaled := r.scaled(part)
		if len(scaled) == 1 && round {
			scaled = append(scaled, scaled[0])
		}
		for i := 1; i < len(scaled); i++ {
			r.segment(scaled[i-1], scaled[i], radius, round || i > 1, round || i+1 < len(scaled))
		}
	}
}

func (r *raster) scaled(part []point) []point {
	scaled := make([]point, len(part))
	for i, q := range part {
		scaled[i] = point{q.x * r.scale, q.y * r.scale}
	}
	return scaled
}

// segment covers a straight piece of a line, with round or square ends.
func (r *raster) segment(a, b point, radius float64, roundA, roundB bool) {
	length, dx, dy := math.Hypot(b.x-a.x, b.y-a.y), 1.0, 0.0
	if length > 0 {
		dx, dy = (b.x-a.x)/length, (b.y-a.y)/length
	}
	reach := radius + 1
	top, bottom := r.rows(min(a.y, b.y)-reach, max(a.y, b.y)+reach)
	for y := top; y < bottom; y++ {
		left, right := r.columns(a, b, reach, float64(y)+0.5)
		r.touch(left, right, y)
		for x := left; x < right; x++ {
			px, py := float64(x)+0.5-a.x, float64(y)+0.5-a.y
			along, across := px*dx+py*dy, math.Abs(py*dx-px*dy)
			beyond, roundEnd := 0.0, true
			switch {
			case along < 0:
				beyond, roundEnd = -along, roundA
			case along > length:
				beyond, roundEnd = along-length, roundB
			}
			var covered float64
			if roundEnd {
				covered = pen(radius, math.Hypot(beyond, across))
			} else {
				covered = pen(radius, across) * min(max(0.5-beyond, 0), 1)
			}
			r.cover(x, y, covered)
		}
	}
}

// pen returns how much of a pixel at a distance from a line's middle is
// covered. Lines thinner than a pixel are paler instead.
func pen(radius, distance float64) float64 {
	return min(max(radius+0.5-distance, 0), 1, 2*radius)
}

func (r *raster) rows(from, to float64) (top, bottom int) {
	height := r.image.Rect.Dy()
	return min(max(int(math.Floor(from)), 0), height), min(max(int(math.Ceil(to)), 0), height)
}

// columns returns which pixels of a row a segment can reach.
func (r *raster) columns(a, b point, reach, y float64) (left, right int) {
	from, to := min(a.x, b.x)-reach, max(a.x, b.x)+reach
	if dy := b.y - a.y; math.Abs(dy) > 1 {
		slope := (b.x - a.x) / dy
		middle, half := a.x+(y-a.y)*slope, reach*math.Hypot(1, slope)
		from, to = max(from, middle-half), min(to, middle+half)
	}
	width := r.image.Rect.Dx()
	return min(max(int(math.Floor(from)), 0), width), min(max(int(math.Ceil(to)), 0), width)
}

func (r *raster) cover(x, y int, share float64) {
	i := y*r.image.Rect.Dx() + x
	r.mask[i] = max(r.mask[i], uint8(share*255+0.5))
}

func (r *raster) touch(left, right, y int) {
	r.dirty = r.dirty.Union(image.Rect(left, y, right, y+1))
}

// fill covers the inside of a polygon by the even-odd rule, exactly along x and
// in a few steps along y.
func (r *raster) fill(outline []point) {
	const steps = 5
	corners := r.scaled(outline)
	low := slices.MinFunc(corners, func(a, b point) int { return int(math.Copysign(1, a.y-b.y)) })
	high := slices.MaxFunc(corners, func(a, b point) int { return int(math.Copysign(1, a.y-b.y)) })
	top, bottom := r.rows(low.y, high.y)
	width := r.image.Rect.Dx()
	shares := make([]float64, width)
	var crossings []float64
	for y := top; y < bottom; y++ {
		r.touch(0, width, y)
		clear(shares)
		for k := range steps {
			at := float64(y) + (float64(k)+0.5)/steps
			crossings = crossings[:0]
			for i, a := range corners {
				b := corners[(i+1)%len(corners)]
				if (a.y <= at) != (b.y <= at) {
					crossings = append(crossings, a.x+(at-a.y)/(b.y-a.y)*(b.x-a.x))
				}
			}
			slices.Sort(crossings)
			for i := 0; i+1 < len(crossings); i += 2 {
				from, to := max(crossings[i], 0), min(crossings[i+1], float64(width))
				for x := int(from); x < width && float64(x) < to; x++ {
					shares[x] += (min(to, float64(x+1)) - max(from, float64(x))) / steps
				}
			}
		}
		for x, share := range shares {
			r.cover(x, y, min(share, 1))
		}
	}
}

// blend lays a colour over the image where the mask covers it, and clears the
// mask. An opacity of 0 means opaque.
func (r *raster) blend(c colour, opacity float64) {
	if opacity == 0 {
		opacity = 1
	}
	to := color.RGBA{uint8(c >> 16), uint8(c >> 8), uint8(c), 0xff}
	for y := r.dirty.Min.Y; y < r.dirty.Max.Y; y++ {
		for x := r.dirty.Min.X; x < r.dirty.Max.X; x++ {
			i := y*r.image.Rect.Dx() + x
			if r.mask[i] == 0 {
				continue
			}
			share := float64(r.mask[i]) / 255 * opacity
			r.mask[i] = 0
			pixel := r.image.Pix[4*i : 4*i+3]
			for k, value := range [3]uint8{to.R, to.G, to.B} {
				pixel[k] = uint8(float64(pixel[k])*(1-share) + float64(value)*share + 0.5)
			}
		}
	}
	r.dirty = image.Rectangle{}
}

// dashed cuts polylines into dashes. The pattern begins anew with each.
func dashed(parts [][]point, pattern []float64) [][]point {
	var out [][]point
	for _, part := range parts {
		k, left := 0, pattern[0]
		piece := part[:min(1, len(part))]
		for i := 1; i < len(part); i++ {
			a, b := part[i-1], part[i]
			length := math.Hypot(b.x-a.x, b.y-a.y)
			for done := 0.0; ; {
				if done+left > length {
					left -= length - done
					break
				}
				done += left
				cut := point{a.x + (b.x-a.x)*done/length, a.y + (b.y-a.y)*done/length}
				if k%2 == 0 {
					out = append(out, append(slices.Clone(piece), cut))
				}
				piece = []point{cut}
				k++
				left = pattern[k%len(pattern)]
			}
			piece = append(slices.Clip(piece), b)
		}
		if k%2 == 0 && len(piece) > 1 {
			out = append(out, piece)
		}
	}
	return out
}
