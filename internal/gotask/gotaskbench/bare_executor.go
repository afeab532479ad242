package gotaskbench

import (
	"context"
	"time"

	"github.com/google/uuid"
	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/executor"

	"elevator/internal/gotask/mesos"
)

// bareEchoes is how many answers of a bare executor may be in flight.
const bareEchoes = 4

// runBareExecutor is the smallest executor there can be: it reports each task as running and returns each message.
func runBareExecutor(ctx context.Context) error {
	env, err := mesos.ReadExecutorEnv()
	if err != nil {
		return err
	}
	call := executor.Call{
		FrameworkID: mesosv1.FrameworkID{Value: env.FrameworkID}, ExecutorID: mesosv1.ExecutorID{Value: env.ExecutorID},
	}
	subscribe := call
	subscribe.Type, subscribe.Subscribe = executor.Call_SUBSCRIBE, &executor.Call_Subscribe{}
	stream, err := subscribeBare(ctx, "http://"+env.Endpoint+"/api/v1/executor", encode(&subscribe))
	if err != nil {
		return err
	}
	defer stream.close()
	calls := make(chan []byte, 1<<16)
	sent := make(chan error, 1)
	go func() { sent <- stream.lanes(ctx, bareEchoes, calls) }()
	_ = stream.read(func(record []byte) error { // the agent's end of the stream is how this executor ends
		event := new(executor.Event)
		if err := event.Unmarshal(record); err != nil {
			return err
		}
		switch event.Type {
		case executor.Event_LAUNCH:
			update := call
			update.Type, update.Update = executor.Call_UPDATE, &executor.Call_Update{Status: running(event.Launch.Task, call.ExecutorID)}
			calls <- encode(&update)
		case executor.Event_MESSAGE:
			echo := call
			echo.Type, echo.Message = executor.Call_MESSAGE, &executor.Call_Message{Data: event.Message.Data}
			calls <- encode(&echo)
		case executor.Event_SHUTDOWN:
			return context.Canceled
		}
		return nil
	})
	close(calls)
	return <-sent
}

func running(task mesosv1.TaskInfo, id mesosv1.ExecutorID) mesosv1.TaskStatus {
	u := uuid.New()
	now := float64(time.Now().UnixNano()) / 1e9
	return mesosv1.TaskStatus{
		TaskID: task.TaskID, State: mesosv1.TASK_RUNNING.Enum(), Source: mesosv1.SOURCE_EXECUTOR.Enum(),
		ExecutorID: &id, UUID: u[:], Timestamp: &now,
	}
}
