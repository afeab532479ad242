package operator

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"elevator/internal/elevator"
)

func TestClientAsksTheServer(t *testing.T) {
	g := new(fakeGroup)
	ready := errors.New("2 tasks are pending")
	configure := func(t *testing.T) Config {
		cfg := commanded(g)(t)
		cfg.Ready = func() error { return ready }
		cfg.Tasks = func() any { return map[string]any{"connected": true} }
		return cfg
	}
	inBubble(t, configure, func(t *testing.T, s *service) {
		c, ctx := s.client(), context.Background()
		if state, err := c.Group(ctx); err != nil || state.Building != "Small" || len(state.Cars) != 2 {
			t.Errorf("group: %+v, %v", state, err)
		}
		var tasks struct{ Connected bool }
		if err := c.Tasks(ctx, &tasks); err != nil || !tasks.Connected {
			t.Errorf("tasks: %+v, %v", tasks, err)
		}
		if err := c.Healthy(ctx); err != nil {
			t.Errorf("healthy: %v", err)
		}
		_, err := c.Ready(ctx)
		if status, ok := errors.AsType[*StatusError](err); !ok || status.Status != 503 || status.Sentence != ready.Error() {
			t.Errorf("ready: %v", err)
		}
		if got, err := c.Command(ctx, Command{Name: "park", Car: "A"}); err != nil || got.RequestID == "" || got.Seq != 1 {
			t.Errorf("command: %+v, %v", got, err)
		}
		_, err = c.Command(ctx, Command{Name: "park", Car: "Z"})
		if status, ok := errors.AsType[*StatusError](err); !ok || status.Status != 404 || !strings.Contains(err.Error(), `car "Z"`) {
			t.Errorf("command for no car: %v", err)
		}
		var kinds []elevator.EventKind
		done := errors.New("seen enough")
		err = c.Stream(ctx, nil, 0, func(e *elevator.Event) error {
			kinds = append(kinds, e.Kind)
			if len(kinds) == 2 {
				return done
			}
			return nil
		}, func() {})
		if !errors.Is(err, done) || kinds[0] != elevator.BuildingLoaded || kinds[1] != elevator.SnapshotTaken {
			t.Errorf("stream: %v, %v", kinds, err)
		}
	})
}

func TestClientReadsErrorsOfAnybody(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/healthz":
			w.Header().Set("Retry-After", "7")
			http.Error(w, "<html>", http.StatusBadGateway)
		case "/readyz":
			http.Redirect(w, r, "http://evil.example/", http.StatusFound)
		default:
			_, _ = w.Write([]byte("{"))
		}
	}))
	defer server.Close()
	c, err := NewClient(server.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	status, ok := errors.AsType[*StatusError](c.Healthy(t.Context()))
	if !ok || status.Status != 502 || status.Sentence != "Bad Gateway" || status.RetryAfter != 7*time.Second {
		t.Errorf("a proxy's page: %+v", status)
	}
	_, err = c.Ready(t.Context())
	if status, ok := errors.AsType[*StatusError](err); !ok || status.Status != 302 {
		t.Errorf("a redirect: %+v", status)
	}
	if _, err := c.Group(t.Context()); err == nil || !strings.Contains(err.Error(), "/api/v1/group") {
		t.Errorf("half an answer: %v", err)
	}
}

func TestClientAddresses(t *testing.T) {
	for _, test := range []struct{ address, base string }{
		{"localhost:8080", "http://localhost:8080"},
		{"http://localhost:8080/", "http://localhost:8080"},
		{"https://lift.example", "https://lift.example"},
		{"[::1]:8080", "http://[::1]:8080"},
		{"", ""},
		{"ftp://localhost", ""},
		{"http://", ""},
		{"http://a:b@localhost", ""},
		{"http://localhost?x=1", ""},
		{"http://%zz", ""},
	} {
		c, err := NewClient(test.address)
		switch {
		case (err == nil) != (test.base != ""):
			t.Errorf("%q: %v", test.address, err)
		case err == nil && c.base != test.base:
			t.Errorf("%q: %s, want %s", test.address, c.base, test.base)
		case err != nil && strings.Contains(err.Error(), "a:b"):
			t.Errorf("%q: the error has the password in it", test.address)
		}
	}
}

func TestClientTokenFiles(t *testing.T) {
	for _, test := range []struct{ text, token string }{
		{"secret\n", "secret"},
		{"secret", "secret"},
		{"operator otto secret\r\n", "secret"},
		{"", ""},
		{"otto secret\n", ""},
		{"secret\nsecret\n", ""},
		{"operator otto\nsecret\n", ""},
	} {
		path := filepath.Join(t.TempDir(), "token")
		writeFile(t, path, test.text)
		c, err := NewClientWith(ClientConfig{Address: "localhost", TokenFile: path})
		switch {
		case (err == nil) != (test.token != ""):
			t.Errorf("%q: %v", test.text, err)
		case err == nil && c.token != test.token:
			t.Errorf("%q: token %q", test.text, c.token)
		case err != nil && strings.Contains(err.Error(), "secret"):
			t.Errorf("%q: the error has the secret in it", test.text)
		}
	}
}

// writeCertificate makes a certificate for 127.0.0.1 that signs itself.
func writeCertificate(t *testing.T, dir string, serial int64) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "lift"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	writeFile(t, certFile, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	writeFile(t, keyFile, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})))
	return certFile, keyFile
}

func TestHTTPSWithTokens(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := writeCertificate(t, dir, 1)
	tlsConfig, err := ServerTLS(certFile, keyFile, nil)
	if err != nil {
		t.Fatal(err)
	}
	tokens, _ := loadTokens(t)
	g := new(fakeGroup)
	server := NewServer(Config{Hub: newHub(t, small(t)), Tokens: tokens, TLS: tlsConfig, Command: g.command})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server.Serve(l)
	defer func() {
		if err := server.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}()

	tokenPath := filepath.Join(dir, "token")
	writeFile(t, tokenPath, operatorToken+"\n")
	c, err := NewClientWith(ClientConfig{Address: "https://" + l.Addr().String(), TokenFile: tokenPath, CAFile: certFile})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got, err := c.Command(t.Context(), Command{Name: "park", Car: "A"}); err != nil || got.Seq != 1 {
		t.Errorf("command: %+v, %v", got, err)
	}
	done := errors.New("seen enough")
	err = c.Stream(t.Context(), nil, 0, func(*elevator.Event) error { return done }, func() {})
	if !errors.Is(err, done) {
		t.Errorf("stream: %v", err)
	}
	stranger, err := NewClientWith(ClientConfig{Address: "https://" + l.Addr().String(), TokenFile: tokenPath})
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	if _, unknown := errors.AsType[x509.UnknownAuthorityError](stranger.Healthy(t.Context())); !unknown {
		t.Error("a client without the authority trusts the server")
	}
}

func TestARenewedCertificateIsUsed(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := writeCertificate(t, dir, 1)
	cfg, err := ServerTLS(certFile, keyFile, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &certificate{certFile: certFile, keyFile: keyFile, log: slog.New(slog.DiscardHandler)}
	if err := c.load(); err != nil {
		t.Fatal(err)
	}
	serial := func() int64 {
		t.Helper()
		c.looked = time.Time{}
		pair, err := c.get(nil)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(pair.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		return leaf.SerialNumber.Int64()
	}
	age := func(seconds int64) {
		t.Helper()
		for _, path := range []string{certFile, keyFile} {
			if err := os.Chtimes(path, time.Unix(seconds, 0), time.Unix(seconds, 0)); err != nil {
				t.Fatal(err)
			}
		}
	}
	writeCertificate(t, dir, 2)
	age(1)
	if got := serial(); got != 2 {
		t.Errorf("certificate %d is used, want the renewed one", got)
	}
	writeFile(t, keyFile, "half a ke")
	age(2)
	if got := serial(); got != 2 {
		t.Errorf("certificate %d is used, want the last good one", got)
	}
	if cfg.MinVersion < tls.VersionTLS12 {
		t.Error("old versions of TLS are spoken")
	}
	if _, err := ServerTLS(certFile, keyFile, nil); err == nil || !strings.Contains(err.Error(), keyFile) {
		t.Errorf("half a key: %v", err)
	}
	if _, err := ServerTLS(filepath.Join(dir, "none"), keyFile, nil); err == nil {
		t.Error("no certificate is no error")
	}
	if _, err := clientTLS(keyFile); err == nil || !strings.Contains(err.Error(), "no certificate in PEM form") {
		t.Errorf("half a key as authority: %v", err)
	}
}
