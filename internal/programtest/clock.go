package programtest

import (
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Clock is the wall clock of a machine: of all programs made by BuildSettable
// whose executables lie in a directory or below. It runs as that of this machine
// does until it is set. Its methods may not be called from several goroutines at
// once.
type Clock struct {
	t    testing.TB
	path string
	step time.Duration // by which it was set in all
}

// NewClock returns the clock of a directory, which it makes where it is missing.
// Programs that start from now on go by it.
func NewClock(t testing.TB, dir string) *Clock {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	c := &Clock{t: t, path: filepath.Join(dir, "wall-clock-step")}
	c.Set(0)
	return c
}

// Set sets the clock forward or back, under running programs, as
// settimeofday(2) does: the wall clock jumps, the monotonic one goes on.
func (c *Clock) Set(by time.Duration) {
	c.t.Helper()
	c.step += by
	// The file is mapped: it is written over, by a single write.
	file, err := os.OpenFile(c.path, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		c.t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteAt(binary.NativeEndian.AppendUint64(nil, uint64(c.step)), 0); err != nil {
		c.t.Fatal(err)
	}
}

// Step returns by how much the clock was set in all.
func (c *Clock) Step() time.Duration { return c.step }

// settableClock is a file of package time.
//
//go:embed testdata/settable_clock.go
var settableClock []byte

// BuildSettable makes the two executables such that they go by a Clock, in a
// directory of the test's own, which it returns. All of the standard library that
// knows the time is compiled for them, once for each Go release.
func BuildSettable(t testing.TB) (dir string) {
	t.Helper()
	dir = t.TempDir()
	buildSettable(t, dir, "elevator/cmd/elevator-scheduler", "elevator/cmd/elevator-executor")
	return dir
}

// buildSettable compiles commands with a package time that reads its wall clock
// through settableNow. No source of the project knows of that.
func buildSettable(t testing.TB, dir string, packages ...string) {
	t.Helper()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatalf("go env GOROOT: %v", err)
	}
	source := filepath.Join(strings.TrimSpace(string(root)), "src", "time")
	text, err := os.ReadFile(filepath.Join(source, "time.go"))
	if err != nil {
		t.Fatal(err)
	}
	const reads, instead = "sec, nsec, mono := runtimeNow()", "sec, nsec, mono := settableNow()"
	if n := strings.Count(string(text), reads); n != 1 {
		t.Fatalf("package time of this Go release reads its clock otherwise: %q stands in time.go %d times, want once", reads, n)
	}
	temporary := t.TempDir()
	replaced, added := filepath.Join(temporary, "time.go"), filepath.Join(temporary, "settable_clock.go")
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {
		filepath.Join(source, "time.go"):           replaced,
		filepath.Join(source, "settable_clock.go"): added,
	}})
	if err != nil {
		t.Fatal(err)
	}
	for path, content := range map[string][]byte{
		replaced:                                 []byte(strings.Replace(string(text), reads, instead, 1)),
		added:                                    settableClock,
		filepath.Join(temporary, "overlay.json"): overlay,
	} {
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.Command("go", append([]string{"build", "-overlay", filepath.Join(temporary, "overlay.json"), "-o", dir + "/"}, packages...)...)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build with a clock that can be set: %v\n%s", err, out)
	}
}
