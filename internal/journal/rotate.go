package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"elevator/internal/elevator"
)

func (w *Writer) limited() bool { return w.cfg.MaxBytes > 0 || w.cfg.MaxAge > 0 }

// full reports whether the next event belongs into a new file.
func (w *Writer) full() bool {
	if w.group == nil {
		return false
	}
	return w.cfg.MaxBytes > 0 && w.size >= w.cfg.MaxBytes ||
		w.cfg.MaxAge > 0 && w.cfg.Now().Sub(w.opened) >= w.cfg.MaxAge
}

// rotate goes on in a new file. The new file is complete and on the disk
// before it takes its name, so that at any moment the files form a journal. As
// long as there is no room for it, the old file grows on.
func (w *Writer) rotate() error {
	if err := w.Sync(); err != nil {
		return w.err
	}
	file, err := openLocked(w.cfg.Path+".new", os.O_CREATE|os.O_TRUNC)
	if err != nil {
		_ = w.failed("continue the journal in a new file", err)
		return nil
	}
	old := w.place
	w.place = place{file: file, opened: old.opened, seq: old.seq, group: old.group.Clone()}
	preamble := w.preamble(*w.header)
	if err := errors.Join(w.write(), w.syncFile(file, &w.writing)); err != nil {
		_ = w.failed("continue the journal in a new file", err)
		w.place, w.lines = old, w.lines[:0]
		return file.Close()
	}
	if err := errors.Join(w.takeName(), old.file.Close()); err != nil {
		return w.fail("continue the journal in a new file", err)
	}
	w.begun(preamble)
	if err := w.removeOld(); err != nil {
		_ = w.failed("remove the oldest of the journal's files", err)
	}
	return nil
}

// takeName sets the old file aside and gives the new one its name.
func (w *Writer) takeName() error {
	if err := setAside(w.cfg.Path); err != nil {
		return err
	}
	if err := os.Rename(w.cfg.Path+".new", w.cfg.Path); err != nil {
		return err
	}
	return syncDirectory(w.cfg.Path)
}

// begun counts and tells the lines that the new file begins with. Its size
// counts what comes after them: a snapshot larger than the limit must not make
// every event a file of its own.
func (w *Writer) begun(preamble []elevator.Event) {
	w.size = 0
	w.events.Add(uint64(len(preamble)))
	if w.cfg.MaxAge > 0 {
		w.opened = w.cfg.Now()
	}
	if w.cfg.Rotated == nil {
		return
	}
	for i := range preamble {
		w.cfg.Rotated(&preamble[i])
	}
}

// removeOld removes the oldest full files beyond those to be kept.
func (w *Writer) removeOld() error {
	if w.cfg.Keep == 0 {
		return nil
	}
	old, err := rotated(w.cfg.Path)
	if err != nil {
		return err
	}
	for _, o := range old[:max(0, len(old)-w.cfg.Keep)] {
		if err := os.Remove(o.path); err != nil {
			return err
		}
	}
	return nil
}

// preamble puts the two lines at the beginning of a file that continues
// another.
func (w *Writer) preamble(header elevator.Header) []elevator.Event {
	state := w.group.Clone()
	building := elevator.NewEvent(w.t, elevator.BuildingLoaded)
	building.Detail = &elevator.Detail{Header: &header}
	snapshot := elevator.NewEvent(w.t, elevator.SnapshotTaken)
	snapshot.Detail = &elevator.Detail{Snapshot: state}
	events := []elevator.Event{building, snapshot}
	for i := range events {
		w.put(&events[i])
	}
	return events
}

// Continue goes on with a recovered journal in a new file, which begins with
// the building line of header and a snapshot of the recovered group; both are
// told to Rotated. What stood at cfg.Path is set aside like a full file. The
// building's floors and cars must be those of the recovered group.
func Continue(cfg Config, r *Recovered, header elevator.Header) (*Writer, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if r.Group == nil {
		return nil, errors.New("continue the journal: it holds no group; start a new one")
	}
	if err := sameNames(cfg.Building, r.Group.Building); err != nil {
		return nil, fmt.Errorf("continue the journal: %w", err)
	}
	// The old file is locked until the new one has its name.
	old, err := openLocked(cfg.Path, 0)
	switch {
	case err == nil:
		defer old.Close()
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	file, err := openLocked(cfg.Path+".new", os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return nil, err
	}
	w := newWriter(cfg, file)
	w.seq, w.t, w.group = r.NextSeq-1, r.Group.T, r.Group.Clone()
	w.group.Building, w.group.Dispatcher = cfg.Building, header.Dispatcher
	header.Building = cfg.Building
	w.header = &header
	preamble := w.preamble(header)
	if err := w.Sync(); err != nil {
		_ = w.Close() // which says the same
		return nil, err
	}
	if old != nil {
		if err := setAside(cfg.Path); err != nil {
			return nil, errors.Join(fmt.Errorf("set the old journal aside: %w", err), w.Close())
		}
	}
	if err := os.Rename(cfg.Path+".new", cfg.Path); err != nil {
		return nil, errors.Join(fmt.Errorf("name the new journal: %w", err), w.Close())
	}
	w.begun(preamble)
	if !w.limited() {
		w.group = nil
	}
	return w, syncDirectory(cfg.Path)
}

func sameNames(a, b *elevator.Building) error {
	if len(a.Floors) != len(b.Floors) || len(a.Cars) != len(b.Cars) {
		return fmt.Errorf("the building has %d floors and %d cars, that of the journal %d and %d",
			len(a.Floors), len(a.Cars), len(b.Floors), len(b.Cars))
	}
	for i := range a.Floors {
		if a.Floors[i].Name != b.Floors[i].Name {
			return fmt.Errorf("floor %q of the building is floor %q of the journal", a.Floors[i].Name, b.Floors[i].Name)
		}
	}
	for i := range a.Cars {
		if a.Cars[i].Name != b.Cars[i].Name {
			return fmt.Errorf("car %q of the building is car %q of the journal", a.Cars[i].Name, b.Cars[i].Name)
		}
	}
	return nil
}
