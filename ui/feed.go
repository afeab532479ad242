package ui

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/operator"
)

// How a feed behaves towards its scheduler.
const (
	leastBackoff = 100 * time.Millisecond
	mostBackoff  = 2 * time.Second
	pollEvery    = 2 * time.Second
	mostWaiting  = 1 << 14 // messages and events that may wait in a mailbox
)

// mailbox carries messages to the app. Putting waits while it is full, so that
// a scheduler that is faster than the screen is slowed down, or cuts the
// stream off, instead of filling the memory.
type mailbox struct {
	mu       sync.Mutex // guards messages and waiting
	messages []message
	waiting  int
	nudge    chan struct{} // holds one token while there is something to take
	taken    chan struct{} // holds one token after something was taken
}

func newMailbox() *mailbox {
	return &mailbox{nudge: make(chan struct{}, 1), taken: make(chan struct{}, 1)}
}

// put adds a message. Events of the same site join those that wait.
func (m *mailbox) put(ctx context.Context, msg message) error {
	for {
		m.mu.Lock()
		if m.waiting < mostWaiting {
			m.add(msg)
			m.mu.Unlock()
			signal(m.nudge)
			return nil
		}
		m.mu.Unlock()
		select {
		case <-m.taken:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (m *mailbox) add(msg message) {
	m.waiting++
	if e, ok := msg.(eventsMessage); ok && len(m.messages) > 0 {
		if last, ok := m.messages[len(m.messages)-1].(eventsMessage); ok && last.site == e.site {
			last.events = append(last.events, e.events...)
			m.messages[len(m.messages)-1] = last
			return
		}
	}
	m.messages = append(m.messages, msg)
}

// take empties the mailbox.
func (m *mailbox) take() []message {
	m.mu.Lock()
	messages := m.messages
	m.messages, m.waiting = nil, 0
	m.mu.Unlock()
	signal(m.taken)
	return messages
}

func signal(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// feed reads one scheduler's API into a mailbox until its context is done.
type feed struct {
	site   int
	client *operator.Client
	box    *mailbox
	names  *elevator.Building
	next   uint64 // the event to go on with; 0: start anew
	last   time.Duration
}

// errNewRun says that the scheduler has begun another run, whose events do not
// go on where the last one's ended.
var errNewRun = errors.New("the scheduler began a new run")

// follow keeps the event stream open, with growing pauses between attempts.
func (f *feed) follow(ctx context.Context) {
	backoff := leastBackoff
	for attempt := 1; ctx.Err() == nil; attempt++ {
		heard := false
		err := f.client.Stream(ctx, f.names, f.next, func(e *elevator.Event) error {
			return f.take(ctx, e)
		}, func() {
			if !heard {
				heard, attempt, backoff = true, 1, leastBackoff
			}
			// A full mailbox is sign enough of life.
			_ = f.box.put(ctx, heardMessage{f.site})
		})
		if ctx.Err() != nil {
			return
		}
		if status, ok := errors.AsType[*operator.StatusError](err); ok &&
			(status.Status == http.StatusGone || status.Status == http.StatusBadRequest) || errors.Is(err, operator.ErrCutOff) || errors.Is(err, errNewRun) {
			f.next, f.last = 0, 0
		}
		if f.box.put(ctx, lostMessage{site: f.site, attempt: attempt, err: err}) != nil || !pause(ctx, backoff) {
			return
		}
		backoff = min(2*backoff, mostBackoff)
	}
}

// take hands an event on and notes where to resume.
func (f *feed) take(ctx context.Context, e *elevator.Event) error {
	if e.Kind == elevator.BuildingLoaded {
		f.names, f.last = e.Detail.Header.Building, e.T
	}
	if e.T < f.last {
		return errNewRun
	}
	f.next, f.last = max(f.next, e.Seq+1), e.T
	return f.box.put(ctx, eventsMessage{f.site, []elevator.Event{*e}})
}

// poll asks for what is not in the event stream: the tasks and the statistics.
func (f *feed) poll(ctx context.Context) {
	for {
		var report taskReport
		if err := f.client.Tasks(ctx, &report); err == nil {
			if f.box.put(ctx, tasksMessage{f.site, report}) != nil {
				return
			}
		}
		asked := time.Now()
		if state, err := f.client.Group(ctx); err == nil {
			at := asked.Add(time.Since(asked) / 2)
			msg := runMessage{site: f.site, at: at, now: time.Duration(state.T * float64(time.Second)), stats: state.Stats, dispatchers: state.Dispatchers}
			if f.box.put(ctx, msg) != nil {
				return
			}
		}
		if !pause(ctx, pollEvery) {
			return
		}
	}
}

// pause waits, and reports whether the context still runs.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
