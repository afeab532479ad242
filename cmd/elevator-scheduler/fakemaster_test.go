package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// fakeMaster accepts a subscription, and the call that ends it: enough to be a
// master that is slow or old.
type fakeMaster struct {
	version  string
	pause    time.Duration // between accepting a subscription and saying SUBSCRIBED
	address  string        // host:port
	tornDown atomic.Bool
	answered chan struct{} // closed with tornDown
}

// startFakeMaster serves a master until the test ends.
func startFakeMaster(t *testing.T, version string, pause time.Duration) *fakeMaster {
	t.Helper()
	m := &fakeMaster{version: version, pause: pause, answered: make(chan struct{})}
	server := httptest.NewServer(m)
	t.Cleanup(server.Close)
	m.address = strings.TrimPrefix(server.URL, "http://")
	return m
}

// ServeHTTP implements http.Handler.
func (m *fakeMaster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var call scheduler.Call
	if err != nil || call.Unmarshal(body) != nil {
		http.Error(w, "no call", http.StatusBadRequest)
		return
	}
	switch call.Type {
	case scheduler.Call_SUBSCRIBE:
		m.subscribe(w, r)
	case scheduler.Call_TEARDOWN:
		m.tornDown.Store(true)
		w.WriteHeader(http.StatusAccepted)
		close(m.answered)
	}
}

func (m *fakeMaster) subscribe(w http.ResponseWriter, r *http.Request) {
	event, err := (&scheduler.Event{Type: scheduler.Event_SUBSCRIBED, Subscribed: &scheduler.Event_Subscribed{
		FrameworkID: &mesosv1.FrameworkID{Value: "f-1"},
		MasterInfo:  &mesosv1.MasterInfo{ID: "m-1", Port: new(uint32), Version: &m.version},
	}}).Marshal()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
	w.Header().Set("Mesos-Stream-Id", "s-1")
	w.WriteHeader(http.StatusOK)
	_ = http.NewResponseController(w).Flush()
	select {
	case <-time.After(m.pause):
	case <-r.Context().Done():
		return
	}
	fmt.Fprintf(w, "%d\n%s", len(event), event)
	_ = http.NewResponseController(w).Flush()
	select {
	case <-m.answered:
	case <-r.Context().Done():
	}
}
