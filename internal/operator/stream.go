package operator

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"elevator/internal/elevator"
)

const (
	streamBatch     = 512              // events written between two flushes
	streamHeartbeat = 5 * time.Second  // a quiet stream says so this often
	streamPatience  = 10 * time.Second // how long one write may take before the reader is cut off
)

// serveEvents is GET /api/v1/events[?from=SEQ]: NDJSON, one event a line, in
// the journal's form. Without from it opens like a journal file that continues
// another, with the building and a snapshot; with from it goes on at that
// sequence number, or answers 410 when that is no longer kept. A quiet stream
// carries a heartbeat line. A reader that is too slow gets a line that says so
// and is cut off.
func (s *Server) serveEvents(w http.ResponseWriter, r *http.Request) {
	var next uint64
	if from := r.URL.Query().Get("from"); from != "" {
		seq, err := strconv.ParseUint(from, 10, 64)
		if err != nil || seq == 0 {
			writeError(w, http.StatusBadRequest, fmt.Sprintf("from=%q: a sequence number from 1 on is needed", from))
			return
		}
		if _, _, err := s.hub.read(seq, nil, 0); err != nil {
			writeStreamError(w, seq, err)
			return
		}
		next = seq
	}
	s.streams.Inc()
	defer s.streams.Dec()
	w.Header().Set("Content-Type", "application/x-ndjson")
	w.Header().Set("Cache-Control", "no-store")
	out := &streamWriter{w: w, control: http.NewResponseController(w)}
	if err := s.stream(r, out, next); errors.Is(err, errTooOld) {
		s.cutOff.Inc()
		_ = out.write([]byte(`{"event":"cut_off","reason":"this reader is too slow; events before the next are gone, start again without from"}` + "\n"))
	}
}

// streamWriter writes lines and gives each write only so long.
type streamWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
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
func (s *Server) stream(r *http.Request, out *streamWriter, next uint64) error {
	if err := out.write(); err != nil {
		return err
	}
	heartbeat := time.NewTicker(streamHeartbeat)
	defer heartbeat.Stop()
	var batch [][]byte
	for {
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
			continue
		}
		select {
		case <-changed:
		case <-heartbeat.C:
			if err := out.write(s.heartbeatLine(next)); err != nil {
				return err
			}
		case <-r.Context().Done():
			return r.Context().Err()
		case <-s.closing:
			return http.ErrServerClosed
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

func writeStreamError(w http.ResponseWriter, seq uint64, err error) {
	status := http.StatusBadRequest
	if errors.Is(err, errTooOld) {
		status = http.StatusGone
	}
	writeError(w, status, fmt.Sprintf("from=%d: %v; ask without from for a snapshot and what follows it", seq, err))
}
