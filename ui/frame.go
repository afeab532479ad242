package ui

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// role says what a cell means; a theme says how that looks.
type role uint8

const (
	plain    role = iota // the values that matter
	faint                // frames, labels, what is there but not happening
	strong               // headings, cars
	banner               // the title line
	keyHint              // a key's name in the hints
	selected             // what the operator points at
	lamp                 // a lit call, younger than a long wait
	warning              // abnormal, no action needed at once
	alarming             // abnormal, acknowledged or cleared by itself
	urgent               // abnormal and not acknowledged
	away                 // what is on show is not the present
	classes
)

// cell is one place of the grid: a character with its combining marks. The
// right half of a wide character has no text.
type cell struct {
	text  string
	class role
}

var blank = cell{" ", plain}

// frame is what a terminal of its size shows, and where its cursor stands.
type frame struct {
	width, height int
	cells         []cell
	ascii         bool // other characters become question marks
	cursorX       int  // -1: hidden
	cursorY       int
}

func newFrame(width, height int) *frame {
	f := &frame{width: width, height: height, cells: make([]cell, width*height), cursorX: -1, cursorY: -1}
	for i := range f.cells {
		f.cells[i] = blank
	}
	return f
}

func (f *frame) at(x, y int) *cell { return &f.cells[y*f.width+x] }

// all is the pane over the whole frame.
func (f *frame) all() pane { return pane{f, 0, 0, f.width, f.height} }

// text returns the frame's characters, one line a row, without trailing blanks.
func (f *frame) text() string {
	return f.lines(func(c *cell) string { return c.text })
}

func (f *frame) lines(of func(*cell) string) string {
	var b, line strings.Builder
	for y := range f.height {
		line.Reset()
		for x := range f.width {
			line.WriteString(of(f.at(x, y)))
		}
		b.WriteString(strings.TrimRight(line.String(), " "))
		b.WriteByte('\n')
	}
	return b.String()
}

// pane is a rectangle of a frame with its own origin; nothing is written
// outside it.
type pane struct {
	f          *frame
	x, y, w, h int
}

// sub returns the part of the pane that the rectangle names, cut to fit.
func (p pane) sub(x, y, w, h int) pane {
	x, y = min(max(x, 0), p.w), min(max(y, 0), p.h)
	return pane{p.f, p.x + x, p.y + y, max(min(w, p.w-x), 0), max(min(h, p.h-y), 0)}
}

// below returns the pane without its first rows.
func (p pane) below(rows int) pane { return p.sub(0, rows, p.w, p.h) }

// put writes text at a place of the pane and returns the column after it. What
// does not fit is cut off; control characters become blanks.
func (p pane) put(x, y int, c role, text string) int {
	for _, r := range text {
		w := runeWidth(r)
		switch {
		case p.f.ascii && r >= utf8.RuneSelf:
			r, w = '?', 1
		case w == 0:
			if x > 0 && x <= p.w && y >= 0 && y < p.h {
				p.f.at(p.x+x-1, p.y+y).text += string(r)
			}
			continue
		case unicode.IsControl(r):
			r = ' '
		}
		if x+w > p.w {
			return p.w
		}
		if x >= 0 && y >= 0 && y < p.h {
			*p.f.at(p.x+x, p.y+y) = cell{string(r), c}
			if w == 2 {
				*p.f.at(p.x+x+1, p.y+y) = cell{"", c}
			}
		}
		x += w
	}
	return x
}

// putRight writes text so that it ends before column end.
func (p pane) putRight(end, y int, c role, text string) {
	p.put(end-width(text), y, c, text)
}

// putFit writes text into exactly w columns: padded, or cut with an ellipsis.
func (p pane) putFit(x, y, w int, c role, text string) int {
	if w <= 0 {
		return x
	}
	p.sub(x, y, w, 1).put(0, 0, c, fit(text, w))
	return x + w
}

// line draws a character w times.
func (p pane) line(x, y, w int, c role, text string) int {
	return p.put(x, y, c, strings.Repeat(text, max(w, 0)))
}

// fit cuts text to at most w columns; where something is missing the last
// column says so with '~'.
func fit(text string, w int) string {
	if width(text) <= w {
		return text
	}
	room := w - 1
	for i, r := range text {
		if room -= runeWidth(r); room < 0 {
			return text[:i] + "~"
		}
	}
	return text
}

// wrapped breaks text at its blanks into lines of at most w columns, where no
// word is longer.
func wrapped(text string, w int) []string {
	var lines []string
	for word := range strings.FieldsSeq(text) {
		if n := len(lines) - 1; n >= 0 && width(lines[n])+1+width(word) <= w {
			lines[n] += " " + word
		} else {
			lines = append(lines, word)
		}
	}
	return lines
}

// shorten cuts a name to at most w columns, but keeps its end: of two long names
// that is often where they differ.
func shorten(name string, w int) string {
	const end = 2
	if width(name) <= w || w < end+3 {
		return fit(name, w)
	}
	tail := []rune(name)
	for width(string(tail)) > end {
		tail = tail[1:]
	}
	return fit(name, w-width(string(tail))) + string(tail)
}

// width returns how many columns text takes.
func width(text string) int {
	n := 0
	for _, r := range text {
		n += runeWidth(r)
	}
	return n
}

// wideRanges are the blocks of characters that take two columns.
var wideRanges = [...][2]rune{
	{0x1100, 0x115F},
	{0x2E80, 0x303E},
	{0x3041, 0xA4CF},
	{0xAC00, 0xD7A3},
	{0xF900, 0xFAFF},
	{0xFE30, 0xFE6F},
	{0xFF00, 0xFF60},
	{0xFFE0, 0xFFE6},
	{0x1F300, 0x1FAFF},
	{0x20000, 0x3FFFD},
}

func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	}
	for _, block := range wideRanges {
		if r >= block[0] && r <= block[1] {
			return 2
		}
	}
	return 1
}
