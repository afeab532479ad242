package localmesos

import (
	"fmt"
	"slices"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"elevator/internal/localmesos/clustertest"
)

func isMessage(e *scheduler.Event) bool { return e.Type == scheduler.Event_MESSAGE }

func TestConformance49MessagesAreDropped(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{Agents: 1})
	f := newTestFramework(t, master).subscribe()
	o := f.offer()
	late := lateExecutor(t, "ex1", "TEST_SUBSCRIBE_AFTER_MS=200") // which the message takes at most
	f.launch(o, testTask("t1", "run", late.info))
	f.message(o.AgentID, "ex1", "Etoo early")
	late.letSubscribe()
	f.acked("t1", mesos.TASK_RUNNING)
	f.message(o.AgentID, "nobody", "Eno executor")
	f.message(o.AgentID, "ex1", "Ein time")
	event := f.await("MESSAGE", isMessage)
	if got := string(event.Message.Data); got != "Ein time" {
		t.Errorf("message %q", got)
	}
	if event.Message.AgentID != o.AgentID || event.Message.ExecutorID.Value != "ex1" {
		t.Errorf("message from %v", event.Message)
	}
	f.cut(o.AgentID, "ex1", 2*time.Second)
	f.message(o.AgentID, "ex1", "Ewhile cut")
	f.echo(o.AgentID, "ex1", "back")
	if got := string(f.await("MESSAGE", isMessage).Message.Data); got != "Eback" {
		t.Errorf("message %q after the cut", got)
	}
}

func TestConformance49MessagesKeepOrder(t *testing.T) {
	parallel(t)
	master, c := endpoint(t, Config{Agents: 1})
	f := newTestFramework(t, master).subscribe()
	agent := f.running(testExecutorInfo("ex1"), "t1")
	const n = 300
	setFaults := func(faults MessageFaults) {
		if c != nil {
			c.SetMessageFaults(faults)
		}
	}
	for pass, faults := range []MessageFaults{
		{},
		{DelayMin: time.Millisecond, DelayMax: 20 * time.Millisecond},
		{ToExecutor: 0.3},
		{ToScheduler: 1},
	} {
		if pass > 0 && c == nil {
			break
		}
		setFaults(faults)
		for i := range n {
			f.message(agent, "ex1", fmt.Sprintf("E%d-%06d", pass, i))
		}
		setFaults(MessageFaults{ToScheduler: faults.ToScheduler})
		barrier := fmt.Sprintf("barrier-%d", pass) // an update, which is not lost, after all echoes
		f.message(agent, "ex1", "Crun:"+barrier)
		f.acked(barrier, mesos.TASK_RUNNING)
		setFaults(MessageFaults{})
		f.message(agent, "ex1", "Elast")
		var got []string
		for {
			data := string(f.await("MESSAGE", isMessage).Message.Data)
			if data == "Elast" {
				break
			}
			got = append(got, data)
		}
		if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
			t.Errorf("pass %d: messages out of order or twice: %v", pass, got)
		}
		least, most := n, n
		switch pass {
		case 2:
			least, most = n/2, n*9/10
		case 3:
			least, most = 0, 0
		}
		if len(got) < least || len(got) > most {
			t.Errorf("pass %d: %d messages, want %d to %d", pass, len(got), least, most)
		}
	}
}

func TestConformance50And51AgentUnreachableAndBack(t *testing.T) {
	parallel(t)
	master, cluster := breakable(t, Config{Agents: 1, PingInterval: 100 * time.Millisecond, PingTimeouts: 2})
	f := newTestFramework(t, master).subscribe()
	old := newTestFramework(t, master, func(i *mesos.FrameworkInfo) { i.Capabilities = nil })
	agent := f.running(testExecutorInfo("ex1"), "t1")
	o := f.offer()
	cluster.agent(clustertest.FreezeAgent, o)
	old.subscribe()
	rescinded := f.await("RESCIND", isType(scheduler.Event_RESCIND))
	if rescinded.Rescind.OfferID != o.ID {
		t.Errorf("RESCIND %v", rescinded.Rescind)
	}
	status := f.status("t1", mesos.TASK_UNREACHABLE)
	wantStatus(t, status, mesos.SOURCE_MASTER, mesos.REASON_AGENT_REMOVED, "health check timed out")
	if status.UnreachableTime == nil {
		t.Error("no unreachable_time")
	}
	failure := f.await("FAILURE", isType(scheduler.Event_FAILURE)).Failure
	if failure.GetAgentID().GetValue() != agent.Value || failure.ExecutorID != nil || failure.Status != nil {
		t.Errorf("FAILURE %v, want the agent only", failure)
	}
	old.await("FAILURE", isType(scheduler.Event_FAILURE))

	ask := scheduler.Call_Reconcile_Task{TaskID: mesos.TaskID{Value: "t1"}, AgentID: &agent}
	f.reconcile(ask)
	wantStatus(t, f.status("t1", mesos.TASK_UNREACHABLE), mesos.SOURCE_MASTER, mesos.REASON_RECONCILIATION, "Reconciliation: Task is unreachable")
	f.reconcile(scheduler.Call_Reconcile_Task{TaskID: mesos.TaskID{Value: "t1"}})
	f.status("t1", mesos.TASK_UNKNOWN)
	f.kill("t1", &agent)
	f.status("t1", mesos.TASK_UNREACHABLE)
	f.reconcile() // leaves it out
	f.never(quiet, "update", isUpdateOf("t1"))

	cluster.agent(clustertest.ThawAgent, o)
	status = f.status("t1", mesos.TASK_RUNNING)
	wantStatus(t, status, mesos.SOURCE_MASTER, mesos.REASON_AGENT_REREGISTERED, "Unreachable agent re-reregistered")
	f.message(agent, "ex1", "Ealive")
	f.awaitMessage("Ealive")
	f.kill("t1", nil)
	f.acked("t1", mesos.TASK_KILLED)
}

func TestConformance50AgentRemoved(t *testing.T) {
	parallel(t)
	c := localOnly(t, Config{Agents: 1})
	f := newTestFramework(t, c.MasterAddr()).subscribe()
	f.running(testExecutorInfo("ex1"), "t1")
	if err := c.RemoveAgent(0); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, f.status("t1", mesos.TASK_LOST), mesos.SOURCE_MASTER, mesos.REASON_AGENT_REMOVED, "Agent agent-1 removed: the agent unregistered")
	f.await("FAILURE", isType(scheduler.Event_FAILURE))
	waitFor(t, "end of the executor", func() bool { return len(c.Executors()) == 0 })
}

func TestConformance52AgentRestart(t *testing.T) {
	parallel(t)
	master, cluster := breakable(t, Config{Agents: 1})
	f := newTestFramework(t, master).subscribe()
	agent := f.running(testExecutorInfo("ex1"), "t1", "t2")
	before := f.processes()
	f.launch(f.offer(), testTask("t3", "run", testExecutorInfo("ex1")))
	unacked := f.status("t3", mesos.TASK_RUNNING)
	o := f.offer()
	cluster.agent(clustertest.KillAgent, o)
	f.await("RESCIND", isType(scheduler.Event_RESCIND))
	f.message(agent, "ex1", "Elost")
	f.kill("t2", nil)
	f.never(quiet, "update while the agent is away", func(e *scheduler.Event) bool { return e.Type == scheduler.Event_UPDATE })
	cluster.agent(clustertest.StartAgent, o)
	again := f.acked("t3", mesos.TASK_RUNNING)
	if !slices.Equal(again.UUID, unacked.UUID) {
		t.Errorf("uuid %x became %x", unacked.UUID, again.UUID)
	}
	f.acked("t2", mesos.TASK_KILLED) // the KILL was kept for it
	f.message(agent, "ex1", "Eback")
	if got := string(f.await("MESSAGE", isMessage).Message.Data); got != "Eback" {
		t.Errorf("message %q", got)
	}
	if after := f.processes(); len(before) != 1 || !slices.Equal(after, before) {
		t.Errorf("executors %v were %v", after, before)
	}
	if c := cluster.local; c != nil {
		if list := c.Executors(); len(list) != 1 || !list[0].Subscribed || list[0].Tasks != 2 {
			t.Errorf("executors %+v, want one subscribed with 2 tasks", list)
		}
	}
}

func TestConformance52AgentRestartWithoutCheckpoint(t *testing.T) {
	parallel(t)
	master, cluster := breakable(t, Config{Agents: 1})
	f := newTestFramework(t, master, func(i *mesos.FrameworkInfo) { i.Checkpoint = nil }).subscribe()
	f.running(testExecutorInfo("ex1"), "t1")
	o := f.offer()
	cluster.agent(clustertest.KillAgent, o)
	wantStatus(t, f.status("t1", mesos.TASK_LOST), mesos.SOURCE_MASTER, mesos.REASON_AGENT_DISCONNECTED, "Agent "+o.Hostname+" disconnected")
	cluster.agent(clustertest.StartAgent, o)
	waitFor(t, "end of the executor", func() bool { return len(f.processes()) == 0 })
	f.offer()
}

func TestConformance52ExecutorLostWhileAgentAway(t *testing.T) {
	parallel(t)
	master, cluster := breakable(t, Config{Agents: 1})
	f := newTestFramework(t, master).subscribe()
	o, executor := f.offer(), testExecutorInfo("ex1")
	f.launch(o, testTask("t1", "run;sleep:400;exit:0", executor))
	f.acked("t1", mesos.TASK_RUNNING)
	f.settle(o.AgentID, executor)
	cluster.agent(clustertest.KillAgent, o)
	waitFor(t, "exit", func() bool { return len(f.processes()) == 0 })
	cluster.agent(clustertest.StartAgent, o)
	f.acked("t1", mesos.TASK_FAILED)
}

func TestConformance53MasterRestart(t *testing.T) {
	parallel(t)
	master, cluster := breakable(t, Config{Agents: 1, ReregistrationDelay: 700 * time.Millisecond})
	f := newTestFramework(t, master).subscribe()
	agent := f.running(testExecutorInfo("ex1"), "t1")
	cluster.restartMaster()
	f.awaitEnd()
	f.subscribe()             // the id is taken over
	if cluster.local != nil { // elsewhere the agent may be back by now
		f.reconcile()
		f.reconcile(scheduler.Call_Reconcile_Task{TaskID: mesos.TaskID{Value: "t1"}},
			scheduler.Call_Reconcile_Task{TaskID: mesos.TaskID{Value: "unknown"}})
		f.never(quiet, "answer before the agent is back", func(e *scheduler.Event) bool { return e.Type == scheduler.Event_UPDATE })
	}
	f.offer()
	f.reconcile()
	f.status("t1", mesos.TASK_RUNNING)
	waitFor(t, "answer when all agents are back", func() bool {
		f.reconcile(scheduler.Call_Reconcile_Task{TaskID: mesos.TaskID{Value: "unknown"}})
		return f.came(isUpdateOf("unknown"))
	})
	f.status("unknown", mesos.TASK_UNKNOWN)
	f.message(agent, "ex1", "Ehello")
	f.awaitMessage("Ehello")
	f.kill("t1", &agent)
	f.acked("t1", mesos.TASK_KILLED)
}

func TestConformance53LeaderChange(t *testing.T) {
	parallel(t)
	c := localOnly(t, Config{Agents: 2, Masters: 2})
	f := newTestFramework(t, c.MasterAddr()).subscribe()
	f.running(testExecutorInfo("ex1"), "t1")
	if err := c.StopMaster(0); err != nil {
		t.Fatal(err)
	}
	f.awaitEnd()
	if code := f.trySubscribe(); code != 0 {
		t.Errorf("a stopped master answered %d", code)
	}
	if err := c.Elect(1); err != nil {
		t.Fatal(err)
	}
	f.master = c.MasterAddr()
	f.subscribe()
	f.offer()
	f.kill("t1", nil)
	f.acked("t1", mesos.TASK_KILLED)
	if err := c.StartMaster(0); err != nil {
		t.Fatal(err)
	}
}

func TestConformance53LaunchWhileCut(t *testing.T) {
	parallel(t)
	master, c := endpoint(t, Config{Agents: 1})
	f := newTestFramework(t, master).subscribe()
	agent := f.running(testExecutorInfo("ex1"), "t1")
	f.cut(agent, "ex1", 2*time.Second)
	f.launch(f.offer(), testTask("t2", "run", testExecutorInfo("ex1")))
	wantStatus(t, f.acked("t2", mesos.TASK_DROPPED), mesos.SOURCE_AGENT, mesos.REASON_AGENT_RESTARTED, "Task launched during agent restart")
	if c == nil {
		return
	}
	if n := c.CutExecutor("ex1"); n != 1 {
		t.Errorf("cut %d streams, want 1", n)
	}
	f.echo(agent, "ex1", "back")
}
