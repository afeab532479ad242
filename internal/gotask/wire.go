package gotask

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
)

// flushDelay is how long a message waits for others while earlier ones are on their way: a link sends at most 500
// envelopes a second and direction, and only under load that many.
const flushDelay = 2 * time.Millisecond

// taskData is what a TaskInfo carries to the executor in its data. It is not in the ExecutorInfo, since all tasks of an
// executor must carry the same one of those.
type taskData struct {
	Type      string            `json:"type"`
	Name      string            `json:"name"` // "<name>-<index>"
	Index     int               `json:"index"`
	Attempt   int               `json:"attempt"`
	Args      []string          `json:"args,omitempty"`
	Env       map[string]string `json:"env,omitempty"`
	KillGrace time.Duration     `json:"kill_grace_ns,omitempty"`
	Outlives  uint64            `json:"outlives,omitempty"` // the last life of the executor that the scheduler knows: this one, or one before
}

func encodeTaskData(d taskData) []byte {
	data, err := json.Marshal(d)
	if err != nil {
		panic(fmt.Sprintf("taskData of plain strings and numbers does not marshal: %v", err)) // cannot happen
	}
	return data
}

func decodeTaskData(data []byte) (taskData, error) {
	var d taskData
	if err := json.Unmarshal(data, &d); err != nil {
		return d, fmt.Errorf("task data: %w", err)
	}
	if d.Type == "" || d.Name == "" {
		return d, fmt.Errorf("task data without type or name: %.100q", data)
	}
	return d, nil
}

// taskID is Mesos' id of one attempt of a task.
func taskID(name string, attempt int) string { return name + "." + strconv.Itoa(attempt) }

// splitTaskID is the inverse of taskID; ok is false for ids that are not gotask's.
func splitTaskID(id string) (name string, attempt int, ok bool) {
	dot := strings.LastIndexByte(id, '.')
	if dot <= 0 {
		return "", 0, false
	}
	attempt, err := strconv.Atoi(id[dot+1:])
	if err != nil || attempt < 1 {
		return "", 0, false
	}
	return id[:dot], attempt, true
}

// maxStatusText bounds the text of a status update, which lies in the memory of agent and master until acknowledged.
const maxStatusText = 4 << 10

func cutText(s string) string {
	if len(s) <= maxStatusText {
		return s
	}
	const ellipsis = " …"
	return strings.ToValidUTF8(s[:maxStatusText-len(ellipsis)], "") + ellipsis
}

// terminal reports whether Mesos may forget a task in this state.
func terminal(s mesosv1.TaskState) bool {
	switch s {
	case mesosv1.TASK_FINISHED, mesosv1.TASK_FAILED, mesosv1.TASK_KILLED, mesosv1.TASK_ERROR, mesosv1.TASK_LOST,
		mesosv1.TASK_DROPPED, mesosv1.TASK_GONE, mesosv1.TASK_GONE_BY_OPERATOR:
		return true
	}
	return false
}
