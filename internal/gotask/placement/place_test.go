package placement

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	mesos "github.com/mesos/mesos-go/api/v1/lib"
)

// The cases in testdata are to be read by an operator of Mesos.
//
//	offers: a line for each offer: <id> on <agent>[/<hostname>] [role=r] [name=amount…] [name(reserved role)=amount…]
//	        [executors=e,…] [@attribute=value…]
//	place [partial] [max-per-agent=n] [running=group@agent/hostname,…]: a line for each kind of task:
//	        <name> ×<count> [name=amount…] [executor=e cpus mem] [role=r] [require:attr=value] [avoid:attr=value] [at-most:attr=n]
func TestPlace(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		var offers []mesos.Offer
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "offers":
				offers = nil
				for line := range strings.Lines(d.Input) {
					offers = append(offers, parseOffer(t, line))
				}
				return ""
			case "place":
				var wanted []Task
				for line := range strings.Lines(d.Input) {
					wanted = append(wanted, parseTasks(t, line)...)
				}
				options := Options{Partial: d.HasArg("partial")}
				d.MaybeScanArgs(t, "max-per-agent", &options.MaxTasksPerAgent)
				for _, arg := range d.CmdArgs {
					if arg.Key == "running" {
						for _, val := range arg.Vals {
							group, where, _ := strings.Cut(val, "@")
							agentID, hostname, _ := strings.Cut(where, "/")
							options.Running = append(options.Running, Running{Group: group, AgentID: agentID, Hostname: hostname})
						}
					}
				}
				return printResult(Place(offers, wanted, options))
			}
			t.Fatalf("unknown command %s", d.Cmd)
			return ""
		})
	})
}

func parseOffer(t *testing.T, line string) mesos.Offer {
	fields := strings.Fields(line)
	agentID, hostname, found := strings.Cut(fields[2], "/")
	if !found {
		hostname = agentID + ".example.org"
	}
	offer := mesos.Offer{ID: mesos.OfferID{Value: fields[0]}, AgentID: mesos.AgentID{Value: agentID}, Hostname: hostname}
	for _, field := range fields[3:] {
		name, value, _ := strings.Cut(field, "=")
		switch {
		case name == "role":
			offer.AllocationInfo = &mesos.Resource_AllocationInfo{Role: &value}
		case name == "executors":
			for id := range strings.SplitSeq(value, ",") {
				offer.ExecutorIDs = append(offer.ExecutorIDs, mesos.ExecutorID{Value: id})
			}
		case name[0] == '@':
			offer.Attributes = append(offer.Attributes, mesos.Attribute{Name: name[1:], Type: mesos.TEXT, Text: &mesos.Value_Text{Value: value}})
		default:
			offer.Resources = append(offer.Resources, parseResource(t, name, value))
		}
	}
	for i := range offer.Resources {
		offer.Resources[i].AllocationInfo = offer.AllocationInfo
	}
	return offer
}

func parseResource(t *testing.T, name, value string) mesos.Resource {
	name, reserved, _ := strings.Cut(strings.TrimSuffix(name, ")"), "(")
	r := mesos.Resource{Name: name}
	switch reserved {
	case "":
	case "revocable":
		r.Revocable = &mesos.Resource_RevocableInfo{}
	case "volume":
		r.Disk = &mesos.Resource_DiskInfo{}
	default:
		kind := mesos.Resource_ReservationInfo_STATIC
		r.Reservations = []mesos.Resource_ReservationInfo{{Type: &kind, Role: &reserved}}
	}
	if name != "ports" {
		r.Type, r.Scalar = mesos.SCALAR.Enum(), &mesos.Value_Scalar{Value: number(t, value)}
		return r
	}
	r.Type, r.Ranges = mesos.RANGES.Enum(), &mesos.Value_Ranges{}
	for part := range strings.SplitSeq(value, ",") {
		begin, end, _ := strings.Cut(part, "-")
		r.Ranges.Range = append(r.Ranges.Range, mesos.Value_Range{Begin: uint64(number(t, begin)), End: uint64(number(t, end))})
	}
	return r
}

func number(t *testing.T, text string) float64 {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func parseTasks(t *testing.T, line string) (tasks []Task) {
	fields := strings.Fields(line)
	task := Task{Group: fields[0]}
	for _, field := range fields[2:] {
		name, value, _ := strings.Cut(field, "=")
		kind, attribute, isConstraint := strings.Cut(name, ":")
		switch {
		case isConstraint && kind == "require":
			task.Constraints = append(task.Constraints, Constraint{Kind: Require, Attribute: attribute, Value: value})
		case isConstraint && kind == "avoid":
			task.Constraints = append(task.Constraints, Constraint{Kind: Avoid, Attribute: attribute, Value: value})
		case isConstraint:
			task.Constraints = append(task.Constraints, Constraint{Kind: AtMost, Attribute: attribute, Max: int(number(t, value))})
		case name == "executor":
			parts := strings.Split(value, ",")
			task.Executor = Executor{parts[0], Resources{CPUs: AmountOf(number(t, parts[1])), MemMB: AmountOf(number(t, parts[2]))}}
		case name == "role":
			task.Role = value
		case name == "cpus":
			task.Resources.CPUs = AmountOf(number(t, value))
		case name == "mem":
			task.Resources.MemMB = AmountOf(number(t, value))
		case name == "disk":
			task.Resources.DiskMB = AmountOf(number(t, value))
		case name == "ports":
			task.Resources.Ports = int(number(t, value))
		default:
			t.Fatalf("unknown %s", name)
		}
	}
	for i := range int(number(t, strings.TrimPrefix(fields[1], "×"))) {
		task.ID = fmt.Sprintf("%s-%d", task.Group, i)
		tasks = append(tasks, task)
	}
	return tasks
}

func printResult(result Result) string {
	var b strings.Builder
	for _, launch := range result.Launches {
		fmt.Fprintf(&b, "%s:", launch.AgentID)
		if launch.Role != "" {
			fmt.Fprintf(&b, " role %s,", launch.Role)
		}
		fmt.Fprintf(&b, " offers%s\n", printIDs(launch.OfferIDs))
		for _, executor := range launch.Executors {
			fmt.Fprintf(&b, "  starts executor %s: %s\n", executor.ID, printResources(executor.Resources))
		}
		for _, task := range launch.Tasks {
			fmt.Fprintf(&b, "  %s: %s\n", task.ID, printResources(task.Resources))
		}
	}
	if len(result.Unused) > 0 {
		fmt.Fprintf(&b, "unused:%s\n", printIDs(result.Unused))
	}
	for _, pending := range result.Pending {
		fmt.Fprintf(&b, "%s waits: %s\n", pending.ID, pending.Reason)
	}
	return b.String()
}

func printIDs(ids []mesos.OfferID) (text string) {
	for _, id := range ids {
		text += " " + id.Value
	}
	return text
}

func printResources(resources []mesos.Resource) string {
	var parts []string
	for _, r := range resources {
		text := r.Name
		for _, reservation := range r.Reservations {
			text += "(" + reservation.GetRole() + ")"
		}
		if r.Scalar != nil {
			text += " " + strconv.FormatFloat(r.Scalar.Value, 'f', -1, 64)
		}
		for _, pr := range r.GetRanges().GetRange() {
			text += fmt.Sprintf(" %d-%d", pr.Begin, pr.End)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}
