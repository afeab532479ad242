package main

import (
	"bytes"
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

// TestTeardownWaitsForSubscription has a master that accepts a subscription
// some time before it says SUBSCRIBED, as a real one does: calls are good from
// then on.
func TestTeardownWaitsForSubscription(t *testing.T) {
	subscribed, err := (&scheduler.Event{
		Type: scheduler.Event_SUBSCRIBED, Subscribed: &scheduler.Event_Subscribed{FrameworkID: &mesosv1.FrameworkID{Value: "f-1"}},
	}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	var tornDown atomic.Bool
	answered := make(chan struct{})
	master := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var call scheduler.Call
		if err != nil || call.Unmarshal(body) != nil {
			http.Error(w, "no call", http.StatusBadRequest)
			return
		}
		switch call.Type {
		case scheduler.Call_SUBSCRIBE:
			w.Header().Set("Content-Type", "application/x-protobuf")
			w.Header().Set("Mesos-Stream-Id", "s-1")
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush()
			select { // long enough for a client that does not wait
			case <-time.After(50 * time.Millisecond):
			case <-r.Context().Done():
				return
			}
			fmt.Fprintf(w, "%d\n%s", len(subscribed), subscribed)
			_ = http.NewResponseController(w).Flush()
			select {
			case <-answered:
			case <-r.Context().Done():
			}
		case scheduler.Call_TEARDOWN:
			tornDown.Store(true)
			w.WriteHeader(http.StatusAccepted)
			close(answered)
		}
	}))
	defer master.Close()

	var out, complaints bytes.Buffer
	code := perform(t.Context(), []string{"teardown", "--master", strings.TrimPrefix(master.URL, "http://"), "--framework-id", "f-1"},
		streams{out: &out, err: &complaints})
	if code != 0 || !tornDown.Load() || out.String() != "framework f-1 is torn down\n" {
		t.Errorf("code %d, torn down %v, said %q, %q", code, tornDown.Load(), out.String(), complaints.String())
	}
}
