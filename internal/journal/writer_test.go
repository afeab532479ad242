package journal

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
)

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
		{},
		{Path: "x"},
		{Path: "x", Building: b, MaxBytes: -1},
		{Path: "x", Building: b, MaxAge: time.Hour},
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

func TestALimitedJournalGoesOnInNewFiles(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := building.Builtin()
		path := filepath.Join(t.TempDir(), "run.ndjson")
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

func TestOldFilesAreRemoved(t *testing.T) {
	b := building.Builtin()
	path := filepath.Join(t.TempDir(), "run.ndjson")
	w, err := New(Config{Path: path, Building: b, MaxBytes: 1000, Keep: 2})
	if err != nil {
		t.Fatal(err)
	}
	events := story(b, 30)
	write(t, w, events)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := Files(path)
	if err != nil || len(files) != 3 || strings.HasSuffix(files[0], "run.1.ndjson") {
		t.Fatalf("files %v, %v; want the last two full ones and the present one", files, err)
	}
	r, err := Recover(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := sameState(folded(t, b, events), r.Group); diff != "" {
		t.Error(diff)
	}
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

func TestAFullDiskIsToldAndMadeGood(t *testing.T) {
	b := building.Builtin()
	whole := &memoryFile{Buffer: &bytes.Buffer{}}
	undisturbed := newWriter(Config{Path: "x", Building: b}, whole)
	write(t, undisturbed, story(b, 20))
	if err := undisturbed.Close(); err != nil {
		t.Fatal(err)
	}
	for room := 1; room < whole.Len(); room += 97 {
		file := &memoryFile{Buffer: &bytes.Buffer{}, room: room}
		w := newWriter(Config{Path: "x", Building: b}, file)
		var failed error
		for _, e := range story(b, 20) {
			if err := w.Append(e); err != nil {
				t.Fatalf("%d bytes of room: %v", room, err)
			}
			if failed = w.Flush(); !errors.Is(w.Failing(), failed) {
				t.Fatalf("%d bytes of room: %v but failing: %v", room, failed, w.Failing())
			}
		}
		if _, err := read(NewReader("x", bytes.NewReader(file.Bytes()))); err != nil {
			t.Fatalf("%d bytes of room left no journal: %v", room, err)
		}
		if !errors.Is(failed, errFull) || w.Counts().Errors == 0 {
			t.Fatalf("%d bytes of room: %v, %+v", room, failed, w.Counts())
		}
		file.room = 0
		if err := w.Flush(); err != nil || w.Failing() != nil {
			t.Fatalf("with room again: %v, failing: %v", err, w.Failing())
		}
		if !bytes.Equal(file.Bytes(), whole.Bytes()) {
			t.Fatalf("%d bytes of room: the journal is not what it would have been", room)
		}
	}
}

func TestAJournalThatCannotBeClosedIsTold(t *testing.T) {
	b := building.Builtin()
	w := newWriter(Config{Path: "x", Building: b}, &memoryFile{Buffer: &bytes.Buffer{}, room: 100})
	write(t, w, story(b, 20)[:3])
	for range 2 {
		if err := w.Close(); !errors.Is(err, errFull) {
			t.Errorf("close: %v", err)
		}
	}
}

// A limited journal for whose next file there is no room goes on in the old
// one.
func TestANewFileWithoutRoomWaits(t *testing.T) {
	b := building.Builtin()
	path := filepath.Join(t.TempDir(), "run.ndjson")
	w, err := New(Config{Path: path, Building: b, MaxBytes: 1000})
	if err != nil {
		t.Fatal(err)
	}
	obstacle := path + ".new" // a directory where the new file would be
	if err := os.Mkdir(obstacle, 0o755); err != nil {
		t.Fatal(err)
	}
	events := story(b, 20)
	write(t, w, events[:15])
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if w.Counts().Errors == 0 {
		t.Error("no error is counted")
	}
	if err := os.Remove(obstacle); err != nil {
		t.Fatal(err)
	}
	write(t, w, events[15:])
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	files, err := Files(path)
	if err != nil || len(files) < 2 {
		t.Errorf("files %v, %v", files, err)
	}
	if all, err := read(r); err != nil || uint64(len(all)) != w.Seq() {
		t.Errorf("%d events of %d, %v", len(all), w.Seq(), err)
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
	if want := (Counts{Events: w.Seq(), Bytes: uint64(file.Len())}); w.Counts() != want {
		t.Errorf("counts %+v, want %+v", w.Counts(), want)
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
		durable := func(want uint64) {
			t.Helper()
			if got := w.Durable(); got != want {
				t.Errorf("%d events are durable, want %d", got, want)
			}
		}
		durable(0)
		if err := w.Failing(); err != nil {
			t.Errorf("a disk that is just syncing: %v", err)
		}
		time.Sleep(slowAfter + 2*time.Second)
		if err := w.Failing(); err == nil || !strings.Contains(err.Error(), "has been at it for 5s") {
			t.Errorf("a disk that is slow: %v", err)
		}
		<-file.synced // the sync that the first flush began
		synctest.Wait()
		durable(1)
		<-file.synced // one for all others
		synctest.Wait()
		durable(w.Seq())
		if err := w.Failing(); err != nil {
			t.Errorf("a disk that was slow: %v", err)
		}
		file.syncErr = errFull
		if err := errors.Join(w.Append(events[len(events)-1]), w.Flush()); err != nil {
			t.Fatal(err)
		}
		<-file.synced
		synctest.Wait()
		if err := w.Flush(); !errors.Is(err, errFull) {
			t.Errorf("a failed sync in the background: %v", err)
		}
		durable(w.Seq() - 1)
		if err := w.Close(); !errors.Is(err, errFull) {
			t.Errorf("close: %v", err)
		}
	})
}

// A sync of the Writer's own, as before a file is left, and one in the background
// are timed each by itself, and Failing tells of whichever takes too long.
func TestSyncsThatOverlapAreTimedEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := building.Builtin()
		file := &memoryFile{Buffer: &bytes.Buffer{}, synced: make(chan struct{})}
		took := make(chan time.Duration, 3)
		w := newWriter(Config{Path: "x", Building: b, SyncInBackground: true, Synced: func(d time.Duration) { took <- d }}, file)
		if err := errors.Join(w.Append(header(b)), w.Flush()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		closed := make(chan error)
		go func() { closed <- w.Close() }()
		time.Sleep(2 * time.Second)
		<-file.synced // in the background, after 4 s
		time.Sleep(3 * time.Second)
		if err := w.Failing(); err == nil || !strings.Contains(err.Error(), "has been at it for 5s") {
			t.Errorf("while the Writer's own sync takes 5 s: %v", err)
		}
		<-file.synced
		if err := <-closed; err != nil {
			t.Error(err)
		}
		if background, own := <-took, <-took; background != 4*time.Second || own != 5*time.Second {
			t.Errorf("syncs of 4 s and 5 s took %v and %v", background, own)
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
