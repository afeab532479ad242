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
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
)

// TestAFlippedBitWithoutChecksums flips every bit of a journal. What no longer is
// a journal is an error that names the file and a line; what still is one was a
// digit or a letter of a name that became another.
func TestAFlippedBitWithoutChecksums(t *testing.T) {
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
