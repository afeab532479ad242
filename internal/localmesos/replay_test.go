package localmesos

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	exec "github.com/mesos/mesos-go/api/v1/lib/executor"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"elevator/internal/localmesos/clustertest"
)

// recordedExecutor is the executor of the recorded runs; the replay plays its
// side itself and only needs a process that ends when it is told to.
const recordedExecutor = "/var/mesos-test-executor"

const puppet = `#!/bin/sh
mkfifo control
read code < control
exit $code
`

// TestReplay sends the requests of schedulers and executors that were recorded
// with Mesos 1.12 to a local cluster and wants the same answers and events. What
// takes agents that stop, masters that change or half a minute of silence is not
// replayed; conformance tests hold that: filters (20 to 24), resent updates (39),
// TEARDOWN (14), agents that restart, stay away and come back (50 to 52), masters
// that do (15, 17, 53), rescinded offers (21, 50) and roles (30).
func TestReplay(t *testing.T) {
	if clustertest.Named() != "" {
		t.Skip("replays against the local cluster only; a real master was the source")
	}
	files, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("transcripts: %v, %v", files, err)
	}
	// These wait for time-outs of seconds, so one encoding each must do.
	once := map[string]string{"10-disconnect-resubscribe.txt": mediaProtobuf, "22-shutdown-grace.txt": mediaProtobuf, "21-executor-calls.txt": mediaJSON}
	for _, file := range files {
		for _, media := range []string{mediaJSON, mediaProtobuf} {
			if only := once[filepath.Base(file)]; only != "" && only != media {
				continue
			}
			t.Run(filepath.Base(file)+" as "+strings.TrimPrefix(media, "application/"), func(t *testing.T) {
				t.Parallel()
				newReplay(t, readTranscript(t, file), media).run()
			})
		}
	}
}

// replay is one run of a transcript.
type replay struct {
	t       *testing.T
	c       *Cluster
	media   string
	client  *http.Client
	entries []entry
	ids     []idPair // recorded and live, in the order they were learned
	streams map[string]*replayStream
	answers map[string][]answer
	skipped map[string]bool // connections that were not replayed
	ports   map[string]int  // recorded agent port: agent
}

type idPair struct{ recorded, live string }

// replayStream is an open event stream of the live cluster.
type replayStream struct {
	cancel context.CancelFunc
	events chan map[string]any
	end    error // why it ended; once events is closed
	kept   []map[string]any
}

func newReplay(t *testing.T, entries []entry, media string) *replay {
	script := filepath.Join(t.TempDir(), "executor")
	if err := os.WriteFile(script, []byte(puppet), 0o755); err != nil {
		t.Fatal(err)
	}
	cfg, ports := recordedCluster(entries)
	cfg.roundsByHand = true
	cfg.AllocationInterval, cfg.DefaultRefuse = time.Millisecond, time.Millisecond
	cfg.RegistrationTimeout = 5 * time.Second // as the recorded agents had it
	cfg.WorkDir = t.TempDir()
	r := &replay{
		t:       t,
		c:       startLocal(t, cfg),
		media:   media,
		client:  &http.Client{Transport: &http.Transport{}},
		entries: entries,
		ids:     []idPair{{recordedExecutor, script}, {"/var/mesos-agente", filepath.Join(cfg.WorkDir, "agent-1")}},
		streams: make(map[string]*replayStream),
		answers: make(map[string][]answer),
		skipped: make(map[string]bool),
		ports:   ports,
	}
	t.Cleanup(func() {
		for _, s := range r.streams {
			s.close()
		}
		r.client.CloseIdleConnections()
	})
	return r
}

// recordedCluster reads the agents off the first whole offers. Its masters want
// credentials if any are shown.
func recordedCluster(entries []entry) (Config, map[string]int) {
	cfg, ports := Config{}, make(map[string]int)
	seen := make(map[string]bool)
	for _, e := range entries {
		if e.headers["Authorization"] != "" {
			cfg.Credentials = map[string]string{"fw": "s3cret", "other": "s3cret2"}
		}
		event := &scheduler.Event{}
		if e.kind != "EVENT" || strings.Contains(e.body, "trimmed") || unmarshalJSON([]byte(e.body), event) != nil || event.Offers == nil {
			continue
		}
		for _, o := range event.Offers.Offers {
			if seen[o.AgentID.Value] {
				continue
			}
			seen[o.AgentID.Value] = true
			b := bundleOf(o.Resources)
			scalarOf := func(name string) float64 { return float64(b.get(name).milli) / 1000 }
			cfg.AgentResources = append(cfg.AgentResources, Resources{
				CPUs: scalarOf("cpus"), MemMB: scalarOf("mem"),
				DiskMB: scalarOf("disk"), Ports: b.get("ports").ranges,
			})
			cfg.AgentHostnames = append(cfg.AgentHostnames, "127.0.0.1")
			ports[fmt.Sprint(o.URL.Address.Port)] = cfg.Agents
			cfg.Agents++
		}
	}
	return cfg, ports
}

func (r *replay) run() {
	for i := range r.entries {
		e := &r.entries[i]
		if r.skipped[e.conn] {
			continue
		}
		switch e.kind {
		case "REQUEST":
			r.request(e)
		case "RESPONSE":
			r.response(e)
		case "EVENT", "RAW":
			r.event(e)
		case "CLOSED":
			r.closed(e)
		case "NOTE":
			r.note(e)
		}
		if r.t.Failed() {
			r.t.Logf("at line %d of the transcript", e.line)
			return
		}
	}
	for conn, s := range r.streams {
		s.drain()
		for _, event := range s.kept {
			// Executors that had ended heard no more of their last updates.
			if kind := event["type"]; kind != "OFFERS" && kind != "HEARTBEAT" && kind != "ACKNOWLEDGED" {
				r.t.Errorf("%s: an event that was not recorded: %v", conn, event)
			}
		}
	}
}

// live translates recorded ids.
func (r *replay) live(text string) string {
	for _, id := range r.ids {
		text = strings.ReplaceAll(text, id.recorded, id.live)
	}
	return text
}

func (r *replay) learn(recorded, live string) {
	if recorded != "" && recorded != live && !slices.ContainsFunc(r.ids, func(id idPair) bool { return id.recorded == recorded }) {
		r.ids = append(r.ids, idPair{recorded, live})
	}
}

// request sends what was recorded. Requests that are about the bytes of HTTP
// themselves are left out, with their answers.
func (r *replay) request(e *entry) {
	method, rest, _ := strings.Cut(e.start, " ")
	path, protocol, _ := strings.Cut(rest, " ")
	if protocol != "HTTP/1.1" || strings.Contains(e.body, "trimmed") || strings.Contains(e.body, "HTTP/1.1") ||
		e.headers["Transfer-Encoding"] != "" || e.headers["Content-Encoding"] != "" || e.headers["X-Pad"] != "" {
		r.skipped[e.conn] = true
		return
	}
	host := r.c.MasterAddr()
	_, port, _ := strings.Cut(e.headers["Host"], ":")
	agent, toAgent := r.ports[port]
	if toAgent {
		host = fmt.Sprintf("127.0.0.1:%d", r.c.agents[agent].port.number)
	}
	if id, ok := strings.CutPrefix(e.who, "executor "); ok && strings.Contains(e.body, `"SUBSCRIBE"`) {
		r.executor(id)
	}
	r.settle()
	body, encoded := r.encode([]byte(r.live(e.body)), e.headers["Content-Type"], toAgent)
	ctx, cancel := context.WithCancel(context.Background())
	request, err := http.NewRequestWithContext(ctx, method, "http://"+host+path, bytes.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	for name, value := range e.headers {
		name = http.CanonicalHeaderKey(name)
		if name != "Content-Type" && name != "Accept" && name != "Mesos-Stream-Id" && name != "Authorization" {
			continue
		}
		if encoded && value == mediaJSON {
			value = mediaProtobuf
		}
		request.Header.Set(name, r.live(value))
	}
	response, err := r.client.Do(request)
	if err != nil {
		cancel()
		r.t.Fatalf("line %d: %v", e.line, err)
	}
	if response.StatusCode == http.StatusOK && response.ContentLength < 0 {
		r.answers[e.conn] = append(r.answers[e.conn], answer{response.StatusCode, response.Header, ""})
		r.streams[e.conn] = newReplayStream(response, cancel, toAgent)
		return
	}
	defer cancel()
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	r.answers[e.conn] = append(r.answers[e.conn], answer{response.StatusCode, response.Header, string(text)})
}

// settle waits until the agents have got what the master sent them, and the
// master what they sent, which in the recorded runs had long happened.
func (r *replay) settle() {
	var pending []chan struct{}
	r.c.onMaster(func(m *master) {
		for _, a := range m.order {
			done := make(chan struct{})
			a.tell(func(a *agent) { a.tellMaster(func(*master) { close(done) }) })
			pending = append(pending, done)
		}
	})
	for _, done := range pending {
		select {
		case <-done:
		case <-time.After(patience):
			r.t.Fatal("an agent does not answer")
		}
	}
}

// executor waits for the executor's process.
func (r *replay) executor(id string) (found ExecutorStatus) {
	waitFor(r.t, "executor "+id, func() bool {
		list := r.c.Executors()
		i := slices.IndexFunc(list, func(x ExecutorStatus) bool { return x.ExecutorID == id })
		if i >= 0 {
			found = list[i]
		}
		return i >= 0
	})
	return found
}

// encode turns a JSON call into protobuf if this is the run for it and the call
// is a good one.
func (r *replay) encode(body []byte, media string, toAgent bool) (encoded []byte, done bool) {
	if r.media == mediaJSON || media != mediaJSON {
		return body, false
	}
	var call interface {
		validatable
		Marshal() ([]byte, error)
	} = &scheduler.Call{}
	if toAgent {
		call = &exec.Call{}
	}
	if unmarshalJSON(body, call) != nil {
		return body, false
	}
	if strings.Contains(call.String(), "Type:UNKNOWN") {
		return body, false // that it was not given is lost in the translation
	}
	encoded, err := call.Marshal()
	if err != nil {
		return body, false
	}
	return encoded, true
}

func (r *replay) response(e *entry) {
	queue := r.answers[e.conn]
	if len(queue) == 0 {
		r.t.Errorf("line %d: no request to answer on %s", e.line, e.conn)
		return
	}
	got := queue[0]
	r.answers[e.conn] = queue[1:]
	var code int
	fmt.Sscanf(e.start, "HTTP/1.1 %d", &code)
	if code != got.code || (e.body != got.body && r.live(e.body) != got.body) {
		r.t.Errorf("line %d: answer %d %q, recorded %d %q", e.line, got.code, got.body, code, e.body)
	}
	r.learn(e.headers["Mesos-Stream-Id"], got.header.Get("Mesos-Stream-Id"))
}

// note plays what the recorded driver and executors did outside HTTP.
func (r *replay) note(e *entry) {
	id, isExecutor := strings.CutPrefix(e.who, "executor ")
	_, code, exits := strings.Cut(e.note, "executor process exits with code ")
	switch {
	case isExecutor && exits:
		code, _, _ = strings.Cut(code, " ")
		r.release(r.executor(id), code)
	case strings.Contains(e.note, "driver: kill -9 of the executor process"):
		r.kill(e)
	case isExecutor && strings.Contains(e.note, "closes its event stream"):
		r.streams[e.conn].close()
	case strings.Contains(e.note, "driver closes the event stream "):
		_, conn, _ := strings.Cut(e.note, "driver closes the event stream ")
		before := r.connected()
		r.streams[strings.Fields(conn)[0]].close()
		waitFor(r.t, "disconnection", func() bool { return r.connected() < max(before, 1) })
	}
}

// connected counts the frameworks with a stream.
func (r *replay) connected() (n int) {
	r.c.onMaster(func(m *master) {
		for _, f := range m.frameworks {
			if f.connected() {
				n++
			}
		}
	})
	return n
}

// kill is a kill -9 of the recorded executor. Under a shell it is the shell's
// exit code that counts.
func (r *replay) kill(at *entry) {
	const underShell = "35072"
	for _, e := range r.entries {
		event := tree(e.body)
		if e.line < at.line || e.kind != "EVENT" || event["type"] != "FAILURE" {
			continue
		}
		for _, x := range r.c.Executors() {
			if strings.Contains(e.body, underShell) {
				r.release(x, "137")
			} else if err := syscall.Kill(x.PID, syscall.SIGKILL); err != nil {
				r.t.Error(err)
			}
		}
		return
	}
}

// release lets an executor's process end.
func (r *replay) release(x ExecutorStatus, code string) {
	control := filepath.Join(x.Sandbox, "control")
	waitFor(r.t, "control of "+x.ExecutorID, func() bool {
		info, err := os.Stat(control)
		return err == nil && info.Mode()&os.ModeNamedPipe != 0
	})
	pipe, err := os.OpenFile(control, os.O_RDWR, 0) // does not block
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := io.WriteString(pipe, code+"\n"); err != nil {
		r.t.Error(err)
	}
	waitFor(r.t, "end of "+x.ExecutorID, func() bool {
		return !slices.ContainsFunc(r.c.Executors(), func(y ExecutorStatus) bool { return y.PID == x.PID })
	})
	pipe.Close()
}

func (r *replay) closed(e *entry) {
	s := r.streams[e.conn]
	if s == nil || !strings.Contains(e.note, "zero chunk") {
		return
	}
	if !s.ended() {
		r.t.Errorf("line %d: stream %s goes on, recorded the final chunk", e.line, e.conn)
	} else if !errors.Is(s.end, io.EOF) {
		r.t.Errorf("line %d: stream %s ended with %v, recorded the final chunk", e.line, e.conn, s.end)
	}
}

func newReplayStream(response *http.Response, cancel context.CancelFunc, ofAgent bool) *replayStream {
	s := &replayStream{cancel: cancel, events: make(chan map[string]any, 1<<12)}
	go func() {
		defer close(s.events)
		defer response.Body.Close()
		reader := newRecordReader(response.Body)
		for {
			record, err := reader.next()
			if err != nil {
				s.end = err
				return
			}
			if response.Header.Get("Content-Type") == mediaProtobuf {
				var event interface {
					event
					Unmarshal([]byte) error
				} = &scheduler.Event{}
				if ofAgent {
					event = &exec.Event{}
				}
				if s.end = event.Unmarshal(record); s.end != nil {
					return
				}
				record = marshalJSON(event)
			}
			s.events <- tree(string(record))
		}
	}()
	return s
}

func (s *replayStream) close() {
	s.cancel()
	s.drain()
}

// ended keeps what comes until the stream ends, and says whether it did.
func (s *replayStream) ended() bool {
	limit := time.After(patience)
	for {
		select {
		case event, ok := <-s.events:
			if !ok {
				return true
			}
			s.kept = append(s.kept, event)
		case <-limit:
			return false
		}
	}
}

// drain keeps what comes until the stream ends, or nothing comes any more.
func (s *replayStream) drain() {
	for {
		select {
		case event, ok := <-s.events:
			if !ok {
				return
			}
			s.kept = append(s.kept, event)
		case <-time.After(quiet):
			return
		}
	}
}

// has says whether an event of the key has come.
func (s *replayStream) has(key string) bool {
	for len(s.events) > 0 {
		if event, ok := <-s.events; ok {
			s.kept = append(s.kept, event)
		}
	}
	return slices.ContainsFunc(s.kept, func(event map[string]any) bool { return eventKey(event) == key })
}

// next takes the first event of the key.
func (s *replayStream) next(key string) map[string]any {
	for i, event := range s.kept {
		if eventKey(event) == key {
			s.kept = slices.Delete(s.kept, i, i+1)
			return event
		}
	}
	deadline := time.After(patience)
	for {
		select {
		case event, ok := <-s.events:
			if !ok {
				return nil
			}
			if eventKey(event) == key {
				return event
			}
			s.kept = append(s.kept, event)
		case <-deadline:
			return nil
		}
	}
}

// eventKey is what has an order: events of one type about one task.
func eventKey(event map[string]any) string {
	kind, _ := event["type"].(string)
	content, _ := event[strings.ToLower(kind)].(map[string]any)
	if status, ok := content["status"].(map[string]any); ok {
		content = status
	}
	if task, ok := content["task"].(map[string]any); ok {
		content = task
	}
	id, _ := content["task_id"].(map[string]any)
	return fmt.Sprint(kind, " ", id["value"])
}

func (r *replay) event(e *entry) {
	s := r.streams[e.conn]
	body, compact := strings.CutSuffix(e.body, " …trimmed")
	if e.kind == "RAW" { // a chunk as Python writes bytes: one record, or the end
		_, body, _ = strings.Cut(body, `\n`)
	}
	recorded := tree(body)
	switch {
	case recorded == nil || recorded["type"] == "HEARTBEAT" || s == nil:
		return // the bytes of a protobuf stream, for one
	case recorded["type"] == "OFFERS":
		// A replay is faster than the recorded run, so filters that had run
		// out may still hold.
		waitFor(r.t, "OFFERS", func() bool {
			r.c.leading().allocationRound()
			return s.has("OFFERS <nil>")
		})
	}
	got := s.next(eventKey(recorded))
	if got == nil {
		r.t.Errorf("line %d: no %s on %s (%v); others: %v", e.line, eventKey(recorded), e.conn, s.end, s.kept)
		return
	}
	if compact {
		got = compactOffers(got)
	}
	sortOffers(recorded)
	sortOffers(got)
	r.learnOffers(recorded, got)
	if problem := r.compare("", recorded, got); problem != "" {
		r.t.Errorf("line %d: %s\n got %v\nrecorded %v", e.line, problem, got, recorded)
	}
}
