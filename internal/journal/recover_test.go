package journal

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
)

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
		if diff := cmp.Diff(folded(t, b, events[:lines]), r.Group, cmpopts.EquateEmpty(), cmpopts.EquateComparable(elevator.TrafficDetector{})); diff != "" {
			t.Fatalf("torn after %d bytes: %s", size, diff)
		}
		if left, err := os.ReadFile(path); err != nil || !bytes.Equal(left, whole[:kept]) {
			t.Fatalf("torn after %d bytes: %d left, %v", size, len(left), err)
		}
	}
}

func TestAnEventTheFoldRefusesIsReported(t *testing.T) {
	b := building.Builtin()
	path := filepath.Join(t.TempDir(), "run.ndjson")
	w, err := Create(path, b)
	if err != nil {
		t.Fatal(err)
	}
	boarded := elevator.NewEvent(3*time.Second, elevator.PassengerBoarded)
	boarded.Passenger, boarded.Car, boarded.Floor = 9, 0, 0
	write(t, w, []*elevator.Event{header(b), &boarded})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := Recover(path)
	if err != nil || r.Refused == nil || !strings.HasPrefix(r.Refused.Error(), path+":2: ") || r.NextSeq != 3 || r.Group.T != boarded.T {
		t.Errorf("%+v, %v", r, err)
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
	want := folded(t, b, events)
	want.Dispatcher = "successor"
	if diff := sameState(want, r.Group); diff != "" {
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
