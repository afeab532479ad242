package gotask

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestArtifactServesNothingElse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "my executor")
	content := strings.Repeat("binary", 1000)
	if err := os.WriteFile(path, []byte(content), 0o755); err != nil {
		t.Fatal(err)
	}
	a, err := serveArtifact(path, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	base := a.url("", "ignored, since the listener has an address")
	sum := sha256.Sum256([]byte(content))
	if want := hex.EncodeToString(sum[:]) + "/my_executor"; !strings.HasSuffix(base, want) {
		t.Errorf("URL %s does not end in %s", base, want)
	}
	get := func(method, url string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
	if code, body := get("GET", base); code != 200 || body != content {
		t.Errorf("GET: %d, %d bytes", code, len(body))
	}
	if code, body := get("HEAD", base); code != 200 || body != "" {
		t.Errorf("HEAD: %d, %d bytes", code, len(body))
	}
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range []string{"/", "/my_executor", u.Path + "/", "/" + strings.Repeat("0", 64) + "/my_executor", "/debug/pprof/", "/../" + u.Path + "x"} {
		if code, _ := get("GET", "http://"+u.Host+other); code == 200 {
			t.Errorf("GET %s: %d", other, code)
		}
	}
	if code, _ := get("POST", base); code != 405 {
		t.Errorf("POST: %d", code)
	}
}

func TestArtifactURL(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(path, []byte("x"), 0o755); err != nil {
		t.Fatal(err)
	}
	a, err := serveArtifact(path, ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	port := a.listen.Addr().String()[strings.LastIndex(a.listen.Addr().String(), ":"):]
	tests := []struct{ advertise, fallback, want string }{
		{"", "10.0.0.1", "10.0.0.1" + port},
		{"head.example", "10.0.0.1", "head.example" + port},
		{"head.example:80", "10.0.0.1", "head.example:80"},
		{"[fe80::1]", "10.0.0.1", "[fe80::1]" + port},
		{"[fe80::1]:80", "", "[fe80::1]:80"},
	}
	for _, test := range tests {
		u, err := url.Parse(a.url(test.advertise, test.fallback))
		if err != nil || u.Host != test.want {
			t.Errorf("advertised as %q: %v, %v; want %s", test.advertise, u, err, test.want)
		}
	}
}

func TestArtifactErrors(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty")
	if err := os.WriteFile(empty, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(dir, "missing"), empty, dir} {
		if a, err := serveArtifact(path, "127.0.0.1:0"); err == nil {
			a.close()
			t.Errorf("served %s", path)
		}
	}
}

func TestExecutorChecksItsOwnHash(t *testing.T) {
	if err := checkOwnHash(""); err != nil {
		t.Errorf("without a hash: %v", err)
	}
	if err := checkOwnHash(strings.Repeat("0", 64)); err == nil || !strings.Contains(err.Error(), "changed on its way") {
		t.Errorf("with another's hash: %v", err)
	}
}

func TestExecutorIDChangesWithTheExecutor(t *testing.T) {
	base := Config{Master: "localhost:5050", FrameworkName: "f", ExecutorCommand: []string{"/opt/executor"}}
	id := func(c Config) string {
		s, err := NewGoTaskScheduler(c)
		if err != nil {
			t.Fatal(err)
		}
		return s.executorInfo().ExecutorID.Value
	}
	if again := id(base); again != id(base) {
		t.Error("the same executor has two ids")
	}
	for name, change := range map[string]func(*Config){
		"command":     func(c *Config) { c.ExecutorCommand = []string{"/opt/executor", "-v"} },
		"environment": func(c *Config) { c.ExecutorEnv = map[string]string{"A": "b"} },
		"resources":   func(c *Config) { c.ExecutorResources = Resources{CPUs: 0.2, MemMB: 64} },
	} {
		changed := base
		change(&changed)
		if id(changed) == id(base) {
			t.Errorf("the id does not depend on the %s", name)
		}
	}
}

func TestTaskIDs(t *testing.T) {
	for _, name := range []string{"car-0", "a.b-12", "x-1.5-3"} {
		id := taskID(name, 7)
		if got, attempt, ok := splitTaskID(id); !ok || got != name || attempt != 7 {
			t.Errorf("%s was split into %q, %d, %v", id, got, attempt, ok)
		}
	}
	for _, id := range []string{"", "car-0", "car-0.", "car-0.x", ".1", "car-0.0", "car-0.-1"} {
		if name, attempt, ok := splitTaskID(id); ok {
			t.Errorf("%q was split into %q, %d", id, name, attempt)
		}
	}
}
