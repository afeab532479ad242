package ui

import (
	"bytes"
	"io"
	"sync"
	"testing"

	"github.com/gdamore/tcell/v2"
	"github.com/hinshun/vt10x"
)

// fakeTty is a terminal whose keyboard and screen are the test's. It speaks
// bytes, as a real one.
type fakeTty struct {
	keys    chan []byte
	stopped chan struct{}

	mu            sync.Mutex // guards all below
	width, height int
	resized       func()
	written       bytes.Buffer // since the last count
	all           bytes.Buffer
	started       int
	open          bool
	gone          error // why it cannot be started
	sizeless      error // why its size is not known
}

func newTty(width, height int) *fakeTty {
	return &fakeTty{keys: make(chan []byte, 64), width: width, height: height}
}

func (f *fakeTty) Start() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.gone != nil {
		return f.gone
	}
	f.stopped, f.open = make(chan struct{}), true
	f.started++
	return nil
}

func (f *fakeTty) Drain() error {
	close(f.stopped)
	return nil
}

func (f *fakeTty) Stop() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open = false
	return nil
}

func (f *fakeTty) NotifyResize(cb func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.resized = cb
}

func (f *fakeTty) WindowSize() (tcell.WindowSize, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return tcell.WindowSize{Width: f.width, Height: f.height}, f.sizeless
}

func (f *fakeTty) Read(p []byte) (int, error) {
	f.mu.Lock()
	stopped := f.stopped
	f.mu.Unlock()
	select {
	case key := <-f.keys:
		return copy(p, key), nil
	case <-stopped:
		return 0, io.EOF
	}
}

func (f *fakeTty) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all.Write(p)
	return f.written.Write(p)
}

func (f *fakeTty) Close() error { return nil }

// count returns the bytes written since the last count.
func (f *fakeTty) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := f.written.Len()
	f.written.Reset()
	return n
}

// resize changes the terminal's size.
func (f *fakeTty) resize(width, height int) {
	f.mu.Lock()
	f.width, f.height = width, height
	resized := f.resized
	f.mu.Unlock()
	resized()
}

// restored reports whether the terminal was given back: the alternate screen
// left and the tty stopped.
func (f *fakeTty) restored() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return !f.open && bytes.Contains(f.all.Bytes(), []byte("\x1b[?1049l"))
}

// picture returns what a terminal shows after all the bytes.
func (f *fakeTty) picture() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	term := vt10x.New(vt10x.WithSize(f.width, f.height))
	_, _ = term.Write(f.all.Bytes())
	return term.String()
}

// on returns a config whose screen is the fake terminal.
func (f *fakeTty) on(t *testing.T, term string) Config {
	t.Setenv("TERM", term)
	t.Setenv("LC_ALL", "C.UTF-8")
	t.Setenv("COLORTERM", "")
	return Config{URLs: []string{"http://127.0.0.1:8080"}, screen: func() (tcell.Screen, error) {
		return tcell.NewTerminfoScreenFromTty(newThriftyTty(f))
	}}
}
