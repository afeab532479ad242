package localmesos

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"
)

// wire is the TCP connection under the link between a master and an agent on
// different hosts. What the two tell each other stays in this process, but a
// message is delivered only once a byte that was sent for it has arrived at the
// other host.
type wire struct {
	master, agent *wireEnd
}

// wireEnd is one host's end of the connection.
type wireEnd struct {
	conn net.Conn
	wake chan struct{}

	mu     sync.Mutex
	unsent int
}

// newWire connects the hosts of an agent and a master.
func newWire(ctx context.Context, agent, master Host) (*wire, error) {
	listener, err := master.listen(netip.AddrPortFrom(master.Addr, 0))
	if err != nil {
		return nil, fmt.Errorf("listen for an agent at %v: %w", master.Addr, err)
	}
	defer listener.Close()
	near, err := agent.dial(ctx, "tcp4", listener.Addr().String())
	if err != nil {
		return nil, fmt.Errorf("reach the master from %v: %w", agent.Addr, err)
	}
	far, err := listener.Accept()
	if err != nil {
		_ = near.Close()
		return nil, fmt.Errorf("accept an agent at %v: %w", master.Addr, err)
	}
	return &wire{master: newWireEnd(far), agent: newWireEnd(near)}, nil
}

func newWireEnd(conn net.Conn) *wireEnd {
	return &wireEnd{conn: conn, wake: make(chan struct{}, 1)}
}

// send sends a byte, without waiting for the network.
func (e *wireEnd) send() {
	e.mu.Lock()
	e.unsent++
	e.mu.Unlock()
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// write sends what there is to send until the connection breaks or done is
// closed.
func (e *wireEnd) write(done <-chan struct{}) {
	for {
		select {
		case <-e.wake:
		case <-done:
			return
		}
		e.mu.Lock()
		n := e.unsent
		e.unsent = 0
		e.mu.Unlock()
		if _, err := e.conn.Write(make([]byte, n)); err != nil {
			return
		}
	}
}

// read reports how many bytes have arrived until the connection breaks.
func (e *wireEnd) read(arrived func(n int)) {
	buffer := make([]byte, 512)
	for {
		n, err := e.conn.Read(buffer)
		arrived(n)
		if err != nil {
			return
		}
	}
}

func (w *wire) close() {
	_ = w.master.conn.Close()
	_ = w.agent.conn.Close()
}

// carry lets the link depend on the wire until either of them breaks, and then
// breaks the other.
func (w *wire) carry(l *link) {
	done := make(chan struct{})
	var carrying sync.WaitGroup
	carrying.Go(func() { w.master.write(done) })
	carrying.Go(func() { w.agent.write(done) })
	carrying.Go(func() {
		w.master.read(l.toMaster.arrive)
		l.sever()
	})
	w.agent.read(l.toAgent.arrive)
	l.sever()
	close(done)
	carrying.Wait()
}

// dial connects the agent with a master on another host. It tries again and
// again, as long as that master leads and no other connection was made.
func (a *agent) dial(m *master, life int) {
	again := func() { a.timers.after(a.cfg.ReregistrationDelay, func() { a.dial(m, life) }) }
	wanted := func() bool {
		return a.life == life && a.running && !a.frozen && a.master == m && a.link == nil
	}
	a.mu.Lock()
	if !wanted() {
		a.mu.Unlock()
		return
	}
	a.mu.Unlock()
	const patience = 2 * time.Second
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	w, err := newWire(ctx, a.port.host, m.port.host)
	if err != nil {
		a.log.Info("the master cannot be reached", "error", err)
		again()
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if !wanted() {
		w.close()
		return
	}
	if l := m.newWiredLink(w, func(l *link) { a.disconnected(m, l) }); l != nil {
		a.register(l)
	}
}

// disconnected looks for the master anew when the wire to it has broken.
func (a *agent) disconnected(m *master, l *link) {
	a.mu.Lock()
	if a.link != l {
		a.mu.Unlock()
		return
	}
	a.link = nil
	id, life := a.id, a.life
	a.mu.Unlock()
	m.linkBroken(id, l)
	a.timers.after(a.cfg.ReregistrationDelay, func() { a.dial(m, life) })
}
