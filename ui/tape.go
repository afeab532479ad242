package ui

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"sort"
	"time"

	"elevator/internal/elevator"
)

// markEvery is how many events lie between two marks of a tape.
const markEvery = 20000

// tape is a journal that is read like a live group, from any place on.
//
// Invariant: marks are in the order of the journal and the first is its
// beginning.
type tape struct {
	r       io.ReadSeeker
	marks   []mark
	count   int // events in the journal
	end     time.Duration
	torn    error // why reading ended before the journal's end
	lines   *bufio.Reader
	decoder *elevator.EventDecoder
	next    int // how many events were read
	ahead   *elevator.Event
}

// mark is a place of the journal that reading can start from.
type mark struct {
	offset int64
	events int             // events before it
	header elevator.Event  // the building it is about
	group  *elevator.Group // the fold of the events before it
}

// openTape reads a journal once to know its length and to set marks. A journal
// that ends in the middle of a line, as after a crash, is read up to there.
func openTape(r io.ReadSeeker) (*tape, error) {
	t := &tape{r: r}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	t.lines, t.decoder = bufio.NewReaderSize(r, 1<<16), elevator.NewEventDecoder(nil)
	var header elevator.Event
	var group *elevator.Group
	var offset int64
	for {
		line, err := t.lines.ReadBytes('\n')
		if err != nil && (len(line) == 0 || !errors.Is(err, io.EOF)) {
			if !errors.Is(err, io.EOF) {
				t.torn = err
			}
			break
		}
		e, err := t.decoder.Decode(line)
		if err != nil {
			t.torn = fmt.Errorf("line %d: %w", t.count+1, err)
			break
		}
		switch {
		case e.Kind == elevator.BuildingLoaded: // where files were joined, more than once
			header, group = e, elevator.NewGroup(e.Detail.Header.Building)
		case e.Kind == elevator.SnapshotTaken && group != nil:
			group = e.Detail.Snapshot.Clone()
		case group == nil:
			return nil, errors.New("read the journal: it does not begin with a building")
		}
		if t.count%markEvery == 0 {
			t.marks = append(t.marks, mark{offset, t.count, header, group.Clone()})
		}
		_ = group.Apply(&e) // an event that the fold refuses is shown all the same
		t.count++
		t.end = max(t.end, e.T)
		offset += int64(len(line))
	}
	if group == nil {
		return nil, fmt.Errorf("read the journal: %w", errors.Join(errors.New("there is nothing in it"), t.torn))
	}
	return t, nil
}

// rewind makes a mark the place to read on from.
func (t *tape) rewind(m *mark) error {
	if _, err := t.r.Seek(m.offset, io.SeekStart); err != nil {
		return fmt.Errorf("read the journal: %w", err)
	}
	t.lines.Reset(t.r)
	t.decoder = elevator.NewEventDecoder(m.header.Detail.Header.Building)
	t.next, t.ahead = m.events, nil
	return nil
}

// peek returns the next event, or nil at the end.
func (t *tape) peek() *elevator.Event {
	if t.ahead == nil && t.next < t.count {
		line, err := t.lines.ReadBytes('\n')
		if err != nil && len(line) == 0 {
			return nil
		}
		e, err := t.decoder.Decode(line)
		if err != nil {
			return nil
		}
		t.ahead = &e
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

// play reads on to a time.
func (t *tape) play(to time.Duration) tapeMessage {
	return tapeMessage{at: to, events: t.until(func(e *elevator.Event) bool { return e.T <= to })}
}

// seek goes to another place of the journal. It starts reading an hour of the
// building's time before, so that the charts and figures there are complete.
func (t *tape) seek(to tapePosition) (tapeMessage, error) {
	if to.events > 0 {
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
			return m.events < last-markEvery
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
	msg := tapeMessage{anew: true, at: to.at, events: []elevator.Event{m.header, snapshot}}
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
