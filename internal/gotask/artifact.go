package gotask

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// envExecutorHash tells an executor the SHA-256 its own file must have.
const envExecutorHash = "GOTASK_EXECUTOR_SHA256"

// artifact serves the executor's binary to the agents' fetchers, under a path that holds the file's hash: a fetcher's
// cache can never give an old file for a new URL, and nothing else is served.
type artifact struct {
	name   string // last part of the path, and of the file in the sandbox
	sum    string // SHA-256 in hexadecimal
	server *http.Server
	listen net.Listener
	done   chan struct{}
}

// serveArtifact reads the file at path once and serves it at address until close.
func serveArtifact(path, address string) (*artifact, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("executor binary: %w", err)
	}
	if len(data) == 0 {
		return nil, fmt.Errorf("executor binary: %s is empty", path)
	}
	listen, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("serve executor binary: %w", err)
	}
	sum := sha256.Sum256(data)
	a := &artifact{
		name: strings.Map(plainFileName, filepath.Base(path)), sum: hex.EncodeToString(sum[:]),
		listen: listen, done: make(chan struct{}),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+a.path(), func(w http.ResponseWriter, r *http.Request) { // GET includes HEAD
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("ETag", `"`+a.sum+`"`)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	})
	a.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute}
	go func() {
		defer close(a.done)
		_ = a.server.Serve(listen) // ends by close only; a broken listener shows as tasks that cannot fetch
	}()
	return a, nil
}

// plainFileName replaces what fetchers and URLs treat specially.
func plainFileName(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
		return r
	}
	return '_'
}

func (a *artifact) path() string { return "/" + a.sum + "/" + a.name }

// url returns where agents find the binary: at advertise ("host", "host:port" or empty), else at the listener's own host
// if it has one, else at fallback.
func (a *artifact) url(advertise, fallback string) string {
	host, port, err := net.SplitHostPort(a.listen.Addr().String())
	if err != nil {
		host, port = "", ""
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = fallback
	}
	if h, p, err := net.SplitHostPort(advertise); err == nil {
		host, port = h, p
	} else if advertise != "" {
		host = strings.Trim(advertise, "[]")
	}
	u := url.URL{Scheme: "http", Host: net.JoinHostPort(host, port), Path: a.path()}
	return u.String()
}

func (a *artifact) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	if a.server.Shutdown(ctx) != nil {
		a.server.Close()
	}
	<-a.done
}

// routeTo returns this host's address on the way to the given URL or "host:port", or this host's name when there is no
// telling.
func routeTo(endpoint string) string {
	if u, err := url.Parse(endpoint); err == nil && u.Host != "" {
		endpoint = u.Host
	}
	if conn, err := net.DialTimeout("udp", endpoint, time.Second); err == nil { // sends nothing
		defer conn.Close()
		if a, ok := conn.LocalAddr().(*net.UDPAddr); ok {
			return a.IP.String()
		}
	}
	name, err := os.Hostname()
	if err != nil {
		return "localhost"
	}
	return name
}

// checkOwnHash compares this process' file with the SHA-256 that the scheduler passed, if it did.
func checkOwnHash(want string) error {
	if want == "" {
		return nil
	}
	path, err := os.Executable()
	if err != nil {
		return fmt.Errorf("check own binary: %w", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("check own binary: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return fmt.Errorf("check own binary: %w", err)
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		return fmt.Errorf("check own binary: %s has SHA-256 %s, but the scheduler serves %s: it was changed on its way", path, got, want)
	}
	return nil
}
