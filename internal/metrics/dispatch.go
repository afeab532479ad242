package metrics

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Dispatch times a group's decisions and tells which dispatcher makes them.
type Dispatch struct {
	decisions prometheus.Histogram
	info      *prometheus.GaugeVec

	mu      sync.Mutex // guards present
	present string
}

// NewDispatch registers the metrics of the dispatcher. Names are those of all
// dispatchers there are.
func NewDispatch(reg prometheus.Registerer, names []string) *Dispatch {
	d := &Dispatch{
		decisions: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "elevator_dispatch_duration_seconds", Help: "Time the group took for one decision on all landing calls.",
			Buckets:                     []float64{1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1},
			NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 100, NativeHistogramMinResetDuration: time.Hour,
		}),
		info: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "elevator_dispatcher_info", Help: "The dispatcher in charge: 1 for the present one.",
		}, []string{"dispatcher"}),
	}
	for _, name := range names {
		d.info.WithLabelValues(name)
	}
	reg.MustRegister(d.decisions, d.info)
	return d
}

// Decided counts a decision of the dispatcher of that name.
func (d *Dispatch) Decided(dispatcher string, took time.Duration) {
	d.decisions.Observe(took.Seconds())
	d.mu.Lock()
	defer d.mu.Unlock()
	if dispatcher == d.present {
		return
	}
	if d.present != "" {
		d.info.WithLabelValues(d.present).Set(0)
	}
	d.info.WithLabelValues(dispatcher).Set(1)
	d.present = dispatcher
}
