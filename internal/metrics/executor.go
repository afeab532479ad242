package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"elevator/internal/gotask"
)

// RegisterExecutor shows what an executor says of itself when it is scraped.
func RegisterExecutor(reg prometheus.Registerer, read func() gotask.ExecutorState) {
	gauge := func(name, help string, value func(gotask.ExecutorState) int) {
		reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help},
			func() float64 { return float64(value(read())) }))
	}
	gauge("elevator_executor_tasks", "Tasks of cars and floors that run in this executor.",
		func(s gotask.ExecutorState) int { return s.Tasks })
	gauge("elevator_executor_unacknowledged_updates", "Status updates that the agent has not acknowledged yet.",
		func(s gotask.ExecutorState) int { return s.UnacknowledgedUpdates })
	RegisterLinks(reg, func() gotask.LinkStats { return read().Link })
}
