package gotask_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"elevator/internal/gotask"
	"elevator/internal/gotask/gotasktest"
)

// slowDriver takes its time for every MESSAGE call.
type slowDriver struct{ gotask.MesosSchedulerDriver }

func (d slowDriver) Call(ctx context.Context, call *scheduler.Call) error {
	if call.Type == scheduler.Call_MESSAGE {
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return d.MesosSchedulerDriver.Call(ctx, call)
}

// TestNothingComesTwiceAfterAnOrderlyEnd ends a scheduler while confirmations for several executors are on their way.
func TestNothingComesTwiceAfterAnOrderlyEnd(t *testing.T) {
	for wait := range 10 {
		play(t, gotasktest.ClusterConfig{Agents: 4}, func(sc *scene) {
			sc.config.OnExit = gotask.KeepOnExit
			sc.config.Driver = slowDriver{sc.cluster.Driver()}
			ctx, cancel := context.WithCancel(sc.t.Context())
			a := &app{t: sc.t, inbox: map[string][]string{}}
			a.s = newScheduler(sc.t, sc.config, func(in <-chan gotask.TaskMsg, out chan<- gotask.TaskMsg, events <-chan gotask.SchedEvent) {
				a.in, a.out, a.events = in, out, events
				for i := range 8 {
					a.receive(fmt.Sprintf("echo-%d", i))
				}
				time.Sleep(time.Duration(wait) * 50 * time.Millisecond) // virtual
				cancel()
				a.untilEnd()
			})
			specs := []gotask.TaskSpec{{Name: "echo", Count: 8}}
			spawn(sc.t, a.s, specs...)
			if err := a.s.Run(ctx); !errors.Is(err, context.Canceled) {
				sc.t.Fatal(err)
			}
			sc.mustRun(func(a *app) {
				for i := range 8 {
					name := fmt.Sprintf("echo-%d", i)
					a.send(name, "and you?")
					if got := a.receive(name); got != "and you?" {
						a.t.Errorf("%s said %q again", name, got)
					}
				}
			}, specs...)
		})
	}
}
