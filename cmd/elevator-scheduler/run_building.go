package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/motion"
	"elevator/internal/elevator/tasks"
	"elevator/internal/elevator/traffic"
	"elevator/internal/gotask"
	"elevator/internal/journal"
	"elevator/internal/localmesos"
	"elevator/internal/metrics"
	"elevator/internal/operator"
	"elevator/ui"
)

// runBuilding starts what the plan describes and waits for its end: the
// cluster where it is local, the operators' API, the framework, and whoever
// watches on this terminal. What was started first ends last.
func runBuilding(ctx context.Context, p *runPlan, std streams) (err error) {
	began := time.Now()
	clock := newWallClock(p.log)
	ctx, quit := context.WithCancel(ctx)
	defer quit()

	law := motion.NewLaw(p.building)
	hub := operator.NewHub(p.building, law)
	registry := metrics.NewRegistry(version)
	journaling, publisher := metrics.NewJournal(registry), &publisher{hub: hub}
	log, resume, err := p.openRun(p.journalConfig(journaling, publisher), publisher)
	if err != nil {
		return err
	}
	journaling.Count(log.Counts)
	defer func() { err = errors.Join(err, log.Close()) }()

	master, stopCluster, err := p.startCluster(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopCluster()) }()

	deciding := metrics.NewDispatch(registry, dispatcherNames())
	var framework *gotask.GoTaskScheduler
	restartTask := func(task string) error { return framework.RestartTask(task) }
	var kept time.Time
	if resume != nil {
		kept = resume.Epoch
	}
	epoch := newEpochKeeper(kept, p.saveSettings, p.log)
	clockSet := func(c tasks.Clock) {
		hub.SetClock(c.Epoch, c.Speed)
		epoch.set(c)
	}
	function, err := p.newSchedulerFunction(law, log, publisher, resume, clockSet, restartTask, deciding)
	if err != nil {
		return err
	}
	cluster := metrics.NewCluster(registry, func() gotask.Status { return framework.Status() })
	framework, err = p.newFramework(master, function, cluster)
	if err != nil {
		return err
	}
	metrics.RegisterLinks(registry, framework.LinkStats)
	metrics.RegisterClock(registry, clock.state)
	warned := func() []string { return warnings(framework.Status(), log.Failing(), clock.warning()) }
	api := operator.Config{
		Hub: hub, Registry: registry, Logger: p.log,
		Tasks:       func() any { return taskReport{framework.Status(), warned()} },
		Healthy:     func() error { return healthy(function.Turned(), time.Now()) },
		Ready:       func() error { return cmp.Or(log.Failing(), ready(framework.Status())) },
		Warnings:    warned,
		Targets:     func() []operator.Target { return executorTargets(framework.Status()) },
		Command:     commander(p.building, function),
		Reasons:     explainer(p.building, function),
		Dispatchers: fittingDispatchers(p.building),
		Tokens:      p.tokens, TLS: p.httpTLS,
	}
	server := operator.NewServer(api)
	server.Serve(p.listener)
	closing := func() (context.Context, context.CancelFunc) {
		return context.WithTimeout(context.Background(), 2*time.Second)
	}
	desk, closeDesk, err := p.desk(api)
	if err != nil {
		ctx, cancel := closing()
		defer cancel()
		return errors.Join(err, server.Close(ctx))
	}

	if resume != nil && !p.dashboard {
		fmt.Fprintln(std.out, takenOver(resume))
	}
	manager := service{framework: framework.Status, healthy: api.Healthy, group: hub.Group, warnings: warned, reload: p.reopenLog, log: p.log}
	var managed sync.WaitGroup
	managed.Go(func() { manager.run(ctx) })
	managed.Go(func() { clock.run(ctx) })
	managed.Go(func() { epoch.run(ctx) })
	defer managed.Wait()
	watching := p.watch(ctx, quit, desk, std)
	runErr := framework.Run(ctx)
	if runErr != nil && ctx.Err() != nil && errors.Is(runErr, ctx.Err()) {
		runErr = nil // told to stop: not a failure
	}
	endCtx, cancel := closing()
	defer cancel()
	if err := errors.Join(closeDesk(endCtx), server.Close(endCtx)); err != nil {
		p.log.Debug("close the operators' API", "error", err)
	}
	quit()
	watchErr := watching()
	printSummary(std.out, hub, time.Since(began))
	if runErr != nil {
		printLeft(std.out, hub.Group())
	}
	return errors.Join(withCompanions(runErr, framework.Status()), watchErr)
}

// withCompanions adds to a task's failure which other tasks ran in the same
// executor, since they went with it.
func withCompanions(err error, s gotask.Status) error {
	failed, ok := errors.AsType[*gotask.TaskError](err)
	if !ok || failed.Reason != "REASON_EXECUTOR_TERMINATED" {
		return err
	}
	var others []string
	for _, t := range s.Tasks {
		if t.Agent.ID == failed.Agent.ID && t.Name != failed.Task {
			others = append(others, t.Name)
		}
	}
	if len(others) == 0 {
		return err
	}
	return fmt.Errorf("%w; with its executor ended %s", err, strings.Join(others, ", "))
}

// startCluster returns the master's address, and what ends a local cluster.
func (p *runPlan) startCluster(ctx context.Context) (master string, stop func() error, err error) {
	if !p.local {
		return p.options.master, func() error { return nil }, nil
	}
	work := filepath.Join(p.state.path, "agents")
	if err := os.MkdirAll(work, 0o755); err != nil {
		return "", nil, fmt.Errorf("make the agents' directory: %w", err)
	}
	cluster, err := localmesos.Start(context.WithoutCancel(ctx), localmesos.Config{
		Agents: p.options.agents, WorkDir: work, Logger: p.log.With("component", "localmesos"),
	})
	if err != nil {
		return "", nil, fmt.Errorf("start the local cluster: %w", err)
	}
	return cluster.MasterAddr(), cluster.Close, nil
}

func (p *runPlan) newSchedulerFunction(law *motion.Law, log *journal.Writer, publisher *publisher, resume *tasks.Resume, clockSet func(tasks.Clock), restartTask func(string) error, deciding *metrics.Dispatch) (*tasks.Scheduler, error) {
	source, err := traffic.New(p.building, p.traffic, p.options.seed, p.options.duration)
	if err != nil {
		return nil, badInputf("--traffic: %w", err)
	}
	o := &p.options
	plant := dispatch.Plant{Building: p.building, Law: law}
	return tasks.NewScheduler(tasks.Config{
		Building:    p.building,
		Law:         law,
		Dispatcher:  p.entry.New(plant),
		Parker:      p.entry.Parker(plant),
		Source:      source,
		Header:      p.header(),
		Resume:      resume,
		Speed:       o.speed,
		Duration:    o.duration,
		Endless:     o.duration == 0 && p.traffic.Trace == "",
		Journal:     log,
		Publish:     publisher.publish,
		ClockSet:    clockSet,
		RestartTask: restartTask,
		Decided:     deciding.Decided,
		Logger:      p.log.With("component", "dispatch"),
	})
}

func (p *runPlan) newFramework(master string, function *tasks.Scheduler, observer gotask.Observer) (*gotask.GoTaskScheduler, error) {
	o := &p.options
	cfg := gotask.Config{
		Master: master, FrameworkName: o.frameworkName, User: o.user, Role: o.role,
		Principal: p.principal, Secret: p.secret, TLS: p.tls,
		WebUIURL:        p.address() + "/api/v1/group",
		FailoverTimeout: o.failoverTimeout, Checkpoint: !p.local,
		OnTaskFailure: gotask.FailurePolicy(o.onTaskFailure), OnExit: gotask.ExitPolicy(o.onExit),
		// A task that has carried people for a while is no task that cannot start:
		// the next attempt of a car shall not keep its riders waiting.
		Backoff:         gotask.Backoff{Min: 200 * time.Millisecond, Max: 30 * time.Second, ResetAfter: 10 * time.Second},
		ExplicitConfirm: true,
		OfferHold:       o.offerHold, ConnectTimeout: o.connectTimeout,
		ExecutorPath: p.executor, ArtifactListen: o.artifact, ArtifactAdvertise: o.advertise,
		State:  gotask.NewFileStore(filepath.Join(p.state.path, frameworkFile)),
		Logger: p.log.With("component", "gotask"), Observer: observer,
	}
	if p.local {
		cfg.ArtifactListen, cfg.ArtifactAdvertise = "127.0.0.1:0", "127.0.0.1"
	}
	framework, err := gotask.NewGoTaskScheduler(cfg)
	if err != nil {
		return nil, badInput{err}
	}
	if err := framework.RegisterSchedContext(function); err != nil {
		return nil, err
	}
	if _, err := framework.SpawnTasks(tasks.Specs(p.building)); err != nil {
		return nil, err
	}
	return framework, nil
}

// taskReport is the answer of GET /api/v1/tasks.
type taskReport struct {
	gotask.Status
	Warnings []string `json:"warnings,omitempty"`
}

// executorTargets are the executors that Prometheus shall scrape.
func executorTargets(s gotask.Status) []operator.Target {
	var targets []operator.Target
	for _, e := range s.Executors {
		if e.Metrics != "" {
			targets = append(targets, operator.Target{Address: e.Metrics, Component: "executor", Agent: e.Agent.Hostname})
		}
	}
	return targets
}

// watch starts the dashboard, or the lines where there is none, and returns a
// function that waits for its end. Leaving the dashboard ends the run.
func (p *runPlan) watch(ctx context.Context, quit context.CancelFunc, desk ui.Config, std streams) (wait func() error) {
	var watcher sync.WaitGroup
	var err error
	if !p.dashboard {
		where := p.address()
		if p.busy != "" {
			where += " (" + p.busy + " is taken)"
		}
		fmt.Fprintf(std.out, "operators' API and metrics: %s\n", where)
	}
	watcher.Go(func() {
		if p.dashboard {
			defer quit()
			err = ui.Run(ctx, desk)
			return
		}
		// The stream ends when the server closes, after the last event.
		err = ui.Lines(context.WithoutCancel(ctx), desk, std.out)
		if errors.Is(err, syscall.EPIPE) {
			err = nil // nobody reads any more
			quit()
		}
	})
	return func() error {
		watcher.Wait()
		return err
	}
}

// printSummary says how the run went.
func printSummary(w io.Writer, hub *operator.Hub, took time.Duration) {
	g, s := hub.Group(), hub.Statistics()
	fmt.Fprintf(w, "%d passengers carried, %d waiting, %d riding", g.Carried, g.WaitingTotal(), g.Riding())
	switch {
	case s.Saturated:
		fmt.Fprintf(w, "; SATURATED: the queues grew over the run, so there are no means; longest wait %.1f s", s.WaitS.Max)
	case g.Carried > 0:
		fmt.Fprintf(w, "; wait mean %.1f s, 95%% under %.1f s; time to destination mean %.1f s",
			s.WaitS.Mean, s.WaitS.P95, s.TimeToDestinationS.Mean)
	}
	fmt.Fprintf(w, "; %v of the building's time in %v\n", g.T.Round(time.Second), took.Round(100*time.Millisecond))
}

// printLeft names the calls and passengers that a failed run leaves.
func printLeft(w io.Writer, g *elevator.Group) {
	b := g.Building
	for i := range g.Calls {
		call := &g.Calls[i]
		if call.Key.To != elevator.NoFloor {
			fmt.Fprintf(w, "left unanswered: landing call %s to %s\n", b.Floors[call.Key.Floor].Name, b.Floors[call.Key.To].Name)
			continue
		}
		fmt.Fprintf(w, "left unanswered: landing call %s %v\n", b.Floors[call.Key.Floor].Name, call.Key.Direction)
	}
	var left []elevator.Journey
	g.EachJourney(func(j *elevator.Journey) { left = append(left, *j) })
	slices.SortFunc(left, func(a, b elevator.Journey) int { return cmp.Compare(a.Passenger.ID, b.Passenger.ID) })
	for _, j := range left {
		where := "waiting at " + b.Floors[j.Passenger.Floor].Name
		if j.Car != elevator.NoCar {
			where = "riding in car " + b.Cars[j.Car].Name
		}
		fmt.Fprintf(w, "left under way: passenger %d to %s, %s\n", j.Passenger.ID, b.Floors[j.Passenger.To].Name, where)
	}
}
