package main

import (
	"io"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

// shortWork is how long work goes on before anybody is told how far it is.
const shortWork = time.Second

// progress shows on a terminal how far long work has come. It writes nothing
// where there is no terminal, or while the work is short. It is safe for use by
// several goroutines.
type progress struct {
	mu    sync.Mutex
	out   io.Writer
	what  string
	total int // -1: nobody knows
	done  int
	from  time.Time // when the bar appears
	bar   *progressbar.ProgressBar
}

// newProgress begins work of so many steps (-1: nobody knows how many).
func newProgress(out io.Writer, what string, total int) *progress {
	p := &progress{what: what, total: total, from: time.Now().Add(shortWork)}
	if isTerminal(out) {
		p.out = out
	}
	return p
}

// step says that one more step is done.
func (p *progress) step() {
	if p.out == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	if p.bar == nil {
		if time.Now().Before(p.from) {
			return
		}
		p.bar = progressbar.NewOptions(p.total,
			progressbar.OptionSetWriter(p.out), progressbar.OptionSetDescription(p.what),
			progressbar.OptionShowCount(), progressbar.OptionSetWidth(30), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionSpinnerType(14), progressbar.OptionClearOnFinish())
	}
	// A terminal that cannot be written to is no reason to stop working.
	_ = p.bar.Set(p.done)
}

// end takes the bar away.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Finish()
		p.bar = nil
	}
}
