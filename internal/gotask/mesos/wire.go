package mesos

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"syscall"
	"time"
)

// wire is one keep-alive connection for the calls of a sender. It writes and reads in the caller's goroutine: net/http's
// transport has two goroutines for each connection, and handing every call to them takes longer than the call itself.
type wire struct {
	connect func(ctx context.Context) (net.Conn, error)
	head    []byte // of every request, up to the value of Content-Length

	conn    net.Conn // nil while there is none
	in      *bufio.Reader
	request []byte      // the last one, for its memory
	release func() bool // stops the watch over ctx
}

var errCallTimeout = errors.New("no answer within the call time-out")

func newWire(endpoint *url.URL, header http.Header, connect func(ctx context.Context) (net.Conn, error)) *wire {
	var head bytes.Buffer
	fmt.Fprintf(&head, "POST %s HTTP/1.1\r\nHost: %s\r\n", endpoint.RequestURI(), endpoint.Host)
	_ = header.Write(&head) // a buffer takes everything
	head.WriteString("Content-Length: ")
	return &wire{connect: connect, head: head.Bytes()}
}

// roundTrip posts one body and reads the answer. The connection does not outlive ctx.
func (w *wire) roundTrip(ctx context.Context, data []byte, timeout time.Duration) (status int, text string, err error) {
	if err := w.open(ctx, timeout); err != nil {
		return 0, "", err
	}
	status, text, err = w.exchange(data, time.Now().Add(timeout))
	switch {
	case err == nil:
		return status, text, nil
	case ctx.Err() != nil:
		err = withCause(ctx, err)
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = errCallTimeout
	}
	w.close()
	return 0, "", err
}

// open makes a connection unless there is one that lives.
func (w *wire) open(ctx context.Context, timeout time.Duration) error {
	if w.conn != nil && !idle(w.conn) {
		w.close()
	}
	if w.conn != nil {
		return nil
	}
	dialling, cancel := context.WithTimeoutCause(ctx, timeout, errCallTimeout)
	defer cancel()
	conn, err := w.connect(dialling)
	if err != nil {
		return withCause(dialling, err)
	}
	w.conn, w.in = conn, bufio.NewReader(conn)
	w.release = context.AfterFunc(ctx, func() { conn.Close() })
	return nil
}

// idle reports whether nothing has come in on the connection since the last answer, not even its end. A call written to
// a connection that the peer has closed would fail, and nobody could tell whether it was heard.
func idle(conn net.Conn) bool {
	if secured, ok := conn.(*tls.Conn); ok {
		conn = secured.NetConn()
	}
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return true // not a socket: there is no way to know
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return false
	}
	nothing := false
	err = raw.Read(func(fd uintptr) bool {
		_, _, err := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		nothing = err == syscall.EAGAIN
		return true
	})
	return err == nil && nothing
}

func (w *wire) exchange(data []byte, deadline time.Time) (status int, text string, err error) {
	if err := w.conn.SetDeadline(deadline); err != nil {
		return 0, "", err
	}
	w.request = strconv.AppendInt(append(w.request[:0], w.head...), int64(len(data)), 10)
	w.request = append(append(w.request, "\r\n\r\n"...), data...)
	if _, err := w.conn.Write(w.request); err != nil {
		return 0, "", err
	}
	if cap(w.request) > 1<<20 {
		w.request = nil
	}
	response, err := http.ReadResponse(w.in, nil)
	if err != nil {
		return 0, "", err
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxErrorBodySize)) // a broken text is better than none
	if err != nil || len(body) == maxErrorBodySize || response.Close {
		w.close()
	}
	return response.StatusCode, string(body), nil
}

func (w *wire) close() {
	if w.conn == nil {
		return
	}
	w.release()
	w.conn.Close()
	w.conn = nil
}
