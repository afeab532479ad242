package tasks

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/control"
	"elevator/internal/elevator/group"
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
	// grace is how long after the last arrival, or after a takeover, people may take
	// to reach their floor, in the building's time.
	grace = 30 * time.Minute
)

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
	latest      time.Duration   // of the inputs taken
	decided     time.Duration   // of the group's own events
	decidedFor  []time.Duration // by car: of the latest that followed from what it said
	upTo        time.Duration   // of the events that the present message led to
	unsettled   time.Time       // when the dispatcher first had something to decide; zero: it has not
	late        lateness
	held        reorder
	outputs     []group.Output
	journaled   time.Duration    // of the last event in the journal
	events      []elevator.Event // journaled together
	unwritten   error            // why they are not in the journal's file yet
	wrote       time.Time        // when the journal's last lines were written
	lastWritten uint64           // number of the last event that this scheduler has written
	taken       map[string]*confirmations
	lamps       []addressed // to be lit once their calls are journaled
	outboxes    map[string]*outbox
	requests    chan func()   // what operators want, to be done between two steps
	ended       chan struct{} // closed when the scheduler function returns
	began       time.Time
	turned      atomic.Int64     // see Turned; nanoseconds after began
	early       []elevator.Event // task states before the clock began
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
	if cfg.ClockSet == nil {
		cfg.ClockSet = func(Clock) {}
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
		began:      time.Now(),
	}, nil
}

// RunSchedContext serves the group until everybody has arrived, which is the
// end when the traffic ends, or ctx is done. It returns a *LeftBehindError when
// people are still under way half an hour of the building's time after the last
// arrival, or after this scheduler took over.
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

func (s *Scheduler) serve(ctx context.Context) error {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		s.turned.Store(int64(time.Since(s.began)))
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
		s.guessTime(time.Now())
		done, err := s.advance(s.now())
		if done || err != nil {
			return err
		}
	}
}

// Turned returns when the scheduler function last looked for something to do,
// which it does at least once a second, or the zero time before it began. It has a
// monotonic reading, which steps of the wall clock do not touch. It may be called
// from any goroutine.
func (s *Scheduler) Turned() time.Time {
	if after := s.turned.Load(); after != 0 {
		return s.began.Add(time.Duration(after))
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
	s.learnTime(said.T, wall)
	reports := said.reports(s.takeover.number)
	if reports {
		s.timeKnown(wall)
	}
	if s.settling(wall) || len(s.backlog) > 0 {
		s.backlog = append(s.backlog, said)
		if reports {
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
		if m := out.Message; m != nil && m.Kind == control.Know && who == group.Landing && m.Report != nil {
			if err := s.arrivals.arrivedUpTo(elevator.FloorIndex(index), m.Report.Arrived); err != nil {
				return err
			}
		}
	}
	if said.reports(s.takeover.number) {
		s.heard(said.task)
	}
	s.taken[said.task].add(s.upTo)
	return nil
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
			s.tell(t, elevator.TaskName(CarTask, out.Index), out.Message)
		case out.To == group.Landing && out.Message.Kind == control.Lamp:
			s.lamp(max(t, s.decided), elevator.TaskName(FloorTask, out.Index), out.Message)
		case out.To == group.Landing:
			if out.Message.Kind == control.Announce {
				s.tellPromises(elevator.TaskName(FloorTask, out.Index), out.Message.Car)
			}
			s.tell(t, elevator.TaskName(FloorTask, out.Index), out.Message)
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
	s.tell(s.now(), elevator.TaskName(FloorTask, int(f)), m)
}

func (s *Scheduler) tell(t time.Duration, task string, m control.Message) {
	s.outboxes[task].put(t, m)
}
