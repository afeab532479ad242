package mesos

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// answering accepts connections on a Unix socket, whose end is seen at once, and answers every request there. After each
// answer it does what then says.
func answering(t *testing.T, answer string, then func(net.Conn)) (w *wire, connections *int) {
	t.Helper()
	listener, err := net.Listen("unix", t.TempDir()+"/socket")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	connections = new(int)
	go func() {
		defer close(ended)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			*connections++
			in := bufio.NewReader(conn)
			for {
				request, err := http.ReadRequest(in)
				if err != nil {
					break
				}
				if body, err := io.ReadAll(request.Body); err != nil || string(body) != "call" {
					t.Errorf("body %q, %v", body, err)
				}
				then(conn)
				if _, err := io.WriteString(conn, answer); err != nil {
					break
				}
			}
			conn.Close()
		}
	}()
	endpoint := &url.URL{Scheme: "http", Host: "agent:5051", Path: "/api/v1/executor"}
	w = newWire(endpoint, http.Header{}, func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", listener.Addr().String())
	})
	t.Cleanup(func() {
		w.close()
		listener.Close()
		<-ended
	})
	return w, connections
}

func roundTrip(t *testing.T, w *wire) string {
	t.Helper()
	status, text, err := w.roundTrip(t.Context(), []byte("call"), 10*time.Second)
	if err != nil || status != http.StatusAccepted {
		t.Fatalf("answer %d %q, %v", status, text, err)
	}
	return text
}

func TestWireKeepsItsConnection(t *testing.T) {
	for _, answer := range []string{
		"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 202 Accepted\r\nContent-Length: 4\r\n\r\ntext",
		"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ntext\r\n0\r\n\r\n",
	} {
		w, connections := answering(t, answer, func(net.Conn) {})
		for range 10 {
			text := roundTrip(t, w)
			if want := strings.Contains(answer, "text"); (text == "text") != want {
				t.Errorf("text %q of %q", text, answer)
			}
		}
		if *connections != 1 {
			t.Errorf("%d connections for %q", *connections, answer)
		}
	}
}

func TestWireNoticesThatItsConnectionWasClosed(t *testing.T) {
	closed := make(chan struct{}, 1)
	w, connections := answering(t, "", func(conn net.Conn) {
		_, _ = io.WriteString(conn, "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
		conn.Close()
		closed <- struct{}{}
	})
	for range 10 {
		roundTrip(t, w)
		<-closed
	}
	if *connections != 10 {
		t.Errorf("%d connections", *connections)
	}
}

func TestWireGivesAHugeAnswerUp(t *testing.T) {
	answer := "HTTP/1.1 202 Accepted\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat("x", 100_000)
	w, _ := answering(t, answer, func(net.Conn) {})
	for range 3 {
		if text := roundTrip(t, w); len(text) != maxErrorBodySize {
			t.Errorf("%d bytes of the answer", len(text))
		}
	}
}

func TestWireEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	w, _ := answering(t, "", func(net.Conn) { cancel() }) // and never answers
	if _, _, err := w.roundTrip(ctx, []byte("call"), time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
