package deploy

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// missingToolError says which program is not installed and which Debian package
// has it.
type missingToolError struct{ program, debian string }

func (e *missingToolError) Error() string {
	return fmt.Sprintf("%s is not installed (Debian: apt-get install %s)", e.program, e.debian)
}

// debianPackages are where the tools come from.
var debianPackages = map[string]string{
	"promtool":         "prometheus",
	"prometheus":       "prometheus",
	"amtool":           "prometheus-alertmanager",
	"buildah":          "buildah",
	"systemd-analyze":  "systemd",
	"systemd-sysusers": "systemd",
	"logrotate":        "logrotate",
	"go":               "golang",
	"make":             "make",
	"tar":              "tar",
	"sha256sum":        "coreutils",
	"sh":               "dash",
	"mandoc":           "mandoc",
	"dpkg-deb":         "dpkg",
}

// tool runs a program in dir and returns what it printed; a failure is an error
// with that text.
func tool(t *testing.T, dir, program string, args ...string) (string, error) {
	t.Helper()
	file, err := findTool(program)
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(t.Context(), file, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "SYSTEMD_COLORS=0", "NO_COLOR=1", "GOFLAGS=")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("%s %s: %w\n%s", program, strings.Join(args, " "), err, out)
	}
	return string(out), nil
}

// findTool looks also where Debian keeps what only root has in its PATH.
func findTool(program string) (string, error) {
	for _, name := range []string{program, filepath.Join("/usr/sbin", program)} {
		if file, err := exec.LookPath(name); err == nil {
			return filepath.Abs(file)
		}
	}
	return "", &missingToolError{program, debianPackages[program]}
}

// programs are the project's own binaries, and what they say of themselves.
type programs struct {
	dir     string              // holds bin/elevator-scheduler and bin/elevator-executor
	flags   map[string]bool     // of elevator-scheduler run, without dashes
	pages   map[string]string   // by program: what its /metrics shows while the building runs
	metrics map[string]exported // of all pages, by name of the series
}

// exported is one metric as /metrics shows it.
type exported struct {
	kind      string // counter, gauge, summary
	labels    []string
	histogram bool // the series is part of one
}

// workDir is where the programs are built; TestMain makes and removes it.
var workDir string

// built builds and questions the programs, once for all checks.
var built = sync.OnceValues(func() (*programs, error) {
	p := &programs{dir: workDir}
	return p, p.build()
})

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "elevator-deploy-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "make a directory for the programs:", err)
		return 1
	}
	defer os.RemoveAll(dir)
	workDir = dir
	return m.Run()
}

func (p *programs) scheduler() string { return filepath.Join(p.dir, "bin", "elevator-scheduler") }

// build makes the same static binaries as the Makefile does.
func (p *programs) build() error {
	compiler, err := findTool("go")
	if err != nil {
		return err
	}
	cmd := exec.Command(compiler, "build", "-trimpath", "-ldflags", "-s -w -buildid= -X main.version=test",
		"-o", filepath.Join(p.dir, "bin")+"/", "elevator/cmd/elevator-scheduler", "elevator/cmd/elevator-executor")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build the programs: %w\n%s", err, out)
	}
	help, err := exec.Command(p.scheduler(), "run", "--help").CombinedOutput()
	if err != nil {
		return fmt.Errorf("ask for the flags: %w\n%s", err, help)
	}
	p.flags = make(map[string]bool)
	for _, m := range regexp.MustCompile(`(?m)^\s+--?([a-z-]+)\b`).FindAllStringSubmatch(string(help), -1) {
		p.flags[m[1]] = true
	}
	if !p.flags["master"] {
		return fmt.Errorf("run --help names no flag --master:\n%s", help)
	}
	if p.pages, err = p.scrape(); err != nil {
		return err
	}
	p.metrics = make(map[string]exported)
	for _, page := range p.pages {
		maps.Copy(p.metrics, parseMetrics(page))
	}
	return nil
}

// scrape runs the built-in building for a moment and reads the metrics of the
// scheduler and of one executor.
func (p *programs) scrape() (map[string]string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, p.scheduler(), "run", "--ui=never", "--http=127.0.0.1:0", "--speed=50")
	cmd.Stderr = &stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	pages, err := scrapeFrom(bufio.NewReader(stdout))
	cancel()
	_ = cmd.Wait() // interrupted: what counts was read before
	if err != nil {
		return nil, fmt.Errorf("scrape a running scheduler: %w\n%s", err, &stderr)
	}
	return pages, nil
}

// scrapeFrom reads the API's address and then the building's events from the
// scheduler's output until a passenger has arrived somewhere, by when every
// metric has been counted, and returns the pages.
func scrapeFrom(lines *bufio.Reader) (map[string]string, error) {
	url := ""
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return nil, fmt.Errorf("the scheduler ended: %w", err)
		}
		if m := regexp.MustCompile(`http://\S+`).FindString(line); m != "" && url == "" {
			url = m
		}
		if strings.Contains(line, " leaves car ") {
			break
		}
	}
	if url == "" {
		return nil, errors.New("it did not say where its API is")
	}
	go io.Copy(io.Discard, lines) // ends with the process
	targets, err := readTargets(url)
	if err != nil {
		return nil, err
	}
	pages := make(map[string]string)
	for _, target := range targets {
		page, err := get("http://" + target.Targets[0] + "/metrics")
		if err != nil {
			return nil, err
		}
		pages[target.Labels["component"]] = page
	}
	return pages, nil
}

// target is one entry of /sd/targets.
type target struct {
	Targets []string          `json:"targets"`
	Labels  map[string]string `json:"labels"`
}

// readTargets asks the scheduler at url what is to be scraped.
func readTargets(url string) ([]target, error) {
	text, err := get(url + "/sd/targets")
	if err != nil {
		return nil, err
	}
	var targets []target
	return targets, json.Unmarshal([]byte(text), &targets)
}

func get(url string) (string, error) {
	response, err := http.Get(url)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", url, response.Status, data)
	}
	return string(data), err
}

var (
	seriesLine = regexp.MustCompile(`^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? `)
	labelName  = regexp.MustCompile(`([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)\s*"(?:[^"\\]|\\.)*"`)
)

// parseMetrics reads the text format: each series with its kind and labels.
func parseMetrics(text string) map[string]exported {
	kinds := make(map[string]string)
	metrics := make(map[string]exported)
	for line := range strings.Lines(text) {
		if fields := strings.Fields(line); len(fields) == 4 && fields[0] == "#" && fields[1] == "TYPE" {
			kinds[fields[2]] = fields[3]
			continue
		}
		m := seriesLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		e := metrics[m[1]]
		e.kind = kinds[m[1]]
		for _, suffix := range []string{"_bucket", "_sum", "_count"} {
			if base, ok := strings.CutSuffix(m[1], suffix); ok && kinds[base] == "histogram" {
				e.kind, e.histogram = "counter", true
			}
		}
		for _, l := range labelName.FindAllStringSubmatch(m[2], -1) {
			if !slices.Contains(e.labels, l[1]) {
				e.labels = append(e.labels, l[1])
			}
		}
		metrics[m[1]] = e
	}
	return metrics
}

var flagWord = regexp.MustCompile(`(?:^|[\s"'=\[])--([a-z][a-z-]*)`)

// checkFlags returns an error for a flag in a command line of
// elevator-scheduler run that the program does not have.
func checkFlags(where, text string) error {
	p, err := built()
	if err != nil {
		return err
	}
	for _, m := range flagWord.FindAllStringSubmatch(text, -1) {
		if !p.flags[m[1]] {
			return fmt.Errorf("%s: elevator-scheduler run has no flag --%s", where, m[1])
		}
	}
	return nil
}
