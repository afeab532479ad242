package chaos

import (
	"net"
	"sync"
	"testing"
	"time"
)

// relay passes TCP connections on to a target, and breaks them when told to. A
// stalled relay is what a half-open connection is: both ends believe it stands,
// and nothing comes through.
type relay struct {
	listener net.Listener
	target   func() string
	running  sync.WaitGroup

	mu      sync.Mutex // guards the rest
	changed *sync.Cond
	stalled bool
	refuses bool
	closed  bool
	delay   time.Duration
	open    map[net.Conn]bool
}

// newRelay listens on a loopback port until the test ends.
func newRelay(t testing.TB, target func() string) *relay {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{listener: listener, target: target, open: make(map[net.Conn]bool)}
	r.changed = sync.NewCond(&r.mu)
	r.running.Go(r.accept)
	t.Cleanup(r.close)
	return r
}

func (r *relay) addr() string { return r.listener.Addr().String() }

func (r *relay) accept() {
	for {
		near, err := r.listener.Accept()
		if err != nil {
			return // closed
		}
		r.running.Go(func() { r.pass(near) })
	}
}

// pass carries one connection until either end, or the relay, closes it.
func (r *relay) pass(near net.Conn) {
	defer near.Close()
	if !r.hold(near) {
		return
	}
	defer r.release(near)
	far, err := net.DialTimeout("tcp", r.target(), time.Second)
	if err != nil {
		return
	}
	defer far.Close()
	if !r.hold(far) {
		return
	}
	defer r.release(far)
	var back sync.WaitGroup
	back.Go(func() {
		r.carry(near, far)
		near.Close()
	})
	r.carry(far, near)
	far.Close()
	back.Wait()
}

// hold counts a connection in, and reports whether it may live.
func (r *relay) hold(c net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refuses || r.closed {
		return false
	}
	r.open[c] = true
	return true
}

func (r *relay) release(c net.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.open, c)
}

func (r *relay) carry(to, from net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			r.wait()
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// wait holds what has arrived back for the delay, and while the relay is
// stalled.
func (r *relay) wait() {
	r.mu.Lock()
	delay := r.delay
	r.mu.Unlock()
	time.Sleep(delay)
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.stalled && !r.closed {
		r.changed.Wait()
	}
}

// cut breaks all connections that stand.
func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.open {
		c.Close()
	}
}

// refuse has new connections closed at once, and cuts those that stand.
func (r *relay) refuse(on bool) {
	r.mu.Lock()
	r.refuses = on
	r.mu.Unlock()
	if on {
		r.cut()
	}
}

// stall lets nothing through, or everything again.
func (r *relay) stall(on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stalled = on
	r.changed.Broadcast()
}

// slow delays everything by d, in order.
func (r *relay) slow(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.delay = d
}

func (r *relay) close() {
	r.listener.Close()
	r.mu.Lock()
	r.closed = true
	r.changed.Broadcast()
	r.mu.Unlock()
	r.cut()
	r.running.Wait()
}

// A relay carries, stalls without losing anything, refuses and cuts.
func TestRelay(t *testing.T) {
	t.Parallel()
	echo, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Close()
	go func() {
		for {
			c, err := echo.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				buffer := make([]byte, 64)
				for {
					n, err := c.Read(buffer)
					if err != nil {
						return
					}
					_, _ = c.Write(buffer[:n])
				}
			}()
		}
	}()
	r := newRelay(t, echo.Addr().String)
	c, err := net.Dial("tcp", r.addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	answers := func(within time.Duration) error {
		if err := c.SetReadDeadline(time.Now().Add(within)); err != nil {
			t.Fatal(err)
		}
		_, err := c.Read(make([]byte, 64))
		return err
	}
	say := func() {
		if _, err := c.Write([]byte("still there?")); err != nil {
			t.Fatal(err)
		}
	}
	if say(); answers(5*time.Second) != nil {
		t.Error("nothing came through")
	}
	r.stall(true)
	if say(); answers(50*time.Millisecond) == nil {
		t.Error("something came through a stalled relay")
	}
	if r.stall(false); answers(5*time.Second) != nil {
		t.Error("what was stalled is lost")
	}
	r.refuse(true)
	if answers(5*time.Second) == nil {
		t.Error("the connection stands although it is refused")
	}
	r.refuse(false)
	if c, err = net.Dial("tcp", r.addr()); err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if say(); answers(5*time.Second) != nil {
		t.Error("nothing comes through any more")
	}
}
