package journal

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"elevator/internal/durable"
)

// ErrLocked is wrapped by errors about a journal that another process, or
// another Writer of this one, is writing.
var ErrLocked = errors.New("the journal is being written by another process")

// Files returns the files of the journal at path that exist, the oldest first:
// those it was continued from (run.1.ndjson, run.2.ndjson, …) and run.ndjson
// itself.
func Files(path string) ([]string, error) {
	old, err := rotated(path)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, o := range old {
		files = append(files, o.path)
	}
	switch _, err := os.Stat(path); {
	case err == nil:
		files = append(files, path)
	case !errors.Is(err, fs.ErrNotExist) || len(files) == 0:
		return nil, fmt.Errorf("look for the journal: %w", err)
	}
	return files, nil
}

type numbered struct {
	path   string
	number int
}

// rotated lists the files that path was continued from, the oldest first.
func rotated(path string) ([]numbered, error) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("look for the journal's files: %w", err)
	}
	var files []numbered
	prefix, suffix := nameParts(filepath.Base(path))
	for _, e := range entries {
		rest, ok := strings.CutPrefix(e.Name(), prefix)
		digits, ok2 := strings.CutSuffix(rest, suffix)
		n, err := strconv.Atoi(digits)
		if ok && ok2 && err == nil && n > 0 && strconv.Itoa(n) == digits {
			files = append(files, numbered{filepath.Join(filepath.Dir(path), e.Name()), n})
		}
	}
	slices.SortFunc(files, func(a, b numbered) int { return cmp.Compare(a.number, b.number) })
	return files, nil
}

// nameParts returns what stands before and after the number: run.1.ndjson.
func nameParts(name string) (prefix, suffix string) {
	ext := filepath.Ext(name)
	return strings.TrimSuffix(name, ext) + ".", ext
}

// setAside renames the journal's file to the next number.
func setAside(path string) error {
	old, err := rotated(path)
	if err != nil {
		return err
	}
	next := 1
	if len(old) > 0 {
		next = old[len(old)-1].number + 1
	}
	prefix, suffix := nameParts(filepath.Base(path))
	return os.Rename(path, filepath.Join(filepath.Dir(path), prefix+strconv.Itoa(next)+suffix))
}

// lock takes the file for this process, as long as it is open.
func lock(file *os.File) error {
	err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return fmt.Errorf("%s: %w", file.Name(), ErrLocked)
	}
	if err != nil {
		return fmt.Errorf("lock %s: %w", file.Name(), err)
	}
	return nil
}

// openLocked opens a file for appending and locks it.
func openLocked(path string, flags int) (*os.File, error) {
	file, err := os.OpenFile(path, flags|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	if err := lock(file); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// syncFile brings a file to the disk. One that cannot be synced, such as a pipe, is
// as safe as it can be without.
func syncFile(file journalFile) error {
	err := file.Sync()
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOTSUP) {
		return nil
	}
	return err
}

// syncDirectory makes new and renamed files of path's directory durable.
func syncDirectory(path string) error {
	if err := durable.SyncDirectory(filepath.Dir(path)); err != nil {
		return fmt.Errorf("sync the journal's directory: %w", err)
	}
	return nil
}
