package placement

import (
	"cmp"
	"slices"
)

// attempt is one try to place all tasks, in some order and by some rule. It counts amounts; which pieces of which
// offers they become is settled when the best attempt is known.
type attempt struct {
	problem *problem
	room    []room // by bin
	tasks   map[string]int
	groups  map[groupKey]int
	started map[executorKey]int // bin that pays for an executor started by this attempt
	placed  []int               // bin of each task, or none
	count   int                 // of tasks placed
	order   []int               // tasks in the order placed
}

// none stands for no bin.
const none = -1

// room is what an attempt has left in a bin.
type room struct {
	free  [kinds]Amount
	tasks int
}

// groupKey is what an AtMost constraint counts: tasks of a group by value of an attribute.
type groupKey struct{ group, attribute, value string }

// executorKey names an executor on an agent.
type executorKey struct {
	agent *agent
	id    string
}

// choice is the rule by which a task takes one of the bins it fits into.
type choice int

const (
	emptiest choice = iota // the agent with the fewest tasks, of these the one with most room
	tightest               // the bin with least room left
)

func (p *problem) attempt(order []int, rule choice) *attempt {
	a := &attempt{
		problem: p,
		room:    make([]room, len(p.bins)),
		tasks:   map[string]int{},
		groups:  map[groupKey]int{},
		started: map[executorKey]int{},
		placed:  slices.Repeat([]int{none}, len(p.wanted)),
	}
	for i, b := range p.bins {
		a.room[i] = room{free: b.free}
	}
	for _, running := range p.options.Running {
		a.tasks[running.AgentID]++
		who := agent{id: running.AgentID, attributes: map[string]string{}}
		who.learn(running.Hostname, running.Attributes)
		for name, value := range who.attributes {
			a.groups[groupKey{running.Group, name, value}]++
		}
	}
	for _, t := range order {
		if best := a.choose(t, rule); best != none {
			a.put(t, best)
		}
	}
	return a
}

// choose returns the bin the task takes, or none. Of equal ones it is the first.
func (a *attempt) choose(t int, rule choice) int {
	best := none
	for b := range a.problem.bins {
		if a.problem.faults[t] != "" || a.obstacle(t, b) != "" || len(a.lacking(t, b)) > 0 {
			continue
		}
		if best == none || a.better(t, b, best, rule) {
			best = b
		}
	}
	return best
}

func (a *attempt) better(t, b, than int, rule choice) bool {
	left, leftThan := a.leftShare(t, b), a.leftShare(t, than)
	if rule == tightest {
		return left < leftThan
	}
	tasks, tasksThan := a.tasks[a.problem.bins[b].agent.id], a.tasks[a.problem.bins[than].agent.id]
	return cmp.Or(cmp.Compare(tasks, tasksThan), cmp.Compare(leftThan, left)) < 0
}

// leftShare is how much the bin would have left with the task in it, as a share of everything offered.
func (a *attempt) leftShare(t, b int) (share float64) {
	need := a.need(t, b).amounts()
	for k := range kinds {
		if total := a.problem.total[k]; need[k] > 0 && total > 0 {
			share += float64(a.room[b].free[k]-need[k]) / float64(total)
		}
	}
	return share
}

// need returns what the task takes from the bin, with its executor if that has to be started.
func (a *attempt) need(t, b int) Resources {
	task := &a.problem.wanted[t]
	if a.startsExecutor(t, b) {
		return task.Resources.Plus(task.Executor.Resources)
	}
	return task.Resources
}

func (a *attempt) startsExecutor(t, b int) bool {
	id, where := a.problem.wanted[t].Executor.ID, a.problem.bins[b].agent
	if id == "" || where.executors[id] {
		return false
	}
	payer, started := a.started[executorKey{where, id}]
	return !started || payer != b
}

// lacking returns the kinds of which the bin has not enough left.
func (a *attempt) lacking(t, b int) (lacking []kind) {
	need := a.need(t, b).amounts()
	for k := range kinds {
		if need[k] > a.room[b].free[k] {
			lacking = append(lacking, k)
		}
	}
	return lacking
}

// obstacle returns what keeps the task from the bin other than resources, or nothing.
func (a *attempt) obstacle(t, b int) string {
	task, where := &a.problem.wanted[t], a.problem.bins[b]
	if task.Role != "" && task.Role != where.role {
		return "role must be " + task.Role
	}
	for _, c := range task.Constraints {
		value, known := where.agent.attributes[c.Attribute]
		met := false
		switch c.Kind {
		case Require:
			met = known && value == c.Value
		case Avoid:
			met = !known || value != c.Value
		case AtMost:
			if !known {
				return "no attribute " + c.Attribute
			}
			met = a.groups[groupKey{task.Group, c.Attribute, value}] < c.Max
		}
		if !met {
			return c.String()
		}
	}
	if most := a.problem.options.MaxTasksPerAgent; most > 0 && a.tasks[where.agent.id] >= most {
		return Constraint{Kind: AtMost, Attribute: Agent, Max: most}.String() + " of all tasks"
	}
	if payer, started := a.started[executorKey{where.agent, task.Executor.ID}]; started && payer != b {
		return "executor is started for role " + a.problem.bins[payer].role
	}
	return ""
}

func (a *attempt) put(t, b int) {
	task, where := &a.problem.wanted[t], a.problem.bins[b]
	need := a.need(t, b).amounts()
	for k := range kinds {
		a.room[b].free[k] -= need[k]
	}
	if a.startsExecutor(t, b) {
		a.started[executorKey{where.agent, task.Executor.ID}] = b
	}
	for name, value := range where.agent.attributes {
		a.groups[groupKey{task.Group, name, value}]++
	}
	a.tasks[where.agent.id]++
	a.room[b].tasks++
	a.placed[t] = b
	a.count++
	a.order = append(a.order, t)
}
