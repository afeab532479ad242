package localmesos

import (
	"fmt"
	"testing"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// BenchmarkMessage measures MESSAGE calls to an executor, which echoes each.
func BenchmarkMessage(b *testing.B) {
	for _, media := range []string{mediaJSON, mediaProtobuf} {
		for _, size := range []int{64, 16 << 10} {
			b.Run(fmt.Sprintf("%s/%d", media[len("application/"):], size), func(b *testing.B) {
				c := startLocal(b, Config{Agents: 1})
				f := newTestFramework(b, c.MasterAddr())
				f.media = media
				f.subscribe()
				o := f.offer()
				mode := "json"
				if media == mediaProtobuf {
					mode = "protobuf"
				}
				f.launch(o, testTask("t1", "run", testExecutorInfo("ex1", "LOCALMESOS_TEST_EXECUTOR="+mode)))
				f.acked("t1", mesos.TASK_RUNNING)
				call := f.encode(&scheduler.Call{
					Type:        scheduler.Call_MESSAGE,
					FrameworkID: &mesos.FrameworkID{Value: f.id},
					Message: &scheduler.Call_Message{
						AgentID:    o.AgentID,
						ExecutorID: mesos.ExecutorID{Value: "ex1"}, Data: append([]byte("E"), make([]byte, size)...),
					},
				})
				b.SetBytes(int64(size))
				for b.Loop() {
					if a := f.send(call, f.streamID); a.code != 202 {
						b.Fatal(a)
					}
				}
				for range b.N {
					f.await("echo", isType(scheduler.Event_MESSAGE))
				}
			})
		}
	}
}

// BenchmarkLaunch starts 2,000 tasks on 20 agents, one executor each, and waits
// until all run and are acknowledged.
func BenchmarkLaunch(b *testing.B) {
	const agents, each = 20, 100
	for b.Loop() {
		b.StopTimer()
		c := startLocal(b, Config{Agents: agents, Resources: Resources{CPUs: 32, MemMB: 8192}})
		f := newTestFramework(b, c.MasterAddr())
		f.media = mediaProtobuf
		f.subscribe()
		offers := f.offers()
		b.StartTimer()
		for i, o := range offers {
			var tasks []mesos.TaskInfo
			for j := range each {
				tasks = append(tasks, testTask(fmt.Sprintf("t%d-%d", i, j), "run", testExecutorInfo("ex", "LOCALMESOS_TEST_EXECUTOR=protobuf")))
			}
			f.launch(o, tasks...)
		}
		for range agents * each {
			f.acknowledge(f.await("UPDATE", isType(scheduler.Event_UPDATE)).Update.Status)
		}
		b.StopTimer()
		if err := c.Close(); err != nil {
			b.Error(err)
		}
		b.StartTimer()
	}
}
