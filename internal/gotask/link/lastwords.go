package link

import (
	"fmt"
	"time"
)

// LastWords packs, at the executor, the messages of a task that are not confirmed, to ride in the data of its terminal
// status update. At most limit bytes are used, a few dozen of them for the frame; the messages that did not fit are
// returned, in order. The task stays as it is; CloseTask it once the update is on its way. It fails with
// ErrUnknownTask.
func (s *Session) LastWords(task string, limit int) (words []byte, omitted []Message, err error) {
	st := s.streams[task]
	if st == nil {
		return nil, nil, fmt.Errorf("%w: %q", ErrUnknownTask, task)
	}
	messages := s.Unacknowledged(task)
	room := limit - len(task) - frameOverhead
	n := 0
	for ; n < len(messages); n++ {
		room -= len(messages[n].Data) + 4
		if room < 0 {
			break
		}
	}
	words = appendHeader(nil, header{side: s.cfg.Side, from: s.cfg.Epoch, to: s.peer})
	words = appendStream(words, task, streamFrame{
		flags: flagListing | flagData,
		base:  st.base, last: st.base + uint64(len(messages)),
		received: st.received, confirmed: st.confirmed,
		first: st.base + 1, count: uint64(n),
	})
	for _, m := range messages[:n] {
		words = appendBytes(words, m.Data)
	}
	return append(words, byte(frameEnd)), messages[n:], nil
}

// ReceiveLastWords takes in, at the scheduler, the last words of a task and ends it: Next hands out those of its
// messages that had not come before, then NextEvent tells TaskEnded, unless the task's process has been replaced already
// and that was told. It fails with ErrUnknownTask if the task is not
// open, and with ErrEnvelope if the words are damaged or another task's; then the task stays as it is.
func (s *Session) ReceiveLastWords(now time.Time, task string, words []byte) error {
	st := s.streams[task]
	if st == nil {
		return fmt.Errorf("%w: %q", ErrUnknownTask, task)
	}
	h, err := check(words, s.cfg.MaxMessageBytes)
	if err == nil && (h.side != Executor || s.cfg.Side != Scheduler) {
		err = fmt.Errorf("%w: sent by a %v, received by a %v", ErrEnvelope, h.side, s.cfg.Side)
	}
	d := decoder{rest: words}
	d.header()
	if err == nil && d.kind() != frameStream {
		err = fmt.Errorf("%w: no messages", ErrEnvelope)
	}
	f := streamFrame{}
	if err == nil {
		f = d.stream(s.cfg.MaxMessageBytes)
		if string(f.task) != task || f.flags != flagListing|flagData {
			err = fmt.Errorf("%w: last words of task %q", ErrEnvelope, f.task)
		}
	}
	if err != nil {
		s.stats.Invalid++
		return fmt.Errorf("receiving the last words of task %q: %w", task, err)
	}
	t := s.at(now)
	s.takeLastWords(t, st, f)
	s.wake(t)
	return nil
}

// takeLastWords takes messages in whatever the window, since Mesos has bounded them already.
func (s *Session) takeLastWords(t time.Duration, st *stream, f streamFrame) {
	if !st.placed {
		st.place(f)
	}
	if st.endSeq == 0 {
		st.peerLast = f.last
	}
	s.takeAck(t, st, f.received, f.confirmed)
	d := decoder{rest: f.data}
	for seq := f.first; seq < f.first+f.count; seq++ {
		data := d.bytes("message", s.cfg.MaxMessageBytes)
		if seq == st.received+1 && st.endSeq == 0 {
			s.accept(st, data, t)
		}
	}
	s.end(st, Finished)
}
