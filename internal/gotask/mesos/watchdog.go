package mesos

import (
	"sync"
	"time"
)

// watchdog calls a function when nothing has touched it for a while.
type watchdog struct {
	mu       sync.Mutex
	timer    *time.Timer
	patience time.Duration // patience is 0 while touching makes no difference
}

// newWatchdog barks after the first patience unless it is trained or stopped before; touching does not defer that. The
// function is told whether the watchdog was trained.
func newWatchdog(first time.Duration, bark func(trained bool)) *watchdog {
	w := &watchdog{}
	w.timer = time.AfterFunc(first, func() { bark(w.trained()) })
	return w
}

func (w *watchdog) trained() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.patience > 0
}

// train makes it bark after patience without a touch; 0 never.
func (w *watchdog) train(patience time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.patience = patience
	if patience == 0 {
		w.timer.Stop()
		return
	}
	w.timer.Reset(patience)
}

func (w *watchdog) touch() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.patience > 0 {
		w.timer.Reset(w.patience)
	}
}

func (w *watchdog) stop() { w.train(0) }
