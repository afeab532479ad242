package localmesos

import "sync"

// mailbox is an unbounded queue of deliveries, run one after the other by one
// goroutine. Messages posted before close may be lost, as on a broken
// connection.
type mailbox struct {
	wake chan struct{}

	mu     sync.Mutex
	queue  []func()
	closed bool
}

func newMailbox(owner *sync.WaitGroup) *mailbox {
	m := &mailbox{wake: make(chan struct{}, 1)}
	owner.Go(m.run)
	return m
}

func (m *mailbox) post(deliver func()) {
	m.mu.Lock()
	if !m.closed {
		m.queue = append(m.queue, deliver)
	}
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
		batch, m.queue = m.queue, batch[:0]
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
}

func newLink(owner *sync.WaitGroup) *link {
	return &link{toAgent: newMailbox(owner), toMaster: newMailbox(owner)}
}

// sever ends the link; what is still queued is lost. It may be called again.
func (l *link) sever() {
	l.toAgent.close()
	l.toMaster.close()
}

func (l *link) severed() bool { return l.toAgent.isClosed() }
