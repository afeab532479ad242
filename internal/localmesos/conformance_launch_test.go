package localmesos

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

func wantStatus(t *testing.T, s mesos.TaskStatus, source mesos.TaskStatus_Source, reason mesos.TaskStatus_Reason, message string) {
	t.Helper()
	if s.GetSource() != source || s.GetReason() != reason || s.GetMessage() != message {
		t.Errorf("%s: %v %v %q,\nwant %v %v %q", s.TaskID.Value, s.GetSource(), s.GetReason(), s.GetMessage(), source, reason, message)
	}
	if hasUUID := len(s.UUID) > 0; hasUUID != (source != mesos.SOURCE_MASTER) {
		t.Errorf("%s: uuid %x from %v", s.TaskID.Value, s.UUID, source)
	}
}

func TestConformance31TaskValidation(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{Agents: 1})
	f := newTestFramework(t, master).subscribe()
	base := func(id string) mesos.TaskInfo { return testTask(id, "run", testExecutorInfo("ex1")) }
	o := f.offer()
	f.launch(o, base("base"))
	f.acked("base", mesos.TASK_RUNNING)
	for _, c := range []struct {
		id      string
		change  func(*mesos.TaskInfo)
		message string
	}{
		{"", func(*mesos.TaskInfo) {}, "ID must not be empty"},
		{strings.Repeat("x", 256), func(*mesos.TaskInfo) {}, "ID must not be greater than 255 characters"},
		{".", func(*mesos.TaskInfo) {}, "'.' is disallowed"},
		{"..", func(*mesos.TaskInfo) {}, "'..' is disallowed"},
		{"a/b", func(*mesos.TaskInfo) {}, "'a/b' contains invalid characters"},
		{`a\b`, func(*mesos.TaskInfo) {}, `'a\b' contains invalid characters`},
		{"a\nb", func(*mesos.TaskInfo) {}, "'a\nb' contains invalid characters"},
		{"base", func(*mesos.TaskInfo) {}, "Task has duplicate ID: base"},
		{
			"agent", func(i *mesos.TaskInfo) { i.AgentID.Value = "no-agent" },
			"Task uses invalid agent no-agent while agent " + o.AgentID.Value + " is expected",
		},
		{"nothing", func(i *mesos.TaskInfo) { i.Resources = nil }, "Task uses no resources"},
		{
			"negative", func(i *mesos.TaskInfo) { i.Resources[0] = scalar("cpus", -1) },
			"Resource 'cpus:-1' is invalid: Invalid scalar resource: value <= 0",
		},
		{
			"tiny", func(i *mesos.TaskInfo) { i.Resources[0] = scalar("cpus", 0.0004) },
			"Resource 'cpus:0' is invalid: Invalid scalar resource: value <= 0",
		},
		{
			"neither", func(i *mesos.TaskInfo) { i.Executor = nil },
			"Task should have at least one (but not both) of CommandInfo or ExecutorInfo present",
		},
		{
			"both", func(i *mesos.TaskInfo) { i.Command = &mesos.CommandInfo{Value: new("true")} },
			"Task should have at least one (but not both) of CommandInfo or ExecutorInfo present",
		},
		{"command", func(i *mesos.TaskInfo) { i.Executor.Command = nil }, "'ExecutorInfo.command' must be set for 'CUSTOM' executor"},
		{
			"framework", func(i *mesos.TaskInfo) { i.Executor.FrameworkID = &mesos.FrameworkID{Value: "other"} },
			"ExecutorInfo has an invalid FrameworkID (Actual: other vs Expected: " + f.id + ")",
		},
	} {
		task := base(c.id)
		o := f.offer()
		task.AgentID = o.AgentID
		c.change(&task)
		f.launch(o, task)
		wantStatus(t, f.status(c.id, mesos.TASK_ERROR), mesos.SOURCE_MASTER, mesos.REASON_TASK_INVALID, c.message)
	}
}

func TestConformance32OneBadOfThree(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{Agents: 1})
	f := newTestFramework(t, master).subscribe()
	executor := testExecutorInfo("ex1")
	bad := testTask("bad", "run", executor)
	bad.Resources = nil
	f.launch(f.offer(), testTask("t1", "run", executor), bad, testTask("t3", "run", executor))
	f.status("bad", mesos.TASK_ERROR)
	f.acked("t1", mesos.TASK_RUNNING)
	f.acked("t3", mesos.TASK_RUNNING)
}

func TestConformance33InvalidOffers(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{Agents: 2})
	for _, aware := range []bool{true, false} {
		f := newTestFramework(t, master, func(i *mesos.FrameworkInfo) {
			if !aware {
				i.Capabilities = nil
			}
		}).subscribe()
		state := mesos.TASK_LOST
		if aware {
			state = mesos.TASK_DROPPED
		}
		offers := f.offersOf(2)
		a, b := offers[0], offers[1]
		refused := func(id, problem string, offers ...mesos.OfferID) {
			t.Helper()
			task := testTask(id, "run", testExecutorInfo("ex1"))
			task.AgentID = a.AgentID
			f.must(&scheduler.Call{Type: scheduler.Call_ACCEPT, Accept: &scheduler.Call_Accept{
				OfferIDs: offers,
				Operations: []mesos.Offer_Operation{{
					Type:   mesos.Offer_Operation_LAUNCH,
					Launch: &mesos.Offer_Operation_Launch{TaskInfos: []mesos.TaskInfo{task}},
				}},
			}})
			wantStatus(t, f.status(id, state), mesos.SOURCE_MASTER, mesos.REASON_INVALID_OFFERS,
				"Task launched with invalid offers: "+problem)
		}
		refused("none", "No offers specified")
		refused("unknown", "Offer no-such-offer is no longer valid", mesos.OfferID{Value: "no-such-offer"})
		refused("twice", "Duplicate offer "+a.ID.Value+" in offer list", a.ID, a.ID)
		a = f.offers()[0] // in the next round: an invalid ACCEPT leaves no filter
		refused("mixed", "Aggregated offers must belong to one single agent. Offer "+b.ID.Value+" uses agent "+
			b.AgentID.Value+" and agent "+a.AgentID.Value, a.ID, b.ID)
		f.must(&scheduler.Call{Type: scheduler.Call_TEARDOWN})
		f.disconnect()
		f.cancel = nil
	}
}

func TestConformance34ExecutorChargedOnce(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{Agents: 1})
	f := newTestFramework(t, master).subscribe()
	executor := testExecutorInfo("ex1")
	o := f.offer()
	all := offered(o, "cpus")
	f.launch(o, testTask("t1", "run", executor), testTask("t2", "run", executor))
	f.acked("t1", mesos.TASK_RUNNING)
	f.acked("t2", mesos.TASK_RUNNING)
	o = f.offer()
	if got := offered(o, "cpus"); milli(got) != milli(all-0.3) {
		t.Errorf("cpus %v, want %v less three times 0.1", got, all)
	}
	awaitOffer := func(cpus float64, executors int) {
		t.Helper()
		for {
			o := f.offer()
			f.decline(0, o)
			if milli(offered(o, "cpus")) == milli(cpus) && len(o.ExecutorIDs) == executors {
				return
			}
		}
	}
	f.kill("t1", nil)
	f.kill("t2", nil)
	f.acked("t1", mesos.TASK_KILLED)
	f.acked("t2", mesos.TASK_KILLED)
	f.decline(0, o)
	awaitOffer(all-0.1, 1)
	f.must(&scheduler.Call{Type: scheduler.Call_SHUTDOWN, Shutdown: &scheduler.Call_Shutdown{
		AgentID: o.AgentID, ExecutorID: executor.ExecutorID,
	}})
	f.await("FAILURE", isType(scheduler.Event_FAILURE))
	awaitOffer(all, 0)
}

func TestConformance35IncompatibleExecutor(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{Agents: 1})
	f := newTestFramework(t, master).subscribe()
	o := f.offer()
	f.launch(o, testTask("t1", "run", testExecutorInfo("ex1")))
	f.acked("t1", mesos.TASK_RUNNING)
	f.launch(f.offer(), testTask("t2", "run", testExecutorInfo("ex1", "OTHER=1")))
	status := f.status("t2", mesos.TASK_ERROR)
	if want := "ExecutorInfo is not compatible with existing ExecutorInfo with same ExecutorID.\n---"; !strings.HasPrefix(status.GetMessage(), want) {
		t.Errorf("message %q, want %q…", status.GetMessage(), want)
	}
	reordered := testExecutorInfo("ex1")
	reordered.Resources[0], reordered.Resources[1] = reordered.Resources[1], reordered.Resources[0]
	f.launch(f.offer(), testTask("t3", "run", reordered))
	f.acked("t3", mesos.TASK_RUNNING)
}

func TestConformance36TaskIDs(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{Agents: 1})
	f := newTestFramework(t, master).subscribe()
	executor := testExecutorInfo("ex1")
	f.launch(f.offer(), testTask("t1", "run;finish", executor))
	f.acked("t1", mesos.TASK_RUNNING)
	end := f.status("t1", mesos.TASK_FINISHED)
	f.launch(f.offer(), testTask("t1", "run", executor))
	wantStatus(t, f.status("t1", mesos.TASK_ERROR), mesos.SOURCE_MASTER, mesos.REASON_TASK_INVALID, "Task has duplicate ID: t1")
	f.acknowledge(end)
	f.launch(f.offer(), testTask("t1", "run", executor))
	f.acked("t1", mesos.TASK_RUNNING)
}

func TestConformance37DyingExecutor(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{Agents: 1})
	f := newTestFramework(t, master).subscribe()
	executor := testExecutorInfo("ex1")
	o := f.offer()
	f.launch(o, testTask("t1", "run;exit:0", executor))
	f.acked("t1", mesos.TASK_RUNNING)
	end := f.status("t1", mesos.TASK_FAILED)
	f.launch(f.offer(), testTask("t2", "run", executor)) // the end is not acknowledged yet
	wantStatus(t, f.acked("t2", mesos.TASK_DROPPED), mesos.SOURCE_AGENT, mesos.REASON_EXECUTOR_TERMINATED,
		"Master wants to launch executor, but one already exists")
	f.acknowledge(end)
	f.launch(f.offer(), testTask("t3", "run", executor))
	f.acked("t3", mesos.TASK_RUNNING)
}

func TestConformance38FailedLaunches(t *testing.T) {
	parallel(t)
	master, c := endpoint(t, Config{Agents: 1, RegistrationTimeout: time.Second})
	f := newTestFramework(t, master).subscribe()
	script := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(script, []byte("#!/bin/sh\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	command := func(id string, change func(*mesos.CommandInfo)) *mesos.ExecutorInfo {
		executor := testExecutorInfo(id)
		change(executor.Command)
		return executor
	}
	for _, x := range []struct {
		executor *mesos.ExecutorInfo
		status   []int32 // any of them
		reason   mesos.TaskStatus_Reason
		message  string
	}{
		{
			command("shell", func(c *mesos.CommandInfo) { c.Shell, c.Value = new(true), new("/no/such/command") }),
			[]int32{127 << 8},
			mesos.REASON_EXECUTOR_TERMINATED, "Executor terminated",
		},
		{
			command("exit", func(c *mesos.CommandInfo) { c.Shell, c.Value = new(true), new("exit 1") }),
			[]int32{1 << 8},
			mesos.REASON_EXECUTOR_TERMINATED, "Executor terminated",
		},
		// Two of a real agent's processes may write this status into one file, one behind the other.
		{
			command("not-executable", func(c *mesos.CommandInfo) { c.Value = &script }),
			[]int32{1 << 8, 256256},
			mesos.REASON_EXECUTOR_TERMINATED, "Executor terminated",
		},
		{command("uri", func(c *mesos.CommandInfo) {
			c.URIs = []mesos.CommandInfo_URI{{Value: "http://127.0.0.1:1/none"}}
		}), []int32{9, 1 << 8}, mesos.REASON_CONTAINER_LAUNCH_FAILED, "Failed to launch container: Failed to fetch all URIs for container '…': exited with status 1"},
		{
			testExecutorInfo("silent", "TEST_SUBSCRIBE_AFTER_MS=60000"),
			[]int32{9},
			mesos.REASON_EXECUTOR_REGISTRATION_TIMEOUT, "Executor did not register within 1secs",
		},
	} {
		id := x.executor.ExecutorID.Value
		if id == "silent" && c == nil {
			continue // its timeout is a minute
		}
		f.launch(f.offer(), testTask(id, "run", x.executor))
		failure := f.await("FAILURE", isType(scheduler.Event_FAILURE)).Failure
		if !slices.Contains(x.status, failure.GetStatus()) || failure.GetExecutorID().GetValue() != id {
			t.Errorf("%s: FAILURE %v, want status %v", id, failure, x.status)
		}
		status := f.acked(id, mesos.TASK_FAILED)
		before, rest, ok := strings.Cut(status.GetMessage(), "container '")
		if _, after, cut := strings.Cut(rest, "'"); ok && cut {
			status.Message = new(before + "container '…'" + after)
		}
		wantStatus(t, status, mesos.SOURCE_AGENT, x.reason, x.message)
	}
	nobody := command("user", func(c *mesos.CommandInfo) { c.User = new("nosuchuser") })
	if os.Geteuid() == 0 {
		f.launch(f.offer(), testTask("user", "run", nobody))
		if got := f.await("FAILURE", isType(scheduler.Event_FAILURE)).Failure.GetStatus(); got != -1 {
			t.Errorf("FAILURE status %d, want -1", got)
		}
		status := f.acked("user", mesos.TASK_DROPPED)
		if !strings.HasSuffix(status.GetMessage(), "Failed to chown directory to 'nosuchuser': No such user 'nosuchuser'") {
			t.Errorf("message %q", status.GetMessage())
		}
	}
}

func TestConformance38LaunchGroup(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{Agents: 1})
	f := newTestFramework(t, master).subscribe()
	group := func(executor *mesos.ExecutorInfo, tasks ...mesos.TaskInfo) {
		t.Helper()
		o := f.offer()
		for i := range tasks {
			tasks[i].AgentID, tasks[i].Executor = o.AgentID, nil
		}
		f.must(&scheduler.Call{Type: scheduler.Call_ACCEPT, Accept: &scheduler.Call_Accept{
			OfferIDs: []mesos.OfferID{o.ID},
			Operations: []mesos.Offer_Operation{{Type: mesos.Offer_Operation_LAUNCH_GROUP, LaunchGroup: &mesos.Offer_Operation_LaunchGroup{
				Executor: *executor, TaskGroup: mesos.TaskGroupInfo{Tasks: tasks},
			}}}, Filters: &mesos.Filters{RefuseSeconds: new(0.0)},
		}})
	}
	executor := testExecutorInfo("exg")
	refused := func(message string) {
		t.Helper()
		group(executor, testTask("g1", "run", nil), testTask("g2", "run", nil))
		for _, id := range []string{"g1", "g2"} {
			wantStatus(t, f.status(id, mesos.TASK_ERROR), mesos.SOURCE_MASTER, mesos.REASON_TASK_GROUP_INVALID, message)
		}
	}
	refused("'ExecutorInfo.framework_id' must be set")
	executor.FrameworkID = &mesos.FrameworkID{Value: f.id}
	refused("Executor 'exg' uses no disk")
	executor.Resources = append(executor.Resources, scalar("disk", 10))
	group(executor, testTask("g1", "run", nil), testTask("g2", "run", nil))
	f.acked("g1", mesos.TASK_RUNNING)
	f.acked("g2", mesos.TASK_RUNNING)
	f.kill("g1", nil)
	f.acked("g1", mesos.TASK_KILLED)
	f.never(quiet, "end of g2", func(e *scheduler.Event) bool {
		return e.Type == scheduler.Event_UPDATE && e.Update.Status.TaskID.Value == "g2"
	})
}
