package ui

import (
	"fmt"
	"math"

	"elevator/internal/elevator"
	"elevator/internal/elevator/stats"
)

// windowMinutes is the time over which the group page averages.
const windowMinutes = 15

// averages shows how well people are carried: those who arrived in the last
// quarter of an hour and, where the scheduler says, in the whole run.
func (c *canvas) averages(p pane) {
	recent, run := &c.s.figures.quarter, &c.s.figures.run
	first, second := p.w-8, p.w
	p.put(0, 0, faint, "People")
	p.putRight(first, 0, faint, fmt.Sprintf("%d min", windowMinutes))
	p.putRight(second, 0, faint, "run")
	line := func(y int, label, now, all string, class role) {
		p.put(0, y, faint, label)
		p.putRight(first, y, class, now)
		if c.s.figures.runKnown {
			p.putRight(second, y, plain, all)
		}
	}
	mean, worst := waitClasses(recent)
	line(1, "wait", c.figure(recent, recent.WaitS.Mean), c.figure(run, run.WaitS.Mean), mean)
	line(2, "90% under", c.figure(recent, recent.WaitS.P90), c.figure(run, run.WaitS.P90), plain)
	line(3, "longest", c.figure(recent, recent.WaitS.Max), c.figure(run, run.WaitS.Max), worst)
	line(4, "over 60 s", c.share(recent, recent.WaitS.Over60Ratio), c.share(run, run.WaitS.Over60Ratio), worst)
	line(5, "ride", c.figure(recent, recent.TransitS.Mean), c.figure(run, run.TransitS.Mean), plain)
	line(6, "to dest.", c.figure(recent, recent.TimeToDestinationS.Mean), c.figure(run, run.TimeToDestinationS.Mean), plain)
	p.put(0, 7, faint, "carried")
	p.putRight(first, 7, plain, fmt.Sprint(recent.Carried))
	p.putRight(second, 7, plain, fmt.Sprint(c.s.group.Carried))
	p.put(0, 8, faint, "waiting now")
	p.putRight(first, 8, plain, fmt.Sprint(c.s.group.WaitingTotal()))
	p.put(0, 9, faint, "riding now")
	p.putRight(first, 9, plain, fmt.Sprint(c.s.group.Riding()))
}

// waitClasses makes long waits conspicuous, in the mean and single ones.
func waitClasses(r *stats.Result) (mean, worst role) {
	if r.WaitS.Mean > longWait.Seconds()/2 {
		mean = warning
	}
	if r.WaitS.Max > longWait.Seconds() {
		worst = warning
	}
	return mean, worst
}

// figure writes seconds, or nothing where nobody travelled or the queue grows and
// there is no such mean.
func (c *canvas) figure(r *stats.Result, seconds float64) string {
	if r.Passengers == 0 || math.IsNaN(seconds) {
		return c.g.none
	}
	return fmt.Sprintf("%.1f s", seconds)
}

// share writes a ratio in percent, or nothing where figure does.
func (c *canvas) share(r *stats.Result, ratio float64) string {
	if r.Passengers == 0 || math.IsNaN(ratio) {
		return c.g.none
	}
	return fmt.Sprintf("%.1f %%", 100*ratio)
}

// averageLines says the same in two lines.
func (c *canvas) averageLines(p pane) {
	recent := &c.s.figures.quarter
	mean, worst := waitClasses(recent)
	x := p.put(1, 0, faint, fmt.Sprintf("%d min: wait ", windowMinutes))
	x = p.put(x, 0, mean, c.figure(recent, recent.WaitS.Mean))
	if p.w >= 60 {
		x = p.put(x, 0, faint, "  longest ")
		x = p.put(x, 0, worst, c.figure(recent, recent.WaitS.Max))
	}
	x = p.put(x, 0, faint, "  to dest. ")
	p.put(x, 0, plain, c.figure(recent, recent.TimeToDestinationS.Mean))
	x = p.put(1, 1, faint, "waiting ")
	x = p.put(x, 1, plain, fmt.Sprint(c.s.group.WaitingTotal()))
	x = p.put(x, 1, faint, "  riding ")
	x = p.put(x, 1, plain, fmt.Sprint(c.s.group.Riding()))
	x = p.put(x, 1, faint, "  carried ")
	p.put(x, 1, plain, fmt.Sprint(c.s.group.Carried))
}

// taskLine says whether the group's tasks run, and where: in one line, or
// with a line for each agent.
func (c *canvas) taskLine(p pane) {
	running, total, agents := c.s.taskCounts()
	if p.h == 0 || total == 0 {
		return
	}
	for i, a := range agents {
		if p.h < 3 || i+2 > p.h-1 {
			break
		}
		x := p.put(1, i+2, faint, fit(a.name, 20)+"  ")
		for _, t := range c.s.tasks() {
			if t.host() == a.name && t.State == taskRunning && x+width(t.Name) < p.w {
				x = p.put(x, i+2, plain, t.Name) + 1
			}
		}
	}
	class := plain
	if running < total {
		class = warning
	}
	x := p.put(1, 0, faint, "Tasks ")
	x = p.put(x, 0, class, fmt.Sprintf("%d of %d running", running, total))
	for _, a := range agents {
		text := fmt.Sprintf("%s %d", a.name, a.running)
		if x+2+width(text) > p.w {
			break
		}
		x = p.put(x+2, 0, faint, text)
	}
	for _, t := range c.s.tasks() {
		if t.State != taskRunning && x+6 < p.w {
			text := t.Name + " " + t.State
			if why := t.why(); why != "" {
				text += ": " + why
			}
			p.sub(x+2, 0, p.w-x-2, 1).put(0, 0, warning, fit(text, p.w-x-2))
			return
		}
	}
}

// latestEvents shows the newest events, the newest last.
func (c *canvas) latestEvents(p pane) {
	events := c.s.log.events
	events = events[max(len(events)-p.h, 0):]
	for i := range events {
		c.eventLine(p, p.h-len(events)+i, &events[i])
	}
}

// eventLine writes one event.
func (c *canvas) eventLine(p pane, y int, e *elevator.Event) {
	class := faint
	if e.Kind >= elevator.ModeChanged && e.Kind != elevator.CommandGiven {
		class = plain
	}
	if e.Kind == elevator.FaultRaised {
		class = alarming
	}
	p.sub(1, y, p.w-1, 1).put(0, 0, class, fit(Sentence(c.s.building, e), p.w-1))
}
