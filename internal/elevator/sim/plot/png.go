package plot

import (
	"bufio"
	"fmt"
	"image/png"
	"io"
	"math"
)

// A PNG has so many pixels for one of the picture along each axis, unless that
// makes it too large.
const (
	pngScale  = 2
	maxPixels = 60e6
)

func (p *Picture) writePNG(w io.Writer) error {
	width, height, scale := p.pixels()
	r := newRaster(width, height, scale)
	for _, s := range p.shapes {
		r.paint(s)
	}
	out := bufio.NewWriter(w)
	if err := png.Encode(out, r.image); err != nil {
		return fmt.Errorf("write PNG: %w", err)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write PNG: %w", err)
	}
	return nil
}

func (p *Picture) pixels() (width, height int, scale float64) {
	scale = min(pngScale, math.Sqrt(maxPixels/(p.Width*p.Height)))
	return int(math.Ceil(p.Width * scale)), int(math.Ceil(p.Height * scale)), scale
}
