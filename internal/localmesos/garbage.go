package localmesos

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// garbage is a sandbox that nobody needs any more.
type garbage struct {
	sandbox string
	since   time.Time
}

// discard leaves the sandbox of an executor that has ended to collectGarbage.
func (a *agent) discard(sandbox string) {
	a.garbage = append(a.garbage, garbage{sandbox, time.Now()})
}

// collectGarbage removes the sandboxes that are too old.
func (a *agent) collectGarbage() {
	used, err := diskUsage(a.cfg.WorkDir)
	if err != nil {
		a.log.Warn("how full the disk is cannot be told: old sandboxes stay", "error", err)
		return
	}
	for _, sandbox := range a.takeGarbage(time.Now().Add(-a.cfg.keepSandboxes(used))) {
		if err := a.removeSandbox(sandbox); err != nil {
			a.log.Warn("an old sandbox cannot be removed", "error", err)
		}
	}
}

// takeGarbage returns the sandboxes that were discarded by then, and forgets them.
func (a *agent) takeGarbage(by time.Time) (sandboxes []string) {
	a.lock()
	defer a.mu.Unlock()
	if !a.running {
		return nil
	}
	n := 0
	for ; n < len(a.garbage) && !a.garbage[n].since.After(by); n++ {
		sandboxes = append(sandboxes, a.garbage[n].sandbox)
	}
	a.garbage = a.garbage[n:]
	return sandboxes
}

// keepSandboxes returns how old sandboxes may become on a disk of which that
// part is used, 0 to 1.
func (c *Config) keepSandboxes(used float64) time.Duration {
	return time.Duration(float64(c.GCDelay) * max(0, 1-c.GCDiskHeadroom-used))
}

// diskUsage returns which part of the disk that holds path is used, 0 to 1.
func diskUsage(path string) (float64, error) {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(path, &disk); err != nil {
		return 0, err
	}
	return 1 - float64(disk.Bfree)/float64(max(1, disk.Blocks)), nil
}

// removeSandbox removes .../frameworks/F/executors/E/runs/C, and what is empty
// above it up to the framework's directory.
func (a *agent) removeSandbox(sandbox string) error {
	if err := os.RemoveAll(sandbox); err != nil {
		return err
	}
	a.lock() // under which a new executor makes the same directories
	defer a.mu.Unlock()
	runs := filepath.Dir(sandbox)
	latest := filepath.Join(runs, "latest")
	if target, err := os.Readlink(latest); err == nil && target == sandbox {
		_ = os.Remove(latest) // only a convenience
	}
	executor := filepath.Dir(runs)
	executors := filepath.Dir(executor)
	for _, dir := range []string{runs, executor, executors, filepath.Dir(executors)} {
		if err := os.Remove(dir); errors.Is(err, syscall.ENOTEMPTY) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return nil
}
