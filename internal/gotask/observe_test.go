package gotask_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"elevator/internal/gotask"
	"elevator/internal/gotask/gotasktest"
)

// counts is an Observer that remembers.
type counts struct {
	gotask.NopObserver
	mu       sync.Mutex
	calls    map[string]int
	events   map[string]int
	used     int
	launched int
	states   map[gotask.TaskState]int
	links    map[string]gotask.LinkStats
}

func (c *counts) MesosCall(call string, _ time.Duration, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls[call]++
}

func (c *counts) MesosEvent(event string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.events[event]++
}

func (c *counts) Offers(used, declined int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.used += used
}

func (c *counts) Launched(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.launched += n
}

func (c *counts) TaskStates(states map[gotask.TaskState]int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.states = states
}

func (c *counts) Link(executor string, s gotask.LinkStats) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.links[executor] = s
}

func TestObserver(t *testing.T) {
	play(t, gotasktest.ClusterConfig{}, func(sc *scene) {
		seen := &counts{calls: map[string]int{}, events: map[string]int{}, links: map[string]gotask.LinkStats{}}
		sc.config.Observer = seen
		sc.mustRun(func(a *app) {
			for _, name := range []string{"echo-0", "echo-1", "echo-2"} {
				a.receive(name)
			}
			time.Sleep(2 * time.Second) // virtual
			seen.mu.Lock()
			defer seen.mu.Unlock()
			if seen.states[gotask.TaskRunning] != 3 || seen.launched != 3 || seen.used != 2 {
				a.t.Errorf("states %v, launched %d, offers used %d", seen.states, seen.launched, seen.used)
			}
			if seen.calls["ACCEPT"] != 2 || seen.calls["ACKNOWLEDGE"] != 3 || seen.calls["SUPPRESS"] != 1 {
				a.t.Errorf("calls %v", seen.calls)
			}
			if seen.events["SUBSCRIBED"] != 1 || seen.events["UPDATE"] != 3 {
				a.t.Errorf("events %v", seen.events)
			}
			received := uint64(0)
			for _, l := range seen.links {
				received += l.Received
			}
			if len(seen.links) != 2 || received != 3 {
				a.t.Errorf("links %+v", seen.links)
			}
		}, gotask.TaskSpec{Name: "echo", Count: 3})
	})
}

func TestStatus(t *testing.T) {
	play(t, gotasktest.ClusterConfig{Agents: 1}, func(sc *scene) {
		sc.mustRun(func(a *app) {
			a.receive("echo-0")
			if err := a.s.KillTask("echo-1"); err != nil {
				a.t.Error(err)
			}
			a.await(gotask.EventTaskKilled, "echo-1")
			st := a.s.Status()
			if !st.Connected || st.FrameworkID == "" || st.Epoch != 1 || len(st.Tasks) != 2 || len(st.Agents) != 1 || len(st.Offers) != 0 {
				a.t.Fatalf("status: %+v", st)
			}
			if got := st.Tasks[0]; got.Name != "echo-0" || got.State != gotask.TaskRunning || got.ID != "echo-0.1" || got.Agent.Hostname != "agent-1" {
				a.t.Errorf("echo-0: %+v", got)
			}
			if got := st.Tasks[1]; got.State != gotask.TaskKilled || got.Text == "" {
				a.t.Errorf("echo-1: %+v", got)
			}
			if st.Agents[0].Tasks != 1 || !strings.HasPrefix(st.Agents[0].Executor, "gotask-") {
				a.t.Errorf("agent: %+v", st.Agents[0])
			}
			data, err := json.Marshal(st)
			if err != nil || !strings.Contains(string(data), `"state":"running"`) {
				a.t.Errorf("JSON: %s, %v", data, err)
			}
		}, gotask.TaskSpec{Name: "echo", Count: 2})
	})
}

func TestMessagesAfterARestartAreForTheNextAttempt(t *testing.T) {
	play(t, gotasktest.ClusterConfig{}, func(sc *scene) {
		sc.mustRun(func(a *app) {
			if got := a.receive("echo-0"); got != "hello 1" {
				a.t.Errorf("echo-0 said %q", got)
			}
			if err := a.s.RestartTask("echo-0"); err != nil {
				a.t.Error(err)
			}
			a.send("echo-0", "who hears this?")
			for _, want := range []string{"hello 2", "who hears this?"} {
				if got := a.receive("echo-0"); got != want {
					a.t.Errorf("echo-0 said %q, want %q", got, want)
				}
			}
		}, gotask.TaskSpec{Name: "echo", Count: 1})
	})
}
