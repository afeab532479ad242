package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metricsServer serves /metrics and nothing else, on a free port of the address
// at which the agent is reached: what is on loopback stays there.
type metricsServer struct {
	listener net.Listener
	http     *http.Server
}

// listenForMetrics returns a server for the agent at endpoint, host:port.
func listenForMetrics(endpoint string, reg *prometheus.Registry, log *slog.Logger) (*metricsServer, error) {
	host, _, err := net.SplitHostPort(endpoint)
	if err != nil {
		return nil, fmt.Errorf("agent's endpoint %q: %w", endpoint, err)
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return nil, fmt.Errorf("listen beside the agent: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(reg, promhttp.HandlerOpts{
		Registry: reg, EnableOpenMetrics: true, MaxRequestsInFlight: 4, Timeout: 10 * time.Second,
	}))
	return &metricsServer{listener, &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}}, nil
}

func (s *metricsServer) address() string { return s.listener.Addr().String() }

// serve answers until ctx is done.
func (s *metricsServer) serve(ctx context.Context, log *slog.Logger) {
	stop := context.AfterFunc(ctx, func() { _ = s.http.Close() })
	defer stop()
	if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		log.Warn("metrics are not served any more", "error", err)
	}
}
