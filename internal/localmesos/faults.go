package localmesos

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// MessageFaults says what happens to framework messages (MESSAGE in either
// direction). The zero value is: nothing.
type MessageFaults struct {
	// ToExecutor and ToScheduler are the probabilities, 0 to 1, that a message
	// of that direction is lost.
	ToExecutor, ToScheduler float64
	// DelayMin and DelayMax bound the time every message is held back, drawn
	// evenly. Order is kept.
	DelayMin, DelayMax time.Duration
}

type direction int

const (
	toExecutor direction = iota
	toScheduler
)

// faults are the disturbances that were asked for. Reading that there are none
// takes no lock.
type faults struct {
	messages   atomic.Pointer[MessageFaults]
	recovering atomic.Bool
	stalled    atomic.Bool

	mu       sync.Mutex
	rand     *rand.Rand
	failures []*httpError // answers to the next calls
}

func newFaults(seed uint64) *faults {
	return &faults{rand: rand.New(rand.NewPCG(seed, 0))}
}

// drawMessage decides the fate of one message.
func (f *faults) drawMessage(d direction) (delay time.Duration, lost bool) {
	messages := f.messages.Load()
	if messages == nil {
		return 0, false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	probability := messages.ToExecutor
	if d == toScheduler {
		probability = messages.ToScheduler
	}
	if f.rand.Float64() < probability {
		return 0, true
	}
	delay = messages.DelayMin
	if spread := messages.DelayMax - messages.DelayMin; spread > 0 {
		delay += time.Duration(f.rand.Int64N(int64(spread)))
	}
	return delay, false
}

func (f *faults) nextFailure() *httpError {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.failures) == 0 {
		return nil
	}
	failure := f.failures[0]
	f.failures = f.failures[1:]
	return failure
}

// delayLine holds messages back and lets them go in order.
type delayLine struct {
	timers *timers

	mu    sync.Mutex
	queue []lateMessage
}

type lateMessage struct {
	due     time.Time
	deliver func()
}

// hold takes the message over, unless it may be delivered at once: then it
// returns false.
func (l *delayLine) hold(delay time.Duration, deliver func()) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if delay <= 0 && len(l.queue) == 0 {
		return false
	}
	due := time.Now().Add(delay)
	if last := len(l.queue) - 1; last >= 0 && due.Before(l.queue[last].due) {
		due = l.queue[last].due
	}
	l.queue = append(l.queue, lateMessage{due, deliver})
	if len(l.queue) == 1 {
		l.timers.after(delay, l.release)
	}
	return true
}

// release delivers what is due. A message stays in the queue until it was
// delivered, so that no later one overtakes it.
func (l *delayLine) release() {
	for {
		l.mu.Lock()
		if len(l.queue) == 0 {
			l.mu.Unlock()
			return
		}
		head := l.queue[0]
		if wait := time.Until(head.due); wait > 0 {
			l.timers.after(wait, l.release)
			l.mu.Unlock()
			return
		}
		l.mu.Unlock()
		head.deliver()
		l.mu.Lock()
		l.queue = l.queue[1:]
		l.mu.Unlock()
	}
}
