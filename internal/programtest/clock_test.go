package programtest

import (
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// A program finds its wall clock set, forward and back, and its monotonic clock
// going on; it has begun with the clock as it was set before.
func TestSettableClock(t *testing.T) {
	dir := t.TempDir()
	buildSettable(t, dir, "elevator/internal/programtest/testdata/watch")
	clock := NewClock(t, dir)
	clock.Set(-time.Hour)
	watch := exec.Command(filepath.Join(dir, "watch"))
	ask, err := watch.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	answer, err := watch.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := watch.Start(); err != nil {
		t.Fatal(err)
	}
	for _, step := range []time.Duration{0, 90 * time.Second, -24 * time.Hour, 0, 49 * time.Hour} {
		clock.Set(step)
		if _, err := io.WriteString(ask, "\n"); err != nil {
			t.Fatal(err)
		}
		var wall int64
		var gained time.Duration
		if _, err := fmt.Fscanln(answer, &wall, &gained); err != nil {
			t.Fatal(err)
		}
		if ahead := time.Until(time.Unix(0, wall)); (ahead-clock.Step()).Abs() > time.Second || gained < 0 || gained > time.Minute {
			t.Errorf("set by %v: the wall clock is ahead by %v, want %v; the monotonic one gained %v", step, ahead, clock.Step(), gained)
		}
	}
	if err := ask.Close(); err != nil {
		t.Fatal(err)
	}
	if err := watch.Wait(); err != nil {
		t.Fatal(err)
	}
}
