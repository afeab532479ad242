package placement

import (
	"cmp"
	"fmt"
	"slices"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
)

// problem is what Place has to solve.
type problem struct {
	bins    []*bin
	wanted  []Task
	options Options
	total   [kinds]Amount // offered, all bins
	faults  []string      // of each task: why it can never run as described
}

// Place decides where the wanted tasks run among the offers held together. It never gives out more than an offer has,
// nor a port twice, and reads its arguments only.
func Place(offers []mesos.Offer, wanted []Task, options Options) Result {
	p := &problem{bins: gather(offers), wanted: wanted, options: options, faults: faults(wanted)}
	for _, b := range p.bins {
		for k := range kinds {
			p.total[k] += b.free[k]
		}
	}
	best := p.solve()
	result := Result{Pending: best.pending()}
	usedOffers := map[string]bool{}
	if len(result.Pending) == 0 || options.Partial {
		for b := range p.bins {
			if best.room[b].tasks > 0 {
				launch := best.launch(b)
				result.Launches = append(result.Launches, launch)
				for _, id := range launch.OfferIDs {
					usedOffers[id.Value] = true
				}
			}
		}
	}
	for i := range offers {
		if !usedOffers[offers[i].ID.Value] {
			result.Unused = append(result.Unused, offers[i].ID)
		}
	}
	return result
}

// solve returns the first attempt that places all tasks, else the one that places most.
func (p *problem) solve() *attempt {
	var best *attempt
	for _, order := range [][]int{p.bigFirst(), p.rareFirst()} {
		for _, rule := range []choice{emptiest, tightest} {
			a := p.attempt(order, rule)
			if best == nil || a.count > best.count {
				best = a
			}
			if best.count == len(p.wanted) {
				return best
			}
		}
	}
	return best
}

// bigFirst orders the tasks by the greatest share they need of anything offered, falling.
func (p *problem) bigFirst() []int {
	size := make([]float64, len(p.wanted))
	for t := range p.wanted {
		need := p.wanted[t].Resources.amounts()
		for k := range kinds {
			if need[k] > 0 {
				size[t] = max(size[t], float64(need[k])/float64(max(p.total[k], 1)))
			}
		}
	}
	return p.ordered(func(x, y int) int { return cmp.Compare(size[y], size[x]) })
}

// rareFirst orders the tasks by the number of bins they would fit into, rising, and those equal in that as bigFirst.
func (p *problem) rareFirst() []int {
	places := make([]int, len(p.wanted))
	empty := p.attempt(nil, emptiest)
	for t := range p.wanted {
		for b := range p.bins {
			if empty.obstacle(t, b) == "" && len(empty.lacking(t, b)) == 0 {
				places[t]++
			}
		}
	}
	order := p.bigFirst()
	slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(places[x], places[y]) })
	return order
}

func (p *problem) ordered(compare func(x, y int) int) []int {
	order := make([]int, len(p.wanted))
	for t := range order {
		order[t] = t
	}
	slices.SortStableFunc(order, compare)
	return order
}

// launch turns the amounts given out of a bin into concrete resources. It uses up the bin.
func (a *attempt) launch(b int) Launch {
	where := a.problem.bins[b]
	launch := Launch{AgentID: where.agent.id, Hostname: where.agent.hostname, Role: where.role}
	used := make([]bool, len(where.offers))
	started := map[string]bool{}
	for _, t := range a.order {
		if a.placed[t] != b {
			continue
		}
		task := &a.problem.wanted[t]
		id := task.Executor.ID
		if payer, isNew := a.started[executorKey{where.agent, id}]; isNew && payer == b && !started[id] {
			started[id] = true
			launch.Executors = append(launch.Executors, Placed{ID: id, ExecutorID: id, Resources: where.take(task.Executor.Resources, used)})
		}
		launch.Tasks = append(launch.Tasks, Placed{ID: task.ID, ExecutorID: id, Resources: where.take(task.Resources, used)})
	}
	for i, offer := range where.offers {
		if used[i] {
			launch.OfferIDs = append(launch.OfferIDs, offer.ID)
		}
	}
	return launch
}

// faults finds the tasks that no offer could satisfy, and says why.
func faults(wanted []Task) []string {
	faults := make([]string, len(wanted))
	seen := map[string]bool{}
	executors := map[string]Resources{}
	for t := range wanted {
		task := &wanted[t]
		resources, known := executors[task.Executor.ID]
		switch {
		case task.ID == "":
			faults[t] = "has no id"
		case seen[task.ID]:
			faults[t] = "is wanted twice"
		case task.Resources == Resources{}:
			faults[t] = "asks for no resources, which Mesos refuses"
		case isOutOfRange(task.Resources) || isOutOfRange(task.Executor.Resources):
			faults[t] = "asks for a negative or impossibly great amount"
		case task.Executor.ID != "" && known && resources != task.Executor.Resources:
			faults[t] = fmt.Sprintf("wants executor %s with other resources than a task before it", task.Executor.ID)
		}
		seen[task.ID] = true
		executors[task.Executor.ID] = task.Executor.Resources
	}
	return faults
}

func isOutOfRange(r Resources) bool {
	amounts := r.amounts()
	return slices.ContainsFunc(amounts[:], func(a Amount) bool { return a < 0 || a > maxAmount })
}
