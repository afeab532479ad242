package journal

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
)

// cottage is a building with a short first line.
func cottage(t testing.TB) *elevator.Building {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cottage.yaml")
	if err := os.WriteFile(path, []byte("{floors: [{name: G, height_m: 3}, {name: 1}], cars: [{name: J, capacity_persons: 4}]}"), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := building.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// visits are n people of a cottage who go up.
func visits(b *elevator.Building, n int) []*elevator.Event {
	events := []*elevator.Event{header(b)}
	for i := range n {
		for _, kind := range []elevator.EventKind{elevator.PassengerArrived, elevator.PassengerBoarded, elevator.PassengerAlighted} {
			e := elevator.NewEvent(time.Duration(i)*time.Second, kind)
			e.Passenger, e.Floor = elevator.PassengerID(i+1), 0
			switch kind {
			case elevator.PassengerArrived:
				e.To, e.MassKg = 1, 75
			case elevator.PassengerAlighted:
				e.Floor = 1
				fallthrough
			default:
				e.Car = 0
			}
			events = append(events, &e)
		}
	}
	return events
}

// checked returns a journal with checksums of n visits, and its events.
func checked(t testing.TB, b *elevator.Building, n int) (text []byte, events []elevator.Event) {
	t.Helper()
	file := &memoryFile{Buffer: &bytes.Buffer{}}
	w := newWriter(Config{Path: "x", Building: b, Checksums: true}, file)
	write(t, w, visits(b, n))
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	events, err := read(NewReader("x", bytes.NewReader(file.Bytes())))
	if err != nil || len(events) != 1+3*n {
		t.Fatalf("%d events, %v", len(events), err)
	}
	return file.Bytes(), events
}

// One flipped bit, whichever it is, changes nothing but that the reader tells
// of it: not even where it makes two lines of one or one of two.
func TestAFlippedBitIsFlippedBack(t *testing.T) {
	whole, want := checked(t, cottage(t), 2)
	harmless := 0
	for i := range whole {
		for bit := range 8 {
			if i < bytes.IndexByte(whole, '\n') && bit != i%8 {
				continue // looking through the long first line takes long
			}
			flipped := bytes.Clone(whole)
			flipped[i] ^= 1 << bit
			r := NewReader("x", bytes.NewReader(flipped))
			got, err := read(r)
			if err != nil || r.Torn() != 0 {
				t.Fatalf("bit %d of byte %d: %d bytes torn, %v", bit, i, r.Torn(), err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("bit %d of byte %d: %s", bit, i, diff)
			}
			switch mended := r.Mended(); {
			case len(mended) == 0:
				harmless++
				if !bytes.EqualFold(flipped, whole) { // a digit of a checksum in capitals
					t.Fatalf("bit %d of byte %d: not seen", bit, i)
				}
			case len(mended) > 1 || !strings.HasPrefix(mended[0], "x:"):
				t.Fatalf("bit %d of byte %d: %q", bit, i, mended)
			}
		}
	}
	if harmless > 8*len(want) {
		t.Errorf("%d flipped bits were not seen, more than there are digits of checksums", harmless)
	}
}

// tolerant reads past damage and returns what was told of it.
func tolerant(t rapid.TB, r *Reader) (events []elevator.Event, damage []error, err error) {
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return events, damage, nil
		}
		if d, ok := errors.AsType[*DamageError](err); ok {
			if d.File != "x" || d.Line < 1 {
				t.Fatalf("damage at %q, line %d", d.File, d.Line)
			}
			damage = append(damage, d)
			continue
		}
		if err != nil {
			return events, damage, err
		}
		events = append(events, e)
	}
}

// Whatever is written over a journal with checksums, and wherever it is cut
// off: no event is read that was not written, and none is missing that nothing is
// told of.
func TestDamageIsToldAndPassedOver(t *testing.T) {
	whole, want := checked(t, cottage(t), 4)
	rapid.Check(t, func(t *rapid.T) {
		text := bytes.Clone(whole[:rapid.IntRange(0, len(whole)).Draw(t, "size")])
		lines := bytes.Count(text, []byte("\n"))
		for range rapid.IntRange(1, 3).Draw(t, "strokes") {
			over := rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(t, "over")
			at := rapid.IntRange(0, len(text))
			if first := bytes.IndexByte(text, '\n') + 1; rapid.IntRange(0, 9).Draw(t, "spares the building") > 0 {
				at = rapid.IntRange(first, len(text))
			}
			copy(text[at.Draw(t, "at"):], over)
		}
		r := NewReader("x", bytes.NewReader(text))
		got, damage, err := tolerant(t, r)
		for _, e := range got {
			if diff := cmp.Diff(want[e.Seq-1], e); diff != "" {
				t.Fatalf("read what was not written: %s", diff)
			}
		}
		if len(got) < lines && len(damage) == 0 && r.Torn() == 0 && err == nil {
			t.Fatalf("%d events of %d lines, and nothing is told", len(got), lines)
		}
		if err != nil && !strings.HasPrefix(err.Error(), "x:") {
			t.Fatalf("%v names no place", err)
		}
	})
}

// A journal whose last lines are beyond repair is cut off before them and goes
// on; of lines in its middle the others are kept.
func TestRecoverGoesOnWithoutWhatIsDamaged(t *testing.T) {
	b := cottage(t)
	whole, events := checked(t, b, 4)
	ends := []int{0}
	for i, c := range whole {
		if c == '\n' {
			ends = append(ends, i+1)
		}
	}
	path := filepath.Join(t.TempDir(), "x")
	for _, c := range []struct {
		name string
		from int // first damaged line, from 0
		to   int // the line after the last
		torn bool
	}{
		{"last", len(events) - 1, len(events), true},
		{"last three", len(events) - 3, len(events), true},
		{"one in the middle", 4, 5, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := bytes.Clone(whole)
			for line := c.from; line < c.to; line++ {
				copy(text[ends[line]+10:], "\x00\x00\x00\x00")
			}
			if err := os.WriteFile(path, text, 0o600); err != nil {
				t.Fatal(err)
			}
			r, err := Recover(path)
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Lost) != c.to-c.from || !strings.HasPrefix(r.Lost[0].Error(), path+":") || (r.Torn > 0) != c.torn {
				t.Errorf("lost %v, torn %d", r.Lost, r.Torn)
			}
			var kept []*elevator.Event
			for i := range events {
				if i < c.from || i >= c.to {
					kept = append(kept, &events[i])
				}
			}
			want := elevator.NewGroup(b)
			for _, e := range kept {
				_ = want.Apply(e) // may be refused without the others
			}
			if diff := sameState(want, r.Group); diff != "" || r.NextSeq != kept[len(kept)-1].Seq+1 {
				t.Errorf("the next event is %d; %s", r.NextSeq, diff)
			}
			w, err := Continue(Config{Path: path, Building: b, Checksums: true}, r, *r.Header)
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			reader, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := read(reader); (err == nil) != c.torn {
				t.Errorf("reading all: %v", err)
			}
		})
		files, err := Files(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Where not even the building can be read, nothing is changed.
func TestNothingIsRecoveredWithoutABuilding(t *testing.T) {
	whole, _ := checked(t, cottage(t), 2)
	path := filepath.Join(t.TempDir(), "x")
	copy(whole[20:], "nonsense")
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if r, err := Recover(path); err == nil || !strings.Contains(err.Error(), path+":") {
		t.Errorf("%+v, %v", r, err)
	}
	if left, err := os.ReadFile(path); err != nil || !bytes.Equal(left, whole) {
		t.Errorf("the journal was changed: %v", err)
	}
}

// A line that another file continues and that is torn is told, and so are lines
// that are missing.
func TestMissingLinesAreTold(t *testing.T) {
	whole, want := checked(t, cottage(t), 2)
	lines := bytes.SplitAfter(whole, []byte("\n"))
	without := slices.Concat(slices.Concat(lines[:2]...), slices.Concat(lines[4:]...))
	got, damage, err := tolerant(t, NewReader("x", bytes.NewReader(without)))
	if err != nil || len(damage) != 1 || !strings.Contains(damage[0].Error(), "x:3: event 5 follows event 2; the lines between are missing") {
		t.Fatalf("%v, %v", damage, err)
	}
	if diff := cmp.Diff(slices.Concat(want[:2], want[4:]), got); diff != "" {
		t.Error(diff)
	}
}
