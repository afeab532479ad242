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

// chart draws the last hour of the history in as many rows as there are, the
// greatest value at its top; in a single row as sparkLine does.
func (c *canvas) chart(p pane, label string, value func(*stats.Minute) float64) {
	const labels, numbers = 10, 6
	if p.h < 2 {
		c.sparkLine(p, label, value)
		return
	}
	perMinute := min(max((p.w-labels-numbers)/historyMinutes, 1), 3)
	room := min((p.w-labels-numbers)/perMinute, historyMinutes)
	if room < 4 {
		return
	}
	minutes := c.s.figures.minutes
	minutes = minutes[max(len(minutes)-room, 0):]
	greatest := 0.0
	for i := range minutes {
		greatest = max(greatest, value(&minutes[i]))
	}
	p.put(0, 0, faint, label)
	base := p.h - 1
	p.line(labels, base, (room-len(minutes))*perMinute, faint, c.g.dot)
	steps := len(c.g.sparks) - 1
	for i := range minutes {
		v := value(&minutes[i])
		if v <= 0 || greatest <= 0 {
			continue
		}
		eighths := max(int(v/greatest*float64(steps*p.h)+0.5), 1)
		x := labels + (room-len(minutes)+i)*perMinute
		for y := base; y >= 0 && eighths > 0; y-- {
			p.line(x, y, perMinute, plain, c.g.sparks[min(eighths, steps)])
			eighths -= steps
		}
	}
	p.putRight(labels+room*perMinute+numbers, 0, faint, fmt.Sprintf("%.0f", greatest))
	p.putRight(labels+room*perMinute+numbers, base, faint, "0")
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
