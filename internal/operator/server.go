package operator

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Config says what a Server serves.
type Config struct {
	Hub      *Hub
	Registry *prometheus.Registry // what /metrics shows; the server adds its own metrics
	// Tasks returns what GET /api/v1/tasks answers, marshalled as JSON: the
	// tasks with their agents and, while pending, the reason.
	Tasks func() any
	// Ready returns nil once the group is served: subscribed, all tasks running.
	Ready  func() error
	Logger *slog.Logger
}

// Server is the operators' HTTP API. Its handlers may run before the group
// does.
type Server struct {
	cfg       Config
	hub       *Hub
	http      *http.Server
	closing   chan struct{}
	closeOnce sync.Once
	serving   sync.WaitGroup
	streams   prometheus.Gauge
	cutOff    prometheus.Counter
}

// NewServer returns a server that does not listen yet.
func NewServer(cfg Config) *Server {
	s := &Server{cfg: cfg, hub: cfg.Hub, closing: make(chan struct{})}
	s.registerMetrics(cfg.Registry)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/group", s.serveGroup)
	mux.HandleFunc("GET /api/v1/events", s.serveEvents)
	mux.HandleFunc("GET /api/v1/tasks", s.serveTasks)
	mux.HandleFunc("GET /healthz", s.serveHealth)
	mux.HandleFunc("GET /readyz", s.serveReady)
	mux.Handle("GET /metrics", promhttp.HandlerFor(cfg.Registry, promhttp.HandlerOpts{
		Registry: cfg.Registry, EnableOpenMetrics: true, MaxRequestsInFlight: 8, Timeout: 10 * time.Second,
	}))
	s.http = &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(cfg.Logger.Handler(), slog.LevelDebug),
	}
	return s
}

// Serve answers requests on l, which it closes, in goroutines of its own until
// Close.
func (s *Server) Serve(l net.Listener) {
	s.serving.Go(func() {
		if err := s.http.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
			s.cfg.Logger.Error("the operators' API stopped", "address", l.Addr().String(), "error", err)
		}
	})
}

// Close ends all streams, answers what is being asked until ctx is done, and
// waits for the server's goroutines.
func (s *Server) Close(ctx context.Context) error {
	s.closeOnce.Do(func() { close(s.closing) })
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	s.serving.Wait()
	return err
}

func (s *Server) serveGroup(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, s.hub.State(time.Now()))
}

func (s *Server) serveTasks(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, s.cfg.Tasks())
}

// serveHealth is GET /healthz: 200 while the process serves.
func (s *Server) serveHealth(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

// serveReady is GET /readyz: 200 once the group carries passengers, else 503
// with the reason.
func (s *Server) serveReady(w http.ResponseWriter, _ *http.Request) {
	if err := s.cfg.Ready(); err != nil {
		writeError(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"status": "ready"})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		http.Error(w, `{"error":"encode the answer"}`, http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(data, '\n'))
}

func writeError(w http.ResponseWriter, status int, sentence string) {
	writeJSON(w, status, map[string]string{"error": sentence})
}
