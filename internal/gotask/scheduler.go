package gotask

import (
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// GoTaskScheduler is one framework: it holds the application's scheduler function and keeps the tasks it spawned running
// on the cluster. All methods may be called from any goroutine, also from the scheduler function.
type GoTaskScheduler struct {
	cfg      Config
	log      *slog.Logger
	driver   MesosSchedulerDriver
	artifact *artifact // nil when the executor is on the agents already

	schedin    chan TaskMsg
	schedout   chan TaskMsg
	schedevent chan SchedEvent
	inPump     *pump[TaskMsg]
	eventPump  *pump[SchedEvent]
	control    *queue[controlItem] // saves and calls, in order
	wakeLink   chan struct{}       // of one element: the message lane has something to look at
	settled    chan struct{}       // of one element: a task ended, or messages were confirmed
	ending     chan struct{}       // closed when Run shall end

	mu       sync.Mutex
	schedule ContextSchedTask // the application's function
	ran      bool
	endErr   error
	ended    bool // ending is closed
	closing  bool // the system is being shut down: nothing is launched, failures do not count

	tasks         map[string]*task
	order         []*task           // as spawned
	statesChanged bool              // since the observer was told
	specs         map[string]*group // by TaskSpec.Name

	// What the predecessor left.
	attempts  map[string]int        // last attempt of each task that was ever launched in this framework
	leftovers map[string]StoredTask // its live tasks that nobody has spawned yet
	killLeft  time.Time             // when the leftovers are killed; zero before the first subscription

	// The subscription.
	frameworkID   string
	unsaved       bool  // the StateStore does not have all of the present state
	saveErr       error // why, where the last attempt failed
	epoch         uint64
	master        string
	masterVersion string // as the master told with SUBSCRIBED
	localHost     string // this host as seen from the master
	connected     bool
	connectedAt   time.Time // when the present subscription began
	registered    bool      // was connected before
	generation    int       // counts subscriptions; calls queued for an older one are dropped
	reconciled    time.Time
	askAgain      time.Duration       // after which the reconciliation of adopted tasks is repeated
	agents        map[string]AgentRef // by id; all that were ever heard of
	attributes    map[string][]mesosv1.Attribute
	executors     map[peerKey]*mesosv1.ExecutorInfo // as they were started
	offers        offerBook
	peers         map[peerKey]*peer
	past          LinkStats            // of the peers that were forgotten
	unconfirmed   map[string][]receipt // by task, with ExplicitConfirm: in the order they were handed out
	room          chan struct{}        // closed, and replaced, when an outbox has room again
}

// group is what instances of one TaskSpec.Name have in common.
type group struct {
	spec TaskSpec // the last one
	next int      // index of the next instance
}

// controlItem is a call, or without one a save of the state.
type controlItem struct {
	call       *scheduler.Call
	generation int
}

// NewGoTaskScheduler returns a scheduler that is not connected yet.
func NewGoTaskScheduler(cfg Config) (*GoTaskScheduler, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("scheduler: %w", err)
	}
	s := &GoTaskScheduler{
		cfg: cfg, log: cfg.Logger, driver: cfg.Driver,
		schedin: make(chan TaskMsg), schedout: make(chan TaskMsg), schedevent: make(chan SchedEvent),
		control:  newQueue[controlItem](),
		wakeLink: make(chan struct{}, 1), settled: make(chan struct{}, 1), ending: make(chan struct{}),
		tasks: map[string]*task{}, specs: map[string]*group{},
		attempts: map[string]int{}, leftovers: map[string]StoredTask{},
		agents: map[string]AgentRef{}, attributes: map[string][]mesosv1.Attribute{}, executors: map[peerKey]*mesosv1.ExecutorInfo{},
		offers: newOfferBook(), peers: map[peerKey]*peer{}, unconfirmed: map[string][]receipt{}, room: make(chan struct{}),
	}
	s.inPump, s.eventPump = newPump(s.schedin), newPump(s.schedevent)
	if s.driver == nil {
		driver, err := newHTTPSchedulerDriver(cfg)
		if err != nil {
			return nil, fmt.Errorf("scheduler: %w", err)
		}
		s.driver = driver
	}
	return s, nil
}

// RegisterSchedFunc sets the scheduler function. It must be called once, before Run.
func (s *GoTaskScheduler) RegisterSchedFunc(f SchedFunc) error {
	if f == nil {
		return errors.New("register scheduler function: nil")
	}
	return s.register(channelSched{s, f})
}

// RegisterSchedTask sets the scheduler function in its interface form.
func (s *GoTaskScheduler) RegisterSchedTask(t SchedTask) error {
	if t == nil {
		return errors.New("register scheduler function: nil")
	}
	return s.register(channelSched{s, t})
}

// RegisterSchedContext sets the scheduler function in its context form.
func (s *GoTaskScheduler) RegisterSchedContext(t ContextSchedTask) error {
	if t == nil {
		return errors.New("register scheduler function: nil")
	}
	return s.register(t)
}

func (s *GoTaskScheduler) register(t ContextSchedTask) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ran {
		return fmt.Errorf("register scheduler function: the scheduler %w", ErrAlreadyRun)
	}
	if s.schedule != nil {
		return errors.New("register scheduler function: there is one already")
	}
	s.schedule = t
	return nil
}

// SpawnTask asks for count more instances of the task that executors registered as name; args become their args[1:]. It
// returns the instances' names.
func (s *GoTaskScheduler) SpawnTask(name string, count int, res Resources, args ...string) ([]string, error) {
	return s.SpawnTasks([]TaskSpec{{Name: name, Count: count, Resources: res, Args: args}})
}

// SpawnTasks asks for the instances of all specs and returns their names, in order. Either all specs are taken or none.
// It may be called before Run and while it runs. Tasks are launched only when offers held together cover all tasks that
// are not launched yet.
func (s *GoTaskScheduler) SpawnTasks(specs []TaskSpec) ([]string, error) {
	for _, spec := range specs {
		if err := spec.validate(); err != nil {
			return nil, fmt.Errorf("spawn: %w", err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return nil, fmt.Errorf("spawn: the scheduler has %w", ErrStopped)
	}
	now := time.Now()
	var names []string
	for _, spec := range specs {
		for _, t := range s.spawn(now, spec) {
			names = append(names, t.name)
		}
	}
	s.considerOffers(now)
	return names, nil
}

// spawn makes the instances of spec, which may turn out to run already since a predecessor launched them. Their names are
// new: a name says by its last '-' which group and index it belongs to.
func (s *GoTaskScheduler) spawn(now time.Time, spec TaskSpec) []*task {
	g := s.specs[spec.Name]
	if g == nil {
		g = &group{}
		s.specs[spec.Name] = g
	}
	if spec.Type == "" {
		spec.Type = spec.Name
	}
	if spec.KillGrace == 0 {
		spec.KillGrace = s.cfg.KillGrace
	}
	g.spec = spec
	var made []*task
	for range spec.Count {
		name := spec.Name + "-" + strconv.Itoa(g.next)
		t := &task{
			name: name, index: g.next, spec: new(spec), attempt: s.attempts[name],
			state: TaskPending, since: now, pending: "no offers yet",
		}
		g.next++
		s.tasks[name] = t
		s.order = append(s.order, t)
		s.statesChanged = true
		made = append(made, t)
		if left, ok := s.leftovers[name]; ok {
			delete(s.leftovers, name)
			s.adopt(now, t, left)
		}
	}
	return made
}

// KillTask tells the named task to return; it is not launched again. An EventTaskKilled follows.
func (s *GoTaskScheduler) KillTask(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.taskNamed(name)
	if err != nil {
		return fmt.Errorf("kill task: %w", err)
	}
	if t.state.Terminal() {
		return fmt.Errorf("kill task %s: %w", name, ErrTaskEnded)
	}
	s.killTask(time.Now(), t, intentKill)
	return nil
}

// RestartTask tells the named task to return and launches it again at once; that is not a failure. A task that has ended
// is launched again, a pending one waits no longer for its back-off.
func (s *GoTaskScheduler) RestartTask(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.taskNamed(name)
	if err != nil {
		return fmt.Errorf("restart task: %w", err)
	}
	now := time.Now()
	if t.live() {
		s.killTask(now, t, intentRestart)
		return nil
	}
	t.notBefore = now
	s.setState(now, t, TaskPending)
	s.considerOffers(now)
	return nil
}

// Scale brings the number of instances of a spawned type that have not ended to count: it spawns more with the last spec
// of that name, or kills those with the highest index. It returns the names of the new instances.
func (s *GoTaskScheduler) Scale(name string, count int) ([]string, error) {
	if count < 0 {
		return nil, fmt.Errorf("scale %s: count %d: must be 0 or more", name, count)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return nil, fmt.Errorf("scale %s: the scheduler has %w", name, ErrStopped)
	}
	g := s.specs[name]
	if g == nil {
		return nil, fmt.Errorf("scale %s: %w", name, ErrUnknownTask)
	}
	var alive []*task
	for _, t := range s.order {
		if t.spec.Name == name && !t.state.Terminal() && t.intent != intentKill {
			alive = append(alive, t)
		}
	}
	now := time.Now()
	for len(alive) > count {
		s.killTask(now, alive[len(alive)-1], intentKill)
		alive = alive[:len(alive)-1]
	}
	if len(alive) == count {
		return nil, nil
	}
	spec := g.spec
	spec.Count = count - len(alive)
	var names []string
	for _, t := range s.spawn(now, spec) {
		names = append(names, t.name)
	}
	s.considerOffers(now)
	return names, nil
}

func (s *GoTaskScheduler) taskNamed(name string) (*task, error) {
	if s.ended {
		return nil, fmt.Errorf("the scheduler has %w", ErrStopped)
	}
	t := s.tasks[name]
	if t == nil {
		return nil, fmt.Errorf("%w: %q", ErrUnknownTask, name)
	}
	return t, nil
}
