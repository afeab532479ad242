package ui

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"sort"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/alarm"
	"elevator/internal/elevator/motion"
)

// markEvery is how many events lie between two marks of a journal.
const markEvery = 20000

// tape is a history that is read like a live group, from any place on: a
// journal, or what this dashboard saw of a running group.
//
// Invariant: marks are in the order of the history and the first is the
// earliest place that reading can start from.
type tape struct {
	source source
	marks  []mark
	every  int // events between two marks
	count  int // events on the tape, those that were forgotten included
	end    time.Duration
	torn   error // why reading ended before the journal's end
	next   int   // how many events were read
	ahead  *elevator.Event
}

// source is where the events of a tape are kept.
type source interface {
	// rewind makes a mark the place to read on from.
	rewind(*mark) error
	// read returns the event that comes next, or false where there is none that
	// can be read.
	read() (elevator.Event, bool)
}

// mark is a place of a tape that reading can start from.
type mark struct {
	offset int64           // in a journal's file
	events int             // events before it
	header elevator.Event  // the building it is about
	group  *elevator.Group // the fold of the events before it
}

// journalFile is the source of a recording on disk.
type journalFile struct {
	r       io.ReadSeeker
	lines   *bufio.Reader
	decoder *elevator.EventDecoder
}

func (f *journalFile) rewind(m *mark) error {
	if _, err := f.r.Seek(m.offset, io.SeekStart); err != nil {
		return fmt.Errorf("read the journal: %w", err)
	}
	f.lines.Reset(f.r)
	f.decoder = elevator.NewEventDecoder(m.header.Detail.Header.Building)
	return nil
}

func (f *journalFile) read() (elevator.Event, bool) {
	line, err := f.lines.ReadBytes('\n')
	if err != nil && len(line) == 0 {
		return elevator.Event{}, false
	}
	e, err := f.decoder.Decode(line)
	return e, err == nil
}

// openTape reads a journal once to know its length and to set marks. A journal
// that ends in the middle of a line, as after a crash, is read up to there.
func openTape(r io.ReadSeeker) (*tape, error) {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	f := &journalFile{r, bufio.NewReaderSize(r, 1<<16), elevator.NewEventDecoder(nil)}
	t := &tape{source: f, every: markEvery}
	var header elevator.Event
	var group *elevator.Group
	var watch *alarm.Watch
	var offset int64
	for {
		line, err := f.lines.ReadBytes('\n')
		if err != nil && (len(line) == 0 || !errors.Is(err, io.EOF)) {
			if !errors.Is(err, io.EOF) {
				t.torn = err
			}
			break
		}
		e, err := f.decoder.Decode(line)
		if err != nil {
			t.torn = fmt.Errorf("line %d: %w", t.count+1, err)
			break
		}
		switch {
		case e.Kind == elevator.BuildingLoaded: // where files were joined, more than once
			header, group = e, elevator.NewGroup(e.Detail.Header.Building)
			watch = alarm.NewWatch(motion.NewLaw(group.Building))
		case e.Kind == elevator.SnapshotTaken && group != nil:
			group = e.Detail.Snapshot.Clone()
		case group == nil:
			return nil, errors.New("read the journal: it does not begin with a building")
		}
		if t.count%t.every == 0 {
			t.marks = append(t.marks, mark{offset, t.count, header, group.Clone()})
		}
		_ = watch.Apply(group, &e) // an event that the fold refuses is shown all the same
		t.count++
		t.end = max(t.end, e.T)
		offset += int64(len(line))
	}
	if group == nil {
		return nil, fmt.Errorf("read the journal: %w", errors.Join(errors.New("there is nothing in it"), t.torn))
	}
	return t, nil
}

// begin is the earliest time that the tape can be taken to.
func (t *tape) begin() time.Duration { return t.marks[0].group.T }

// rewind makes a mark the place to read on from.
func (t *tape) rewind(m *mark) error {
	t.next, t.ahead = m.events, nil
	return t.source.rewind(m)
}

// peek returns the next event, or nil at the end.
func (t *tape) peek() *elevator.Event {
	if t.ahead == nil && t.next < t.count {
		if e, ok := t.source.read(); ok {
			t.ahead = &e
		}
	}
	return t.ahead
}

// until reads events as long as more says so.
func (t *tape) until(more func(*elevator.Event) bool) []elevator.Event {
	var events []elevator.Event
	for e := t.peek(); e != nil && more(e); e = t.peek() {
		events = append(events, *e)
		t.next++
		t.ahead = nil
	}
	return events
}

// play reads on to a time, or from the earliest place on where what comes next
// was forgotten.
func (t *tape) play(to time.Duration) (tapeMessage, error) {
	if t.next < t.marks[0].events {
		return t.seek(tapePosition{at: max(to, t.begin())})
	}
	return tapeMessage{at: to, events: t.until(func(e *elevator.Event) bool { return e.T <= to })}, nil
}

// seek goes to another place of the tape. It starts reading an hour of the
// building's time before, so that the charts, figures and alarms there are
// complete.
func (t *tape) seek(to tapePosition) (tapeMessage, error) {
	if to.events > 0 && t.next >= t.marks[0].events {
		n := t.next + to.events
		msg := tapeMessage{events: t.until(func(*elevator.Event) bool { return t.next < n })}
		if len(msg.events) > 0 {
			msg.at = msg.events[len(msg.events)-1].T
			return msg, nil
		}
		to = tapePosition{at: t.end}
	}
	last := t.next + to.events // to.events < 0: back
	before := func(m *mark) bool {
		if to.events < 0 {
			return m.events < last-t.every
		}
		return m.group.T <= to.at-historyMinutes*time.Minute
	}
	i := max(sort.Search(len(t.marks), func(i int) bool { return !before(&t.marks[i]) })-1, 0)
	m := &t.marks[i]
	if err := t.rewind(m); err != nil {
		return tapeMessage{}, err
	}
	snapshot := elevator.NewEvent(m.group.T, elevator.SnapshotTaken)
	snapshot.Seq, snapshot.Detail = m.group.Seq, &elevator.Detail{Snapshot: m.group}
	msg := tapeMessage{anew: true, at: max(to.at, m.group.T), events: []elevator.Event{m.header, snapshot}}
	msg.events = append(msg.events, t.until(func(e *elevator.Event) bool {
		if to.events < 0 {
			return t.next < max(last, 1)
		}
		return e.T <= to.at
	})...)
	if to.events < 0 {
		msg.at = msg.events[len(msg.events)-1].T
	}
	return msg, nil
}
