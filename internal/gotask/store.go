package gotask

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"elevator/internal/durable"
)

// StoredState is what the next scheduler needs to take a framework over. Every change of it is saved before it is used:
// the epoch before a subscription, a task's id before its launch.
type StoredState struct {
	FrameworkID string           `json:"framework_id,omitempty"`
	Epoch       uint64           `json:"epoch"`
	Tasks       []StoredTask     `json:"tasks,omitempty"`
	Executors   []StoredExecutor `json:"executors,omitempty"`
}

// StoredExecutor is one executor of a StoredState. Whoever launches another task in it must describe it in the same way.
type StoredExecutor struct {
	AgentID string `json:"agent_id"`
	Info    []byte `json:"info"` // ExecutorInfo as protobuf
}

// StoredTask is one launched task of a StoredState.
type StoredTask struct {
	Name     string   `json:"name"` // "<name>-<index>"
	Attempt  int      `json:"attempt"`
	Agent    AgentRef `json:"agent"`
	Executor string   `json:"executor"`
	Ended    bool     `json:"ended,omitempty"` // only the attempt is kept, so that no task id is ever used twice
}

// StateStore keeps a StoredState across schedulers. Its methods are called by one goroutine at a time.
type StateStore interface {
	// Load returns what was saved last, the zero value if nothing was.
	Load() (StoredState, error)
	// Save replaces what was saved; when it returns nil the state survives a crash.
	Save(StoredState) error
}

// MemoryStore is a StateStore for schedulers that need no successor in another process. The zero value is empty.
type MemoryStore struct {
	mu    sync.Mutex
	state StoredState
}

// Load returns what was saved last.
func (s *MemoryStore) Load() (StoredState, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state, nil
}

// Save replaces what was saved.
func (s *MemoryStore) Save(state StoredState) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = state
	return nil
}

// FileStore is a StateStore in one JSON file. A save writes and syncs a second file and renames it over the first, so that
// a crash leaves the old state or the new one. It does not lock: the directory belongs to one scheduler at a time.
type FileStore struct{ path string }

// NewFileStore returns the store in the file at path, whose directory must exist. The file need not.
func NewFileStore(path string) *FileStore { return &FileStore{path: path} }

// Load reads the file. A missing file is an empty state; an unreadable one is an error, since starting anew would leave
// the old framework's tasks behind.
func (s *FileStore) Load() (StoredState, error) {
	var state StoredState
	data, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return state, nil
	}
	if err != nil {
		return state, fmt.Errorf("load framework state: %w", err)
	}
	if err := json.Unmarshal(data, &state); err != nil {
		return state, fmt.Errorf("load framework state: %s is damaged (%w): repair it, or remove it to begin a new framework", s.path, err)
	}
	return state, nil
}

// Save replaces the file.
func (s *FileStore) Save(state StoredState) error {
	data, err := json.MarshalIndent(state, "", "  ")
	if err != nil {
		return fmt.Errorf("save framework state: %w", err)
	}
	if err := durable.ReplaceFile(s.path, append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("save framework state: %w", err)
	}
	return nil
}
