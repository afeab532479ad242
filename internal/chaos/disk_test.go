package chaos

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"elevator/internal/programtest"
)

// The disk of the state directory has no room, again and again, while people
// travel and tasks die. The scheduler says so and goes on as soon as there is
// room; nothing is missing in its journal.
func TestDiskWithoutRoom(t *testing.T) {
	t.Parallel()
	d := newDisk(t)
	s := newSite(t, newLocalCluster(t), d.path, "--duration", "3m", "--traffic", "two-way:25%")
	for i := range 2 {
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

// The disk of the state directory hangs, and is slow. For as long as a write takes
// the scheduler stands and says so; nothing is missing in its journal.
func TestSlowDisk(t *testing.T) {
	t.Parallel()
	d := newBlockDisk(t)
	s := newSite(t, newLocalCluster(t), d.path, "--duration", "2m", "--traffic", "two-way:25%")
	carried := func() {
		t.Helper()
		before := s.carried()
		programtest.Eventually(t, 20*time.Second, "people are carried", func() bool { return s.carried() > before+3 })
	}
	carried()
	d.freeze()
	s.signalExecutor(s.executors()[0], syscall.SIGKILL) // whoever is launched again has to be written down first
	programtest.Eventually(t, 10*time.Second, "/readyz says what is wrong", func() bool {
		err := s.scheduler.Ready()
		return err != nil && strings.Contains(err.Error(), "has been at it for")
	})
	d.thaw()
	took, err := s.recovery(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("normal again %v after a disk that hung", took.Round(time.Millisecond))
	carried()

	began := s.lit(0)
	for range 10 { // a third of a second for each write
		d.freeze()
		time.Sleep(330 * time.Millisecond)
		d.thaw()
		time.Sleep(20 * time.Millisecond)
	}
	s.answered(began, "a slow disk")
	carried()
	s.finish(20 * time.Second)
}

// The disk of the state directory turns read-only, as file systems do when their
// device fails, and loses what it had not written yet. The scheduler says so and
// goes on with what needs no disk; once the disk is mended and it is started
// again, the tasks tell what the journal has lost.
func TestDiskTurnsReadOnly(t *testing.T) {
	t.Parallel()
	d := newBlockDisk(t)
	s := newSite(t, newLocalCluster(t), d.path, "--duration", "2m", "--traffic", "two-way:25%")
	programtest.Eventually(t, 20*time.Second, "people are carried", func() bool { return s.carried() > 3 })
	lit := s.lit(0)
	d.abort()
	programtest.Eventually(t, 10*time.Second, "/readyz says what is wrong", func() bool {
		err := s.scheduler.Ready()
		return err != nil && strings.Contains(err.Error(), "read-only file system")
	})
	s.signalExecutor(s.executors()[0], syscall.SIGKILL) // whoever is launched again has to be written down first
	time.Sleep(time.Second)                             // in which it would be launched, if that needed no disk
	s.scheduler.Signal(syscall.SIGTERM)
	if code := s.scheduler.Wait(15 * time.Second); code != 1 || !strings.Contains(s.scheduler.Stderr(), "read-only file system") {
		t.Errorf("exit code %d: %s", code, s.scheduler.Stderr())
	}
	d.repair()
	if n := len(s.executors()); n != 1 {
		t.Errorf("%d executors live on, want the one that was not killed", n)
	}
	s.startScheduler()
	took, err := s.recovery(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("normal again %v after the start", took.Round(time.Millisecond))
	s.answered(lit, "a disk that turned read-only")
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
