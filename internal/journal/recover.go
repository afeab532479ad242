package journal

import (
	"errors"
	"fmt"
	"io"
	"os"

	"elevator/internal/elevator"
	"elevator/internal/elevator/alarm"
	"elevator/internal/elevator/motion"
)

// Recovered is what a journal says after its writer has gone.
type Recovered struct {
	Group   *elevator.Group  // the fold of all events; nil where the journal holds none
	Header  *elevator.Header // of the last building line; nil where the journal holds none
	NextSeq uint64           // number of the next event, from 1
	Torn    int64            // bytes of a torn last line, and of damaged ones before it, which were cut off
	// Refused is the first event that the fold refused, with its place, or nil.
	// It was left out, as every reader leaves it out.
	Refused error
	Passed  int      // lines with something that only a later version of the program knows
	Mended  []string // where one bit was flipped back; the files stay as they are
	Lost    []error  // lines that nobody can read any more, or that are missing; nil where all is there

	watch *alarm.Watch
}

// Recover cuts off the torn last line of the journal at path, if there is one,
// and returns the group that its events lead to. It reads no more files than it
// needs: the last, or where a crash left that without its snapshot, those
// before it. Damaged lines are left out and told, where checksums say which they
// are. Anything else that is no journal is an error that names file and line, and
// nothing is changed; so is a journal of which not even the building is left. A
// journal that is being written is an ErrLocked.
func Recover(path string) (*Recovered, error) {
	files, err := Files(path)
	if err != nil {
		return nil, err
	}
	last, err := openLocked(files[len(files)-1], 0)
	if err != nil {
		return nil, err
	}
	defer last.Close()
	for first := len(files) - 1; ; first-- {
		r, whole, err := fold(files[first:])
		if err != nil {
			return nil, fmt.Errorf("recover the journal: %w", err)
		}
		if !whole && first > 0 {
			continue
		}
		if r.Group == nil && r.Lost != nil {
			return nil, fmt.Errorf("recover the journal: %w", errors.Join(r.Lost...))
		}
		if r.Torn > 0 {
			if err := cut(last, r.Torn); err != nil {
				return nil, fmt.Errorf("recover the journal: %w", err)
			}
		}
		// Its writer may have died before the disk had everything.
		if err := syncFile(last); err != nil {
			return nil, fmt.Errorf("recover the journal: %w", err)
		}
		return r, nil
	}
}

func cut(file *os.File, bytes int64) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	return file.Truncate(info.Size() - bytes)
}

// fold folds files and reports whether that is the whole group: whether they
// begin with the journal's first event or with a snapshot.
func fold(files []string) (r *Recovered, whole bool, err error) {
	reader, err := OpenFiles(files...)
	if err != nil {
		return nil, false, err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	r = &Recovered{NextSeq: 1}
	for n := 0; ; n++ {
		e, err := reader.Next()
		if errors.Is(err, io.EOF) {
			r.Torn, r.Mended, r.Passed = reader.Torn(), reader.Mended(), reader.Passed()
			return r, whole, nil
		}
		if damage, ok := errors.AsType[*DamageError](err); ok {
			r.Lost = append(r.Lost, damage)
			continue
		}
		if err != nil {
			return nil, false, err
		}
		whole = whole || n == 0 && e.Seq == 1 || n == 1 && e.Kind == elevator.SnapshotTaken
		r.NextSeq = e.Seq + 1
		if err := r.apply(&e); err != nil && r.Refused == nil {
			file, line := reader.Position()
			r.Refused = fmt.Errorf("%s:%d: %w", file, line, err)
		}
	}
}

func (r *Recovered) apply(e *elevator.Event) error {
	switch e.Kind {
	case elevator.BuildingLoaded:
		r.Header = e.Detail.Header
		if r.Group == nil {
			r.Group = elevator.NewGroup(r.Header.Building)
			r.watch = alarm.NewWatch(motion.NewLaw(r.Header.Building))
		}
	case elevator.SnapshotTaken:
		r.Group = e.Detail.Snapshot
		r.Group.T = e.T
	}
	err := r.watch.Apply(r.Group, e)
	r.Group.T = max(r.Group.T, e.T) // also where the fold refuses the event: a successor writes after it
	return err
}
