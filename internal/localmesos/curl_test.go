package localmesos

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"net/textproto"
	"os"
	"os/exec"
	"testing"
)

// TestCurl runs a framework with nothing but curl: one process holds the
// subscription, and there is another for each call.
func TestCurl(t *testing.T) {
	parallel(t)
	if _, err := exec.LookPath("curl"); err != nil {
		if os.Getenv("ELEVATOR_TEST_REQUIRE_TOOLS") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	executor, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	master, _ := endpoint(t, Config{Agents: 1})
	c := subscribeByCurl(t, master)
	framework := c.next("SUBSCRIBED", "subscribed", "framework_id", "value")
	offer, agent := c.nextOffer()
	const resources = `[{"name":"cpus","type":"SCALAR","scalar":{"value":0.1}},{"name":"mem","type":"SCALAR","scalar":{"value":32}}]`
	c.call(framework, "ACCEPT", fmt.Sprintf(`"accept":{"offer_ids":[{"value":%q}],"filters":{"refuse_seconds":3600},"operations":[{"type":"LAUNCH","launch":{
		"task_infos":[{"name":"t","task_id":{"value":"t1"},"agent_id":{"value":%q},"data":%q,"resources":%s,"executor":{
			"type":"CUSTOM","executor_id":{"value":"ex1"},"resources":%[4]s,"command":{"shell":false,"value":%[5]q,"arguments":[%[5]q],
				"environment":{"variables":[{"name":"LOCALMESOS_TEST_EXECUTOR","value":"json"}]}}}}]}}]}`,
		offer, agent, base64.StdEncoding.EncodeToString([]byte("run")), resources, executor))
	acknowledge := func(state string) {
		t.Helper()
		status := c.nextEvent("UPDATE")["update"].(map[string]any)["status"].(map[string]any)
		if status["state"] != state {
			t.Fatalf("update %v, want %s", status, state)
		}
		c.call(framework, "ACKNOWLEDGE", fmt.Sprintf(`"acknowledge":{"agent_id":{"value":%q},"task_id":{"value":"t1"},"uuid":%q}`, agent, status["uuid"]))
	}
	acknowledge("TASK_RUNNING")
	hello := base64.StdEncoding.EncodeToString([]byte("Ehello"))
	c.call(framework, "MESSAGE", fmt.Sprintf(`"message":{"agent_id":{"value":%q},"executor_id":{"value":"ex1"},"data":%q}`, agent, hello))
	if got := c.next("MESSAGE", "message", "data"); got != hello {
		t.Errorf("message %q, want %q", got, hello)
	}
	c.call(framework, "KILL", `"kill":{"task_id":{"value":"t1"}}`)
	acknowledge("TASK_KILLED")
	c.call(framework, "TEARDOWN", "")
	if err := c.subscription.Wait(); err != nil {
		t.Errorf("curl ended with %v, want the end of a whole answer", err)
	}
}

// curlFramework is a subscription that curl holds.
type curlFramework struct {
	t            *testing.T
	url          string
	streamID     string
	subscription *exec.Cmd
	records      *recordReader
}

func subscribeByCurl(t *testing.T, master string) *curlFramework {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	c := &curlFramework{t: t, url: "http://" + master + "/api/v1/scheduler"}
	c.subscription = exec.CommandContext(ctx, "curl", "--silent", "--show-error", "--no-buffer", "--include",
		"--header", "Content-Type: application/json", "--data",
		`{"type":"SUBSCRIBE","subscribe":{"framework_info":{"user":"root","name":"curl","capabilities":[{"type":"PARTITION_AWARE"}]}}}`, c.url)
	c.subscription.Stderr = t.Output()
	stdout, err := c.subscription.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.subscription.Start(); err != nil {
		t.Fatal(err)
	}
	out := textproto.NewReader(bufio.NewReader(stdout))
	status, err := out.ReadLine()
	if err != nil || status != "HTTP/1.1 200 OK" {
		t.Fatalf("SUBSCRIBE: %q, %v", status, err)
	}
	header, err := out.ReadMIMEHeader()
	if err != nil {
		t.Fatal(err)
	}
	c.streamID = header.Get("Mesos-Stream-Id")
	c.records = newRecordReader(out.R)
	return c
}

// call makes a call; content is what its JSON holds beside its type and framework.
func (c *curlFramework) call(framework, kind, content string) {
	c.t.Helper()
	if content != "" {
		content = "," + content
	}
	body := fmt.Sprintf(`{"framework_id":{"value":%q},"type":%q%s}`, framework, kind, content)
	code, err := exec.Command("curl", "--silent", "--show-error", "--write-out", "%{http_code} ",
		"--header", "Content-Type: application/json", "--header", "Mesos-Stream-Id: "+c.streamID, "--data", body, c.url).CombinedOutput()
	if err != nil || string(code) != "202 " {
		c.t.Fatalf("%s: %s, %v", kind, code, err)
	}
}

// nextEvent waits for an event of the kind.
func (c *curlFramework) nextEvent(kind string) map[string]any {
	c.t.Helper()
	for {
		record, err := c.records.next()
		if err != nil {
			c.t.Fatalf("no %s: %v", kind, err)
		}
		if event := tree(string(record)); event["type"] == kind {
			return event
		}
	}
}

// next waits for an event of the kind and returns the text at a path in it.
func (c *curlFramework) next(kind string, path ...string) string {
	c.t.Helper()
	var at any = c.nextEvent(kind)
	for _, name := range path {
		at = at.(map[string]any)[name]
	}
	return at.(string)
}

func (c *curlFramework) nextOffer() (offer, agent string) {
	c.t.Helper()
	first := c.nextEvent("OFFERS")["offers"].(map[string]any)["offers"].([]any)[0].(map[string]any)
	return first["id"].(map[string]any)["value"].(string), first["agent_id"].(map[string]any)["value"].(string)
}
