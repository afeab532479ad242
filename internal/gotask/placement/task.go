package placement

import (
	"fmt"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
)

// Task is a task to be placed.
type Task struct {
	ID string
	// Group is what constraints count: usually the task's name without its index.
	Group     string
	Resources Resources
	Executor  Executor
	// Role is the allocation role whose offers may be used, or empty for any.
	Role        string
	Constraints []Constraint
}

// Executor is the executor a task runs in. Tasks with the same executor id share one executor on each agent, and must
// agree about its resources. An empty ID means that the task has none to be charged for.
type Executor struct {
	ID        string
	Resources Resources
}

// ConstraintKind is what a Constraint demands.
type ConstraintKind int

// The kinds of Constraint.
const (
	// Require takes only agents whose attribute has the value.
	Require ConstraintKind = iota + 1
	// Avoid leaves out agents whose attribute has the value.
	Avoid
	// AtMost lets at most Max tasks of the group run where the attribute has the same value; with the attribute
	// Hostname or Agent it spreads them over machines. Agents without the attribute are left out.
	AtMost
)

// Names that stand in for an attribute in a Constraint.
const (
	Hostname = "hostname"
	Agent    = "agent" // the agent's id
)

// Constraint limits where a task may run. Attributes are compared as text.
type Constraint struct {
	Kind      ConstraintKind
	Attribute string
	Value     string // for Require and Avoid
	Max       int    // for AtMost
}

// String prints the constraint the way reasons do.
func (c Constraint) String() string {
	switch c.Kind {
	case Require:
		return fmt.Sprintf("%s must be %s", c.Attribute, c.Value)
	case Avoid:
		return fmt.Sprintf("%s must not be %s", c.Attribute, c.Value)
	case AtMost:
		return fmt.Sprintf("at most %d per %s", c.Max, c.Attribute)
	}
	return fmt.Sprintf("unknown constraint %d", int(c.Kind))
}

// Running is a task that runs already and counts for AtMost and for the even spread.
type Running struct {
	Group      string
	AgentID    string
	Hostname   string
	Attributes []mesos.Attribute
}

// Options change how Place works.
type Options struct {
	// Partial launches what fits although other tasks have to wait.
	Partial bool
	// MaxTasksPerAgent, if positive, bounds the tasks on one agent, running ones included.
	MaxTasksPerAgent int
	Running          []Running
}

// Result is what Place decided.
type Result struct {
	// Launches are in order of agent id and role, at most one each.
	Launches []Launch
	// Unused are the ids of the offers that no launch uses, in the order given. They may be kept or declined.
	Unused []mesos.OfferID
	// Pending are the tasks that have to wait, in the order given.
	Pending []Pending
}

// Launch is what to accept on one agent.
type Launch struct {
	AgentID  string
	Hostname string
	Role     string // allocation role, empty for a framework without MULTI_ROLE
	OfferIDs []mesos.OfferID
	// Executors are those that this launch starts, in order of their first task, with the resources of their
	// ExecutorInfo.
	Executors []Placed
	Tasks     []Placed // big ones first
}

// Placed is a task or an executor with concrete resources, which carry reservation and allocation as offered.
type Placed struct {
	ID         string
	ExecutorID string
	Resources  []mesos.Resource
}

// Pending is a task that has to wait, and why.
type Pending struct {
	ID     string
	Reason string
}
