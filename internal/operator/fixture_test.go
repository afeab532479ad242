package operator

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
	"elevator/internal/elevator/motion"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// epoch is the wall time of the runs in these tests: when a synctest bubble's
// clock begins.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func parseBuilding(t testing.TB, text string) *elevator.Building {
	t.Helper()
	b, err := building.Parse("test", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// small is a building with floors G to 3 and cars A and B.
func small(t testing.TB) *elevator.Building {
	t.Helper()
	text, err := os.ReadFile("testdata/small.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return parseBuilding(t, string(text))
}

// newHub returns a hub whose run began at epoch.
func newHub(t testing.TB, b *elevator.Building) *Hub {
	t.Helper()
	h := NewHub(b, motion.NewLaw(b))
	h.SetClock(epoch, 1)
	publish(t, h, header(b))
	return h
}

func header(b *elevator.Building) elevator.Event {
	e := elevator.NewEvent(0, elevator.BuildingLoaded)
	e.Detail = &elevator.Detail{Header: &elevator.Header{Building: b, WallTime: epoch, Speed: 1, Dispatcher: "eta", Version: "test"}}
	return e
}

// publish numbers the events as a journal would and publishes them.
func publish(t testing.TB, h *Hub, events ...elevator.Event) {
	t.Helper()
	h.mu.Lock()
	seq := h.ring.next()
	h.mu.Unlock()
	for i := range events {
		events[i].Seq = seq + uint64(i)
	}
	if err := h.Publish(events); err != nil {
		t.Fatal(err)
	}
}

// tick is an event that changes little.
func tick(at time.Duration) elevator.Event {
	e := elevator.NewEvent(at, elevator.DoorsClosed)
	e.Car, e.Floor = 0, 0
	return e
}

func ticks(n int, at time.Duration) []elevator.Event {
	events := make([]elevator.Event, n)
	for i := range events {
		events[i] = tick(at)
	}
	return events
}

// parseEvents reads journal lines without seq.
func parseEvents(t testing.TB, b *elevator.Building, text string) []elevator.Event {
	t.Helper()
	var events []elevator.Event
	for line := range strings.Lines(text) {
		line = strings.Replace(strings.TrimSpace(line), `,"event"`, `,"seq":1,"event"`, 1)
		e, err := elevator.ParseEvent(b, []byte(line))
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		events = append(events, e)
	}
	return events
}

// pipeListener accepts connections that are pipes in memory, so that a whole
// server and its clients live in one synctest bubble.
type pipeListener struct {
	address string // what the server's end says it is
	conns   chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

func newPipeListener(address string) *pipeListener {
	return &pipeListener{address: address, conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return pipeAddr(l.address) }

func (l *pipeListener) dial(ctx context.Context) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.conns <- pipeConn{server, l.Addr()}:
		return client, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type pipeConn struct {
	net.Conn
	local net.Addr
}

func (c pipeConn) LocalAddr() net.Addr { return c.local }

type pipeAddr string

func (pipeAddr) Network() string  { return "tcp" }
func (a pipeAddr) String() string { return string(a) }

// service is a running server with a way to ask it.
type service struct {
	t        testing.TB
	hub      *Hub
	server   *Server
	listener *pipeListener
	http     *http.Client
	close    func()
}

const loopback = "127.0.0.1:8080"

// serve starts a server. In a bubble its end must be awaited with close.
func serve(t testing.TB, cfg Config) *service { return serveAt(t, loopback, cfg) }

func serveAt(t testing.TB, address string, cfg Config) *service {
	t.Helper()
	if cfg.Hub == nil {
		cfg.Hub = newHub(t, small(t))
	}
	s := &service{t: t, hub: cfg.Hub, server: NewServer(cfg), listener: newPipeListener(address)}
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return s.listener.dial(ctx) }}
	s.http = &http.Client{Transport: transport}
	s.server.Serve(s.listener)
	s.close = sync.OnceFunc(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := s.server.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
		transport.CloseIdleConnections()
	})
	t.Cleanup(s.close)
	return s
}

// client returns a client of the service's API.
func (s *service) client() *Client {
	return &Client{base: "http://" + s.listener.address, http: s.http}
}

// request builds a request to the service; header is pairs of names and values.
func (s *service) request(method, path, body string, header ...string) *http.Request {
	s.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, "http://"+loopback+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
			continue
		}
		req.Header.Add(header[i], header[i+1])
	}
	return req
}

// ask returns the answer to a request, with its body read.
func (s *service) ask(req *http.Request) (*http.Response, string) {
	s.t.Helper()
	resp, err := s.http.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(resp.Body); err != nil {
		s.t.Fatal(err)
	}
	return resp, body.String()
}

func (s *service) get(path string) (*http.Response, string) {
	s.t.Helper()
	return s.ask(s.request(http.MethodGet, path, ""))
}

// command posts a command's body.
func (s *service) command(body string, header ...string) (*http.Response, string) {
	s.t.Helper()
	return s.ask(s.request(http.MethodPost, commandsPath, body, append([]string{"Content-Type", "application/json"}, header...)...))
}

// unquoted returns the sentence of an error's body.
func unquoted(t testing.TB, body string) string {
	t.Helper()
	var e errorBody
	if err := json.Unmarshal([]byte(body), &e); err != nil || e.Error == "" {
		t.Errorf("body %q is no error in JSON: %v", body, err)
	}
	return e.Error
}
