package localmesos

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	mesos "github.com/mesos/mesos-go/api/v1/lib"
	exec "github.com/mesos/mesos-go/api/v1/lib/executor"
)

// The executor of the tests. A task's data says what it does, step by step,
// separated by semicolons: starting, run, finish, fail, exit:CODE, sleep:MS. A
// message that begins with E is echoed; one that begins with C is a step for
// the executor: ignorekill, ignoreshutdown, cut:MS (drop the stream and
// subscribe again later), STATE:TASK for an update, or repeat to send the last
// update again as it was. With TEST_TELL_ACKNOWLEDGED it sends a message "A" and
// the task for each ACKNOWLEDGED.
type testExecutor struct {
	endpoint, framework, id string
	media                   string

	mu             sync.Mutex
	ignoreKill     bool
	ignoreShutdown bool
	known          []mesos.TaskInfo
	last           mesos.TaskStatus
	unacked        map[string]mesos.TaskStatus
	cut            chan time.Duration
}

func runTestExecutor() int {
	e := &testExecutor{
		endpoint:  "http://" + os.Getenv("MESOS_AGENT_ENDPOINT") + "/api/v1/executor",
		framework: os.Getenv("MESOS_FRAMEWORK_ID"),
		id:        os.Getenv("MESOS_EXECUTOR_ID"),
		media:     mediaJSON,
		unacked:   make(map[string]mesos.TaskStatus),
		cut:       make(chan time.Duration, 1),
	}
	if os.Getenv("LOCALMESOS_TEST_EXECUTOR") == "protobuf" {
		e.media = mediaProtobuf
	}
	if name := os.Getenv("TEST_STARTED_FILE"); name != "" {
		_ = os.WriteFile(name, nil, 0o600)
	}
	for name := os.Getenv("TEST_SUBSCRIBE_AFTER_FILE"); name != "" && !exists(name); {
		<-time.After(5 * time.Millisecond)
	}
	if ms, err := strconv.Atoi(os.Getenv("TEST_SUBSCRIBE_AFTER_MS")); err == nil {
		<-time.After(time.Duration(ms) * time.Millisecond)
	}
	for {
		pause := e.session()
		<-time.After(pause)
	}
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

func (e *testExecutor) call(c *exec.Call) *exec.Call {
	c.ExecutorID.Value, c.FrameworkID.Value = e.id, e.framework
	return c
}

func (e *testExecutor) post(c *exec.Call) (*http.Response, error) {
	var body []byte
	if e.media == mediaJSON {
		body = marshalJSON(e.call(c))
	} else {
		body, _ = e.call(c).Marshal()
	}
	request, err := http.NewRequest(http.MethodPost, e.endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", e.media)
	request.Header.Set("Accept", e.media)
	return http.DefaultClient.Do(request)
}

// session subscribes and serves until the stream ends; it returns how long to
// wait before the next.
func (e *testExecutor) session() time.Duration {
	const retry = 20 * time.Millisecond
	e.mu.Lock()
	subscribe := &exec.Call_Subscribe{UnacknowledgedTasks: e.known}
	for _, status := range e.unacked {
		subscribe.UnacknowledgedUpdates = append(subscribe.UnacknowledgedUpdates, exec.Call_Update{Status: status})
	}
	e.mu.Unlock()
	response, err := e.post(&exec.Call{Type: exec.Call_SUBSCRIBE, Subscribe: subscribe})
	if err != nil {
		return retry
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return retry
	}
	events := make(chan *exec.Event)
	go func() {
		defer close(events)
		reader := newRecordReader(response.Body)
		for {
			record, err := reader.next()
			if err != nil {
				return
			}
			event := &exec.Event{}
			if e.media == mediaJSON {
				err = unmarshalJSON(record, event)
			} else {
				err = event.Unmarshal(record)
			}
			if err != nil {
				fmt.Fprintln(os.Stderr, "bad event:", err)
				os.Exit(3)
			}
			events <- event
		}
	}()
	for {
		select {
		case event, ok := <-events:
			if !ok {
				if os.Getenv("MESOS_CHECKPOINT") == "0" {
					os.Exit(0)
				}
				return retry
			}
			e.on(event)
		case pause := <-e.cut:
			response.Body.Close()
			for range events {
			}
			return pause
		}
	}
}

func (e *testExecutor) on(event *exec.Event) {
	switch event.Type {
	case exec.Event_LAUNCH:
		e.launch(event.Launch.Task)
	case exec.Event_LAUNCH_GROUP:
		for _, task := range event.LaunchGroup.TaskGroup.Tasks {
			e.launch(task)
		}
	case exec.Event_KILL:
		e.mu.Lock()
		ignore := e.ignoreKill
		e.mu.Unlock()
		if !ignore {
			e.update(event.Kill.TaskID.Value, mesos.TASK_KILLED, "killed by executor")
		}
	case exec.Event_ACKNOWLEDGED:
		e.mu.Lock()
		delete(e.unacked, string(event.Acknowledged.UUID))
		e.mu.Unlock()
		if os.Getenv("TEST_TELL_ACKNOWLEDGED") != "" {
			e.message([]byte("A" + event.Acknowledged.TaskID.Value))
		}
	case exec.Event_MESSAGE:
		e.onMessage(string(event.Message.Data))
	case exec.Event_SHUTDOWN:
		if !e.ignoreShutdown {
			os.Exit(0)
		}
	}
}

func (e *testExecutor) launch(task mesos.TaskInfo) {
	e.mu.Lock()
	e.known = append(e.known, task)
	e.mu.Unlock()
	go func() {
		for step := range strings.SplitSeq(string(task.Data), ";") {
			e.step(task.TaskID.Value, step)
		}
	}()
}

func (e *testExecutor) step(task, step string) {
	name, argument, _ := strings.Cut(step, ":")
	number, _ := strconv.Atoi(argument)
	switch name {
	case "starting":
		e.update(task, mesos.TASK_STARTING, "")
	case "run":
		e.update(task, mesos.TASK_RUNNING, "")
	case "finish":
		e.update(task, mesos.TASK_FINISHED, "done")
	case "fail":
		e.update(task, mesos.TASK_FAILED, argument)
	case "exit":
		os.Exit(number)
	case "sleep":
		<-time.After(time.Duration(number) * time.Millisecond)
	case "env":
		environment, _ := json.Marshal(os.Environ())
		e.message(environment)
	case "flood":
		for i := range number {
			e.message([]byte(strconv.Itoa(i)))
		}
	}
}

func (e *testExecutor) onMessage(text string) {
	if rest, ok := strings.CutPrefix(text, "E"); ok {
		e.message([]byte("E" + rest))
		return
	}
	name, argument, _ := strings.Cut(strings.TrimPrefix(text, "C"), ":")
	switch name {
	case "ignorekill":
		e.mu.Lock()
		e.ignoreKill = true
		e.mu.Unlock()
	case "ignoreshutdown":
		e.ignoreShutdown = true
	case "cut":
		ms, _ := strconv.Atoi(argument)
		e.message([]byte("cutting"))
		e.cut <- time.Duration(ms) * time.Millisecond
	case "run":
		e.update(argument, mesos.TASK_RUNNING, "")
	case "finish":
		e.update(argument, mesos.TASK_FINISHED, "done")
	case "repeat":
		e.mu.Lock()
		last := e.last
		e.mu.Unlock()
		e.send(last)
	case "flood":
		go e.step("", text[1:])
	}
}

func (e *testExecutor) message(data []byte) {
	if response, err := e.post(&exec.Call{Type: exec.Call_MESSAGE, Message: &exec.Call_Message{Data: data}}); err == nil {
		response.Body.Close()
	}
}

func newUUID() []byte {
	id := uuid.New()
	return id[:]
}

func (e *testExecutor) update(task string, state mesos.TaskState, message string) {
	id := newUUID()
	status := mesos.TaskStatus{
		TaskID:     mesos.TaskID{Value: task},
		State:      state.Enum(),
		Source:     mesos.SOURCE_EXECUTOR.Enum(),
		ExecutorID: &mesos.ExecutorID{Value: e.id},
		Timestamp:  timestamp(time.Now()),
		UUID:       id,
	}
	if message != "" {
		status.Message = &message
	}
	e.mu.Lock()
	e.unacked[string(id)] = status
	e.last = status
	if isTerminal(state) {
		for i, t := range e.known {
			if t.TaskID.Value == task {
				e.known = append(e.known[:i:i], e.known[i+1:]...)
				break
			}
		}
	}
	e.mu.Unlock()
	e.send(status)
}

func (e *testExecutor) send(status mesos.TaskStatus) {
	if response, err := e.post(&exec.Call{Type: exec.Call_UPDATE, Update: &exec.Call_Update{Status: status}}); err == nil {
		response.Body.Close()
	}
}
