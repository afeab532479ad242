package deploy

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"elevator/internal/programtest"
)

// startScheduler starts a busy building, twenty times as fast as the wall.
func startScheduler(t *testing.T) *programtest.Program {
	t.Helper()
	p, err := built()
	if err != nil {
		skipWithoutTool(t, err)
		t.Fatal(err)
	}
	scheduler := programtest.StartBinary(t, p.scheduler(), "run", "--ui=never", "--http=127.0.0.1:0", "--speed=20", "--traffic=two-way:40%")
	t.Cleanup(func() {
		if _, ended := scheduler.Ended(); !ended {
			scheduler.Signal(syscall.SIGINT)
			scheduler.Wait(15 * time.Second)
		}
	})
	programtest.Eventually(t, 30*time.Second, "all tasks run", func() bool { return scheduler.API() != "" && scheduler.Ready() == nil })
	return scheduler
}

// prometheusServer is a running Prometheus.
type prometheusServer struct{ address string }

// startPrometheus starts one with the configuration of this folder and the
// rules of a directory for one scheduler, its intervals a second long, and
// waits until it answers.
func startPrometheus(t *testing.T, scheduler *programtest.Program, rules string) *prometheusServer {
	t.Helper()
	program, err := findTool("prometheus")
	if err != nil {
		skipWithoutTool(t, err)
	}
	config, err := os.ReadFile("prometheus/one-scheduler.yml")
	if err != nil {
		t.Fatal(err)
	}
	target := strings.TrimPrefix(scheduler.API(), "http://")
	here := strings.NewReplacer("scheduler.example.org:8080", target, "rules/*.yml", mustAbs(rules)+"/*.yml", "15s", "1s", "30s", "1s")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "prometheus.yml"), []byte(here.Replace(string(config))), 0o644); err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	cmd := exec.Command(program, "--config.file="+filepath.Join(dir, "prometheus.yml"),
		"--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address, "--log.level=error")
	start(t, cmd)
	prometheus := &prometheusServer{"http://" + address}
	programtest.Eventually(t, 30*time.Second, "Prometheus answers", func() bool {
		_, err := prometheus.query("vector(1)")
		return err == nil
	})
	return prometheus
}

// start starts a process that is interrupted and waited for at the test's end.
func start(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		kill := time.AfterFunc(15*time.Second, func() { _ = cmd.Process.Kill() })
		defer kill.Stop()
		_ = cmd.Wait()
	})
}

// freeAddress returns a loopback address that was free just now.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// ask gets an answer of the API into v.
func (p *prometheusServer) ask(path string, v any) error {
	response, err := http.Get(p.address + path)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d: %s", response.StatusCode, data)
	}
	return json.Unmarshal(data, v)
}

// sample is one series of an answer to a query.
type sample struct {
	labels map[string]string
	value  float64
}

// query returns the series that an expression finds and that have a number.
func (p *prometheusServer) query(expr string) ([]sample, error) {
	var answer struct {
		Data struct {
			Result []struct {
				Metric map[string]string `json:"metric"`
				Value  [2]any            `json:"value"`
			} `json:"result"`
		} `json:"data"`
	}
	if err := p.ask("/api/v1/query?query="+url.QueryEscape(expr), &answer); err != nil {
		return nil, err
	}
	var found []sample
	for _, r := range answer.Data.Result {
		text, _ := r.Value[1].(string)
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, fmt.Errorf("value of %v: %w", r.Metric, err)
		}
		if value == value {
			found = append(found, sample{r.Metric, value})
		}
	}
	return found, nil
}
