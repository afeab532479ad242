package gotask

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"time"

	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// assignment is what to launch on one agent out of which offers.
type assignment struct {
	offers   []mesosv1.OfferID
	agent    AgentRef
	executor *mesosv1.ExecutorInfo
	tasks    []assigned
}

// assigned is one task of an assignment with the resources it gets.
type assigned struct {
	task      *task
	resources []mesosv1.Resource
}

// launch sends the tasks of all assignments to their agents. The tasks' ids are stored before.
func (s *GoTaskScheduler) launch(now time.Time, plan []assignment) {
	var calls []*scheduler.Call
	used := 0
	for _, a := range plan {
		var infos []mesosv1.TaskInfo
		for _, as := range a.tasks {
			t := as.task
			t.attempt++
			s.attempts[t.name] = t.attempt
			t.agent, t.exec = a.agent, a.executor.ExecutorID.Value
			t.intent, t.patience = intentNone, 0
			t.deadline = now.Add(s.cfg.LaunchTimeout)
			infos = append(infos, s.taskInfo(as, a.executor))
		}
		calls = append(calls, &scheduler.Call{Type: scheduler.Call_ACCEPT, Accept: &scheduler.Call_Accept{
			OfferIDs: a.offers,
			Operations: []mesosv1.Offer_Operation{{
				Type: mesosv1.Offer_Operation_LAUNCH, Launch: &mesosv1.Offer_Operation_Launch{TaskInfos: infos},
			}},
			Filters: filters(minRefuse),
		}})
		used += len(a.offers)
		for _, id := range a.offers {
			delete(s.offers.held, id.Value)
		}
	}
	s.dirty()
	for _, call := range calls {
		s.call(call)
	}
	s.cfg.Observer.Offers(used, 0)
	n := 0
	for _, a := range plan {
		for _, as := range a.tasks {
			s.setState(now, as.task, TaskLaunched)
			s.taskEvent(now, EventTaskLaunched, as.task, "", "")
			s.openLink(now, as.task)
			n++
		}
	}
	s.cfg.Observer.Launched(n)
	s.offers.refuse = minRefuse
}

func (s *GoTaskScheduler) taskInfo(as assigned, exec *mesosv1.ExecutorInfo) mesosv1.TaskInfo {
	t := as.task
	return mesosv1.TaskInfo{
		Name: t.name, TaskID: mesosv1.TaskID{Value: t.id()}, AgentID: mesosv1.AgentID{Value: t.agent.ID},
		Resources: as.resources, Executor: exec,
		Data: encodeTaskData(taskData{
			Type: t.spec.Type, Name: t.name, Index: t.index, Attempt: t.attempt,
			Args: t.spec.Args, Env: withPorts(t.spec.Env, as.resources), KillGrace: t.spec.KillGrace, Outlives: s.knownLife(t),
		}),
	}
}

// withPorts adds the ports among the resources to env, as PORT0, PORT1, ….
func withPorts(env map[string]string, resources []mesosv1.Resource) map[string]string {
	var ports []uint64
	for _, r := range resources {
		if r.Name != "ports" {
			continue
		}
		for _, span := range r.GetRanges().GetRange() {
			for p := span.Begin; p <= span.End; p++ {
				ports = append(ports, p)
			}
		}
	}
	if len(ports) == 0 {
		return env
	}
	all := map[string]string{}
	maps.Copy(all, env)
	for i, p := range ports {
		all["PORT"+strconv.Itoa(i)] = strconv.FormatUint(p, 10)
	}
	return all
}

// executorInfo describes the executor. Its id holds a hash of all the rest: an agent refuses an ExecutorInfo that differs
// from the one it has under the same id, and a changed executor is another one. The resources are as wanted; those of an
// executor on an agent are as they were offered there.
func (s *GoTaskScheduler) executorInfo() *mesosv1.ExecutorInfo {
	info := &mesosv1.ExecutorInfo{
		Type:        mesosv1.ExecutorInfo_CUSTOM,
		Name:        new(s.cfg.FrameworkName),
		FrameworkID: &mesosv1.FrameworkID{Value: s.frameworkID},
		Command:     s.executorCommand(),
		Resources:   scalarResources(s.cfg.ExecutorResources, s.cfg.Role),
	}
	data, err := info.Marshal()
	if err != nil {
		s.log.Error("executor description does not marshal", "err", err)
	}
	sum := sha256.Sum256(data)
	info.ExecutorID.Value = "gotask-" + hex.EncodeToString(sum[:6])
	return info
}

func (s *GoTaskScheduler) executorCommand() *mesosv1.CommandInfo {
	c := &mesosv1.CommandInfo{Shell: new(false)}
	env := map[string]string{}
	maps.Copy(env, s.cfg.ExecutorEnv)
	if s.artifact == nil {
		c.Value = &s.cfg.ExecutorCommand[0]
		c.Arguments = s.cfg.ExecutorCommand
	} else {
		c.Value = new("./" + s.artifact.name)
		c.Arguments = append([]string{s.artifact.name}, s.cfg.ExecutorArgs...)
		c.URIs = []mesosv1.CommandInfo_URI{{
			Value:      s.artifact.url(s.cfg.ArtifactAdvertise, s.localHost),
			Executable: new(true), Extract: new(false), Cache: new(true),
		}}
		env[envExecutorHash] = s.artifact.sum
	}
	if len(env) > 0 {
		c.Environment = &mesosv1.Environment{}
		for _, name := range slices.Sorted(maps.Keys(env)) {
			c.Environment.Variables = append(c.Environment.Variables, mesosv1.Environment_Variable{Name: name, Value: new(env[name])})
		}
	}
	return c
}

// scalarResources is r as Mesos has it, without ports. allocated is the role of the offers.
func scalarResources(r Resources, allocated string) []mesosv1.Resource {
	var list []mesosv1.Resource
	for _, x := range []struct {
		name  string
		value float64
	}{{"cpus", r.CPUs}, {"mem", r.MemMB}, {"disk", r.DiskMB}} {
		if x.value > 0 {
			list = append(list, mesosv1.Resource{
				Name: x.name, Type: mesosv1.SCALAR.Enum(), Scalar: &mesosv1.Value_Scalar{Value: x.value},
				AllocationInfo: &mesosv1.Resource_AllocationInfo{Role: &allocated},
			})
		}
	}
	return list
}
