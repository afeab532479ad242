package operator

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"elevator/internal/elevator"
)

// ErrCutOff says that the server ended a stream because its reader was too
// slow.
var ErrCutOff = errors.New("the scheduler cut this stream off because it was read too slowly")

// longestLine bounds a line of the event stream: the snapshot of a crowded
// building has megabytes.
const longestLine = 64 << 20

// Stream reads the event stream and calls handle with each event until handle
// returns an error, the stream ends (io.EOF) or ctx is done. With from 0 it
// opens with BuildingLoaded and SnapshotTaken; otherwise it begins with the
// event of that sequence number, and b is needed to understand the names. heard
// is called for every line, heartbeats included; a stream that is silent for
// much longer than the five seconds between them is broken.
func (c *Client) Stream(
	ctx context.Context, b *elevator.Building, from uint64,
	handle func(*elevator.Event) error, heard func(),
) error {
	path := eventsPath
	if from > 0 {
		path = fmt.Sprintf("%s?from=%d", path, from)
	}
	resp, err := c.do(ctx, http.MethodGet, path, nil, "")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return readStream(&lineReader{in: bufio.NewReaderSize(resp.Body, 64<<10)}, b, handle, heard)
}

func readStream(lines *lineReader, b *elevator.Building, handle func(*elevator.Event) error, heard func()) error {
	decoder := elevator.NewEventDecoder(b)
	for {
		line, err := lines.next()
		if err != nil {
			return err
		}
		heard()
		switch {
		case bytes.Contains(line, []byte(`"event":"heartbeat"`)):
			continue
		case bytes.HasPrefix(line, []byte(`{"event":"cut_off"`)):
			return ErrCutOff
		}
		e, err := decoder.Decode(line)
		if err != nil {
			return fmt.Errorf("event stream: %w", err)
		}
		if err := handle(&e); err != nil {
			return err
		}
	}
}

// lineReader reads lines of any length without copying the short ones.
type lineReader struct {
	in   *bufio.Reader
	long []byte
}

// next returns the next line, which is valid until the one after it is read. A
// line that the stream's end cut short is io.ErrUnexpectedEOF.
func (r *lineReader) next() ([]byte, error) {
	r.long = r.long[:0]
	for {
		part, err := r.in.ReadSlice('\n')
		switch {
		case err == nil && len(r.long) == 0:
			return part, nil
		case err == nil:
			r.long = append(r.long, part...)
			return r.long, nil
		case errors.Is(err, bufio.ErrBufferFull) && len(r.long) < longestLine:
			r.long = append(r.long, part...)
		case errors.Is(err, io.EOF) && len(part)+len(r.long) > 0:
			return nil, io.ErrUnexpectedEOF
		default:
			return nil, err
		}
	}
}
