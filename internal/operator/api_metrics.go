package operator

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// otherPath is the label of all paths that the API does not have, so that
// nobody can make new series by asking for them.
const otherPath = "other"

// apiMetrics are the metrics of the server itself.
type apiMetrics struct {
	requests *prometheus.CounterVec   // by path and code
	duration *prometheus.HistogramVec // by path; the event stream is left out
	commands *prometheus.CounterVec   // by command and code
	cutOff   prometheus.Counter
}

// newAPIMetrics registers all metrics that the server shows.
func newAPIMetrics(s *Server) *apiMetrics {
	m := &apiMetrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "elevator_api_requests_total", Help: "Requests answered, by path and HTTP status code.",
		}, []string{"path", "code"}),
		duration: prometheus.NewHistogramVec(histogramOpts("elevator_api_request_duration_seconds",
			"Time until a request was answered, by path.", []float64{0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10}), []string{"path"}),
		commands: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "elevator_api_commands_total", Help: "Commands answered, by command and HTTP status code.",
		}, []string{"command", "code"}),
		cutOff: newCounter("elevator_api_streams_cut_off_total",
			"Readers of the event stream that were too slow and were cut off."),
	}
	for _, form := range commandForms {
		m.commands.WithLabelValues(form.Name, strconv.Itoa(http.StatusOK))
		m.commands.WithLabelValues(form.Name, strconv.Itoa(http.StatusConflict))
	}
	streams := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "elevator_api_streams", Help: "Readers of the event stream that are connected.",
	}, func() float64 { return float64(s.streams.Load()) })
	reg := s.cfg.Registry
	reg.MustRegister(m.requests, m.duration, m.commands, m.cutOff, streams, newStateCollector(s.hub))
	reg.MustRegister(s.hub.counters.all...)
	return m
}

// observe counts and times what serve answers.
func (m *apiMetrics) observe(path string, serve http.HandlerFunc) http.HandlerFunc {
	m.requests.WithLabelValues(path, strconv.Itoa(http.StatusOK))
	took := func(time.Duration) {}
	if path != eventsPath {
		duration := m.duration.WithLabelValues(path)
		took = func(d time.Duration) { duration.Observe(d.Seconds()) }
	}
	return func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		out := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		serve(out, r)
		m.requests.WithLabelValues(path, strconv.Itoa(out.status)).Inc()
		took(time.Since(began))
	}
}

// statusWriter notes the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap gives http.ResponseController the writer below.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
