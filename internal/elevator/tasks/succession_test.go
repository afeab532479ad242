package tasks

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/motion"
	"elevator/internal/elevator/sim/simtest"
	"elevator/internal/elevator/traffic"
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
	destroyed int           // lines of the journal
	durable   int64         // bytes of the journal that the disk had when the last scheduler died

	mu        sync.Mutex
	in        map[string]chan gotask.TaskMsg
	said      []gotask.TaskMsg // by all tasks, in their order
	confirmed map[string]int
	more      chan struct{} // closed, and replaced, when somebody has said something
}

const latency = 5 * time.Millisecond

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
			h.task(taskName(spec.Name, i), run)
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
			h.said = append(h.said, m)
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
	step  time.Duration // by which the wall clock was set, forward or back, before the scheduler began
}

var errDiskFull = errors.New("no space left on device")

// carry gives the scheduler what is unconfirmed, and then what is said: an
// executor with the floors, and one with the cars that answers later.
func (l *life) carry(to chan<- gotask.TaskMsg) {
	h := l.h
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
		resume.epoch = resume.epoch.Add(-t.step) // the clock of this machine is shared
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
				h.in[m.TaskName] <- m
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

// spoil does to the journal what a machine may that dies: what the disk did not
// have is gone; or a part of the last line is missing, or a bit of it another.
func (h *hall) spoil(rng *rand.Rand) {
	if rng.IntN(2) == 0 && h.durable > 0 {
		if err := os.Truncate(h.path, h.durable); err != nil {
			h.t.Fatal(err)
		}
		return
	}
	text, err := os.ReadFile(h.path)
	if err != nil {
		h.t.Fatal(err)
	}
	last := bytes.LastIndexByte(bytes.TrimSuffix(text, []byte("\n")), '\n') + 1
	if last == 0 {
		return // the building's line: a run has not begun without it
	}
	at := last + rng.IntN(len(text)-last)
	switch rng.IntN(3) {
	case 0:
		text = text[:at]
	case 1:
		text[at] ^= 1 << rng.IntN(8)
	}
	if err := os.WriteFile(h.path, text, 0o600); err != nil {
		h.t.Fatal(err)
	}
}

// destroy makes a line of the journal illegible, wherever it stands: more of it
// is damaged than can be mended. The first line stays: without it there is no run.
func (h *hall) destroy(rng *rand.Rand) {
	text, err := os.ReadFile(h.path)
	if err != nil {
		h.t.Fatal(err)
	}
	lines := bytes.SplitAfter(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
	if len(lines) == 1 {
		return
	}
	line := lines[1+rng.IntN(len(lines)-1)]
	h.destroyed++
	for i := 1; i < 20; i += 3 {
		line[i] ^= 0x11
	}
	if err := os.WriteFile(h.path, append(bytes.Join(lines, nil), '\n'), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

// everybodyArrived holds against each other who came to a landing and who left a
// car, by the word of these, whatever the journal says.
func (h *hall) everybodyArrived() {
	came, left := make(map[elevator.PassengerID]bool), make(map[elevator.PassengerID]bool)
	for _, m := range h.said {
		said, err := gotask.Decode[fromTask](m)
		if err != nil {
			h.t.Fatal(err)
		}
		for _, out := range said.Outputs {
			switch e := out.Event; {
			case e == nil:
			case e.Kind == elevator.PassengerArrived:
				came[e.Passenger] = true
			case e.Kind == elevator.PassengerAlighted:
				left[e.Passenger] = true
			}
		}
	}
	if len(came) < 20 || !maps.Equal(came, left) {
		h.t.Errorf("%d came, %d arrived", len(came), len(left))
	}
}

// judge allows for events that were journaled with a time up to late after they
// happened.
func (h *hall) judge(least int, late time.Duration) {
	checker, carried := simtest.NewChecker(h.b), 0
	checker.Late = late
	h.read(func(e *elevator.Event) {
		checker.Event(e)
		if e.Kind == elevator.PassengerAlighted {
			carried++
		}
	})
	if err := checker.End(); err != nil {
		h.t.Error(err)
	}
	if carried < least {
		h.t.Errorf("%d carried, want at least %d", carried, least)
	}
}

// Schedulers die at any moment, again and again, and with them what the disk does
// not have of the journal, or its last line; cars or landings are cut off, and the
// disk has no room for a while; cars and landings go on. The journal that they
// leave together is one of a run in which nobody was lost, no call forgotten and no
// door opened in motion.
func TestSuccession(t *testing.T) {
	seeds := uint64(12)
	if os.Getenv("ELEVATOR_SOAK") != "" {
		seeds = 300
	}
	for _, c := range []struct{ dispatcher, traffic string }{{"eta", "two-way:30%"}, {"destination", "two-way:25%"}, {"nearest-car", "up-peak:20%"}} {
		t.Run(c.dispatcher, func(t *testing.T) {
			for seed := range seeds {
				synctest.Test(t, func(t *testing.T) {
					h, late := succession(t, c.dispatcher, c.traffic, seed, (*hall).spoil)
					h.judge(20, late)
				})
				if t.Failed() {
					t.Fatalf("seed %d", seed)
				}
			}
		})
	}
}

// Each time that a scheduler dies a line of the journal, any, is lost for good.
// What it said is missing in the record, and in the record alone: what is true is
// asked of cars and landings, and everybody arrives. At most as many people as
// lines were lost are left in the record.
func TestSuccessionWithLostLines(t *testing.T) {
	seeds := uint64(3)
	if os.Getenv("ELEVATOR_SOAK") != "" {
		seeds = 300
	}
	for seed := range seeds {
		synctest.Test(t, func(t *testing.T) {
			h, _ := succession(t, "eta", "two-way:30%", seed, (*hall).destroy)
			h.everybodyArrived()
		})
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// When the first scheduler has died, the wall clock is set, by up to an hour forward
// or back, and stays so. The building's time never goes back.
func TestSuccessionWithClockSteps(t *testing.T) {
	seeds := uint64(3)
	if os.Getenv("ELEVATOR_SOAK") != "" {
		seeds = 300
	}
	for seed := range seeds {
		synctest.Test(t, func(t *testing.T) {
			h, late := succession(t, "eta", "two-way:30%", seed, (*hall).setClock)
			h.judge(20, late)
			h.everybodyArrived()
		})
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// setClock has all further schedulers find another wall clock than the first had.
func (h *hall) setClock(rng *rand.Rand) {
	if h.step == 0 {
		h.step = time.Duration(rng.Int64N(int64(2*time.Hour))) - time.Hour
	}
}

// succession runs a building until everybody has arrived, with schedulers that
// die and something that is done to the hall each time. It returns the hall, and
// by how much the times of its journal may be wrong.
func succession(t *testing.T, dispatcher, pattern string, seed uint64, spoil func(*hall, *rand.Rand)) (h *hall, late time.Duration) {
	const speed, duration = 10, 4 * time.Minute
	b := building.Builtin()
	if dispatcher == "destination" {
		b.Signalling = elevator.Destination
	}
	law := motion.NewLaw(b)
	entry, _ := dispatch.ByName(dispatcher)
	spec, err := traffic.ParseSpec(pattern)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	upTo := func(most time.Duration) time.Duration { return time.Duration(rng.Int64N(int64(most))) }
	h = newHall(t, b)
	defer h.end()
	var longest time.Duration
	for lives := 1; ; lives++ {
		source, err := traffic.New(b, spec, seed, duration)
		if err != nil {
			t.Fatal(err)
		}
		cfg := Config{
			Building: b, Law: law, Dispatcher: entry.New(dispatch.Plant{Building: b, Law: law}), Source: source,
			Header: elevator.Header{Building: b, Speed: speed}, Speed: speed, Duration: duration,
			Publish: func([]elevator.Event) error { return nil }, Logger: slog.New(slog.DiscardHandler),
		}
		life := time.Second + upTo(7*time.Second)
		if lives > 20 {
			life = time.Hour // enough to find out who is left
		}
		ctx, cancel := context.WithTimeout(t.Context(), life)
		troubles := troubles{
			pause: upTo(100 * time.Millisecond),
			cut:   drawOutage(upTo), task: h.names[rng.IntN(len(h.names))],
			full: drawOutage(upTo),
			lag:  upTo(2 * time.Second),
			step: h.step,
		}
		longest = max(longest, troubles.cut.length(), troubles.full.length())
		err = h.run(ctx, cfg, troubles)
		died := ctx.Err() != nil
		cancel()
		if left, ok := errors.AsType[*LeftBehindError](err); ok && len(left.Passengers) <= h.destroyed {
			break // by the record, which has lost more than that
		}
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if !died {
			break
		}
		spoil(h, rng)
		time.Sleep(upTo(2 * time.Second))
	}
	return h, longest * speed
}
