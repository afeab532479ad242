package gotask_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"elevator/internal/gotask"
	"elevator/internal/localmesos"
	"elevator/internal/localmesos/clustertest"
)

// streamTask sends a number every so often, as its argument says: "tick ATTEMPT N". It answers every message "EPOCH N" with
// "got ATTEMPT EPOCH N", and panics when it is told to.
func streamTask(in <-chan gotask.TaskMsg, out chan<- gotask.TaskMsg, args []string, env map[string]string) error {
	interval, err := time.ParseDuration(args[1])
	if err != nil {
		return err
	}
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for sent := 0; ; {
		select {
		case m, ok := <-in:
			if !ok {
				return nil
			}
			if m.MessageData == "panic" {
				panic("told to")
			}
			out <- gotask.TaskMsg{MessageData: "got " + env[gotask.EnvAttempt] + " " + m.MessageData}
		case <-ticker.C:
			out <- gotask.TaskMsg{MessageData: fmt.Sprintf("tick %s %d", env[gotask.EnvAttempt], sent)}
			sent++
		}
	}
}

// streamSpec is for a few lively tasks, or on a cluster that is not the test's own for a hundred, as TestStorm has on one
// that is. To each of them goes a number every pace.
func streamSpec() (spec gotask.TaskSpec, pace time.Duration) {
	count, interval, pace := 6, "10ms", 20*time.Millisecond
	if clustertest.Named() != "" {
		count, interval, pace = 100, "200ms", 100*time.Millisecond
	}
	return gotask.TaskSpec{Name: "stream", Count: count, Args: []string{interval}, Resources: gotask.Resources{CPUs: 0.1, MemMB: 32}}, pace
}

// number is a place in one of the sequences that streamTask and its scheduler exchange.
type number struct{ attempt, epoch, n int }

// streams checks what stream tasks send: within an attempt no number is missing and none comes twice. Only at the change of
// schedulers some may come again: those the predecessor took and had not confirmed yet.
type streams struct {
	t         *testing.T
	last      map[string]number // by task and kind
	inherited map[string]bool   // sequences of which the present scheduler has got nothing yet
	taken     int               // messages
	lost      int               // numbers that died with the attempt they were sent to
	again     int               // numbers that two schedulers took
	unprinted int               // numbers a killed scheduler took and did not print
}

func newStreams(t *testing.T) *streams {
	return &streams{t: t, last: map[string]number{}, inherited: map[string]bool{}}
}

// succeed is called when another scheduler has taken over.
func (s *streams) succeed() {
	for key := range s.last {
		s.inherited[key] = true
	}
}

// answered reports whether the task has answered n or a later number.
func (s *streams) answered(task string, n int) bool {
	answer, ok := s.last["got "+task]
	return ok && answer.n >= n
}

func (s *streams) receive(task, data string) {
	var now number
	var kind string
	if strings.HasPrefix(data, "tick") {
		fmt.Sscan(data, &kind, &now.attempt, &now.n)
	} else {
		fmt.Sscan(data, &kind, &now.attempt, &now.epoch, &now.n)
	}
	s.taken++
	key := kind + " " + task
	before, known := s.last[key]
	inherited := s.inherited[key]
	s.last[key] = now
	delete(s.inherited, key)
	same := now.attempt == before.attempt && now.epoch == before.epoch
	switch {
	case !known && now.n == 0:
	case same && now.n == before.n+1:
	case same && inherited && now.n <= before.n:
		s.again += before.n + 1 - now.n
	case same && inherited && now.n == before.n+2:
		s.unprinted++
	case now.epoch > before.epoch && now.attempt >= before.attempt && now.n == 0:
	case now.attempt > before.attempt && kind == "tick" && now.n == 0:
	case now.attempt > before.attempt && kind == "got" && now.epoch == before.epoch && now.n > before.n:
		s.lost += now.n - before.n - 1
	default:
		s.t.Errorf("%s: %s %+v came after %+v", task, kind, now, before)
	}
}

// streamApp exchanges numbers with its tasks while the test breaks things.
type streamApp struct {
	*app
	check *streams
	names []string
	next  map[string]int // number to send
	pace  time.Duration  // of the numbers to one task
	queue []gotask.TaskMsg
}

// until exchanges numbers until the condition holds.
func (a *streamApp) until(what string, holds func() bool) {
	a.t.Helper()
	deadline := time.NewTimer(90 * time.Second)
	defer deadline.Stop()
	ticker := time.NewTicker(a.pace)
	defer ticker.Stop()
	for !holds() {
		var out chan<- gotask.TaskMsg
		var first gotask.TaskMsg
		if len(a.queue) > 0 {
			out, first = a.out, a.queue[0]
		}
		select {
		case out <- first:
			a.queue = a.queue[1:]
		case e, ok := <-a.events:
			if !ok {
				a.t.Fatalf("the system ended before %s", what)
			}
			a.seen = append(a.seen, e)
		case m := <-a.in:
			a.check.receive(m.TaskName, m.MessageData)
		case <-ticker.C:
			for _, name := range a.names {
				a.queue = append(a.queue, gotask.TaskMsg{TaskName: name, MessageData: fmt.Sprintf("1 %d", a.next[name])})
				a.next[name]++
			}
		case <-deadline.C:
			a.t.Fatalf("not %s: numbers %v, answers %v, status %+v", what, a.next, a.check.last, a.s.Status())
		}
	}
}

// breakAndRecover breaks something and measures how long it takes until every task has answered what was sent afterwards.
func (a *streamApp) breakAndRecover(what string, broken func()) {
	a.t.Helper()
	begun, mark := time.Now(), map[string]int{}
	broken()
	for _, name := range a.names {
		mark[name] = a.next[name]
	}
	a.until(what+": all answer", func() bool {
		return !slices.ContainsFunc(a.names, func(name string) bool { return !a.check.answered(name, mark[name]) })
	})
	a.t.Logf("%-28s all %d tasks answer after %v", what, len(a.names), time.Since(begun).Round(time.Millisecond))
}

func (a *streamApp) happened(kind gotask.EventKind, task string) gotask.SchedEvent {
	a.t.Helper()
	at := -1
	a.until(string(kind)+" of "+task, func() bool {
		at = slices.IndexFunc(a.seen, func(e gotask.SchedEvent) bool { return e.Kind == kind && (task == "" || e.Task == task) })
		return at >= 0
	})
	e := a.seen[at]
	a.seen = slices.Delete(a.seen, at, at+1)
	return e
}

// pass exchanges numbers for a while.
func (a *streamApp) pass(d time.Duration) {
	end := time.Now().Add(d)
	a.until("later", func() bool { return time.Now().After(end) })
}

// unharmed fails the test when an attempt has ended since the last call.
func (a *streamApp) unharmed(what string) {
	a.t.Helper()
	for _, e := range a.seen {
		switch e.Kind {
		case gotask.EventTaskFailed, gotask.EventTaskLost, gotask.EventTaskKilled, gotask.EventTaskFinished:
			a.t.Errorf("%s: %+v", what, e)
		}
	}
	a.seen = nil
}

// breaker does to the cluster what can happen to one.
type breaker struct {
	t     *testing.T
	local *localmesos.Cluster
}

func (b breaker) agent(verb clustertest.Verb, p clustertest.Process) {
	b.t.Helper()
	if b.local == nil {
		clustertest.Do(b.t, verb, p.Agent)
		return
	}
	for i, id := range b.local.AgentIDs() {
		if !strings.Contains(p.Sandbox, "/slaves/"+id+"/") {
			continue
		}
		do := b.local.StopAgent
		if verb == clustertest.StartAgent {
			do = b.local.StartAgent
		}
		if err := do(i); err != nil {
			b.t.Fatal(err)
		}
	}
}

func (b breaker) restartMaster() {
	b.t.Helper()
	if b.local == nil {
		clustertest.KillLeader(b.t)
		clustertest.Do(b.t, clustertest.StartMasters)
		return
	}
	if err := b.local.RestartMaster(); err != nil {
		b.t.Fatal(err)
	}
}

// breakable is a config for a cluster to break: the named one, or a local one.
func breakable(t *testing.T) (gotask.Config, breaker) {
	t.Helper()
	if clustertest.Named() == "" {
		c, config := onCluster(t, localmesos.Config{})
		config.Checkpoint = true
		return config, breaker{t, c}
	}
	clustertest.Controlled(t)
	config := testConfigAt(t, clustertest.Named())
	config.OnTaskFailure = gotask.RestartOnFailure
	config.Backoff.Min = 10 * time.Millisecond
	config.Checkpoint = true
	return config, breaker{t, nil}
}

// TestStreamsThroughFaults breaks one thing after the other while numbered messages go both ways.
func TestStreamsThroughFaults(t *testing.T) {
	config, cluster := breakable(t)
	spec, pace := streamSpec()
	var framework string
	err := localApp(t.Context(), t, config, func(base *app) {
		a := &streamApp{app: base, check: newStreams(t), next: map[string]int{}, pace: pace}
		for i := range spec.Count {
			a.names = append(a.names, fmt.Sprintf("stream-%d", i))
		}
		a.breakAndRecover("start", func() {})
		framework = a.s.Status().FrameworkID

		a.breakAndRecover("panic of a task", func() {
			a.queue = append(a.queue, gotask.TaskMsg{TaskName: "stream-0", MessageData: "panic"})
			if e := a.happened(gotask.EventTaskFailed, "stream-0"); !strings.Contains(e.Text, "told to") || !e.Restarting {
				t.Errorf("event: %+v", e)
			}
		})
		a.breakAndRecover("task restarted", func() {
			if err := a.s.RestartTask("stream-1"); err != nil {
				t.Error(err)
			}
			a.happened(gotask.EventTaskKilled, "stream-1")
		})
		a.breakAndRecover("executor killed", func() {
			if err := clustertest.Executors(t, framework)[0].Kill(); err != nil {
				t.Error(err)
			}
			a.happened(gotask.EventExecutorLost, "")
		})
		a.seen = nil
		a.breakAndRecover("agent killed for a second", func() {
			victim := clustertest.Executors(t, framework)[0]
			cluster.agent(clustertest.KillAgent, victim)
			a.pass(time.Second)
			cluster.agent(clustertest.StartAgent, victim)
		})
		a.unharmed("the agent's restart")
		a.breakAndRecover("master killed and restarted", cluster.restartMaster)
		a.happened(gotask.EventDisconnected, "")
		a.happened(gotask.EventReregistered, "")
		a.unharmed("the master's restart")
		a.breakAndRecover("agent and executor killed", func() {
			victim := clustertest.Executors(t, framework)[0]
			cluster.agent(clustertest.KillAgent, victim)
			if err := victim.Kill(); err != nil {
				t.Error(err)
			}
			cluster.agent(clustertest.StartAgent, victim)
		})
		last := a.names[spec.Count-1]
		a.names = a.names[:spec.Count-1]
		if _, err := a.s.Scale("stream", spec.Count-1); err != nil {
			t.Error(err)
		}
		a.happened(gotask.EventTaskKilled, last)
		t.Logf("%d messages taken, %d sent to attempts that had ended", a.check.taken, a.check.lost)
	}, spec)
	if err != nil {
		t.Fatal(err)
	}
	awaitNoExecutor(t, framework)
}

func awaitNoExecutor(t *testing.T, framework string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for len(clustertest.Executors(t, framework)) > 0 {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			t.Fatalf("executors live on: %v", clustertest.Executors(t, framework))
		}
	}
}

// runStreamScheduler is a scheduler in a process of its own: it prints what its tasks send, and sends numbers.
func runStreamScheduler(master, state string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	binary, err := os.Executable()
	if err != nil {
		return err
	}
	s, err := gotask.NewGoTaskScheduler(gotask.Config{
		Master: master, FrameworkName: "streams", ExecutorPath: binary, Checkpoint: true,
		OnTaskFailure: gotask.RestartOnFailure, FailoverTimeout: time.Minute, State: gotask.NewFileStore(state),
	})
	if err != nil {
		return err
	}
	spec, pace := streamSpec()
	err = s.RegisterSchedFunc(func(in <-chan gotask.TaskMsg, out chan<- gotask.TaskMsg, events <-chan gotask.SchedEvent) {
		ticker := time.NewTicker(pace)
		defer ticker.Stop()
		for n := 0; ; {
			select {
			case m, ok := <-in:
				if !ok {
					return
				}
				fmt.Println("message", m.TaskName, m.MessageData)
			case e, ok := <-events:
				if !ok {
					return
				}
				fmt.Println("event", e.Kind, e.Attempt, s.Status().FrameworkID)
			case <-ticker.C:
				for i := range spec.Count {
					out <- gotask.TaskMsg{TaskName: fmt.Sprintf("stream-%d", i), MessageData: fmt.Sprintf("%d %d", s.Status().Epoch, n)}
				}
				n++
			}
		}
	})
	if err != nil {
		return err
	}
	if _, err := s.SpawnTasks([]gotask.TaskSpec{spec}); err != nil {
		return err
	}
	if err := s.Run(ctx); ctx.Err() == nil {
		return err
	}
	return nil
}

// TestSchedulerKilled kills schedulers of one framework, three in a row. Each successor finds the tasks as they were and
// gets every number its predecessor did not print.
func TestSchedulerKilled(t *testing.T) {
	master := clustertest.Named()
	if master == "" {
		c, _ := onCluster(t, localmesos.Config{})
		master = c.MasterAddr()
	}
	state := t.TempDir() + "/state.json"
	s := newStreams(t)
	var framework string
	for epoch := 1; epoch <= 4; epoch++ {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "GOTASK_TEST_SCHEDULER="+master, "GOTASK_TEST_STATE="+state)
		cmd.Stderr = os.Stderr
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		late := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
		s.succeed()
		lines := bufio.NewScanner(stdout)
		for told := false; lines.Scan(); {
			kind, rest, _ := strings.Cut(lines.Text(), " ")
			if kind == "event" {
				var event, id string
				var attempt int
				fmt.Sscan(rest, &event, &attempt, &id)
				if framework = id; attempt > 1 || epoch > 1 && event == string(gotask.EventTaskLaunched) {
					t.Errorf("epoch %d: %s", epoch, rest)
				}
				continue
			}
			task, data, _ := strings.Cut(rest, " ")
			s.receive(task, data)
			if !told && s.allAnswered(epoch, 20) {
				told = true
				t.Logf("epoch %d: all answered 20 messages %v after the start, %d messages so far", epoch, time.Since(begun).Round(time.Millisecond), s.taken)
				if epoch < 4 {
					_ = cmd.Process.Kill()
				} else {
					_ = cmd.Process.Signal(syscall.SIGTERM)
				}
			}
		}
		late.Stop()
		if err := cmd.Wait(); epoch == 4 && err != nil {
			t.Errorf("the last scheduler ended with %v", err)
		}
	}
	if !s.allAnswered(4, 20) {
		t.Errorf("answers: %+v", s.last)
	}
	t.Logf("%d messages taken, %d of them by two schedulers, %d not printed by one that was killed", s.taken, s.again, s.unprinted)
	awaitNoExecutor(t, framework)
}

func (s *streams) allAnswered(epoch, n int) bool {
	spec, _ := streamSpec()
	count := 0
	for key, g := range s.last {
		if strings.HasPrefix(key, "got") && g.epoch == epoch && g.n >= n {
			count++
		}
	}
	return count == spec.Count
}
