package durable_test

import (
	"os"
	"path/filepath"
	"testing"

	"elevator/internal/durable"
)

func TestReplaceFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state.json")
	for _, content := range []string{"first", "second, which is longer", ""} {
		if err := durable.ReplaceFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != content {
			t.Errorf("the file holds %q, %v, want %q", got, err, content)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	alone(t, dir)
}

// What cannot be replaced stays, and nothing is left beside it.
func TestReplaceFileFails(t *testing.T) {
	if err := durable.ReplaceFile("/nonexistent/state.json", nil, 0o600); err == nil {
		t.Error("a file in no directory was written")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "full")
	if err := os.MkdirAll(filepath.Join(path, "inside"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := durable.ReplaceFile(path, []byte("new"), 0o600); err == nil {
		t.Error("a directory was replaced by a file")
	}
	if _, err := os.Stat(filepath.Join(path, "inside")); err != nil {
		t.Error(err)
	}
	alone(t, dir)
}

// alone checks that a directory has one entry.
func alone(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("the directory holds %v, %v", entries, err)
	}
}
