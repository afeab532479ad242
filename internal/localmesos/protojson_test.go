package localmesos

import (
	"testing"

	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

func TestJSONOfMesos(t *testing.T) {
	// As a master writes it: order of the .proto file, defaults shown, 4.0.
	const text = `{"framework_id":{"value":"f"},"type":"ACCEPT","accept":{"offer_ids":[{"value":"o"}],"operations":[{"type":"LAUNCH","launch":{"task_infos":[{"name":"t","task_id":{"value":"t\n\"é"},"agent_id":{"value":"a"},"resources":[{"name":"cpus","type":"SCALAR","scalar":{"value":4.0}}],"command":{"environment":{"variables":[{"name":"A","type":"VALUE","value":"b"}]},"shell":true,"value":"x"},"data":"AP8="}]}}],"filters":{"refuse_seconds":5.0}}}`
	call := &scheduler.Call{}
	if err := unmarshalJSON([]byte(text), call); err != nil {
		t.Fatal(err)
	}
	if got := string(marshalJSON(call)); got != text {
		t.Errorf("got  %s\nwant %s", got, text)
	}
	wire, err := call.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	again := &scheduler.Call{}
	if err := again.Unmarshal(wire); err != nil || !again.Equal(call) {
		t.Errorf("over protobuf: %v, %v", again, err)
	}
}

func FuzzUnmarshalJSON(f *testing.F) {
	f.Add([]byte(subscribeJSON))
	f.Add([]byte(`{"type":"LATER","framework_id":{"value":"x"},"unknown":[{}]}`))
	f.Add([]byte(`{"type":"UPDATE_FRAMEWORK","update_framework":{"framework_info":{"user":"u","name":"n","offer_filters":{"r":{"min_allocatable_resources":{}}}}}}`))
	f.Add([]byte(`{"type":"MESSAGE","message":{"data":"_"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		call := &scheduler.Call{}
		if unmarshalJSON(data, call) != nil {
			return
		}
		again := &scheduler.Call{}
		if err := unmarshalJSON(marshalJSON(call), again); err != nil {
			t.Fatalf("%s: written as %s: %v", data, marshalJSON(call), err)
		}
		if first, second := string(marshalJSON(call)), string(marshalJSON(again)); first != second {
			t.Fatalf("%s became %s", first, second)
		}
	})
}
