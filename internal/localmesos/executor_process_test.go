package localmesos

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// environmentOf launches an executor that reports its environment.
func environmentOf(t *testing.T, c *Cluster, change func(*mesos.FrameworkInfo)) map[string]string {
	t.Helper()
	f := newTestFramework(t, c.MasterAddr(), change).subscribe()
	f.launch(f.offer(), testTask("t1", "run;env", testExecutorInfo("env", "MY_VAR=v")))
	f.acked("t1", mesos.TASK_RUNNING)
	var pairs []string
	if err := json.Unmarshal(f.await("MESSAGE", isMessage).Message.Data, &pairs); err != nil {
		t.Fatal(err)
	}
	f.must(&scheduler.Call{Type: scheduler.Call_TEARDOWN}) // so that its offers are free
	f.disconnect()
	f.cancel = nil
	environment := map[string]string{"framework": f.id}
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		environment[name] = value
	}
	return environment
}

func TestExecutorEnvironment(t *testing.T) {
	t.Setenv("FROM_THE_AGENT", "1") // is not inherited
	c := localOnly(t, Config{Agents: 1})
	address := c.agents[0].port.addr()
	for _, checkpoint := range []bool{true, false} {
		got := environmentOf(t, c, func(i *mesos.FrameworkInfo) { i.Checkpoint = &checkpoint })
		sandbox := got["MESOS_SANDBOX"]
		want := map[string]string{
			"framework":                            got["framework"],
			"LIBPROCESS_IP":                        "127.0.0.1",
			"LIBPROCESS_PORT":                      "0",
			"LOCALMESOS_TEST_EXECUTOR":             "json",
			"MESOS_AGENT_ENDPOINT":                 address,
			"MESOS_CHECKPOINT":                     "0",
			"MESOS_DIRECTORY":                      sandbox,
			"MESOS_EXECUTOR_ID":                    "env",
			"MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD": "5secs",
			"MESOS_FRAMEWORK_ID":                   got["framework"],
			"MESOS_HTTP_COMMAND_EXECUTOR":          "0",
			"MESOS_SANDBOX":                        sandbox,
			"MESOS_SLAVE_ID":                       c.AgentIDs()[0],
			"MESOS_SLAVE_PID":                      "slave(1)@" + address,
			"MY_VAR":                               "v",
			"PATH":                                 "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		}
		if checkpoint {
			want["MESOS_CHECKPOINT"] = "1"
			want["MESOS_RECOVERY_TIMEOUT"] = "15mins"
			want["MESOS_SUBSCRIPTION_BACKOFF_MAX"] = "2secs"
		}
		for name := range got {
			if got[name] != want[name] {
				t.Errorf("checkpoint %v: %s=%q, want %q", checkpoint, name, got[name], want[name])
			}
		}
		if len(got) != len(want) {
			t.Errorf("checkpoint %v: %d variables, want %d", checkpoint, len(got), len(want))
		}
		if want := fmt.Sprintf("/slaves/%s/frameworks/%s/executors/env/runs/", c.AgentIDs()[0], got["framework"]); !strings.Contains(sandbox, want) {
			t.Errorf("sandbox %s is not in %s", sandbox, want)
		}
	}
}

// testArchive is a tar.gz with one file in a directory.
func testArchive(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	zipped := gzip.NewWriter(&b)
	archive := tar.NewWriter(zipped)
	if err := archive.WriteHeader(&tar.Header{Name: "pack/sub/data.txt", Mode: 0o644, Size: 4}); err != nil {
		t.Fatal(err)
	}
	if _, err := archive.Write([]byte("data")); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestFetcher(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	requests := make(map[string]int)
	archive := testArchive(t)
	artifacts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		requests[r.URL.Path]++
		mu.Unlock()
		switch filepath.Ext(r.URL.Path) {
		case ".gz":
			_, _ = w.Write(archive)
		case ".missing":
			w.WriteHeader(http.StatusNotFound)
		default:
			_, _ = w.Write([]byte("plain"))
		}
	}))
	t.Cleanup(artifacts.Close)
	dir := t.TempDir()
	local := filepath.Join(dir, "local.txt")
	if err := os.WriteFile(local, []byte("local"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := newFetcher(filepath.Join(dir, "cache"), Host{}.withDefaults())
	t.Cleanup(f.close)
	yes, no := new(true), new(false)
	for _, c := range []struct {
		uri     mesos.CommandInfo_URI
		files   map[string]string // path: content, "" for any
		mode    fs.FileMode       // of the first
		failure bool
	}{
		{uri: mesos.CommandInfo_URI{Value: artifacts.URL + "/tool", Executable: yes}, files: map[string]string{"tool": "plain"}, mode: 0o755},
		{uri: mesos.CommandInfo_URI{Value: "  " + artifacts.URL + "/a.txt?v=1"}, files: map[string]string{"a.txt?v=1": "plain"}, mode: 0o644},
		{uri: mesos.CommandInfo_URI{Value: artifacts.URL + "/pack.tar.gz"}, files: map[string]string{"pack.tar.gz": "", "pack/sub/data.txt": "data"}},
		{uri: mesos.CommandInfo_URI{Value: artifacts.URL + "/kept.tar.gz", Extract: no}, files: map[string]string{"kept.tar.gz": ""}},
		{uri: mesos.CommandInfo_URI{Value: artifacts.URL + "/p", OutputFile: new("renamed/out.txt")}, files: map[string]string{"renamed/out.txt": "plain"}},
		{uri: mesos.CommandInfo_URI{Value: "file://" + local}, files: map[string]string{"local.txt": "local"}},
		{uri: mesos.CommandInfo_URI{Value: local, OutputFile: new("copy")}, files: map[string]string{"copy": "local"}},
		{uri: mesos.CommandInfo_URI{Value: artifacts.URL + "/cached", Cache: yes}, files: map[string]string{"cached": "plain"}},
		{uri: mesos.CommandInfo_URI{Value: artifacts.URL + "/cached", Cache: yes}, files: map[string]string{"cached": "plain"}},
		{uri: mesos.CommandInfo_URI{Value: artifacts.URL + "/x.missing"}, failure: true},
		{uri: mesos.CommandInfo_URI{Value: artifacts.URL + "/x.missing", Cache: yes}, failure: true},
		{uri: mesos.CommandInfo_URI{Value: artifacts.URL + "/it's"}, failure: true},
		{uri: mesos.CommandInfo_URI{Value: artifacts.URL + "/p", OutputFile: new("../out")}, failure: true},
		{uri: mesos.CommandInfo_URI{Value: "file://relative"}, failure: true},
		{uri: mesos.CommandInfo_URI{Value: "ftp://127.0.0.1/x"}, failure: true},
		{uri: mesos.CommandInfo_URI{Value: ""}, failure: true},
	} {
		sandbox := t.TempDir()
		err := f.fetch(t.Context(), []mesos.CommandInfo_URI{c.uri}, sandbox, "root", nil, io.Discard)
		if (err != nil) != c.failure {
			t.Errorf("%v: %v, want failure %v", c.uri.Value, err, c.failure)
		}
		for name, content := range c.files {
			got, err := os.ReadFile(filepath.Join(sandbox, name))
			if err != nil || content != "" && string(got) != content {
				t.Errorf("%s: %s is %q, %v, want %q", c.uri.Value, name, got, err, content)
			}
			if info, err := os.Stat(filepath.Join(sandbox, name)); c.mode != 0 && (err != nil || info.Mode().Perm() != c.mode) {
				t.Errorf("%s: mode %v, %v, want %v", name, info.Mode(), err, c.mode)
			}
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if requests["/cached"] != 1 {
		t.Errorf("%d requests of what is cached, want 1", requests["/cached"])
	}
}

// TestCloseKillsSessions starts an executor whose child leaves its process
// group and ignores signals that can be ignored.
func TestCloseKillsSessions(t *testing.T) {
	t.Parallel()
	c := localOnly(t, Config{Agents: 1})
	f := newTestFramework(t, c.MasterAddr()).subscribe()
	executor := testExecutorInfo("ex1")
	executor.Command.Shell, executor.Command.Arguments = new(true), nil
	executor.Command.Value = new(`trap "" TERM HUP INT; set -m; sleep 1000 & sleep 1000 & wait`)
	f.launch(f.offer(), testTask("t1", "run", executor))
	waitFor(t, "both children", func() bool {
		list := c.Executors()
		return len(list) == 1 && len(sessionMembers(list[0].PID)) == 3
	})
	session := c.Executors()[0].PID
	members := sessionMembers(session)
	if info, err := os.Stat(c.Executors()[0].Sandbox); err != nil || info.Mode().Perm() != 0o750 {
		t.Errorf("sandbox %v, %v, want mode 0750", info, err)
	}
	f.disconnect()
	f.cancel = nil
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	for _, pid := range members {
		if err := syscall.Kill(pid, 0); err == nil && slices.Contains(sessionMembers(session), pid) {
			t.Errorf("process %d lives on", pid)
		}
	}
	if err := c.Close(); err != nil {
		t.Errorf("second close: %v", err)
	}
	if err := c.StopAgent(0); err == nil {
		t.Error("a closed cluster stopped an agent")
	}
}

func TestShutdownGrace(t *testing.T) {
	t.Parallel()
	c := localOnly(t, Config{Agents: 1, ShutdownGrace: time.Minute})
	f := newTestFramework(t, c.MasterAddr()).subscribe()
	executor := testExecutorInfo("ex1")
	executor.ShutdownGracePeriod = &mesos.DurationInfo{Nanoseconds: int64(300 * time.Millisecond)}
	agent := f.running(executor, "t1")
	f.message(agent, "ex1", "Cignoreshutdown")
	f.message(agent, "ex1", "Eready")
	f.awaitMessage("Eready")
	start := time.Now()
	f.must(&scheduler.Call{Type: scheduler.Call_SHUTDOWN, Shutdown: &scheduler.Call_Shutdown{AgentID: agent, ExecutorID: executor.ExecutorID}})
	failure := f.await("FAILURE", isType(scheduler.Event_FAILURE)).Failure
	if after := time.Since(start); after < 290*time.Millisecond || failure.GetStatus() != int32(syscall.SIGKILL) {
		t.Errorf("status %d after %v, want 9 after 300 ms", failure.GetStatus(), after)
	}
	f.acked("t1", mesos.TASK_FAILED)
}

func TestDurationText(t *testing.T) {
	for d, want := range map[time.Duration]string{
		5 * time.Second:        "5secs",
		15 * time.Minute:       "15mins",
		90 * time.Minute:       "1.5hrs",
		300 * time.Millisecond: "300ms",
		7 * 24 * time.Hour:     "1weeks",
		48 * time.Hour:         "2days",
		12 * time.Nanosecond:   "12ns",
		0:                      "0ns",
	} {
		if got := durationText(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}

func TestConfigRefused(t *testing.T) {
	t.Parallel()
	for _, cfg := range []Config{
		{},
		{WorkDir: "/no/such/directory"},
		{WorkDir: "/dev/null"},
		{WorkDir: t.TempDir(), Agents: -1},
		{WorkDir: t.TempDir(), Masters: -1},
		{WorkDir: t.TempDir(), Credentials: map[string]string{"p": ""}},
		{WorkDir: t.TempDir(), OfferTimeout: -1},
		{WorkDir: t.TempDir(), UpdateRetryMin: time.Hour},
	} {
		if c, err := Start(t.Context(), cfg); err == nil {
			t.Errorf("%+v was accepted", cfg)
			_ = c.Close()
		}
	}
}
