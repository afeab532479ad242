package localmesos

import (
	"fmt"
	"slices"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// accept uses offers: all of one agent, all outstanding, or nothing is launched.
func (m *master) accept(f *framework, call *scheduler.Call_Accept) {
	if len(call.OfferIDs) == 0 && len(call.Operations) == 0 {
		return
	}
	named, problem := m.gather(f, call.OfferIDs)
	var pool bundle
	for _, o := range named {
		m.releaseOffer(o)
		pool = pool.plus(o.resources)
	}
	if problem != nil {
		m.refuseAll(f, call.Operations, mesos.REASON_INVALID_OFFERS,
			fmt.Sprintf("Task launched with invalid offers: %v", problem))
		return
	}
	a, role := named[0].agent, named[0].role
	switch {
	case m.agents[a.id] != a:
		m.refuseAll(f, call.Operations, mesos.REASON_AGENT_REMOVED, "Agent removed")
		return
	case a.link == nil:
		m.refuseAll(f, call.Operations, mesos.REASON_AGENT_DISCONNECTED, "Agent disconnected")
		return
	}
	for i := range call.Operations {
		switch op := &call.Operations[i]; {
		case op.Type == mesos.Offer_Operation_LAUNCH && op.Launch != nil:
			for j := range op.Launch.TaskInfos {
				t := &op.Launch.TaskInfos[j]
				if op.ID != nil {
					m.refuseTask(f, t, mesos.TASK_ERROR, mesos.REASON_TASK_INVALID,
						"The `id` field cannot be set on LAUNCH operations")
					continue
				}
				pool = m.launch(f, a, role, pool, t)
			}
		case op.Type == mesos.Offer_Operation_LAUNCH_GROUP && op.LaunchGroup != nil:
			pool = m.launchGroup(f, a, role, pool, op.LaunchGroup)
		}
	}
	m.refuse(f, role, a.id, pool, call.Filters)
}

// gather finds the named offers, each once, and what is wrong with naming them
// together.
func (m *master) gather(f *framework, ids []mesos.OfferID) (offers []*offer, problem error) {
	if len(ids) == 0 {
		return nil, fmt.Errorf("No offers specified")
	}
	for i, id := range ids {
		o := f.offers[id.Value]
		switch {
		case slices.Contains(ids[:i], id):
			problem = orElse(problem, fmt.Errorf("Duplicate offer %s in offer list", id.Value))
			continue
		case o == nil && m.isForeign(f, id.Value):
			problem = orElse(problem, fmt.Errorf("Offer %s has invalid framework %s while framework %s is expected",
				id.Value, m.ownerOf(id.Value), f.id))
			continue
		case o == nil:
			problem = orElse(problem, fmt.Errorf("Offer %s is no longer valid", id.Value))
			continue
		case len(offers) > 0 && o.agent != offers[0].agent:
			problem = orElse(problem, fmt.Errorf("Aggregated offers must belong to one single agent. Offer %s uses agent %s and agent %s",
				id.Value, o.agent.id, offers[0].agent.id))
		case len(offers) > 0 && o.role != offers[0].role:
			problem = orElse(problem, fmt.Errorf("Aggregated offers must be allocated to the same role. Offer %s uses role '%s' but another is using role '%s'",
				id.Value, o.role, offers[0].role))
		}
		offers = append(offers, o)
	}
	return offers, problem
}

func orElse(first, second error) error {
	if first != nil {
		return first
	}
	return second
}

func (m *master) isForeign(f *framework, offerID string) bool {
	owner := m.ownerOf(offerID)
	return owner != "" && owner != f.id
}

func (m *master) ownerOf(offerID string) string {
	for _, f := range m.frameworks {
		if f.offers[offerID] != nil {
			return f.id
		}
	}
	return ""
}

// refuseAll drops every task of the operations.
func (m *master) refuseAll(f *framework, operations []mesos.Offer_Operation, reason mesos.TaskStatus_Reason, message string) {
	drop := func(tasks []mesos.TaskInfo) {
		for i := range tasks {
			m.refuseTask(f, &tasks[i], f.lostState(mesos.TASK_DROPPED), reason, message)
		}
	}
	for _, op := range operations {
		switch {
		case op.Type == mesos.Offer_Operation_LAUNCH && op.Launch != nil:
			drop(op.Launch.TaskInfos)
		case op.Type == mesos.Offer_Operation_LAUNCH_GROUP && op.LaunchGroup != nil:
			drop(op.LaunchGroup.TaskGroup.Tasks)
		}
	}
}

// launch starts one task out of the pool and returns what is left of it.
func (m *master) launch(f *framework, a *agentRecord, role string, pool bundle, info *mesos.TaskInfo) bundle {
	prepareTask(f, role, info)
	if err := m.validateTask(f, a, role, pool, info); err != nil {
		m.refuseTask(f, info, mesos.TASK_ERROR, mesos.REASON_TASK_INVALID, err.Error())
		return pool
	}
	pool, isNew := m.book(f, a, role, pool, info, info.Executor)
	latest := f.info
	a.tell(func(a *agent) { a.runTasks(latest, info.Executor, []*mesos.TaskInfo{info}, false, isNew) })
	return pool
}

// launchGroup starts all tasks of a group or none.
func (m *master) launchGroup(f *framework, a *agentRecord, role string, pool bundle, op *mesos.Offer_Operation_LaunchGroup) bundle {
	tasks := op.TaskGroup.Tasks
	executor := &op.Executor
	inject(executor.Resources, role)
	for i := range tasks {
		tasks[i].Executor = nil
		inject(tasks[i].Resources, role)
	}
	if err := m.validateGroup(f, a, role, pool, executor, tasks); err != nil {
		for i := range tasks {
			m.refuseTask(f, &tasks[i], mesos.TASK_ERROR, mesos.REASON_TASK_GROUP_INVALID, err.Error())
		}
		return pool
	}
	launched, isNew := make([]*mesos.TaskInfo, len(tasks)), false
	for i := range tasks {
		tasks[i].Executor = executor
		launched[i] = &tasks[i]
		var first bool
		pool, first = m.book(f, a, role, pool, &tasks[i], executor)
		isNew = isNew || first
	}
	latest := f.info
	a.tell(func(a *agent) { a.runTasks(latest, executor, launched, true, isNew) })
	return pool
}

// book charges a task, and its executor if it is new on the agent.
func (m *master) book(f *framework, a *agentRecord, role string, pool bundle, info *mesos.TaskInfo, executor *mesos.ExecutorInfo) (rest bundle, isNew bool) {
	if a.executor(f.id, executor.ExecutorID.Value) == nil {
		e := &executorRecord{frameworkID: f.id, info: executor, role: role, resources: bundleOf(executor.Resources)}
		m.addExecutor(a, e)
		pool, isNew = pool.minus(e.resources), true
	}
	t := newTask(info, executor.ExecutorID.Value, a.id, role)
	f.tasks[info.TaskID.Value] = t
	a.used = a.used.plus(t.resources)
	f.charge(role, t.resources)
	return pool.minus(t.resources), isNew
}

func newTask(info *mesos.TaskInfo, executorID, agentID, role string) *task {
	return &task{
		info:       info,
		executorID: executorID,
		agentID:    agentID,
		role:       role,
		resources:  bundleOf(info.Resources),
		state:      mesos.TASK_STAGING,
	}
}

func (m *master) addExecutor(a *agentRecord, e *executorRecord) {
	a.executors = append(a.executors, e)
	a.used = a.used.plus(e.resources)
	if f := m.frameworks[e.frameworkID]; f != nil {
		f.charge(e.role, e.resources)
	}
}

func (m *master) removeExecutor(a *agentRecord, e *executorRecord) {
	i := slices.Index(a.executors, e)
	if i < 0 {
		return
	}
	a.executors = slices.Delete(a.executors, i, i+1)
	a.used = a.used.minus(e.resources)
	if f := m.frameworks[e.frameworkID]; f != nil {
		f.discharge(e.role, e.resources)
	}
}

// releaseTask takes a task out of the books, with its resources if it still
// holds them.
func (m *master) releaseTask(f *framework, t *task) {
	if f.tasks[t.info.TaskID.Value] == t {
		delete(f.tasks, t.info.TaskID.Value)
	}
	if !isTerminal(t.state) {
		m.freeTask(f, t)
	}
}

func (m *master) freeTask(f *framework, t *task) {
	f.discharge(t.role, t.resources)
	if a := m.agents[t.agentID]; a != nil {
		a.used = a.used.minus(t.resources)
	}
}

// prepareTask fills in what the framework may leave out.
func prepareTask(f *framework, role string, info *mesos.TaskInfo) {
	inject(info.Resources, role)
	if info.Executor == nil {
		return
	}
	inject(info.Executor.Resources, role)
	if info.Executor.FrameworkID == nil {
		info.Executor.FrameworkID = &mesos.FrameworkID{Value: f.id}
	}
}

// inject sets the allocation's role where the framework did not.
func inject(resources []mesos.Resource, role string) {
	for i := range resources {
		if resources[i].AllocationInfo == nil {
			resources[i].AllocationInfo = &mesos.Resource_AllocationInfo{Role: &role}
		}
	}
}
