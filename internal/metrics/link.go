package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"elevator/internal/gotask"
)

// linkCollector shows the reliable messages between scheduler and executors,
// as the program's own end sees them.
type linkCollector struct {
	read func() gotask.LinkStats

	messages, envelopes, bytes, resends, unconfirmed, oldest, window *prometheus.Desc
}

// RegisterLinks shows what read returns: the traffic of one end with all its
// peers.
func RegisterLinks(reg prometheus.Registerer, read func() gotask.LinkStats) {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	reg.MustRegister(&linkCollector{
		read:        read,
		messages:    desc("elevator_link_messages_total", "Messages between scheduler and executors, by way.", "way"),
		envelopes:   desc("elevator_link_envelopes_total", "Mesos messages between scheduler and executors, by way; each holds several of ours.", "way"),
		bytes:       desc("elevator_link_bytes_total", "Bytes in Mesos messages between scheduler and executors, by way.", "way"),
		resends:     desc("elevator_link_resends_total", "Messages sent again because no confirmation came."),
		unconfirmed: desc("elevator_link_unconfirmed_messages", "Messages sent and not confirmed yet."),
		oldest:      desc("elevator_link_oldest_unconfirmed_seconds", "Age of the oldest message that is not confirmed; 0 where there is none."),
		window:      desc("elevator_link_window_used_ratio", "Share of the window for unconfirmed messages that the busiest task uses."),
	})
}

// Describe implements prometheus.Collector.
func (c *linkCollector) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, ch) }

// Collect implements prometheus.Collector.
func (c *linkCollector) Collect(ch chan<- prometheus.Metric) {
	s := c.read()
	both := func(d *prometheus.Desc, sent, received uint64) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(sent), "sent")
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(received), "received")
	}
	both(c.messages, s.Sent, s.Received)
	both(c.envelopes, s.EnvelopesSent, s.EnvelopesReceived)
	both(c.bytes, s.BytesSent, s.BytesReceived)
	ch <- prometheus.MustNewConstMetric(c.resends, prometheus.CounterValue, float64(s.Resent))
	ch <- prometheus.MustNewConstMetric(c.unconfirmed, prometheus.GaugeValue, float64(s.Unconfirmed))
	ch <- prometheus.MustNewConstMetric(c.oldest, prometheus.GaugeValue, s.OldestUnconfirmed.Seconds())
	ch <- prometheus.MustNewConstMetric(c.window, prometheus.GaugeValue, s.WindowUse)
}
