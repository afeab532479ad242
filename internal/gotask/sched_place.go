package gotask

import (
	"fmt"
	"strconv"
	"time"

	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"

	"elevator/internal/gotask/placement"
)

// place launches all wanted tasks if the held offers cover them, and reports whether they did. If not, every wanted task
// gets the reason why it waits.
func (s *GoTaskScheduler) place(now time.Time, wanted []*task) bool {
	exec := s.executorInfo()
	byName := make(map[string]*task, len(wanted))
	tasks := make([]placement.Task, 0, len(wanted))
	for _, t := range wanted {
		byName[t.name] = t
		t.pending = "waits for the other tasks: all are launched together"
		tasks = append(tasks, placement.Task{
			ID: t.name, Group: t.spec.Name, Role: s.cfg.Role,
			Resources:   amounts(t.spec.Resources),
			Executor:    placement.Executor{ID: exec.ExecutorID.Value, Resources: amounts(s.cfg.ExecutorResources)},
			Constraints: placementConstraints(t.spec.Constraints),
		})
	}
	var offers []mesosv1.Offer
	for _, id := range s.offers.ids() {
		offers = append(offers, s.offers.held[id].offer)
	}
	result := placement.Place(offers, tasks, placement.Options{Running: s.placed()})
	if len(result.Pending) > 0 {
		for _, p := range result.Pending {
			byName[p.ID].pending = p.Reason
		}
		return false
	}
	var plan []assignment
	for _, l := range result.Launches {
		plan = append(plan, s.assign(l, exec, byName))
	}
	s.launch(now, plan)
	return true
}

// assign turns what placement decided for one agent into an assignment.
func (s *GoTaskScheduler) assign(l placement.Launch, exec *mesosv1.ExecutorInfo, byName map[string]*task) assignment {
	a := assignment{agent: AgentRef{ID: l.AgentID, Hostname: l.Hostname}, offers: l.OfferIDs}
	key := peerKey{l.AgentID, exec.ExecutorID.Value}
	for _, started := range l.Executors {
		fresh := *exec
		fresh.Resources = started.Resources
		s.executors[key] = &fresh
	}
	// An executor that runs must be described as it was when it was started.
	if a.executor = s.executors[key]; a.executor == nil {
		a.executor = exec
		s.executors[key] = exec
	}
	for _, p := range l.Tasks {
		a.tasks = append(a.tasks, assigned{task: byName[p.ID], resources: p.Resources})
	}
	return a
}

// placed lists the live tasks for constraints and for an even spread.
func (s *GoTaskScheduler) placed() []placement.Running {
	var running []placement.Running
	for _, t := range s.order {
		if t.live() {
			running = append(running, placement.Running{
				Group: t.spec.Name, AgentID: t.agent.ID, Hostname: t.agent.Hostname, Attributes: s.attributes[t.agent.ID],
			})
		}
	}
	return running
}

func amounts(r Resources) placement.Resources {
	return placement.Resources{
		CPUs: placement.AmountOf(r.CPUs), MemMB: placement.AmountOf(r.MemMB), DiskMB: placement.AmountOf(r.DiskMB), Ports: r.Ports,
	}
}

func placementConstraints(constraints []Constraint) []placement.Constraint {
	var list []placement.Constraint
	for _, c := range constraints {
		if p, err := c.placement(); err == nil { // they were checked when the task was spawned
			list = append(list, p)
		}
	}
	return list
}

// placement translates the constraint, or says what is wrong with it.
func (c Constraint) placement() (placement.Constraint, error) {
	p := placement.Constraint{Attribute: c.Attribute, Value: c.Value}
	if c.Attribute == "" {
		return p, fmt.Errorf("constraint %q: it names no attribute", c.Op)
	}
	switch c.Op {
	case OpEquals:
		p.Kind = placement.Require
	case OpNotEquals:
		p.Kind = placement.Avoid
	case OpUnique:
		p.Kind, p.Max, p.Value = placement.AtMost, 1, ""
	case OpMaxPer:
		n, err := strconv.Atoi(c.Value)
		if err != nil || n < 1 {
			return p, fmt.Errorf("constraint %s %s %q: want a number from 1", c.Attribute, c.Op, c.Value)
		}
		p.Kind, p.Max, p.Value = placement.AtMost, n, ""
	default:
		return p, fmt.Errorf("constraint %s: operator %q: want %s, %s, %s or %s", c.Attribute, c.Op, OpEquals, OpNotEquals, OpUnique, OpMaxPer)
	}
	return p, nil
}
