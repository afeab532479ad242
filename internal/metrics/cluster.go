package main

import (
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"elevator/internal/gotask"
)

// clusterMetrics turns what gotask observes into metrics.
type clusterMetrics struct {
	gotask.NopObserver

	calls        *prometheus.CounterVec
	callDuration prometheus.Histogram
	events       *prometheus.CounterVec
	offers       *prometheus.CounterVec
	launched     prometheus.Counter
	subscribed   prometheus.GaugeFunc
}

// newRegistry returns a registry with the metrics of the process, the build
// and the cluster.
func newRegistry(subscribed func() bool) (*prometheus.Registry, *clusterMetrics) {
	reg := prometheus.NewRegistry()
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "elevator_build_info", Help: "The program's version; always 1.",
		ConstLabels: prometheus.Labels{"version": version, "goversion": runtime.Version()},
	})
	build.Set(1)
	m := &clusterMetrics{
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "elevator_mesos_calls_total", Help: "Calls sent to the Mesos master, by type and result.",
		}, []string{"type", "result"}),
		callDuration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "elevator_mesos_call_duration_seconds", Help: "Time until the Mesos master answered a call.",
			Buckets: []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5},
		}),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "elevator_mesos_events_total", Help: "Events received from the Mesos master, by type.",
		}, []string{"type"}),
		offers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "elevator_mesos_offers_total", Help: "Offers answered, by what became of them.",
		}, []string{"result"}),
		launched: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "elevator_mesos_tasks_launched_total", Help: "Tasks sent to agents.",
		}),
		subscribed: prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "elevator_mesos_subscribed", Help: "Whether the scheduler is subscribed with a Mesos master.",
		}, func() float64 {
			if subscribed() {
				return 1
			}
			return 0
		}),
	}
	for _, result := range []string{"used", "declined"} {
		m.offers.WithLabelValues(result)
	}
	reg.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), build,
		m.calls, m.callDuration, m.events, m.offers, m.launched, m.subscribed,
	)
	return reg, m
}

// MesosCall implements gotask.Observer.
func (m *clusterMetrics) MesosCall(call string, took time.Duration, err error) {
	result := "ok"
	if err != nil {
		result = "error"
	}
	m.calls.WithLabelValues(call, result).Inc()
	m.callDuration.Observe(took.Seconds())
}

// MesosEvent implements gotask.Observer.
func (m *clusterMetrics) MesosEvent(event string) { m.events.WithLabelValues(event).Inc() }

// Offers implements gotask.Observer.
func (m *clusterMetrics) Offers(used, declined int) {
	m.offers.WithLabelValues("used").Add(float64(used))
	m.offers.WithLabelValues("declined").Add(float64(declined))
}

// Launched implements gotask.Observer.
func (m *clusterMetrics) Launched(n int) { m.launched.Add(float64(n)) }
