package localmesos

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
)

// framework is what a master knows of one framework. Guarded by the master.
type framework struct {
	id   string
	info *mesos.FrameworkInfo

	stream   *stream // nil while disconnected
	streamID string
	session  int // counts subscriptions, so that late timers see they are late

	roles      []string
	suppressed map[string]bool
	filters    []filter
	allocated  map[string]bundle // by role: offered and used

	offers      map[string]*offer
	tasks       map[string]*task
	unreachable map[string]*task // tasks on agents marked unreachable
}

// filter keeps resources of an agent away from a role for a while. It matches
// what is a subset of the resources that were refused.
type filter struct {
	role, agentID string
	refused       bundle
	until         time.Time
}

// task is a task in a master's books.
type task struct {
	info       *mesos.TaskInfo
	executorID string
	agentID    string
	role       string
	resources  bundle
	state      mesos.TaskState  // the latest the agent knows
	status     mesos.TaskStatus // the last forwarded, which an acknowledgement is about
	container  *mesos.ContainerStatus
	lostAt     *mesos.TimeInfo // when its agent became unreachable
}

func newFramework(id string, info *mesos.FrameworkInfo, suppressed []string) *framework {
	f := &framework{
		id:          id,
		allocated:   make(map[string]bundle),
		offers:      make(map[string]*offer),
		tasks:       make(map[string]*task),
		unreachable: make(map[string]*task),
	}
	f.update(info, suppressed)
	return f
}

// update takes over a new FrameworkInfo; user and checkpoint never change.
func (f *framework) update(info *mesos.FrameworkInfo, suppressed []string) {
	fresh := *info
	fresh.ID = &mesos.FrameworkID{Value: f.id}
	if f.info != nil {
		fresh.User, fresh.Checkpoint = f.info.User, f.info.Checkpoint
	}
	f.info = &fresh
	f.roles = rolesOf(&fresh)
	f.suppressed = make(map[string]bool)
	for _, role := range suppressed {
		f.suppressed[role] = true
	}
}

func (f *framework) connected() bool { return f.stream != nil }

func (f *framework) can(capability mesos.FrameworkInfo_Capability_Type) bool {
	return hasCapability(f.info, capability)
}

// lostState is what a framework hears of a task that is gone: the precise state
// if it is partition aware, TASK_LOST if not.
func (f *framework) lostState(precise mesos.TaskState) mesos.TaskState {
	if f.can(mesos.FrameworkInfo_Capability_PARTITION_AWARE) {
		return precise
	}
	return mesos.TASK_LOST
}

func (f *framework) failoverTimeout() time.Duration {
	return time.Duration(f.info.GetFailoverTimeout() * float64(time.Second))
}

// refuses says whether a filter keeps the resources away.
func (f *framework) refuses(role, agentID string, available bundle, now time.Time) bool {
	f.filters = slices.DeleteFunc(f.filters, func(x filter) bool { return !x.until.After(now) })
	return slices.ContainsFunc(f.filters, func(x filter) bool {
		return x.role == role && x.agentID == agentID && x.refused.contains(available)
	})
}

func hasCapability(info *mesos.FrameworkInfo, capability mesos.FrameworkInfo_Capability_Type) bool {
	return slices.ContainsFunc(info.Capabilities, func(c mesos.FrameworkInfo_Capability) bool {
		return c.Type == capability
	})
}

func isMultiRole(info *mesos.FrameworkInfo) bool {
	return hasCapability(info, mesos.FrameworkInfo_Capability_MULTI_ROLE)
}

func rolesOf(info *mesos.FrameworkInfo) []string {
	if isMultiRole(info) {
		return info.Roles
	}
	return []string{info.GetRole()}
}

// validateFramework finds what makes a master refuse a FrameworkInfo with an
// ERROR event.
func validateFramework(info *mesos.FrameworkInfo, suppressed []string, refuseRoot bool) error {
	if err := validateRoles(info); err != nil {
		return err
	}
	if timeout := info.GetFailoverTimeout(); math.IsNaN(timeout) || math.Abs(timeout) > float64(math.MaxInt64)/1e9 {
		return fmt.Errorf("The framework failover_timeout (%s) is invalid", floatText(timeout))
	}
	var foreign []string
	for _, role := range suppressed {
		if !slices.Contains(rolesOf(info), role) {
			foreign = append(foreign, role)
		}
	}
	if len(foreign) > 0 {
		return fmt.Errorf("Suppressed roles { %s } are not contained in the set of roles", strings.Join(foreign, ", "))
	}
	if refuseRoot && info.User == "root" {
		return fmt.Errorf("User 'root' is not allowed to run frameworks without --root_submissions set")
	}
	return nil
}

func floatText(f float64) string { return fmt.Sprintf("%g", f) }

func validateRoles(info *mesos.FrameworkInfo) error {
	if !isMultiRole(info) {
		if len(info.Roles) > 0 {
			return fmt.Errorf("'FrameworkInfo.roles' must not be set when the framework is not MULTI_ROLE capable")
		}
		if problem := roleProblem(info.GetRole()); problem != "" {
			return fmt.Errorf("'FrameworkInfo.role' is not a valid role: %s", problem)
		}
		return nil
	}
	if info.Role != nil {
		return fmt.Errorf("'FrameworkInfo.role' must not be set when the framework is MULTI_ROLE capable")
	}
	seen := make(map[string]bool)
	var duplicates []string
	for _, role := range info.Roles {
		if seen[role] && !slices.Contains(duplicates, role) {
			duplicates = append(duplicates, role)
		}
		seen[role] = true
	}
	if len(duplicates) > 0 {
		return fmt.Errorf("'FrameworkInfo.roles' contains duplicate items: { %s }", strings.Join(duplicates, ", "))
	}
	for _, role := range info.Roles {
		if problem := roleProblem(role); problem != "" {
			return fmt.Errorf("'FrameworkInfo.roles' contains invalid role: %s", problem)
		}
	}
	return nil
}

// roleProblem says what is wrong with a role's name, "" if nothing is.
func roleProblem(role string) string {
	switch {
	case role == "*":
		return ""
	case role == "":
		return "Empty role name is invalid"
	case strings.HasPrefix(role, "/"):
		return fmt.Sprintf("Role '%s' cannot start with a slash", role)
	case strings.HasSuffix(role, "/"):
		return fmt.Sprintf("Role '%s' cannot end with a slash", role)
	}
	for component := range strings.SplitSeq(role, "/") {
		switch {
		case component == "":
			return fmt.Sprintf("Role '%s' cannot contain two adjacent slashes", role)
		case component == "." || component == "..":
			return fmt.Sprintf("Role '%s' cannot include '%s' as a component", role, component)
		case component == "*":
			return fmt.Sprintf("Role '%s' cannot include '*' as a component", role)
		case strings.HasPrefix(component, "-"):
			return fmt.Sprintf("Role component '%s' is invalid because it starts with a dash", component)
		case strings.ContainsAny(component, " \t\n\v\f\r\b"):
			return fmt.Sprintf("Role component '%s' is invalid because it contains backspace or whitespace", component)
		}
	}
	return ""
}
