package gotask

import (
	"bytes"
	"context"
	"time"

	"github.com/google/uuid"
	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/executor"
)

// execUpdate is a status update that the agent has not acknowledged.
type execUpdate struct {
	status mesosv1.TaskStatus
	sent   time.Time     // when it was sent last
	pause  time.Duration // until it is sent again
}

// updateRetry is the first pause before an update is sent again. Mostly that is needless, since every new subscription
// carries all of them.
const updateRetry = 10 * time.Second

// maxLastWords bounds the messages in a terminal update; a full window of the link fits.
const maxLastWords = 1<<20 + 64<<10

// report makes a status update and sends it.
//
// Invariant: e.mu is held.
func (e *GoTaskExecutor) report(id string, state mesosv1.TaskState, text string, data []byte) {
	now := time.Now()
	u := uuid.New()
	status := mesosv1.TaskStatus{
		TaskID:     mesosv1.TaskID{Value: id},
		State:      &state,
		Source:     mesosv1.SOURCE_EXECUTOR.Enum(),
		ExecutorID: &e.ids.executor,
		Timestamp:  new(float64(now.UnixNano()) / 1e9),
		UUID:       u[:],
		Data:       data,
	}
	if text != "" {
		status.Message = new(cutText(text))
	}
	update := &execUpdate{status: status, sent: now, pause: updateRetry}
	e.updates = append(e.updates, update)
	e.control.push(update)
}

// reportEnd makes the terminal update. What the task sent and the scheduler has not confirmed rides in it, so that the
// last words are there before the end is.
func (e *GoTaskExecutor) reportEnd(t *execTask, state mesosv1.TaskState, text string, leaked bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	words, omitted, err := e.session.LastWords(t.id, maxLastWords)
	if err != nil || len(omitted) > 0 {
		t.log.Error("last messages of the task are lost", "count", len(omitted), "err", err)
	}
	e.session.CloseTask(now, t.id)
	delete(e.tasks, t.id)
	if leaked {
		e.leaked++
		t.log.Error("task abandoned: it did not return when told to")
	}
	e.report(t.id, state, text, words)
	e.idleSince = now
	t.log.Info("task ended", "state", state, "text", text)
	close(t.over)
	poke(e.wake)
}

// acknowledged drops the update, and with a terminal one everything about its task.
//
// Invariant: e.mu is held.
func (e *GoTaskExecutor) acknowledged(id string, uuid []byte) {
	delete(e.fresh, id)
	over := false
	for _, u := range e.updates {
		if bytes.Equal(u.status.UUID, uuid) && terminal(u.status.GetState()) {
			over = true
		}
	}
	kept := e.updates[:0]
	for _, u := range e.updates {
		if bytes.Equal(u.status.UUID, uuid) || (over && u.status.TaskID.Value == id) {
			continue
		}
		kept = append(kept, u)
	}
	clear(e.updates[len(kept):])
	e.updates = kept
	if len(kept) == 0 {
		e.idleSince = time.Now()
		poke(e.quiet)
	}
}

// repeatUpdates sends those again that should have been acknowledged long ago.
//
// Invariant: e.mu is held.
func (e *GoTaskExecutor) repeatUpdates(now time.Time) {
	for _, u := range e.updates {
		if now.Sub(u.sent) >= u.pause {
			u.sent, u.pause = now, 2*u.pause
			e.control.push(u)
		}
	}
}

// unacknowledged is what a SUBSCRIBE call must carry.
func (e *GoTaskExecutor) unacknowledged() ([]mesosv1.TaskInfo, []executor.Call_Update) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var tasks []mesosv1.TaskInfo
	for _, info := range e.fresh {
		tasks = append(tasks, info)
	}
	var updates []executor.Call_Update
	for _, u := range e.updates {
		updates = append(updates, executor.Call_Update{Status: u.status})
	}
	return tasks, updates
}

// sendUpdates is the lane of the status updates. An update that does not get through stays in e.updates and goes with the
// next subscription.
func (e *GoTaskExecutor) sendUpdates(ctx context.Context) {
	for {
		u, ok := e.control.pop()
		if !ok {
			select {
			case <-e.control.ready:
				continue
			case <-ctx.Done():
				return
			}
		}
		err := e.driver.Call(ctx, &executor.Call{
			Type: executor.Call_UPDATE, FrameworkID: e.frameworkID(), ExecutorID: e.executorID(),
			Update: &executor.Call_Update{Status: u.status},
		})
		if err != nil && ctx.Err() == nil {
			e.cfg.Logger.Warn("status update not delivered yet", "task", u.status.TaskID.Value, "state", u.status.GetState(), "err", err)
		}
	}
}

// sendMessages is the lane of the link's envelopes. One at a time is on its way; what comes up meanwhile goes together.
func (e *GoTaskExecutor) sendMessages(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	var envelopes [][]byte
	for {
		e.mu.Lock()
		var next time.Time
		envelopes, next = e.session.Poll(time.Now(), envelopes[:0])
		e.mu.Unlock()
		for _, data := range envelopes {
			err := e.driver.Call(ctx, &executor.Call{
				Type: executor.Call_MESSAGE, FrameworkID: e.frameworkID(), ExecutorID: e.executorID(),
				Message: &executor.Call_Message{Data: data},
			})
			if err != nil && ctx.Err() == nil {
				e.cfg.Logger.Debug("message not delivered; it will be sent again", "err", err)
			}
		}
		if len(envelopes) > 0 {
			continue
		}
		timer.Reset(untilNext(next))
		select {
		case <-e.wake:
		case <-timer.C:
		case <-ctx.Done():
			return
		}
	}
}

func (e *GoTaskExecutor) frameworkID() mesosv1.FrameworkID {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.ids.framework
}

func (e *GoTaskExecutor) executorID() mesosv1.ExecutorID {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.ids.executor
}

// untilNext is how long a lane may sleep whose session wants to be polled at next; the zero time means not before a wake.
func untilNext(next time.Time) time.Duration {
	if next.IsZero() {
		return time.Hour
	}
	return time.Until(next)
}
