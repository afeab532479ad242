package gotask

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"

	"elevator/internal/gotask/link"
	"elevator/internal/gotask/mesos"
)

// ExecutorConfig says how a GoTaskExecutor behaves. The zero value is fine inside a Mesos executor process.
type ExecutorConfig struct {
	// Driver, if set, is used instead of a connection to the agent that started this process.
	Driver MesosExecutorDriver
	// KillGrace is how long a told task may take to return when the scheduler does not say; default 3 s.
	KillGrace time.Duration
	// Linger is how long an executor without tasks waits for the next one before it ends; default 60 s.
	Linger time.Duration
	// KeepLeaked lets the process live on after a task did not return within its grace. By default the executor then
	// ends as soon as no other task runs in it, since a goroutine can be ended only with its process.
	KeepLeaked bool
	// Introduction is what the scheduler is told of this process, for its Status.
	Introduction Introduction
	Logger       *slog.Logger // default slog.DiscardHandler
}

func (c ExecutorConfig) withDefaults() ExecutorConfig {
	defaultDuration(&c.KillGrace, 3*time.Second)
	defaultDuration(&c.Linger, time.Minute)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

func (c ExecutorConfig) validate() error {
	if c.KillGrace < 0 || c.Linger < 0 {
		return fmt.Errorf("executor: kill grace %v and linger %v must not be negative", c.KillGrace, c.Linger)
	}
	return c.Introduction.validate()
}

// GoTaskExecutor holds the application's task functions and runs the instances that the scheduler launches, each in a
// goroutine of its own. All methods may be called from any goroutine.
type GoTaskExecutor struct {
	cfg    ExecutorConfig
	driver MesosExecutorDriver

	control   *queue[*execUpdate] // status updates, in order
	wake      chan struct{}       // of one element: the message lane has something to look at
	quiet     chan struct{}       // of one element: every update is acknowledged
	ending    chan struct{}       // closed when Run shall end
	outOfTime chan struct{}       // closed when the agent waits no longer
	wg        sync.WaitGroup      // all goroutines of Run except the application's

	mu        sync.Mutex
	types     map[string]runner
	ran       bool
	tasks     map[string]*execTask        // by task id; those that have not ended
	fresh     map[string]mesosv1.TaskInfo // tasks without any acknowledged update
	updates   []*execUpdate               // without acknowledgement, oldest first
	session   *link.Session
	ids       executorIDs
	idleSince time.Time // since when there are no tasks and updates
	leaked    int
	endErr    error
	ended     bool // ending is closed
}

// executorIDs are what the SUBSCRIBED event tells.
type executorIDs struct {
	framework mesosv1.FrameworkID
	executor  mesosv1.ExecutorID
	grace     time.Duration // the agent's, between SHUTDOWN and its kill
}

// NewGoTaskExecutor returns an executor without tasks. Without a Driver it reads the environment of a Mesos executor, and
// checks that its own file is the one the scheduler serves.
func NewGoTaskExecutor(cfg ExecutorConfig) (*GoTaskExecutor, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	e := &GoTaskExecutor{
		cfg:       cfg,
		driver:    cfg.Driver,
		control:   newQueue[*execUpdate](),
		wake:      make(chan struct{}, 1),
		quiet:     make(chan struct{}, 1),
		ending:    make(chan struct{}),
		outOfTime: make(chan struct{}),
		types:     map[string]runner{},
		tasks:     map[string]*execTask{},
		fresh:     map[string]mesosv1.TaskInfo{},
		ids:       executorIDs{grace: 5 * time.Second},
	}
	if e.driver == nil {
		env, err := mesos.ReadExecutorEnv()
		if err != nil {
			return nil, fmt.Errorf("executor: not started by a Mesos agent: %w", err)
		}
		if err := checkOwnHash(os.Getenv(envExecutorHash)); err != nil {
			return nil, fmt.Errorf("executor: %w", err)
		}
		e.ids.framework.Value, e.ids.executor.Value = env.FrameworkID, env.ExecutorID
		e.ids.grace = env.ShutdownGracePeriod
		e.driver = &httpExecutorDriver{config: mesos.ExecutorConfig{Env: env, Logger: cfg.Logger}}
	}
	return e, nil
}

// RegisterTask makes t the implementation of the tasks of that type. It fails for an empty or taken name and after Run.
func (e *GoTaskExecutor) RegisterTask(name string, t Task) error {
	if t == nil {
		return fmt.Errorf("register task %q: nil", name)
	}
	return e.register(name, channelRunner(t))
}

// RegisterTaskFunc is RegisterTask for a function.
func (e *GoTaskExecutor) RegisterTaskFunc(name string, f TaskFunc) error {
	if f == nil {
		return fmt.Errorf("register task %q: nil", name)
	}
	return e.register(name, channelRunner(f))
}

// RegisterTaskContext is RegisterTask for the context form.
func (e *GoTaskExecutor) RegisterTaskContext(name string, t ContextTask) error {
	if t == nil {
		return fmt.Errorf("register task %q: nil", name)
	}
	return e.register(name, contextRunner(t))
}

func (e *GoTaskExecutor) register(name string, r runner) error {
	if err := validName(name); err != nil {
		return fmt.Errorf("register task: %w", err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ran {
		return fmt.Errorf("register task %s: the executor %w", name, ErrAlreadyRun)
	}
	if e.types[name] != nil {
		return fmt.Errorf("register task %s: that type is registered already", name)
	}
	e.types[name] = r
	return nil
}

// Run serves the agent until it orders a shutdown or no task was there for a while (nil), ctx is done (ctx's cause), a
// task did not return (ErrLeakedTask), or the agent is lost for longer than its recovery timeout. Before it returns it
// tells all tasks to return and waits for them, within the grace that the agent gives.
func (e *GoTaskExecutor) Run(ctx context.Context) error {
	if err := e.begin(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// The lanes outlive ctx, so that the last status updates go out after it is done.
	lanes, stopLanes := context.WithCancel(context.WithoutCancel(ctx))
	defer stopLanes()
	driven := make(chan error, 1)
	e.wg.Go(func() {
		driven <- e.driver.Run(lanes, ExecutorHandler{
			Unacknowledged: e.unacknowledged, Event: e.handle, Disconnected: e.disconnected,
		})
	})
	e.wg.Go(func() { e.sendUpdates(lanes) })
	e.wg.Go(func() { e.sendMessages(lanes) })
	e.wg.Go(func() { e.keepHouse(lanes) })

	var err error
	select {
	case <-ctx.Done():
		err = context.Cause(ctx)
	case err = <-driven:
		if err != nil {
			err = fmt.Errorf("executor: %w", err)
		}
	case <-e.ending:
		err = e.endError()
	}
	e.stopTasks()
	stopLanes()
	e.wg.Wait()
	return err
}

func (e *GoTaskExecutor) begin() error {
	now := time.Now()
	session, err := link.NewSession(link.Config{
		Side: link.Executor, Epoch: uint64(now.UnixNano()), Seed: uint64(now.UnixNano()), MaxMessageBytes: 2 * MaxMessageBytes,
		FlushDelay: flushDelay, HelloInterval: helloInterval, Build: e.cfg.Introduction.encode(),
	})
	if err != nil {
		return fmt.Errorf("executor: %w", err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ran {
		return fmt.Errorf("executor %w", ErrAlreadyRun)
	}
	e.ran = true
	e.session = session
	e.idleSince = now
	return nil
}

// end makes Run return err.
func (e *GoTaskExecutor) end(err error) {
	if !e.ended {
		e.ended, e.endErr = true, err
		close(e.ending)
	}
}

func (e *GoTaskExecutor) endError() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.endErr
}

// keepHouse repeats updates that nobody acknowledged and ends an executor that is idle.
func (e *GoTaskExecutor) keepHouse(ctx context.Context) {
	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case now := <-ticker.C:
			e.mu.Lock()
			e.repeatUpdates(now)
			e.checkIdle(now)
			e.mu.Unlock()
		case <-ctx.Done():
			return
		}
	}
}

func (e *GoTaskExecutor) checkIdle(now time.Time) {
	if len(e.tasks) > 0 || len(e.updates) > 0 {
		e.idleSince = now
		return
	}
	if e.leaked > 0 && !e.cfg.KeepLeaked {
		e.end(ErrLeakedTask)
		return
	}
	if now.Sub(e.idleSince) >= e.cfg.Linger {
		e.cfg.Logger.Info("executor ends: no tasks", "linger", e.cfg.Linger)
		e.end(nil)
	}
}

// stopTasks tells all tasks to return and waits for them and for their last updates to be acknowledged, for as long as the
// agent lets an executor take.
func (e *GoTaskExecutor) stopTasks() {
	e.mu.Lock()
	e.end(nil) // no launches from now on
	limit := max(e.ids.grace*4/5, 100*time.Millisecond)
	var tasks []*execTask
	for _, t := range e.tasks {
		t.grace = min(t.grace, limit*3/4)
		t.tell()
		tasks = append(tasks, t)
	}
	e.mu.Unlock()
	timer := time.AfterFunc(limit, func() { close(e.outOfTime) })
	defer timer.Stop()
	for _, t := range tasks {
		<-t.over // its watcher gives up when the time is out
	}
	e.awaitAcknowledgements()
}

// awaitAcknowledgements gives the last updates a moment to reach the agent, which keeps them.
func (e *GoTaskExecutor) awaitAcknowledgements() {
	patience := time.NewTimer(500 * time.Millisecond)
	defer patience.Stop()
	for {
		e.mu.Lock()
		none := len(e.updates) == 0
		e.mu.Unlock()
		if none {
			return
		}
		select {
		case <-e.quiet:
		case <-e.outOfTime:
			return
		case <-patience.C:
			return
		}
	}
}
