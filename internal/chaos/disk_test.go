package chaos

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"elevator/internal/programtest"
)

// disk is a small file system of the test's own.
type disk struct {
	t    *testing.T
	path string
}

// newDisk mounts one. Without root the test is skipped.
func newDisk(t *testing.T) *disk {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("a disk of its own can only be mounted by root")
	}
	d := &disk{t, t.TempDir()}
	if err := syscall.Mount("tmpfs", d.path, "tmpfs", 0, "size=8m"); err != nil {
		t.Skipf("a disk of its own cannot be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(d.path, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return d
}

// fill leaves no room.
func (d *disk) fill() {
	d.t.Helper()
	file, err := os.Create(filepath.Join(d.path, "full"))
	if err != nil {
		d.t.Fatal(err)
	}
	defer file.Close()
	for size := 1 << 20; size > 0; size /= 2 {
		for err = nil; err == nil; {
			_, err = file.Write(make([]byte, size))
		}
	}
}

func (d *disk) empty() {
	d.t.Helper()
	if err := os.Remove(filepath.Join(d.path, "full")); err != nil {
		d.t.Fatal(err)
	}
}

func (d *disk) remount(flags uintptr) {
	d.t.Helper()
	if err := syscall.Mount("", d.path, "", syscall.MS_REMOUNT|flags, "size=8m"); err != nil {
		d.t.Fatal(err)
	}
}

// The disk of the state directory has no room, again and again, while people
// travel and tasks die. The scheduler says so and goes on as soon as there is
// room; nothing is missing in its journal.
func TestDiskWithoutRoom(t *testing.T) {
	t.Parallel()
	d := newDisk(t)
	s := newSite(t, newLocalCluster(t), d.path, "--duration", "5m", "--traffic", "two-way:25%")
	for i := range 3 {
		before := s.carried()
		d.fill()
		programtest.Eventually(t, 10*time.Second, "/readyz says what is wrong", func() bool {
			err := s.scheduler.Ready()
			return err != nil && strings.Contains(err.Error(), "no space left on device")
		})
		if i == 1 { // whoever is launched again has to be written down first
			s.signalExecutor(s.executors()[0], syscall.SIGKILL)
		}
		time.Sleep(time.Second)
		d.empty()
		took, err := s.recovery(nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("normal again %v after there was room", took.Round(time.Millisecond))
		programtest.Eventually(t, 20*time.Second, "people are carried", func() bool { return s.carried() > before+3 })
	}
	s.finish(20 * time.Second)
}

// A scheduler that cannot write its state directory when it starts does not
// start, says why, and leaves its predecessor's tasks and journal as they are.
func TestSuccessorWithoutADisk(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		says        string
		code        int
		spoil, mend func(*disk)
	}{
		{"no space left on device", 1, (*disk).fill, (*disk).empty},
		{"read-only file system", 2, func(d *disk) { d.remount(syscall.MS_RDONLY) }, func(d *disk) { d.remount(0) }},
	} {
		t.Run(c.says, func(t *testing.T) {
			t.Parallel()
			d := newDisk(t)
			s := newSite(t, newLocalCluster(t), d.path, "--duration", "2m", "--traffic", "two-way:25%")
			programtest.Eventually(t, 60*time.Second, "people are carried", func() bool { return s.carried() > 3 })
			s.scheduler.Kill()
			c.spoil(d)
			s.startScheduler()
			if code := s.scheduler.Wait(10 * time.Second); code != c.code || !strings.Contains(s.scheduler.Stderr(), c.says) {
				t.Errorf("exit code %d: %s", code, s.scheduler.Stderr())
			}
			if n := len(s.executors()); n != 2 {
				t.Errorf("%d executors live on, want 2", n)
			}
			c.mend(d)
			s.startScheduler()
			if _, err := s.recovery(nil); err != nil {
				t.Fatal(err)
			}
			s.finish(20 * time.Second)
		})
	}
}
