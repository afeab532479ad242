package ui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"elevator/internal/elevator"
)

// The smallest terminal that anything is shown on.
const (
	leastWidth  = 40
	leastHeight = 10
)

// view draws the model for a terminal of the given size. It changes nothing.
func view(m *model, width, height int) *frame {
	f := newFrame(width, height)
	f.ascii = m.glyphs == asciiGlyphs
	if width < leastWidth || height < leastHeight {
		viewTooSmall(f)
		return f
	}
	c := canvas{m: m, s: m.shown(), g: m.glyphs, car: m.selectedCar()}
	all := f.all()
	c.title(all.sub(0, 0, width, 1))
	c.alarmLine(all.sub(0, 1, width, 1))
	body := all.sub(0, 2, width, height-3)
	switch {
	case m.help:
		c.help(body)
	case c.s.group == nil:
		c.waiting(body)
	default:
		c.body(body)
		if c.s.link == linkStale && c.m.player == nil {
			fade(body)
		}
	}
	c.bottom(all.sub(0, height-1, width, 1))
	return f
}

func viewTooSmall(f *frame) {
	p := f.all()
	lines := []string{
		"terminal too small",
		fmt.Sprintf("is %d x %d", f.width, f.height),
		fmt.Sprintf("needs %d x %d", leastWidth, leastHeight),
		"q quits",
	}
	top := max((f.height-len(lines))/2, 0)
	for i, l := range lines {
		p.put(max((f.width-len(l))/2, 0), top+i, plain, l)
	}
}

// canvas is what the drawing functions share.
type canvas struct {
	m   *model
	s   *site
	g   *glyphs
	car elevator.CarIndex // the selected one
}

func (c *canvas) body(p pane) {
	switch c.m.page {
	case groupPage:
		c.groupPage(p)
	case carsPage:
		c.carsPage(p)
	case carPage:
		c.carPage(p)
	case whyPage:
		c.whyPage(p)
	case trafficPage:
		c.trafficPage(p)
	case alarmsPage:
		c.alarmsPage(p)
	case eventsPage:
		c.eventsPage(p)
	case tasksPage:
		c.tasksPage(p)
	}
}

// fade shows values of which nobody knows whether they are still true.
func fade(p pane) {
	for y := range p.h {
		for x := range p.w {
			switch cell := p.f.at(p.x+x, p.y+y); cell.class {
			case plain, strong, lamp:
				cell.class = faint
			}
		}
	}
}

// title is the first line: which building, what time, how fresh.
func (c *canvas) title(p pane) {
	p.line(0, 0, p.w, banner, " ")
	right := " " + c.m.freshness() + " "
	end := p.w - width(right)
	class := banner
	switch {
	case c.m.situation() == past:
		class = away
	case c.s.link == linkStale:
		class = urgent
	}
	p.put(end, 0, class, right)
	left := p.sub(0, 0, end, 1)
	x := left.put(1, 0, banner, c.name())
	if c.s.group == nil {
		return
	}
	parts := []string{c.m.page.String(), hms(c.s.clock.shown)}
	if c.m.situation() != recording {
		parts = append(parts, "x"+strconv.FormatFloat(c.s.header.Speed, 'g', 4, 64))
	}
	parts = append(parts, c.s.group.Dispatcher)
	if mode := c.s.group.Mode; mode != elevator.GroupNormal {
		parts = append(parts, "mode "+mode.String())
	}
	if traffic := c.s.group.Traffic.At(c.s.clock.shown); traffic.Mode() != elevator.GroupNormal {
		parts = append(parts, traffic.Mode().String()+" traffic")
	}
	if c.m.readOnly {
		parts = append(parts, "read-only")
	}
	for _, part := range parts {
		if part == "" || x+3+width(part) > end {
			continue
		}
		x = left.put(x, 0, banner, " "+c.g.dot+" "+part)
	}
}

func (c *canvas) name() string {
	name := c.s.address
	if c.s.building != nil && c.s.building.Name != "" {
		name = c.s.building.Name
	}
	if n := len(c.m.sites); n > 1 {
		name = fmt.Sprintf("%s (%d of %d)", name, c.m.current+1, n)
	}
	return name
}

// freshness says how old what is shown is.
func (m *model) freshness() string {
	if m.player != nil {
		return m.player.status(m.wall)
	}
	s := m.live()
	state := "CONNECTING"
	switch s.link {
	case linkLive:
		state = "LIVE"
	case linkEnded:
		state = "ENDED"
	case linkStale:
		state = "STALE " + short(m.wall.Sub(s.heard))
	}
	if s.attempt > 1 && s.link != linkLive {
		state += fmt.Sprintf(", try %d", s.attempt)
	}
	return state
}

// alarmLine is the second line: how many alarms, and the most important one;
// at its end, whether there are some in the other buildings.
func (c *canvas) alarmLine(p pane) {
	if text := c.m.elsewhere(); text != "" {
		p.putRight(p.w, 0, warning, text)
		p.w -= width(text) + 1
	}
	active, open, _ := c.s.alarmCounts()
	if active == 0 {
		p.put(1, 0, faint, "no alarms")
		return
	}
	first := c.s.sortedAlarms()[0]
	class := alarmClass(&first)
	text := fmt.Sprintf(" %s ", count(active, "alarm"))
	x := p.put(0, 0, class, text)
	x = p.put(x, 0, plain, " ")
	x = p.put(x, 0, alarmTextClass(&first), fit(first.Text, p.w-x))
	more := fmt.Sprintf("  since %s", hms(first.RaisedAt))
	if open > 0 {
		more += fmt.Sprintf(", %d not acknowledged", open)
	}
	if x+width(more) <= p.w {
		p.put(x, 0, faint, more)
	}
}

func alarmClass(a *elevator.Alarm) role {
	switch {
	case !a.Cleared && !a.Acknowledged:
		return urgent
	case !a.Cleared && a.Critical:
		return alarming
	case !a.Cleared:
		return warning
	}
	return faint
}

func alarmTextClass(a *elevator.Alarm) role {
	switch {
	case !a.Cleared && a.Critical:
		return alarming
	case !a.Cleared:
		return warning
	}
	return faint
}

// waiting is shown until a building is known: what it waits for and, once the
// scheduler answers, which tasks do not run yet.
func (c *canvas) waiting(p pane) {
	running, total, _ := c.s.taskCounts()
	lines := []string{"waiting for the scheduler at " + c.s.address, c.s.problem}
	if total > 0 {
		lines = []string{"waiting for the run to begin at " + c.s.address, fmt.Sprintf("%d of %d tasks run", running, total)}
	}
	for i, l := range lines {
		p.put(max((p.w-width(l))/2, 0), p.h/4+i, plain, fit(l, p.w))
	}
	list := p.sub(0, p.h/4+3, p.w, p.h)
	y := 0
	for _, t := range c.s.tasks() {
		if t.State != taskRunning {
			list.put(2, y, warning, fit(strings.TrimSuffix(t.Name+" "+t.State+": "+t.why(), ": "), p.w-2))
			y++
		}
	}
}

// bottom is the last line: what is being typed, a notice, or the keys.
func (c *canvas) bottom(p pane) {
	m := c.m
	switch {
	case m.prompt.open():
		c.promptLine(p)
		return
	case m.notice != "":
		p.put(1, 0, strong, m.notice)
		return
	}
	hints := m.hints()
	last := hints[max(len(hints)-2, 0):] // help and quit, which always have room
	end := p.w
	for _, h := range last {
		end -= h.width() + 2
	}
	x := 1
	for i, h := range hints {
		if i == len(hints)-len(last) {
			end = p.w
		}
		if x+h.width() <= end {
			x = p.put(x, 0, keyHint, h.key)
			x = p.put(x, 0, faint, " "+h.word) + 2
		}
	}
	if m.filter != "" {
		p.putRight(p.w-1, 0, warning, " filter: "+string(m.filter))
	}
}

// hint is a key and what it is for, in one word.
type hint struct{ key, word string }

func (h hint) width() int { return width(h.key) + 1 + width(h.word) }

// hints are the keys of the bottom line, from the key table: first those of the
// page on show, of the others help and quit last.
func (m *model) hints() []hint {
	var own, others []hint
	table := bindings()
	for i := range table {
		b := &table[i]
		if b.hint == "" || !b.works(m) {
			continue
		}
		key := m.glyphs.key(b.keys[0])
		if len(b.keys) > 2 {
			key = b.keyNames(m.glyphs)
		}
		if h := (hint{key, b.hint}); len(b.pages) > 0 {
			own = append(own, h)
		} else {
			others = append(others, h)
		}
	}
	return slices.Concat(others[:1], own, others[1:])
}

func (c *canvas) promptLine(p pane) {
	prompt := &c.m.prompt
	lead := map[promptKind]string{promptFilter: "/", promptCommand: ":"}[prompt.kind]
	class := strong
	if prompt.kind == promptConfirm {
		lead = prompt.warning + " Type " + prompt.word + " to confirm: "
		class = alarming
	}
	x := p.put(0, 0, class, fit(lead, p.w-8))
	p.put(x, 0, plain, prompt.string())
	if len(prompt.choices) > 1 {
		end := x + len(prompt.text) + 2
		p.sub(end, 0, p.w-end, 1).put(0, 0, faint, strings.Join(prompt.choices, " "))
	}
	p.f.cursorX, p.f.cursorY = min(p.x+x+width(string(prompt.text[:prompt.cursor])), p.f.width-1), p.y
}

// hms writes a time of the building as h:mm:ss.
func hms(t time.Duration) string {
	s := int64(t / time.Second)
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// short writes a duration in at most four columns: 59s, 12m, 3h, 9d.
func short(d time.Duration) string {
	switch s := int64(max(d, 0) / time.Second); {
	case s < 100:
		return fmt.Sprintf("%ds", s)
	case s < 100*60:
		return fmt.Sprintf("%dm", s/60)
	case s < 100*3600:
		return fmt.Sprintf("%dh", s/3600)
	default:
		return fmt.Sprintf("%dd", s/86400)
	}
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
