package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"elevator/internal/durable"
	"elevator/internal/journal"
)

// Files of a state directory: the framework, and what its run was started with
// that the journal does not say.
const (
	frameworkFile = "framework.json"
	settingsFile  = "settings.json"
)

// settings are the options of a run that a successor has to share, and when its
// time began.
type settings struct {
	Journal string    `json:"journal"` // absolute path
	Traffic string    `json:"traffic"`
	Epoch   time.Time `json:"epoch,omitzero"` // by the wall clock since that was set; zero: as the journal says
}

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
	s.journal = absolute(journal)
	if journal == "" {
		s.journal = filepath.Join(s.path, "journal.ndjson")
	}
	return nil
}

// loadSettings returns the settings of the last run, empty ones where there
// are none.
func (s *stateDir) loadSettings() (last settings, err error) {
	path := filepath.Join(s.path, settingsFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return last, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &last)
	}
	if err != nil {
		return last, badInputf("--state-dir: %s: %w; want what the last run wrote there, or no such file", path, err)
	}
	return last, nil
}

func (s *stateDir) saveSettings(now settings) error {
	data, err := json.MarshalIndent(now, "", "  ")
	if err != nil {
		return fmt.Errorf("save the settings: %w", err)
	}
	if err := durable.ReplaceFile(filepath.Join(s.path, settingsFile), append(data, '\n'), 0o644); err != nil {
		return fmt.Errorf("save the settings: %w", err)
	}
	return nil
}

// setJournalAside renames the journal of a run that is over, with the files it
// was continued from, so that it can still be read and replayed: journal.ndjson
// becomes journal-2026-11-23T16-46-07Z.ndjson, after the time it was written
// last, and journal.1.ndjson becomes journal-2026-11-23T16-46-07Z.1.ndjson. What
// is empty, or no regular file, stays.
func setJournalAside(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() || info.Size() == 0 {
		return nil
	}
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return fmt.Errorf("%s: %w", path, journal.ErrLocked)
	}
	files, err := journal.Files(path)
	if err != nil {
		return err
	}
	ext := filepath.Ext(path)
	base := strings.TrimSuffix(path, ext)
	aside := base + info.ModTime().UTC().Format("-2006-01-02T15-04-05Z")
	for n := 2; exists(aside + ext); n++ {
		aside = base + info.ModTime().UTC().Format("-2006-01-02T15-04-05Z") + fmt.Sprintf("-%d", n)
	}
	for _, old := range files {
		if err := os.Rename(old, aside+strings.TrimPrefix(old, base)); err != nil {
			return err
		}
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func (s *stateDir) close() {
	if s.lock != nil {
		_ = s.lock.Close()
	}
	if s.temporary {
		_ = os.RemoveAll(s.path)
	}
}
