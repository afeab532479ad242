package mesos

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
)

// DefaultMaxRecordBytes is the largest record a [RecordReader] accepts unless told otherwise.
const DefaultMaxRecordBytes = 256 << 20

// firstStepBytes is how much room a record gets before any of its bytes has arrived; more only as they arrive.
const firstStepBytes = 64 << 10

// RecordReader reads RecordIO, the framing of Mesos' event streams: a decimal length, a newline, then as many bytes.
// How the bytes are cut into chunks or reads means nothing. See docs/recordio.md of Apache Mesos.
type RecordReader struct {
	in    *bufio.Reader
	limit int64
	buf   []byte
}

// NewRecordReader reads records of at most maxBytes each from in; 0 means [DefaultMaxRecordBytes].
func NewRecordReader(in io.Reader, maxBytes int64) *RecordReader {
	if maxBytes <= 0 {
		maxBytes = DefaultMaxRecordBytes
	}
	return &RecordReader{in: bufio.NewReaderSize(in, 32<<10), limit: maxBytes}
}

// Next returns the next record, which is valid until the following call. It returns io.EOF at an end between two records
// and io.ErrUnexpectedEOF, wrapped, at an end within one. Memory grows with the bytes that arrive, not with the length
// that was promised.
func (r *RecordReader) Next() ([]byte, error) {
	length, err := r.readLength()
	if err != nil {
		return nil, err
	}
	if cap(r.buf) > 16*firstStepBytes {
		r.buf = nil // one huge record must not hold its memory for the life of the stream
	}
	buf := r.buf[:0]
	for int64(len(buf)) < length {
		step := int(min(length-int64(len(buf)), int64(max(len(buf), firstStepBytes))))
		buf = slices.Grow(buf, step)
		n, err := io.ReadFull(r.in, buf[len(buf):len(buf)+step])
		buf = buf[:len(buf)+n]
		if err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return nil, fmt.Errorf("read record: %d of %d bytes: %w", len(buf), length, err)
		}
	}
	r.buf = buf
	return buf, nil
}

func (r *RecordReader) readLength() (int64, error) {
	var length int64
	for digits := 0; ; {
		c, err := r.in.ReadByte()
		if err != nil {
			if errors.Is(err, io.EOF) && digits > 0 {
				return 0, fmt.Errorf("read record length: %w", io.ErrUnexpectedEOF)
			}
			return 0, err
		}
		switch {
		case c == '\n' && digits == 0: // empty lines between records are allowed
		case c == '\n' && length == 0:
			return 0, errors.New("read record length: a record of 0 bytes is not valid RecordIO")
		case c == '\n':
			return length, nil
		case c < '0' || c > '9':
			return 0, fmt.Errorf("read record length: %q is not a digit; the stream is not RecordIO", c)
		default:
			digits++
			length = length*10 + int64(c-'0')
			if length > r.limit || digits > 20 {
				return 0, fmt.Errorf("read record length: the record exceeds the limit of %d bytes", r.limit)
			}
		}
	}
}
