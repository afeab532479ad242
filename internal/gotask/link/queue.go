package link

import (
	"math/bits"
	"time"
)

// item is one message in a queue. Invariant: data is nil for the end mark of a stream and non-nil for a message, however
// empty.
type item struct {
	data []byte
	at   time.Duration // when it was queued
}

// weight is what an item counts in windows and in flight: its bytes and one more, so that empty ones count too.
func (it *item) weight() int { return len(it.data) + 1 }

// queue is a ring of items that holds no memory until it is used, and next to none when it has run empty, since most
// tasks are idle most of the time.
type queue struct {
	ring  []item // its length is 0 or a power of two
	head  int
	count int
	bytes int // sum of the weights
}

const smallRing = 4

func (q *queue) len() int { return q.count }

// at returns the i-th item from the front.
func (q *queue) at(i int) *item { return &q.ring[(q.head+i)&(len(q.ring)-1)] }

func (q *queue) push(it item) {
	if q.count == len(q.ring) {
		grown := make([]item, max(smallRing, 2*len(q.ring)))
		for i := range q.count {
			grown[i] = *q.at(i)
		}
		q.ring, q.head = grown, 0
	}
	q.count++
	q.bytes += it.weight()
	*q.at(q.count - 1) = it
}

func (q *queue) pop() item {
	front := q.at(0)
	it := *front
	*front = item{}
	q.head = (q.head + 1) & (len(q.ring) - 1)
	q.count--
	q.bytes -= it.weight()
	if q.count == 0 && len(q.ring) > smallRing {
		q.ring, q.head = nil, 0
	}
	return it
}

const (
	smallestBufferBits = 6
	bufferClasses      = 11 // 64 B to 64 KiB
	maxPooledBytes     = 128 << 10
)

// pool keeps buffers of confirmed messages for the next ones, in classes of powers of two.
type pool struct {
	free  [bufferClasses][][]byte
	bytes int
}

// clone returns a copy of data in a buffer of the pool. It is never nil.
func (p *pool) clone(data []byte) []byte {
	class := bufferClass(len(data))
	if class >= bufferClasses {
		return append(make([]byte, 0, len(data)), data...)
	}
	if n := len(p.free[class]); n > 0 {
		buf := p.free[class][n-1]
		p.free[class][n-1] = nil
		p.free[class] = p.free[class][:n-1]
		p.bytes -= cap(buf)
		return append(buf, data...)
	}
	return append(make([]byte, 0, 1<<(class+smallestBufferBits)), data...)
}

// put takes back a buffer that clone returned.
func (p *pool) put(buf []byte) {
	class := bufferClass(cap(buf))
	if buf == nil || class >= bufferClasses || cap(buf) != 1<<(class+smallestBufferBits) || p.bytes+cap(buf) > maxPooledBytes {
		return
	}
	p.bytes += cap(buf)
	p.free[class] = append(p.free[class], buf[:0])
}

// bufferClass returns the class of the smallest buffer that holds n bytes.
func bufferClass(n int) int {
	return max(0, bits.Len(uint(max(n, 1)-1))-smallestBufferBits)
}
