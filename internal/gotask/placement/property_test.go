package placement

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"pgregory.net/rapid"
)

func scalar(name string, value float64, role string) mesos.Resource {
	r := mesos.Resource{Name: name, Type: mesos.SCALAR.Enum(), Scalar: &mesos.Value_Scalar{Value: value}}
	if role != "" {
		kind := mesos.Resource_ReservationInfo_STATIC
		r.Reservations = []mesos.Resource_ReservationInfo{{Type: &kind, Role: &role}}
	}
	return r
}

func drawOffers(t *rapid.T, roles []string) (offers []mesos.Offer) {
	n := rapid.IntRange(0, 6).Draw(t, "offers")
	for i := range n {
		agentID := fmt.Sprintf("agent-%d", rapid.IntRange(1, 3).Draw(t, "agent"))
		role := rapid.SampledFrom(roles).Draw(t, "role")
		offer := mesos.Offer{ID: mesos.OfferID{Value: fmt.Sprintf("o%d", i)}, AgentID: mesos.AgentID{Value: agentID}, Hostname: agentID}
		if role != "" {
			offer.AllocationInfo = &mesos.Resource_AllocationInfo{Role: &role}
		}
		tenths := func(label string) float64 { return float64(rapid.IntRange(0, 6).Draw(t, label)) / 10 }
		offer.Resources = append(offer.Resources, scalar("cpus", tenths("cpus"), ""), scalar("mem", 100*tenths("mem"), ""))
		if role != "" {
			offer.Resources = append(offer.Resources, scalar("cpus", tenths("reserved"), role))
		}
		begin := uint64(31000 + 4*i - rapid.IntRange(0, 1).Draw(t, "overlap"))
		offer.Resources = append(offer.Resources, mesos.Resource{
			Name: "ports", Type: mesos.RANGES.Enum(),
			Ranges: &mesos.Value_Ranges{Range: []mesos.Value_Range{{Begin: begin, End: begin + uint64(rapid.IntRange(0, 3).Draw(t, "ports"))}}},
		})
		if rapid.IntRange(0, 3).Draw(t, "runs") == 0 {
			offer.ExecutorIDs = []mesos.ExecutorID{{Value: "e"}}
		}
		offer.Attributes = []mesos.Attribute{{Name: "rack", Type: mesos.TEXT, Text: &mesos.Value_Text{Value: agentID[len(agentID)-1:]}}}
		offers = append(offers, offer)
	}
	return offers
}

func drawTasks(t *rapid.T) (tasks []Task) {
	executor := Executor{"e", Resources{CPUs: 100, MemMB: 5_000}}
	for i := range rapid.IntRange(1, 6).Draw(t, "tasks") {
		task := Task{ID: fmt.Sprintf("t%d", i), Group: "t", Resources: Resources{
			CPUs:  100 * Amount(rapid.IntRange(1, 4).Draw(t, "cpus")),
			MemMB: 10_000 * Amount(rapid.IntRange(0, 3).Draw(t, "mem")),
			Ports: rapid.IntRange(0, 2).Draw(t, "ports"),
		}}
		if rapid.Bool().Draw(t, "executor") {
			task.Executor = executor
		}
		switch rapid.IntRange(0, 4).Draw(t, "constraint") {
		case 0:
			task.Constraints = []Constraint{{Kind: AtMost, Attribute: Hostname, Max: 2}}
		case 1:
			task.Constraints = []Constraint{{Kind: Require, Attribute: "rack", Value: "1"}}
		case 2:
			task.Constraints = []Constraint{{Kind: Avoid, Attribute: "rack", Value: "2"}}
		}
		tasks = append(tasks, task)
	}
	return tasks
}

// Nothing is given out that was not offered, or twice; constraints hold; each task and each offer is accounted for once.
func TestResultsAreSound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		offers := drawOffers(t, []string{"", "lift", "ops"})
		tasks := drawTasks(t)
		options := Options{Partial: rapid.Bool().Draw(t, "partial"), MaxTasksPerAgent: rapid.IntRange(0, 4).Draw(t, "max")}
		result := Place(offers, tasks, options)
		if err := verify(offers, tasks, options, result); err != nil {
			t.Fatalf("%v\n%s", err, printResult(result))
		}
		shuffled := slices.Clone(offers)
		rand.New(rand.NewPCG(1, uint64(len(offers)))).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		again := Place(shuffled, tasks, options)
		if !reflect.DeepEqual(result.Launches, again.Launches) || !reflect.DeepEqual(result.Pending, again.Pending) {
			t.Fatalf("the order of offers matters:\n%s\n%s", printResult(result), printResult(again))
		}
	})
}

func verify(offers []mesos.Offer, tasks []Task, options Options, result Result) error {
	launched := map[string]bool{}
	usedOffers := map[string]bool{}
	usedPorts := map[string]bool{}
	group := map[string]int{}
	started := map[string]bool{}
	for _, launch := range result.Launches {
		offered := map[string]Amount{}
		runs := false
		for _, o := range offers {
			runs = runs || o.AgentID.Value == launch.AgentID && len(o.ExecutorIDs) > 0
			if !slices.ContainsFunc(launch.OfferIDs, func(id mesos.OfferID) bool { return id == o.ID }) {
				continue
			}
			if usedOffers[o.ID.Value] || o.AgentID.Value != launch.AgentID || o.GetAllocationInfo().GetRole() != launch.Role {
				return fmt.Errorf("offer %s is used twice, or elsewhere", o.ID.Value)
			}
			usedOffers[o.ID.Value] = true
			for _, r := range o.Resources {
				offered[account(r)] += AmountOf(r.GetScalar().GetValue())
				for _, pr := range r.GetRanges().GetRange() {
					for port := pr.Begin; port <= pr.End; port++ {
						offered[fmt.Sprint("port ", port)] = 1
					}
				}
			}
		}
		if len(usedOffers) == 0 || len(launch.Tasks) == 0 {
			return fmt.Errorf("empty launch on %s", launch.AgentID)
		}
		needsExecutor := false
		for _, task := range launch.Tasks {
			wanted := tasks[slices.IndexFunc(tasks, func(w Task) bool { return w.ID == task.ID })]
			if launched[task.ID] {
				return fmt.Errorf("task %s launched twice", task.ID)
			}
			launched[task.ID] = true
			group[launch.AgentID]++
			needsExecutor = needsExecutor || task.ExecutorID != ""
			if err := spend(task, wanted.Resources, launch, offered, usedPorts); err != nil {
				return err
			}
			for _, c := range wanted.Constraints {
				rack := launch.AgentID[len(launch.AgentID)-1:]
				if c.Kind == Require && rack != c.Value || c.Kind == Avoid && rack == c.Value {
					return fmt.Errorf("task %s is on %s, %v", task.ID, launch.AgentID, c)
				}
			}
		}
		for _, executor := range launch.Executors {
			if runs || started[launch.AgentID] {
				return fmt.Errorf("executor on %s is charged twice", launch.AgentID)
			}
			started[launch.AgentID] = true
			if err := spend(executor, Resources{CPUs: 100, MemMB: 5_000}, launch, offered, usedPorts); err != nil {
				return err
			}
		}
		if needsExecutor && !runs && len(launch.Executors) != 1 {
			return fmt.Errorf("executor on %s is not charged", launch.AgentID)
		}
	}
	for id, n := range group {
		if options.MaxTasksPerAgent > 0 && n > options.MaxTasksPerAgent {
			return fmt.Errorf("%d tasks on %s", n, id)
		}
	}
	if !options.Partial && len(launched) > 0 && len(launched) < len(tasks) {
		return fmt.Errorf("%d of %d tasks launched", len(launched), len(tasks))
	}
	if len(launched)+len(result.Pending) != len(tasks) || len(usedOffers)+len(result.Unused) != len(offers) {
		return fmt.Errorf("%d launched, %d pending, %d tasks; %d used, %d unused, %d offers",
			len(launched), len(result.Pending), len(tasks), len(usedOffers), len(result.Unused), len(offers))
	}
	for _, pending := range result.Pending {
		if pending.Reason == "" || launched[pending.ID] {
			return fmt.Errorf("task %s pending: %q", pending.ID, pending.Reason)
		}
	}
	return nil
}

func account(r mesos.Resource) string {
	for _, reservation := range r.Reservations {
		return r.Name + "(" + reservation.GetRole() + ")"
	}
	return r.Name
}

// spend takes what was placed from what was offered and checks that it is what was needed.
func spend(placed Placed, need Resources, launch Launch, offered map[string]Amount, usedPorts map[string]bool) error {
	got := Resources{}
	for _, r := range placed.Resources {
		if r.GetAllocationInfo().GetRole() != launch.Role {
			return fmt.Errorf("%s has %s allocated to %q", placed.ID, r.Name, r.GetAllocationInfo().GetRole())
		}
		amount := AmountOf(r.GetScalar().GetValue())
		if offered[account(r)] -= amount; offered[account(r)] < 0 {
			return fmt.Errorf("%s overcommits %s on %s", placed.ID, account(r), launch.AgentID)
		}
		switch r.Name {
		case "cpus":
			got.CPUs += amount
		case "mem":
			got.MemMB += amount
		}
		for _, pr := range r.GetRanges().GetRange() {
			for port := pr.Begin; port <= pr.End; port++ {
				key := fmt.Sprint(launch.AgentID, " ", port)
				if usedPorts[key] || offered[fmt.Sprint("port ", port)] == 0 {
					return fmt.Errorf("%s gets port %s twice, or not offered", placed.ID, key)
				}
				usedPorts[key] = true
				got.Ports++
			}
		}
	}
	if got != need {
		return fmt.Errorf("%s gets %+v, needs %+v", placed.ID, got, need)
	}
	return nil
}

// For equal tasks that need one kind of resource, Place launches as many as the agents can hold: for each, what is
// offered there less the executor, whole tasks only, and no more than the cap.
func TestEqualTasksAreAllPlaced(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		offers := drawOffers(t, []string{"lift"})
		size := Amount(rapid.IntRange(1, 5).Draw(t, "size")) * 100
		most := rapid.IntRange(0, 3).Draw(t, "max")
		executor := Executor{"e", Resources{CPUs: 100 * Amount(rapid.IntRange(0, 2).Draw(t, "executor"))}}
		free, runs := map[string]Amount{}, map[string]bool{}
		for _, o := range offers {
			runs[o.AgentID.Value] = runs[o.AgentID.Value] || len(o.ExecutorIDs) > 0
			for _, r := range o.Resources {
				if r.Name == "cpus" {
					free[o.AgentID.Value] += AmountOf(r.Scalar.Value)
				}
			}
		}
		capacity := 0
		for id, amount := range free {
			if !runs[id] {
				amount -= executor.Resources.CPUs
			}
			n := max(int(amount/size), 0)
			if most > 0 {
				n = min(n, most)
			}
			capacity += n
		}
		var tasks []Task
		for i := range rapid.IntRange(1, 12).Draw(t, "tasks") {
			tasks = append(tasks, Task{ID: fmt.Sprint("t", i), Resources: Resources{CPUs: size}, Executor: executor})
		}
		options := Options{MaxTasksPerAgent: most}
		if all := len(Place(offers, tasks, options).Pending) == 0; all != (capacity >= len(tasks)) {
			t.Fatalf("all placed: %v, there is room for %d of %d", all, capacity, len(tasks))
		}
		options.Partial = true
		if n := len(tasks) - len(Place(offers, tasks, options).Pending); n != min(capacity, len(tasks)) {
			t.Fatalf("%d placed, there is room for %d of %d", n, capacity, len(tasks))
		}
	})
}

// Against all ways to place a few different tasks: none is placed where none can be, and few that could be are missed.
func TestAgainstAllAssignments(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	possible, found := 0, 0
	for range 3000 {
		free := make([][2]Amount, 1+rng.IntN(3))
		var offers []mesos.Offer
		for i := range free {
			free[i] = [2]Amount{100 * Amount(rng.IntN(10)), 1000 * Amount(rng.IntN(10))}
			id := fmt.Sprint(i)
			offers = append(offers, mesos.Offer{
				ID: mesos.OfferID{Value: id}, AgentID: mesos.AgentID{Value: id},
				Resources: []mesos.Resource{scalar("cpus", free[i][0].Float(), ""), scalar("mem", free[i][1].Float(), "")},
			})
		}
		var tasks []Task
		for i := range 1 + rng.IntN(5) {
			tasks = append(tasks, Task{ID: fmt.Sprint(i), Resources: Resources{CPUs: 100 * Amount(1+rng.IntN(5)), MemMB: 1000 * Amount(rng.IntN(5))}})
		}
		can := assignable(free, tasks)
		does := len(Place(offers, tasks, Options{}).Pending) == 0
		if does && !can {
			t.Fatalf("placed what cannot be placed: %v on %v", tasks, free)
		}
		if can {
			possible++
		}
		if does {
			found++
		}
	}
	t.Logf("found %d of %d possible placements", found, possible)
	if found*100 < possible*97 {
		t.Errorf("found only %d of %d possible placements", found, possible)
	}
}

func assignable(free [][2]Amount, tasks []Task) bool {
	if len(tasks) == 0 {
		return true
	}
	need := tasks[0].Resources
	for i := range free {
		if free[i][0] >= need.CPUs && free[i][1] >= need.MemMB {
			free[i][0] -= need.CPUs
			free[i][1] -= need.MemMB
			ok := assignable(free, tasks[1:])
			free[i][0] += need.CPUs
			free[i][1] += need.MemMB
			if ok {
				return true
			}
		}
	}
	return false
}

func TestPlaceLeavesItsArgumentsAlone(t *testing.T) {
	kind := mesos.RANGES
	offer := mesos.Offer{ID: mesos.OfferID{Value: "o"}, Resources: []mesos.Resource{
		scalar("cpus", 1, "lift"),
		{Name: "ports", Type: &kind, Ranges: &mesos.Value_Ranges{Range: []mesos.Value_Range{{Begin: 20, End: 1 << 60}, {Begin: 1, End: 10}}}},
	}}
	before := offer.String()
	result := Place([]mesos.Offer{offer}, []Task{{ID: "t", Resources: Resources{CPUs: 500, Ports: 12}}}, Options{})
	if len(result.Launches) != 1 {
		t.Fatal(printResult(result))
	}
	if after := offer.String(); after != before {
		t.Errorf("offer changed to %s", after)
	}
}

func BenchmarkPlace2000TasksOn200Agents(b *testing.B) {
	var offers []mesos.Offer
	for i := range 200 {
		id := fmt.Sprintf("agent-%03d", i)
		offers = append(offers, mesos.Offer{
			ID: mesos.OfferID{Value: id}, AgentID: mesos.AgentID{Value: id}, Hostname: id,
			Resources: []mesos.Resource{scalar("cpus", 4, ""), scalar("mem", 4096, "")},
		})
	}
	var tasks []Task
	for i := range 2000 {
		tasks = append(tasks, Task{
			ID: fmt.Sprint("car-", i), Group: "car", Resources: Resources{CPUs: 100, MemMB: 32_000},
			Executor: Executor{"e", Resources{CPUs: 100, MemMB: 32_000}},
		})
	}
	for b.Loop() {
		if result := Place(offers, tasks, Options{}); len(result.Pending) > 0 {
			b.Fatal(result.Pending[0])
		}
	}
}
