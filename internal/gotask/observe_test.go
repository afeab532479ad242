package gotask_test

import (
	"encoding/json"
	"fmt"
	"slices"
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
	ends     []string // state, reason and whether it goes on
}

func (c *counts) TaskEnded(state gotask.TaskState, reason string, restarting bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ends = append(c.ends, fmt.Sprintf("%s %s %v", state, reason, restarting))
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

// A master before Mesos 1.5 sends offers after a subscription although nothing is wanted: they are given back, and it is
// told so again, once.
func TestOldMasterIsToldAgainThatNothingIsWanted(t *testing.T) {
	play(t, gotasktest.ClusterConfig{SubscribeUnsuppressed: true}, func(sc *scene) {
		seen := &counts{calls: map[string]int{}, events: map[string]int{}, links: map[string]gotask.LinkStats{}}
		sc.config.Observer = seen
		sc.mustRun(func(a *app) {
			a.receive("echo-0")
			time.Sleep(2 * time.Second) // virtual
			sc.cluster.CutScheduler()
			time.Sleep(time.Minute)
			seen.mu.Lock()
			defer seen.mu.Unlock()
			if seen.events["SUBSCRIBED"] != 2 || seen.calls["SUPPRESS"] != 2 {
				a.t.Errorf("events %v, calls %v; want SUPPRESS after each of two subscriptions", seen.events, seen.calls)
			}
			if n := sc.cluster.OffersHeld(); n != 0 {
				a.t.Errorf("%d offers are held although nothing is wanted", n)
			}
		}, gotask.TaskSpec{Name: "echo", Count: 1})
	})
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

// What is counted of an executor outlives it, and its successor introduces
// itself anew.
func TestAnExecutorIsReplaced(t *testing.T) {
	known := gotask.Introduction{Version: "1.2 & more", Metrics: "10.0.0.7:31007"}
	play(t, gotasktest.ClusterConfig{Agents: 1, Executor: gotask.ExecutorConfig{Introduction: known}}, func(sc *scene) {
		seen := &counts{calls: map[string]int{}, events: map[string]int{}, links: map[string]gotask.LinkStats{}}
		sc.config.Observer = seen
		sc.config.OnTaskFailure = gotask.RestartOnFailure
		sc.mustRun(func(a *app) {
			for attempt := range 2 {
				a.receive("echo-0")
				time.Sleep(time.Second) // virtual
				st := a.s.Status()
				if len(st.Executors) != 1 || st.Executors[0].Version != known.Version || st.Executors[0].Metrics != known.Metrics ||
					st.Executors[0].Agent.Hostname != "agent-1" || st.Executors[0].Tasks != 1 {
					a.t.Fatalf("attempt %d: executors %+v", attempt+1, st.Executors)
				}
				if got := a.s.LinkStats(); got.Received != uint64(attempt+1) || got.EnvelopesReceived == 0 || got.BytesReceived == 0 {
					a.t.Errorf("attempt %d: %+v", attempt+1, got)
				}
				if attempt == 0 {
					sc.cluster.KillExecutor(0)
					a.await(gotask.EventTaskFailed, "echo-0")
				}
			}
			seen.mu.Lock()
			defer seen.mu.Unlock()
			if want := []string{"failed REASON_EXECUTOR_TERMINATED true"}; !slices.Equal(seen.ends, want) {
				a.t.Errorf("ends %q, want %q", seen.ends, want)
			}
		}, gotask.TaskSpec{Name: "echo", Count: 1})
	})
}

func TestAnIntroductionIsNotTooLong(t *testing.T) {
	_, err := gotask.NewGoTaskExecutor(gotask.ExecutorConfig{
		Driver: noDriver{}, Introduction: gotask.Introduction{Version: strings.Repeat("v", 300)},
	})
	if err == nil || !strings.Contains(err.Error(), "at most 255") {
		t.Errorf("got %v", err)
	}
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
