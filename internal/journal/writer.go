package journal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/alarm"
	"elevator/internal/elevator/motion"
)

// Config says how a journal is written.
type Config struct {
	// Path of the file. Older files of a journal with limits stand beside it.
	Path string
	// Building gives the names of floors and cars.
	Building *elevator.Building
	// MaxBytes is the size from which on the journal goes on in a new file.
	// 0: no limit.
	MaxBytes int64
	// MaxAge is the wall time after which the journal goes on in a new file.
	// 0: no limit.
	MaxAge time.Duration
	// Keep is how many full files of a journal with limits are kept; older ones are
	// removed when one more is full. 0: all.
	Keep int
	// Checksums gives every line a last field, "crc", by which a Reader sees that it
	// is damaged.
	Checksums bool
	// Now is the wall clock that MaxAge is measured by; not needed without it.
	Now func() time.Time
	// SyncInBackground has a goroutine bring flushed lines to the disk.
	SyncInBackground bool
	// Synced is told how long each sync took. May be nil. With SyncInBackground it
	// is called from that goroutine, too.
	Synced func(time.Duration)
	// Rotated is told of the building and snapshot lines that the Writer itself
	// puts at the beginning of a new file, for readers that follow the journal's
	// numbers. May be nil. It must not call the Writer.
	Rotated func(*elevator.Event)
}

func (c *Config) validate() error {
	switch {
	case c.Path == "":
		return errors.New("journal: no path is given")
	case c.Building == nil:
		return errors.New("journal: no building is given")
	case c.MaxBytes < 0 || c.MaxAge < 0:
		return fmt.Errorf("journal: limits of %d bytes and %v; expected none that is negative", c.MaxBytes, c.MaxAge)
	case c.Keep < 0:
		return fmt.Errorf("journal: %d full files to keep; expected none or more", c.Keep)
	case c.MaxAge > 0 && c.Now == nil:
		return errors.New("journal: a limit of age needs a clock")
	}
	return nil
}

// autoFlush is how many bytes Append lets gather before it writes them itself.
const autoFlush = 1 << 16

// Writer appends events to a journal. A write that failed, such as on a full
// disk, is made good by the next Flush: it cuts off what was torn and writes all
// lines that are still owed. After a sync that failed the Writer does nothing any
// more and returns that error from every call, for nobody knows what is on the
// disk. An event that Append refuses changes nothing.
type Writer struct {
	cfg Config
	place
	lines  []byte // not written yet
	t      time.Duration
	header *elevator.Header
	watch  *alarm.Watch // folds into the place's group
	syncer *syncer      // nil: nothing is synced in the background
	err    error

	durable               atomic.Uint64         // see Durable
	events, bytes, errors atomic.Uint64         // see Counts
	failing               atomic.Pointer[error] // see Failing
	writing               stopwatch             // a write or a sync of the Writer's own
	syncing               stopwatch             // a sync of the syncer's
}

// place is where a journal is being written.
type place struct {
	file   journalFile
	whole  int64 // bytes of the file that hold whole lines
	torn   bool  // more than these may have been written
	size   int64 // of the file, lines included
	opened time.Time
	seq    uint64
	group  *elevator.Group // the fold of all events, where files are limited
}

// journalFile is what a Writer needs of a file.
type journalFile interface {
	io.Writer
	Truncate(size int64) error
	Sync() error
	Close() error
}

// Create starts a new journal without limits at path, in place of what was
// there. It is New with a Config of these two.
func Create(path string, b *elevator.Building) (*Writer, error) {
	return New(Config{Path: path, Building: b})
}

// New starts a new journal, in place of what was there: an existing file is
// emptied and the files it was continued from are removed. A journal that is
// being written is an ErrLocked, and stays as it is.
func New(cfg Config) (*Writer, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	file, err := openLocked(cfg.Path, os.O_CREATE)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && info.Mode().IsRegular() {
		err = empty(cfg.Path, file)
		if err == nil && cfg.SyncInBackground {
			err = syncDirectory(cfg.Path)
		}
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("start the journal: %w", err)
	}
	if !info.Mode().IsRegular() {
		cfg.MaxBytes, cfg.MaxAge = 0, 0 // a device or a pipe cannot go on in a new file
	}
	return newWriter(cfg, file), nil
}

// empty truncates a regular file and removes its predecessors.
func empty(path string, file *os.File) error {
	old, err := rotated(path)
	if err != nil {
		return err
	}
	for _, o := range old {
		if err := os.Remove(o.path); err != nil {
			return err
		}
	}
	return file.Truncate(0)
}

func newWriter(cfg Config, file journalFile) *Writer {
	w := &Writer{cfg: cfg, place: place{file: file}, watch: alarm.NewWatch(motion.NewLaw(cfg.Building))}
	if cfg.MaxAge > 0 {
		w.opened = cfg.Now()
	}
	if cfg.SyncInBackground {
		w.syncer = startSyncer(w.syncFlushed)
	}
	return w
}

// Append gives the event its number and puts its line after the others. The
// first event of a journal is BuildingLoaded, and no event is earlier than the
// one before it. It reaches the file with the next Flush.
func (w *Writer) Append(e *elevator.Event) error {
	if w.err != nil {
		return w.err
	}
	switch {
	case w.header == nil && e.Kind != elevator.BuildingLoaded:
		return fmt.Errorf("append to the journal: %s comes first; expected the building", e.Kind)
	case e.T < w.t:
		return fmt.Errorf("append to the journal: %s at %v comes after an event at %v; expected times that do not decrease", e.Kind, e.T, w.t)
	}
	if w.full() {
		if err := w.rotate(); err != nil {
			return err
		}
	}
	if e.Kind == elevator.BuildingLoaded {
		if e.Detail == nil || e.Detail.Header == nil || e.Detail.Header.Building == nil {
			return errors.New("append to the journal: the building event holds no building")
		}
		w.header = e.Detail.Header
		if w.limited() && w.group == nil {
			w.group = elevator.NewGroup(w.cfg.Building)
		}
	}
	w.put(e)
	w.events.Add(1)
	if len(w.lines) >= autoFlush {
		_ = w.Flush() // the next Flush tries again, and tells
	}
	return w.err
}

func (w *Writer) put(e *elevator.Event) {
	w.seq++
	e.Seq, w.t = w.seq, e.T
	before := len(w.lines)
	w.lines = elevator.AppendEvent(w.lines, w.cfg.Building, e)
	if w.cfg.Checksums {
		w.lines = elevator.AppendChecksum(w.lines, before)
	}
	w.size += int64(len(w.lines) - before)
	if w.group != nil {
		// An event that the fold refuses changes nothing, here as for every reader.
		_ = w.watch.Apply(w.group, e)
	}
}

// Counts is what a Writer has done since it was opened.
type Counts struct {
	Events uint64 // appended
	Bytes  uint64 // written
	Errors uint64 // writes and syncs that failed
}

// Counts may be called from any goroutine.
func (w *Writer) Counts() Counts {
	return Counts{Events: w.events.Load(), Bytes: w.bytes.Load(), Errors: w.errors.Load()}
}

// Seq returns the number of the last event, 0 where there is none.
func (w *Writer) Seq() uint64 { return w.seq }

// Durable returns the number of the last event that survives this machine, 0
// where this Writer knows of none. One that does not sync in the background knows
// of nothing safer than what is written. It may be called from any goroutine.
func (w *Writer) Durable() uint64 { return w.durable.Load() }

// Flush writes what was appended. It survives this process then, and with
// SyncInBackground soon the machine.
func (w *Writer) Flush() error {
	if w.err != nil {
		return w.err
	}
	if err := w.syncer.failure(); err != nil {
		return w.fail("sync the journal", err)
	}
	if len(w.lines) == 0 {
		return nil
	}
	if err := w.write(); err != nil {
		return w.failed("write the journal", err)
	}
	w.failing.Store(nil)
	if w.syncer == nil {
		w.onDisk(w.seq)
		return nil
	}
	w.syncer.request(flushed{w.file, w.seq})
	return nil
}

// write writes the lines that are owed, after it has cut off what an earlier
// write has torn.
func (w *Writer) write() error {
	if w.torn {
		if err := w.file.Truncate(w.whole); err != nil {
			return err
		}
		w.torn = false
	}
	w.writing.begin()
	n, err := w.file.Write(w.lines)
	w.writing.end()
	if err != nil {
		w.torn = n > 0
		return err
	}
	w.whole += int64(n)
	w.bytes.Add(uint64(n))
	w.lines = w.lines[:0]
	return nil
}

// slowAfter is how long a write or a sync may take before Failing tells of it.
const slowAfter = 3 * time.Second

// Failing returns why the last write or sync failed, or that the present one has
// taken too long already, or nil. It may be called from any goroutine.
func (w *Writer) Failing() error {
	if err := w.failing.Load(); err != nil {
		return *err
	}
	if took := max(w.writing.runs(), w.syncing.runs()); took > slowAfter {
		return fmt.Errorf("write the journal: the disk of %s has been at it for %v", w.cfg.Path, took.Round(time.Second))
	}
	return nil
}

// Sync flushes and waits until everything is on the disk.
func (w *Writer) Sync() error {
	if err := w.Flush(); err != nil {
		return err
	}
	if err := w.syncFile(w.file, &w.writing); err != nil {
		return w.fail("sync the journal", err)
	}
	w.onDisk(w.seq)
	return nil
}

// syncFlushed is what the syncer does, in its goroutine.
func (w *Writer) syncFlushed(f flushed) error {
	err := w.syncFile(f.file, &w.syncing)
	if err == nil {
		w.onDisk(f.seq)
	}
	return err
}

// onDisk takes note that events up to seq are durable. The syncer may tell it late,
// when the Writer has synced more: the number never goes back.
func (w *Writer) onDisk(seq uint64) {
	for {
		known := w.durable.Load()
		if known >= seq || w.durable.CompareAndSwap(known, seq) {
			return
		}
	}
}

// syncFile syncs a file and tells how long that took by the watch.
func (w *Writer) syncFile(file journalFile, watch *stopwatch) error {
	watch.begin()
	err := syncFile(file)
	took := watch.end()
	if w.cfg.Synced != nil {
		w.cfg.Synced(took)
	}
	return err
}

// Close flushes, syncs and closes the file. The Writer must not be used after
// it; a second Close returns the same as the first.
func (w *Writer) Close() error {
	if errors.Is(w.err, os.ErrClosed) {
		return nil
	}
	err := w.Sync()
	if stopErr := w.syncer.stop(); err == nil && stopErr != nil {
		err = w.fail("sync the journal", stopErr)
	}
	if closeErr := w.file.Close(); err == nil && closeErr != nil {
		err = w.fail("close the journal", closeErr)
	}
	if w.err = err; err == nil {
		w.err = fmt.Errorf("journal %s: %w", w.cfg.Path, os.ErrClosed)
	}
	return err
}

// failed counts and tells a failure that may pass.
func (w *Writer) failed(what string, err error) error {
	w.errors.Add(1)
	err = fmt.Errorf("%s: %w", what, err)
	w.failing.Store(&err)
	return err
}

// fail counts and tells a failure after which nothing is written any more.
func (w *Writer) fail(what string, err error) error {
	w.err = w.failed(what, err)
	return w.err
}
