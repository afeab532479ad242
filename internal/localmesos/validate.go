package localmesos

import (
	"errors"
	"fmt"
	"strings"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"github.com/gogo/protobuf/proto"
)

const uuidBytes = 16

var errBadUUID = errors.New("Not a valid UUID")

// isUUID reports whether Mesos takes the bytes for a UUID: 16 of them, with one
// of the versions 1 to 5.
func isUUID(b []byte) bool {
	return len(b) == uuidBytes && b[6]>>4 >= 1 && b[6]>>4 <= 5
}

func missing(field string) error { return fmt.Errorf("Expecting '%s' to be present", field) }

// validateSchedulerCall finds what makes a call malformed, whoever sends it.
func validateSchedulerCall(call *scheduler.Call, principal string) error {
	if call.Type == typeAbsent {
		return missing("type")
	}
	if call.Type == scheduler.Call_SUBSCRIBE {
		return validateSubscribe(call, principal)
	}
	if call.FrameworkID == nil {
		return missing("framework_id")
	}
	switch call.Type {
	case scheduler.Call_ACCEPT:
		return present(call.Accept != nil, "accept")
	case scheduler.Call_DECLINE:
		return present(call.Decline != nil, "decline")
	case scheduler.Call_ACCEPT_INVERSE_OFFERS:
		return present(call.AcceptInverseOffers != nil, "accept_inverse_offers")
	case scheduler.Call_DECLINE_INVERSE_OFFERS:
		return present(call.DeclineInverseOffers != nil, "decline_inverse_offers")
	case scheduler.Call_KILL:
		return present(call.Kill != nil, "kill")
	case scheduler.Call_SHUTDOWN:
		return present(call.Shutdown != nil, "shutdown")
	case scheduler.Call_ACKNOWLEDGE:
		if call.Acknowledge == nil {
			return missing("acknowledge")
		}
		if !isUUID(call.Acknowledge.UUID) {
			return errBadUUID
		}
	case scheduler.Call_ACKNOWLEDGE_OPERATION_STATUS:
		return validateOperationAck(call.AcknowledgeOperationStatus)
	case scheduler.Call_RECONCILE:
		return present(call.Reconcile != nil, "reconcile")
	case scheduler.Call_RECONCILE_OPERATIONS:
		return present(call.ReconcileOperations != nil, "reconcile_operations")
	case scheduler.Call_MESSAGE:
		return present(call.Message != nil, "message")
	case scheduler.Call_REQUEST:
		return present(call.Request != nil, "request")
	case scheduler.Call_UPDATE_FRAMEWORK:
		return validateFrameworkUpdate(call)
	}
	return nil
}

func present(ok bool, field string) error {
	if ok {
		return nil
	}
	return missing(field)
}

func validateSubscribe(call *scheduler.Call, principal string) error {
	if call.Subscribe == nil {
		return missing("subscribe")
	}
	info := call.Subscribe.FrameworkInfo
	if call.GetFrameworkID().GetValue() != info.GetID().GetValue() {
		return errors.New("'framework_id' differs from 'subscribe.framework_info.id'")
	}
	if principal != "" && info.Principal != nil && *info.Principal != principal {
		return fmt.Errorf("Authenticated principal '%s' does not match principal '%s' set in `FrameworkInfo`",
			principal, *info.Principal)
	}
	return nil
}

func validateFrameworkUpdate(call *scheduler.Call) error {
	if call.UpdateFramework == nil {
		return missing("update_framework")
	}
	if call.FrameworkID.Value != call.UpdateFramework.FrameworkInfo.GetID().GetValue() {
		return errors.New("'framework_id' differs from 'update_framework.framework_info.id'")
	}
	return nil
}

func validateOperationAck(ack *scheduler.Call_AcknowledgeOperationStatus) error {
	switch {
	case ack == nil:
		return missing("acknowledge_operation_status")
	case !isUUID(ack.UUID):
		return errBadUUID
	case ack.AgentID == nil:
		return missing("agent_id")
	}
	return nil
}

// validateTask finds what makes a task invalid, against what is left of the
// offers after the tasks before it.
func (m *master) validateTask(f *framework, a *agentRecord, role string, pool bundle, info *mesos.TaskInfo) error {
	if err := m.validateTaskAlone(f, a, info); err != nil {
		return err
	}
	if (info.Executor == nil) == (info.Command == nil) {
		return errors.New("Task should have at least one (but not both) of CommandInfo or ExecutorInfo present")
	}
	if info.Executor == nil {
		return errors.New("Tasks without an ExecutorInfo are not supported by this local cluster; give the task a CUSTOM executor")
	}
	if err := validateExecutor(f, a, info.Executor); err != nil {
		return err
	}
	total := bundleOf(info.Resources)
	if a.executor(f.id, info.Executor.ExecutorID.Value) == nil {
		total = total.plus(bundleOf(info.Executor.Resources))
	}
	asked := allocationRole(role, info.Resources, info.Executor.Resources)
	if asked != role || !pool.contains(total) {
		return fmt.Errorf("Total resources %s required by task and its executor is more than available %s",
			total.text(asked), pool.text(role))
	}
	return nil
}

// validateTaskAlone checks what does not depend on the executor or the pool.
func (m *master) validateTaskAlone(f *framework, a *agentRecord, info *mesos.TaskInfo) error {
	id := info.TaskID.Value
	if err := validateID(id); err != nil {
		return err
	}
	switch {
	case f.tasks[id] != nil:
		return fmt.Errorf("Task has duplicate ID: %s", id)
	case f.unreachable[id] != nil:
		return fmt.Errorf("Task reuses the ID of an unreachable task: %s", id)
	case info.AgentID.Value != a.id:
		return fmt.Errorf("Task uses invalid agent %s while agent %s is expected", info.AgentID.Value, a.id)
	case info.KillPolicy.GetGracePeriod().GetNanoseconds() < 0:
		return errors.New("Task's 'kill_policy.grace_period' must be non-negative")
	case info.MaxCompletionTime.GetNanoseconds() < 0:
		return errors.New("Task's `max_completion_time` must be non-negative")
	case len(info.Resources) == 0:
		return errors.New("Task uses no resources")
	}
	return validateResources(info.Resources)
}

// validateID checks an id that becomes part of a path.
func validateID(id string) error {
	const longest = 255
	switch {
	case id == "":
		return errors.New("ID must not be empty")
	case len(id) > longest:
		return fmt.Errorf("ID must not be greater than %d characters", longest)
	case id == "." || id == "..":
		return fmt.Errorf("'%s' is disallowed", id)
	case strings.ContainsFunc(id, func(r rune) bool { return r < ' ' || r == 0x7f || r == '/' || r == '\\' }):
		return fmt.Errorf("'%s' contains invalid characters", id)
	}
	return nil
}

func validateExecutor(f *framework, a *agentRecord, executor *mesos.ExecutorInfo) error {
	if err := validateID(executor.ExecutorID.Value); err != nil {
		return err
	}
	switch {
	case executor.Type == mesos.ExecutorInfo_CUSTOM && executor.Command == nil:
		return errors.New("'ExecutorInfo.command' must be set for 'CUSTOM' executor")
	case executor.Type == mesos.ExecutorInfo_DEFAULT:
		return errors.New("'ExecutorInfo.type' must be 'CUSTOM'")
	case executor.GetFrameworkID().GetValue() != f.id:
		return fmt.Errorf("ExecutorInfo has an invalid FrameworkID (Actual: %s vs Expected: %s)",
			executor.GetFrameworkID().GetValue(), f.id)
	case executor.ShutdownGracePeriod.GetNanoseconds() < 0:
		return errors.New("ExecutorInfo's 'shutdown_grace_period' must be non-negative")
	}
	if err := validateResources(executor.Resources); err != nil {
		return fmt.Errorf("Executor uses invalid resources: %w", err)
	}
	existing := a.executor(f.id, executor.ExecutorID.Value)
	if existing == nil || sameExecutor(existing.info, executor) {
		return nil
	}
	const rule = "------------------------------------------------------------\n"
	return fmt.Errorf("ExecutorInfo is not compatible with existing ExecutorInfo with same ExecutorID.\n%sExisting ExecutorInfo:\n%s\n%sExecutorInfo:\n%s\n%s",
		rule, protoText(existing.info), rule, protoText(executor), rule)
}

// protoText prints a message with the braces of the C++ library.
func protoText(m proto.Message) string {
	return strings.NewReplacer(": <\n", " {\n", ">\n", "}\n").Replace(proto.MarshalTextString(m))
}

// sameExecutor compares whole messages; resources count as a set.
func sameExecutor(x, y *mesos.ExecutorInfo) bool {
	xr, yr := bundleOf(x.Resources), bundleOf(y.Resources)
	if !xr.contains(yr) || !yr.contains(xr) {
		return false
	}
	xs, ys := *x, *y
	xs.Resources, ys.Resources = nil, nil
	return xs.Equal(&ys)
}

// validateGroup checks a task group as a whole. Unlike that of a LAUNCH, its
// executor has to name the framework.
func (m *master) validateGroup(f *framework, a *agentRecord, role string, pool bundle, executor *mesos.ExecutorInfo, tasks []mesos.TaskInfo) error {
	if executor.FrameworkID == nil {
		return errors.New("'ExecutorInfo.framework_id' must be set")
	}
	if err := validateExecutor(f, a, executor); err != nil {
		return err
	}
	own := bundleOf(executor.Resources)
	name := executor.ExecutorID.Value
	switch {
	case own.get("cpus").milli < minMilliCPUs:
		return fmt.Errorf("Executor '%s' uses less CPUs (%s) than the minimum required (0.01)", name, milliText(own.get("cpus").milli))
	case own.get("mem").milli < minMilliMem:
		return fmt.Errorf("Executor '%s' uses less memory (%sMB) than the minimum required (32MB)", name, milliText(own.get("mem").milli))
	case own.get("disk").milli == 0:
		return fmt.Errorf("Executor '%s' uses no disk", name)
	case len(tasks) == 0:
		return errors.New("Task group cannot be empty")
	}
	var total bundle
	if a.executor(f.id, name) == nil {
		total = own
	}
	seen := make(map[string]bool)
	for i := range tasks {
		id := tasks[i].TaskID.Value
		if err := m.validateTaskAlone(f, a, &tasks[i]); err != nil {
			return fmt.Errorf("Task '%s' is invalid: %w", id, err)
		}
		if seen[id] {
			return fmt.Errorf("Task '%s' is invalid: Task has duplicate ID: %s", id, id)
		}
		seen[id] = true
		total = total.plus(bundleOf(tasks[i].Resources))
	}
	if !pool.contains(total) {
		return fmt.Errorf("Total resources %s required by task group and its executor are more than available %s",
			total.text(role), pool.text(role))
	}
	return nil
}

// allocationRole is the role the task's resources name, if it is another one.
func allocationRole(role string, lists ...[]mesos.Resource) string {
	for _, list := range lists {
		for _, r := range list {
			if named := r.GetAllocationInfo().GetRole(); named != role {
				return named
			}
		}
	}
	return role
}
