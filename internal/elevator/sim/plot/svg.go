package plot

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
)

// fontFamily is what the widths of font.go come near to.
const fontFamily = "Helvetica, Arial, 'Liberation Sans', sans-serif"

func (p *Picture) writeSVG(w io.Writer) error {
	out := svgWriter{bufio.NewWriter(w)}
	out.print(`<svg xmlns="http://www.w3.org/2000/svg" width="`, p.Width, `" height="`, p.Height,
		`" viewBox="0 0 `, p.Width, ` `, p.Height, `" font-family="`, fontFamily, `" fill="none" stroke-linejoin="round">`, "\n")
	out.print("<title>", escaped(p.title), "</title>\n")
	out.print(`<rect width="100%" height="100%" fill="`, paper, `"/>`, "\n")
	for _, s := range p.shapes {
		switch s := s.(type) {
		case *line:
			out.line(s)
		case *area:
			out.area(s)
		case *words:
			out.words(s)
		}
	}
	out.print("</svg>\n")
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write SVG: %w", err)
	}
	return nil
}

// svgWriter remembers the first error for Flush.
type svgWriter struct{ *bufio.Writer }

// print writes strings as they are, numbers to a tenth and colours as #rrggbb.
func (w svgWriter) print(parts ...any) {
	for _, part := range parts {
		switch v := part.(type) {
		case string:
			_, _ = w.WriteString(v)
		case float64:
			_, _ = w.WriteString(tenths(v))
		case colour:
			fmt.Fprintf(w, "#%06x", uint32(v))
		}
	}
}

// tenths writes a coordinate to a tenth of a pixel, the shortest way.
func tenths(v float64) string {
	text := strconv.FormatFloat(v, 'f', 1, 64)
	if text = text[:len(text)-2] + trimZero(text[len(text)-2:]); text == "-0" {
		return "0"
	}
	return text
}

func trimZero(decimal string) string {
	if decimal == ".0" {
		return ""
	}
	return decimal
}

func (w svgWriter) line(l *line) {
	w.print(`<path d="`)
	for _, part := range l.parts {
		w.path(part)
		if len(part) == 1 {
			w.print("h0")
		}
	}
	w.print(`" stroke="`, l.colour, `" stroke-width="`, l.width, `"`)
	if l.opacity > 0 {
		w.print(` stroke-opacity="`, strconv.FormatFloat(l.opacity, 'g', -1, 64), `"`)
	}
	if l.round {
		w.print(` stroke-linecap="round"`)
	}
	for i, length := range l.dash {
		w.print([2]string{` stroke-dasharray="`, " "}[min(i, 1)], length)
	}
	if l.dash != nil {
		w.print(`"`)
	}
	if l.name == "" {
		w.print("/>\n")
		return
	}
	w.print("><title>", escaped(l.name), "</title></path>\n")
}

// path writes a polyline, horizontal and vertical pieces in their short form.
func (w svgWriter) path(part []point) {
	x, y := "", ""
	for i, q := range part {
		lastX, lastY := x, y
		x, y = tenths(q.x), tenths(q.y)
		switch {
		case i == 0:
			w.print("M", x, " ", y)
		case x == lastX && y == lastY:
		case y == lastY:
			w.print("H", x)
		case x == lastX:
			w.print("V", y)
		default:
			w.print("L", x, " ", y)
		}
	}
}

func (w svgWriter) area(a *area) {
	w.print(`<path d="`)
	w.path(a.outline)
	w.print(`Z" fill="`, a.colour, `"`)
	if a.opacity > 0 {
		w.print(` fill-opacity="`, strconv.FormatFloat(a.opacity, 'g', -1, 64), `"`)
	}
	w.print("/>\n")
}

func (w svgWriter) words(t *words) {
	if t.upward {
		w.print(`<text transform="translate(`, t.at.x, ` `, t.at.y, `) rotate(-90)"`)
	} else {
		w.print(`<text x="`, t.at.x, `" y="`, t.at.y, `"`)
	}
	w.print(` font-size="`, t.size, `" fill="`, t.colour, `"`)
	w.print([...]string{"", ` text-anchor="middle"`, ` text-anchor="end"`}[t.anchor])
	if t.bold {
		w.print(` font-weight="bold"`)
	}
	w.print(">", escaped(t.body), "</text>\n")
}

// escaped makes any text fit for XML; what XML cannot hold is replaced.
func escaped(text string) string {
	var b bytes.Buffer
	if err := xml.EscapeText(&b, []byte(text)); err != nil {
		return ""
	}
	return b.String()
}
