package gotaskbench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// bareScheduler is a framework on the bare protocol.
type bareScheduler struct {
	id      *mesosv1.FrameworkID
	stream  *bareStream
	agents  []mesosv1.AgentID // that have an executor
	running chan struct{}     // one element for each task that runs
	echoes  chan time.Time    // when each message came back
	ended   chan error
	wanted  int // tasks not launched yet
	child   []string
	user    string
	spread  int // agents to launch on
	offers  []mesosv1.Offer
}

// startBare subscribes, and launches so many tasks, evenly on the first so many agents.
func startBare(ctx context.Context, cfg Config, master string, agents, tasks int) (*bareScheduler, error) {
	info := &mesosv1.FrameworkInfo{
		User: cfg.User, Name: "gotaskbench-bare", Roles: []string{"*"},
		Capabilities: []mesosv1.FrameworkInfo_Capability{{Type: mesosv1.FrameworkInfo_Capability_MULTI_ROLE}},
	}
	subscribe := encode(&scheduler.Call{Type: scheduler.Call_SUBSCRIBE, Subscribe: &scheduler.Call_Subscribe{FrameworkInfo: info}})
	stream, err := subscribeBare(ctx, "http://"+master+"/api/v1/scheduler", subscribe)
	if err != nil {
		return nil, err
	}
	s := &bareScheduler{
		stream: stream, child: cfg.Child, user: cfg.User, wanted: tasks, spread: agents,
		running: make(chan struct{}, tasks), echoes: make(chan time.Time, 1<<16), ended: make(chan error, 1),
	}
	go func() { s.ended <- stream.read(func(record []byte) error { return s.handle(ctx, record) }) }()
	for range tasks {
		if _, err := next(ctx, s, s.running); err != nil {
			return nil, errors.Join(fmt.Errorf("launch bare tasks: %w", err), s.stop())
		}
	}
	return s, nil
}

// next waits for an element of c, which s.handle fills.
func next[T any](ctx context.Context, s *bareScheduler, c <-chan T) (element T, err error) {
	select {
	case element = <-c:
		return element, nil
	case err := <-s.ended:
		s.ended <- err
		return element, fmt.Errorf("stream ended: %w", err)
	case <-ctx.Done():
		return element, context.Cause(ctx)
	}
}

// stop removes the framework and waits for the end of its stream.
func (s *bareScheduler) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	var err error
	if s.id != nil {
		err = s.stream.call(ctx, encode(&scheduler.Call{Type: scheduler.Call_TEARDOWN, FrameworkID: s.id}))
	}
	s.stream.close()
	<-s.ended //nolint:errcheck // a stream that is closed ends with an error
	return err
}

func (s *bareScheduler) handle(ctx context.Context, record []byte) error {
	event := new(scheduler.Event)
	if err := event.Unmarshal(record); err != nil {
		return err
	}
	switch event.Type {
	case scheduler.Event_SUBSCRIBED:
		s.id = event.Subscribed.FrameworkID
	case scheduler.Event_OFFERS:
		s.offers = append(s.offers, event.Offers.Offers...)
		if s.wanted > 0 && len(s.offers) >= s.spread {
			return s.launch(ctx)
		}
	case scheduler.Event_UPDATE:
		status := event.Update.Status
		if status.GetState() != mesosv1.TASK_RUNNING {
			return fmt.Errorf("task %s: %s: %s", status.TaskID.Value, status.GetState(), status.GetMessage())
		}
		s.running <- struct{}{}
		return s.stream.call(ctx, encode(&scheduler.Call{
			Type: scheduler.Call_ACKNOWLEDGE, FrameworkID: s.id,
			Acknowledge: &scheduler.Call_Acknowledge{AgentID: *status.AgentID, TaskID: status.TaskID, UUID: status.UUID},
		}))
	case scheduler.Event_MESSAGE:
		s.echoes <- time.Now()
	case scheduler.Event_ERROR:
		return errors.New(event.Error.Message)
	}
	return nil
}

// launch accepts one offer of each agent with an equal share of the tasks.
func (s *bareScheduler) launch(ctx context.Context) error {
	for i, offer := range s.offers[:s.spread] {
		n := s.wanted / (s.spread - i)
		s.wanted -= n
		exec := &mesosv1.ExecutorInfo{
			Type: mesosv1.ExecutorInfo_CUSTOM, ExecutorID: mesosv1.ExecutorID{Value: childBare}, FrameworkID: s.id,
			Command:   command(s.child, childBare),
			Resources: []mesosv1.Resource{scalar("cpus", 0.1), scalar("mem", 32)},
		}
		var tasks []mesosv1.TaskInfo
		for range n {
			id := strconv.Itoa(i) + "-" + strconv.Itoa(len(tasks))
			tasks = append(tasks, mesosv1.TaskInfo{
				Name: id, TaskID: mesosv1.TaskID{Value: id}, AgentID: offer.AgentID, Executor: exec,
				Resources: []mesosv1.Resource{scalar("cpus", taskCPUs), scalar("mem", taskMemMB)},
			})
		}
		s.agents = append(s.agents, offer.AgentID)
		err := s.stream.call(ctx, encode(&scheduler.Call{
			Type: scheduler.Call_ACCEPT, FrameworkID: s.id,
			Accept: &scheduler.Call_Accept{
				OfferIDs: []mesosv1.OfferID{offer.ID},
				Operations: []mesosv1.Offer_Operation{{
					Type: mesosv1.Offer_Operation_LAUNCH, Launch: &mesosv1.Offer_Operation_Launch{TaskInfos: tasks},
				}},
			},
		}))
		if err != nil {
			return err
		}
	}
	return s.stream.call(ctx, encode(&scheduler.Call{Type: scheduler.Call_SUPPRESS, FrameworkID: s.id, Suppress: &scheduler.Call_Suppress{}}))
}

func command(child []string, part string) *mesosv1.CommandInfo {
	shell := false
	return &mesosv1.CommandInfo{Shell: &shell, Value: &child[0], Arguments: append(slices.Clip(child), part)}
}

func scalar(name string, value float64) mesosv1.Resource {
	role := "*"
	return mesosv1.Resource{
		Name: name, Type: mesosv1.SCALAR.Enum(), Scalar: &mesosv1.Value_Scalar{Value: value},
		AllocationInfo: &mesosv1.Resource_AllocationInfo{Role: &role},
	}
}

// messages are the encoded MESSAGE calls to one executor each.
func (s *bareScheduler) messages() [][]byte {
	var calls [][]byte
	for _, agent := range s.agents {
		calls = append(calls, encode(&scheduler.Call{
			Type: scheduler.Call_MESSAGE, FrameworkID: s.id,
			Message: &scheduler.Call_Message{AgentID: agent, ExecutorID: mesosv1.ExecutorID{Value: childBare}, Data: []byte(payload)},
		}))
	}
	return calls
}

// roundTrips measures n messages one after the other.
func (s *bareScheduler) roundTrips(ctx context.Context, n int) ([]time.Duration, error) {
	calls := s.messages()
	var took []time.Duration
	for i := range n {
		begin := time.Now()
		if err := s.stream.call(ctx, calls[i%len(calls)]); err != nil {
			return nil, err
		}
		back, err := next(ctx, s, s.echoes)
		if err != nil {
			return nil, err
		}
		took = append(took, back.Sub(begin))
	}
	return took, nil
}

// throughput returns how many messages a second go through the executors and back, in a burst of n.
func (s *bareScheduler) throughput(ctx context.Context, n, inFlight int) (float64, error) {
	calls := s.messages()
	queue := make(chan []byte)
	posted := make(chan error, 1)
	begin := time.Now()
	go func() { posted <- s.stream.lanes(ctx, inFlight, queue) }()
	go func() {
		defer close(queue)
		for i := range n {
			queue <- calls[i%len(calls)]
		}
	}()
	for range n {
		if _, err := next(ctx, s, s.echoes); err != nil {
			return 0, errors.Join(err, <-posted)
		}
	}
	took := time.Since(begin)
	return float64(n) / took.Seconds(), <-posted
}
