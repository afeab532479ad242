package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// ClockState is what has happened to the machine's wall clock since the program
// began.
type ClockState struct {
	Steps  uint64        // how often it was set
	Offset time.Duration // what it has gained on the time that really passed
}

// RegisterClock shows what read returns.
func RegisterClock(reg prometheus.Registerer, read func() ClockState) {
	reg.MustRegister(
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "elevator_clock_steps_total", Help: "How often the machine's wall clock was set by a second or more.",
		}, func() float64 { return float64(read().Steps) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "elevator_clock_offset_seconds", Help: "What the machine's wall clock has gained on the time that passed since the program began.",
		}, func() float64 { return read().Offset.Seconds() }),
	)
}
