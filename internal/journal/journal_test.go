package journal

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
)

func header(b *elevator.Building) *elevator.Event {
	e := elevator.NewEvent(0, elevator.BuildingLoaded)
	e.Detail = &elevator.Detail{Header: &elevator.Header{Building: b, Speed: 1, Seed: 7, Dispatcher: "eta", Version: "test"}}
	return &e
}

// story is a small run: n people come, board, travel and leave, one a second.
func story(b *elevator.Building, n int) []*elevator.Event {
	events := []*elevator.Event{header(b)}
	for i := range n {
		t := time.Duration(i) * time.Second
		for _, kind := range []elevator.EventKind{elevator.PassengerArrived, elevator.PassengerBoarded, elevator.PassengerAlighted} {
			e := elevator.NewEvent(t, kind)
			e.Passenger, e.Floor = elevator.PassengerID(i+1), elevator.FloorIndex(i%7)
			switch kind {
			case elevator.PassengerArrived:
				e.To, e.MassKg = 7, 75
			case elevator.PassengerAlighted:
				if i%3 == 2 {
					continue // this one stays aboard
				}
				e.Floor = 7
				fallthrough
			default:
				e.Car = elevator.CarIndex(i % 4)
			}
			events = append(events, &e)
		}
	}
	return events
}

func write(t testing.TB, w *Writer, events []*elevator.Event) {
	t.Helper()
	for _, e := range events {
		if err := w.Append(e); err != nil {
			t.Fatal(err)
		}
	}
}

// read returns all events of a reader, and what ended it if not io.EOF.
func read(r *Reader) (events []elevator.Event, err error) {
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return events, nil
		}
		if err != nil {
			return events, err
		}
		events = append(events, e)
	}
}

func folded(t testing.TB, b *elevator.Building, events []*elevator.Event) *elevator.Group {
	t.Helper()
	g := elevator.NewGroup(b)
	for _, e := range events {
		if err := g.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	return g
}

// sameState compares groups apart from the number of their last event, which
// the lines at the beginning of files count up.
func sameState(want, got *elevator.Group) string {
	return cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateComparable(elevator.TrafficDetector{}), cmpopts.IgnoreFields(elevator.Group{}, "Seq"))
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	b := building.Builtin()
	path := filepath.Join(t.TempDir(), "run.ndjson")
	w, err := Create(path, b)
	if err != nil {
		t.Fatal(err)
	}
	events := story(b, 500)
	write(t, w, events)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	got, err := read(r)
	if err != nil || r.Torn() != 0 {
		t.Fatal(err, r.Torn())
	}
	if len(got) != len(events) {
		t.Fatalf("%d events of %d", len(got), len(events))
	}
	for i := range got {
		if got[i].Seq != uint64(i+1) {
			t.Fatalf("event %d has number %d", i+1, got[i].Seq)
		}
		if diff := cmp.Diff(*events[i], got[i]); diff != "" {
			t.Fatal(diff)
		}
	}
	if file, line := r.Position(); file != path || line != len(events) {
		t.Errorf("ended at %s:%d", file, line)
	}
	if w.Seq() != uint64(len(events)) {
		t.Errorf("the writer ended at %d", w.Seq())
	}
}

var errFull = errors.New("no space left on device")

// memoryFile is a file that fails when more than room bytes were written (0:
// never), or to sync.
type memoryFile struct {
	*bytes.Buffer
	room    int
	syncErr error
	synced  chan struct{} // gets a value for every sync; nil: none wanted
}

func (f *memoryFile) Write(p []byte) (int, error) {
	if f.room > 0 && f.Len()+len(p) > f.room {
		n, _ := f.Buffer.Write(p[:f.room-f.Len()])
		return n, errFull
	}
	return f.Buffer.Write(p)
}

func (f *memoryFile) Sync() error {
	if f.synced != nil {
		f.synced <- struct{}{}
	}
	return f.syncErr
}

func (f *memoryFile) Truncate(size int64) error {
	f.Buffer.Truncate(int(size))
	return nil
}

func (f *memoryFile) Close() error { return nil }
