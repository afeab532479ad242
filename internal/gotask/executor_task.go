package gotask

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"strconv"
	"time"

	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"

	"elevator/internal/gotask/link"
)

// execTask is one attempt of a task inside the executor. Its goroutines are the application's function, the pump that
// feeds in, the collector that empties out, and the watcher that reports its end and limits its grace.
type execTask struct {
	exec *GoTaskExecutor
	id   string
	data taskData
	args []string
	env  map[string]string
	log  *slog.Logger

	in   chan TaskMsg
	out  chan TaskMsg
	feed *pump[TaskMsg]

	ctx      context.Context // done when the task shall return
	tell     context.CancelFunc
	writable chan struct{} // of one element: the link has room again

	returned  chan struct{} // closed when the function has returned, with err set before
	err       error
	collected chan struct{} // closed when the collector has ended
	hurry     chan struct{} // closed when messages that find no room are dropped
	over      chan struct{} // closed when the terminal update is on its way

	// Guarded by exec.mu.
	grace  time.Duration
	broken error // why the task fails whatever its function returns
}

// runner calls the application's code for one task.
type runner func(t *execTask) error

func channelRunner(task Task) runner {
	return func(t *execTask) error { return task.Run(t.in, t.out, t.args, t.env) }
}

func contextRunner(task ContextTask) runner {
	return func(t *execTask) error { return task.RunContext(t.ctx, taskIO{t}) }
}

func (e *GoTaskExecutor) newTask(id string, d taskData) *execTask {
	t := &execTask{
		exec: e, id: id, data: d,
		args:      append([]string{d.Name}, d.Args...),
		env:       maps.Clone(d.Env),
		log:       e.cfg.Logger.With("task", d.Name, "attempt", d.Attempt),
		in:        make(chan TaskMsg),
		out:       make(chan TaskMsg),
		writable:  make(chan struct{}, 1),
		returned:  make(chan struct{}),
		collected: make(chan struct{}),
		hurry:     make(chan struct{}),
		over:      make(chan struct{}),
		grace:     d.KillGrace,
	}
	t.feed = newPump(t.in)
	t.ctx, t.tell = context.WithCancel(context.Background())
	if t.grace <= 0 {
		t.grace = e.cfg.KillGrace
	}
	if t.env == nil {
		t.env = map[string]string{}
	}
	t.env[EnvTaskName] = d.Name
	t.env[EnvTaskIndex] = strconv.Itoa(d.Index)
	t.env[EnvAttempt] = strconv.Itoa(d.Attempt)
	return t
}

// start runs the task. The function and the collector are not among the goroutines that Run waits for, since a function
// may never return; the watcher waits for them, and gives up when the task's grace is over.
func (t *execTask) start(run runner) {
	t.exec.wg.Go(t.feed.run)
	t.exec.wg.Go(t.watch)
	go t.collect()
	go t.call(run)
}

// call runs the application's code and sets err, also when the code panics or ends its goroutine.
func (t *execTask) call(run runner) {
	t.err = errors.New("the task ended its goroutine without returning")
	defer func() {
		if r := recover(); r != nil {
			t.err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
		close(t.returned)
	}()
	t.err = run(t)
}

// collect takes what the task sends until its function has returned. It is what keeps a task that was told to return from
// being stuck in a send.
func (t *execTask) collect() {
	defer close(t.collected)
	for {
		select {
		case m, ok := <-t.out:
			if !ok {
				t.log.Warn("task closed its out channel; that is the end of its messages")
				return
			}
			t.take(m)
		case <-t.returned:
			return
		}
	}
}

// take hands one message to the link; it waits while the task has too much unconfirmed.
func (t *execTask) take(m TaskMsg) {
	if len(m.MessageData) > MaxMessageBytes {
		t.breakOff(tooLarge(len(m.MessageData)))
		return
	}
	for {
		err := t.exec.send(t.id, m.MessageData)
		if err == nil {
			return
		}
		if !errors.Is(err, link.ErrWindowFull) {
			t.log.Debug("message dropped", "err", err)
			return
		}
		select {
		case <-t.writable:
		case <-t.hurry:
			t.log.Warn("message dropped: the scheduler did not take earlier ones before the task's grace ended")
			return
		}
	}
}

// breakOff makes the task fail with err and tells it to return.
func (t *execTask) breakOff(err error) {
	t.exec.mu.Lock()
	if t.broken == nil {
		t.broken = err
	}
	t.exec.mu.Unlock()
	t.tell()
}

// watch waits until the task has returned, or was told to and did not within its grace, and reports its end.
func (t *execTask) watch() {
	select {
	case <-t.returned:
	case <-t.ctx.Done():
	}
	told := t.ctx.Err() != nil
	t.feed.stop()
	half := t.exec.graceOf(t) / 2
	if !t.wait(t.returned, half) {
		// Messages without room must not take all of the grace: the function may be waiting for one to be taken.
		close(t.hurry)
		if !t.wait(t.returned, half) {
			t.exec.reportEnd(t, mesosv1.TASK_KILLED, fmt.Sprintf("did not return within %v of being told to; its goroutine was abandoned", 2*half), true)
			return
		}
	} else if !t.wait(t.collected, half) {
		close(t.hurry)
	}
	<-t.collected
	state, text := t.verdict(told)
	t.exec.reportEnd(t, state, text, false)
	t.tell() // releases the context
}

// wait waits for c for at most d, less when the executor is out of time, and reports whether c was closed.
func (t *execTask) wait(c <-chan struct{}, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-c:
		return true
	default:
	}
	select {
	case <-c:
		return true
	case <-timer.C:
	case <-t.exec.outOfTime:
	}
	return false
}

// verdict says how the task ended, its function having returned.
func (t *execTask) verdict(told bool) (mesosv1.TaskState, string) {
	t.exec.mu.Lock()
	err := t.broken
	t.exec.mu.Unlock()
	if err == nil {
		err = t.err
	}
	switch {
	case err != nil:
		return mesosv1.TASK_FAILED, err.Error()
	case told:
		return mesosv1.TASK_KILLED, "returned when told to"
	}
	return mesosv1.TASK_FINISHED, ""
}
