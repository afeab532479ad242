package ui

import (
	"fmt"
	"strings"

	"elevator/internal/elevator/stats"
)

// spark draws the values as one character each, from 0 to the greatest.
func (g *glyphs) spark(values []float64) (line string, greatest float64) {
	for _, v := range values {
		greatest = max(greatest, v)
	}
	var b strings.Builder
	steps := len(g.sparks) - 1
	for _, v := range values {
		i := 0
		if greatest > 0 && v > 0 {
			i = min(max(int(v/greatest*float64(steps)+0.5), 1), steps)
		}
		b.WriteString(g.sparks[i])
	}
	return b.String(), greatest
}

// sparkLine draws the last minutes of the history, at most an hour, with the
// greatest value after them.
func (c *canvas) sparkLine(p pane, label string, value func(*stats.Minute) float64) {
	const labels, numbers = 10, 6
	room := min(p.w-labels-numbers, historyMinutes)
	if room < 4 {
		return
	}
	minutes := c.s.figures.minutes
	minutes = minutes[max(len(minutes)-room, 0):]
	values := make([]float64, len(minutes))
	for i := range minutes {
		values[i] = value(&minutes[i])
	}
	line, greatest := c.g.spark(values)
	p.put(0, 0, faint, label)
	p.line(labels, 0, room-len(values), faint, c.g.dot)
	p.put(labels+room-len(values), 0, plain, line)
	p.putRight(labels+room+numbers, 0, faint, fmt.Sprintf("%.0f", greatest))
}

// bar draws a share of w columns.
func (c *canvas) bar(p pane, x, y, w int, share float64, class role) {
	n := min(max(int(share*float64(w)+0.5), 0), w)
	if n == 0 && share > 0 {
		n = 1
	}
	p.line(x, y, n, class, c.g.full)
}

// The series of the last hour that are charted.
func meanWaits(m *stats.Minute) float64 { return m.MeanWait.Seconds() }
func queues(m *stats.Minute) float64    { return float64(m.Waiting) }
func arrivals(m *stats.Minute) float64  { return float64(m.Arrived) }
func carried(m *stats.Minute) float64   { return float64(m.Carried) }
