package ui

import "github.com/gdamore/tcell/v2"

// painter brings frames to a screen and remembers the last one, so that it
// writes only what changed, and nothing at all where nothing did.
type painter struct {
	screen tcell.Screen
	last   *frame
	theme  int
}

// paint shows a frame.
func (p *painter) paint(f *frame, theme int) {
	fresh := p.last == nil || p.last.width != f.width || p.last.height != f.height || p.theme != theme
	if fresh {
		p.screen.SetStyle(themes[theme].styles[plain])
		p.screen.Clear()
	}
	changed := fresh
	t := &themes[theme]
	pen := plain // the class last written
	for y := range f.height {
		for x := range f.width {
			cell := f.at(x, y)
			if !fresh && *cell == *p.last.at(x, y) {
				continue
			}
			changed = true
			class := cell.class
			if cell.text == " " && t.flat(class) && t.flat(pen) {
				class = pen // looks the same, and costs no change of style
			}
			if cell.text != "" {
				p.screen.Put(x, y, cell.text, t.styles[class])
				pen = class
			}
		}
	}
	if fresh || f.cursorX != p.last.cursorX || f.cursorY != p.last.cursorY {
		changed = true
		if f.cursorX < 0 {
			p.screen.HideCursor()
		} else {
			p.screen.ShowCursor(f.cursorX, f.cursorY)
		}
	}
	p.last, p.theme = f, theme
	if changed {
		p.screen.Show()
	}
}

// shows reports whether a frame of that size is on the screen.
func (p *painter) shows(width, height int) bool {
	return p.last != nil && p.last.width == width && p.last.height == height
}

// redraw sends everything again, whatever the terminal shows.
func (p *painter) redraw() {
	p.last = nil
	p.screen.Sync()
}
