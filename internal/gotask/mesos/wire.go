package mesos

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// bodies holds the buffers of encoded calls.
var bodies = sync.Pool{New: func() any { return new([]byte) }}

// maxPooledBody keeps rare huge calls from staying in memory.
const maxPooledBody = 256 << 10

// encodable is a message of mesos-go.
type encodable interface {
	Size() int
	MarshalTo([]byte) (int, error)
}

// encode writes a message into a buffer from the pool.
func encode(message encodable) (*[]byte, error) {
	size := message.Size()
	buf := bodies.Get().(*[]byte)
	if cap(*buf) < size {
		*buf = make([]byte, size)
	}
	*buf = (*buf)[:size]
	n, err := message.MarshalTo(*buf)
	if err != nil {
		return nil, err
	}
	*buf = (*buf)[:n]
	return buf, nil
}

// wire is a request that is used again and again, until a time-out or a broken connection spoils its context.
type wire struct {
	conn    *http.Transport
	request *http.Request
	body    *callBody
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

// roundTrip posts one body and reads the answer. The body's buffer is recycled where that is known to be safe.
func (w *wire) roundTrip(data *[]byte, timeout time.Duration) (status int, text string, err error) {
	body := &callBody{data: *data}
	w.request.Body = body
	w.request.ContentLength = int64(len(*data))
	w.request.GetBody = body.again
	w.timer.Reset(timeout)
	response, err := w.conn.RoundTrip(w.request)
	if err != nil {
		w.timer.Stop()
		err = withCause(w.request.Context(), err)
		w.cancel(nil) // the transport may still look at this request
		return 0, "", err
	}
	text = errorText(response.Body)
	w.timer.Stop()
	if !body.finished() {
		w.cancel(nil)
	} else if cap(*data) <= maxPooledBody {
		bodies.Put(data)
	}
	return response.StatusCode, text, nil
}

// callBody is the body of a request. It knows when the transport has finished with it, because the transport may hold
// on to a body after the answer has arrived.
type callBody struct {
	data    []byte
	at      atomic.Int64
	closed  atomic.Bool
	rewound atomic.Bool
}

// Read implements io.Reader.
func (b *callBody) Read(p []byte) (int, error) {
	n := copy(p, b.data[b.at.Load():])
	if b.at.Add(int64(n)) == int64(len(b.data)) {
		return n, io.EOF
	}
	return n, nil
}

// Close implements io.Closer.
func (b *callBody) Close() error {
	b.closed.Store(true)
	return nil
}

// again gives the transport a second copy, for the case that the keep-alive connection turned out to be closed before
// anything was written.
func (b *callBody) again() (io.ReadCloser, error) {
	b.rewound.Store(true)
	return &callBody{data: b.data}, nil
}

// finished reports whether nobody will read the data any more.
func (b *callBody) finished() bool {
	return b.closed.Load() && !b.rewound.Load() && b.at.Load() == int64(len(b.data))
}
