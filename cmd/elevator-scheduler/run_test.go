package main

import (
	"bufio"
	"bytes"
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

	"elevator/internal/gotask"
	"elevator/internal/operator"
	"elevator/internal/programtest"
)

// Ten minutes of the building in half a minute of ours.
func TestRunCarriesPassengers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	journal := filepath.Join(dir, "journal.ndjson")
	p := programtest.Start(t, "run", "--ui", "never", "--http", "127.0.0.1:0", "--state-dir", dir, "--journal", journal,
		"--speed", "20", "--duration", "10m", "--traffic", "two-way:20%")

	programtest.Eventually(t, 20*time.Second, "executors hold 12 tasks", func() bool {
		children := programtest.Executors(t, dir)
		return len(children) == 2 && p.RunningTasks() == 12
	})
	for _, c := range programtest.Executors(t, dir) {
		checkChild(t, c)
	}
	if code := p.Wait(90 * time.Second); code != 0 {
		t.Fatalf("exit code %d: %s", code, p.Stderr())
	}
	judged := programtest.Judge(t, journal, 0)
	judged.Whole(t)
	carried, used, tasks := judged.Carried, judged.Used, judged.Tasks
	if carried < 100 {
		t.Errorf("%d passengers carried, want at least 100", carried)
	}
	if len(used) != 4 {
		t.Errorf("only the cars %v carried anybody", used)
	}
	if len(tasks) != 12 {
		t.Errorf("the journal names %d tasks, want 12: %v", len(tasks), tasks)
	}
	if !strings.Contains(p.Stdout(), fmt.Sprintf("%d passengers carried, 0 waiting, 0 riding", carried)) {
		t.Errorf("summary: %s", programtest.Tail(p.Stdout(), 1))
	}
	if left := programtest.Executors(t, dir); len(left) > 0 {
		t.Errorf("executors left: %v", left)
	}
}

// checkChild looks at what a Mesos agent promises its executor: a session, a
// sandbox with its output, and no environment but the agent's.
func checkChild(t *testing.T, c programtest.Executor) {
	t.Helper()
	for _, name := range []string{"stdout", "stderr", "elevator-executor"} {
		if _, err := os.Stat(filepath.Join(c.Sandbox, name)); err != nil {
			t.Errorf("sandbox of %d: %v", c.PID, err)
		}
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.PID))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if session := fields[3]; session != fmt.Sprint(c.PID) {
		t.Errorf("executor %d is in session %s, not in its own", c.PID, session)
	}
	environment, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", c.PID))
	if err != nil {
		t.Fatal(err)
	}
	known := regexp.MustCompile(`^(MESOS_|LIBPROCESS_|GOTASK_|PATH=)`)
	for variable := range strings.SplitSeq(strings.TrimRight(string(environment), "\x00"), "\x00") {
		if !known.MatchString(variable) {
			t.Errorf("executor %d has %s in its environment", c.PID, variable)
		}
	}
}

// A car's process dies. By default that is the end: exit code 1, and a
// sentence that names the tasks, the agent and the reason.
func TestKilledExecutorEndsTheRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := programtest.Start(t, "run", "--ui", "never", "--http", "127.0.0.1:0", "--state-dir", dir)
	programtest.Eventually(t, 20*time.Second, "all tasks run", func() bool { return p.RunningTasks() == 12 })
	if err := syscall.Kill(programtest.Executors(t, dir)[0].PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if code := p.Wait(10 * time.Second); code != exitFailed {
		t.Errorf("exit code %d, want %d", code, exitFailed)
	}
	if text := p.Stderr(); !regexp.MustCompile(`(car|floor)-\d.*agent-\d`).MatchString(text) {
		t.Errorf("stderr names no task and agent: %s", text)
	}
	if left := programtest.Executors(t, dir); len(left) > 0 {
		t.Errorf("executors left: %v", left)
	}
}

// awaitTraffic waits until some passengers were carried.
func awaitTraffic(t *testing.T, p *programtest.Program) {
	t.Helper()
	client, err := operator.NewClient(p.API())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	programtest.Eventually(t, 20*time.Second, "somebody is carried", func() bool {
		s, err := client.Group(t.Context())
		return err == nil && s.Stats.Carried > 3
	})
}

// everybodyArrives waits for the end of a run that goes well, with a journal that
// breaks no rule.
func everybodyArrives(t *testing.T, p *programtest.Program, journal string) {
	t.Helper()
	if code := p.Wait(60 * time.Second); code != 0 {
		t.Fatalf("exit code %d: %s", code, p.Stderr())
	}
	if carried := spotless(t, journal); carried < 20 {
		t.Errorf("only %d passengers carried", carried)
	}
}

// Under restart the building goes on and everybody arrives.
func TestKilledExecutorIsReplaced(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	journal := filepath.Join(dir, "journal.ndjson")
	p := programtest.Start(t, "run", "--ui", "never", "--http", "127.0.0.1:0", "--state-dir", dir, "--journal", journal,
		"--speed", "10", "--duration", "3m", "--on-task-failure", "restart")
	programtest.Eventually(t, 20*time.Second, "all tasks run", func() bool { return p.RunningTasks() == 12 })
	awaitTraffic(t, p)
	killed := programtest.Executors(t, dir)[0]
	if err := syscall.Kill(killed.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	programtest.Eventually(t, 5*time.Second, "all tasks run again", func() bool {
		return p.RunningTasks() == 12 && len(programtest.Executors(t, dir)) == 2 && programtest.Executors(t, dir)[1].PID != killed.PID && programtest.Executors(t, dir)[0].PID != killed.PID
	})
	t.Logf("all tasks ran again after %v", time.Since(began).Round(time.Millisecond))
	everybodyArrives(t, p, journal)
}

// An operator starts a car's task anew under traffic, which is no failure: its
// riders wait, the journal says who wanted it, and everybody arrives.
func TestRestartedTaskCarriesOn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	journal := filepath.Join(dir, "journal.ndjson")
	p := programtest.Start(t, "run", "--ui", "never", "--http", "127.0.0.1:0", "--state-dir", dir, "--journal", journal,
		"--speed", "10", "--duration", "3m")
	programtest.Eventually(t, 20*time.Second, "all tasks run", func() bool { return p.RunningTasks() == 12 })
	awaitTraffic(t, p)
	restart := func(task string) (code int, said string) {
		code, out, errs := performed(t, "command", "--connect", p.API(), "restart-task", task)
		return code, out + errs
	}
	if code, said := restart("car-7"); code != exitBadInput || !strings.Contains(said, `task "car-7": the group has none of that name`) {
		t.Errorf("unknown task: exit code %d, %s", code, said)
	}
	attempt := func() int {
		s, err := p.Status()
		if err != nil {
			return 0
		}
		for _, task := range s.Tasks {
			if task.Name == "car-0" && task.State == gotask.TaskRunning {
				return task.Attempt
			}
		}
		return 0
	}
	before := attempt()
	if code, said := restart("car-0"); code != 0 || said != "restart-task: ok\n" {
		t.Fatalf("exit code %d, %s", code, said)
	}
	programtest.Eventually(t, 10*time.Second, "the next attempt runs", func() bool { return attempt() > before })
	everybodyArrives(t, p, journal)
	text, err := os.ReadFile(journal)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(regexp.MustCompile(`"event":"command","task":"car-0".*"command":"restart-task".*"result":"ok"`).FindAll(text, -1)); n != 1 {
		t.Errorf("%d such commands in the journal, want 1", n)
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
			p := programtest.Start(t, "run", "--ui", "never", "--http", "127.0.0.1:0", "--state-dir", dir, "--journal", journal, "--speed", "10")
			programtest.Eventually(t, 20*time.Second, "all tasks run", func() bool { return p.RunningTasks() == 12 })
			p.Signal(signal)
			if code := p.Wait(5 * time.Second); code != 0 {
				t.Errorf("exit code %d: %s", code, p.Stderr())
			}
			if left := programtest.Executors(t, dir); len(left) > 0 {
				t.Errorf("executors left: %v", left)
			}
			programtest.Judge(t, journal, 0).SoFar(t)
			if !strings.Contains(p.Stdout(), "passengers carried") {
				t.Errorf("no summary: %s", programtest.Tail(p.Stdout(), 3))
			}
		})
	}
}

// While it runs the API answers, and nothing is left behind in the end.
func TestOperatorsAPI(t *testing.T) {
	t.Parallel()
	p := programtest.Start(t, "run", "--ui", "never", "--http", "127.0.0.1:0")
	programtest.Eventually(t, 20*time.Second, "ready", func() bool {
		if p.API() == "" {
			return false
		}
		resp, err := http.Get(p.API() + "/readyz")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	client, err := operator.NewClient(p.API())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	group, err := client.Group(t.Context())
	if err != nil || len(group.Cars) != 4 || len(group.Floors) != 8 {
		t.Errorf("group %+v, %v", group, err)
	}
	p.Signal(syscall.SIGTERM)
	if code := p.Wait(5 * time.Second); code != 0 {
		t.Errorf("exit code %d", code)
	}
	left, err := os.ReadDir(p.TempDir)
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
	p := programtest.Start(t, "run", "--ui", "never")
	programtest.Eventually(t, 20*time.Second, "the API's address is said", func() bool { return p.API() != "" })
	if !strings.Contains(p.Stdout(), "127.0.0.1:8080 is taken") {
		t.Errorf("said: %s", programtest.Tail(p.Stdout(), 2))
	}
}

// A reader who leaves early, such as head, ends the run and leaves nothing.
func TestBrokenPipeEndsTheRun(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(programtest.Path(t, "elevator-scheduler"), "run", "--ui", "never", "--http", "127.0.0.1:0", "--state-dir", state, "--speed", "20")
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
	if left := programtest.Executors(t, state); len(left) > 0 {
		t.Errorf("executors left: %v", left)
	}
}
