package localmesos

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"elevator/internal/localmesos/clustertest"
)

// patience is how long a test waits for what must happen; quiet is how long it
// looks whether something happens that must not.
// A real cluster cannot be hurried: a master gives an agent up after 75 s, and
// an agent looks for its master again after up to a minute.
var patience, quiet = waits()

func waits() (patience, quiet time.Duration) {
	if clustertest.Named() != "" {
		return 2 * time.Minute, 1500 * time.Millisecond
	}
	return 10 * time.Second, 250 * time.Millisecond
}

// recordReader reads RecordIO.
type recordReader struct{ r *bufio.Reader }

func newRecordReader(r io.Reader) *recordReader { return &recordReader{bufio.NewReaderSize(r, 1<<16)} }

func (r *recordReader) next() ([]byte, error) {
	line, err := r.r.ReadString('\n')
	if err != nil {
		return nil, err
	}
	length, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil || length <= 0 {
		return nil, fmt.Errorf("record length %q", line)
	}
	record := make([]byte, length)
	_, err = io.ReadFull(r.r, record)
	return record, err
}

// answer is an HTTP response with its body.
type answer struct {
	code   int
	header http.Header
	body   string
}

// framework under test: one scheduler with its stream. It keeps all events in
// order; await takes the first that matches out of them.
type testFramework struct {
	t      testing.TB
	master string
	media  string
	client *http.Client
	ctx    context.Context
	cancel context.CancelFunc

	info     *mesos.FrameworkInfo
	id       string
	agent    mesos.AgentID // whose offers offer takes
	streamID string
	code     int
	body     string
	events   chan *scheduler.Event
	end      error // why the stream ended; valid once events is closed
	kept     []*scheduler.Event
}

func newTestFramework(t testing.TB, master string, change ...func(*mesos.FrameworkInfo)) *testFramework {
	t.Helper()
	f := &testFramework{
		t:      t,
		master: master,
		media:  mediaJSON,
		client: &http.Client{
			Transport:     &http.Transport{},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		info: &mesos.FrameworkInfo{
			User:            "root",
			Name:            t.Name(),
			Checkpoint:      new(true),
			FailoverTimeout: new(60.0),
			Capabilities: []mesos.FrameworkInfo_Capability{
				{Type: mesos.FrameworkInfo_Capability_PARTITION_AWARE},
				{Type: mesos.FrameworkInfo_Capability_TASK_KILLING_STATE},
			},
		},
	}
	for _, c := range change {
		c(f.info)
	}
	t.Cleanup(func() {
		if f.cancel != nil {
			if f.streamID != "" && f.id != "" {
				f.call(&scheduler.Call{Type: scheduler.Call_TEARDOWN})
			}
			f.disconnect()
		}
		f.client.CloseIdleConnections()
	})
	return f
}

func (f *testFramework) encode(call *scheduler.Call) []byte {
	if f.media == mediaJSON {
		return marshalJSON(call)
	}
	body, err := call.Marshal()
	if err != nil {
		f.t.Errorf("encode call: %v", err)
	}
	return body
}

func (f *testFramework) post(ctx context.Context, body []byte, streamID string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+f.master+"/api/v1/scheduler", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", f.media)
	request.Header.Set("Accept", f.media)
	if streamID != "" {
		request.Header.Set("Mesos-Stream-Id", streamID)
	}
	return f.client.Do(request)
}

// trySubscribe opens a stream, whatever the answer.
func (f *testFramework) trySubscribe() int {
	f.t.Helper()
	f.client.CloseIdleConnections() // they may lead to a master that is gone
	f.ctx, f.cancel = context.WithCancel(context.Background())
	call := &scheduler.Call{Type: scheduler.Call_SUBSCRIBE, Subscribe: &scheduler.Call_Subscribe{FrameworkInfo: f.info}}
	if f.id != "" {
		f.info.ID = &mesos.FrameworkID{Value: f.id}
		call.FrameworkID = f.info.ID
	}
	response, err := f.post(f.ctx, f.encode(call), "")
	if err != nil {
		f.code, f.body = 0, err.Error()
		f.events = nil
		return 0
	}
	f.code, f.streamID = response.StatusCode, response.Header.Get("Mesos-Stream-Id")
	if f.code != http.StatusOK {
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		f.body = string(body)
		return f.code
	}
	events := make(chan *scheduler.Event, 1<<16)
	f.events, f.kept = events, nil
	media := f.media
	go func() {
		defer close(events)
		defer response.Body.Close()
		reader := newRecordReader(response.Body)
		for {
			record, err := reader.next()
			if err != nil {
				f.end = err
				return
			}
			event := &scheduler.Event{}
			if media == mediaJSON {
				err = unmarshalJSON(record, event)
			} else {
				err = event.Unmarshal(record)
			}
			if err != nil {
				f.end = fmt.Errorf("event %q: %w", record, err)
				return
			}
			events <- event
		}
	}()
	return f.code
}

// subscribe opens a stream and takes SUBSCRIBED and the first HEARTBEAT off it.
// Offers may come before that.
func (f *testFramework) subscribe() *testFramework {
	f.t.Helper()
	waitFor(f.t, "master that has recovered", func() bool {
		code := f.trySubscribe()
		// A real master that starts has no routes for a moment.
		return code != http.StatusServiceUnavailable && code != http.StatusNotFound
	})
	if f.code != http.StatusOK {
		f.t.Fatalf("SUBSCRIBE: %d %s", f.code, f.body)
	}
	event := f.next()
	if event.Type != scheduler.Event_SUBSCRIBED {
		f.t.Fatalf("first event is %v, want SUBSCRIBED", event)
	}
	f.id = event.Subscribed.FrameworkID.Value
	f.await("first HEARTBEAT", isType(scheduler.Event_HEARTBEAT))
	return f
}

// disconnect closes the stream from this side and waits for its reader.
func (f *testFramework) disconnect() {
	f.cancel()
	if f.events != nil {
		for range f.events {
		}
	}
	f.client.CloseIdleConnections()
}

// next is the next event not looked at yet.
func (f *testFramework) next() *scheduler.Event {
	f.t.Helper()
	if len(f.kept) > 0 {
		event := f.kept[0]
		f.kept = f.kept[1:]
		return event
	}
	select {
	case event, ok := <-f.events:
		if !ok {
			f.t.Fatalf("the stream ended: %v", f.end)
		}
		return event
	case <-time.After(patience):
		f.t.Fatalf("no event within %v", patience)
	}
	return nil
}

// await takes the first event that matches off the stream; others are kept.
func (f *testFramework) await(what string, match func(*scheduler.Event) bool) *scheduler.Event {
	f.t.Helper()
	return f.awaitFor(patience, what, match)
}

func (f *testFramework) awaitFor(limit time.Duration, what string, match func(*scheduler.Event) bool) *scheduler.Event {
	f.t.Helper()
	for i, event := range f.kept {
		if match(event) {
			f.kept = append(f.kept[:i:i], f.kept[i+1:]...)
			return event
		}
	}
	deadline := time.After(limit)
	for {
		select {
		case event, ok := <-f.events:
			if !ok {
				f.t.Fatalf("waiting for %s: the stream ended: %v; kept %v", what, f.end, f.kept)
			}
			if match(event) {
				return event
			}
			f.kept = append(f.kept, event)
		case <-deadline:
			f.t.Fatalf("no %s within %v; kept %v", what, limit, f.kept)
		}
	}
}

// awaitSilence waits until nothing has come for the time given, and forgets what
// came before.
func (f *testFramework) awaitSilence(d time.Duration) {
	f.t.Helper()
	limit := time.After(patience)
	for {
		select {
		case _, ok := <-f.events:
			if !ok {
				f.t.Fatal("the stream has ended")
			}
		case <-time.After(d):
			f.kept = nil
			return
		case <-limit:
			f.t.Fatalf("events went on for %v", patience)
		}
	}
}

// never fails the test if an event that matches comes within the time.
func (f *testFramework) never(d time.Duration, what string, match func(*scheduler.Event) bool) {
	f.t.Helper()
	for _, event := range f.kept {
		if match(event) {
			f.t.Fatalf("unexpected %s: %v", what, event)
		}
	}
	deadline := time.After(d)
	for {
		select {
		case event, ok := <-f.events:
			if !ok {
				return
			}
			if match(event) {
				f.t.Fatalf("unexpected %s: %v", what, event)
			}
			f.kept = append(f.kept, event)
		case <-deadline:
			return
		}
	}
}

// awaitEnd reads the rest of the stream and says how it ended: io.EOF is an
// orderly end with the final chunk.
func (f *testFramework) awaitEnd() error {
	f.t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case event, ok := <-f.events:
			if !ok {
				return f.end
			}
			f.kept = append(f.kept, event)
		case <-deadline:
			f.t.Fatalf("the stream did not end within %v", patience)
		}
	}
}

// call sends a call of the session.
func (f *testFramework) call(call *scheduler.Call) answer {
	f.t.Helper()
	if call.FrameworkID == nil && f.id != "" {
		call.FrameworkID = &mesos.FrameworkID{Value: f.id}
	}
	return f.send(f.encode(call), f.streamID)
}

func (f *testFramework) send(body []byte, streamID string) answer {
	f.t.Helper()
	response, err := f.post(context.Background(), body, streamID)
	if err != nil {
		return answer{body: err.Error()}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		f.t.Errorf("read answer: %v", err)
	}
	return answer{response.StatusCode, response.Header, string(text)}
}

// must sends a call that has to be accepted.
func (f *testFramework) must(call *scheduler.Call) {
	f.t.Helper()
	if a := f.call(call); a.code != http.StatusAccepted {
		f.t.Fatalf("%v: %d %s", call.Type, a.code, a.body)
	}
}

// offers awaits an OFFERS event.
func (f *testFramework) offers() []mesos.Offer {
	f.t.Helper()
	return f.await("OFFERS", isType(scheduler.Event_OFFERS)).Offers.Offers
}

// offer awaits an offer of one agent, the same each time, and declines those of
// others. What an end frees may come in several offers: those that are too small
// for a task and its executor go back.
func (f *testFramework) offer() mesos.Offer {
	f.t.Helper()
	for {
		offers := f.offers()
		if f.agent.Value == "" {
			f.agent = offers[0].AgentID
		}
		mine := -1
		for i, o := range offers {
			switch {
			case o.AgentID != f.agent:
				f.decline(3600, o)
			case milli(offered(o, "cpus")) < 200:
				f.decline(0, o)
			default:
				mine = i
			}
		}
		if mine >= 0 {
			return offers[mine]
		}
	}
}

// offersOf gathers offers until it holds some of n agents.
func (f *testFramework) offersOf(n int) []mesos.Offer {
	f.t.Helper()
	var held []mesos.Offer
	agents := make(map[mesos.AgentID]bool)
	for len(agents) < n {
		for _, o := range f.offers() {
			held = append(held, o)
			agents[o.AgentID] = true
		}
	}
	return held
}

func (f *testFramework) decline(refuse float64, offers ...mesos.Offer) {
	f.t.Helper()
	call := &scheduler.Call_Decline{Filters: &mesos.Filters{RefuseSeconds: &refuse}}
	for _, o := range offers {
		call.OfferIDs = append(call.OfferIDs, o.ID)
	}
	f.must(&scheduler.Call{Type: scheduler.Call_DECLINE, Decline: call})
}

// launch accepts the offer with the tasks; the rest comes back at once.
func (f *testFramework) launch(o mesos.Offer, tasks ...mesos.TaskInfo) {
	f.t.Helper()
	for i := range tasks {
		if tasks[i].AgentID.Value == "" {
			tasks[i].AgentID = o.AgentID
		}
	}
	f.must(&scheduler.Call{Type: scheduler.Call_ACCEPT, Accept: &scheduler.Call_Accept{
		OfferIDs: []mesos.OfferID{o.ID},
		Operations: []mesos.Offer_Operation{{
			Type:   mesos.Offer_Operation_LAUNCH,
			Launch: &mesos.Offer_Operation_Launch{TaskInfos: tasks},
		}},
		Filters: &mesos.Filters{RefuseSeconds: new(0.0)},
	}})
}

// status awaits an update of the task in the state.
func (f *testFramework) status(task string, state mesos.TaskState) mesos.TaskStatus {
	f.t.Helper()
	return f.await(fmt.Sprintf("%v of %s", state, task), func(e *scheduler.Event) bool {
		return e.Type == scheduler.Event_UPDATE && e.Update.Status.TaskID.Value == task && e.Update.Status.GetState() == state
	}).Update.Status
}

// acked is status with the acknowledgement.
func (f *testFramework) acked(task string, state mesos.TaskState) mesos.TaskStatus {
	f.t.Helper()
	status := f.status(task, state)
	f.acknowledge(status)
	return status
}

func (f *testFramework) acknowledge(status mesos.TaskStatus) {
	f.t.Helper()
	f.must(&scheduler.Call{Type: scheduler.Call_ACKNOWLEDGE, Acknowledge: &scheduler.Call_Acknowledge{
		AgentID: *status.AgentID, TaskID: status.TaskID, UUID: status.UUID,
	}})
}

func (f *testFramework) kill(task string, agent *mesos.AgentID) {
	f.t.Helper()
	f.must(&scheduler.Call{
		Type: scheduler.Call_KILL,
		Kill: &scheduler.Call_Kill{TaskID: mesos.TaskID{Value: task}, AgentID: agent},
	})
}

func (f *testFramework) message(agent mesos.AgentID, executor, data string) {
	f.t.Helper()
	f.must(&scheduler.Call{Type: scheduler.Call_MESSAGE, Message: &scheduler.Call_Message{
		AgentID: agent, ExecutorID: mesos.ExecutorID{Value: executor}, Data: []byte(data),
	}})
}

func (f *testFramework) awaitMessage(data string) {
	f.t.Helper()
	f.await("message "+data, func(e *scheduler.Event) bool {
		return e.Type == scheduler.Event_MESSAGE && string(e.Message.Data) == data
	})
}

// echo sends the executor a message until it comes back.
func (f *testFramework) echo(agent mesos.AgentID, executor, data string) {
	f.t.Helper()
	waitFor(f.t, "echo of "+data, func() bool {
		f.message(agent, executor, "E"+data)
		return f.came(func(e *scheduler.Event) bool {
			return e.Type == scheduler.Event_MESSAGE && string(e.Message.Data) == "E"+data
		})
	})
}

// came reports whether an event that matches has come by now; it stays kept.
func (f *testFramework) came(match func(*scheduler.Event) bool) bool {
	for len(f.events) > 0 {
		f.kept = append(f.kept, <-f.events)
	}
	return slices.ContainsFunc(f.kept, match)
}

// cut makes the executor drop its stream and subscribe again after a while.
func (f *testFramework) cut(agent mesos.AgentID, executor string, pause time.Duration) {
	f.t.Helper()
	f.message(agent, executor, fmt.Sprintf("Ccut:%d", pause.Milliseconds()))
	f.awaitMessage("cutting")
	<-time.After(pause / 8)
}

func (f *testFramework) reconcile(tasks ...scheduler.Call_Reconcile_Task) {
	f.t.Helper()
	f.must(&scheduler.Call{Type: scheduler.Call_RECONCILE, Reconcile: &scheduler.Call_Reconcile{Tasks: tasks}})
}

func isType(kind scheduler.Event_Type) func(*scheduler.Event) bool {
	return func(e *scheduler.Event) bool { return e.Type == kind }
}

func scalar(name string, value float64) mesos.Resource {
	return mesos.Resource{Name: name, Type: mesos.SCALAR.Enum(), Scalar: &mesos.Value_Scalar{Value: value}}
}

// testExecutorInfo is the test binary as an executor.
func testExecutorInfo(id string, environment ...string) *mesos.ExecutorInfo {
	binary, err := os.Executable()
	if err != nil {
		panic(err)
	}
	variables := []mesos.Environment_Variable{{Name: "LOCALMESOS_TEST_EXECUTOR", Value: new("json")}}
	for _, pair := range environment {
		name, value, _ := strings.Cut(pair, "=")
		variables = append(variables, mesos.Environment_Variable{Name: name, Value: &value})
	}
	return &mesos.ExecutorInfo{
		Type:       mesos.ExecutorInfo_CUSTOM,
		ExecutorID: mesos.ExecutorID{Value: id},
		Command: &mesos.CommandInfo{
			Shell: new(false), Value: &binary, Arguments: []string{binary},
			Environment: &mesos.Environment{Variables: variables},
		},
		Resources: []mesos.Resource{scalar("cpus", 0.1), scalar("mem", 32)},
	}
}

func testTask(id, steps string, executor *mesos.ExecutorInfo) mesos.TaskInfo {
	return mesos.TaskInfo{
		Name:      "task " + id,
		TaskID:    mesos.TaskID{Value: id},
		Resources: []mesos.Resource{scalar("cpus", 0.1), scalar("mem", 32)},
		Executor:  executor,
		Data:      []byte(steps),
	}
}

// endpoint gives the master to test: the one ELEVATOR_TEST_MASTER names, or a
// local cluster. The cluster is nil for the former.
func endpoint(t testing.TB, cfg Config) (string, *Cluster) {
	t.Helper()
	if master := clustertest.Named(); master != "" {
		awaitIdle(t, master)
		return master, nil
	}
	c := startLocal(t, cfg)
	return c.MasterAddr(), c
}

// localOnly is for tests that need knobs or faults no real master has.
func localOnly(t testing.TB, cfg Config) *Cluster {
	t.Helper()
	if clustertest.Named() != "" {
		t.Skip("needs a time knob or a fault that only the local cluster has")
	}
	return startLocal(t, cfg)
}

func startLocal(t testing.TB, cfg Config) *Cluster {
	t.Helper()
	if cfg.WorkDir == "" {
		cfg.WorkDir = t.TempDir()
	}
	if cfg.AllocationInterval == 0 {
		cfg.AllocationInterval = 50 * time.Millisecond
	}
	if cfg.ReregistrationDelay == 0 {
		cfg.ReregistrationDelay = 20 * time.Millisecond
	}
	if cfg.ReregistrationTimeout == 0 {
		cfg.ReregistrationTimeout = 400 * time.Millisecond
	}
	c, err := Start(context.WithoutCancel(t.Context()), cfg)
	if err != nil {
		t.Fatalf("start: %v", err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return c
}

// awaitIdle waits until the tests before this one use nothing of the cluster.
func awaitIdle(t testing.TB, master string) {
	t.Helper()
	waitFor(t, "idle cluster", func() bool {
		response, err := http.Get("http://" + master + "/metrics/snapshot")
		if err != nil {
			return false
		}
		defer response.Body.Close()
		var metrics map[string]float64
		err = json.NewDecoder(response.Body).Decode(&metrics)
		return err == nil && metrics["master/cpus_used"] == 0 && metrics["master/frameworks_active"] == 0
	})
	http.DefaultClient.CloseIdleConnections()
}

// breaker breaks what a framework relies on: a local cluster of one agent, or
// the named one.
type breaker struct {
	t     testing.TB
	local *Cluster
}

// breakable is endpoint for tests that break the cluster.
func breakable(t testing.TB, cfg Config) (string, breaker) {
	t.Helper()
	if clustertest.Named() != "" {
		clustertest.Controlled(t)
	}
	master, c := endpoint(t, cfg)
	return master, breaker{t, c}
}

// agent does it to the agent that made the offer.
func (b breaker) agent(verb clustertest.Verb, o mesos.Offer) {
	b.t.Helper()
	if b.local == nil {
		clustertest.Do(b.t, verb, fmt.Sprintf("127.0.0.1:%d", o.URL.Address.Port))
		return
	}
	do := map[clustertest.Verb]func(int) error{
		clustertest.KillAgent: b.local.StopAgent, clustertest.StartAgent: b.local.StartAgent,
		clustertest.FreezeAgent: b.local.FreezeAgent, clustertest.ThawAgent: b.local.ThawAgent,
	}[verb]
	if err := do(0); err != nil {
		b.t.Fatal(err)
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

// processes lists the framework's executors that run.
func (f *testFramework) processes() []clustertest.Process {
	f.t.Helper()
	return clustertest.Executors(f.t, f.id)
}

// waitFor polls until the condition holds.
func waitFor(t testing.TB, what string, holds func() bool) {
	t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(patience)
	for !holds() {
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatalf("no %s within %v", what, patience)
		}
	}
}
