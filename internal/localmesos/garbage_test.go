package localmesos

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// The sandbox of an executor that has ended is kept for a while and then removed;
// those of executors that run stay.
func TestOldSandboxesAreRemoved(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := localOnly(t, Config{Agents: 1, WorkDir: dir, GCDelay: time.Second, GCDiskHeadroom: 0.01, DiskWatchInterval: 10 * time.Millisecond})
	sandboxes := func() int {
		found, err := filepath.Glob(filepath.Join(dir, "agent-1/slaves/*/frameworks/*/executors/*/runs/*-*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	f := newTestFramework(t, c.MasterAddr()).subscribe()
	agent := f.running(testExecutorInfo("ex1"), "t1")
	f.running(testExecutorInfo("ex2"), "t2")
	f.kill("t1", &agent)
	f.acked("t1", mesos.TASK_KILLED)
	f.must(&scheduler.Call{Type: scheduler.Call_SHUTDOWN, Shutdown: &scheduler.Call_Shutdown{
		AgentID: agent, ExecutorID: mesos.ExecutorID{Value: "ex1"},
	}})
	waitFor(t, "the old sandbox is gone", func() bool { return sandboxes() == 1 })
	if left := c.Executors(); len(left) != 1 || left[0].ExecutorID != "ex2" {
		t.Fatalf("executors %+v", left)
	}
	f.must(&scheduler.Call{Type: scheduler.Call_TEARDOWN})
	waitFor(t, "the framework's directory is gone", func() bool {
		left, err := os.ReadDir(filepath.Join(dir, "agent-1/slaves", c.AgentIDs()[0], "frameworks"))
		return err == nil && len(left) == 0
	})
}

// The fuller the disk, the sooner sandboxes go.
func TestSandboxesGoSoonerOnAFullDisk(t *testing.T) {
	cfg := Config{WorkDir: "x", GCDelay: 10 * time.Hour}.withDefaults()
	for used, want := range map[float64]time.Duration{0: 9 * time.Hour, 0.4: 5 * time.Hour, 0.9: 0, 1: 0} {
		if got := cfg.keepSandboxes(used).Round(time.Second); got != want {
			t.Errorf("%v of the disk is used: sandboxes are kept for %v, want %v", used, got, want)
		}
	}
}
