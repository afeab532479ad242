package localmesos

import (
	"slices"
	"sync"
)

// mailbox is an unbounded queue of deliveries, run one after the other by one
// goroutine once they have arrived. Messages posted before close may be lost, as
// on a broken connection.
type mailbox struct {
	wake  chan struct{}
	carry func() // takes one message to the other side, which then calls arrive

	mu      sync.Mutex
	queue   []func()
	arrived int // of the queue
	closed  bool
}

// newMailbox makes a mailbox whose messages arrive at once where carry is nil.
func newMailbox(owner *sync.WaitGroup, carry func()) *mailbox {
	m := &mailbox{wake: make(chan struct{}, 1), carry: carry}
	if carry == nil {
		m.carry = func() { m.arrive(1) }
	}
	owner.Go(m.run)
	return m
}

func (m *mailbox) post(deliver func()) {
	m.mu.Lock()
	closed := m.closed
	if !closed {
		m.queue = append(m.queue, deliver)
	}
	m.mu.Unlock()
	if !closed {
		m.carry()
	}
}

// arrive lets the next n messages be delivered.
func (m *mailbox) arrive(n int) {
	m.mu.Lock()
	m.arrived += n
	m.mu.Unlock()
	m.signal()
}

func (m *mailbox) close() {
	m.mu.Lock()
	m.closed = true
	m.mu.Unlock()
	m.signal()
}

func (m *mailbox) signal() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

func (m *mailbox) run() {
	var batch []func()
	for range m.wake {
		m.mu.Lock()
		batch = append(batch[:0], m.queue[:m.arrived]...)
		m.queue = slices.Delete(m.queue, 0, m.arrived)
		m.arrived = 0
		closed := m.closed
		m.mu.Unlock()
		for i, deliver := range batch {
			batch[i] = nil
			if m.isClosed() {
				return
			}
			deliver()
		}
		if closed {
			return
		}
	}
}

func (m *mailbox) isClosed() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.closed
}

// link is the connection between one agent and one master: ordered delivery
// each way until it is broken.
type link struct {
	toAgent, toMaster *mailbox
	wire              *wire // nil on one host
}

func newLink(owner *sync.WaitGroup) *link {
	return &link{toAgent: newMailbox(owner, nil), toMaster: newMailbox(owner, nil)}
}

func newWiredLink(owner *sync.WaitGroup, w *wire) *link {
	return &link{toAgent: newMailbox(owner, w.master.send), toMaster: newMailbox(owner, w.agent.send), wire: w}
}

// sever ends the link; what is still queued is lost. It may be called again.
func (l *link) sever() {
	l.toAgent.close()
	l.toMaster.close()
	if l.wire != nil {
		l.wire.close()
	}
}

func (l *link) severed() bool { return l.toAgent.isClosed() }
