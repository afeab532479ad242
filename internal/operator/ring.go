package operator

import "errors"

// Why a reader of the event stream cannot go on.
var (
	errTooOld = errors.New("the events asked for are no longer kept")
	errAhead  = errors.New("the events asked for have not happened yet")
)

// ring keeps the newest encoded events, bounded in number and in bytes.
//
// Invariant: lines[(first+i)%len] holds the event with sequence number
// oldest+i, for i < count.
type ring struct {
	lines    [][]byte
	first    int
	count    int
	oldest   uint64
	bytes    int
	maxBytes int
}

func newRing(maxLines, maxBytes int) *ring {
	return &ring{lines: make([][]byte, maxLines), oldest: 1, maxBytes: maxBytes}
}

// next returns the sequence number that the next event will have.
func (r *ring) next() uint64 { return r.oldest + uint64(r.count) }

// restart empties the ring; the next event will be seq.
func (r *ring) restart(seq uint64) {
	clear(r.lines)
	r.first, r.count, r.bytes, r.oldest = 0, 0, 0, seq
}

func (r *ring) push(line []byte) {
	for r.count == len(r.lines) || r.count > 0 && r.bytes+len(line) > r.maxBytes {
		r.bytes -= len(r.lines[r.first])
		r.lines[r.first] = nil
		r.first = (r.first + 1) % len(r.lines)
		r.count--
		r.oldest++
	}
	r.lines[(r.first+r.count)%len(r.lines)] = line
	r.count++
	r.bytes += len(line)
}

// from appends the lines from sequence number seq on to batch, at most limit
// of them.
func (r *ring) from(seq uint64, batch [][]byte, limit int) ([][]byte, error) {
	switch {
	case seq < r.oldest:
		return batch, errTooOld
	case seq > r.next():
		return batch, errAhead
	}
	for i := int(seq - r.oldest); i < r.count && len(batch) < limit; i++ {
		batch = append(batch, r.lines[(r.first+i)%len(r.lines)])
	}
	return batch, nil
}
