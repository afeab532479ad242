package journal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"elevator/internal/elevator"
)

// maxLineBytes bounds a line: a snapshot of 256 floors, 64 cars and a hundred
// thousand passengers needs a third of it.
const maxLineBytes = 64 << 20

// Reader reads the events of a journal in their order. One flipped bit in a
// line with a checksum is flipped back, see Mended.
type Reader struct {
	files   []string // still to come
	name    string   // of the present file, for errors
	line    int      // of the last event
	input   *bufio.Reader
	closer  io.Closer // nil: the input is not ours
	long    []byte    // a line that does not fit the input's buffer
	mended  []byte    // lines to be read before the input goes on
	decoder *elevator.EventDecoder
	checks  bool            // the present file's lines have checksums
	held    *elevator.Event // to be returned after the error that lines before it are missing
	lost    bool            // the last line was damaged: the next event's number may be any
	seq     uint64          // of the last event; 0: none yet
	t       time.Duration
	read    int64 // bytes of the present file
	whole   int64 // up to the end of its last event
	torn    int64
	flipped []string
	err     error // io.EOF at the end
}

// DamageError says which line of a journal is not as it was written, or that
// lines before it are missing.
type DamageError struct {
	File string
	Line int
	Err  error
}

// Error names the place first.
func (e *DamageError) Error() string { return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err) }

// Unwrap returns what is wrong with the line.
func (e *DamageError) Unwrap() error { return e.Err }

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
	r.checks, r.read, r.whole = false, 0, 0
	r.input, r.closer = bufio.NewReaderSize(file, 1<<16), file
	return nil
}

// Next returns the next event, or io.EOF after the last. What is no journal is
// an error that names file and line. A *DamageError is about lines of a file with
// checksums; who calls Next again goes on with what follows them. Any other error
// ends the reading.
func (r *Reader) Next() (elevator.Event, error) {
	if e := r.held; e != nil {
		r.held = nil
		return r.follow(*e)
	}
	for r.err == nil {
		line, err := r.nextLine()
		switch {
		case err == nil:
			r.line++
			return r.event(line)
		case !errors.Is(err, io.EOF):
			r.line++
			return r.fail(err)
		case len(line) > 0 && len(r.files) > 0:
			r.line++
			damage := r.damaged(fmt.Errorf("the line is torn, but %s continues the journal", r.files[0]))
			if r.err = damage; r.checks {
				r.err = r.nextFile()
			}
			return nothing(), damage
		default:
			r.torn = r.read - r.whole
			r.err = r.nextFile()
		}
	}
	return nothing(), r.err
}

func nothing() elevator.Event { return elevator.NewEvent(0, elevator.EventNone) }

// fail ends the reading at the present line.
func (r *Reader) fail(err error) (elevator.Event, error) {
	r.err = fmt.Errorf("%s:%d: %w", r.name, r.line, err)
	return nothing(), errors.Join(r.err, r.Close())
}

// damaged returns the error for the present line, after which the numbers of
// events have a gap.
func (r *Reader) damaged(err error) error {
	r.lost = true
	return &DamageError{r.name, r.line, err}
}

// nextLine returns the next line with its newline, valid until the next call,
// and a flipped bit of it flipped back; with io.EOF what follows the last
// newline.
func (r *Reader) nextLine() ([]byte, error) {
	if len(r.mended) == 0 {
		line, err := r.readLine()
		if len(line) == 0 || err != nil && !errors.Is(err, io.EOF) || r.intact(line) {
			return line, err
		}
		if line, mended := r.mend(line); !mended {
			return line, err
		}
	}
	end := bytes.IndexByte(r.mended, '\n') + 1
	line := r.mended[:end]
	r.mended = r.mended[end:]
	return line, nil
}

// readLine returns the input's next line, in the way of nextLine.
func (r *Reader) readLine() ([]byte, error) {
	line, err := r.input.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		r.long = append(r.long[:0], line...)
		for errors.Is(err, bufio.ErrBufferFull) {
			if len(r.long) > maxLineBytes {
				return nil, fmt.Errorf("the line is longer than %d bytes", maxLineBytes)
			}
			line, err = r.input.ReadSlice('\n')
			r.long = append(r.long, line...)
		}
		line = r.long
	}
	r.read += int64(len(line))
	return line, err
}

// intact reports whether nothing speaks for a flipped bit in the line: its
// checksum is right, or it stands in a file without.
func (r *Reader) intact(line []byte) bool {
	has, err := elevator.VerifyChecksum(line)
	return err == nil && (has || !r.checks && r.line > 0)
}

// mend flips a bit of the line back, also one that made two lines of it by
// turning a character into a newline. It returns a copy of the line; that line
// alone or with the next one becomes r.mended.
func (r *Reader) mend(line []byte) (same []byte, mended bool) {
	text := bytes.Clone(line)
	if mended = mend(text); !mended {
		next, _ := r.input.Peek(maxMendBytes) // at the file's end what there is
		end := bytes.IndexByte(next, '\n') + 1
		if two := slices.Concat(text, next[:end]); end > 0 && mend(two) {
			_, _ = r.input.Discard(end)
			r.read += int64(end)
			text, mended = two, true
		}
	}
	if mended {
		r.mended = text
		r.flipped = append(r.flipped, fmt.Sprintf("%s:%d: one bit was flipped and has been flipped back", r.name, r.line+1))
	}
	return text, mended
}

// event decodes the present line and checks that it follows the one before it.
func (r *Reader) event(line []byte) (elevator.Event, error) {
	has, err := elevator.VerifyChecksum(line)
	if err == nil && !has && r.checks {
		err = errors.New("the line has no checksum, as those before it have")
	}
	r.checks = r.checks || has
	if err != nil {
		return nothing(), r.damaged(err)
	}
	e, err := r.decoder.Decode(line)
	if err != nil {
		return r.fail(err)
	}
	if r.line == 1 && e.Kind != elevator.BuildingLoaded {
		return r.fail(fmt.Errorf("the file begins with %s; expected building", e.Kind))
	}
	return r.follow(e)
}

// follow checks the event's number and time.
func (r *Reader) follow(e elevator.Event) (elevator.Event, error) {
	gap := r.seq != 0 && e.Seq > r.seq+1
	if gap && !r.lost && r.checks {
		r.held = &e
		return nothing(), r.damaged(fmt.Errorf("event %d follows event %d; the lines between are missing", e.Seq, r.seq))
	}
	switch {
	case e.Seq == 0, e.Seq <= r.seq, gap && !r.lost:
		return r.fail(fmt.Errorf("event %d follows event %d; expected event %d", e.Seq, r.seq, r.seq+1))
	case e.T < r.t:
		return r.fail(fmt.Errorf("time goes backwards from %v to %v", r.t, e.T))
	}
	r.seq, r.t, r.lost = e.Seq, e.T, false
	if len(r.mended) == 0 {
		r.whole = r.read
	}
	return e, nil
}

// Torn returns, after io.EOF, how many bytes after the last event were left out:
// those of a line without newline, and of damaged lines before it.
func (r *Reader) Torn() int64 { return r.torn }

// Passed returns how many lines so far had something in them that only a later
// version of the program knows, and was passed over.
func (r *Reader) Passed() int { return r.decoder.Passed() }

// Mended returns where a bit was flipped back so far, a sentence each.
func (r *Reader) Mended() []string { return r.flipped }

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
