package journal

import (
	"errors"
	"fmt"
	"os"
	"time"

	"elevator/internal/elevator"
)

// Writer appends events to one file.
//
// Invariant: t never decreases and seq grows by one from line to line.
type Writer struct {
	building *elevator.Building
	file     *os.File
	pending  []byte
	seq      uint64
	last     time.Duration // of the latest event
}

// Create starts a journal at path for events of building b. A journal that
// stands there is kept as path.1, and one that was kept before is replaced.
func Create(path string, b *elevator.Building) (*Writer, error) {
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Size() > 0 {
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, fmt.Errorf("keep the journal that stands there: %w", err)
		}
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	return &Writer{building: b, file: file}, nil
}

// Append gives the event its sequence number and queues its line. An event
// earlier than the one before it is moved to that one's time.
func (w *Writer) Append(e *elevator.Event) error {
	w.seq++
	e.Seq = w.seq
	e.T = max(e.T, w.last)
	w.last = e.T
	w.pending = elevator.AppendEvent(w.pending, w.building, e)
	return nil
}

// Flush writes what is queued.
func (w *Writer) Flush() error {
	if len(w.pending) == 0 {
		return nil
	}
	if _, err := w.file.Write(w.pending); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	w.pending = w.pending[:0]
	return nil
}

// Sync writes what is queued and waits until the disk has it.
func (w *Writer) Sync() error {
	if err := w.Flush(); err != nil {
		return err
	}
	if err := w.file.Sync(); err != nil && !errors.Is(err, os.ErrInvalid) {
		return fmt.Errorf("sync the journal: %w", err)
	}
	return nil
}

// Close syncs and closes the file.
func (w *Writer) Close() error { return errors.Join(w.Sync(), w.file.Close()) }
