package link

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"
)

// record returns the envelopes of a conversation in which everything happens once, in the order they were sent.
func record() (toSched, toExec [][]byte) {
	w := newWorld(3, worldOptions{tasks: 2, finishes: 0.05, window: 8})
	for range 200 {
		w.opt.messages = w.sent + 1
		must(w.step(true))
		for _, f := range w.up.under {
			toSched = append(toSched, bytes.Clone(f.envelope))
		}
		for _, f := range w.down.under {
			toExec = append(toExec, bytes.Clone(f.envelope))
		}
	}
	return toSched, toExec
}

func oneFrame(task string, f streamFrame, messages ...string) []byte {
	b := appendHeader(nil, header{side: Executor, from: 100, to: 7})
	b = appendStream(b, task, f)
	for _, m := range messages {
		b = appendString(b, m)
	}
	return append(b, byte(frameEnd))
}

// FuzzReceive gives arbitrary bytes to a session in the middle of a conversation. It must neither panic nor hold more
// than its windows, and bytes it refuses must not change what it does.
func FuzzReceive(f *testing.F) {
	toSched, toExec := record()
	for i, envelope := range slices.Concat(toSched[:20], toExec[:20]) {
		f.Add(envelope, i%2 == 0)
	}
	f.Add(oneFrame("car-0.1", streamFrame{flags: flagData, first: maxNumber - 1, count: 1}, "x"), true)
	f.Add(oneFrame("car-0.1", streamFrame{flags: flagData, first: 1, count: 1 << 40}, "x"), true)
	f.Add(oneFrame("car-0.1", streamFrame{flags: flagListing | flagAsk, base: 1 << 60, last: 1 << 61, received: 1 << 61}), true)
	f.Add(oneFrame("car-0.1", streamFrame{flags: flagAck, received: 1 << 61, confirmed: 1 << 61}), true)
	f.Add(oneFrame("car-0.1", streamFrame{flags: flagData | flagEnd, first: 1}), true)
	f.Add([]byte("gL\x01\x02\x64\x07\x02\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), true)
	f.Add([]byte{}, false)
	f.Fuzz(func(t *testing.T, data []byte, toSched bool) {
		cfg := Config{WindowMessages: 4, WindowBytes: 1000, MaxMessageBytes: 2000}
		p := newPair(t, cfg, "car-0.1", "car-1.1")
		must(p.sched.Send(p.now, "car-0.1", []byte("down")))
		must(p.exec.Send(p.now, "car-0.1", []byte("up")))
		p.poll()
		s := p.exec
		if toSched {
			s = p.sched
		}
		for range 3 {
			p.now = p.now.Add(time.Millisecond)
			if err := s.Receive(p.now, data); err != nil && !errors.Is(err, ErrEnvelope) {
				t.Fatalf("error %v is not an ErrEnvelope", err)
			}
			stats := s.Stats(p.now)
			if stats.UnconfirmedIn > 8 || stats.UnconfirmedBytes > 8*3000 {
				t.Fatalf("holds %d messages, %d bytes", stats.UnconfirmedIn, stats.UnconfirmedBytes)
			}
			s.Poll(p.now, nil)
			for m, ok := s.Next(); ok; m, ok = s.Next() {
				s.Confirm(p.now, m.Task, m.Seq)
			}
		}
		s.Poll(p.now.Add(time.Minute), nil)
	})
}

// Every beginning of an envelope is refused, and so is every envelope with something after it.
func TestTruncatedEnvelopesAreRefused(t *testing.T) {
	toSched, toExec := record()
	for _, envelope := range slices.Concat(toSched, toExec) {
		if _, err := check(envelope, 1<<20); err != nil {
			t.Fatalf("%x: %v", envelope, err)
		}
		for n := range envelope {
			if _, err := check(envelope[:n], 1<<20); !errors.Is(err, ErrEnvelope) {
				t.Fatalf("%d of %d bytes: %v", n, len(envelope), err)
			}
		}
		if _, err := check(append(bytes.Clone(envelope), 0), 1<<20); !errors.Is(err, ErrEnvelope) {
			t.Fatalf("a byte more: %v", err)
		}
	}
}
