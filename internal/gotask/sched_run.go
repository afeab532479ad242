package gotask

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// Run subscribes with the master, launches the tasks, and runs the scheduler function until it returns (nil, or a
// ContextSchedTask's error), ctx is done (ctx's cause), a task fails under ShutdownOnFailure (a *TaskError), or the master
// refuses the framework (ErrNoMaster, ErrFrameworkRemoved, ErrFailedOver and others). It returns at most Config.EndTimeout
// after that, with every goroutine gone except a scheduler function that will not return.
func (s *GoTaskScheduler) Run(ctx context.Context) error {
	schedule, err := s.begin()
	if err != nil {
		return fmt.Errorf("run scheduler: %w", err)
	}
	if s.artifact != nil {
		defer s.artifact.close()
	}
	lanes, stopLanes := context.WithCancel(context.WithoutCancel(ctx))
	defer stopLanes()
	var wg sync.WaitGroup
	driven := make(chan error, 1)
	wg.Go(func() { driven <- s.driver.Run(lanes, s.handler()) })
	wg.Go(func() { s.sendControl(lanes) })
	lastMessages, messagesSent := make(chan struct{}), make(chan struct{})
	wg.Go(func() {
		defer close(messagesSent)
		s.sendMessages(lanes, lastMessages)
	})
	wg.Go(func() { s.keepTime(lanes) })
	wg.Go(s.inPump.run)
	wg.Go(s.eventPump.run)
	schedCtx, stopSched := context.WithCancel(lanes)
	defer stopSched()
	begun := time.Now()
	returned := make(chan error, 1)
	go s.runSched(schedCtx, schedule, returned) // the application's: it may never return

	c := conclusion{driven: driven, returned: returned}
	select {
	case <-ctx.Done():
		c.err = context.Cause(ctx)
		c.keep = s.cfg.OnExit == KeepOnExit
	case err := <-driven:
		c.drivenDone, c.err = true, refused(err)
	case <-s.ending:
		c.err = s.endError()
	case err := <-returned:
		c.returnedDone, c.err = true, err
		if ctx.Err() != nil { // the function noticed first
			c.err, c.keep = context.Cause(ctx), s.cfg.OnExit == KeepOnExit
		} else if err == nil {
			c.err = s.finishMessages(time.Since(begun))
		}
	}
	if err := s.endError(); err != nil { // why the function returned, or ctx was cancelled, most likely
		c.err, c.keep = err, false
	}
	deadline := time.Now().Add(s.cfg.EndTimeout)
	err = s.conclude(&c, stopSched, deadline)
	s.inPump.stop()
	s.eventPump.stop()
	if c.keep {
		close(lastMessages)
		s.sendConfirmations(lanes, deadline, messagesSent)
	}
	stopLanes()
	wg.Wait()
	return errors.Join(err, s.storeEnd(c))
}

// begin checks that everything is there, and makes the stored state and the artifact server ready.
func (s *GoTaskScheduler) begin() (ContextSchedTask, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ran {
		return nil, fmt.Errorf("the scheduler %w", ErrAlreadyRun)
	}
	if s.schedule == nil {
		return nil, errors.New("no scheduler function is registered")
	}
	state, err := s.cfg.State.Load()
	if err != nil {
		return nil, err
	}
	state.Epoch++
	if err := s.cfg.State.Save(state); err != nil { // before executors see it
		return nil, err
	}
	if s.cfg.ExecutorPath != "" {
		if s.artifact, err = serveArtifact(s.cfg.ExecutorPath, s.cfg.ArtifactListen); err != nil {
			return nil, err
		}
	}
	s.ran = true
	s.recover(time.Now(), state)
	return s.schedule, nil
}

// recover takes over what a predecessor left.
func (s *GoTaskScheduler) recover(now time.Time, state StoredState) {
	s.frameworkID, s.epoch = state.FrameworkID, state.Epoch
	for _, stored := range state.Executors {
		info := new(mesosv1.ExecutorInfo)
		if err := info.Unmarshal(stored.Info); err != nil {
			s.log.Warn("stored executor is unreadable", "agent", stored.AgentID, "err", err)
			continue
		}
		s.executors[peerKey{stored.AgentID, info.ExecutorID.Value}] = info
	}
	for _, stored := range state.Tasks {
		s.attempts[stored.Name] = stored.Attempt
		t := s.tasks[stored.Name]
		if t != nil {
			t.attempt = stored.Attempt
		}
		switch {
		case stored.Ended:
		case t != nil && t.state == TaskPending:
			s.adopt(now, t, stored)
		default:
			s.leftovers[stored.Name] = stored
		}
	}
}

// end makes Run end the system and return err.
func (s *GoTaskScheduler) end(err error) {
	if !s.ended {
		s.ended, s.endErr = true, err
		close(s.ending)
	}
}

func (s *GoTaskScheduler) endWith(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end(err)
}

func (s *GoTaskScheduler) endError() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.endErr
}

// conclusion is why and how Run ends.
type conclusion struct {
	err      error
	keep     bool // the tasks live on
	driven   <-chan error
	returned <-chan error

	drivenDone   bool // the driver has ended
	returnedDone bool // the scheduler function has returned
	tornDown     bool
}

// finishMessages gives the last messages of a scheduler function that has returned a moment to arrive. A function that
// returned at once and took nothing is most likely a mistake.
func (s *GoTaskScheduler) finishMessages(ran time.Duration) error {
	took := func() bool { return s.inPump.taken.Load()+s.eventPump.taken.Load() > 0 }
	if ran < time.Second && !took() && !s.await(took, 50*time.Millisecond) && !took() { // the pumps count a moment later
		return fmt.Errorf("%w: it returned at once, without having taken any event or message; the system lives as long as it does", ErrSchedTask)
	}
	s.await(s.flushed, min(time.Second, s.cfg.EndTimeout/4))
	return nil
}

// await waits at most d for the condition, which is checked whenever a task ended or messages were confirmed.
func (s *GoTaskScheduler) await(condition func() bool, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		s.mu.Lock()
		met := condition()
		s.mu.Unlock()
		if met {
			return true
		}
		select {
		case <-s.settled:
		case <-timer.C:
			return false
		}
	}
}

// conclude ends the scheduler function and, unless they are kept, the tasks, within Config.EndTimeout.
func (s *GoTaskScheduler) conclude(c *conclusion, stopSched context.CancelFunc, deadline time.Time) error {
	s.beginEnd(c)
	stopSched()
	cut := time.AfterFunc(s.cfg.EndTimeout/2, func() { s.inPump.stop(); s.eventPump.stop() })
	defer cut.Stop()
	if !c.keep && !c.drivenDone {
		s.await(s.allEnded, s.cfg.EndTimeout*4/5)
		s.teardown(c, deadline)
	}
	if !c.returnedDone {
		timer := time.NewTimer(time.Until(deadline))
		defer timer.Stop()
		select {
		case err := <-c.returned:
			if c.err == nil || errors.Is(err, ErrSchedTask) {
				c.err = errors.Join(c.err, err)
			}
		case <-timer.C:
			c.err = errors.Join(c.err, fmt.Errorf("%w: it did not return within %v of being told to", ErrSchedTask, s.cfg.EndTimeout))
		}
	}
	return c.err
}

// beginEnd tells the scheduler function and the tasks to end.
func (s *GoTaskScheduler) beginEnd(c *conclusion) {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end(c.err)
	text := "the scheduler function returned"
	if c.err != nil {
		text = c.err.Error()
	}
	s.log.Info("shutting down", "why", text, "keep", c.keep)
	s.emit(SchedEvent{Kind: EventShutdown, Time: now, Text: text})
	s.closing = true
	s.inPump.finish()
	s.eventPump.finish()
	if c.keep {
		return
	}
	for _, t := range s.order {
		if t.state != TaskPending {
			s.killTask(now, t, intentKill)
		}
	}
	for _, left := range s.leftovers {
		s.kill(taskID(left.Name, left.Attempt), left.Agent.ID, s.cfg.KillGrace)
	}
}

func (s *GoTaskScheduler) allEnded() bool {
	if !s.connected {
		return true // nothing can be heard of them
	}
	for _, t := range s.order {
		if t.live() {
			return false
		}
	}
	return true
}

// teardown removes the framework from the master, which ends all of its executors.
func (s *GoTaskScheduler) teardown(c *conclusion, deadline time.Time) {
	s.mu.Lock()
	id := s.frameworkID
	s.mu.Unlock()
	if id == "" {
		c.tornDown = true
		return
	}
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	call := &scheduler.Call{Type: scheduler.Call_TEARDOWN, FrameworkID: &mesosv1.FrameworkID{Value: id}}
	if err := s.driver.Call(ctx, call); err != nil {
		c.err = errors.Join(c.err, fmt.Errorf("tear framework %s down: %w (its tasks end %v after now)", id, err, s.cfg.FailoverTimeout))
		return
	}
	c.tornDown = true
}

// storeEnd clears the stored state of a framework that is gone, so that the next start registers a new one.
func (s *GoTaskScheduler) storeEnd(c conclusion) error {
	if !c.tornDown && !errors.Is(c.err, ErrFrameworkRemoved) {
		return s.save()
	}
	return s.cfg.State.Save(StoredState{Epoch: s.epoch})
}

// refused turns the error with which the driver gave up into the scheduler's own.
func refused(err error) error {
	switch {
	case err == nil:
		return fmt.Errorf("%w by someone else", ErrFrameworkRemoved)
	case errors.Is(err, ErrFrameworkRemoved):
		return fmt.Errorf("%w: it was torn down, or its scheduler was away for longer than the failover timeout; its tasks are gone and its state is cleared: start again for a new framework (%w)", ErrFrameworkRemoved, err)
	case errors.Is(err, ErrFailedOver):
		return fmt.Errorf("%w: two schedulers must not share one state (%w)", ErrFailedOver, err)
	}
	return fmt.Errorf("mesos: %w", err)
}
