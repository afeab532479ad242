// Package programtest runs the built programs for tests, as their users do: as
// processes with arguments, exit codes and output, whose API is asked over
// HTTP and whose journals are read as a stranger would.
//
// The two executables are built once for each test process, into a directory
// that Main removes. A Program is killed when its test ends; its output is
// logged when the test has failed. All functions may be called from any
// goroutine.
package programtest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"elevator/internal/gotask"
)

// built makes the two executables and returns their directory.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "elevator-binaries-")
	if err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-o", dir+"/", "elevator/cmd/elevator-scheduler", "elevator/cmd/elevator-executor")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return dir, fmt.Errorf("build the binaries: %w\n%s", err, out)
	}
	return dir, nil
})

// Build makes the two executables of another version in a directory of the
// test's own, which it returns.
func Build(t testing.TB, version string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	build := exec.Command("go", "build", "-ldflags", "-X main.version="+version, "-o", dir+"/",
		"elevator/cmd/elevator-scheduler", "elevator/cmd/elevator-executor")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build version %s: %v\n%s", version, err, out)
	}
	return dir
}

// Main runs the tests of a package that uses this one, and removes what was
// built for them. It returns the exit code.
func Main(m *testing.M) int {
	code := m.Run()
	if dir, err := built(); err == nil {
		_ = os.RemoveAll(dir)
	}
	return code
}

// Path returns the path of one of the executables.
func Path(t testing.TB, name string) string {
	t.Helper()
	dir, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, name)
}

// Program is one running elevator-scheduler.
type Program struct {
	// TempDir is the program's directory for temporary files.
	TempDir string

	t              testing.TB
	asking         *http.Client
	cmd            *exec.Cmd
	stdout, stderr output
	ended          chan struct{}
	code           int
}

// output is a buffer that may be read while a process writes to it.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// Start runs the built elevator-scheduler. It is killed when the test ends.
func Start(t testing.TB, args ...string) *Program {
	t.Helper()
	return StartOn(t, here{}, Path(t, "elevator-scheduler"), args...)
}

// StartBinary runs an elevator-scheduler, maybe of another version.
func StartBinary(t testing.TB, binary string, args ...string) *Program {
	t.Helper()
	return StartOn(t, here{}, binary, args...)
}

// StartOn runs an elevator-scheduler on another host, from where its API is
// asked, too.
func StartOn(t testing.TB, host Host, binary string, args ...string) *Program {
	t.Helper()
	p := &Program{t: t, ended: make(chan struct{}), TempDir: t.TempDir()}
	// A frozen program answers never.
	p.asking = &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DialContext: host.Dial}}
	p.cmd = exec.Command(binary, args...)
	p.cmd.Env = append(os.Environ(), "TMPDIR="+p.TempDir)
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	if err := host.Do(p.cmd.Start); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		var exit *exec.ExitError
		if err := p.cmd.Wait(); errors.As(err, &exit) {
			p.code = exit.ExitCode()
		} else if err != nil {
			p.code = -1
		}
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.ended
		p.asking.CloseIdleConnections()
		if t.Failed() {
			t.Logf("%s %s\n--- last of stdout\n%s\n--- stderr\n%s",
				filepath.Base(binary), strings.Join(args, " "), Tail(p.Stdout(), 30), Tail(p.Stderr(), 60))
		}
	})
	return p
}

// Tail returns the last lines of a text.
func Tail(text string, lines int) string {
	all := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// PID returns the process id.
func (p *Program) PID() int { return p.cmd.Process.Pid }

// Stdout returns what the program has written to its standard output so far.
func (p *Program) Stdout() string { return p.stdout.String() }

// Stderr returns what the program has written to its standard error so far.
func (p *Program) Stderr() string { return p.stderr.String() }

// Wait returns the exit code, and fails the test when there is none in time.
func (p *Program) Wait(most time.Duration) int {
	p.t.Helper()
	select {
	case <-p.ended:
		return p.code
	case <-time.After(most):
		p.t.Fatalf("still running after %v", most)
		return -1
	}
}

// Ended reports whether the program has ended, and with which code.
func (p *Program) Ended() (code int, ended bool) {
	select {
	case <-p.ended:
		return p.code, true
	default:
		return 0, false
	}
}

// Signal sends the program a signal.
func (p *Program) Signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// Kill ends the program at once and waits until it is gone.
func (p *Program) Kill() {
	p.t.Helper()
	p.Signal(syscall.SIGKILL)
	<-p.ended
}

var apiAddress = regexp.MustCompile(`API and metrics: (http://\S+).*\n`) // the whole line: output comes in pieces

// API returns the address of the program's API, or "" while it is not known.
func (p *Program) API() string {
	found := apiAddress.FindStringSubmatch(p.Stdout())
	if found == nil {
		return ""
	}
	return found[1]
}

// Status asks for the framework's tasks.
func (p *Program) Status() (s gotask.Status, err error) {
	resp, err := p.asking.Get(p.API() + "/api/v1/tasks")
	if err != nil {
		return s, err
	}
	defer resp.Body.Close()
	return s, json.NewDecoder(resp.Body).Decode(&s)
}

// Metrics asks for the metrics that have no labels, by name.
func (p *Program) Metrics() (map[string]float64, error) {
	resp, err := p.asking.Get(p.API() + "/metrics")
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	values := make(map[string]float64)
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		name, text, _ := strings.Cut(lines.Text(), " ")
		if value, err := strconv.ParseFloat(text, 64); err == nil && !strings.ContainsAny(name, "{#") {
			values[name] = value
		}
	}
	return values, lines.Err()
}

// RunningTasks counts the tasks that run, 0 while the API does not answer.
func (p *Program) RunningTasks() int {
	s, err := p.Status()
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

// Ready returns nil when GET /readyz says that the group carries passengers,
// else what it says.
func (p *Program) Ready() error {
	resp, err := p.asking.Get(p.API() + "/readyz")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	var answer struct{ Error string }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return fmt.Errorf("HTTP %d: %w", resp.StatusCode, err)
	}
	return errors.New(answer.Error)
}
