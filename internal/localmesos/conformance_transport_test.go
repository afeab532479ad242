package localmesos

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"elevator/internal/localmesos/clustertest"
)

// The conformance suite: one test for each line of what a Mesos master and
// agent do that a framework can rely on, numbered. With ELEVATOR_TEST_MASTER
// set to the host:port of a real master on this machine it certifies that one,
// and so this package by comparison.

// parallel runs a test beside others, unless they share a real master.
func parallel(t *testing.T) {
	t.Helper()
	if clustertest.Named() == "" {
		t.Parallel()
	}
}

const subscribeJSON = `{"type":"SUBSCRIBE","subscribe":{"framework_info":{"user":"root","name":"x"}}}`

// raw sends a request with exactly these headers.
func raw(t *testing.T, method, url, body string, headers ...string) answer {
	t.Helper()
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		request.Header[name] = []string{value}
	}
	client := &http.Client{
		Transport: &http.Transport{}, Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(text)}
}

func wantAnswer(t *testing.T, got answer, code int, text string) {
	t.Helper()
	if got.code != code || got.body != text {
		t.Errorf("answer %d %q, want %d %q", got.code, got.body, code, text)
	}
}

func TestConformance01SchedulerAnswers(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{})
	f := newTestFramework(t, master).subscribe()
	const jsonType, accept = "Content-Type: application/json", "Accept: application/json"
	stream := "Mesos-Stream-Id: " + f.streamID
	own := func(kind, rest string) string {
		return fmt.Sprintf(`{"type":%q,"framework_id":{"value":%q}%s}`, kind, f.id, rest)
	}
	const invalid = "Failed to validate scheduler::Call: "
	const convert = "Failed to convert JSON into Call protobuf: "
	for _, c := range []struct {
		name, method, body string
		headers            []string
		code               int
		text               string
	}{
		{"GET", "GET", "", nil, 405, "405 Method Not Allowed. Expecting one of { 'POST' }, but received 'GET'."},
		{"PUT", "PUT", "x", nil, 405, "405 Method Not Allowed. Expecting one of { 'POST' }, but received 'PUT'."},
		{"no content type", "POST", subscribeJSON, []string{accept}, 400, "Expecting 'Content-Type' to be present"},
		{
			"content type with charset", "POST", subscribeJSON,
			[]string{"Content-Type: application/json; charset=utf-8"},
			415,
			"Expecting 'Content-Type' of application/json or application/x-protobuf",
		},
		{
			"recordio", "POST", subscribeJSON,
			[]string{"Content-Type: application/recordio"},
			415,
			"Expecting 'Content-Type' of application/json or application/x-protobuf",
		},
		{"not JSON", "POST", `{"type": "SUBSCRIBE", `, []string{jsonType}, 400, "Failed to parse body into JSON: syntax error at line 1 near: "},
		{"empty", "POST", "", []string{jsonType}, 400, "Failed to parse body into JSON: syntax error at line 1 near: "},
		{"not an object", "POST", "[1]", []string{jsonType}, 400, convert + "Expecting a JSON object"},
		{"not protobuf", "POST", subscribeJSON, []string{"Content-Type: application/x-protobuf"}, 400, "Failed to parse body into Call protobuf"},
		{"no type", "POST", "{}", []string{jsonType}, 400, invalid + "Expecting 'type' to be present"},
		{"unknown type", "POST", `{"type":"FROBNICATE","framework_id":{"value":"x"}}`, []string{jsonType}, 400, invalid + "Expecting 'type' to be present"},
		{"type a number", "POST", `{"type":1}`, []string{jsonType}, 400, convert + "Not expecting a JSON number for field 'type'"},
		{"type UNKNOWN", "POST", `{"type":"UNKNOWN"}`, []string{jsonType}, 400, invalid + "Expecting 'framework_id' to be present"},
		{"no framework info", "POST", `{"type":"SUBSCRIBE","subscribe":{}}`, []string{jsonType}, 400, convert + "Missing required fields: subscribe.framework_info"},
		{
			"no user", "POST", `{"type":"SUBSCRIBE","subscribe":{"framework_info":{"name":"x"}}}`,
			[]string{jsonType},
			400,
			convert + "Missing required fields: subscribe.framework_info.user",
		},
		{
			"user a number", "POST", `{"type":"SUBSCRIBE","subscribe":{"framework_info":{"user":1,"name":"x"}}}`,
			[]string{jsonType},
			400,
			convert + "Not expecting a JSON number for field 'user'",
		},
		{"id a string", "POST", `{"type":"TEARDOWN","framework_id":"x"}`, []string{jsonType}, 400, convert + "Not expecting a JSON string for field 'framework_id'"},
		{
			"ids differ", "POST", `{"type":"SUBSCRIBE","framework_id":{"value":"a"},"subscribe":{"framework_info":{"user":"u","name":"x","id":{"value":"b"}}}}`,
			[]string{jsonType},
			400, invalid + "'framework_id' differs from 'subscribe.framework_info.id'",
		},
		{
			"accept html", "POST", subscribeJSON,
			[]string{jsonType, "Accept: text/html"},
			406,
			"Expecting 'Accept' to allow 'application/x-protobuf' or 'application/json'",
		},
		{
			"subscribe with stream id", "POST", subscribeJSON,
			[]string{jsonType, accept, "Mesos-Stream-Id: x"},
			400,
			"Subscribe calls should not include the 'Mesos-Stream-Id' header",
		},
		{"no framework id", "POST", `{"type":"REVIVE"}`, []string{jsonType}, 400, invalid + "Expecting 'framework_id' to be present"},
		{"unknown framework", "POST", `{"type":"REVIVE","framework_id":{"value":"nope"}}`, []string{jsonType}, 400, "Framework cannot be found"},
		{"no stream id", "POST", own("REVIVE", ""), []string{jsonType}, 400, "All non-subscribe calls should include the 'Mesos-Stream-Id' header"},
		{
			"other stream id", "POST", own("REVIVE", ""),
			[]string{jsonType, "Mesos-Stream-Id: abc"},
			400,
			"The stream ID 'abc' included in this request didn't match the stream ID currently associated with framework ID " + f.id,
		},
		{"no accept", "POST", own("ACCEPT", ""), []string{jsonType, stream}, 400, invalid + "Expecting 'accept' to be present"},
		{"no decline", "POST", own("DECLINE", ""), []string{jsonType, stream}, 400, invalid + "Expecting 'decline' to be present"},
		{"no kill", "POST", own("KILL", ""), []string{jsonType, stream}, 400, invalid + "Expecting 'kill' to be present"},
		{"no task id", "POST", own("KILL", `,"kill":{}`), []string{jsonType, stream}, 400, convert + "Missing required fields: kill.task_id"},
		{"no shutdown", "POST", own("SHUTDOWN", ""), []string{jsonType, stream}, 400, invalid + "Expecting 'shutdown' to be present"},
		{"no acknowledge", "POST", own("ACKNOWLEDGE", ""), []string{jsonType, stream}, 400, invalid + "Expecting 'acknowledge' to be present"},
		{
			"short uuid", "POST", own("ACKNOWLEDGE", `,"acknowledge":{"agent_id":{"value":"a"},"task_id":{"value":"t"},"uuid":"YWJj"}`),
			[]string{jsonType, stream},
			400, invalid + "Not a valid UUID",
		},
		{
			"uuid without version", "POST", own("ACKNOWLEDGE", `,"acknowledge":{"agent_id":{"value":"a"},"task_id":{"value":"t"},"uuid":"AAAAAAAAAAAAAAAAAAAAAA=="}`),
			[]string{jsonType, stream},
			400, invalid + "Not a valid UUID",
		},
		{
			"uuid not base64", "POST", own("ACKNOWLEDGE", `,"acknowledge":{"agent_id":{"value":"a"},"task_id":{"value":"t"},"uuid":"!"}`),
			[]string{jsonType, stream},
			400, convert + "Failed to base64 decode bytes field 'uuid': Invalid character '!'",
		},
		{"no reconcile", "POST", own("RECONCILE", ""), []string{jsonType, stream}, 400, invalid + "Expecting 'reconcile' to be present"},
		{"no message", "POST", own("MESSAGE", ""), []string{jsonType, stream}, 400, invalid + "Expecting 'message' to be present"},
		{
			"no data", "POST", own("MESSAGE", `,"message":{"agent_id":{"value":"a"},"executor_id":{"value":"e"}}`),
			[]string{jsonType, stream},
			400, convert + "Missing required fields: message.data",
		},
		{
			"url-safe base64", "POST", own("MESSAGE", `,"message":{"agent_id":{"value":"a"},"executor_id":{"value":"e"},"data":"_w=="}`),
			[]string{jsonType, stream},
			400, convert + "Failed to base64 decode bytes field 'data': Invalid character '_'",
		},
		{
			"unpadded base64", "POST", own("MESSAGE", `,"message":{"agent_id":{"value":"a"},"executor_id":{"value":"e"},"data":"/w\n"}`),
			[]string{jsonType, stream},
			202, "",
		},
		{"no request", "POST", own("REQUEST", ""), []string{jsonType, stream}, 400, invalid + "Expecting 'request' to be present"},
		{"no update", "POST", own("UPDATE_FRAMEWORK", ""), []string{jsonType, stream}, 400, invalid + "Expecting 'update_framework' to be present"},
		{
			"update of user", "POST", own("UPDATE_FRAMEWORK", fmt.Sprintf(`,"update_framework":{"framework_info":{"user":"other","name":"x","checkpoint":true,"id":{"value":%q}}}`, f.id)),
			[]string{jsonType, stream},
			400, "FrameworkInfo update is not valid: Updating 'FrameworkInfo.user' is unsupported; attempted to update from 'root' to 'other'",
		},
		{
			"update of checkpoint", "POST", own("UPDATE_FRAMEWORK", fmt.Sprintf(`,"update_framework":{"framework_info":{"user":"root","name":"x","checkpoint":false,"id":{"value":%q}}}`, f.id)),
			[]string{jsonType, stream},
			400, "FrameworkInfo update is not valid: Updating 'FrameworkInfo.checkpoint' is unsupported; attempted to update from 'true' to 'false'",
		},
		{
			"update", "POST", own("UPDATE_FRAMEWORK", fmt.Sprintf(`,"update_framework":{"framework_info":{"user":"root","name":"y","failover_timeout":60,"checkpoint":true,"id":{"value":%q}}}`, f.id)),
			[]string{jsonType, stream},
			200, "",
		},
		{"empty accept", "POST", own("ACCEPT", `,"accept":{}`), []string{jsonType, stream}, 202, ""},
		{"unknown field", "POST", own("REVIVE", `,"later":{"a":[1]}`), []string{jsonType, stream}, 202, ""},
	} {
		got := raw(t, c.method, "http://"+master+"/api/v1/scheduler", c.body, c.headers...)
		if got.code != c.code || got.body != c.text {
			t.Errorf("%s: %d %q, want %d %q", c.name, got.code, got.body, c.code, c.text)
		}
		if got.code >= 400 && got.header.Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Errorf("%s: content type %q", c.name, got.header.Get("Content-Type"))
		}
		if got.code == 405 && got.header.Get("Allow") != "POST" {
			t.Errorf("%s: Allow %q", c.name, got.header.Get("Allow"))
		}
	}
	f.disconnect()
	waitFor(t, "403", func() bool { return f.call(&scheduler.Call{Type: scheduler.Call_REVIVE}).code == 403 })
	wantAnswer(t, f.call(&scheduler.Call{Type: scheduler.Call_REVIVE}), 403, "Framework is not subscribed")
}

func TestConformance02ExecutorAnswers(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{Agents: 1})
	f := newTestFramework(t, master).subscribe()
	o := f.offer()
	f.launch(o, testTask("t1", "run", testExecutorInfo("ex1")), testTask("t2", "run", testExecutorInfo("late", "TEST_SUBSCRIBE_AFTER_MS=60000")))
	f.acked("t1", mesos.TASK_RUNNING)
	url := fmt.Sprintf("http://127.0.0.1:%d/api/v1/executor", o.URL.Address.Port)
	const jsonType = "Content-Type: application/json"
	const invalid = "Failed to validate Executor::Call: "
	of := func(framework, executor, kind, rest string) string {
		return fmt.Sprintf(`{"framework_id":{"value":%q},"executor_id":{"value":%q},"type":%q%s}`, framework, executor, kind, rest)
	}
	own := func(kind, rest string) string { return of(f.id, "ex1", kind, rest) }
	const id = `"uuid":"AAAAAAAAQACAAAAAAAAAAA=="`
	status := func(fields string) string {
		return own("UPDATE", `,"update":{"status":{"task_id":{"value":"t1"}`+fields+`}}`)
	}
	for _, c := range []struct {
		name, method, body string
		headers            []string
		code               int
		text               string
	}{
		{"GET", "GET", "", nil, 405, "405 Method Not Allowed. Expecting one of { 'POST' }, but received 'GET'."},
		{"no content type", "POST", "{}", nil, 400, "Expecting 'Content-Type' to be present"},
		{"no ids", "POST", "{}", []string{jsonType}, 400, "Failed to convert JSON into Call protobuf: Missing required fields: executor_id, framework_id"},
		{"no type", "POST", `{"executor_id":{"value":"x"},"framework_id":{"value":"x"}}`, []string{jsonType}, 400, invalid + "Expecting 'type' to be present"},
		{"no subscribe", "POST", own("SUBSCRIBE", ""), []string{jsonType}, 400, invalid + "Expecting 'subscribe' to be present"},
		{"no update", "POST", own("UPDATE", ""), []string{jsonType}, 400, invalid + "Expecting 'update' to be present"},
		{"no message", "POST", own("MESSAGE", ""), []string{jsonType}, 400, invalid + "Expecting 'message' to be present"},
		{
			"accept html", "POST", own("SUBSCRIBE", `,"subscribe":{}`),
			[]string{jsonType, "Accept: text/html"},
			406,
			"Expecting 'Accept' to allow 'application/x-protobuf' or 'application/json'",
		},
		{"no uuid", "POST", status(`,"state":"TASK_RUNNING","source":"SOURCE_EXECUTOR"`), []string{jsonType}, 400, invalid + "Expecting 'uuid' to be present"},
		{"short uuid", "POST", status(`,"state":"TASK_RUNNING","source":"SOURCE_EXECUTOR","uuid":"YWJj"`), []string{jsonType}, 400, invalid + "Not a valid UUID"},
		{
			"no source", "POST", status(`,"state":"TASK_RUNNING",` + id),
			[]string{jsonType},
			400,
			invalid + "Received Call from executor ex1 of framework " + f.id + " with invalid source, expecting 'SOURCE_EXECUTOR'",
		},
		{
			"staging", "POST", status(`,"state":"TASK_STAGING","source":"SOURCE_EXECUTOR",` + id),
			[]string{jsonType},
			400,
			invalid + "Received TASK_STAGING from executor ex1 of framework " + f.id + " which is not allowed",
		},
		{"unknown framework", "POST", of("nope", "ex1", "MESSAGE", `,"message":{"data":""}`), []string{jsonType}, 400, "Framework cannot be found"},
		{"unknown executor", "POST", of(f.id, "nope", "MESSAGE", `,"message":{"data":""}`), []string{jsonType}, 400, "Executor cannot be found"},
		{"not subscribed", "POST", of(f.id, "late", "MESSAGE", `,"message":{"data":""}`), []string{jsonType}, 403, "Executor is not subscribed"},
		{"heartbeat of nobody", "POST", of("nope", "nope", "HEARTBEAT", ""), []string{jsonType}, 202, ""},
		{"message", "POST", own("MESSAGE", `,"message":{"data":""}`), []string{jsonType}, 202, ""},
		{"update without timestamp and executor", "POST", status(`,"state":"TASK_RUNNING","source":"SOURCE_EXECUTOR",` + id), []string{jsonType}, 202, ""},
	} {
		got := raw(t, c.method, url, c.body, c.headers...)
		if got.code != c.code || got.body != c.text {
			t.Errorf("%s: %d %q, want %d %q", c.name, got.code, got.body, c.code, c.text)
		}
	}
}

func TestConformance03Aliases(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{Agents: 1})
	const text = "Failed to validate scheduler::Call: Expecting 'framework_id' to be present"
	for _, path := range []string{"/api/v1/scheduler", "/master/api/v1/scheduler", "/api/v1/scheduler/"} {
		wantAnswer(t, raw(t, "POST", "http://"+master+path, `{"type":"TEARDOWN"}`, "Content-Type: application/json"), 400, text)
	}
	f := newTestFramework(t, master).subscribe()
	o := f.offer()
	for _, path := range []string{"/api/v1/executor", "/slave(1)/api/v1/executor"} {
		url := fmt.Sprintf("http://127.0.0.1:%d%s", o.URL.Address.Port, path)
		wantAnswer(t, raw(t, "POST", url, `{}`, "Content-Type: application/json"), 400,
			"Failed to convert JSON into Call protobuf: Missing required fields: executor_id, framework_id")
	}
}

func TestConformance04Codecs(t *testing.T) {
	for _, media := range []string{mediaJSON, mediaProtobuf} {
		for _, executor := range []string{"json", "protobuf"} {
			t.Run(media+" with executor "+executor, func(t *testing.T) {
				parallel(t)
				master, _ := endpoint(t, Config{Agents: 1})
				f := newTestFramework(t, master)
				f.media = media
				f.subscribe()
				o := f.offer()
				f.launch(o, testTask("t1", "starting;run", testExecutorInfo("ex1", "LOCALMESOS_TEST_EXECUTOR="+executor)))
				f.acked("t1", mesos.TASK_STARTING)
				f.acked("t1", mesos.TASK_RUNNING)
				f.message(o.AgentID, "ex1", "E\x00\xff")
				f.awaitMessage("E\x00\xff")
				f.kill("t1", nil)
				f.acked("t1", mesos.TASK_KILLED)
			})
		}
	}
}

func TestConformance05RecordIO(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{})
	body := strings.Replace(subscribeJSON, `"x"`, `"Zürich"`, 1)
	conn, err := net.Dial("tcp", master)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	request := fmt.Sprintf("POST /api/v1/scheduler HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	for i := range len(request) { // one byte a segment, as far as the kernel keeps them apart
		if _, err := io.WriteString(conn, request[i:i+1]); err != nil {
			t.Fatal(err)
		}
	}
	response, err := http.ReadResponse(bufio.NewReaderSize(conn, 16), nil)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(response.TransferEncoding, []string{"chunked"}) || response.Header.Get("Content-Type") != mediaJSON {
		t.Errorf("transfer encoding %v, content type %q", response.TransferEncoding, response.Header.Get("Content-Type"))
	}
	reader := newRecordReader(oneByteReader{response.Body})
	var got []string
	for range 3 {
		record, err := reader.next()
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := strings.Cut(string(record), ",")
		got = append(got, strings.TrimRight(kind, "}"))
	}
	slices.Sort(got[1:]) // both orders were seen
	if want := []string{`{"type":"SUBSCRIBED"`, `{"type":"HEARTBEAT"`, `{"type":"OFFERS"`}; !slices.Equal(got, want) {
		t.Errorf("records %q, want %q", got, want)
	}
}

// oneByteReader gives one byte at a time.
type oneByteReader struct{ r io.Reader }

func (r oneByteReader) Read(p []byte) (int, error) { return r.r.Read(p[:min(1, len(p))]) }

func TestConformance06LargeEvent(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{Agents: 1})
	f := newTestFramework(t, master)
	f.media = mediaProtobuf
	f.subscribe()
	o := f.offer()
	f.launch(o, testTask("t1", "run", testExecutorInfo("ex1", "LOCALMESOS_TEST_EXECUTOR=protobuf")))
	f.acked("t1", mesos.TASK_RUNNING)
	data := "E" + strings.Repeat("x", 5<<20)
	f.message(o.AgentID, "ex1", data)
	f.awaitMessage(data)
}

func TestConformance07AcceptedSaysNothing(t *testing.T) {
	parallel(t)
	master, _ := endpoint(t, Config{})
	f := newTestFramework(t, master).subscribe()
	nowhere := mesos.AgentID{Value: "no-agent"}
	f.must(&scheduler.Call{Type: scheduler.Call_DECLINE, Decline: &scheduler.Call_Decline{OfferIDs: []mesos.OfferID{{Value: "no-offer"}}}})
	f.must(&scheduler.Call{Type: scheduler.Call_DECLINE, Decline: &scheduler.Call_Decline{}})
	f.must(&scheduler.Call{Type: scheduler.Call_SUPPRESS, Suppress: &scheduler.Call_Suppress{Roles: []string{"foreign"}}})
	f.must(&scheduler.Call{Type: scheduler.Call_REVIVE, Revive: &scheduler.Call_Revive{Roles: []string{"foreign"}}})
	f.must(&scheduler.Call{Type: scheduler.Call_REQUEST, Request: &scheduler.Call_Request{}})
	f.must(&scheduler.Call{Type: scheduler.Call_SHUTDOWN, Shutdown: &scheduler.Call_Shutdown{AgentID: nowhere, ExecutorID: mesos.ExecutorID{Value: "e"}}})
	f.message(nowhere, "e", "lost")
	f.acknowledge(mesos.TaskStatus{AgentID: &nowhere, TaskID: mesos.TaskID{Value: "t"}, UUID: newUUID()})
	f.never(quiet, "answer", func(e *scheduler.Event) bool {
		return e.Type != scheduler.Event_OFFERS && e.Type != scheduler.Event_HEARTBEAT
	})
}
