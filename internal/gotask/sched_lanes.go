package gotask

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"elevator/internal/gotask/mesos"
)

// call queues a call for the control lane. It is dropped if the subscription ends before its turn comes: every new
// subscription settles anew what is to be done.
func (s *GoTaskScheduler) call(call *scheduler.Call) {
	if s.connected {
		s.control.push(controlItem{call: call, generation: s.generation})
	}
}

// dirty has the state saved, before all calls queued from now on. At the end Run does that itself.
func (s *GoTaskScheduler) dirty() {
	s.unsaved = true
	if !s.closing {
		s.control.push(controlItem{})
	}
}

// sendControl is the lane of saves and of all calls but messages, in the order in which they were queued.
func (s *GoTaskScheduler) sendControl(ctx context.Context) {
	for {
		item, ok := s.control.pop()
		if !ok {
			select {
			case <-s.control.ready:
				continue
			case <-ctx.Done():
				return
			}
		}
		if item.call == nil {
			s.saveAtLast(ctx)
			continue
		}
		s.makeCall(ctx, item)
	}
}

// saveAgain is how long to wait after a save that failed, such as on a full disk.
const saveAgain = 500 * time.Millisecond

// saveAtLast stores the state, however often that fails: what is queued behind it must not happen before. Nothing is
// launched meanwhile; the tasks that run go on.
func (s *GoTaskScheduler) saveAtLast(ctx context.Context) {
	for {
		err := s.save()
		s.mu.Lock()
		first := err != nil && s.saveErr == nil
		s.saveErr, s.unsaved = err, s.unsaved || err != nil
		s.mu.Unlock()
		if err == nil {
			return
		}
		if first {
			s.log.Error("the framework's state cannot be saved: nothing is launched until it can", "err", err)
		}
		select {
		case <-time.After(saveAgain):
		case <-ctx.Done():
			return
		}
	}
}

// save stores the state unless an earlier save has stored all of it.
func (s *GoTaskScheduler) save() error {
	state, unsaved := s.storedState()
	if !unsaved {
		return nil
	}
	return s.cfg.State.Save(state)
}

func (s *GoTaskScheduler) makeCall(ctx context.Context, item controlItem) {
	call := item.call
	s.mu.Lock()
	stale := !s.connected || item.generation != s.generation
	call.FrameworkID = &mesosv1.FrameworkID{Value: s.frameworkID}
	s.mu.Unlock()
	if stale {
		return
	}
	begin := time.Now()
	err := s.driver.Call(ctx, call)
	if s.cfg.Driver != nil {
		s.cfg.Observer.MesosCall(call.Type.String(), time.Since(begin), err) // the driver on HTTP tells by itself
	}
	if err == nil || ctx.Err() != nil {
		return
	}
	s.log.Warn("call failed", "call", call.Type, "err", err)
	if refusal, ok := errors.AsType[*mesos.CallError](err); ok && call.Type == scheduler.Call_ACCEPT {
		s.acceptRefused(call.Accept, refusal)
	}
}

// acceptRefused acts on a refusal of a whole ACCEPT: none of its tasks was launched.
func (s *GoTaskScheduler) acceptRefused(accept *scheduler.Call_Accept, refusal *mesos.CallError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	for _, op := range accept.Operations {
		for _, info := range op.GetLaunch().GetTaskInfos() {
			if t := s.current(info.TaskID.Value); t != nil {
				s.dropped(now, t, "ACCEPT_REFUSED", refusal.Error())
			}
		}
	}
}

// storedState is what a successor needs of the present state, and whether that is not stored yet.
func (s *GoTaskScheduler) storedState() (state StoredState, unsaved bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	unsaved, s.unsaved = s.unsaved, false
	state = StoredState{FrameworkID: s.frameworkID, Epoch: s.epoch}
	for _, name := range slices.SortedFunc(maps.Keys(s.attempts), strings.Compare) {
		stored := StoredTask{Name: name, Attempt: s.attempts[name], Ended: true}
		if left, ok := s.leftovers[name]; ok {
			stored = left
		}
		if t := s.tasks[name]; t != nil && t.live() {
			stored = StoredTask{Name: name, Attempt: t.attempt, Agent: t.agent, Executor: t.exec}
		}
		state.Tasks = append(state.Tasks, stored)
	}
	for _, key := range slices.SortedFunc(maps.Keys(s.executors), comparePeers) {
		if info, err := s.executors[key].Marshal(); err == nil {
			state.Executors = append(state.Executors, StoredExecutor{AgentID: key.agent, Info: info})
		}
	}
	return state, unsaved
}

// keepTime runs tick and tells the observer of the tasks ten times a second, and looks at the links once.
func (s *GoTaskScheduler) keepTime(ctx context.Context) {
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	_, unobserved := s.cfg.Observer.(NopObserver)
	for n := 0; ; n++ {
		select {
		case now := <-ticker.C:
			s.mu.Lock()
			s.tick(now)
			s.observeTasks()
			if n%10 == 0 {
				s.noticeSilence(now)
				if !unobserved {
					s.observeLinks(now)
				}
			}
			s.mu.Unlock()
		case <-ctx.Done():
			s.mu.Lock()
			s.observeTasks()
			s.mu.Unlock()
			return
		}
	}
}
