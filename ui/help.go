package ui

import (
	"fmt"
	"strings"
)

// help lists the pages, the keys of the key table, and what the signs mean.
func (c *canvas) help(p pane) {
	var pages []string
	for i := range numbered {
		pages = append(pages, fmt.Sprintf("%d %v", i+1, i))
	}
	p.put(1, 0, strong, "Pages  "+strings.Join(pages, "  "))
	lines := c.m.helpLines()
	keyWidth, lineWidth := 0, 0
	for _, l := range lines {
		keyWidth = max(keyWidth, width(l.key)+2)
	}
	for _, l := range lines {
		lineWidth = max(lineWidth, keyWidth+width(l.word)+2)
	}
	columns := max((p.w-1)/lineWidth, 1)
	rows := (len(lines) + columns - 1) / columns
	body := p.below(2)
	first := 0
	if rows > body.h {
		body.h--
		first = min(c.m.helpAt, rows-body.h)
		p.put(1, p.h-1, faint, fmt.Sprintf("%s %s: rows %d to %d of %d", c.g.key("up"), c.g.key("down"), first+1, first+body.h, rows))
	}
	for i, l := range lines {
		if x, y := 1+i/rows*lineWidth, i%rows-first; y >= 0 && y < body.h {
			body.put(x, y, keyHint, l.key)
			body.put(x+keyWidth, y, plain, l.word)
		}
	}
	if rows+3 > p.h {
		return
	}
	signs := p.below(rows + 3)
	signs.put(1, 0, plain, "[ ] doors closed  < > opening  | | open  > < closing  "+c.g.up+c.g.down+" direction  3 riders")
	signs.put(1, 1, plain, "in a shaft: "+c.g.carCall+" car call   "+c.g.up+" "+c.g.down+" landing call given to the car   "+c.g.locked+" locked for car calls")
	signs.put(1, 2, plain, "at a floor: people waiting, and its landing calls: the age of the oldest and its car, or 3x: how many; locked: takes none")
}

// helpLines are the lines of the key table that mean something over a live
// group, or over a recording.
func (m *model) helpLines() []hint {
	can := present | past
	if m.situation() == recording {
		can = recording
	}
	var lines []hint
	table := bindings()
	for i := range table {
		if b := &table[i]; b.help != "" && (b.when == 0 || b.when&can != 0) {
			lines = append(lines, hint{b.keyNames(m.glyphs), b.help})
		}
	}
	return lines
}
