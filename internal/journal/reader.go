package journal

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"elevator/internal/elevator"
)

// maxLineBytes bounds a line: a snapshot of 256 floors, 64 cars and a hundred
// thousand passengers needs a third of it.
const maxLineBytes = 64 << 20

// Reader reads the events of a journal in their order.
type Reader struct {
	files   []string // still to come
	name    string   // of the present file, for errors
	line    int      // of the last event
	input   *bufio.Reader
	closer  io.Closer // nil: the input is not ours
	long    []byte    // a line that does not fit the input's buffer
	decoder *elevator.EventDecoder
	seq     uint64 // of the last event; 0: none yet
	t       time.Duration
	torn    int64
	err     error // io.EOF at the end
}

// Open returns a reader of the whole journal at path, with the files that it
// was continued from.
func Open(path string) (*Reader, error) {
	files, err := Files(path)
	if err != nil {
		return nil, err
	}
	return OpenFiles(files...)
}

// OpenFiles returns a reader of the given files, one after the other, the
// oldest first. They must follow each other without a gap; the first need not
// be the journal's beginning.
func OpenFiles(files ...string) (*Reader, error) {
	r := &Reader{files: files, decoder: elevator.NewEventDecoder(nil)}
	if err := r.nextFile(); err != nil {
		return nil, err
	}
	return r, nil
}

// NewReader returns a reader of one file's content, which it does not close;
// name is what errors call it.
func NewReader(name string, input io.Reader) *Reader {
	return &Reader{name: name, input: bufio.NewReaderSize(input, 1<<16), decoder: elevator.NewEventDecoder(nil)}
}

func (r *Reader) nextFile() error {
	if err := r.Close(); err != nil {
		return fmt.Errorf("close the journal: %w", err)
	}
	if len(r.files) == 0 {
		return io.EOF
	}
	file, err := os.Open(r.files[0])
	if err != nil {
		return fmt.Errorf("open the journal: %w", err)
	}
	r.name, r.line, r.files = r.files[0], 0, r.files[1:]
	r.input, r.closer = bufio.NewReaderSize(file, 1<<16), file
	return nil
}

// Next returns the next event, or io.EOF after the last. A line that is no
// event, that does not follow the one before it, or that is torn although
// another file follows, is an error that names file and line; it ends the
// reading.
func (r *Reader) Next() (elevator.Event, error) {
	for r.err == nil {
		line, err := r.readLine()
		switch {
		case err == nil:
			r.line++
			e, err := r.event(line)
			if err != nil {
				r.err = fmt.Errorf("%s:%d: %w", r.name, r.line, err)
				return e, errors.Join(r.err, r.Close())
			}
			return e, nil
		case !errors.Is(err, io.EOF):
			r.err = fmt.Errorf("%s:%d: %w", r.name, r.line+1, err)
		case len(line) > 0 && len(r.files) > 0:
			r.err = fmt.Errorf("%s:%d: the line is torn, but %s continues the journal", r.name, r.line+1, r.files[0])
		default:
			r.torn = int64(len(line))
			r.err = r.nextFile()
		}
	}
	return elevator.NewEvent(0, elevator.EventNone), r.err
}

// readLine returns the next line with its newline, valid until the next call;
// with io.EOF what follows the last newline.
func (r *Reader) readLine() ([]byte, error) {
	line, err := r.input.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	r.long = append(r.long[:0], line...)
	for errors.Is(err, bufio.ErrBufferFull) {
		if len(r.long) > maxLineBytes {
			return nil, fmt.Errorf("the line is longer than %d bytes", maxLineBytes)
		}
		line, err = r.input.ReadSlice('\n')
		r.long = append(r.long, line...)
	}
	return r.long, err
}

// event decodes a line and checks that it follows the one before it.
func (r *Reader) event(line []byte) (elevator.Event, error) {
	e, err := r.decoder.Decode(line)
	switch {
	case err != nil:
		return e, err
	case r.line == 1 && e.Kind != elevator.BuildingLoaded:
		return e, fmt.Errorf("the file begins with %s; expected building", e.Kind)
	case e.Seq == 0 || r.seq != 0 && e.Seq != r.seq+1:
		return e, fmt.Errorf("event %d follows event %d; expected event %d", e.Seq, r.seq, r.seq+1)
	case e.T < r.t:
		return e, fmt.Errorf("time goes backwards from %v to %v", r.t, e.T)
	}
	r.seq, r.t = e.Seq, e.T
	return e, nil
}

// Torn returns, after io.EOF, how many bytes of a last line without newline
// were left out.
func (r *Reader) Torn() int64 { return r.torn }

// Position returns file and line of the last event.
func (r *Reader) Position() (file string, line int) { return r.name, r.line }

// Close closes the file of a reader that is not read to its end.
func (r *Reader) Close() error {
	if r.closer == nil {
		return nil
	}
	err := r.closer.Close()
	r.closer = nil
	return err
}
