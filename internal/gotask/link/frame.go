package link

import (
	"encoding/binary"
	"fmt"
)

// Protocol versions this package speaks; two ends use the highest they have in common.
const (
	minVersion = 1
	maxVersion = 1
)

// maxNumber bounds every epoch and sequence number on the wire, so that sums of them cannot overflow.
const maxNumber = 1 << 62

const (
	magic0, magic1 = 'g', 'L'
	headerFormat   = 1 // of the header and of HELLO; the rest follows the negotiated version
)

// frameKind begins each frame.
type frameKind uint8

const (
	frameEnd    frameKind = iota // ends an envelope; without it the envelope was cut short
	frameHello                   // who the sender is
	frameStream                  // state and messages of one task
	frameClosed                  // the sender does not have this task any more
)

// Flags of a stream frame say which parts follow.
const (
	flagListing  = 1 << iota // base, last, received, confirmed
	flagAsk                  // with flagListing: answer with your listing
	flagAttached             // the sender has seen the receiver's listing in this pair of lives
	flagAck                  // received, confirmed
	flagData                 // first, count, messages
	flagEnd                  // the end mark follows the last message of flagData
	flagLastEnd              // with flagListing: the last number is that of the end mark
	knownFlags   = flagListing | flagAsk | flagAttached | flagAck | flagData | flagEnd | flagLastEnd
)

const helloWantsAnswer = 1

// header begins an envelope.
type header struct {
	side     Side
	from, to uint64 // epochs; to is 0 while the sender does not know the receiver's
}

// hello is the content of a HELLO frame.
type hello struct {
	minVersion, maxVersion      uint64
	wantsAnswer                 bool
	windowMessages, windowBytes uint64
	build                       []byte
}

// streamFrame is the content of a stream frame. Messages stay encoded in data.
type streamFrame struct {
	task                []byte
	flags               byte
	base, last          uint64
	received, confirmed uint64
	first, count        uint64
	data                []byte
}

func appendHeader(b []byte, h header) []byte {
	b = append(b, magic0, magic1, headerFormat, byte(h.side))
	b = binary.AppendUvarint(b, h.from)
	return binary.AppendUvarint(b, h.to)
}

func appendHello(b []byte, h hello) []byte {
	b = append(b, byte(frameHello))
	b = binary.AppendUvarint(b, h.minVersion)
	b = binary.AppendUvarint(b, h.maxVersion)
	flags := byte(0)
	if h.wantsAnswer {
		flags |= helloWantsAnswer
	}
	b = append(b, flags)
	b = binary.AppendUvarint(b, h.windowMessages)
	b = binary.AppendUvarint(b, h.windowBytes)
	return appendBytes(b, h.build)
}

func appendClosed(b []byte, task string) []byte {
	b = append(b, byte(frameClosed))
	return appendString(b, task)
}

// appendStream writes the frame up to its messages; count of them, each by appendBytes, must follow.
func appendStream(b []byte, task string, f streamFrame) []byte {
	b = append(b, byte(frameStream))
	b = appendString(b, task)
	b = append(b, f.flags)
	if f.flags&flagListing != 0 {
		b = binary.AppendUvarint(b, f.base)
		b = binary.AppendUvarint(b, f.last)
	}
	if f.flags&(flagListing|flagAck) != 0 {
		b = binary.AppendUvarint(b, f.received)
		b = binary.AppendUvarint(b, f.confirmed)
	}
	if f.flags&flagData != 0 {
		b = binary.AppendUvarint(b, f.first)
		b = binary.AppendUvarint(b, f.count)
	}
	return b
}

func appendBytes(b, data []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(data)))
	return append(b, data...)
}

func appendString(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// decoder reads an envelope. After an error every read returns zero values, so that callers check once at the end. It
// allocates nothing: all slices are parts of the envelope.
type decoder struct {
	rest []byte
	err  error
}

func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: "+format, append([]any{ErrEnvelope}, args...)...)
		d.rest = nil
	}
}

func (d *decoder) byte(what string) byte {
	if len(d.rest) == 0 {
		d.fail("cut short before %s", what)
		return 0
	}
	b := d.rest[0]
	d.rest = d.rest[1:]
	return b
}

func (d *decoder) number(what string) uint64 {
	v, n := binary.Uvarint(d.rest)
	if n <= 0 {
		d.fail("no valid number for %s", what)
		return 0
	}
	d.rest = d.rest[n:]
	if v >= maxNumber {
		d.fail("%s %d is out of range", what, v)
		return 0
	}
	return v
}

func (d *decoder) bytes(what string, limit int) []byte {
	n := d.number(what)
	if n > uint64(limit) {
		d.fail("%s has %d bytes, at most %d are allowed", what, n, limit)
		return nil
	}
	if n > uint64(len(d.rest)) {
		d.fail("%s has %d bytes, only %d are there", what, n, len(d.rest))
		return nil
	}
	data := d.rest[:n:n]
	d.rest = d.rest[n:]
	return data
}

func (d *decoder) header() header {
	if d.byte("magic") != magic0 || d.byte("magic") != magic1 {
		d.fail("wrong magic")
	}
	if format := d.byte("format"); d.err == nil && format != headerFormat {
		d.fail("format %d, expected %d", format, headerFormat)
	}
	h := header{side: Side(d.byte("side"))}
	h.from = d.number("sender's epoch")
	h.to = d.number("receiver's epoch")
	if h.from == 0 {
		d.fail("sender's epoch is 0")
	}
	return h
}

// kind reads the beginning of the next frame. frameEnd also stands for an error.
func (d *decoder) kind() frameKind {
	kind := frameKind(d.byte("end mark"))
	if kind == frameEnd && len(d.rest) > 0 {
		d.fail("%d bytes after the end mark", len(d.rest))
	}
	if kind > frameClosed {
		d.fail("unknown frame kind %d", kind)
		return frameEnd
	}
	return kind
}

func (d *decoder) hello() hello {
	h := hello{minVersion: d.number("least version"), maxVersion: d.number("greatest version")}
	h.wantsAnswer = d.byte("hello flags")&helloWantsAnswer != 0
	h.windowMessages = d.number("window in messages")
	h.windowBytes = d.number("window in bytes")
	h.build = d.bytes("build", maxBuildBytes)
	if h.windowMessages == 0 || h.windowBytes == 0 {
		d.fail("window is 0")
	}
	return h
}

func (d *decoder) task() []byte {
	task := d.bytes("task id", MaxTaskIDBytes)
	if len(task) == 0 {
		d.fail("task id is empty")
	}
	return task
}

func (d *decoder) stream(maxMessageBytes int) streamFrame {
	f := streamFrame{task: d.task(), flags: d.byte("stream flags")}
	if f.flags&^knownFlags != 0 {
		d.fail("unknown stream flags %#x", f.flags)
	}
	if f.flags&flagListing != 0 {
		f.base = d.number("base")
		f.last = d.number("last")
	}
	if f.flags&(flagListing|flagAck) != 0 {
		f.received = d.number("received")
		f.confirmed = d.number("confirmed")
	}
	if f.base > f.last || f.confirmed > f.received {
		d.fail("positions run backwards: base %d, last %d, received %d, confirmed %d", f.base, f.last, f.received, f.confirmed)
	}
	if f.flags&flagData == 0 {
		return f
	}
	f.first = d.number("first sequence number")
	f.count = d.number("number of messages")
	if f.first == 0 || f.first+f.count >= maxNumber {
		d.fail("sequence numbers from %d, %d messages, are out of range", f.first, f.count)
	}
	if f.count > uint64(len(d.rest)) { // each takes a byte at least
		d.fail("%d messages in %d bytes", f.count, len(d.rest))
	}
	begin := d.rest
	for i := uint64(0); i < f.count && d.err == nil; i++ {
		d.bytes("message", maxMessageBytes)
	}
	f.data = begin[:len(begin)-len(d.rest)]
	return f
}

// check reads the whole envelope without touching any state, so that a bad one is refused as a whole. Frames after a
// HELLO of a foreign version are not looked at.
func check(envelope []byte, maxMessageBytes int) (header, error) {
	d := decoder{rest: envelope}
	h := d.header()
	for first := true; d.err == nil; first = false {
		switch d.kind() {
		case frameEnd:
			return h, d.err
		case frameHello:
			if !first {
				d.fail("hello is not the first frame")
			}
			if _, ok := commonVersion(d.hello()); !ok && d.err == nil {
				return h, nil
			}
		case frameStream:
			d.stream(maxMessageBytes)
		case frameClosed:
			d.task()
		}
	}
	return h, d.err
}

// commonVersion returns the version two ends use, if there is one.
func commonVersion(h hello) (uint64, bool) {
	version := min(maxVersion, h.maxVersion)
	return version, version >= max(minVersion, h.minVersion)
}
