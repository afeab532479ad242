package plot

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// Format is a kind of picture file.
type Format uint8

// The formats.
const (
	SVG Format = iota
	PNG
)

// FormatOf returns the format that a file's extension names, .svg or .png.
func FormatOf(path string) (Format, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".svg":
		return SVG, nil
	case ".png":
		return PNG, nil
	}
	return SVG, fmt.Errorf("%.200q: want a file that ends in .svg or .png", path)
}

// Write writes the picture in one of the formats.
func (p *Picture) Write(w io.Writer, f Format) error {
	if f == PNG {
		return p.writePNG(w)
	}
	return p.writeSVG(w)
}
