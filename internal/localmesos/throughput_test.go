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
					Message: &scheduler.Call_Message{AgentID: o.AgentID,
						ExecutorID: mesos.ExecutorID{Value: "ex1"}, Data: append([]byte("E"), make([]byte, size)...)},
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
