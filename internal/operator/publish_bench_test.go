package operator

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/alarm"
	"elevator/internal/elevator/motion"
)

// BenchmarkPublish publishes 8 events every millisecond, as a large building at
// a hundred times its speed does, to nobody and to 200 readers over TCP. Its
// time is that of Publish alone, in the median, since that is what the
// scheduler function waits for; ratio is how many times longer it takes with
// the readers.
func BenchmarkPublish(b *testing.B) {
	alone := medianPublish(b, 0, max(b.N, 500))
	together := medianPublish(b, 200, max(b.N, 500))
	b.ReportMetric(float64(alone.Nanoseconds()), "ns/publish-alone")
	b.ReportMetric(float64(together.Nanoseconds()), "ns/publish-200-readers")
	b.ReportMetric(float64(together)/float64(alone), "ratio")
	b.ReportMetric(0, "ns/op")
}

func medianPublish(b *testing.B, readers, rounds int) time.Duration {
	b.Helper()
	hub := newHub(b, tower(b))
	server := NewServer(Config{Hub: hub})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server.Serve(l)
	var reading sync.WaitGroup
	last := make([]int, readers)
	transport := new(http.Transport)
	for i := range readers {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, fmt.Sprintf("http://%s%s", l.Addr(), eventsPath), nil)
		if err != nil {
			b.Fatal(err)
		}
		resp, err := transport.RoundTrip(req)
		if err != nil {
			b.Fatal(err)
		}
		reading.Go(func() {
			defer resp.Body.Close()
			n, _ := io.Copy(io.Discard, resp.Body)
			last[i] = int(n)
		})
	}
	pace := time.NewTicker(time.Millisecond)
	defer pace.Stop()
	took := make([]time.Duration, rounds)
	events := make([]elevator.Event, 8)
	seq := uint64(1)
	for round := range rounds {
		for i := range events {
			seq++
			events[i] = tick(time.Duration(round) * time.Millisecond)
			events[i].Seq = seq
		}
		<-pace.C
		began := time.Now()
		if err := hub.Publish(events); err != nil {
			b.Fatal(err)
		}
		took[round] = time.Since(began)
	}
	if err := server.Close(context.Background()); err != nil {
		b.Error(err)
	}
	reading.Wait()
	for i, n := range last {
		if n < 8*rounds*len(`{"t":0,"seq":1,"event":"doors_closed"`) {
			b.Errorf("reader %d read only %d bytes", i, n)
		}
	}
	slices.Sort(took)
	return took[rounds/2]
}

// BenchmarkAlarmFold folds an hour of a busy tower: into the group alone, with its
// alarms, and with all that Publish does. alarms-ratio is how many times longer the
// group takes with its alarms, publish-share how much of Publish the alarms are.
// While alarms last every event is looked at anew: the second half of each name.
func BenchmarkAlarmFold(b *testing.B) {
	tall := tower(b)
	law := motion.NewLaw(tall)
	var events []elevator.Event
	simulate(b, tall, "two-way:12%", time.Hour, func(e *elevator.Event) {
		copied := *e
		copied.Seq = uint64(len(events)) + 2
		events = append(events, copied)
	})
	fault := elevator.NewEvent(0, elevator.FaultRaised)
	fault.Car, fault.Fault, fault.Seq = 0, elevator.FaultOverload, 1
	for _, of := range []struct {
		name  string
		alarm bool
	}{{"none-lasts", false}, {"one-lasts", true}} {
		b.Run(of.name, func(b *testing.B) {
			var alone, watched, published time.Duration
			for b.Loop() {
				g, w, h := elevator.NewGroup(tall), elevator.NewGroup(tall), newHub(b, tall)
				watch := alarm.NewWatch(law)
				if of.alarm {
					_, _, _ = g.Apply(&fault), watch.Apply(w, &fault), h.Publish([]elevator.Event{fault})
				}
				alone += timed(func(e *elevator.Event) { _ = g.Apply(e) }, events)
				watched += timed(func(e *elevator.Event) { _ = watch.Apply(w, e) }, events)
				began := time.Now()
				for first := 0; first < len(events); first += 8 {
					_ = h.Publish(events[first:min(first+8, len(events))])
				}
				published += time.Since(began)
			}
			n := float64(b.N * len(events))
			b.ReportMetric(float64(alone.Nanoseconds())/n, "ns/event-group")
			b.ReportMetric(float64(watched.Nanoseconds())/n, "ns/event-with-alarms")
			b.ReportMetric(float64(published.Nanoseconds())/n, "ns/event-published")
			b.ReportMetric(float64(watched)/float64(alone), "alarms-ratio")
			b.ReportMetric(float64(watched-alone)/float64(published), "publish-share")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func timed(apply func(*elevator.Event), events []elevator.Event) time.Duration {
	began := time.Now()
	for i := range events {
		apply(&events[i])
	}
	return time.Since(began)
}
