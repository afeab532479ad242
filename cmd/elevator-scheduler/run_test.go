package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/sim/simtest"
	"elevator/internal/gotask"
	"elevator/internal/operator"
)

// judge reads a journal as a stranger would and returns what it saw. Every
// rule that the events break fails the test.
func judge(t *testing.T, path string, complete bool) (carried int, used map[elevator.CarIndex]bool, tasks map[string]string) {
	t.Helper()
	checker, carried, used, tasks := readJournal(t, path)
	err := checker.Err()
	if complete {
		err = checker.End()
	}
	if err != nil {
		t.Errorf("%s: %v", path, err)
	}
	return carried, used, tasks
}

// readJournal shows the journal to a checker.
func readJournal(t *testing.T, path string) (checker *simtest.Checker, carried int, used map[elevator.CarIndex]bool, tasks map[string]string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	decoder := elevator.NewEventDecoder(nil)
	used, tasks = make(map[elevator.CarIndex]bool), make(map[string]string)
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		e, err := decoder.Decode(lines.Bytes())
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if checker == nil {
			checker = simtest.NewChecker(decoder.Building())
		}
		checker.Event(&e)
		switch e.Kind {
		case elevator.PassengerAlighted:
			carried++
			used[e.Car] = true
		case elevator.TaskStateChanged:
			tasks[e.Detail.Task] = e.Detail.State
		}
	}
	return checker, carried, used, tasks
}

// Ten minutes of the building in half a minute of ours.
func TestRunCarriesPassengers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	journal := filepath.Join(dir, "journal.ndjson")
	p := start(t, "run", "--ui", "never", "--http", "127.0.0.1:0", "--state-dir", dir, "--journal", journal,
		"--speed", "20", "--duration", "10m", "--traffic", "two-way:20%")

	eventually(t, 20*time.Second, "executors hold 12 tasks", func() bool {
		children := executors(t, dir)
		return len(children) == 2 && runningTasks(p) == 12
	})
	for _, c := range executors(t, dir) {
		checkChild(t, c)
	}
	if code := p.wait(90 * time.Second); code != 0 {
		t.Fatalf("exit code %d: %s", code, p.err.String())
	}
	carried, used, tasks := judge(t, journal, true)
	if carried < 100 {
		t.Errorf("%d passengers carried, want at least 100", carried)
	}
	if len(used) != 4 {
		t.Errorf("only the cars %v carried anybody", used)
	}
	if len(tasks) != 12 {
		t.Errorf("the journal names %d tasks, want 12: %v", len(tasks), tasks)
	}
	if !strings.Contains(p.out.String(), fmt.Sprintf("%d passengers carried, 0 waiting, 0 riding", carried)) {
		t.Errorf("summary: %s", tail(p.out.String(), 1))
	}
	if left := executors(t, dir); len(left) > 0 {
		t.Errorf("executors left: %v", left)
	}
}

// checkChild looks at what a Mesos agent promises its executor: a session, a
// sandbox with its output, and no environment but the agent's.
func checkChild(t *testing.T, c child) {
	t.Helper()
	for _, name := range []string{"stdout", "stderr", "elevator-executor"} {
		if _, err := os.Stat(filepath.Join(c.sandbox, name)); err != nil {
			t.Errorf("sandbox of %d: %v", c.pid, err)
		}
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if session := fields[3]; session != fmt.Sprint(c.pid) {
		t.Errorf("executor %d is in session %s, not in its own", c.pid, session)
	}
	environment, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", c.pid))
	if err != nil {
		t.Fatal(err)
	}
	known := regexp.MustCompile(`^(MESOS_|LIBPROCESS_|GOTASK_|PATH=)`)
	for _, variable := range strings.Split(strings.TrimRight(string(environment), "\x00"), "\x00") {
		if !known.MatchString(variable) {
			t.Errorf("executor %d has %s in its environment", c.pid, variable)
		}
	}
}

var apiAddress = regexp.MustCompile(`API and metrics: (http://\S+)`)

// api returns the address of the program's API, or "" while it is not known.
func (p *program) api() string {
	found := apiAddress.FindStringSubmatch(p.out.String())
	if found == nil {
		return ""
	}
	return found[1]
}

func status(p *program) (s gotask.Status, err error) {
	resp, err := http.Get(p.api() + "/api/v1/tasks")
	if err != nil {
		return s, err
	}
	defer resp.Body.Close()
	return s, json.NewDecoder(resp.Body).Decode(&s)
}

func runningTasks(p *program) int {
	s, err := status(p)
	if err != nil {
		return 0
	}
	n := 0
	for _, task := range s.Tasks {
		if task.State == gotask.TaskRunning {
			n++
		}
	}
	return n
}

// A car's process dies. By default that is the end: exit code 1, and a
// sentence that names the tasks, the agent and the reason.
func TestKilledExecutorEndsTheRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, "run", "--ui", "never", "--http", "127.0.0.1:0", "--state-dir", dir)
	eventually(t, 20*time.Second, "all tasks run", func() bool { return runningTasks(p) == 12 })
	if err := syscall.Kill(executors(t, dir)[0].pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if code := p.wait(10 * time.Second); code != exitFailed {
		t.Errorf("exit code %d, want %d", code, exitFailed)
	}
	if text := p.err.String(); !regexp.MustCompile(`(car|floor)-\d.*agent-\d`).MatchString(text) {
		t.Errorf("stderr names no task and agent: %s", text)
	}
	if left := executors(t, dir); len(left) > 0 {
		t.Errorf("executors left: %v", left)
	}
}

// Under restart the building goes on and everybody arrives.
func TestKilledExecutorIsReplaced(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	journal := filepath.Join(dir, "journal.ndjson")
	p := start(t, "run", "--ui", "never", "--http", "127.0.0.1:0", "--state-dir", dir, "--journal", journal,
		"--speed", "10", "--duration", "3m", "--on-task-failure", "restart")
	eventually(t, 20*time.Second, "all tasks run", func() bool { return runningTasks(p) == 12 })
	client, err := operator.NewClient(p.api())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	carried := func() int {
		s, err := client.Group(t.Context())
		if err != nil {
			return -1
		}
		return s.Stats.Carried
	}
	eventually(t, 20*time.Second, "somebody is carried", func() bool { return carried() > 3 })
	killed := executors(t, dir)[0]
	if err := syscall.Kill(killed.pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	eventually(t, 5*time.Second, "all tasks run again", func() bool {
		return runningTasks(p) == 12 && len(executors(t, dir)) == 2 && executors(t, dir)[1].pid != killed.pid && executors(t, dir)[0].pid != killed.pid
	})
	t.Logf("all tasks ran again after %v", time.Since(began).Round(time.Millisecond))
	if code := p.wait(60 * time.Second); code != 0 {
		t.Fatalf("exit code %d: %s", code, p.err.String())
	}
	if n, _, _ := judge(t, journal, true); n < 20 {
		t.Errorf("only %d passengers carried", n)
	}
}

// SIGINT and SIGTERM end a run within five seconds, with its children gone and
// its journal whole.
func TestSignalsEndTheRun(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			dir := t.TempDir()
			journal := filepath.Join(dir, "journal.ndjson")
			p := start(t, "run", "--ui", "never", "--http", "127.0.0.1:0", "--state-dir", dir, "--journal", journal, "--speed", "10")
			eventually(t, 20*time.Second, "all tasks run", func() bool { return runningTasks(p) == 12 })
			p.signal(signal)
			if code := p.wait(5 * time.Second); code != 0 {
				t.Errorf("exit code %d: %s", code, p.err.String())
			}
			if left := executors(t, dir); len(left) > 0 {
				t.Errorf("executors left: %v", left)
			}
			judge(t, journal, false)
			if !strings.Contains(p.out.String(), "passengers carried") {
				t.Errorf("no summary: %s", tail(p.out.String(), 3))
			}
		})
	}
}

// While it runs the API answers, and nothing is left behind in the end.
func TestOperatorsAPI(t *testing.T) {
	t.Parallel()
	p := start(t, "run", "--ui", "never", "--http", "127.0.0.1:0")
	eventually(t, 20*time.Second, "ready", func() bool {
		if p.api() == "" {
			return false
		}
		resp, err := http.Get(p.api() + "/readyz")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	client, err := operator.NewClient(p.api())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	group, err := client.Group(t.Context())
	if err != nil || len(group.Cars) != 4 || len(group.Floors) != 8 {
		t.Errorf("group %+v, %v", group, err)
	}
	p.signal(syscall.SIGTERM)
	if code := p.wait(5 * time.Second); code != 0 {
		t.Errorf("exit code %d", code)
	}
	left, err := os.ReadDir(strings.TrimPrefix(p.cmd.Env[len(p.cmd.Env)-1], "TMPDIR="))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// The default port may be taken; then any other serves, and says so.
func TestDefaultPortTaken(t *testing.T) {
	t.Parallel()
	if l, err := net.Listen("tcp", "127.0.0.1:8080"); err == nil {
		defer l.Close()
	}
	p := start(t, "run", "--ui", "never")
	eventually(t, 20*time.Second, "the API's address is said", func() bool { return p.api() != "" })
	if !strings.Contains(p.out.String(), "127.0.0.1:8080 is taken") {
		t.Errorf("said: %s", tail(p.out.String(), 2))
	}
}

// A reader who leaves early, such as head, ends the run and leaves nothing.
func TestBrokenPipeEndsTheRun(t *testing.T) {
	t.Parallel()
	dir, err := binaries()
	if err != nil {
		t.Fatal(err)
	}
	state := t.TempDir()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(dir, "elevator-scheduler"), "run", "--ui", "never", "--http", "127.0.0.1:0", "--state-dir", state, "--speed", "20")
	cmd.Stdout = write
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	write.Close()
	lines := bufio.NewScanner(read)
	for range 5 {
		lines.Scan()
	}
	read.Close()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(20 * time.Second):
		_ = cmd.Process.Kill()
		t.Fatal("still running after its reader left")
	}
	if left := executors(t, state); len(left) > 0 {
		t.Errorf("executors left: %v", left)
	}
}
