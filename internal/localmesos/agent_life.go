package localmesos

import (
	"errors"
	"fmt"
	"slices"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
)

// start brings the agent up, the first time or after stop. Then it recovers
// what it had checkpointed before it registers.
func (a *agent) start() error {
	a.lock()
	if a.running {
		a.mu.Unlock()
		return errors.New("it runs already")
	}
	a.mu.Unlock()
	s, err := listen(a.port, a)
	if err != nil {
		return err
	}
	a.lock()
	a.server = s
	a.running = true
	a.life++
	a.restore()
	recovering, life := a.recovering, a.life
	a.mu.Unlock()
	if !recovering {
		a.connect(a.cluster.leading())
		return nil
	}
	a.timers.after(a.cfg.ReregistrationTimeout, func() { a.finishRecovery(life) })
	return nil
}

// restore keeps the executors of checkpointing frameworks, which may subscribe
// again, and kills the others.
func (a *agent) restore() {
	for _, h := range a.frameworks {
		a.recovering = true
		if !h.info.GetCheckpoint() {
			for key, q := range a.updates {
				if key.frameworkID == h.id {
					q.cancel()
					delete(a.updates, key)
				}
			}
			for _, e := range h.executors {
				e.process.destroy()
				a.discard(e.sandbox)
			}
			delete(a.frameworks, h.id)
			continue
		}
		for _, e := range slices.Clone(h.executors) {
			switch {
			case e.exited != nil:
				a.executorEnded(e, *e.exited)
			case e.state == executorTerminating:
				a.timers.after(e.grace(a.cfg.ShutdownGrace), e.process.destroy)
			case e.state != executorTerminated:
				e.state = executorRegistering
			}
		}
	}
}

// finishRecovery ends the executors that have not come back and registers.
func (a *agent) finishRecovery(life int) {
	a.lock()
	if a.life != life || !a.running {
		a.mu.Unlock()
		return
	}
	a.recovering = false
	for _, h := range a.frameworks {
		for _, e := range h.executors {
			if e.state == executorRegistering {
				e.process.destroyFor(exitStatus{
					state:   mesos.TASK_FAILED,
					reason:  mesos.REASON_EXECUTOR_REREGISTRATION_TIMEOUT,
					message: fmt.Sprintf("Executor did not reregister within %s", durationText(a.cfg.ReregistrationTimeout)),
				})
			}
		}
	}
	a.mu.Unlock()
	a.connect(a.cluster.leading())
}

// stop ends the agent as a crash would; its executors live on.
func (a *agent) stop() error {
	a.mu.Lock()
	if !a.running {
		a.mu.Unlock()
		return errors.New("it is stopped already")
	}
	a.running, a.recovering = false, false
	a.life++
	a.setFrozen(false)
	for _, h := range a.frameworks {
		for _, e := range h.executors {
			if e.stream != nil {
				e.stream.abort()
				e.stream = nil
			}
		}
	}
	for _, q := range a.updates {
		q.cancel()
	}
	l, m, id := a.link, a.master, a.id
	a.link, a.master = nil, nil
	s := a.server
	a.server = nil
	a.mu.Unlock()
	s.close()
	if l != nil {
		l.sever()
		m.linkBroken(id, l)
	}
	return nil
}

func (a *agent) freeze() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.running {
		return errors.New("it is stopped")
	}
	a.setFrozen(true)
	return nil
}

// thaw lets the agent go on. If the master has given it up meanwhile, it
// registers again.
func (a *agent) thaw() error {
	a.mu.Lock()
	if !a.frozen {
		a.mu.Unlock()
		return errors.New("it is not frozen")
	}
	a.setFrozen(false)
	stale := a.link == nil || a.link.severed()
	a.mu.Unlock()
	if stale {
		a.connect(a.cluster.leading())
	}
	return nil
}

// remove shuts the agent down in an orderly way.
func (a *agent) remove() error {
	a.mu.Lock()
	m, id := a.master, a.id
	for _, h := range a.frameworks {
		h.terminating = true
		for _, e := range h.executors {
			e.process.destroy()
		}
	}
	a.mu.Unlock()
	if m != nil {
		m.unregister(id)
	}
	return a.stop()
}

// close ends the agent and its executors and waits for all of it.
func (a *agent) close() {
	_ = a.stop() // it may be stopped already
	a.mu.Lock()
	for _, h := range a.frameworks {
		for _, e := range h.executors {
			e.process.destroy()
		}
	}
	a.mu.Unlock()
	a.timers.stop()
	a.processes.Wait()
	a.fetcher.close()
}
