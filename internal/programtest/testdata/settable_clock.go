// What BuildSettable adds to package time: a wall clock that a test sets.

package time

import (
	"sync/atomic"
	"syscall"
	"unsafe"
)

// wallClockStep is by how many nanoseconds the wall clock was set, in a file that
// is mapped into memory; nil where there is none.
var wallClockStep = mapWallClockStep()

// mapWallClockStep maps the file wall-clock-step of the executable's directory or, where
// that has none, of the nearest directory above.
func mapWallClockStep() *int64 {
	path := make([]byte, 4096)
	n, err := syscall.Readlink("/proc/self/exe", path)
	if err != nil {
		panic("the executable's path: " + err.Error())
	}
	for end := n - 1; end >= 0; end-- {
		if path[end] != '/' {
			continue
		}
		file, err := syscall.Open(string(path[:end+1])+"wall-clock-step", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
		if err != nil {
			continue
		}
		page, err := syscall.Mmap(file, 0, 8, syscall.PROT_READ, syscall.MAP_SHARED)
		if err != nil {
			panic("map the clock: " + err.Error())
		}
		_ = syscall.Close(file)
		return (*int64)(unsafe.Pointer(unsafe.SliceData(page)))
	}
	return nil
}

// settableNow is runtimeNow with a wall clock that was set.
func settableNow() (sec int64, nsec int32, mono int64) {
	sec, nsec, mono = runtimeNow()
	if wallClockStep == nil {
		return sec, nsec, mono
	}
	wall := sec*1e9 + int64(nsec) + atomic.LoadInt64(wallClockStep)
	return wall / 1e9, int32(wall % 1e9), mono
}
