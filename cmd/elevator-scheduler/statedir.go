package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// frameworkFile is the file of a state directory that holds the framework.
const frameworkFile = "framework.json"

// stateDir is the locked directory of one scheduler: framework id, settings,
// journal, and with a local cluster the sandboxes.
type stateDir struct {
	path      string
	journal   string
	temporary bool
	lock      *os.File
}

// openStateDir makes and locks the directory. An empty path means a temporary
// one, which close removes, for a local cluster, and
// $XDG_STATE_HOME/elevator otherwise.
func openStateDir(path, journal string, local bool) (*stateDir, error) {
	s := &stateDir{path: path}
	switch {
	case path == "" && local:
		dir, err := os.MkdirTemp("", "elevator-")
		if err != nil {
			return nil, badInputf("make a temporary state directory: %w; name another with --state-dir", err)
		}
		s.path, s.temporary = dir, true
	case path == "":
		dir, err := defaultStateDir()
		if err != nil {
			return nil, err
		}
		s.path = dir
	}
	if err := s.open(journal); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func defaultStateDir() (string, error) {
	if dir := os.Getenv("XDG_STATE_HOME"); dir != "" {
		return filepath.Join(dir, "elevator"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", badInputf("no place for the state: %w; name one with --state-dir", err)
	}
	return filepath.Join(home, ".local", "state", "elevator"), nil
}

func (s *stateDir) open(journal string) error {
	path, err := filepath.Abs(s.path)
	if err != nil {
		return badInputf("--state-dir %s: %w", s.path, err)
	}
	s.path = path
	if err := os.MkdirAll(s.path, 0o755); err != nil {
		return badInputf("--state-dir: %w; want a directory that can be written", err)
	}
	lock, err := os.OpenFile(filepath.Join(s.path, "lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return badInputf("--state-dir: %w; want a directory that can be written", err)
	}
	s.lock = lock
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		if errors.Is(err, unix.EWOULDBLOCK) {
			return badInputf("--state-dir %s: in use by another elevator-scheduler; want a directory of its own", s.path)
		}
		return fmt.Errorf("lock %s: %w", s.path, err)
	}
	s.journal = journal
	if s.journal == "" {
		s.journal = filepath.Join(s.path, "journal.ndjson")
	}
	return nil
}

func (s *stateDir) close() {
	if s.lock != nil {
		_ = s.lock.Close()
	}
	if s.temporary {
		_ = os.RemoveAll(s.path)
	}
}
