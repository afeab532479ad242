package ui

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"elevator/internal/operator"
)

// reasonsEvery is how often reasons are asked for while somebody looks at them.
const reasonsEvery = 2 * time.Second

// reasons is what a site's dispatcher said last of the lit landing calls.
type reasons struct {
	operator.Assignments
	asked   time.Time
	known   bool
	problem string // why they were not to be had
}

// askWhy shows why the landing calls have the cars that they have.
func (m *model) askWhy() []effect {
	m.page = whyPage
	return m.askReasons()
}

// askReasons asks for the reasons, unless they were asked for just now.
func (m *model) askReasons() []effect {
	s := m.live()
	if m.page != whyPage || m.situation() != present || s.link != linkLive || m.wall.Sub(s.reasons.asked) < reasonsEvery {
		return nil
	}
	s.reasons.asked = m.wall
	return []effect{reasonsEffect{m.current}}
}

// learn notes what the dispatcher said.
func (r *reasons) learn(msg reasonsMessage) {
	if msg.err != nil {
		r.problem = msg.err.Error()
		return
	}
	r.Assignments, r.known, r.problem = msg.assignments, true, ""
}

// assignmentName writes a call as the operators' API names it: 7 up or 1→7.
func (c *canvas) assignmentName(a *operator.Assignment) string {
	switch {
	case a.To != "":
		return a.Floor + c.g.arrow + a.To
	case a.Direction == "up":
		return a.Floor + c.g.up
	}
	return a.Floor + c.g.down
}

// assignmentKey tells one call from another.
func assignmentKey(a *operator.Assignment) string { return a.Floor + " " + a.Direction + " " + a.To }

// whyPage lists the lit calls and, of the selected one, what the dispatcher
// holds of each car.
func (c *canvas) whyPage(p pane) {
	r := &c.s.reasons
	switch {
	case c.m.situation() != present:
		p.put(1, 1, plain, fit("the dispatcher's reasons are known for the present only", p.w-2))
		return
	case !r.known:
		p.put(1, 1, plain, fit(cmp.Or(r.problem, "asking the dispatcher"), p.w-2))
		return
	case len(r.Calls) == 0:
		p.put(1, 1, faint, "no landing call is lit")
		return
	}
	at := max(slices.IndexFunc(r.Calls, func(a operator.Assignment) bool { return assignmentKey(&a) == c.m.call }), 0)
	const list = 24
	if p.w < list+44 {
		a := &r.Calls[at]
		text := fmt.Sprintf("%s %s, call %d of %d", c.assignmentName(a), short(time.Duration(a.AgeS*float64(time.Second))), at+1, len(r.Calls))
		p.put(1, 0, strong, fit(text, p.w-2))
		c.bids(p.sub(1, 1, p.w-1, p.h-1), a)
		return
	}
	c.litCalls(p.sub(0, 0, list, p.h), at)
	c.bids(p.sub(list, 0, p.w-list, p.h), &r.Calls[at])
}

func (c *canvas) litCalls(p pane, at int) {
	calls := c.s.reasons.Calls
	p.put(1, 0, faint, "Call        Age  Car")
	rows := p.below(1)
	first := window(len(calls), rows.h, at)
	for i := range min(rows.h, len(calls)-first) {
		a := &calls[first+i]
		if first+i == at {
			rows.put(0, i, strong, c.g.pointer)
		}
		age := time.Duration(a.AgeS * float64(time.Second))
		rows.putFit(1, i, 10, plain, c.assignmentName(a))
		rows.putRight(16, i, callClass(age), short(age))
		rows.putFit(18, i, 5, plain, cmp.Or(a.Car, c.g.none))
	}
}

// bids lists the cars by their cost, those that cannot take the call last.
func (c *canvas) bids(p pane, a *operator.Assignment) {
	r := &c.s.reasons
	p.put(0, 0, faint, "Car")
	p.putRight(16, 0, faint, "Cost")
	p.putRight(25, 0, faint, "Opens in")
	cars := slices.Clone(a.Cars)
	slices.SortStableFunc(cars, func(x, y operator.Bid) int {
		return cmp.Or(cmp.Compare(rank(x), rank(y)), cmp.Compare(figureOf(x.Cost), figureOf(y.Cost)))
	})
	for i, bid := range cars {
		y := i + 1
		if y >= p.h-2 && i < len(cars)-1 {
			p.put(0, y, faint, c.g.more)
			break
		}
		class, remark := plain, bid.Unfit
		switch {
		case bid.Name == a.Car:
			class, remark = strong, "has the call"
		case bid.Unfit != "":
			class = faint
		}
		p.put(0, y, class, shorten(bid.Name, 8))
		if bid.Cost != nil {
			p.putRight(16, y, class, fmt.Sprintf("%.0f", *bid.Cost))
		}
		if bid.OpensS != nil {
			p.putRight(25, y, class, fmt.Sprintf("%.1f s", *bid.OpensS))
		}
		p.sub(27, y, p.w-27, 1).put(0, 0, class, fit(remark, p.w-27))
	}
	foot := p.sub(0, p.h-1, p.w, 1)
	if r.problem != "" {
		foot.put(0, 0, warning, fit(r.problem, p.w))
		return
	}
	foot.put(0, 0, faint, fit("by "+r.Dispatcher+": the least added cost wins", p.w))
}

// rank puts those that cannot take a call behind the others, and in between
// those of whose cost nothing is said.
func rank(b operator.Bid) int {
	switch {
	case b.Unfit != "":
		return 2
	case b.Cost == nil:
		return 1
	}
	return 0
}

func figureOf(v *float64) float64 {
	if v == nil {
		return 0
	}
	return *v
}
