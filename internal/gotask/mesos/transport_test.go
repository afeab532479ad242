package mesos

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// serveTCP serves over a real socket.
func serveTCP(t testing.TB, handler http.Handler) *httptest.Server {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

func TestNoProxyIsUsed(t *testing.T) {
	proxy := serveTCP(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the proxy was asked") }))
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"} {
		t.Setenv(name, proxy.URL)
	}
	master := serveTCP(t, &fakeMaster{})
	// The name is not one of those that are never proxied; the dialler resolves it.
	d := drive(t, nil, SchedulerConfig{Masters: "master.test:5050", Dial: dialAlways(master.Listener.Addr().String())})
	d.expect(t, "connected stream-1 http://master.test:5050/api/v1/scheduler", subscribed1)
	if err := d.Call(t.Context(), messageCall("x")); err != nil {
		t.Error(err)
	}
	d.stop()
	<-d.ended
}

func TestTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(&fakeMaster{})
	server.Config.ErrorLog = log.New(t.Output(), "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	authorities := x509.NewCertPool()
	authorities.AddCert(server.Certificate())
	address := server.Listener.Addr().String()

	d := drive(t, nil, SchedulerConfig{Masters: address, TLS: &tls.Config{RootCAs: authorities}})
	d.expect(t, "connected stream-1 https://"+address+"/api/v1/scheduler", subscribed1)
	if err := d.Call(t.Context(), messageCall("x")); err != nil {
		t.Error(err)
	}
	d.stop()
	<-d.ended

	ctx, cancel := context.WithCancel(t.Context())
	var reason atomic.Value
	stranger := testScheduler(t, nil, SchedulerConfig{
		Masters: address, TLS: &tls.Config{RootCAs: x509.NewCertPool()},
		ConnectTimeout: 1, Observer: Observer{},
	})
	err := stranger.Run(ctx, func(SchedulerEvent) { reason.Store("an unverified master was accepted") })
	cancel()
	wantError(t, err, ErrNoMaster)
	if text := reason.Load(); text != nil {
		t.Error(text)
	}
}

func TestHugeEvent(t *testing.T) {
	master := &fakeMaster{}
	server := serveTCP(t, master)
	d := drive(t, nil, SchedulerConfig{Masters: server.URL})
	d.expect(t, "connected stream-1 "+server.URL+"/api/v1/scheduler", subscribed1)
	data := bytes.Repeat([]byte("0123456789abcdef"), 4<<20)
	event := messageEvent("")
	event.Message.Data = data
	master.current().write <- record(event)
	for {
		got := <-d.events
		if got.Event != nil && got.Event.Type == scheduler.Event_MESSAGE {
			if !bytes.Equal(got.Event.Message.Data, data) {
				t.Errorf("%d bytes arrived, of %d", len(got.Event.Message.Data), len(data))
			}
			break
		}
	}
	d.stop()
	<-d.ended
}

func TestChunkBoundariesMeanNothing(t *testing.T) {
	master := &fakeMaster{}
	server := serveTCP(t, master)
	d := drive(t, nil, SchedulerConfig{Masters: server.URL})
	d.expect(t, "connected stream-1 "+server.URL+"/api/v1/scheduler", subscribed1)
	var many []byte
	for i := range 50 {
		many = append(many, record(messageEvent(strconv.Itoa(i)))...)
	}
	for _, b := range many { // one byte a chunk
		master.current().write <- []byte{b}
	}
	master.current().write <- many // many records a chunk
	for range 2 {
		for i := range 50 {
			d.expect(t, "MESSAGE "+strconv.Itoa(i))
		}
	}
	d.stop()
	<-d.ended
}

func TestCallsSurviveAnIdleConnectionClosedByTheMaster(t *testing.T) {
	master := &fakeMaster{called: func(w http.ResponseWriter, _ *http.Request, _ *scheduler.Call) bool {
		w.Header().Set("Connection", "close")
		return false
	}}
	server := serveTCP(t, master)
	d := drive(t, nil, SchedulerConfig{Masters: server.URL})
	d.expect(t, "connected stream-1 "+server.URL+"/api/v1/scheduler", subscribed1)
	for i := range 20 {
		if err := d.Call(t.Context(), messageCall(strconv.Itoa(i))); err != nil {
			t.Fatal(err)
		}
	}
	d.stop()
	<-d.ended
}

func BenchmarkCall(b *testing.B) {
	for _, size := range []int{64, 4096} {
		b.Run(fmt.Sprintf("call/%d", size), func(b *testing.B) {
			s := benchmarkScheduler(b)
			call := messageCall(strings.Repeat("x", size))
			b.ReportAllocs()
			for b.Loop() {
				if err := s.Call(b.Context(), call); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
		})
		b.Run(fmt.Sprintf("enqueue/%d", size), func(b *testing.B) {
			s := benchmarkScheduler(b)
			call := messageCall(strings.Repeat("x", size))
			b.ReportAllocs()
			done := make(chan error, 1000)
			window := make(chan struct{}, 1000)
			for b.Loop() {
				window <- struct{}{}
				if err := s.Enqueue(call, func(err error) { done <- err; <-window }); err != nil {
					b.Fatal(err)
				}
				select {
				case err := <-done:
					if err != nil {
						b.Fatal(err)
					}
				default:
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
		})
	}
}

// benchmarkScheduler is subscribed to a server that does as little as possible.
func benchmarkScheduler(b *testing.B) *Scheduler {
	master := &fakeMaster{}
	server := serveTCP(b, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(streamIDHeader) == "" {
			master.ServeHTTP(w, r)
			return
		}
		io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusAccepted)
	}))
	s := testScheduler(b, nil, SchedulerConfig{Masters: server.URL})
	ctx, cancel := context.WithCancel(b.Context())
	ready, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		s.Run(ctx, func(event SchedulerEvent) {
			if event.Event != nil && event.Event.Type == scheduler.Event_SUBSCRIBED {
				close(ready)
			}
		})
	}()
	b.Cleanup(func() {
		cancel()
		<-ended
	})
	<-ready
	return s
}
