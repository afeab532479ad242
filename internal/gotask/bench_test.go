package gotask_test

import (
	"testing"

	"elevator/internal/gotask"
	"elevator/internal/gotask/gotasktest"
)

// BenchmarkEcho measures one message to a task and back, in-process and one after another.
func BenchmarkEcho(b *testing.B) { benchmarkEcho(b, 1) }

// BenchmarkEchoWindow is BenchmarkEcho with 128 messages on their way at any time.
func BenchmarkEchoWindow(b *testing.B) { benchmarkEcho(b, 128) }

func benchmarkEcho(b *testing.B, window int) {
	c := gotasktest.NewCluster(gotasktest.ClusterConfig{Register: registerTestTasks})
	defer c.Close()
	s, err := gotask.NewGoTaskScheduler(c.Config("bench"))
	if err != nil {
		b.Fatal(err)
	}
	err = s.RegisterSchedFunc(func(in <-chan gotask.TaskMsg, out chan<- gotask.TaskMsg, events <-chan gotask.SchedEvent) {
		<-in // hello
		b.ResetTimer()
		sent, got := 0, 0
		for got < b.N {
			send := out
			if sent == b.N || sent-got == window {
				send = nil
			}
			select {
			case send <- gotask.TaskMsg{TaskName: "echo-0", MessageData: "sixty-four bytes of a message that says nothing in particular..."}:
				sent++
			case <-in:
				got++
			}
		}
		b.StopTimer()
	})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := s.SpawnTask("echo", 1, gotask.Resources{CPUs: 0.1, MemMB: 32}); err != nil {
		b.Fatal(err)
	}
	if err := s.Run(b.Context()); err != nil {
		b.Fatal(err)
	}
}
