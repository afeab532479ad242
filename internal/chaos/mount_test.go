package chaos

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"elevator/internal/programtest"
)

// disk is a small file system of the test's own.
type disk struct {
	t    *testing.T
	path string // where it is mounted
}

// newDisk mounts one in memory. Without root the test is skipped.
func newDisk(t *testing.T) *disk {
	t.Helper()
	d := &disk{t, mountPoint(t)}
	if err := syscall.Mount("tmpfs", d.path, "tmpfs", 0, "size=8m"); err != nil {
		t.Skipf("a disk of its own cannot be mounted here: %v", err)
	}
	d.unmountAtEnd()
	return d
}

func mountPoint(t *testing.T) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("a disk of its own can only be mounted by root")
	}
	return t.TempDir()
}

func (d *disk) unmountAtEnd() {
	d.t.Cleanup(func() {
		if err := syscall.Unmount(d.path, syscall.MNT_DETACH); err != nil {
			d.t.Error(err)
		}
	})
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

// blockDisk is a disk with a block device below, which can fail as one does.
type blockDisk struct {
	disk
	image string // the device's file
}

// newBlockDisk makes an ext4 and mounts it. Without root or a loop device the test
// is skipped, and without the tools, where they are not required.
func newBlockDisk(t *testing.T) *blockDisk {
	t.Helper()
	d := &blockDisk{disk{t, mountPoint(t)}, filepath.Join(t.TempDir(), "image")}
	for _, tool := range []string{"mkfs.ext4", "e2fsck", "mount", "umount"} {
		programtest.Tool(t, tool)
	}
	if err := os.WriteFile(d.image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(d.image, 32<<20); err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{{"mkfs.ext4", "-q", "-F", d.image}, d.mounting()} {
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Skipf("a disk with a device of its own cannot be had here: %v: %v: %s", command, err, out)
		}
	}
	d.unmountAtEnd()
	return d
}

func (d *blockDisk) mounting() []string {
	return []string{"mount", "-o", "loop,errors=remount-ro", d.image, d.path}
}

func (d *blockDisk) run(command ...string) {
	d.t.Helper()
	if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
		d.t.Fatalf("%v: %v: %s", command, err, out)
	}
}

// ioctl numbers of linux/fs.h.
const (
	fiFreeze = 0xc0045877
	fiThaw   = 0xc0045878
)

// freeze has every write wait until thaw.
func (d *blockDisk) freeze() {
	d.t.Helper()
	if err := d.ioctl(fiFreeze); err != nil {
		d.t.Fatalf("freeze the disk: %v", err)
	}
	// Before whatever waits for it is waited for.
	d.t.Cleanup(func() { _ = d.ioctl(fiThaw) })
}

func (d *blockDisk) thaw() {
	d.t.Helper()
	if err := d.ioctl(fiThaw); err != nil {
		d.t.Fatalf("thaw the disk: %v", err)
	}
}

func (d *blockDisk) ioctl(request uint) error {
	dir, err := os.Open(d.path)
	if err != nil {
		return err
	}
	defer dir.Close()
	return unix.IoctlSetInt(int(dir.Fd()), request, 0)
}

// abort has the file system do what it does when its device fails: it gives up
// what it has not written yet, and is read-only from then on.
func (d *blockDisk) abort() {
	d.t.Helper()
	d.run("mount", "-o", "remount,abort", d.path)
}

// repair does what operators do then.
func (d *blockDisk) repair() {
	d.t.Helper()
	d.run("umount", d.path)
	const repaired = 1 // e2fsck's exit code
	out, err := exec.Command("e2fsck", "-p", d.image).CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || exit.ExitCode() > repaired) {
		d.t.Fatalf("repair the disk: %v: %s", err, out)
	}
	d.run(d.mounting()...)
}
