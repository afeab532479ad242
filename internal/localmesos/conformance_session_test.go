package localmesos

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"elevator/internal/localmesos/clustertest"
)

func TestConformance08SubscribedThenHeartbeat(t *testing.T) {
	parallel(t)
	master, c := endpoint(t, Config{})
	f := newTestFramework(t, master)
	f.trySubscribe()
	first := f.next()
	if first.Type != scheduler.Event_SUBSCRIBED {
		t.Fatalf("first event %v", first)
	}
	f.awaitFor(time.Second, "first HEARTBEAT long before the interval has passed", isType(scheduler.Event_HEARTBEAT))
	subscribed := first.Subscribed
	f.id = subscribed.FrameworkID.Value
	if got := subscribed.GetHeartbeatIntervalSeconds(); got != 15 {
		t.Errorf("heartbeat interval %v s, want 15", got)
	}
	if f.streamID == "" {
		t.Error("no Mesos-Stream-Id")
	}
	if c != nil && f.id != subscribed.MasterInfo.ID+"-0000" {
		t.Errorf("framework id %s of master %s", f.id, subscribed.MasterInfo.ID)
	}
}

func TestConformance09Heartbeats(t *testing.T) {
	parallel(t)
	c := localOnly(t, Config{HeartbeatInterval: 30 * time.Millisecond})
	f := newTestFramework(t, c.MasterAddr())
	f.trySubscribe()
	event := f.next()
	f.id = event.Subscribed.FrameworkID.Value
	if got := event.Subscribed.GetHeartbeatIntervalSeconds(); got != 0.03 {
		t.Errorf("announced %v s, want 0.03", got)
	}
	for range 4 {
		f.await("HEARTBEAT", isType(scheduler.Event_HEARTBEAT))
	}
}

// again is a second scheduler with the same framework id.
func (f *testFramework) again() *testFramework {
	f.t.Helper()
	other := newTestFramework(f.t, f.master)
	info := *f.info
	other.info, other.id, other.media, other.agent = &info, f.id, f.media, f.agent
	return other
}

func TestConformance10FailedOver(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{})
	f := newTestFramework(t, master).subscribe()
	second := f.again().subscribe()
	if second.id != f.id {
		t.Errorf("id %s became %s", f.id, second.id)
	}
	event := f.await("ERROR", isType(scheduler.Event_ERROR))
	if event.Error.Message != "Framework failed over" {
		t.Errorf("ERROR %q", event.Error.Message)
	}
	if err := f.awaitEnd(); !errors.Is(err, io.EOF) {
		t.Errorf("old stream ended with %v, want the final chunk", err)
	}
	wantAnswer(t, f.call(&scheduler.Call{Type: scheduler.Call_REVIVE}), 400, fmt.Sprintf(
		"The stream ID '%s' included in this request didn't match the stream ID currently associated with framework ID %s", f.streamID, f.id))
	second.must(&scheduler.Call{Type: scheduler.Call_REVIVE})
}

func TestConformance11OffersVoidAfterFailover(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{Agents: 1})
	f := newTestFramework(t, master).subscribe()
	o := f.offer()
	second := f.again().subscribe()
	fresh := second.offer()
	if fresh.ID == o.ID {
		t.Fatalf("offer %s lives on", o.ID.Value)
	}
	second.launch(o, testTask("t1", "run", testExecutorInfo("ex1")))
	status := second.status("t1", mesos.TASK_DROPPED)
	if want := "Task launched with invalid offers: Offer " + o.ID.Value + " is no longer valid"; status.GetMessage() != want {
		t.Errorf("message %q, want %q", status.GetMessage(), want)
	}
	second.never(quiet, "RESCIND", isType(scheduler.Event_RESCIND))
}

func TestConformance12FailoverTimeout(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{Agents: 1})
	f := newTestFramework(t, master, func(i *mesos.FrameworkInfo) { i.FailoverTimeout = new(2.0) }).subscribe()
	f.launch(f.offer(), testTask("t1", "run", testExecutorInfo("ex1")))
	f.acked("t1", mesos.TASK_RUNNING)
	f.disconnect()
	f.subscribe() // in time
	f.reconcile()
	f.status("t1", mesos.TASK_RUNNING)
	f.disconnect()
	<-time.After(200 * time.Millisecond)
	if len(f.processes()) != 1 {
		t.Error("the executor did not live until the failover timeout")
	}
	waitFor(t, "end of the executor", func() bool { return len(f.processes()) == 0 })
	wantRefusal(t, f, "Framework has been removed")
}

// wantRefusal subscribes and wants an ERROR event on a 200 stream that ends.
func wantRefusal(t *testing.T, f *testFramework, message string) {
	t.Helper()
	if code := f.trySubscribe(); code != 200 {
		t.Fatalf("SUBSCRIBE: %d %s, want 200 with an ERROR event %q", code, f.body, message)
	}
	event := f.next()
	if event.Type != scheduler.Event_ERROR || event.Error.Message != message {
		t.Errorf("event %v, want ERROR %q", event, message)
	}
	if err := f.awaitEnd(); !errors.Is(err, io.EOF) {
		t.Errorf("stream ended with %v, want the final chunk", err)
	}
	f.streamID = ""
}

func TestConformance13NoFailoverTimeout(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{Agents: 1})
	f := newTestFramework(t, master, func(i *mesos.FrameworkInfo) { i.FailoverTimeout = nil }).subscribe()
	f.launch(f.offer(), testTask("t1", "run", testExecutorInfo("ex1")))
	f.acked("t1", mesos.TASK_RUNNING)
	f.disconnect()
	waitFor(t, "end of the executor", func() bool { return len(f.processes()) == 0 })
	wantRefusal(t, f, "Framework has been removed")
}

func TestConformance14Teardown(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{Agents: 1, ShutdownGrace: 300 * time.Millisecond})
	f := newTestFramework(t, master).subscribe()
	o := f.offer()
	f.launch(o, testTask("t1", "run", testExecutorInfo("polite")), testTask("t2", "run", testExecutorInfo("stubborn")))
	f.acked("t1", mesos.TASK_RUNNING)
	f.acked("t2", mesos.TASK_RUNNING)
	f.message(o.AgentID, "stubborn", "Cignoreshutdown")
	f.message(o.AgentID, "stubborn", "Eready")
	f.awaitMessage("Eready")
	f.kept = nil
	f.must(&scheduler.Call{Type: scheduler.Call_TEARDOWN})
	if err := f.awaitEnd(); !errors.Is(err, io.EOF) {
		t.Errorf("stream ended with %v, want the final chunk", err)
	}
	if i := slices.IndexFunc(f.kept, isType(scheduler.Event_UPDATE)); i >= 0 {
		t.Errorf("update after TEARDOWN: %v", f.kept[i])
	}
	waitFor(t, "end of the polite executor", func() bool {
		return !slices.ContainsFunc(f.processes(), func(p clustertest.Process) bool { return p.ExecutorID == "polite" })
	})
	waitFor(t, "end of the stubborn executor", func() bool { return len(f.processes()) == 0 })
	wantAnswer(t, f.call(&scheduler.Call{Type: scheduler.Call_REVIVE}), 400, "Framework cannot be found")
	wantRefusal(t, f, "Framework has been removed")
}

func TestConformance15UnknownIDAdopted(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{})
	f := newTestFramework(t, master)
	f.id = fmt.Sprintf("made-up-%d", time.Now().UnixNano())
	want := f.id
	if f.subscribe(); f.id != want {
		t.Errorf("id %s became %s", want, f.id)
	}
}

func TestConformance16ChangesOnResubscribe(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{})
	f := newTestFramework(t, master, func(i *mesos.FrameworkInfo) { i.Principal = new("p") }).subscribe()
	changed := f.again()
	changed.info.User, changed.info.Checkpoint, changed.info.Name = "nobody", new(false), "renamed"
	changed.subscribe()
	other := changed.again()
	other.info.Principal = new("q")
	wantRefusal(t, other, "Changing framework's principal is not allowed.")
	changed.must(&scheduler.Call{Type: scheduler.Call_REVIVE})
}

func TestConformance16FrameworkRefused(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{})
	multi := []mesos.FrameworkInfo_Capability{{Type: mesos.FrameworkInfo_Capability_MULTI_ROLE}}
	for _, c := range []struct {
		change  func(*mesos.FrameworkInfo)
		message string
	}{
		{
			func(i *mesos.FrameworkInfo) { i.Roles = []string{"a"} },
			"'FrameworkInfo.roles' must not be set when the framework is not MULTI_ROLE capable",
		},
		{
			func(i *mesos.FrameworkInfo) { i.Capabilities, i.Role = multi, new("a") },
			"'FrameworkInfo.role' must not be set when the framework is MULTI_ROLE capable",
		},
		{
			func(i *mesos.FrameworkInfo) { i.Capabilities, i.Roles = multi, []string{"a", "a"} },
			"'FrameworkInfo.roles' contains duplicate items: { a }",
		},
		{
			func(i *mesos.FrameworkInfo) { i.Capabilities, i.Roles = multi, []string{"a/../b"} },
			"'FrameworkInfo.roles' contains invalid role: Role 'a/../b' cannot include '..' as a component",
		},
		{
			func(i *mesos.FrameworkInfo) { i.Capabilities, i.Roles = multi, []string{"-x"} },
			"'FrameworkInfo.roles' contains invalid role: Role component '-x' is invalid because it starts with a dash",
		},
		{func(i *mesos.FrameworkInfo) { i.FailoverTimeout = new(1e30) }, "The framework failover_timeout (1e+30) is invalid"},
	} {
		wantRefusal(t, newTestFramework(t, master, c.change), c.message)
	}
}

func TestConformance17Masters(t *testing.T) {
	parallel(t)
	c := localOnly(t, Config{Masters: 2, Credentials: map[string]string{"fw": "s3cret"}})
	subscribe := func(i int, credentials string) answer {
		return raw(t, "POST", "http://"+c.MasterAddrs()[i]+"/api/v1/scheduler", strings.Replace(subscribeJSON, "root", "", 1)+" ",
			"Content-Type: application/json", "Accept: text/html", "Authorization: "+credentials)
	}
	const good, bad = "Basic Znc6czNjcmV0", "Basic Znc6d3Jvbmc="
	got := subscribe(0, bad)
	wantAnswer(t, got, 401, "401 Unauthorized.")
	if want := `Basic realm="mesos-master-scheduler"`; got.header.Get("WWW-Authenticate") != want {
		t.Errorf("WWW-Authenticate %q", got.header.Get("WWW-Authenticate"))
	}
	if got := subscribe(0, good); got.code != 406 {
		t.Errorf("leader: %d", got.code)
	}
	got = subscribe(1, good)
	wantAnswer(t, got, 307, "")
	if want := "//" + c.MasterAddrs()[0] + "/master/api/v1/scheduler"; got.header.Get("Location") != want {
		t.Errorf("Location %q, want %q", got.header.Get("Location"), want)
	}
	if err := c.Elect(1); err != nil {
		t.Fatal(err)
	}
	if got := subscribe(0, good); got.code != 307 {
		t.Errorf("deposed leader: %d", got.code)
	}
	c.SetRecovering(true)
	wantAnswer(t, subscribe(1, good), 503, "Master has not finished recovery")
	c.SetRecovering(false)
	if err := c.Elect(-1); err != nil {
		t.Fatal(err)
	}
	wantAnswer(t, subscribe(1, good), 503, "No leader elected")
	c.FailCalls(1, 418, "tea")
	wantAnswer(t, subscribe(1, good), 418, "tea")
	wantAnswer(t, subscribe(1, good), 503, "No leader elected")
}

func TestConformance18HalfOpenStream(t *testing.T) {
	parallel(t)
	c := localOnly(t, Config{HeartbeatInterval: 20 * time.Millisecond})
	f := newTestFramework(t, c.MasterAddr()).subscribe()
	f.await("HEARTBEAT", isType(scheduler.Event_HEARTBEAT))
	c.StallSchedulers(true)
	f.awaitSilence(quiet)
	f.must(&scheduler.Call{Type: scheduler.Call_REVIVE})
	c.StallSchedulers(false)
	f.await("HEARTBEAT", isType(scheduler.Event_HEARTBEAT))
	if n := c.CutSchedulers(); n != 1 {
		t.Errorf("cut %d streams, want 1", n)
	}
	if err := f.awaitEnd(); errors.Is(err, io.EOF) {
		t.Error("a cut stream ended with the final chunk")
	}
}
