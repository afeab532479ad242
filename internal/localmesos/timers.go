package localmesos

import (
	"sync"
	"time"
)

// timers runs functions later, owned by one part of the cluster: after stop has
// returned none of them runs or will run.
type timers struct {
	mu      sync.Mutex
	stopped bool
	pending map[*time.Timer]struct{}
	running sync.WaitGroup
}

func newTimers() *timers { return &timers{pending: make(map[*time.Timer]struct{})} }

// after runs f in its own goroutine once d has gone by, unless the returned
// function was called before.
func (t *timers) after(d time.Duration, f func()) (cancel func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stopped {
		return func() {}
	}
	var timer *time.Timer
	timer = time.AfterFunc(d, func() {
		t.mu.Lock()
		_, due := t.pending[timer]
		delete(t.pending, timer)
		if due {
			t.running.Add(1)
		}
		t.mu.Unlock()
		if due {
			defer t.running.Done()
			f()
		}
	})
	t.pending[timer] = struct{}{}
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		timer.Stop()
		delete(t.pending, timer)
	}
}

// every runs f again and again, d after it last ended, until stop.
func (t *timers) every(d time.Duration, f func()) {
	t.after(d, func() {
		f()
		t.every(d, f)
	})
}

func (t *timers) stop() {
	t.mu.Lock()
	t.stopped = true
	for timer := range t.pending {
		timer.Stop()
	}
	clear(t.pending)
	t.mu.Unlock()
	t.running.Wait()
}
