package deploy

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// oftenEmpty are queries that find nothing while all is well, or while nobody
// gives commands.
var oftenEmpty = regexp.MustCompile(`== 1$|> 0$|result="error"|elevator_api_commands_total|elevator_journal_`)

// TestDashboardsShowData has a real Prometheus scrape a real scheduler with the
// rules of this folder, and runs every query of every dashboard against it.
func TestDashboardsShowData(t *testing.T) {
	t.Parallel()
	if _, err := findTool("prometheus"); err != nil {
		skipWithoutTool(t, err)
	}
	p, err := built()
	if err != nil {
		skipWithoutTool(t, err)
		t.Fatal(err)
	}
	dashboards, err := readDashboards(".")
	if err != nil {
		t.Fatal(err)
	}
	waiting := make(map[string]string) // by query: which panel
	for file, d := range dashboards {
		for _, panel := range d.Panels {
			for _, target := range panel.Targets {
				expr := strings.NewReplacer("$__rate_interval", "20s", "$__range", "1m", "$job", ".+", "$instance", ".+").Replace(target.Expr)
				if !oftenEmpty.MatchString(target.Expr) {
					waiting[expr] = file + ": " + panel.Title
				}
			}
		}
	}
	prometheus := startPrometheus(t, startScheduler(t, p))
	deadline := time.After(90 * time.Second)
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for len(waiting) > 0 {
		for expr := range waiting {
			found, err := query(prometheus, expr)
			if err != nil && !strings.Contains(err.Error(), "connection refused") && !strings.Contains(err.Error(), "503") {
				t.Fatalf("%s\n%s: %v", waiting[expr], expr, err)
			}
			if found {
				delete(waiting, expr)
			}
		}
		select {
		case <-tick.C:
		case <-deadline:
			for expr, where := range waiting {
				t.Errorf("%s shows nothing of a running building:\n%s", where, expr)
			}
			return
		}
	}
	checkRulesHealthy(t, prometheus)
}

// startScheduler starts a busy building and returns its API's address.
func startScheduler(t *testing.T, p *programs) string {
	t.Helper()
	cmd := exec.Command(p.scheduler(), "run", "--ui=never", "--http=127.0.0.1:0", "--speed=20", "--traffic=two-way:40%")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	start(t, cmd)
	lines := bufio.NewReader(stdout)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("the scheduler did not say where its API is: %v", err)
		}
		if m := regexp.MustCompile(`http://(\S+)`).FindStringSubmatch(line); m != nil {
			go io.Copy(io.Discard, lines) // ends with the process
			return m[1]
		}
	}
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

// startPrometheus starts one with the configuration of this folder for the
// scheduler at target, its intervals a second long, and returns its address.
func startPrometheus(t *testing.T, target string) string {
	t.Helper()
	dir := t.TempDir()
	rules, err := filepath.Abs("prometheus/rules")
	if err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile("prometheus/one-scheduler.yml")
	if err != nil {
		t.Fatal(err)
	}
	here := strings.NewReplacer("scheduler.example.org:8080", target, "rules/*.yml", rules+"/*.yml", "15s", "1s", "30s", "1s")
	if err := os.WriteFile(filepath.Join(dir, "prometheus.yml"), []byte(here.Replace(string(config))), 0o644); err != nil {
		t.Fatal(err)
	}
	program, err := findTool("prometheus")
	if err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	cmd := exec.Command(program, "--config.file="+filepath.Join(dir, "prometheus.yml"),
		"--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address, "--log.level=error")
	start(t, cmd)
	return "http://" + address
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

// ask gets an answer of Prometheus' API into v.
func ask(address, path string, v any) error {
	response, err := http.Get(address + path)
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

// query reports whether an expression finds a series with a number.
func query(address, expr string) (bool, error) {
	var answer struct {
		Data struct {
			Result []struct {
				Value [2]any `json:"value"`
			} `json:"result"`
		} `json:"data"`
	}
	if err := ask(address, "/api/v1/query?query="+url.QueryEscape(expr), &answer); err != nil {
		return false, err
	}
	for _, r := range answer.Data.Result {
		if r.Value[1] != "NaN" {
			return true, nil
		}
	}
	return false, nil
}

// checkRulesHealthy wants every rule to be evaluated without error, and no
// critical alert to fire for a building in which all is well.
func checkRulesHealthy(t *testing.T, address string) {
	t.Helper()
	var answer struct {
		Data struct {
			Groups []struct {
				Rules []struct {
					Name      string            `json:"name"`
					Health    string            `json:"health"`
					LastError string            `json:"lastError"`
					State     string            `json:"state"`
					Labels    map[string]string `json:"labels"`
				} `json:"rules"`
			} `json:"groups"`
		} `json:"data"`
	}
	if err := ask(address, "/api/v1/rules", &answer); err != nil {
		t.Fatal(err)
	}
	if len(answer.Data.Groups) < 5 {
		t.Fatalf("Prometheus has %d groups of rules", len(answer.Data.Groups))
	}
	for _, g := range answer.Data.Groups {
		for _, r := range g.Rules {
			if r.Health != "ok" {
				t.Errorf("rule %s: %s %s", r.Name, r.Health, r.LastError)
			}
			if r.State == "firing" && r.Labels["severity"] == "critical" {
				t.Errorf("alert %s fires for a building in which all is well", r.Name)
			}
		}
	}
}
