package gotask_test

import (
	"context"
	"fmt"
	"strings"

	"elevator/internal/gotask"
	"elevator/internal/gotask/gotasktest"
)

// Shout is a task that answers every message in capitals.
func Shout(in <-chan gotask.TaskMsg, out chan<- gotask.TaskMsg, args []string, env map[string]string) error {
	for m := range in {
		out <- gotask.TaskMsg{MessageData: args[0] + ": " + strings.ToUpper(m.MessageData)}
	}
	return nil
}

// Ask sends a question to a task as soon as it runs, prints its answer and ends the system.
func Ask(schedin <-chan gotask.TaskMsg, schedout chan<- gotask.TaskMsg, schedevent <-chan gotask.SchedEvent) {
	for {
		select {
		case e, ok := <-schedevent:
			if !ok {
				return
			}
			if e.Kind == gotask.EventTaskRunning {
				schedout <- gotask.TaskMsg{TaskName: e.Task, MessageData: "hello"}
			}
		case m := <-schedin:
			fmt.Println(m.MessageData)
			return
		}
	}
}

func Example() {
	// The cluster takes the place of Mesos and of the executor's executable.
	cluster := gotasktest.NewCluster(gotasktest.ClusterConfig{
		Register: func(e *gotask.GoTaskExecutor) error { return e.RegisterTaskFunc("shout", Shout) },
	})
	defer cluster.Close()

	s, err := gotask.NewGoTaskScheduler(cluster.Config("example"))
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := s.SpawnTask("shout", 1, gotask.Resources{CPUs: 0.5, MemMB: 64}); err != nil {
		fmt.Println(err)
		return
	}
	if err := s.RegisterSchedFunc(Ask); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Run(context.Background()))
	// Output:
	// shout-0: HELLO
	// <nil>
}

func ExampleDecode() {
	type landingCall struct {
		Floor     string
		Direction int
	}
	m, err := gotask.NewMsg("car-2", landingCall{Floor: "7", Direction: -1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.TaskName, m.MessageData)
	call, err := gotask.Decode[landingCall](m)
	fmt.Println(call.Floor, call.Direction, err)
	// Output:
	// car-2 {"Floor":"7","Direction":-1}
	// 7 -1 <nil>
}
