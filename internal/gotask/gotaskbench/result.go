package gotaskbench

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// Result holds what was measured; what was not asked for is zero.
type Result struct {
	RoundTrip    Comparison `json:"round_trip_us"`       // median of messages sent one after the other, µs
	RoundTripP99 Comparison `json:"round_trip_p99_us"`   // their 99th percentile, µs
	Executors    int        `json:"executors"`           // that messages went to
	Throughput   Comparison `json:"messages_per_second"` // messages to all executors and back, each counted once
	BareInFlight int        `json:"bare_in_flight"`      // calls in flight with which the bare client did best
	Launch       Comparison `json:"launch_s"`            // until 1,000 tasks ran, seconds
	HeapKiB      float64    `json:"heap_per_task_kib"`   // of the scheduler's process for each of 1,000 idle tasks
	Scale        []Scale    `json:"scale"`               // in the order in which they were made
	Load         string     `json:"load_average"`        // of this machine after the measurements
}

// Comparison is a value of gotask's and that of the bare client.
type Comparison struct {
	Gotask float64 `json:"gotask"`
	Bare   float64 `json:"bare"`
	Ratio  float64 `json:"ratio"` // Gotask / Bare
}

// Scale is a measurement of many tasks on local agents that all send and receive at one rate.
type Scale struct {
	Tasks     int           `json:"tasks"`
	PerSecond int           `json:"per_second"` // messages to each task, and from it
	Lasted    time.Duration `json:"lasted_ns"`
	Sent      int           `json:"sent"`
	P50       time.Duration `json:"p50_ns"` // from when a message was due until its echo was there
	P99       time.Duration `json:"p99_ns"`
	Max       time.Duration `json:"max_ns"`
	Cores     Cores         `json:"cores"`

	EnvelopesOut int64 `json:"envelopes_out"` // MESSAGE calls of the scheduler, with all messages in them
	EnvelopesIn  int64 `json:"envelopes_in"`  // MESSAGE events
}

// The goals that WriteText shows beside the results.
const (
	maxRoundTripRatio  = 1.2
	minThroughputRatio = 5
	maxLaunchRatio     = 1.5
	maxHeapKiB         = 16
	maxScaleP99        = 100 * time.Millisecond
)

func compare(gotask, bare float64) Comparison {
	c := Comparison{Gotask: gotask, Bare: bare}
	if bare > 0 {
		c.Ratio = gotask / bare
	}
	return c
}

// WriteText writes a table of what was measured.
func (r Result) WriteText(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	var errs []error
	row := func(format string, args ...any) {
		_, err := fmt.Fprintf(t, format+"\n", args...)
		errs = append(errs, err)
	}
	row("measurement\tgotask\tbare\tratio\tgoal")
	if c := r.RoundTrip; c.Bare > 0 {
		row("round trip, p50\t%.0f µs\t%.0f µs\t%.2f\t≤ %.1f", c.Gotask, c.Bare, c.Ratio, maxRoundTripRatio)
		c = r.RoundTripP99
		row("round trip, p99\t%.0f µs\t%.0f µs\t%.2f\t", c.Gotask, c.Bare, c.Ratio)
	}
	if c := r.Throughput; c.Bare > 0 {
		row("messages/s and back, %d executors\t%.0f\t%.0f (%d in flight)\t%.2f\t≥ %d", r.Executors, c.Gotask, c.Bare, r.BareInFlight, c.Ratio, minThroughputRatio)
	}
	if c := r.Launch; c.Bare > 0 {
		row("until %d tasks run\t%.2f s\t%.2f s\t%.2f\t≤ %.1f", launchTasks, c.Gotask, c.Bare, c.Ratio, maxLaunchRatio)
		row("heap for an idle task\t%.1f KiB\t\t\t≤ %d KiB", r.HeapKiB, maxHeapKiB)
	}
	for _, s := range r.Scale {
		row("%d tasks, %d/s each way, %v: p50, p99, max\t%s, %s, %s\t\t\tp99 < %v", s.Tasks, s.PerSecond, s.Lasted,
			millis(s.P50), millis(s.P99), millis(s.Max), maxScaleP99)
		row("  envelopes/s out, in\t%.0f, %.0f", float64(s.EnvelopesOut)/s.Lasted.Seconds(), float64(s.EnvelopesIn)/s.Lasted.Seconds())
		row("  cores busy\t%v", s.Cores)
	}
	if within, beyond := bounds(r.Scale); within > 0 && beyond > 0 {
		row("knee: most messages/s each way with p99 < %v\t%d (%d a task; %d a task is too much)", maxScaleP99, within*scaleTasks, within, beyond)
	}
	errs = append(errs, t.Flush())
	if r.Load != "" {
		_, err := fmt.Fprintf(w, "load average of this machine: %s\n", r.Load)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func millis(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// percentile is the nearest-rank percentile; it sorts the values.
func percentile(values []time.Duration, p int) time.Duration {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[min(len(values)*p/100, len(values)-1)]
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// loadAverage is the beginning of /proc/loadavg, or empty where there is none.
func loadAverage() string {
	data, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	fields := strings.Fields(string(data))
	return strings.Join(fields[:min(3, len(fields))], " ")
}
