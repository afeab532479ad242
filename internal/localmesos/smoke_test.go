package localmesos

import (
	"testing"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
)

func TestSmoke(t *testing.T) {
	master, _ := endpoint(t, Config{})
	f := newTestFramework(t, master).subscribe()
	o := f.offer()
	f.launch(o, testTask("t1", "starting;run", testExecutorInfo("ex1")))
	f.acked("t1", mesos.TASK_STARTING)
	f.acked("t1", mesos.TASK_RUNNING)
	f.message(o.AgentID, "ex1", "Ehello")
	f.awaitMessage("Ehello")
	f.kill("t1", nil)
	f.acked("t1", mesos.TASK_KILLED)
}
