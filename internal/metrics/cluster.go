package metrics

import (
	"cmp"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"elevator/internal/gotask"
)

// Cluster counts what a scheduler does with Mesos. It is a gotask.Observer.
type Cluster struct {
	gotask.NopObserver

	calls        *prometheus.CounterVec
	callDuration prometheus.Histogram
	events       *prometheus.CounterVec
	heartbeat    prometheus.Gauge
	offers       *prometheus.CounterVec
	launched     prometheus.Counter
	ends         *prometheus.CounterVec
	restarts     prometheus.Counter
}

// NewCluster registers the metrics of the talk with Mesos. Status is asked when
// they are scraped.
func NewCluster(reg prometheus.Registerer, status func() gotask.Status) *Cluster {
	c := &Cluster{
		calls: counters("elevator_mesos_calls_total", "Calls sent to the Mesos master, by type and result.", "type", "result"),
		callDuration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "elevator_mesos_call_duration_seconds", Help: "Time until the Mesos master answered a call.",
			Buckets:                     []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5},
			NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 100, NativeHistogramMinResetDuration: time.Hour,
		}),
		events:    counters("elevator_mesos_events_total", "Events received from the Mesos master, by type.", "type"),
		heartbeat: gauge("elevator_mesos_heartbeat_timestamp_seconds", "When the Mesos master was last heard (a heartbeat, or the begin of a subscription); 0 before the first."),
		offers:    counters("elevator_mesos_offers_total", "Offers answered, by what became of them.", "result"),
		launched:  counter("elevator_mesos_tasks_launched_total", "Tasks sent to agents."),
		ends:      counters("elevator_task_ends_total", "Attempts of tasks that ended, by the state they ended in and Mesos' reason.", "state", "reason"),
		restarts:  counter("elevator_task_restarts_total", "Attempts of tasks that ended and were followed by another."),
	}
	for _, result := range []string{"used", "declined"} {
		c.offers.WithLabelValues(result)
	}
	// Those that alerts ask for, so that their first one is an increase.
	c.events.WithLabelValues(heartbeat)
	for _, state := range []gotask.TaskState{gotask.TaskFinished, gotask.TaskFailed, gotask.TaskKilled, gotask.TaskLost} {
		c.ends.WithLabelValues(string(state), noReason)
	}
	reg.MustRegister(c.calls, c.callDuration, c.events, c.heartbeat, c.offers, c.launched, c.ends, c.restarts, newSubscription(status))
	return c
}

// subscription shows the present subscription, and who is not heard through it.
type subscription struct {
	status                   func() gotask.Status
	subscribed, info, silent *prometheus.Desc
}

func newSubscription(status func() gotask.Status) *subscription {
	return &subscription{
		status:     status,
		subscribed: prometheus.NewDesc("elevator_mesos_subscribed", "Whether the scheduler is subscribed with a Mesos master.", nil, nil),
		info:       prometheus.NewDesc("elevator_mesos_master_info", "The version of the Mesos master subscribed with; always 1.", []string{"version"}, nil),
		silent:     prometheus.NewDesc("elevator_tasks_silent", "Running tasks that do not answer: their executors hang or are cut off.", nil, nil),
	}
}

// Describe implements prometheus.Collector.
func (s *subscription) Describe(ch chan<- *prometheus.Desc) {
	ch <- s.subscribed
	ch <- s.info
	ch <- s.silent
}

// Collect implements prometheus.Collector.
func (s *subscription) Collect(ch chan<- prometheus.Metric) {
	status := s.status()
	silent := 0
	for _, t := range status.Tasks {
		if t.Silent {
			silent++
		}
	}
	ch <- prometheus.MustNewConstMetric(s.silent, prometheus.GaugeValue, float64(silent))
	if !status.Connected {
		ch <- prometheus.MustNewConstMetric(s.subscribed, prometheus.GaugeValue, 0)
		return
	}
	ch <- prometheus.MustNewConstMetric(s.subscribed, prometheus.GaugeValue, 1)
	ch <- prometheus.MustNewConstMetric(s.info, prometheus.GaugeValue, 1, cmp.Or(status.MasterVersion, "unknown"))
}

const (
	heartbeat = "HEARTBEAT"
	noReason  = "none"
)

// MesosCall implements gotask.Observer.
func (c *Cluster) MesosCall(call string, took time.Duration, err error) {
	result := "ok"
	if err != nil {
		result = "error"
	}
	c.calls.WithLabelValues(call, result).Inc()
	c.callDuration.Observe(took.Seconds())
}

// MesosEvent implements gotask.Observer.
func (c *Cluster) MesosEvent(event string) {
	c.events.WithLabelValues(event).Inc()
	if event == heartbeat || event == "SUBSCRIBED" {
		c.heartbeat.SetToCurrentTime()
	}
}

// Offers implements gotask.Observer.
func (c *Cluster) Offers(used, declined int) {
	c.offers.WithLabelValues("used").Add(float64(used))
	c.offers.WithLabelValues("declined").Add(float64(declined))
}

// Launched implements gotask.Observer.
func (c *Cluster) Launched(n int) { c.launched.Add(float64(n)) }

// TaskEnded implements gotask.Observer.
func (c *Cluster) TaskEnded(state gotask.TaskState, reason string, restarting bool) {
	if reason == "" {
		reason = noReason
	}
	c.ends.WithLabelValues(string(state), reason).Inc()
	if restarting {
		c.restarts.Inc()
	}
}
