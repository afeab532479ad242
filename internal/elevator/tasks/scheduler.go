package tasks

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/control"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/group"
	"elevator/internal/elevator/motion"
	"elevator/internal/elevator/traffic"
	"elevator/internal/gotask"
)

const (
	// settle is how long, in wall time, the dispatcher waits after the first of
	// several things that happen together, such as two cars arriving, to decide
	// on all of them.
	settle = 3 * time.Millisecond
	// lead is how long, in wall time, before the building's time begins the tasks
	// are told what they are.
	lead = 300 * time.Millisecond
	// grace is how long after the last arrival people may take to reach their
	// floor, in the building's time.
	grace = 30 * time.Minute
)

// Journal is where the scheduler function writes events; journal.Writer is one.
type Journal interface {
	Append(*elevator.Event) error // sets the event's sequence number
	Flush() error                 // after an error, writes what is still owed
}

// Config says what a Scheduler runs.
type Config struct {
	Building   *elevator.Building
	Law        *motion.Law // of Building
	Dispatcher dispatch.Dispatcher
	Parker     dispatch.Parker // parks the cars instead of the Dispatcher; nil: that does
	Source     traffic.Source
	Header     elevator.Header // the journal's first line but for the wall time
	Speed      float64         // of the building's clock; over a takeover it stays the same
	Duration   time.Duration   // the run lasts at least this long, in the building's time
	Endless    bool            // the run goes on although nobody will arrive any more
	Journal    Journal
	// Resume is the run to go on with; nil begins a new one. The Journal then
	// continues the recovered one, whose group becomes the Scheduler's.
	Resume *Resume
	// Publish hands journaled events to the operators' API.
	Publish func([]elevator.Event) error
	// RestartTask has the cluster start a task anew. It is called between two
	// steps of the scheduler function and must not wait for it.
	RestartTask func(task string) error
	// Decided is told how long the dispatcher of that name took to decide. May be
	// nil.
	Decided func(dispatcher string, took time.Duration)
	Logger  *slog.Logger
}

// LeftBehindError says that people were still under way when their time was
// over.
type LeftBehindError struct {
	Passengers []elevator.PassengerID
	Waiting    int // how many of them wait at a landing
}

// Error counts and lists them.
func (e *LeftBehindError) Error() string {
	ids := make([]string, 0, 20)
	for _, id := range e.Passengers {
		if len(ids) == cap(ids) {
			ids = append(ids, "…")
			break
		}
		ids = append(ids, fmt.Sprint(id))
	}
	return fmt.Sprintf("%d passengers have not arrived (%d waiting, %d riding): %s",
		len(e.Passengers), e.Waiting, len(e.Passengers)-e.Waiting, strings.Join(ids, ", "))
}

// Scheduler is the dispatching scheduler function. It implements
// gotask.ContextSchedTask.
type Scheduler struct {
	cfg      Config
	group    *group.Control
	arrivals *arrivals

	io       gotask.SchedIO
	run      time.Time // names the run: its first epoch
	clock    Clock
	started  bool
	running  map[string]int // the attempt of each task that runs
	launched map[string]int // the attempt of each task that this scheduler has launched last
	takeover
	latest     time.Duration   // of the inputs taken
	decided    time.Duration   // of the group's own events
	decidedFor []time.Duration // by car: of the latest that followed from what it said
	upTo       time.Duration   // of the events that the present message led to
	unsettled  time.Time       // when the dispatcher first had something to decide; zero: it has not
	late       lateness
	held       reorder
	outputs    []group.Output
	journaled  time.Duration    // of the last event in the journal
	events     []elevator.Event // journaled together
	unwritten  error            // why they are not in the journal's file yet
	wrote      time.Time        // when the journal's last lines were written
	taken      map[string]*confirmations
	lamps      []addressed // to be lit once their calls are journaled
	outboxes   map[string]*outbox
	requests   chan func()      // what operators want, to be done between two steps
	ended      chan struct{}    // closed when the scheduler function returns
	turned     atomic.Int64     // see Turned; nanoseconds of Unix time
	early      []elevator.Event // task states before the clock began
}

// addressed is a control message, the task it goes to, and the time of the
// events that it follows from.
type addressed struct {
	t  time.Duration
	to string
	m  control.Message
}

// NewScheduler returns the scheduler function of a run.
func NewScheduler(cfg Config) (*Scheduler, error) {
	opt := group.Options{Parker: cfg.Parker}
	var before []elevator.PassengerID
	var begins time.Duration
	if r := cfg.Resume; r != nil {
		opt.Group, before, begins = r.Recovered.Group, r.arrived, r.begins
		opt.Group.Building = cfg.Building
	}
	if cfg.Decided == nil {
		cfg.Decided = func(string, time.Duration) {}
	}
	a, err := newArrivals(cfg.Source, len(cfg.Building.Floors), before, begins)
	if err != nil {
		return nil, err
	}
	return &Scheduler{
		cfg:        cfg,
		group:      group.New(cfg.Building, cfg.Law, cfg.Dispatcher, opt),
		arrivals:   a,
		running:    make(map[string]int),
		launched:   make(map[string]int),
		decidedFor: make([]time.Duration, len(cfg.Building.Cars)),
		taken:      make(map[string]*confirmations),
		outboxes:   make(map[string]*outbox),
		requests:   make(chan func()),
		ended:      make(chan struct{}),
	}, nil
}

// Specs returns the tasks of a building: one for each car and one for each
// floor.
func Specs(b *elevator.Building) []gotask.TaskSpec {
	resources := gotask.Resources{CPUs: 0.05, MemMB: 16}
	return []gotask.TaskSpec{
		{Name: CarTask, Count: len(b.Cars), Resources: resources},
		{Name: FloorTask, Count: len(b.Floors), Resources: resources},
	}
}

// RunSchedContext serves the group until everybody has arrived, which is the
// end when the traffic ends, or ctx is done. It returns a *LeftBehindError when
// people are still under way half an hour of the building's time after the last
// arrival.
func (s *Scheduler) RunSchedContext(ctx context.Context, io gotask.SchedIO) error {
	s.io = io
	defer close(s.ended)
	sending, stopSending := context.WithCancel(ctx)
	var senders sync.WaitGroup
	defer senders.Wait()
	defer stopSending()
	for _, task := range s.taskNames() {
		o := newOutbox(task, io.Send, s.cfg.Logger)
		s.outboxes[task], s.taken[task] = o, new(confirmations)
		senders.Go(func() { o.run(sending) })
	}
	if s.cfg.Resume != nil {
		s.takeOver(s.cfg.Resume, time.Now())
	}
	err := s.serve(ctx)
	if flushErr := s.end(); err == nil {
		err = flushErr
	}
	if err != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}

func (s *Scheduler) taskNames() []string {
	var names []string
	for i := range s.cfg.Building.Cars {
		names = append(names, taskName(CarTask, i))
	}
	for i := range s.cfg.Building.Floors {
		names = append(names, taskName(FloorTask, i))
	}
	return names
}

func taskName(kind string, index int) string { return fmt.Sprintf("%s-%d", kind, index) }

// party returns whom a task's name stands for.
func party(task string) (group.Party, int, error) {
	index, err := taskIndex([]string{task})
	if err != nil {
		return group.Nobody, 0, err
	}
	switch {
	case strings.HasPrefix(task, CarTask+"-"):
		return group.Car, index, nil
	case strings.HasPrefix(task, FloorTask+"-"):
		return group.Landing, index, nil
	}
	return group.Nobody, 0, fmt.Errorf("task %q is neither a car nor a floor", task)
}

func (s *Scheduler) serve(ctx context.Context) error {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		s.turned.Store(time.Now().UnixNano())
		timer.Reset(s.pause(time.Now()))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case msg, ok := <-s.io.In:
			if !ok {
				return nil
			}
			if err := s.receive(msg); err != nil {
				return err
			}
		case e, ok := <-s.io.Events:
			if !ok {
				return nil
			}
			if err := s.taskEvent(e); err != nil {
				return err
			}
		case do := <-s.requests:
			do()
		case <-timer.C:
		}
		if !s.started {
			continue
		}
		done, err := s.advance(s.now())
		if done || err != nil {
			return err
		}
	}
}

// Turned returns when the scheduler function last looked for something to do,
// which it does at least once a second, or the zero time before it began. It
// may be called from any goroutine.
func (s *Scheduler) Turned() time.Time {
	if at := s.turned.Load(); at != 0 {
		return time.Unix(0, at)
	}
	return time.Time{}
}

// now returns the building's time, which stands at zero until it begins.
func (s *Scheduler) now() time.Duration { return max(0, s.clock.At(time.Now())) }

// pause returns how long nothing is due unless something arrives.
func (s *Scheduler) pause(wall time.Time) time.Duration {
	const most = 250 * time.Millisecond
	switch {
	case !s.started:
		return time.Second
	case s.settling(wall):
		return most
	}
	pause := most
	switch wake := s.group.Wake(); {
	case !s.unsettled.IsZero():
		pause = min(pause, settle-wall.Sub(s.unsettled))
	case wake != control.Never:
		pause = min(pause, s.clock.Until(wall, wake))
	}
	if t, held := s.held.earliest(); held {
		pause = min(pause, s.clock.Until(wall, t)+s.late.window())
	}
	return max(0, pause)
}

// receive takes what a task's controller gave in one step.
func (s *Scheduler) receive(msg gotask.TaskMsg) error {
	decoded, err := gotask.Decode[fromTask](msg)
	if err != nil {
		return err
	}
	said := statement{msg.TaskName, decoded}
	wall := time.Now()
	if s.settling(wall) || len(s.backlog) > 0 {
		s.backlog = append(s.backlog, said)
		if said.reports(s.takeover.number) {
			delete(s.silent, said.task)
		}
		return nil
	}
	s.late.arrived(wall, -s.clock.Until(wall, decoded.T))
	return s.take(&said)
}

// take steps the group control with what a task said.
func (s *Scheduler) take(said *statement) error {
	who, index, err := party(said.task)
	if err != nil {
		return err
	}
	s.upTo = said.T
	for i := range said.Outputs {
		out := &said.Outputs[i]
		if s.isNews(said.task, said.T, out) {
			s.step(said.T, &group.Input{From: who, Index: index, Event: out.Event, Message: out.Message})
		}
		if e := out.Event; e != nil && e.Kind == elevator.PassengerArrived {
			s.arrivals.arrived(elevator.FloorIndex(index), e.Passenger)
		}
	}
	if said.reports(s.takeover.number) {
		s.heard(said.task)
	}
	s.taken[said.task].add(s.upTo)
	return nil
}

// taskEvent takes note of what became of a task. Once all tasks run for the
// first time the building's clock starts; an attempt that is launched after that
// is told what the task was, and one that is found running what it has missed.
func (s *Scheduler) taskEvent(e gotask.SchedEvent) error {
	if e.Kind == gotask.EventRegistered {
		s.takeover.until = time.Now().Add(settleTime)
	}
	if e.Task == "" {
		s.cfg.Logger.Debug("cluster", "event", e.Kind, "agent", e.Agent.Hostname, "text", e.Text)
		return nil
	}
	who, index, err := party(e.Task)
	if err != nil {
		return err
	}
	if e.Kind == gotask.EventTaskSilence {
		if who == group.Car && s.started {
			s.step(s.now(), &group.Input{From: who, Index: index, Silent: e.Reason == gotask.ReasonSilent, Heard: e.Reason == gotask.ReasonHeard})
		}
		return nil
	}
	runs := e.Kind == gotask.EventTaskRunning
	if runs && s.running[e.Task] == e.Attempt {
		return nil // found again after the master was away
	}
	if runs {
		s.running[e.Task] = e.Attempt
	} else {
		delete(s.running, e.Task)
		s.outboxes[e.Task].down()
	}
	if e.Kind == gotask.EventTaskLaunched {
		s.launched[e.Task] = e.Attempt
	}
	state := elevator.NewEvent(0, elevator.TaskStateChanged)
	state.Detail = &elevator.Detail{
		Task: e.Task, State: strings.TrimPrefix(string(e.Kind), "task-"), Agent: e.Agent.Hostname, Reason: reason(e),
	}
	if !s.started {
		s.early = append(s.early, state)
		if len(s.running) == len(s.outboxes) {
			return s.start(time.Now())
		}
		return nil
	}
	if !runs {
		// Its last words come before its end, also while others are waited for.
		if err := s.catchUp(func(said *statement) bool { return said.task == e.Task }); err != nil {
			return err
		}
	}
	now := s.now()
	state.T = now
	if found := runs && s.launched[e.Task] != e.Attempt; found {
		if s.group.Group().Tasks[e.Task].State != state.Detail.State {
			s.step(now, &group.Input{Event: &state})
		}
		s.resync(e.Task, who, index)
		return nil
	}
	s.step(now, &group.Input{Event: &state})
	s.heard(e.Task)
	if runs {
		s.outboxes[e.Task].restart(s.hello(true))
		s.step(now, &group.Input{From: who, Index: index, Restore: true})
		if who == group.Landing {
			s.arrivals.again(elevator.FloorIndex(index), s.tellFloor)
		}
	}
	return nil
}

func reason(e gotask.SchedEvent) string {
	if e.Text == "" {
		return e.Reason
	}
	if e.Reason == "" {
		return e.Text
	}
	return e.Reason + ": " + e.Text
}

// start begins the building's time: every task is told what it is.
func (s *Scheduler) start(wall time.Time) error {
	s.started = true
	s.clock = Clock{Epoch: wall.Add(lead), Speed: s.cfg.Speed}
	s.run = s.clock.Epoch
	s.header(s.clock.Epoch)
	// First the journal: a successor must know the run that a task was told of.
	if err := errors.Join(s.commit(0), s.unwritten); err != nil {
		return err
	}
	for _, o := range s.outboxes {
		o.restart(s.hello(true))
	}
	return nil
}

// header queues the journal's first line and what happened before the clock
// began.
func (s *Scheduler) header(wall time.Time) {
	h := s.cfg.Header
	h.WallTime = wall
	first := elevator.NewEvent(0, elevator.BuildingLoaded)
	first.Detail = &elevator.Detail{Header: &h}
	s.held.add(first)
	for i := range s.early {
		s.step(0, &group.Input{Event: &s.early[i]})
	}
	s.early = nil
}

func (s *Scheduler) hello(fresh bool) *hello {
	return &hello{
		Building: s.cfg.Building, Run: s.run, Fresh: fresh, Epoch: s.clock.Epoch, Speed: s.clock.Speed, SentAt: s.clock.At(time.Now()),
	}
}

// advance takes everything that is due and reports whether the run is over.
func (s *Scheduler) advance(now time.Duration) (done bool, err error) {
	horizon := now + max(foresight, time.Duration(float64(foresightWall)*s.cfg.Speed))
	if err := s.arrivals.due(horizon, s.tellFloor); err != nil {
		return false, err
	}
	if s.settling(time.Now()) {
		return false, nil
	}
	if err := s.catchUp(func(*statement) bool { return true }); err != nil {
		return false, err
	}
	s.decide(now, time.Now())
	if err := s.commit(s.clock.At(time.Now().Add(-s.late.window()))); err != nil {
		return false, err
	}
	return s.over(now)
}

// decide lets the dispatcher decide on what happened once it has settled.
func (s *Scheduler) decide(now time.Duration, wall time.Time) {
	wake := s.group.Wake()
	switch {
	case wake > now:
		s.unsettled = time.Time{}
		return
	case s.unsettled.IsZero():
		s.unsettled = wall
		return
	case wall.Sub(s.unsettled) < settle:
		return
	}
	s.unsettled = time.Time{}
	for ; wake <= now; wake = s.group.Wake() {
		tick, began := group.Tick(), time.Now()
		s.step(max(wake, s.latest), &tick)
		s.cfg.Decided(s.group.Dispatcher(), time.Since(began))
	}
}

// step steps the group control with an input of time t. The group decides at
// once, in the order in which inputs arrive; its events carry the time of what
// they follow from and are brought into order on their way to the journal.
func (s *Scheduler) step(t time.Duration, in *group.Input) {
	s.latest = max(s.latest, t)
	s.outputs = s.group.Step(t, in, s.outputs[:0])
	for i := range s.outputs {
		out := &s.outputs[i]
		switch {
		case out.Refused != nil:
			s.cfg.Logger.Warn("refused", "error", out.Refused)
		case out.To == group.Car:
			s.tell(t, taskName(CarTask, out.Index), out.Message)
		case out.To == group.Landing && out.Message.Kind == control.Lamp:
			s.lamp(max(t, s.decided), taskName(FloorTask, out.Index), out.Message)
		case out.To == group.Landing:
			if out.Message.Kind == control.Announce {
				s.tellPromises(taskName(FloorTask, out.Index), out.Message.Car)
			}
			s.tell(t, taskName(FloorTask, out.Index), out.Message)
		case out.To == group.Cluster:
			if err := s.cfg.RestartTask(out.Task); err != nil {
				s.cfg.Logger.Error("an operator's command", "error", err)
			}
		default:
			s.hold(t, in, out.Event)
		}
	}
}

func (s *Scheduler) tellFloor(f elevator.FloorIndex, m control.Message) {
	s.tell(s.now(), taskName(FloorTask, int(f)), m)
}

func (s *Scheduler) tell(t time.Duration, task string, m control.Message) {
	s.outboxes[task].put(t, m)
}

// over reports whether the run has reached its end at the time given.
func (s *Scheduler) over(now time.Duration) (bool, error) {
	if s.cfg.Endless || now < s.cfg.Duration || !s.arrivals.over() {
		return false, nil
	}
	g := s.group.Group()
	if g.WaitingTotal()+g.Riding() == 0 && len(g.Calls) == 0 {
		_, held := s.held.earliest()
		return !held && s.unwritten == nil, nil // the journal shall say so, too
	}
	latest := s.cfg.Duration
	g.EachJourney(func(j *elevator.Journey) { latest = max(latest, j.Passenger.ArrivesAt) })
	if now < latest+grace {
		return false, nil
	}
	return true, leftBehind(g)
}

func leftBehind(g *elevator.Group) *LeftBehindError {
	e := &LeftBehindError{Waiting: g.WaitingTotal()}
	g.EachJourney(func(j *elevator.Journey) { e.Passengers = append(e.Passengers, j.Passenger.ID) })
	slices.Sort(e.Passengers)
	return e
}

// end journals what is left, also of a run that never began.
func (s *Scheduler) end() error {
	if !s.started && len(s.early) > 0 {
		s.header(time.Now())
	}
	if err := s.commit(control.Never); err != nil {
		return err
	}
	return s.unwritten
}

// Group returns a copy of the state at the end of the run. It must not be
// called before RunSchedContext has returned.
func (s *Scheduler) Group() *elevator.Group { return s.group.Group().Clone() }
