package gotask_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"elevator/internal/gotask"
	"elevator/internal/gotask/gotasktest"
)

// TestChaos breaks what can be broken, at random, and checks that afterwards every task runs exactly once and answers.
func TestChaos(t *testing.T) {
	for seed := range uint64(40) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			play(t, gotasktest.ClusterConfig{Agents: 3}, func(sc *scene) {
				const n = 6
				sc.config.OnTaskFailure = gotask.RestartOnFailure
				sc.config.Backoff.Max = 10 * time.Second
				sc.mustRun(func(a *app) {
					chaos(a, sc.cluster, rand.New(rand.NewPCG(seed, 0)), n)
					settle(a, sc.cluster, n)
				}, gotask.TaskSpec{Name: "echo", Count: n})
			})
		})
	}
}

// chaos does 30 random things, up to five seconds apart.
func chaos(a *app, c *gotasktest.Cluster, r *rand.Rand, tasks int) {
	away := map[int]bool{}
	for range 30 {
		agent := r.IntN(3)
		switch r.IntN(8) {
		case 0:
			c.KillExecutor(agent)
		case 1:
			c.CutScheduler()
		case 2:
			if !away[agent] && len(away) < 2 {
				away[agent] = true
				c.LoseAgent(agent)
			}
		case 3:
			if away[agent] {
				delete(away, agent)
				c.ReturnAgent(agent)
			}
		case 4:
			loss := r.IntN(3)
			own := rand.New(rand.NewPCG(r.Uint64(), 0)) // r belongs to this goroutine
			c.DropMessages(func(bool, int) bool { return own.IntN(4) < loss })
		case 5:
			if err := a.s.RestartTask(fmt.Sprintf("echo-%d", r.IntN(tasks))); err != nil {
				a.t.Error(err)
			}
		default:
			a.send(fmt.Sprintf("echo-%d", r.IntN(tasks)), "are you there?")
		}
		a.listen(time.Duration(r.IntN(5000)) * time.Millisecond)
	}
	c.DropMessages(nil)
	for agent := range away {
		c.ReturnAgent(agent)
	}
}

// listen takes events and messages for a while.
func (a *app) listen(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		select {
		case e := <-a.events:
			a.seen = append(a.seen, e)
		case <-a.in:
		case <-timer.C:
			return
		}
	}
}

// settle gives the system time and then checks that all is well.
func settle(a *app, c *gotasktest.Cluster, tasks int) {
	a.listen(5 * time.Minute)
	live := c.Tasks()
	if len(live) != tasks {
		a.t.Errorf("alive: %v", live)
	}
	for _, ts := range a.s.Status().Tasks {
		if ts.State != gotask.TaskRunning {
			a.t.Errorf("status: %+v", ts)
		}
		if _, ok := live[ts.ID]; !ok {
			a.t.Errorf("task %s is not among %v", ts.ID, live)
		}
		a.send(ts.Name, "still there? "+ts.Name)
		for {
			if got := a.receive(ts.Name); strings.HasPrefix(got, "still there?") {
				if got != "still there? "+ts.Name {
					a.t.Errorf("%s said %q", ts.Name, got)
				}
				break
			}
		}
	}
	if n := c.OffersHeld(); n > 0 {
		a.t.Errorf("%d offers are held", n)
	}
}
