package operator

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Config says what a Server serves.
type Config struct {
	Hub *Hub
	// Registry is what /metrics shows; the server adds its own metrics. Nil: a
	// registry with only those.
	Registry *prometheus.Registry
	// Tasks returns what GET /api/v1/tasks answers, marshalled as JSON: the
	// tasks with their agents and, while pending, the reason. Nil: none.
	Tasks func() any
	// Healthy returns nil while the process does its work, else why it should be
	// started anew. Nil: always.
	Healthy func() error
	// Ready returns nil once the group is served: subscribed, all tasks running.
	// Nil: always.
	Ready func() error
	// Warnings returns what somebody should look at although the group is served.
	// Nil: nothing.
	Warnings func() []string
	// Command carries out a command that by gave, which is well-formed and names
	// cars and floors of the building. It returns what was done, or
	// *RefusedError, or an error that wraps ErrNotReady. A request id that was
	// answered comes again only long after. Nil: commands are answered with 503.
	Command func(ctx context.Context, by string, cmd Command) (Result, error)
	// Reasons returns why the lit landing calls have the cars that they have, or
	// an error that wraps ErrNotReady. Nil: they are asked for in vain.
	Reasons func(ctx context.Context) (Assignments, error)
	// Dispatchers are the names of those that can serve the building.
	Dispatchers []string
	// Targets returns what else Prometheus shall scrape, beside this server. Nil:
	// nothing.
	Targets func() []Target
	// Tokens says who may ask. Nil: anybody may read, and who asks from this
	// machine may give commands.
	Tokens *Tokens
	// Hosts are the names, beside those of the loopback, under which browsers may
	// reach the API where nobody has to show a token: "host" or "host:port".
	Hosts []string
	// TLS makes the server speak HTTPS; see ServerTLS.
	TLS    *tls.Config
	Logger *slog.Logger // nil: no log
}

// Time limits of everything but the event stream, which has its own.
const (
	headerPatience = 5 * time.Second
	readPatience   = 10 * time.Second
	writePatience  = 30 * time.Second
	idlePatience   = 2 * time.Minute
)

// Server is the operators' HTTP API. Its handlers may run before the group
// does.
type Server struct {
	cfg     Config
	hub     *Hub
	http    *http.Server
	metrics *apiMetrics
	answers *answers
	limiter *limiter
	origins *http.CrossOriginProtection
	streams atomic.Int64

	wakeOnce  sync.Once
	closing   chan struct{} // closed when streams shall end
	closeOnce sync.Once
	serving   sync.WaitGroup
	life      context.Context // of commands; ended after the last answer was given
	endLife   context.CancelFunc

	mu       sync.Mutex // guards closed, and handlers against growing once closed
	closed   bool
	handlers sync.WaitGroup
}

// NewServer returns a server that does not listen yet.
func NewServer(cfg Config) *Server {
	cfg.setDefaults()
	s := &Server{
		cfg: cfg, hub: cfg.Hub, closing: make(chan struct{}),
		answers: newAnswers(mostAnswers), limiter: newLimiter(), origins: http.NewCrossOriginProtection(),
	}
	s.life, s.endLife = context.WithCancel(context.Background())
	s.metrics = newAPIMetrics(s)
	s.http = &http.Server{
		Handler:           s.handler(),
		TLSConfig:         cfg.TLS,
		ReadHeaderTimeout: headerPatience,
		ReadTimeout:       readPatience,
		WriteTimeout:      writePatience,
		IdleTimeout:       idlePatience,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(cfg.Logger.Handler(), slog.LevelDebug),
	}
	return s
}

func (c *Config) setDefaults() {
	if c.Registry == nil {
		c.Registry = prometheus.NewRegistry()
	}
	if c.Tasks == nil {
		c.Tasks = func() any { return struct{}{} }
	}
	if c.Targets == nil {
		c.Targets = func() []Target { return nil }
	}
	if c.Healthy == nil {
		c.Healthy = func() error { return nil }
	}
	if c.Ready == nil {
		c.Ready = func() error { return nil }
	}
	if c.Warnings == nil {
		c.Warnings = func() []string { return nil }
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
}

// Serve answers requests on l, which it closes, in goroutines of its own until
// Close.
func (s *Server) Serve(l net.Listener) {
	s.warn(l.Addr())
	s.wakeOnce.Do(func() {
		s.serving.Go(func() { s.hub.wakeReaders(s.closing, streamPause) })
	})
	s.serving.Go(func() {
		serve := s.http.Serve
		if s.cfg.TLS != nil {
			serve = func(l net.Listener) error { return s.http.ServeTLS(l, "", "") }
		}
		if err := serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
			s.cfg.Logger.Error("the operators' API stopped", "address", l.Addr().String(), "error", err)
		}
	})
}

// warn says what an address that other machines can reach means.
func (s *Server) warn(addr net.Addr) {
	at, err := netip.ParseAddrPort(addr.String())
	switch {
	case err == nil && at.Addr().Unmap().IsLoopback():
	case s.cfg.Tokens == nil:
		s.cfg.Logger.Warn("without a token file anybody who reaches the operators' API can read it, and nobody on another machine can give commands", "address", addr.String())
	case s.cfg.TLS == nil:
		s.cfg.Logger.Warn("without a certificate the operators' tokens cross the network in the clear", "address", addr.String())
	}
}

// Close ends all streams after what was published, answers what is being asked
// until ctx is done, and waits for the server's goroutines.
func (s *Server) Close(ctx context.Context) error {
	s.closeOnce.Do(func() { close(s.closing) })
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.endLife()
	s.handlers.Wait()
	s.serving.Wait()
	return err
}

// enter counts a handler in, and reports whether it may run.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.handlers.Add(1)
	return true
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		status, data = http.StatusInternalServerError, []byte(`{"error":"the answer cannot be written as JSON"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(append(data, '\n'))
}

// errorBody is the answer to a request that was not served.
type errorBody struct {
	Error string `json:"error"`
}

func writeError(w http.ResponseWriter, status int, sentence string) {
	writeJSON(w, status, errorBody{sentence})
}
