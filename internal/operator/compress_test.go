package operator

import (
	"bufio"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhoTakesGzip(t *testing.T) {
	for header, want := range map[string]bool{
		"": false, "gzip": true, "br, GZIP;q=0.5": true, "gzip;q=0": false, "gzip; q=0.000": false, "gzip;q=0.01": true, "identity": false, "x-gzip": false,
	} {
		if got := takesGzip([]string{header}); got != want {
			t.Errorf("%q: %v", header, got)
		}
	}
}

// An answer is the same in the clear and compressed, and smaller.
func TestCompressedAnswers(t *testing.T) {
	s := serve(t, Config{})
	s.http.Transport.(*http.Transport).DisableCompression = true
	for _, path := range []string{"/api/v1/group", "/api/v1/openapi.json"} {
		_, plain := s.get(path)
		resp, zipped := s.ask(s.request(http.MethodGet, path, "", "Accept-Encoding", "gzip"))
		if resp.Header.Get("Content-Encoding") != "gzip" || resp.Header.Get("Vary") != "Accept-Encoding" {
			t.Fatalf("%s: headers %v", path, resp.Header)
		}
		in, err := gzip.NewReader(strings.NewReader(zipped))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(in)
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		// The time in the answer is that of the question.
		if blurred := len(got) - len(plain); path == "/api/v1/openapi.json" && string(got) != plain || max(blurred, -blurred) > 20 {
			t.Errorf("%s: %s\nis\n%s\nin the clear", path, got, plain)
		}
		if len(zipped) > len(plain)*2/3 {
			t.Errorf("%s: %d bytes of %d", path, len(zipped), len(plain))
		}
	}
}

// What is published arrives at once, compressed or not.
func TestACompressedStreamIsNotHeldBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, Config{})
		resp, err := s.http.Do(s.request(http.MethodGet, eventsPath, ""))
		if err != nil {
			t.Fatal(err)
		}
		if !resp.Uncompressed {
			t.Error("the stream was not compressed")
		}
		lines := bufio.NewScanner(resp.Body)
		next := func() string {
			if !lines.Scan() {
				t.Fatalf("the stream ended: %v", lines.Err())
			}
			return lines.Text()
		}
		next() // the building
		next() // the snapshot
		for i := range 3 {
			before := time.Now()
			publish(t, s.hub, tick(time.Duration(i)*time.Second))
			if line := next(); !strings.Contains(line, "doors_closed") {
				t.Errorf("line %s", line)
			}
			if late := time.Since(before); late > 2*streamPause {
				t.Errorf("an event arrived %v after it was published", late)
			}
		}
		s.server.closeOnce.Do(func() { close(s.server.closing) })
		if lines.Scan() || lines.Err() != nil {
			t.Errorf("the end of a stream: %q, %v", lines.Text(), lines.Err())
		}
		resp.Body.Close()
		s.close()
	})
}
