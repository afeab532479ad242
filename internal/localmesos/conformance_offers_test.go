package localmesos

import (
	"math"
	"slices"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

func isOffers(e *scheduler.Event) bool { return e.Type == scheduler.Event_OFFERS }

func offered(o mesos.Offer, name string) float64 {
	for _, r := range o.Resources {
		if r.Name == name {
			return r.GetScalar().GetValue()
		}
	}
	return 0
}

// milli is a scalar as Mesos compares it.
func milli(v float64) int64 { return int64(math.Round(v * 1000)) }

func TestConformance19OneOfferAnAgent(t *testing.T) {
	parallel(t)
	master, c := endpoint(t, Config{Agents: 3})
	f := newTestFramework(t, master).subscribe()
	offers := f.offers()
	var agents []string
	for _, o := range offers {
		agents = append(agents, o.AgentID.Value)
	}
	if c == nil {
		slices.Sort(agents)
		if len(slices.Compact(agents)) != len(offers) {
			t.Errorf("offers of agents %v in one event", agents)
		}
		return
	}
	if want := c.AgentIDs(); !slices.Equal(agents, want) {
		t.Errorf("offers of agents %v in one event, want %v", agents, want)
	}
}

func TestConformance20NoAnswerNoRepeat(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{})
	f := newTestFramework(t, master).subscribe()
	f.offersOf(2)
	f.never(quiet, "OFFERS", isOffers)
	f.must(&scheduler.Call{Type: scheduler.Call_REVIVE})
	f.never(quiet, "OFFERS", isOffers)
}

func TestConformance21OfferTimeout(t *testing.T) {
	parallel(t)
	c := localOnly(t, Config{Agents: 1, OfferTimeout: 100 * time.Millisecond})
	f := newTestFramework(t, c.MasterAddr()).subscribe()
	o := f.offer()
	if got := f.await("RESCIND", isType(scheduler.Event_RESCIND)).Rescind.OfferID; got != o.ID {
		t.Errorf("rescinded %v, want %v", got, o.ID)
	}
	if fresh := f.offer(); fresh.ID == o.ID {
		t.Error("the same offer again")
	}
	f.launch(o, testTask("t1", "run", testExecutorInfo("ex1")))
	f.status("t1", mesos.TASK_DROPPED)
	if n := c.RescindOffers(f.id); n > 1 {
		t.Errorf("rescinded %d offers, want at most 1", n)
	}
}

func TestConformance22RefuseSeconds(t *testing.T) {
	parallel(t)
	refuse, round := 400*time.Millisecond, 350*time.Millisecond
	master, c := endpoint(t, Config{Agents: 1, DefaultRefuse: refuse})
	if c == nil {
		refuse, round = 5*time.Second, 2*time.Second
	}
	f := newTestFramework(t, master).subscribe()
	for _, x := range []struct {
		name        string
		filters     *mesos.Filters
		least, most time.Duration
	}{
		{"none", nil, refuse - 10*time.Millisecond, refuse + 2*time.Second},
		{"negative", &mesos.Filters{RefuseSeconds: new(-1.0)}, refuse - 10*time.Millisecond, refuse + 2*time.Second},
		{"zero", &mesos.Filters{RefuseSeconds: new(0.0)}, 0, round},
		{"half", &mesos.Filters{RefuseSeconds: new(refuse.Seconds() / 2)}, refuse/2 - 10*time.Millisecond, refuse/2 + 2*time.Second},
	} {
		o := f.offer()
		start := time.Now()
		f.must(&scheduler.Call{
			Type:    scheduler.Call_DECLINE,
			Decline: &scheduler.Call_Decline{OfferIDs: []mesos.OfferID{o.ID}, Filters: x.filters},
		})
		event := f.await("OFFERS", isOffers)
		if after := time.Since(start); after < x.least || after > x.most {
			t.Errorf("%s: offered again after %v, want %v to %v", x.name, after, x.least, x.most)
		}
		f.kept = append(f.kept, event)
	}
	f.decline(1e12, f.offer())
	f.never(quiet, "OFFERS", isOffers)
}

func TestConformance23FilterYieldsToMore(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{Agents: 1})
	f := newTestFramework(t, master).subscribe()
	o := f.offer()
	f.launch(o, testTask("t1", "run", testExecutorInfo("ex1")))
	f.acked("t1", mesos.TASK_RUNNING)
	f.decline(3600, f.offer())
	f.never(quiet, "OFFERS", isOffers)
	f.kill("t1", nil)
	f.status("t1", mesos.TASK_KILLED)
	if got, want := offered(f.offer(), "cpus"), offered(o, "cpus")-0.1; milli(got) != milli(want) {
		t.Errorf("cpus %v, want %v: the task's are back, unacknowledged as its end is", got, want)
	}
}

func TestConformance24SuppressAndRevive(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{Agents: 1})
	f := newTestFramework(t, master).subscribe()
	o := f.offer()
	f.must(&scheduler.Call{Type: scheduler.Call_SUPPRESS})
	f.decline(0, o)
	f.never(quiet, "OFFERS", isOffers)
	f.must(&scheduler.Call{Type: scheduler.Call_REVIVE})
	f.decline(3600, f.offer())
	f.must(&scheduler.Call{Type: scheduler.Call_REVIVE})
	f.offer()
}

func TestConformance25TooSmallToOffer(t *testing.T) {
	parallel(t)
	c := localOnly(t, Config{Agents: 2, AgentResources: []Resources{{CPUs: 0.005, MemMB: 31, DiskMB: 1000}, {CPUs: 0.01}}})
	f := newTestFramework(t, c.MasterAddr()).subscribe()
	offers := f.offers()
	if len(offers) != 1 || offers[0].AgentID.Value != c.AgentIDs()[1] {
		t.Errorf("offers %v, want one of the second agent", offers)
	}
}

func TestConformance26ExecutorIDs(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{Agents: 1})
	f := newTestFramework(t, master).subscribe()
	o := f.offer()
	if len(o.ExecutorIDs) != 0 {
		t.Errorf("executors %v before any task", o.ExecutorIDs)
	}
	f.launch(o, testTask("t1", "run", testExecutorInfo("ex1")))
	f.acked("t1", mesos.TASK_RUNNING)
	if o = f.offer(); len(o.ExecutorIDs) != 1 || o.ExecutorIDs[0].Value != "ex1" {
		t.Errorf("executors %v, want ex1", o.ExecutorIDs)
	}
}

func TestConformance27FrameworksShare(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{Agents: 2})
	hoarder := newTestFramework(t, master).subscribe()
	held := hoarder.offersOf(2)
	other := newTestFramework(t, master).subscribe()
	other.never(quiet, "offer while one holds all", isOffers)
	hoarder.decline(0, held[0])
	if got := other.offers(); len(got) != 1 || got[0].AgentID != held[0].AgentID {
		t.Errorf("offers %v to the other, want the one given back: its share is smaller", got)
	}
}

func TestConformance28FixedPoint(t *testing.T) {
	parallel(t)
	c := localOnly(t, Config{Agents: 1, Resources: Resources{CPUs: 0.3, MemMB: 128}})
	f := newTestFramework(t, c.MasterAddr()).subscribe()
	executor := testExecutorInfo("ex1")
	executor.Resources = []mesos.Resource{scalar("mem", 32)}
	f.launch(f.offer(), testTask("t1", "run", executor), testTask("t2", "run", executor), testTask("t3", "run", executor))
	for _, task := range []string{"t1", "t2", "t3"} {
		f.acked(task, mesos.TASK_RUNNING)
	}
}

func portTask(id string, begin, end uint64) mesos.TaskInfo {
	task := testTask(id, "run", testExecutorInfo("ex1"))
	task.Resources = append(task.Resources, mesos.Resource{
		Name: "ports", Type: mesos.RANGES.Enum(),
		Ranges: &mesos.Value_Ranges{Range: []mesos.Value_Range{{Begin: begin, End: end}}},
	})
	return task
}

func TestConformance29Ports(t *testing.T) {
	parallel(t)
	c := localOnly(t, Config{Agents: 1, Resources: Resources{CPUs: 4, MemMB: 1024, Ports: []PortRange{{31000, 31009}}}})
	f := newTestFramework(t, c.MasterAddr()).subscribe()
	f.launch(f.offer(), portTask("t1", 31002, 31003), portTask("t2", 31003, 31004))
	status := f.status("t2", mesos.TASK_ERROR)
	if want := "Total resources cpus(allocated: *):0.1; mem(allocated: *):32; ports(allocated: *):[31003-31004] required by task and its executor is more than available ports(allocated: *):[31000-31001, 31004-31009]; cpus(allocated: *):3.8; mem(allocated: *):960"; status.GetMessage() != want {
		t.Errorf("message %q,\nwant    %q", status.GetMessage(), want)
	}
	f.acked("t1", mesos.TASK_RUNNING)
	o := f.offer()
	i := slices.IndexFunc(o.Resources, func(r mesos.Resource) bool { return r.Name == "ports" })
	want := []mesos.Value_Range{{Begin: 31000, End: 31001}, {Begin: 31004, End: 31009}}
	if got := o.Resources[i].Ranges.Range; !slices.Equal(got, want) {
		t.Errorf("ports %v, want %v", got, want)
	}
}

func TestConformance30Attributes(t *testing.T) {
	parallel(t)
	c := localOnly(t, Config{Agents: 2, AgentHostnames: []string{"left", "right"}, Attributes: [][]Attribute{nil, {{"rack", "r2"}}}})
	f := newTestFramework(t, c.MasterAddr()).subscribe()
	offers := f.offers()
	if offers[0].Hostname != "left" || offers[1].Hostname != "right" {
		t.Errorf("hosts %s, %s", offers[0].Hostname, offers[1].Hostname)
	}
	if a := offers[1].Attributes; len(a) != 1 || a[0].Name != "rack" || a[0].GetText().GetValue() != "r2" {
		t.Errorf("attributes %v", a)
	}
	if address := offers[0].URL.Address; address.GetIP() != "127.0.0.1" || address.GetHostname() != "left" {
		t.Errorf("address %v", address)
	}
}

func TestConformance30Roles(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{Agents: 2})
	f := newTestFramework(t, master, func(i *mesos.FrameworkInfo) {
		i.Capabilities = append(i.Capabilities, mesos.FrameworkInfo_Capability{Type: mesos.FrameworkInfo_Capability_MULTI_ROLE})
		i.Roles = []string{"a", "b"}
	}).subscribe()
	var roles []string
	offers := f.offersOf(2)
	for _, o := range offers {
		roles = append(roles, o.AllocationInfo.GetRole())
		if o.Resources[0].AllocationInfo.GetRole() != o.AllocationInfo.GetRole() {
			t.Errorf("resources of %v", o)
		}
	}
	if slices.Sort(roles); !slices.Equal(roles, []string{"a", "b"}) {
		t.Errorf("roles %v, want each once", roles)
	}
	task := testTask("t1", "run", testExecutorInfo("ex1"))
	for i := range task.Resources {
		task.Resources[i].AllocationInfo = &mesos.Resource_AllocationInfo{Role: new("other")}
	}
	f.launch(offers[0], task, testTask("t2", "run", testExecutorInfo("ex2")))
	f.status("t1", mesos.TASK_ERROR)
	f.acked("t2", mesos.TASK_RUNNING)
}
