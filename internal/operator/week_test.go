package operator

import (
	"bytes"
	"runtime"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/sim"
	"elevator/internal/elevator/traffic"
	"elevator/internal/gotask"
	"elevator/internal/journal"
	"elevator/internal/metrics"
)

// TestWeekOfMetrics simulates a week of the built-in building, folds its events
// into all metrics that a scheduler has, and scrapes them every six hours: after the
// first day no series is new, and the memory has stopped growing.
func TestWeekOfMetrics(t *testing.T) {
	const day, week = 24 * time.Hour, 7 * 24 * time.Hour
	density := "two-way:5%"
	if raceEnabled {
		density = "two-way:1%" // the detector makes the fold ten times slower
	}
	b := building.Builtin()
	hub := newHub(t, b)
	hub.statistics.most, hub.ring = 1<<9, newRing(1<<12, 1<<20) // full on the first day
	scheduler := newMeteredScheduler(hub)
	server := NewServer(Config{Hub: hub, Registry: scheduler.registry})
	t.Cleanup(server.endLife)

	var page bytes.Buffer
	settled, series, hours := 0, 0, 0 // series after the first day, and now
	var firstHeap, lastHeap uint64
	hour := func() {
		scheduler.hour(hours)
		hours++
		if hours%6 != 0 {
			return
		}
		page.Reset()
		scrape(t, server, &page)
		series = countSeries(t, scheduler.registry)
		if hours == 24 {
			settled = series
		}
		if hours > 24 && series != settled {
			t.Fatalf("%d series after %d hours, %d after a day", series, hours, settled)
		}
		if hours%24 == 0 {
			lastHeap = heap()
		}
		if hours == 24 {
			firstHeap = lastHeap
		}
	}
	seq := uint64(1)
	carried := simulate(t, b, density, week, func(e *elevator.Event) {
		for e.T >= time.Duration(hours+1)*time.Hour && e.T < week {
			hour()
		}
		seq++
		copied := *e
		copied.Seq = seq
		if err := hub.Publish([]elevator.Event{copied}); err != nil {
			t.Fatal(err)
		}
	})
	t.Logf("%d passengers in %d hours: %d series in %d bytes, heap %d KiB after a day and %d KiB in the end",
		carried, hours, series, page.Len(), firstHeap>>10, lastHeap>>10)
	if hours < int(week/time.Hour)-1 || lastHeap == 0 || carried < 5_000 {
		t.Errorf("%d hours and %d passengers are no week", hours, carried)
	}
	if most := firstHeap + firstHeap/10 + 1<<20; lastHeap > most {
		t.Errorf("the heap has grown from %d to %d KiB in %v", firstHeap>>10, lastHeap>>10, week-day)
	}
}

// simulate runs the building for so long and returns how many passengers came.
func simulate(t testing.TB, b *elevator.Building, density string, duration time.Duration, onEvent func(*elevator.Event)) int {
	t.Helper()
	spec, err := traffic.ParseSpec(density)
	if err != nil {
		t.Fatal(err)
	}
	source, err := traffic.New(b, spec, 1, duration)
	if err != nil {
		t.Fatal(err)
	}
	var passengers []elevator.Passenger
	for {
		p, more, err := source.Next()
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			break
		}
		passengers = append(passengers, p)
	}
	eta, _ := dispatch.ByName("eta")
	if _, err := sim.Run(sim.Config{Building: b, Passengers: passengers, Dispatcher: eta, OnEvent: onEvent}); err != nil {
		t.Fatal(err)
	}
	return len(passengers)
}

// meteredScheduler has the metrics that a scheduler has beside the building's.
type meteredScheduler struct {
	registry *prometheus.Registry
	cluster  *metrics.Cluster
	dispatch *metrics.Dispatch
	journal  *metrics.Journal
}

func newMeteredScheduler(hub *Hub) *meteredScheduler {
	registry := metrics.NewRegistry("test")
	s := &meteredScheduler{
		registry: registry,
		cluster:  metrics.NewCluster(registry, func() gotask.Status { return gotask.Status{Connected: true, MasterVersion: "1.12.0"} }),
		dispatch: metrics.NewDispatch(registry, []string{"eta", "lookahead"}),
		journal:  metrics.NewJournal(registry),
	}
	s.journal.Count(func() journal.Counts { return journal.Counts{Events: hub.Group().Seq} })
	metrics.RegisterLinks(registry, func() gotask.LinkStats { return gotask.LinkStats{Sent: hub.Group().Seq} })
	metrics.RegisterClock(registry, func() metrics.ClockState { return metrics.ClockState{} })
	return s
}

// hour is what happens with Mesos in the n-th hour: heartbeats, messages, and
// once in six hours a task that is lost and comes back.
func (s *meteredScheduler) hour(n int) {
	for i := range 240 {
		took := time.Duration(1+i%50) * time.Millisecond
		s.cluster.MesosEvent("HEARTBEAT")
		s.cluster.MesosEvent("MESSAGE")
		s.cluster.MesosCall("MESSAGE", took, nil)
		s.dispatch.Decided("eta", took/100)
		s.journal.Synced(took)
	}
	if n%6 != 0 {
		return
	}
	s.cluster.MesosEvent("UPDATE")
	s.cluster.TaskEnded(gotask.TaskLost, "REASON_AGENT_REMOVED", true)
	s.cluster.MesosEvent("OFFERS")
	s.cluster.MesosCall("ACCEPT", time.Millisecond, nil)
	s.cluster.Offers(1, 1)
	s.cluster.Launched(1)
}

// countSeries counts what Prometheus would store of the classic format.
func countSeries(t *testing.T, registry *prometheus.Registry) int {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, f := range families {
		for _, m := range f.GetMetric() {
			switch {
			case m.GetHistogram() != nil:
				n += len(m.GetHistogram().GetBucket()) + 3 // +Inf, sum, count
			case m.GetSummary() != nil:
				n += len(m.GetSummary().GetQuantile()) + 2
			default:
				n++
			}
		}
	}
	return n
}

// heap returns the bytes that live.
func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
