package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"elevator/internal/journal"
)

// Journal times how the journal is brought to the disk.
type Journal struct {
	syncs prometheus.Histogram
	reg   prometheus.Registerer
}

// NewJournal registers the time of syncs.
func NewJournal(reg prometheus.Registerer) *Journal {
	j := &Journal{reg: reg, syncs: prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "elevator_journal_sync_duration_seconds", Help: "Time to bring what was written to the journal to the disk.",
		Buckets:                     []float64{0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10},
		NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 100, NativeHistogramMinResetDuration: time.Hour,
	})}
	reg.MustRegister(j.syncs)
	return j
}

// Synced counts a sync.
func (j *Journal) Synced(took time.Duration) { j.syncs.Observe(took.Seconds()) }

// Count shows what read returns.
func (j *Journal) Count(read func() journal.Counts) {
	count := func(name, help string, value func(journal.Counts) uint64) {
		j.reg.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help},
			func() float64 { return float64(value(read())) }))
	}
	count("elevator_journal_events_total", "Events written to the journal.", func(c journal.Counts) uint64 { return c.Events })
	count("elevator_journal_bytes_total", "Bytes written to the journal.", func(c journal.Counts) uint64 { return c.Bytes })
	count("elevator_journal_errors_total", "Writes and syncs of the journal that failed.", func(c journal.Counts) uint64 { return c.Errors })
}
