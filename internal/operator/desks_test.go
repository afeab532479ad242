package operator

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"elevator/internal/elevator"
)

// Two hundred desks do not slow down the scheduler function, which waits for
// Publish alone: blocks with and without them alternate in one run, and the
// slowest hundredth of a block with them takes at most a quarter longer, or a
// millisecond, than that of its neighbour. What a desk costs in memory is
// bounded, and one that reads nothing is cut off.
//
// What else the machine does disturbs a block, never helps it. So pairs of blocks
// are tried until one keeps to this; a soak wants half of its pairs to.
func TestTwoHundredDesks(t *testing.T) {
	const desks, deaf = 180, 20
	pairs, enough := 12, 1
	switch {
	case raceEnabled:
		pairs, enough = 1, 0 // the detector takes the processor time that is measured
	case os.Getenv("ELEVATOR_SOAK") != "":
		pairs, enough = 20, 10
	}
	hub := newHub(t, tower(t))
	server := NewServer(Config{Hub: hub})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server.Serve(narrow{l})
	address := l.Addr().String()

	leaveDeaf := openDesks(t, address, deaf, func(io.Reader) {})
	// More than the connections hold: who reads nothing is stuck, and cut off
	// after its patience.
	publish(t, hub, ticks(20_000, 0)...)
	good := 0
	for pair := 0; pair < pairs && (good < enough || pair == 0); pair++ {
		alone := slowestPublish(t, hub)
		empty := heapInUse()
		var read atomic.Int64
		leave := openDesks(t, address, desks, func(body io.Reader) {
			if n, _ := io.Copy(io.Discard, body); n > 0 {
				read.Add(1)
			}
		})
		together := slowestPublish(t, hub)
		each := (heapInUse() - empty) / desks
		leave()
		if together <= max(alone*5/4, alone+time.Millisecond) {
			good++
		}
		t.Logf("pair %d: 99 of 100 publishes within %v alone, %v (%.2f x) with %d desks; %d KiB a desk",
			pair, alone, together, float64(together)/float64(alone), desks, each>>10)
		if each > 256<<10 {
			t.Errorf("a desk costs %d bytes of heap", each)
		}
		if n := read.Load(); n != desks {
			t.Errorf("%d of %d desks have read", n, desks)
		}
	}
	if good < enough {
		t.Errorf("%d of %d pairs of blocks are within the bound, want %d", good, pairs, enough)
	}
	for until := time.Now().Add(3 * streamPatience); testutil.ToFloat64(server.metrics.cutOff) < deaf && time.Now().Before(until); {
		<-time.After(streamPause)
	}
	if got := testutil.ToFloat64(server.metrics.cutOff); got != deaf {
		t.Errorf("%v desks were cut off, want the %d that read nothing", got, deaf)
	}
	leaveDeaf()
	if err := server.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

// slowestPublish publishes what a busy tower tells in two seconds at ten times
// its speed, and returns within which time 99 of 100 publishes are done.
func slowestPublish(t *testing.T, hub *Hub) time.Duration {
	t.Helper()
	pace := time.NewTicker(10 * time.Millisecond)
	defer pace.Stop()
	took := make([]time.Duration, 200)
	events := make([]elevator.Event, 4)
	for round := range took {
		for i := range events {
			events[i] = tick(0)
		}
		<-pace.C
		began := time.Now()
		publish(t, hub, events...)
		took[round] = time.Since(began)
	}
	slices.Sort(took)
	return took[len(took)*99/100]
}

// openDesks connects readers of the event stream, each handed to read in a
// goroutine of its own, and returns what has them leave and waits for them.
func openDesks(t *testing.T, address string, n int, read func(io.Reader)) (leave func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		if err == nil {
			err = conn.(*net.TCPConn).SetReadBuffer(narrowBytes)
		}
		return conn, err
	}}
	var reading sync.WaitGroup
	for range n {
		// The transport asks for compressed answers, as a desk does.
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+eventsPath, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := transport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		reading.Go(func() {
			defer resp.Body.Close()
			read(resp.Body)
			<-ctx.Done()
		})
	}
	return func() {
		cancel()
		reading.Wait()
		transport.CloseIdleConnections()
	}
}

// narrow gives connections little room, so that who does not read is noticed.
type narrow struct{ net.Listener }

const narrowBytes = 16 << 10

func (l narrow) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		err = conn.(*net.TCPConn).SetWriteBuffer(narrowBytes)
	}
	return conn, err
}

func heapInUse() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
