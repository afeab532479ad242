package placement

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// pending returns the tasks that have to wait after this attempt, with reasons.
func (a *attempt) pending() []Pending {
	var pending []Pending
	all := len(a.problem.wanted)
	for t := range a.problem.wanted {
		id := a.problem.wanted[t].ID
		switch {
		case a.placed[t] == none:
			pending = append(pending, Pending{id, a.reason(t)})
		case a.count < all && !a.problem.options.Partial:
			pending = append(pending, Pending{id, fmt.Sprintf("fits; waits for %d of %d tasks that do not", all-a.count, all)})
		}
	}
	return pending
}

// reason says why the task found no place beside those that did.
func (a *attempt) reason(t int) string {
	if fault := a.problem.faults[t]; fault != "" {
		return fault
	}
	if len(a.problem.bins) == 0 {
		return "no offers are held"
	}
	best := none
	obstacles := map[string]int{}
	for b := range a.problem.bins {
		if obstacle := a.obstacle(t, b); obstacle != "" {
			obstacles[obstacle]++
		} else if best == none || a.nearer(t, b, best) {
			best = b
		}
	}
	if best == none {
		return "no offer qualifies: " + listObstacles(obstacles)
	}
	reason := a.shortage(t, best)
	if len(obstacles) > 0 {
		reason += "; left out: " + listObstacles(obstacles)
	}
	return reason
}

// nearer says whether the task misses less in one bin than in another: fewer kinds, or a smaller part of its need.
func (a *attempt) nearer(t, b, than int) bool {
	return cmp.Or(
		cmp.Compare(len(a.lacking(t, b)), len(a.lacking(t, than))),
		cmp.Compare(a.missingShare(t, b), a.missingShare(t, than)),
	) < 0
}

func (a *attempt) missingShare(t, b int) (share float64) {
	need := a.need(t, b).amounts()
	for _, k := range a.lacking(t, b) {
		share += float64(need[k]-a.room[b].free[k]) / float64(need[k])
	}
	return share
}

// shortage says what the task lacks in the bin nearest to it.
func (a *attempt) shortage(t, b int) string {
	where := a.problem.bins[b]
	lacking := a.lacking(t, b)
	text := "needs " + describeAll(lacking, a.need(t, b).amounts())
	if a.startsExecutor(t, b) {
		executor := a.problem.wanted[t].Executor.Resources.amounts()
		forExecutor := slices.DeleteFunc(slices.Clone(lacking), func(k kind) bool { return executor[k] == 0 })
		if len(forExecutor) > 0 {
			text += fmt.Sprintf(" (%s of it for the executor)", describeAll(forExecutor, executor))
		}
	}
	text += fmt.Sprintf("; best offer %s has %s", where.agent.id, describeAll(lacking, a.room[b].free))
	switch n := a.room[b].tasks; {
	case n == 1:
		text += " left beside 1 other task"
	case n > 1:
		text += fmt.Sprintf(" left beside %d other tasks", n)
	}
	return text
}

// listObstacles lists obstacles with how many offers each keeps away, the most frequent first.
func listObstacles(obstacles map[string]int) string {
	var parts []string
	for obstacle, n := range obstacles {
		parts = append(parts, fmt.Sprintf("%s (%d)", obstacle, n))
	}
	slices.SortFunc(parts, func(x, y string) int {
		return cmp.Or(cmp.Compare(obstacles[trimCount(y)], obstacles[trimCount(x)]), strings.Compare(x, y))
	})
	return strings.Join(parts, ", ")
}

func trimCount(part string) string { return part[:strings.LastIndex(part, " (")] }
