package ui

import (
	"slices"

	"elevator/internal/elevator"
)

// How much of a running group a dashboard remembers: four cars make some ten
// thousand events an hour.
const (
	mostRecorded  = 1 << 17
	recorderMarks = 2000 // events between two marks
)

// recorder is the source of a tape in memory, which grows at its end while it
// is read.
type recorder struct {
	tape   *tape
	header elevator.Event // of the run
	events []elevator.Event
	first  int // how many events were forgotten before events[0]
	at     int // how many events come before the one to read next
}

func newRecorder(header elevator.Event) *recorder {
	r := &recorder{header: header}
	r.tape = &tape{source: r, every: recorderMarks}
	return r
}

// continues reports whether the building that a stream begins with is of the
// run that is recorded already.
func (r *recorder) continues(header *elevator.Header) bool {
	return r.header.Detail.Header.WallTime.Equal(header.WallTime)
}

// record adds an event and, every so often, a mark with the group after it.
// Beyond its limit the older half is forgotten.
func (r *recorder) record(e *elevator.Event, after *elevator.Group) {
	t := r.tape
	r.events = append(r.events, *e)
	t.count++
	t.end = e.T
	if n := len(t.marks); n == 0 || t.count-t.marks[n-1].events >= t.every {
		t.marks = append(t.marks, mark{events: t.count, header: r.header, group: after.Clone()})
	}
	if len(r.events) > mostRecorded {
		r.forget(t.count - mostRecorded/2)
	}
}

// forget drops what comes before the first mark after some events.
func (r *recorder) forget(events int) {
	t := r.tape
	i := slices.IndexFunc(t.marks, func(m mark) bool { return m.events >= events })
	if i <= 0 {
		return
	}
	t.marks = slices.Delete(t.marks, 0, i)
	r.events = slices.Clone(r.events[t.marks[0].events-r.first:])
	r.first = t.marks[0].events
}

// toEnd makes the present the place to read on from.
func (r *recorder) toEnd() {
	r.tape.next, r.tape.ahead, r.at = r.tape.count, nil, r.tape.count
}

func (r *recorder) rewind(m *mark) error {
	r.at = m.events
	return nil
}

func (r *recorder) read() (elevator.Event, bool) {
	i := r.at - r.first
	if i < 0 || i >= len(r.events) {
		return elevator.Event{}, false
	}
	r.at++
	return r.events[i], true
}
