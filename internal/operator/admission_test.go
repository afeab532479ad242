package operator

import (
	"bytes"
	"crypto/sha256"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const (
	viewerToken   = "viewer-token-0123456789"
	operatorToken = "operator-token-0123456789"
	tokenFile     = "# who may do what\nviewer anna " + viewerToken + "\n\noperator  otto\t" + operatorToken + "\n"
)

func writeFile(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func loadTokens(t testing.TB) (*Tokens, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tokens")
	writeFile(t, path, tokenFile)
	tokens, err := LoadTokens(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return tokens, path
}

func TestWithoutTokensThisMachineIsTrusted(t *testing.T) {
	command := `{"request_id":"1","command":"park","car":"A"}`
	for _, test := range []struct {
		name     string
		address  string // where the server was reached
		hosts    []string
		host     string
		header   []string
		read     int
		commands int
	}{
		{"by its address", loopback, nil, "127.0.0.1:8080", nil, 200, 200},
		{"by IPv6", "[::1]:8080", nil, "[::1]:8080", nil, 200, 200},
		{"mapped to IPv6", "[::ffff:127.0.0.1]:8080", nil, "127.0.0.1:8080", nil, 200, 200},
		{"by name", loopback, nil, "LocalHost:8080", nil, 200, 200},
		{"by name without port", loopback, nil, "localhost", nil, 200, 200},
		{"by somebody else's name", loopback, nil, "evil.example:8080", nil, 403, 403},
		{"by a name that only looks right", loopback, nil, "localhost.evil.example", nil, 403, 403},
		{"by a name that begins right", loopback, nil, "127.0.0.1.evil.example", nil, 403, 403},
		{"by a known name", loopback, []string{"lift.example"}, "Lift.example:9000", nil, 200, 200},
		{"by a known name and port", loopback, []string{"lift.example:9000"}, "lift.example:9000", nil, 200, 200},
		{"by a known name and another port", loopback, []string{"lift.example:9000"}, "lift.example:80", nil, 403, 403},
		{"from another machine", "192.0.2.1:8080", nil, "192.0.2.1:8080", nil, 200, 403},
		{"from another machine by name", "192.0.2.1:8080", nil, "lift.example", nil, 200, 403},
		{"from another machine by no known name", "192.0.2.1:8080", []string{"lift.example"}, "evil.example", nil, 403, 403},
		{"by a web page of another origin", loopback, nil, "127.0.0.1:8080", []string{"Origin", "http://evil.example"}, 200, 403},
		{"by a web page of another site", loopback, nil, "127.0.0.1:8080", []string{"Sec-Fetch-Site", "cross-site"}, 200, 403},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := new(fakeGroup)
				s := serveAt(t, test.address, Config{Command: g.command, Hosts: test.hosts})
				header := append([]string{"Host", test.host}, test.header...)
				resp, body := s.ask(s.request(http.MethodGet, "/api/v1/group", "", header...))
				if resp.StatusCode != test.read {
					t.Errorf("reading: %s %s, want %d", resp.Status, body, test.read)
				}
				resp, body = s.command(command, header...)
				if resp.StatusCode != test.commands {
					t.Errorf("commands: %s %s, want %d", resp.Status, body, test.commands)
				}
				if want := map[bool]int{true: 1}[test.commands == 200]; g.count() != want {
					t.Errorf("%d commands were carried out", g.count())
				}
				s.close()
			})
		})
	}
}

func TestTokensSayWhoMayDoWhat(t *testing.T) {
	tokens, _ := loadTokens(t)
	synctest.Test(t, func(t *testing.T) {
		g := new(fakeGroup)
		s := serveAt(t, "192.0.2.1:8080", Config{Command: g.command, Tokens: tokens})
		defer s.close()
		for _, test := range []struct {
			name              string
			header            []string
			open, read, write int
		}{
			{"nobody", nil, 200, 401, 401},
			{"anna", []string{"Authorization", "Bearer " + viewerToken}, 200, 200, 403},
			{"otto", []string{"Authorization", "bearer  " + operatorToken}, 200, 200, 200},
			{"a stranger", []string{"Authorization", "Bearer " + operatorToken + "x"}, 200, 401, 401},
			{"a prefix", []string{"Authorization", "Bearer " + operatorToken[:20]}, 200, 401, 401},
			{"nothing", []string{"Authorization", "Bearer "}, 200, 401, 401},
			{"a password", []string{"Authorization", "Basic b3R0bzpvdHRv"}, 200, 401, 401},
			{"two", []string{"Authorization", "Bearer " + viewerToken, "Authorization", "Bearer " + operatorToken}, 200, 401, 401},
		} {
			for path, want := range map[string]int{
				"/healthz": test.open, "/readyz": test.open, "/api/v1/openapi.json": test.open,
				"/api/v1/group": test.read, "/api/v1/tasks": test.read, "/metrics": test.read, "/sd/targets": test.read,
			} {
				resp, body := s.ask(s.request(http.MethodGet, path, "", test.header...))
				if resp.StatusCode != want {
					t.Errorf("%s reads %s: %s, want %d", test.name, path, resp.Status, want)
				}
				if (resp.Header.Get("WWW-Authenticate") != "") != (want == 401) {
					t.Errorf("%s reads %s: WWW-Authenticate %q", test.name, path, resp.Header.Get("WWW-Authenticate"))
				}
				if strings.Contains(body, "oken-0123") {
					t.Errorf("%s reads %s: the answer has a token in it", test.name, path)
				}
			}
			resp, body := s.command(`{"request_id":"`+NewRequestID()+`","command":"park","car":"A"}`, test.header...)
			if resp.StatusCode != test.write {
				t.Errorf("%s commands: %s %s, want %d", test.name, resp.Status, body, test.write)
			}
		}
		if g.count() != 1 || g.done[0] != "otto park" {
			t.Errorf("carried out: %v", g.done)
		}
	})
}

func TestTokenFilesAreStrictAndErrorsKeepTheSecret(t *testing.T) {
	for _, test := range []struct{ text, says string }{
		{"", "no token is in it"},
		{"# nothing\n\n", "no token is in it"},
		{"viewer anna secret-secret-secret\noperator otto\n", "line 2: want 'viewer NAME TOKEN'"},
		{"root otto secret-secret-secret\n", "line 1"},
		{"anybody otto secret-secret-secret\n", "line 1"},
		{"viewer otto secret-secret-secret more\n", "line 1"},
		{"viewer otto secret\n", "16 characters or more"},
		{"viewer anna secret-secret-secret\nviewer otto secret-secret-secret\n", "line 2: the name or the token is that of a line before"},
		{"viewer anna secret-secret-secret\noperator anna secret-secret-other\n", "line 2: the name"},
		{strings.Repeat("secret", 100), "line 1"},
	} {
		path := filepath.Join(t.TempDir(), "tokens")
		writeFile(t, path, test.text)
		_, err := LoadTokens(path, nil)
		if err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), path) {
			t.Errorf("%.40q: %v; want %q and the path", test.text, err, test.says)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%.40q: the error has the secret in it: %v", test.text, err)
		}
	}
	if _, err := LoadTokens(filepath.Join(t.TempDir(), "none"), nil); err == nil {
		t.Error("a file that is not there is read")
	}
}

func TestTokensAreReadAgainWhenTheirFileChanges(t *testing.T) {
	tokens, path := loadTokens(t)
	var log bytes.Buffer
	tokens.log = slog.New(slog.NewTextHandler(&log, nil))
	change := func(text string, at time.Time) {
		t.Helper()
		if text == "" {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		} else {
			writeFile(t, path, text)
			if err := os.Chtimes(path, at, at); err != nil {
				t.Fatal(err)
			}
		}
		tokens.mu.Lock()
		tokens.looked = time.Time{}
		tokens.mu.Unlock()
	}
	has := func(token string) bool { _, ok := tokens.Lookup(token); return ok }
	const newer = "a-newer-token-0123456789"

	change("operator otto "+newer+"\n", time.Unix(1, 0))
	if !has(newer) || has(operatorToken) || has(viewerToken) {
		t.Error("the new file is not what counts")
	}
	change("operator otto "+operatorToken+" x\n", time.Unix(2, 0))
	if !has(newer) || has(operatorToken) {
		t.Error("a broken file changes who is known")
	}
	change("", time.Time{})
	if !has(newer) {
		t.Error("a file that is gone changes who is known")
	}
	change(tokenFile, time.Unix(3, 0))
	if has(newer) || !has(viewerToken) {
		t.Error("the repaired file is not what counts")
	}
	if text := log.String(); strings.Count(text, "level=ERROR") != 2 || strings.Contains(text, "0123456789") {
		t.Errorf("log:\n%s", text)
	}
	writeFile(t, path, "viewer otto "+newer+"\n")
	if has(newer) {
		t.Error("the file is looked at again too soon")
	}
}

func TestAnAddressThatOthersReachIsWarnedOf(t *testing.T) {
	tokens, _ := loadTokens(t)
	for _, test := range []struct {
		address string
		tokens  *Tokens
		says    string
	}{
		{loopback, nil, ""},
		{"0.0.0.0:8080", nil, "without a token file"},
		{"[::]:8080", tokens, "without a certificate"},
	} {
		var log bytes.Buffer
		s := serveAt(t, test.address, Config{Tokens: test.tokens, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		s.close()
		if text := log.String(); !strings.Contains(text, test.says) || (text == "") != (test.says == "") {
			t.Errorf("%s: log %q; want %q", test.address, text, test.says)
		}
	}
}

func TestOnlyHashesOfTokensAreKept(t *testing.T) {
	tokens, _ := loadTokens(t)
	for _, h := range tokens.holders {
		if len(h.hash) != sha256.Size || strings.Contains(string(h.hash[:]), "token") {
			t.Errorf("the holder %s has more than a hash", h.Name)
		}
	}
}

func TestMethodsAndPathsThatAreNotThere(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, s *service) {
		for _, test := range []struct {
			method, path string
			status       int
			allow        string
		}{
			{http.MethodPost, "/api/v1/group", 405, "GET, HEAD"},
			{http.MethodGet, "/api/v1/commands", 405, "POST"},
			{http.MethodDelete, "/metrics", 405, "GET, HEAD"},
			{http.MethodGet, "/", 404, ""},
			{http.MethodGet, "/api/v1/group/x", 404, ""},
			{http.MethodGet, "/api/v2/group", 404, ""},
		} {
			resp, body := s.ask(s.request(test.method, test.path, ""))
			if resp.StatusCode != test.status || resp.Header.Get("Allow") != test.allow {
				t.Errorf("%s %s: %s, Allow %q", test.method, test.path, resp.Status, resp.Header.Get("Allow"))
			}
			unquoted(t, body)
		}
		if resp, body := s.ask(s.request(http.MethodHead, "/healthz", "")); resp.StatusCode != 200 || body != "" {
			t.Errorf("HEAD: %s %q", resp.Status, body)
		}
		if _, page := s.get("/metrics"); strings.Contains(page, "/api/v2") || !strings.Contains(page, `elevator_api_requests_total{code="404",path="other"} 3`) {
			t.Error("paths that are not there are not counted together")
		}
	})
}
