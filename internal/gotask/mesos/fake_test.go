package mesos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// pipeNet is a network of net.Pipe connections, so that time in a synctest bubble passes while everybody waits.
type pipeNet struct {
	mu        sync.Mutex
	listeners map[string]*pipeListener
	dialled   int
}

func newPipeNet() *pipeNet { return &pipeNet{listeners: map[string]*pipeListener{}} }

func (n *pipeNet) dial(ctx context.Context, _, address string) (net.Conn, error) {
	n.mu.Lock()
	n.dialled++
	listener := n.listeners[address]
	n.mu.Unlock()
	if listener == nil {
		return nil, fmt.Errorf("dial %s: connection refused", address)
	}
	ours, theirs := net.Pipe()
	select {
	case listener.conns <- theirs:
		return ours, nil
	case <-listener.closed:
		return nil, fmt.Errorf("dial %s: connection refused", address)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// dials is how many connections were asked for.
func (n *pipeNet) dials() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.dialled
}

// dialAlways connects to one address, whatever is asked for.
func dialAlways(address string) DialFunc {
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address)
	}
}

// serve answers at an address until the test, or the function returned, ends it.
func (n *pipeNet) serve(t *testing.T, address string, handler http.Handler) (stop func()) {
	listener := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{}), address: address}
	n.mu.Lock()
	n.listeners[address] = listener
	n.mu.Unlock()
	server := &http.Server{Handler: handler}
	var serving sync.WaitGroup
	serving.Go(func() { server.Serve(listener) })
	stop = sync.OnceFunc(func() {
		n.mu.Lock()
		if n.listeners[address] == listener {
			delete(n.listeners, address)
		}
		n.mu.Unlock()
		server.Close()
		serving.Wait()
	})
	t.Cleanup(stop)
	return stop
}

type pipeListener struct {
	conns   chan net.Conn
	closed  chan struct{}
	once    sync.Once
	address string
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return pipeAddr(l.address) }

type pipeAddr string

func (a pipeAddr) Network() string { return "pipe" }
func (a pipeAddr) String() string  { return string(a) }

// fakeMaster speaks the scheduler API for one framework. Its functions may be nil.
type fakeMaster struct {
	interval   time.Duration // of heart-beats; default 15 s
	silent     bool          // no heart-beats after the first
	version    string        // told with SUBSCRIBED, if any
	subscribed func(w http.ResponseWriter, r *http.Request, call *scheduler.Call) bool
	called     func(w http.ResponseWriter, r *http.Request, call *scheduler.Call) bool

	mu         sync.Mutex
	calls      []*scheduler.Call // of all types, in the order of their arrival
	subscribes []*http.Request
	stream     *fakeStream
	streams    int
}

// fakeStream is what a test writes to the current subscription.
type fakeStream struct {
	id    string
	write chan []byte // raw bytes, flushed one slice at a time
	close chan struct{}
}

func (m *fakeMaster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	call := new(scheduler.Call)
	switch {
	case err != nil:
		return
	case r.Header.Get("Content-Type") != protobufType || r.Header.Get("Accept") != protobufType:
		http.Error(w, "wrong media type", http.StatusUnsupportedMediaType)
		return
	case r.ContentLength != int64(len(body)):
		http.Error(w, "no content length", http.StatusBadRequest)
		return
	case call.Unmarshal(body) != nil:
		http.Error(w, "Failed to parse body into Call protobuf", http.StatusBadRequest)
		return
	}
	m.mu.Lock()
	m.calls = append(m.calls, call)
	m.mu.Unlock()
	if call.Type == scheduler.Call_SUBSCRIBE {
		if m.subscribed == nil || !m.subscribed(w, r, call) {
			m.subscribe(w, r, call)
		}
		return
	}
	if m.called == nil || !m.called(w, r, call) {
		m.accept(w, r)
	}
}

func (m *fakeMaster) accept(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	current := m.stream
	m.mu.Unlock()
	if current == nil || r.Header.Get(streamIDHeader) != current.id {
		http.Error(w, "The stream ID included in this request didn't match the stream ID currently associated", http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

func (m *fakeMaster) subscribe(w http.ResponseWriter, r *http.Request, call *scheduler.Call) {
	m.mu.Lock()
	m.streams++
	stream := &fakeStream{id: "stream-" + strconv.Itoa(m.streams), write: make(chan []byte, 100), close: make(chan struct{})}
	m.stream = stream
	m.subscribes = append(m.subscribes, r)
	interval := m.interval
	m.mu.Unlock()
	if interval == 0 {
		interval = 15 * time.Second
	}
	id := "framework-1"
	if call.FrameworkID != nil {
		id = call.FrameworkID.Value
	}
	seconds := interval.Seconds()
	var info *mesosv1.MasterInfo
	if m.version != "" {
		info = &mesosv1.MasterInfo{ID: "master-1", Port: new(uint32), Version: &m.version}
	}
	w.Header().Set("Content-Type", protobufType)
	w.Header().Set(streamIDHeader, stream.id)
	w.Write(record(&scheduler.Event{Type: scheduler.Event_SUBSCRIBED, Subscribed: &scheduler.Event_Subscribed{
		FrameworkID: &mesosv1.FrameworkID{Value: id}, HeartbeatIntervalSeconds: &seconds, MasterInfo: info,
	}}))
	w.Write(record(&scheduler.Event{Type: scheduler.Event_HEARTBEAT}))
	w.(http.Flusher).Flush()
	stream.play(w, r, interval, m.silent)
}

func (s *fakeStream) play(w http.ResponseWriter, r *http.Request, interval time.Duration, silent bool) {
	heartbeats := time.NewTicker(interval)
	defer heartbeats.Stop()
	for {
		select {
		case data := <-s.write:
			w.Write(data)
		case <-heartbeats.C:
			if silent {
				continue
			}
			w.Write(record(&scheduler.Event{Type: scheduler.Event_HEARTBEAT}))
		case <-s.close:
			return
		case <-r.Context().Done():
			return
		}
		w.(http.Flusher).Flush()
	}
}

func (m *fakeMaster) current() *fakeStream {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.stream
}

func (m *fakeMaster) types() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var types []string
	for _, call := range m.calls {
		types = append(types, call.Type.String())
	}
	return types
}

type encodable interface {
	Size() int
	MarshalTo([]byte) (int, error)
}

// record is a message in RecordIO.
func record(message encodable) []byte {
	data := make([]byte, message.Size())
	if _, err := message.MarshalTo(data); err != nil {
		panic(err)
	}
	return append([]byte(strconv.Itoa(len(data))+"\n"), data...)
}

func errorEvent(text string) *scheduler.Event {
	return &scheduler.Event{Type: scheduler.Event_ERROR, Error: &scheduler.Event_Error{Message: text}}
}

func messageEvent(text string) *scheduler.Event {
	return &scheduler.Event{Type: scheduler.Event_MESSAGE, Message: &scheduler.Event_Message{
		AgentID: mesosv1.AgentID{Value: "a"}, ExecutorID: mesosv1.ExecutorID{Value: "e"}, Data: []byte(text),
	}}
}

func messageCall(text string) *scheduler.Call {
	return &scheduler.Call{Type: scheduler.Call_MESSAGE, Message: &scheduler.Call_Message{
		AgentID: mesosv1.AgentID{Value: "a"}, ExecutorID: mesosv1.ExecutorID{Value: "e"}, Data: []byte(text),
	}}
}

// drivenScheduler is a Scheduler whose Run goes on in the background.
type drivenScheduler struct {
	*Scheduler
	events chan SchedulerEvent
	stop   context.CancelFunc
	ended  chan error
}

func testScheduler(t testing.TB, network *pipeNet, config SchedulerConfig) *Scheduler {
	t.Helper()
	if config.Framework == nil {
		config.Framework = func() *mesosv1.FrameworkInfo { return &mesosv1.FrameworkInfo{User: "root", Name: "test"} }
	}
	if network != nil && config.Dial == nil {
		config.Dial = network.dial
	}
	if testing.Verbose() && config.Logger == nil {
		config.Logger = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	s, err := NewScheduler(config)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func drive(t *testing.T, network *pipeNet, config SchedulerConfig) *drivenScheduler {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	d := &drivenScheduler{
		Scheduler: testScheduler(t, network, config),
		events:    make(chan SchedulerEvent, 10_000),
		stop:      stop,
		ended:     make(chan error, 1),
	}
	var running sync.WaitGroup
	running.Go(func() {
		d.ended <- d.Run(ctx, func(event SchedulerEvent) { d.events <- event })
	})
	t.Cleanup(func() {
		stop()
		running.Wait()
	})
	return d
}

// next waits for the next event that is not a heart-beat, and describes it.
func (d *drivenScheduler) next() string {
	for {
		select {
		case event := <-d.events:
			if text := describe(event); text != "HEARTBEAT" {
				return text
			}
		case err := <-d.ended:
			d.ended <- err
			select {
			case event := <-d.events:
				if text := describe(event); text != "HEARTBEAT" {
					return text
				}
				continue
			default:
			}
			return fmt.Sprintf("ended: %v", err)
		}
	}
}

func (d *drivenScheduler) expect(t *testing.T, want ...string) {
	t.Helper()
	for _, text := range want {
		if got := d.next(); got != text {
			t.Fatalf("next event is %q, want %q", got, text)
		}
	}
}

func describe(event SchedulerEvent) string {
	switch {
	case event.Connected != nil:
		return "connected " + event.Connected.StreamID + " " + event.Connected.Endpoint
	case event.Disconnected != nil:
		return "disconnected: " + event.Disconnected.Err.Error()
	case event.Event.Type == scheduler.Event_SUBSCRIBED:
		return "SUBSCRIBED " + event.Event.Subscribed.FrameworkID.Value
	case event.Event.Type == scheduler.Event_MESSAGE && len(event.Event.Message.Data) < 100:
		return "MESSAGE " + string(event.Event.Message.Data)
	}
	return event.Event.Type.String()
}

func wantError(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error is %v, want %v", err, want)
	}
}
