package deploy

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// check is one way in which files of this folder are read by the tool that
// will read them in the end.
type check struct {
	name  string
	tool  string   // who reads the files, for people
	files []string // patterns of path.Match, below this folder
	// run checks the files in the tree at root, which looks like this folder.
	run func(t *testing.T, root string) error
	// mutants are changes that run must refuse.
	mutants []mutant
}

// mutant replaces old, which must be there, by new in one file. The error of
// the check must contain want.
type mutant struct {
	file, old, new, want string
}

func checks() []check {
	return slices.Concat(metricsChecks(), prometheusChecks(), grafanaChecks(), marathonChecks(), containerChecks(), systemdChecks(), documentChecks())
}

// TestEveryFileIsChecked holds the table of checks against the folder: a new
// file needs a line that says who checks it, and a line without files is stale.
func TestEveryFileIsChecked(t *testing.T) {
	used := make(map[string]bool)
	for _, file := range deployFiles(t) {
		if strings.HasSuffix(file, ".go") && path.Dir(file) == "." {
			continue // the compiler's
		}
		checked := false
		for _, c := range checks() {
			for _, pattern := range c.files {
				if ok, err := path.Match(pattern, file); err != nil {
					t.Fatalf("check %s: %v", c.name, err)
				} else if ok {
					checked, used[c.name+" "+pattern] = true, true
				}
			}
		}
		if !checked {
			t.Errorf("%s: no check reads it; name it in the table of a check", file)
		}
	}
	for _, c := range checks() {
		for _, pattern := range c.files {
			if !used[c.name+" "+pattern] {
				t.Errorf("check %s: no file matches %s", c.name, pattern)
			}
		}
	}
}

// TestEveryFileHasAMutant wants for every file a change that its check must
// refuse.
func TestEveryFileHasAMutant(t *testing.T) {
	mutated := make(map[string]bool)
	for _, c := range checks() {
		for _, m := range c.mutants {
			mutated[m.file] = true
		}
	}
	for _, file := range deployFiles(t) {
		if !mutated[file] && (path.Dir(file) != "." || !strings.HasSuffix(file, ".go")) {
			t.Errorf("%s: no mutant; what would its check refuse?", file)
		}
	}
}

// TestFiles runs every check on the files as they are, and on mutated copies,
// which it must refuse.
func TestFiles(t *testing.T) {
	for _, c := range checks() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if err := c.run(t, "."); err != nil {
				skipWithoutTool(t, err)
				t.Fatalf("%s: %v", c.tool, err)
			}
			for _, m := range c.mutants {
				t.Run(m.want, func(t *testing.T) {
					t.Parallel()
					root := mutate(t, m)
					err := c.run(t, root)
					if err == nil {
						t.Fatalf("%s with %q in place of %q is accepted", m.file, m.new, m.old)
					}
					if !strings.Contains(err.Error(), m.want) {
						t.Fatalf("%s with %q in place of %q: got %v, want an error with %q", m.file, m.new, m.old, err, m.want)
					}
				})
			}
		})
	}
}

// deployFiles returns the files of this folder, slash-separated.
func deployFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files = append(files, filepath.ToSlash(name))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// mutate returns a copy of this folder with the mutant's change.
func mutate(t *testing.T, m mutant) string {
	t.Helper()
	root := t.TempDir()
	if err := os.CopyFS(root, os.DirFS(".")); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(root, filepath.FromSlash(m.file))
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), m.old) {
		t.Fatalf("mutant: %s does not contain %q", m.file, m.old)
	}
	text := strings.ReplaceAll(string(data), m.old, m.new)
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return root
}

// skipWithoutTool skips the test if err says that a tool is missing, and fails
// it where tools are required.
func skipWithoutTool(t *testing.T, err error) {
	t.Helper()
	if _, missing := errors.AsType[*missingToolError](err); !missing {
		return
	}
	if os.Getenv("ELEVATOR_TEST_REQUIRE_TOOLS") == "1" {
		t.Fatal(err)
	}
	t.Skip(err)
}
