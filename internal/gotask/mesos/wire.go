package mesos

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// wire is a request that is used again and again, until a time-out or a broken connection spoils its context.
type wire struct {
	conn    *http.Transport
	request *http.Request
	cancel  context.CancelCauseFunc
	timer   *time.Timer
}

var errCallTimeout = errors.New("no answer within the call time-out")

func (s *sender) newWire(ctx context.Context) *wire {
	ctx, cancel := context.WithCancelCause(ctx)
	w := &wire{conn: s.conn, cancel: cancel}
	w.timer = time.AfterFunc(s.timeout, func() { cancel(errCallTimeout) })
	w.timer.Stop()
	request := &http.Request{
		Method:     http.MethodPost,
		URL:        s.endpoint,
		Host:       s.endpoint.Host,
		Header:     s.header,
		Proto:      "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1,
	}
	w.request = request.WithContext(ctx)
	return w
}

func (w *wire) broken() bool { return w.request.Context().Err() != nil }

func (w *wire) release() {
	w.timer.Stop()
	w.cancel(nil)
}

// roundTrip posts one body and reads the answer.
func (w *wire) roundTrip(data []byte, timeout time.Duration) (status int, text string, err error) {
	w.request.Body = inMemory(data)
	w.request.ContentLength = int64(len(data))
	// The transport asks for a second body when the keep-alive connection turns out to be closed before anything was
	// written.
	w.request.GetBody = func() (io.ReadCloser, error) { return inMemory(data), nil }
	w.timer.Reset(timeout)
	defer w.timer.Stop()
	response, err := w.conn.RoundTrip(w.request)
	if err != nil {
		err = withCause(w.request.Context(), err)
		w.cancel(nil) // the transport may still look at this request
		return 0, "", err
	}
	return response.StatusCode, errorText(response.Body), nil
}

// inMemory is a body that the transport recognises as quick to read, so that it writes headers and body at once.
func inMemory(data []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(data)) }
