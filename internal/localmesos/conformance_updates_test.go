package localmesos

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

func isUpdateOf(task string) func(*scheduler.Event) bool {
	return func(e *scheduler.Event) bool {
		return e.Type == scheduler.Event_UPDATE && e.Update.Status.TaskID.Value == task
	}
}

// running launches tasks of one executor and waits until all run.
func (f *testFramework) running(executor *mesos.ExecutorInfo, ids ...string) mesos.AgentID {
	f.t.Helper()
	o := f.offer()
	var tasks []mesos.TaskInfo
	for _, id := range ids {
		tasks = append(tasks, testTask(id, "run", executor))
	}
	f.launch(o, tasks...)
	for _, id := range ids {
		f.acked(id, mesos.TASK_RUNNING)
	}
	f.settle(o.AgentID, executor)
	return o.AgentID
}

// settle waits until the agent has got the acknowledgements sent so far: a
// message takes the same way behind them.
func (f *testFramework) settle(agent mesos.AgentID, executor *mesos.ExecutorInfo) {
	f.t.Helper()
	f.message(agent, executor.ExecutorID.Value, "Esettled")
	f.awaitMessage("Esettled")
}

func TestConformance39Retries(t *testing.T) {
	parallel(t)
	retry, last := 100*time.Millisecond, 4
	master, c := endpoint(t, Config{Agents: 1, UpdateRetryMin: retry, UpdateRetryMax: 4 * retry})
	if c == nil {
		retry, last = 10*time.Second, 2
	}
	f := newTestFramework(t, master).subscribe()
	o, start := f.offer(), time.Now()
	executor := testExecutorInfo("ex1")
	f.launch(o, testTask("t1", "run", executor))
	first := f.status("t1", mesos.TASK_RUNNING)
	for _, intervals := range []time.Duration{1, 3, 7, 11}[:last] {
		again := f.status("t1", mesos.TASK_RUNNING)
		if after := time.Since(start); after < intervals*retry {
			t.Errorf("again %v after the launch, want at least %v", after, intervals*retry)
		}
		if !slices.Equal(again.UUID, first.UUID) || again.GetTimestamp() != first.GetTimestamp() {
			t.Errorf("again with uuid %x at %v, first %x at %v", again.UUID, again.GetTimestamp(), first.UUID, first.GetTimestamp())
		}
	}
	f.acknowledge(first)
	f.settle(o.AgentID, executor)
	f.kept = nil // one may have crossed the acknowledgement
	f.never(600*time.Millisecond, "update after the acknowledgement", isUpdateOf("t1"))
}

func TestConformance40OnlyTheHead(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{Agents: 1})
	f := newTestFramework(t, master).subscribe()
	executor := testExecutorInfo("ex1")
	f.launch(f.offer(), testTask("t1", "starting;run;finish", executor), testTask("t2", "run", executor))
	first := f.status("t1", mesos.TASK_STARTING)
	f.acked("t2", mesos.TASK_RUNNING) // tasks do not wait for each other
	f.never(quiet, "second update", isUpdateOf("t1"))
	f.reconcile()
	latest := f.await("latest state", isUpdateOf("t1")).Update.Status
	wantStatus(t, latest, mesos.SOURCE_MASTER, mesos.REASON_RECONCILIATION, "Reconciliation: Latest task state")
	if latest.GetState() != mesos.TASK_STARTING { // the master knows no more than what was forwarded
		t.Errorf("latest state %v, want STARTING", latest.GetState())
	}
	f.acknowledge(first)
	f.acked("t1", mesos.TASK_RUNNING)
	f.acked("t1", mesos.TASK_FINISHED)
}

func TestConformance41Duplicates(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{Agents: 1})
	f := newTestFramework(t, master).subscribe()
	executor, o := testExecutorInfo("ex1", "TEST_TELL_ACKNOWLEDGED=1"), f.offer()
	f.launch(o, testTask("t1", "run", executor))
	f.awaitMessage("At1")
	running := f.status("t1", mesos.TASK_RUNNING)
	f.message(o.AgentID, "ex1", "Crepeat") // the scheduler has not acknowledged it
	f.awaitMessage("At1")                  // an executor that sends again hears again that the agent has it
	f.never(quiet, "the duplicate", isUpdateOf("t1"))
	f.acknowledge(running)
	f.settle(o.AgentID, executor)
	f.message(o.AgentID, "ex1", "Crepeat")
	f.awaitMessage("At1")
	f.never(quiet, "the duplicate of what is acknowledged", isUpdateOf("t1"))
	f.message(o.AgentID, "ex1", "Cfinish:t1") // the next one is not held up
	f.acked("t1", mesos.TASK_FINISHED)
}

func TestConformance42AfterTheEnd(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{Agents: 1})
	f := newTestFramework(t, master).subscribe()
	agent := f.running(testExecutorInfo("ex1"), "t1", "t2")
	f.kill("t1", nil)
	end := f.status("t1", mesos.TASK_KILLED)
	f.message(agent, "ex1", "Cfinish:t1") // known, ended, not acknowledged: dropped
	f.message(agent, "ex1", "Crun:t1")
	f.message(agent, "ex1", "E1")
	f.awaitMessage("E1")
	f.acknowledge(end)
	f.never(quiet, "update", isUpdateOf("t1"))
	f.message(agent, "ex1", "Cfinish:t1") // unknown by now: forwarded as it is
	if status := f.acked("t1", mesos.TASK_FINISHED); status.ContainerStatus != nil {
		t.Errorf("container status %v of an unknown task", status.ContainerStatus)
	}
	f.message(agent, "ex1", "Crun:never-launched")
	f.acked("never-launched", mesos.TASK_RUNNING)
}

func TestConformance43UpdateWhileAway(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{Agents: 1})
	f := newTestFramework(t, master).subscribe()
	f.launch(f.offer(), testTask("t1", "run;sleep:200;finish", testExecutorInfo("ex1")))
	f.acked("t1", mesos.TASK_RUNNING)
	f.disconnect()
	<-time.After(400 * time.Millisecond)
	f.subscribe()
	f.acked("t1", mesos.TASK_FINISHED)
}

func TestConformance44ForeignAcknowledgements(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{Agents: 1, UpdateRetryMin: 150 * time.Millisecond})
	f := newTestFramework(t, master).subscribe()
	f.launch(f.offer(), testTask("t1", "run", testExecutorInfo("ex1")))
	status := f.status("t1", mesos.TASK_RUNNING)
	other := status
	other.UUID = newUUID()
	f.acknowledge(other)
	other = status
	other.TaskID.Value = "other"
	f.acknowledge(other)
	f.acked("t1", mesos.TASK_RUNNING) // it comes again
	f.acknowledge(status)
	f.never(quiet, "update", isUpdateOf("t1"))
}

func TestConformance45ExecutorExit(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{Agents: 1})
	f := newTestFramework(t, master).subscribe()
	executor := testExecutorInfo("ex1")
	f.launch(f.offer(), testTask("t1", "run", executor), testTask("t2", "run;sleep:100;exit:3", executor))
	f.acked("t1", mesos.TASK_RUNNING)
	f.acked("t2", mesos.TASK_RUNNING)
	isFailure := isType(scheduler.Event_FAILURE)
	first := f.await("FAILURE or UPDATE", func(e *scheduler.Event) bool { return isFailure(e) || e.Type == scheduler.Event_UPDATE })
	if !isFailure(first) || first.Failure.GetStatus() != 3<<8 || first.Failure.GetExecutorID().GetValue() != "ex1" {
		t.Errorf("first event %v, want FAILURE with status 768", first)
	}
	for _, id := range []string{"t1", "t2"} {
		wantStatus(t, f.acked(id, mesos.TASK_FAILED), mesos.SOURCE_AGENT, mesos.REASON_EXECUTOR_TERMINATED, "Executor terminated")
	}
}

// lateProcess is an executor that starts and subscribes later.
type lateProcess struct {
	t     *testing.T
	info  *mesos.ExecutorInfo
	start string // a file it makes when it has started
	let   string // a file it waits for before it subscribes
}

func lateExecutor(t *testing.T, id string, environment ...string) lateProcess {
	start, let := filepath.Join(t.TempDir(), "started"), filepath.Join(t.TempDir(), "subscribe")
	environment = append(environment, "TEST_SUBSCRIBE_AFTER_FILE="+let, "TEST_STARTED_FILE="+start)
	return lateProcess{t, testExecutorInfo(id, environment...), start, let}
}

// awaitStart waits for the process. What a KILL that overtakes the launch does
// inside the agent depends on the moment.
func (l lateProcess) awaitStart() {
	l.t.Helper()
	waitFor(l.t, "start of the executor", func() bool { return exists(l.start) })
}

// letSubscribe ends the process's wait.
func (l lateProcess) letSubscribe() {
	l.t.Helper()
	if err := os.WriteFile(l.let, nil, 0o600); err != nil {
		l.t.Fatal(err)
	}
}

func TestConformance46Kill(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{Agents: 1})
	f := newTestFramework(t, master).subscribe()
	agent := f.running(testExecutorInfo("ex1"), "t1")
	const message = "Killed before delivery to the executor"

	late := lateExecutor(t, "late")
	f.launch(f.offer(), testTask("q1", "run", late.info), testTask("q2", "run", late.info))
	late.awaitStart()
	f.kill("q1", nil)
	wantStatus(t, f.acked("q1", mesos.TASK_KILLED), mesos.SOURCE_AGENT, mesos.REASON_TASK_KILLED_DURING_LAUNCH, message)
	late.letSubscribe()
	f.acked("q2", mesos.TASK_RUNNING)

	only := lateExecutor(t, "only")
	f.launch(f.offer(), testTask("q3", "run", only.info))
	only.awaitStart()
	f.kill("q3", nil)
	f.acked("q3", mesos.TASK_KILLED)
	only.letSubscribe()
	f.await("FAILURE: the executor is told to end", func(e *scheduler.Event) bool {
		return e.Type == scheduler.Event_FAILURE && e.Failure.GetExecutorID().GetValue() == "only"
	})

	f.message(agent, "ex1", "Cignorekill")
	f.kill("t1", &agent)
	f.kill("t1", &agent)
	f.never(quiet, "update of a task whose executor ignores KILL", isUpdateOf("t1"))
}

func TestConformance47KillUnknown(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{Agents: 1})
	for _, aware := range []bool{true, false} {
		f := newTestFramework(t, master, func(i *mesos.FrameworkInfo) {
			if !aware {
				i.Capabilities = nil
			}
		}).subscribe()
		agent := f.offer().AgentID
		for _, x := range []struct {
			id      string
			agent   *mesos.AgentID
			state   mesos.TaskState
			message string
		}{
			{"k1", &agent, mesos.TASK_GONE, "Reconciliation: Task is unknown to the agent"},
			{"k2", nil, mesos.TASK_UNKNOWN, "Reconciliation: Task is unknown"},
			{"k3", &mesos.AgentID{Value: "no-agent"}, mesos.TASK_UNKNOWN, "Reconciliation: Task is unknown"},
		} {
			if !aware {
				x.state = mesos.TASK_LOST
			}
			f.kill(x.id, x.agent)
			wantStatus(t, f.status(x.id, x.state), mesos.SOURCE_MASTER, mesos.REASON_RECONCILIATION, x.message)
			f.reconcile(scheduler.Call_Reconcile_Task{TaskID: mesos.TaskID{Value: x.id}, AgentID: x.agent})
			f.status(x.id, x.state)
		}
		f.must(&scheduler.Call{Type: scheduler.Call_TEARDOWN})
		f.disconnect()
		f.cancel = nil
	}
}

func TestConformance48KillWithWrongAgent(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{Agents: 1})
	f := newTestFramework(t, master).subscribe()
	f.running(testExecutorInfo("ex1"), "t1")
	f.kill("t1", &mesos.AgentID{Value: "no-agent"})
	f.never(quiet, "update", isUpdateOf("t1"))
}
