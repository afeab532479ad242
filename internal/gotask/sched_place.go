package gotask

import (
	"slices"
	"strconv"
	"time"

	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
)

func portVariable(i int) string  { return "PORT" + strconv.Itoa(i) }
func formatPort(p uint64) string { return strconv.FormatUint(p, 10) }

// place launches all wanted tasks if the held offers cover them, and reports whether they did.
func (s *GoTaskScheduler) place(now time.Time, wanted []*task) bool {
	exec := s.executorInfo()
	type room struct {
		a         assignment
		cpus, mem float64
		hasExec   bool
	}
	rooms := map[string]*room{}
	var order []string
	for _, id := range s.offers.ids() {
		o := s.offers.held[id].offer
		r := rooms[o.AgentID.Value]
		if r == nil {
			r = &room{a: assignment{agent: s.agentRef(o.AgentID.Value)}}
			rooms[o.AgentID.Value] = r
			order = append(order, o.AgentID.Value)
		}
		r.a.offers = append(r.a.offers, o.ID)
		r.hasExec = r.hasExec || slices.Contains(o.ExecutorIDs, exec.ExecutorID)
		for _, res := range o.Resources {
			switch res.Name {
			case "cpus":
				r.cpus += res.GetScalar().GetValue()
			case "mem":
				r.mem += res.GetScalar().GetValue()
			}
		}
	}
	for i, t := range wanted {
		placed := false
		for j := range order {
			r := rooms[order[(i+j)%len(order)]]
			need := t.spec.Resources
			cpus, mem := need.CPUs, need.MemMB
			if !r.hasExec && len(r.a.tasks) == 0 {
				cpus += s.cfg.ExecutorResources.CPUs
				mem += s.cfg.ExecutorResources.MemMB
			}
			if cpus <= r.cpus+1e-9 && mem <= r.mem+1e-9 {
				r.cpus -= cpus
				r.mem -= mem
				r.a.tasks = append(r.a.tasks, assigned{task: t, resources: scalarResources(need, s.cfg.Role)})
				placed = true
				break
			}
		}
		if !placed {
			t.pending = "no held offer has room"
			return false
		}
	}
	var plan []assignment
	for _, id := range order {
		if len(rooms[id].a.tasks) > 0 {
			plan = append(plan, rooms[id].a)
		}
	}
	s.launch(now, plan)
	return true
}

var _ = mesosv1.Offer{}
