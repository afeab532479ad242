package gotask_test

import (
	"fmt"
	"testing"

	"elevator/internal/gotask"
	"elevator/internal/gotask/gotasktest"
)

func TestThousandsOfTasks(t *testing.T) {
	const n = 2000
	play(t, gotasktest.ClusterConfig{Agents: 4, CPUs: 100, MemMB: 1 << 20}, func(sc *scene) {
		sc.mustRun(func(a *app) {
			for i := range n {
				name := fmt.Sprintf("echo-%d", i)
				a.receive(name)
				a.send(name, "x")
			}
			for i := range n {
				a.receive(fmt.Sprintf("echo-%d", i))
			}
		}, gotask.TaskSpec{Name: "echo", Count: n})
	})
}
