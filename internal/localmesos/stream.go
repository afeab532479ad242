package localmesos

import (
	"net/http"
	"strconv"
	"sync"

	"github.com/gogo/protobuf/proto"
)

// event is a message that can go down a stream. It must not change after it
// was sent: it is encoded later, by the goroutine that writes it.
type event interface {
	proto.Message
	Marshal() ([]byte, error)
}

// stream is one subscriber's event stream: an unbounded queue, filled under the
// lock of its master or agent and written by the goroutine of the subscriber's
// HTTP request. Several queued events are flushed together.
type stream struct {
	media string
	wake  chan struct{} // holds one token when there is something to do

	mu      sync.Mutex
	queue   []event
	closed  bool // end after the queue, with the final chunk
	cut     bool // end at once, without the final chunk
	stalled bool // events are lost, the connection stays
}

func newStream(media string) *stream {
	return &stream{media: media, wake: make(chan struct{}, 1)}
}

// send queues an event; it is lost when the stream has ended or is stalled.
func (s *stream) send(e event) {
	s.mu.Lock()
	if !s.closed && !s.cut && !s.stalled {
		s.queue = append(s.queue, e)
	}
	s.mu.Unlock()
	s.signal()
}

// close ends the stream after what is queued.
func (s *stream) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.signal()
}

// abort ends the stream as a broken connection does.
func (s *stream) abort() {
	s.mu.Lock()
	s.cut = true
	s.queue = nil
	s.mu.Unlock()
	s.signal()
}

func (s *stream) stall(on bool) {
	s.mu.Lock()
	s.stalled = on
	s.mu.Unlock()
}

func (s *stream) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// take hands over what is queued into the caller's buffer.
func (s *stream) take(buffer []event) (batch []event, closed, cut bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	batch, s.queue = s.queue, buffer[:0]
	return batch, s.closed, s.cut
}

// serve writes the stream as the response of r until it ends or the subscriber
// goes away.
func (s *stream) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", s.media)
	w.WriteHeader(http.StatusOK)
	flusher := http.NewResponseController(w)
	var (
		spare  []event
		record []byte
	)
	for {
		batch, closed, cut := s.take(spare)
		if cut {
			panic(http.ErrAbortHandler) // net/http's way to end a response without the final chunk
		}
		for i, e := range batch {
			batch[i] = nil
			record = s.appendRecord(record[:0], e)
			if _, err := w.Write(record); err != nil {
				return
			}
		}
		if len(batch) > 0 {
			if err := flusher.Flush(); err != nil {
				return
			}
		}
		if closed {
			return
		}
		spare = batch
		if cap(record) > 1<<20 {
			record = nil
		}
		select {
		case <-s.wake:
		case <-r.Context().Done():
			return
		}
	}
}

// appendRecord appends the event in RecordIO framing: its length in decimal, a
// newline, its bytes.
func (s *stream) appendRecord(b []byte, e event) []byte {
	var data []byte
	if s.media == mediaJSON {
		data = marshalJSON(e)
	} else {
		var err error
		if data, err = e.Marshal(); err != nil {
			return b
		}
	}
	b = strconv.AppendInt(b, int64(len(data)), 10)
	b = append(b, '\n')
	return append(b, data...)
}
