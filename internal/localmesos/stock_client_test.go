package localmesos

import (
	"context"
	"net/http"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/encoding/codecs"
	"github.com/mesos/mesos-go/api/v1/lib/httpcli"
	"github.com/mesos/mesos-go/api/v1/lib/httpcli/httpsched"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler/calls"
)

// TestStockClient runs a framework with mesos-go's own client: one task, a
// message there and back, a kill, the end.
func TestStockClient(t *testing.T) {
	for name, codec := range map[string]string{"protobuf": mediaProtobuf, "JSON": mediaJSON} {
		t.Run(name, func(t *testing.T) {
			parallel(t)
			if name == "JSON" { // the codec knows no QUOTA_V2, which masters of today tell
				runStockClient(t, localOnly(t, Config{Agents: 1}).MasterAddr(), codec)
				return
			}
			master, _ := endpoint(t, Config{Agents: 1})
			runStockClient(t, master, codec)
		})
	}
}

func runStockClient(t *testing.T, master, codec string) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	media := codecs.MediaTypeProtobuf
	if codec == mediaJSON {
		media = codecs.MediaTypeJSON
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections() // the named master would keep them open
	caller := httpsched.NewCaller(httpcli.New(
		httpcli.Endpoint("http://"+master+"/api/v1/scheduler"),
		httpcli.Codec(codecs.ByMediaType[media]),
		httpcli.Do(httpcli.With(httpcli.RoundTripper(transport))),
	), httpsched.EndpointCandidates(func() string { return "" })) // else a refused call ends the stream
	stream, err := caller.Call(ctx, calls.Subscribe(&mesos.FrameworkInfo{User: "root", Name: t.Name(), Checkpoint: new(true)}))
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	var framework string
	send := func(call *scheduler.Call) {
		t.Helper()
		call.FrameworkID = &mesos.FrameworkID{Value: framework}
		if err := calls.CallNoData(ctx, caller, call); err != nil {
			t.Fatalf("%v: %v", call.Type, err)
		}
	}
	var told []string
	var agent string
	for launched, done := false, false; !done; {
		var event scheduler.Event
		if err := stream.Decode(&event); err != nil {
			t.Fatalf("after %v: %v", told, err)
		}
		switch event.Type {
		case scheduler.Event_SUBSCRIBED:
			framework = event.Subscribed.FrameworkID.Value
		case scheduler.Event_OFFERS:
			o := event.Offers.Offers[0]
			if launched {
				send(calls.Decline(o.ID))
				continue
			}
			launched, agent = true, o.AgentID.Value
			task := testTask("t1", "run", testExecutorInfo("ex1"))
			task.AgentID = o.AgentID
			send(calls.Accept(calls.OfferOperations{calls.OpLaunch(task)}.WithOffers(o.ID)).With(calls.RefuseSeconds(time.Hour)))
		case scheduler.Event_UPDATE:
			status := event.Update.Status
			told = append(told, status.GetState().String())
			send(calls.Acknowledge(agent, "t1", status.UUID))
			if status.GetState() == mesos.TASK_RUNNING {
				send(calls.Message(agent, "ex1", []byte("Ehello")))
			}
			done = status.GetState() == mesos.TASK_KILLED
		case scheduler.Event_MESSAGE:
			told = append(told, string(event.Message.Data))
			send(calls.Kill("t1", agent))
		}
	}
	if len(told) != 3 || told[0] != "TASK_RUNNING" || told[1] != "Ehello" || told[2] != "TASK_KILLED" {
		t.Errorf("told %v", told)
	}
	send(&scheduler.Call{Type: scheduler.Call_TEARDOWN})
}
