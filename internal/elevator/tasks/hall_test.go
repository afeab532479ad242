package tasks

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/gotask"
)

// hall holds the tasks of a building, which outlive their schedulers, and
// carries messages as gotask does: in order, unconfirmed ones again to the next
// scheduler. What a scheduler has sent within the latency before its death is
// lost.
type hall struct {
	t     *testing.T
	b     *elevator.Building
	names []string
	path  string // of the journal
	tasks sync.WaitGroup

	step      time.Duration // see troubles
	deaf      time.Duration // see troubles
	destroyed int           // how many lines of the journal are: see destroy
	durable   int64         // bytes of the journal that the disk had when the last scheduler died

	mu        sync.Mutex
	in        map[string]chan gotask.TaskMsg
	said      []gotask.TaskMsg // by all tasks, in their order
	saidAt    []time.Time      // when each of them was
	confirmed map[string]int
	more      chan struct{} // closed, and replaced, when somebody has said something
}

const (
	latency   = 5 * time.Millisecond
	hallSpeed = 10 // of the building's clock
)

func newHall(t *testing.T, b *elevator.Building) *hall {
	h := &hall{
		t: t, b: b, path: filepath.Join(t.TempDir(), "journal.ndjson"),
		in: make(map[string]chan gotask.TaskMsg), confirmed: make(map[string]int), more: make(chan struct{}),
	}
	for _, spec := range Specs(b) {
		run := gotask.TaskFunc(Car)
		if spec.Name == FloorTask {
			run = Floor
		}
		for i := range spec.Count {
			h.task(elevator.TaskName(spec.Name, i), run)
		}
	}
	return h
}

func (h *hall) task(name string, run gotask.TaskFunc) {
	in, out := make(chan gotask.TaskMsg, 1<<16), make(chan gotask.TaskMsg)
	h.in[name], h.names = in, append(h.names, name)
	h.tasks.Go(func() {
		defer close(out)
		if err := run(in, out, []string{name}, nil); err != nil {
			h.t.Error(err)
		}
	})
	h.tasks.Go(func() {
		for m := range out {
			m.TaskName = name
			h.mu.Lock()
			h.said, h.saidAt = append(h.said, m), append(h.saidAt, time.Now())
			close(h.more)
			h.more = make(chan struct{})
			h.mu.Unlock()
		}
	})
}

func (h *hall) end() {
	for _, in := range h.in {
		close(in)
	}
	h.tasks.Wait()
}

// life is one scheduler. After its context is done nothing that it does has
// any effect.
type life struct {
	troubles
	h       *hall
	ctx     context.Context
	lines   []byte // not flushed
	seq     uint64
	flushes []flush // the first is what the disk had when the life began
}

// flush is how far the journal was written at a time.
type flush struct {
	at   time.Time
	seq  uint64
	size int64 // of the file
}

// Append implements Journal.
func (l *life) Append(e *elevator.Event) error {
	l.seq++
	e.Seq = l.seq
	from := len(l.lines)
	l.lines = elevator.AppendChecksum(elevator.AppendEvent(l.lines, l.h.b, e), from)
	return nil
}

// Flush implements Journal.
func (l *life) Flush() error {
	if l.ctx.Err() != nil {
		return nil
	}
	if l.full.is(time.Now()) {
		return errDiskFull
	}
	file, err := os.OpenFile(l.h.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(l.lines)
	l.lines = l.lines[:0]
	if info, statErr := file.Stat(); err == nil && statErr == nil {
		l.flushes = append(l.flushes, flush{time.Now(), l.seq, info.Size()})
	}
	return errors.Join(err, file.Close())
}

// durable returns the last flush that the disk has.
func (l *life) durable() flush {
	last := l.flushes[0]
	for _, f := range l.flushes[1:] {
		if time.Since(f.at) >= l.lag {
			last = f
		}
	}
	return last
}

// Durable implements Journal.
func (l *life) Durable() uint64 { return l.durable().seq }

// outage is a time in which something does not work.
type outage struct{ begin, end time.Time }

// drawOutage draws one that begins within five seconds, but after the run has
// begun, and lasts up to four.
func drawOutage(upTo func(time.Duration) time.Duration) outage {
	begin := time.Now().Add(100*time.Millisecond + upTo(5*time.Second))
	return outage{begin, begin.Add(upTo(4 * time.Second))}
}

func (o *outage) is(now time.Time) bool { return !now.Before(o.begin) && now.Before(o.end) }

func (o *outage) length() time.Duration { return o.end.Sub(o.begin) }

// troubles are what happens to a scheduler that lives.
type troubles struct {
	pause time.Duration // between the messages of landings and those of cars
	cut   outage        // of the connection to one task: what it says is carried afterwards
	task  string        // which
	full  outage        // of the disk: it has no room
	lag   time.Duration // until the disk has what was written
	deaf  time.Duration // for how long it hears nobody at first
	step  time.Duration // by which the wall clock of the scheduler's machine is ahead of that of the tasks'
}

var errDiskFull = errors.New("no space left on device")

// carry gives the scheduler what is unconfirmed, and then what is said: an
// executor with the floors, and one with the cars that answers later.
func (l *life) carry(to chan<- gotask.TaskMsg) {
	h := l.h
	time.Sleep(l.deaf)
	h.mu.Lock()
	first := make(map[bool][]gotask.TaskMsg)
	skip := make(map[string]int)
	for _, m := range h.said {
		if skip[m.TaskName]++; skip[m.TaskName] > h.confirmed[m.TaskName] {
			isCar := elevator.TaskCar(m.TaskName) != elevator.NoCar
			first[isCar] = append(first[isCar], m)
		}
	}
	next := len(h.said)
	h.mu.Unlock()
	give := func(m gotask.TaskMsg) {
		select {
		case to <- m:
		case <-l.ctx.Done():
		}
	}
	for _, m := range first[false] {
		give(m)
	}
	time.Sleep(l.pause)
	for _, m := range first[true] {
		give(m)
	}
	mended := time.After(time.Until(l.cut.end))
	var held []gotask.TaskMsg
	for l.ctx.Err() == nil {
		h.mu.Lock()
		said, more := h.said[next:], h.more
		next = len(h.said)
		h.mu.Unlock()
		for _, m := range said {
			if m.TaskName == l.task && (l.cut.is(time.Now()) || len(held) > 0) {
				held = append(held, m)
				continue
			}
			give(m)
		}
		select {
		case <-more:
		case <-mended:
			for _, m := range held {
				give(m)
			}
			held = nil
		case <-l.ctx.Done():
		}
	}
}

// run runs a scheduler until it ends, or dies when ctx is done.
func (h *hall) run(ctx context.Context, cfg Config, t troubles) error {
	resume, err := Recover(h.path)
	if err != nil {
		return err
	}
	ctx, die := context.WithCancel(ctx)
	defer die()
	l := &life{troubles: t, h: h, ctx: ctx}
	if resume != nil {
		l.seq = resume.Recovered.NextSeq - 1
		resume.Epoch = resume.Epoch.Add(-t.step) // instead of this process's clock
	}
	began := flush{seq: l.seq}
	if info, err := os.Stat(h.path); err == nil {
		began.size = info.Size()
	}
	l.flushes = []flush{began}
	cfg.Journal, cfg.Resume = l, resume
	s, err := NewScheduler(cfg)
	if err != nil {
		return err
	}
	in, events := make(chan gotask.TaskMsg), make(chan gotask.SchedEvent, 100)
	events <- gotask.SchedEvent{Kind: gotask.EventRegistered}
	for _, name := range h.names {
		if resume == nil {
			events <- gotask.SchedEvent{Kind: gotask.EventTaskLaunched, Task: name, Attempt: 1}
		}
		events <- gotask.SchedEvent{Kind: gotask.EventTaskRunning, Task: name, Attempt: 1}
	}
	var carrier sync.WaitGroup
	carrier.Go(func() { l.carry(in) })
	err = s.RunSchedContext(ctx, gotask.SchedIO{
		In: in, Events: events,
		Send: func(ctx context.Context, m gotask.TaskMsg) error {
			select {
			case <-time.After(latency):
				h.in[m.TaskName] <- l.fromThere(m)
				return nil
			case <-l.ctx.Done():
				return l.ctx.Err()
			}
		},
		Confirm: func(task string, count int) {
			if l.ctx.Err() == nil {
				h.mu.Lock()
				h.confirmed[task] += count
				h.mu.Unlock()
			}
		},
	})
	die()
	carrier.Wait()
	h.durable = l.durable().size
	return err
}

// fromThere is a scheduler's message where its hello has the wall time of the
// scheduler's machine.
func (l *life) fromThere(msg gotask.TaskMsg) gotask.TaskMsg {
	m, err := gotask.Decode[toTask](msg)
	if err != nil {
		l.h.t.Error(err)
	}
	if m.Hello == nil || l.step == 0 {
		return msg
	}
	m.Hello.Epoch = m.Hello.Epoch.Add(l.step)
	if msg, err = gotask.NewMsg(msg.TaskName, m); err != nil {
		l.h.t.Error(err)
	}
	return msg
}
