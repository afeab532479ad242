package gotask_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"elevator/internal/gotask"
	"elevator/internal/gotask/gotasktest"
)

// killLoser is a driver that loses the first KILL calls, and notes when each was made.
type killLoser struct {
	gotask.MesosSchedulerDriver
	begun time.Time

	mu    sync.Mutex
	loses int
	kills []time.Duration
}

func (d *killLoser) Call(ctx context.Context, call *scheduler.Call) error {
	if call.Type == scheduler.Call_KILL {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.kills = append(d.kills, time.Since(d.begun).Round(time.Second))
		if len(d.kills) <= d.loses {
			return nil
		}
	}
	return d.MesosSchedulerDriver.Call(ctx, call)
}

func TestKillWithoutEffectIsRepeated(t *testing.T) {
	play(t, gotasktest.ClusterConfig{}, func(sc *scene) {
		a := &app{t: sc.t, inbox: map[string][]string{}}
		driver := &killLoser{MesosSchedulerDriver: sc.cluster.Driver(), loses: 5}
		sc.config.Driver = driver
		sc.config.KillTimeout, sc.config.KillGrace = 10*time.Second, 3*time.Second
		a.s = newScheduler(sc.t, sc.config, func(in <-chan gotask.TaskMsg, out chan<- gotask.TaskMsg, events <-chan gotask.SchedEvent) {
			a.in, a.out, a.events = in, out, events
			a.await(gotask.EventTaskRunning, "echo-0")
			driver.begun = time.Now()
			if err := a.s.KillTask("echo-0"); err != nil {
				sc.t.Error(err)
			}
			a.await(gotask.EventTaskKilled, "echo-0")
		})
		spawn(sc.t, a.s, gotask.TaskSpec{Name: "echo", Count: 1})
		if err := a.s.Run(sc.t.Context()); err != nil {
			sc.t.Fatal(err)
		}
		// Each waits for the grace and the time-out, which doubles three times.
		want := []time.Duration{0, 13, 36, 79, 162, 245}
		for i := range want {
			want[i] *= time.Second
		}
		if !slices.Equal(driver.kills, want) {
			sc.t.Errorf("KILL calls after %v, want %v", driver.kills, want)
		}
	})
}
