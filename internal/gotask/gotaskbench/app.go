package gotaskbench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"elevator/internal/gotask"
)

// app is a gotask framework whose scheduler function does what it is asked.
type app struct {
	scheduler *gotask.GoTaskScheduler
	names     []string
	cancel    context.CancelFunc
	work      chan func(gotask.SchedIO) error
	done      chan error // of each piece of work
	ended     chan error // Run's
	traffic   traffic
}

// traffic counts the envelopes of all links.
type traffic struct {
	gotask.NopObserver
	out, in atomic.Int64
}

// MesosCall counts MESSAGE calls.
func (t *traffic) MesosCall(call string, _ time.Duration, err error) {
	if call == "MESSAGE" && err == nil {
		t.out.Add(1)
	}
}

// MesosEvent counts MESSAGE events.
func (t *traffic) MesosEvent(event string) {
	if event == "MESSAGE" {
		t.in.Add(1)
	}
}

// startApp runs a framework with so many echo tasks and returns when all of them run.
func startApp(ctx context.Context, cfg Config, master string, tasks int, state gotask.StateStore) (*app, error) {
	child := cfg.Child
	a := &app{work: make(chan func(gotask.SchedIO) error), done: make(chan error, 1), ended: make(chan error, 1)}
	s, err := gotask.NewGoTaskScheduler(gotask.Config{
		Master: master, FrameworkName: "gotaskbench", User: cfg.User, State: state, Observer: &a.traffic,
		ExecutorCommand: append(slices.Clip(child), childEcho),
	})
	if err != nil {
		return nil, err
	}
	a.scheduler = s
	if err := s.RegisterSchedContext(a); err != nil {
		return nil, err
	}
	if a.names, err = s.SpawnTask(childEcho, tasks, gotask.Resources{CPUs: taskCPUs, MemMB: taskMemMB}); err != nil {
		return nil, err
	}
	ctx, a.cancel = context.WithCancel(ctx)
	go func() { a.ended <- s.Run(ctx) }()
	if err := a.do(func(io gotask.SchedIO) error { return awaitRunning(io, tasks) }); err != nil {
		return nil, errors.Join(fmt.Errorf("launch gotask tasks: %w", err), a.stop())
	}
	return a, nil
}

// RunSchedContext does one piece of work after the other.
func (a *app) RunSchedContext(ctx context.Context, io gotask.SchedIO) error {
	for {
		select {
		case work := <-a.work:
			a.done <- work(io)
		case <-ctx.Done():
			return nil
		}
	}
}

// do has the scheduler function do the work.
func (a *app) do(work func(gotask.SchedIO) error) error {
	select {
	case a.work <- work:
	case err := <-a.ended:
		a.ended <- err
		return err
	}
	return <-a.done // the channels that work waits for are closed when the system ends
}

// stop ends the framework and waits for it.
func (a *app) stop() error {
	a.cancel()
	if err := <-a.ended; !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

var errEnded = errors.New("the system ended during a measurement")

func awaitRunning(io gotask.SchedIO, tasks int) error {
	for running := 0; running < tasks; {
		event, ok := <-io.Events
		switch {
		case !ok:
			return errEnded
		case event.Kind == gotask.EventTaskRunning:
			running++
		}
	}
	return nil
}

// roundTrips measures n messages one after the other.
func (a *app) roundTrips(ctx context.Context, n int) (took []time.Duration, err error) {
	err = a.do(func(io gotask.SchedIO) error {
		for i := range n {
			begin := time.Now()
			if err := io.Send(ctx, gotask.TaskMsg{TaskName: a.names[i%len(a.names)], MessageData: payload}); err != nil {
				return err
			}
			if _, ok := <-io.In; !ok {
				return errEnded
			}
			took = append(took, time.Since(begin))
		}
		return nil
	})
	return took, err
}

// throughput returns how many messages a second go through the tasks and back, in a burst of n. Each task has at most
// inFlight on their way.
func (a *app) throughput(ctx context.Context, n, inFlight int) (perSecond float64, err error) {
	err = a.do(func(io gotask.SchedIO) error {
		begin := time.Now()
		sent, limit := 0, inFlight*len(a.names)
		for got := range n {
			for ; sent < n && sent-got < limit; sent++ {
				if err := io.Send(ctx, gotask.TaskMsg{TaskName: a.names[sent%len(a.names)], MessageData: payload}); err != nil {
					return err
				}
			}
			if _, ok := <-io.In; !ok {
				return errEnded
			}
		}
		perSecond = float64(n) / time.Since(begin).Seconds()
		return nil
	})
	return perSecond, err
}
