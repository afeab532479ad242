package operator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"

	"elevator/internal/elevator"
)

const (
	streamBatch     = 512                   // events written between two flushes
	streamPause     = 20 * time.Millisecond // readers are woken no more often than this
	streamHeartbeat = 5 * time.Second       // a quiet stream says so this often
	streamPatience  = 10 * time.Second      // how long one write may take before the reader is cut off
	mostStreams     = 1000                  // connected at the same time
)

// cutOffLine is the last line for a reader who fell out of the ring.
const cutOffLine = `{"event":"cut_off","reason":"this reader is too slow; events before the next are gone, start again without from"}` + "\n"

// serveEvents is GET /api/v1/events[?from=SEQ]: NDJSON, one event a line, in
// the journal's form. Without from it opens like a journal file that continues
// another, with the building and a snapshot; with from it goes on at that
// sequence number, or answers 410 when that is no longer kept. A quiet stream
// carries a heartbeat line. A reader that is too slow gets a line that says so
// and is cut off.
func (s *Server) serveEvents(w http.ResponseWriter, r *http.Request, _ Principal) {
	next, err := parseFrom(r.URL.RawQuery)
	if err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	if next != 0 {
		if _, _, err := s.hub.read(next, nil, 0); err != nil {
			writeStreamError(w, next, err)
			return
		}
	}
	if s.streams.Add(1) > mostStreams {
		s.streams.Add(-1)
		w.Header().Set("Retry-After", "10")
		writeError(w, http.StatusServiceUnavailable, fmt.Sprintf("%d readers are connected, which is all that are served at a time", mostStreams))
		return
	}
	defer s.streams.Add(-1)
	w.Header().Set("Content-Type", "application/x-ndjson")
	w.Header().Set("Cache-Control", "no-store")
	out := newStreamWriter(w)
	switch err := s.stream(r.Context(), out, next); {
	case errors.Is(err, errTooOld):
		s.metrics.cutOff.Inc()
		_ = out.write([]byte(cutOffLine))
	case errors.Is(err, os.ErrDeadlineExceeded):
		s.metrics.cutOff.Inc()
	}
}

// parseFrom returns the sequence number of the parameter from, 0 where there
// is none.
func parseFrom(rawQuery string) (uint64, error) {
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return 0, fmt.Errorf("the query cannot be read: %w", err)
	}
	for name, values := range query {
		if name != "from" || len(values) != 1 {
			return 0, fmt.Errorf("parameter %.40q: want from=SEQ once and nothing else", name)
		}
	}
	if !query.Has("from") {
		return 0, nil
	}
	seq, err := strconv.ParseUint(query.Get("from"), 10, 64)
	if err != nil || seq == 0 {
		return 0, fmt.Errorf("from=%.40q: a sequence number from 1 on is needed", query.Get("from"))
	}
	return seq, nil
}

func writeStreamError(w http.ResponseWriter, seq uint64, err error) {
	status := http.StatusBadRequest
	if errors.Is(err, errTooOld) {
		status = http.StatusGone
	}
	writeError(w, status, fmt.Sprintf("from=%d: %v; ask without from for a snapshot and what follows it", seq, err))
}

// streamWriter writes lines and gives each write only so long.
type streamWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

// newStreamWriter frees the connection from the server's deadlines, which are
// meant for answers that end.
func newStreamWriter(w http.ResponseWriter) *streamWriter {
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{})
	return &streamWriter{w, control}
}

func (s *streamWriter) write(lines ...[]byte) error {
	_ = s.control.SetWriteDeadline(time.Now().Add(streamPatience))
	for _, line := range lines {
		if _, err := s.w.Write(line); err != nil {
			return err
		}
	}
	return s.control.Flush()
}

// stream writes events from sequence number next on, or from the opening on
// where next is 0, until the reader leaves or the server closes. What was
// published before the server closed is still written.
func (s *Server) stream(ctx context.Context, out *streamWriter, next uint64) error {
	if err := out.write(); err != nil {
		return err
	}
	heartbeat := time.NewTicker(streamHeartbeat)
	defer heartbeat.Stop()
	var batch [][]byte
	for closing := false; ; {
		var changed <-chan struct{}
		var err error
		if next == 0 {
			batch, next, changed = s.hub.opening(batch[:0])
		} else {
			batch, changed, err = s.hub.read(next, batch[:0], streamBatch)
			next += uint64(len(batch))
		}
		if err != nil {
			return err
		}
		if len(batch) > 0 {
			if err := out.write(batch...); err != nil {
				return err
			}
			clear(batch)
			continue
		}
		if closing {
			return http.ErrServerClosed
		}
		select {
		case <-changed:
		case <-heartbeat.C:
			if err := out.write(s.heartbeatLine(next)); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		case <-s.closing:
			closing = true
		}
	}
}

// heartbeatLine says that all events before the one numbered next were sent.
func (s *Server) heartbeatLine(next uint64) []byte {
	s.hub.mu.Lock()
	t := s.hub.now(time.Now())
	s.hub.mu.Unlock()
	line := append([]byte(nil), `{"t":`...)
	line = elevator.AppendSeconds(line, t)
	line = append(line, `,"seq":`...)
	line = strconv.AppendUint(line, max(next, 1)-1, 10)
	return append(line, `,"event":"heartbeat"}`+"\n"...)
}
