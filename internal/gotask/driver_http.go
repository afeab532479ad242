package gotask

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/mesos/mesos-go/api/v1/lib/executor"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"elevator/internal/gotask/mesos"
)

// httpSchedulerDriver is the MesosSchedulerDriver on Mesos' v1 scheduler API.
type httpSchedulerDriver struct {
	config mesos.SchedulerConfig
	stream atomic.Pointer[mesos.Scheduler] // nil before Run
}

func newHTTPSchedulerDriver(c Config) (*httpSchedulerDriver, error) {
	detector, err := mesos.NewDetector(c.Master, c.TLS != nil) // Run makes its own; this one only checks the address
	if err != nil {
		return nil, fmt.Errorf("master %q: %w", c.Master, err)
	}
	if err := detector.Close(); err != nil {
		return nil, fmt.Errorf("master %q: %w", c.Master, err)
	}
	d := &httpSchedulerDriver{config: mesos.SchedulerConfig{
		Masters:        c.Master,
		TLS:            c.TLS,
		ConnectTimeout: c.ConnectTimeout,
		Logger:         c.Logger,
		Observer: mesos.Observer{
			Call: func(call, result string, took time.Duration) {
				var err error
				if result != "ok" {
					err = errors.New(result)
				}
				c.Observer.MesosCall(call, took, err)
			},
			Event: c.Observer.MesosEvent,
		},
	}}
	if c.ConnectTimeout < 0 {
		d.config.ConnectTimeout = forever
	}
	if c.Principal != "" {
		d.config.Credentials = &mesos.Credentials{Principal: c.Principal, Secret: c.Secret}
	}
	return d, nil
}

// forever is long enough for any process and short enough for time arithmetic.
const forever = 100 * 365 * 24 * time.Hour

func (d *httpSchedulerDriver) Run(ctx context.Context, h SchedulerHandler) error {
	config := d.config
	config.Framework = h.Framework
	config.SuppressedRoles = h.Suppressed
	stream, err := mesos.NewScheduler(config)
	if err != nil {
		return err
	}
	d.stream.Store(stream)
	return stream.Run(ctx, func(e mesos.SchedulerEvent) {
		switch {
		case e.Connected != nil:
			h.Connected(e.Connected.Endpoint)
		case e.Disconnected != nil:
			h.Disconnected(e.Disconnected.Err)
		default:
			h.Event(e.Event)
		}
	})
}

func (d *httpSchedulerDriver) Call(ctx context.Context, call *scheduler.Call) error {
	stream := d.stream.Load()
	if stream == nil {
		return mesos.ErrNotSubscribed
	}
	return stream.Call(ctx, call)
}

// httpExecutorDriver is the MesosExecutorDriver on Mesos' v1 executor API.
type httpExecutorDriver struct {
	config mesos.ExecutorConfig
	stream atomic.Pointer[mesos.Executor] // nil before Run
}

func (d *httpExecutorDriver) Run(ctx context.Context, h ExecutorHandler) error {
	config := d.config
	config.Unacknowledged = h.Unacknowledged
	stream, err := mesos.NewExecutor(config)
	if err != nil {
		return fmt.Errorf("executor %s: %w", strconv.Quote(config.Env.ExecutorID), err)
	}
	d.stream.Store(stream)
	return stream.Run(ctx, func(e mesos.ExecutorEvent) {
		switch {
		case e.Connected != nil:
		case e.Disconnected != nil:
			h.Disconnected(e.Disconnected.Err)
		default:
			h.Event(e.Event)
		}
	})
}

func (d *httpExecutorDriver) Call(ctx context.Context, call *executor.Call) error {
	stream := d.stream.Load()
	if stream == nil {
		return mesos.ErrNotSubscribed
	}
	return stream.Call(ctx, call)
}
