package gotask

import (
	"encoding/json"
	"fmt"
)

// MaxMessageBytes is the longest MessageData a TaskMsg may carry. Every message passes through the master's memory, so
// bulk data belongs elsewhere.
const MaxMessageBytes = 128 << 10

// TaskMsg is one message between the scheduler function and a task. It arrives exactly once and in the order it was sent
// for as long as the attempt of the task that it was sent to, or by, lives.
type TaskMsg struct {
	// TaskName is the task's name, "<name>-<index>", whichever way the message goes: the addressee for the scheduler
	// function's messages, the sender for a task's. A task may leave it empty when it sends.
	TaskName string
	// MessageData is opaque to gotask: any bytes up to MaxMessageBytes.
	MessageData string
}

// NewMsg returns the message to or from the named task that carries v as JSON.
func NewMsg[T any](taskName string, v T) (TaskMsg, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return TaskMsg{}, fmt.Errorf("encode %T for task %s: %w", v, taskName, err)
	}
	if len(data) > MaxMessageBytes {
		return TaskMsg{}, fmt.Errorf("encode %T for task %s: %w", v, taskName, tooLarge(len(data)))
	}
	return TaskMsg{TaskName: taskName, MessageData: string(data)}, nil
}

// Decode returns the value that NewMsg put into m. Fields of the JSON that T lacks are ignored, so that old and new
// executables understand each other.
func Decode[T any](m TaskMsg) (T, error) {
	var v T
	if err := json.Unmarshal([]byte(m.MessageData), &v); err != nil {
		return v, fmt.Errorf("decode message of task %s into %T: %w", m.TaskName, v, err)
	}
	return v, nil
}
