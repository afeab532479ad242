package journal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

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
	return cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(elevator.Group{}, "Seq"))
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

func TestAppendRefusesWhatNoJournalHolds(t *testing.T) {
	b := building.Builtin()
	w, err := Create(filepath.Join(t.TempDir(), "run.ndjson"), b)
	if err != nil {
		t.Fatal(err)
	}
	late := elevator.NewEvent(time.Second, elevator.CarArrived)
	late.Car, late.Floor = 0, 0
	if err := w.Append(&late); err == nil || !strings.Contains(err.Error(), "car_arrived comes first") {
		t.Errorf("no building: %v", err)
	}
	none := elevator.NewEvent(0, elevator.BuildingLoaded)
	if err := w.Append(&none); err == nil {
		t.Error("a building line without building was accepted")
	}
	write(t, w, []*elevator.Event{header(b), &late})
	early := late
	early.T--
	if err := w.Append(&early); err == nil || !strings.Contains(err.Error(), "times that do not decrease") {
		t.Errorf("time going backwards: %v", err)
	}
	write(t, w, []*elevator.Event{&late})
	if late.Seq != 3 {
		t.Errorf("refused events took numbers: %d", late.Seq)
	}
	if err := errors.Join(w.Close(), w.Close()); err != nil {
		t.Error(err)
	}
	if err := w.Append(&late); !errors.Is(err, os.ErrClosed) {
		t.Errorf("append after close: %v", err)
	}
}

func TestConfigsThatCannotBeAreRefused(t *testing.T) {
	b := building.Builtin()
	for _, cfg := range []Config{
		{}, {Path: "x"}, {Path: "x", Building: b, MaxBytes: -1}, {Path: "x", Building: b, MaxAge: time.Hour},
		{Path: filepath.Join(t.TempDir(), "no", "such", "directory"), Building: b},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("accepted %+v", cfg)
		}
	}
}

func TestAJournalIsWrittenByOne(t *testing.T) {
	b := building.Builtin()
	path := filepath.Join(t.TempDir(), "run.ndjson")
	w, err := Create(path, b)
	if err != nil {
		t.Fatal(err)
	}
	write(t, w, story(b, 3))
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(path, b); !errors.Is(err, ErrLocked) {
		t.Errorf("a second writer: %v", err)
	}
	if _, err := Recover(path); !errors.Is(err, ErrLocked) {
		t.Errorf("recovering under a writer: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if r, err := Recover(path); err != nil || r.NextSeq != w.Seq()+1 {
		t.Errorf("after the writer: %+v, %v", r, err)
	}
}

func TestATailTornAtAnyByteIsCutOff(t *testing.T) {
	b := building.Builtin()
	path := filepath.Join(t.TempDir(), "run.ndjson")
	w, err := Create(path, b)
	if err != nil {
		t.Fatal(err)
	}
	events := story(b, 5)
	write(t, w, events)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for size := range len(whole) + 1 {
		if err := os.WriteFile(path, whole[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		lines := bytes.Count(whole[:size], []byte("\n"))
		r, err := Recover(path)
		if err != nil {
			t.Fatalf("torn after %d bytes: %v", size, err)
		}
		kept := bytes.LastIndexByte(whole[:size], '\n') + 1
		if r.NextSeq != uint64(lines+1) || r.Torn != int64(size-kept) || r.Refused != nil {
			t.Fatalf("torn after %d bytes, %d lines: %+v", size, lines, r)
		}
		if lines == 0 {
			if r.Group != nil {
				t.Fatalf("a group from no event")
			}
			continue
		}
		if diff := cmp.Diff(folded(t, b, events[:lines]), r.Group, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("torn after %d bytes: %s", size, diff)
		}
		if left, err := os.ReadFile(path); err != nil || !bytes.Equal(left, whole[:kept]) {
			t.Fatalf("torn after %d bytes: %d left, %v", size, len(left), err)
		}
	}
}

// TestAFlippedBit flips every bit of a journal. What no longer is a journal is
// an error that names the file and a line; what still is one was a digit or a
// letter of a name that became another.
func TestAFlippedBit(t *testing.T) {
	b := building.Builtin()
	var text bytes.Buffer
	w := newWriter(Config{Path: "run.ndjson", Building: b}, &memoryFile{Buffer: &text})
	write(t, w, story(b, 4))
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	whole := text.Bytes()
	seen := 0
	for i := range whole {
		for bit := range 8 {
			flipped := bytes.Clone(whole)
			flipped[i] ^= 1 << bit
			r := NewReader("run.ndjson", bytes.NewReader(flipped))
			events, err := read(r)
			if err != nil {
				seen++
				// A changed name in the building line is found where it is used.
				var line int
				if _, scan := fmt.Sscanf(err.Error(), "run.ndjson:%d: ", &line); scan != nil || line < bytes.Count(whole[:i], []byte("\n"))+1 {
					t.Fatalf("bit %d of byte %d: %v", bit, i, err)
				}
				continue
			}
			if r.Torn() == 0 && len(events) != bytes.Count(whole, []byte("\n")) {
				t.Fatalf("bit %d of byte %d: %d events and no error", bit, i, len(events))
			}
		}
	}
	if seen < len(whole)*8*4/5 {
		t.Errorf("%d of %d flipped bits were seen", seen, len(whole)*8)
	}
}

func TestDamageIsNamed(t *testing.T) {
	b := building.Builtin()
	line := func(seq uint64, at time.Duration) string {
		e := elevator.NewEvent(at, elevator.CarArrived)
		e.Seq, e.Car, e.Floor = seq, 0, 0
		return string(elevator.AppendEvent(nil, b, &e))
	}
	first := header(b)
	first.Seq = 1
	begin := string(elevator.AppendEvent(nil, b, first))
	for _, tc := range []struct{ text, want string }{
		{begin + line(2, 5) + line(4, 6), "j:3: event 4 follows event 2; expected event 3"},
		{begin + line(2, 5) + line(2, 6), "j:3: event 2 follows event 2"},
		{begin + line(2, 5) + line(3, 4), "j:3: time goes backwards from 5ns to 4ns"},
		{begin + line(0, 5), "j:2: event 0 follows event 1"},
		{line(1, 5), "j:1: event car_arrived: the building's names are not known"},
		{begin + "\n", "j:2: event: not a JSON object"},
		{begin + "{}\n" + line(2, 5), "j:2: event: field t is missing"},
	} {
		if _, err := read(NewReader("j", strings.NewReader(tc.text))); err == nil || !strings.HasPrefix(err.Error(), tc.want) {
			t.Errorf("got %v, want %s…", err, tc.want)
		}
	}
	path := filepath.Join(t.TempDir(), "j")
	if err := os.WriteFile(path, []byte(begin+"{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Recover(path); err == nil || !strings.Contains(err.Error(), path+":2: ") {
		t.Errorf("recovering a damaged journal: %v", err)
	}
	if left, err := os.ReadFile(path); err != nil || string(left) != begin+"{}\n" {
		t.Errorf("a damaged journal was changed: %q, %v", left, err)
	}
	if _, err := Recover(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no journal: %v", err)
	}
}

func TestAnEventTheFoldRefusesIsReported(t *testing.T) {
	b := building.Builtin()
	path := filepath.Join(t.TempDir(), "run.ndjson")
	w, err := Create(path, b)
	if err != nil {
		t.Fatal(err)
	}
	boarded := elevator.NewEvent(0, elevator.PassengerBoarded)
	boarded.Passenger, boarded.Car, boarded.Floor = 9, 0, 0
	write(t, w, []*elevator.Event{header(b), &boarded})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := Recover(path)
	if err != nil || r.Refused == nil || !strings.HasPrefix(r.Refused.Error(), path+":2: ") || r.NextSeq != 3 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestALimitedJournalGoesOnInNewFiles(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := building.Builtin()
		dir, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			rt.Fatal(err)
		}
		path := filepath.Join(dir, "run.ndjson")
		var own []uint64
		w, err := New(Config{
			Path: path, Building: b, MaxBytes: int64(rapid.IntRange(500, 5000).Draw(rt, "limit")),
			Rotated: func(e *elevator.Event) { own = append(own, e.Seq) },
		})
		if err != nil {
			rt.Fatal(err)
		}
		events := story(b, rapid.IntRange(0, 30).Draw(rt, "people"))
		write(t, w, events)
		if err := w.Close(); err != nil {
			rt.Fatal(err)
		}
		want := folded(t, b, events)

		files, err := Files(path)
		if err != nil || len(own) != 2*(len(files)-1) || files[len(files)-1] != path {
			rt.Fatalf("files %v, own lines %v, %v", files, own, err)
		}
		r, err := Open(path)
		if err != nil {
			rt.Fatal(err)
		}
		all, err := read(r)
		if err != nil || len(all) != len(events)+len(own) {
			rt.Fatalf("%d of %d events, %v", len(all), len(events)+len(own), err)
		}
		for i := range files {
			got, whole, err := fold(files[i:])
			if err != nil || !whole || got.Refused != nil {
				rt.Fatalf("from %s: whole %v, %+v, %v", files[i], whole, got, err)
			}
			if diff := sameState(want, got.Group); diff != "" {
				rt.Fatalf("from %s: %s", files[i], diff)
			}
			if got.NextSeq != w.Seq()+1 {
				rt.Fatalf("from %s: the next event is %d, want %d", files[i], got.NextSeq, w.Seq()+1)
			}
		}
	})
}

func TestALimitOfAgeCountsWallTime(t *testing.T) {
	b := building.Builtin()
	path := filepath.Join(t.TempDir(), "run.ndjson")
	now := time.Unix(0, 0)
	w, err := New(Config{Path: path, Building: b, MaxAge: time.Hour, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	events := story(b, 6)
	write(t, w, events[:5])
	now = now.Add(time.Hour)
	write(t, w, events[5:8])
	now = now.Add(time.Hour - 1)
	write(t, w, events[8:])
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if files, err := Files(path); err != nil || len(files) != 2 {
		t.Errorf("files %v, %v", files, err)
	}
	again, err := Create(path, b)
	if err != nil {
		t.Fatal(err)
	}
	if files, err := Files(path); err != nil || len(files) != 1 {
		t.Errorf("a new journal left the old one's files: %v, %v", files, err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestARecoveredJournalIsContinued(t *testing.T) {
	b := building.Builtin()
	path := filepath.Join(t.TempDir(), "run.ndjson")
	events := story(b, 9)
	w, err := Create(path, b)
	if err != nil {
		t.Fatal(err)
	}
	write(t, w, events[:11])
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = file.WriteString(`{"t":99,"seq":12,"ev`)
	}
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
	for _, part := range [][]*elevator.Event{events[11:15], events[15:]} {
		r, err := Recover(path)
		if err != nil {
			t.Fatal(err)
		}
		var own []uint64
		cfg := Config{Path: path, Building: b, Rotated: func(e *elevator.Event) { own = append(own, e.Seq) }}
		w, err := Continue(cfg, r, elevator.Header{Dispatcher: "successor"})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]uint64{r.NextSeq, r.NextSeq + 1}, own); diff != "" {
			t.Error(diff)
		}
		if _, err := Continue(cfg, r, elevator.Header{}); !errors.Is(err, ErrLocked) {
			t.Errorf("continued twice: %v", err)
		}
		write(t, w, part)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	r, err := Recover(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := sameState(folded(t, b, events), r.Group); diff != "" {
		t.Error(diff)
	}
	if r.Header.Dispatcher != "successor" || r.NextSeq != uint64(len(events)+4+1) {
		t.Errorf("%+v", r)
	}
	reader, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if all, err := read(reader); err != nil || len(all) != len(events)+4 {
		t.Errorf("%d events, %v", len(all), err)
	}
	other, err := building.Named("office14")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Continue(Config{Path: path, Building: other}, r, elevator.Header{}); err == nil || !strings.Contains(err.Error(), "15 floors") {
		t.Errorf("continued in another building: %v", err)
	}
	if _, err := Continue(Config{Path: path, Building: b}, &Recovered{NextSeq: 1}, elevator.Header{}); err == nil {
		t.Error("continued from nothing")
	}
}

// TestACrashWhileFilesChange recovers from the states a crash can leave.
func TestACrashWhileFilesChange(t *testing.T) {
	b := building.Builtin()
	path := filepath.Join(t.TempDir(), "run.ndjson")
	events := story(b, 9)
	w, err := Create(path, b)
	if err != nil {
		t.Fatal(err)
	}
	write(t, w, events)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := folded(t, b, events)
	// The old file was set aside and the new one has no name yet.
	if err := setAside(path); err != nil {
		t.Fatal(err)
	}
	r, err := Recover(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := sameState(want, r.Group); diff != "" {
		t.Error(diff)
	}
	// The disk lost the new file's snapshot.
	next := header(b)
	next.T, next.Seq = r.Group.T, r.NextSeq
	if err := os.WriteFile(path, append(elevator.AppendEvent(nil, b, next), `{"t":8,"se`...), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err = Recover(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := sameState(want, r.Group); diff != "" || r.Torn != 10 || r.NextSeq != next.Seq+1 {
		t.Errorf("%+v %s", r, diff)
	}
	// A torn line in the middle of the journal is damage.
	old, err := rotated(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(old[0].path, 2000); err != nil {
		t.Fatal(err)
	}
	reader, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := read(reader); err == nil || !strings.Contains(err.Error(), "the line is torn, but "+path+" continues the journal") {
		t.Errorf("torn in the middle: %v", err)
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

func (f *memoryFile) Close() error { return nil }

func TestAFullDiskIsTold(t *testing.T) {
	b := building.Builtin()
	events := story(b, 20)
	for room := 1; room < 4000; room += 97 {
		file := &memoryFile{Buffer: &bytes.Buffer{}, room: room}
		w := newWriter(Config{Path: "x", Building: b}, file)
		var failed error
		for _, e := range events {
			if failed = errors.Join(w.Append(e), w.Flush()); failed != nil {
				break
			}
		}
		if !errors.Is(failed, errFull) {
			t.Fatalf("%d bytes of room: %v", room, failed)
		}
		next := *events[0]
		for _, again := range []error{w.Append(&next), w.Flush(), w.Sync(), w.Close(), w.Close()} {
			if !errors.Is(again, errFull) {
				t.Fatalf("%d bytes of room: first %v, then %v", room, failed, again)
			}
		}
		r := NewReader("x", bytes.NewReader(file.Bytes()))
		if _, err := read(r); err != nil {
			t.Fatalf("%d bytes of room left no journal: %v", room, err)
		}
	}
}

func TestManyAppendsAreOneWrite(t *testing.T) {
	b := building.Builtin()
	file := &memoryFile{Buffer: &bytes.Buffer{}}
	w := newWriter(Config{Path: "x", Building: b}, file)
	write(t, w, story(b, 20))
	if file.Len() != 0 {
		t.Errorf("%d bytes before the flush", file.Len())
	}
	if err := w.Flush(); err != nil || file.Len() == 0 {
		t.Errorf("%d bytes, %v", file.Len(), err)
	}
	before := file.Len()
	late := elevator.NewEvent(time.Hour, elevator.CarArrived)
	late.Car, late.Floor = 0, 0
	for range 2 * autoFlush / 60 {
		write(t, w, []*elevator.Event{&late})
	}
	if file.Len() == before {
		t.Error("what nobody flushes gathers without end")
	}
}

func TestSyncsInTheBackground(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := building.Builtin()
		file := &memoryFile{Buffer: &bytes.Buffer{}, synced: make(chan struct{})}
		w := newWriter(Config{Path: "x", Building: b, SyncInBackground: true}, file)
		events := story(b, 20)
		for _, e := range events {
			if err := errors.Join(w.Append(e), w.Flush()); err != nil {
				t.Fatal(err) // the disk has synced nothing yet, and nobody waited
			}
			synctest.Wait()
		}
		<-file.synced // the sync that the first flush began
		<-file.synced // one for all others
		synctest.Wait()
		file.syncErr = errFull
		if err := errors.Join(w.Append(events[len(events)-1]), w.Flush()); err != nil {
			t.Fatal(err)
		}
		<-file.synced
		synctest.Wait()
		if err := w.Flush(); !errors.Is(err, errFull) {
			t.Errorf("a failed sync in the background: %v", err)
		}
		if err := w.Close(); !errors.Is(err, errFull) {
			t.Errorf("close: %v", err)
		}
	})
}

func TestPipesAreWrittenToo(t *testing.T) {
	w, err := Create(os.DevNull, building.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	write(t, w, story(building.Builtin(), 3))
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}

func FuzzReader(f *testing.F) {
	b := building.Builtin()
	file := &memoryFile{Buffer: &bytes.Buffer{}}
	w := newWriter(Config{Path: "x", Building: b}, file)
	write(f, w, story(b, 5))
	if err := w.Flush(); err != nil {
		f.Fatal(err)
	}
	f.Add(file.Bytes())
	f.Add(file.Bytes()[:file.Len()-9])
	f.Add([]byte("\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := NewReader("fuzz", bytes.NewReader(data))
		var g *elevator.Group
		for {
			e, err := r.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				if !strings.HasPrefix(err.Error(), "fuzz:") {
					t.Fatalf("%v names no place", err)
				}
				return
			}
			if g == nil {
				g = elevator.NewGroup(e.Detail.Header.Building)
			}
			g.Apply(&e) // may refuse, must not panic
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	w, err := Create(filepath.Join(b.TempDir(), "run.ndjson"), building.Builtin())
	if err != nil {
		b.Fatal(err)
	}
	defer w.Close()
	write(b, w, []*elevator.Event{header(building.Builtin())})
	e := elevator.NewEvent(time.Hour, elevator.CarArrived)
	e.Car, e.Floor = 0, 0
	b.ReportAllocs()
	for b.Loop() {
		if err := w.Append(&e); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReader(b *testing.B) {
	office := building.Builtin()
	file := &memoryFile{Buffer: &bytes.Buffer{}}
	w := newWriter(Config{Path: "x", Building: office}, file)
	events := story(office, 10_000)
	write(b, w, events)
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		r := NewReader("x", bytes.NewReader(file.Bytes()))
		for {
			_, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(events)), "ns/event")
}
