package link

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// pair is two sessions joined by a carrier that the test works by hand.
type pair struct {
	t           *testing.T
	now         time.Time
	sched, exec *Session
	toSched     [][]byte
	toExec      [][]byte
	nextSched   time.Time
	nextExec    time.Time
	carried     int
}

func newPair(t *testing.T, cfg Config, tasks ...string) *pair {
	t.Helper()
	p := &pair{t: t, now: epochStart}
	cfg.Side, cfg.Epoch, cfg.Build = Scheduler, 7, "sched-build"
	p.sched = mustSession(t, cfg)
	cfg.Side, cfg.Epoch, cfg.Build = Executor, 100, "exec-build"
	p.exec = mustSession(t, cfg)
	for _, task := range tasks {
		must(p.sched.OpenTask(p.now, task))
		must(p.exec.OpenTask(p.now, task))
	}
	p.sched.Reconnected(p.now)
	p.exec.Reconnected(p.now)
	p.exchange()
	for _, s := range []*Session{p.sched, p.exec} {
		if !s.Stats(p.now).InSync {
			t.Fatalf("%v is not in sync", s.cfg.Side)
		}
	}
	p.events(p.sched)
	p.events(p.exec)
	p.advance(50 * time.Millisecond)
	return p
}

func mustSession(t testing.TB, cfg Config) *Session {
	t.Helper()
	s, err := NewSession(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// poll collects what both sides have to say and returns how many envelopes that were.
func (p *pair) poll() int {
	before := len(p.toSched) + len(p.toExec)
	p.toExec, p.nextSched = p.sched.Poll(p.now, p.toExec)
	p.toSched, p.nextExec = p.exec.Poll(p.now, p.toSched)
	n := len(p.toSched) + len(p.toExec) - before
	p.carried += n
	return n
}

// exchange carries envelopes until both sides are silent.
func (p *pair) exchange() {
	p.t.Helper()
	for range 100 {
		if p.poll() == 0 && len(p.toSched)+len(p.toExec) == 0 {
			return
		}
		for _, envelope := range p.toSched {
			if err := p.sched.Receive(p.now, envelope); err != nil {
				p.t.Fatal(err)
			}
		}
		for _, envelope := range p.toExec {
			if err := p.exec.Receive(p.now, envelope); err != nil {
				p.t.Fatal(err)
			}
		}
		p.toSched, p.toExec = nil, nil
	}
	p.t.Fatal("the two ends do not stop talking")
}

// advance lets time pass, carrying whatever is said in it.
func (p *pair) advance(d time.Duration) {
	p.t.Helper()
	for end := p.now.Add(d); ; {
		p.exchange()
		next := p.nextSched
		if p.nextExec.Before(next) {
			next = p.nextExec
		}
		if next.After(end) {
			p.now = end
			return
		}
		p.now = next
	}
}

func (p *pair) events(s *Session) (kinds []EventKind) {
	for event, ok := s.NextEvent(); ok; event, ok = s.NextEvent() {
		kinds = append(kinds, event.Kind)
	}
	return kinds
}

// drop loses what is said at the present instant.
func (p *pair) drop() int {
	p.toSched, p.toExec = nil, nil
	n := p.poll()
	p.toSched, p.toExec = nil, nil
	return n
}

// lose lets time pass and loses whatever is said in it.
func (p *pair) lose(d time.Duration) {
	for end := p.now.Add(d); ; {
		p.drop()
		next := p.nextSched
		if p.nextExec.Before(next) {
			next = p.nextExec
		}
		if !next.Before(end) {
			p.now = end
			return
		}
		p.now = next
	}
}

func texts(s *Session, task string) (list []string) {
	for m, ok := s.Next(); ok; m, ok = s.Next() {
		if m.Task == task {
			list = append(list, string(m.Data))
		}
	}
	return list
}

func TestIdleMessageCostsOneEnvelopeAndOneAcknowledgement(t *testing.T) {
	p := newPair(t, Config{}, "car-0.1")
	p.carried = 0
	must(p.exec.Send(p.now, "car-0.1", []byte("arrived")))
	p.exchange()
	m, ok := p.sched.Next()
	if !ok || m.Task != "car-0.1" || m.Seq != 1 || string(m.Data) != "arrived" {
		t.Fatalf("got %+v, %v without delay", m, ok)
	}
	p.sched.Confirm(p.now, m.Task, m.Seq)
	p.advance(4 * time.Second)
	if p.carried != 2 {
		t.Errorf("%d envelopes, want 2", p.carried)
	}
	if n := len(p.exec.Unacknowledged("car-0.1")); n != 0 {
		t.Errorf("%d messages still unconfirmed", n)
	}
}

func TestAcknowledgementRidesOnAnswer(t *testing.T) {
	p := newPair(t, Config{}, "car-0.1")
	p.carried = 0
	must(p.sched.Send(p.now, "car-0.1", []byte("go to 5")))
	p.exchange()
	texts(p.exec, "car-0.1")
	p.exec.Confirm(p.now, "car-0.1", 1)
	must(p.exec.Send(p.now, "car-0.1", []byte("departed")))
	p.exchange()
	if n := len(p.sched.Unacknowledged("car-0.1")); n != 0 {
		t.Errorf("%d messages still unconfirmed", n)
	}
	if p.carried != 2 {
		t.Errorf("%d envelopes, want 2", p.carried)
	}
}

func TestAcknowledgementThatThePeerNeedsGoesAtOnce(t *testing.T) {
	receive := func(p *pair, n int) {
		for range n {
			must(p.exec.Send(p.now, "car-0.1", []byte("floor")))
		}
		p.exchange()
		texts(p.sched, "car-0.1")
	}
	for name, need := range map[string]func(p *pair){
		"half the window is free": func(p *pair) {
			receive(p, 5)
			p.sched.Confirm(p.now, "car-0.1", 4)
		},
		"half the window's bytes are free": func(p *pair) {
			must(p.exec.Send(p.now, "car-0.1", make([]byte, 500)))
			receive(p, 1)
			p.sched.Confirm(p.now, "car-0.1", 1)
		},
		"the task's last message is confirmed": func(p *pair) {
			must(p.exec.Send(p.now, "car-0.1", []byte("bye")))
			must(p.exec.FinishTask(p.now, "car-0.1"))
			receive(p, 0)
			p.sched.Confirm(p.now, "car-0.1", 1)
		},
		"the task ends when all is confirmed": func(p *pair) {
			receive(p, 1)
			p.sched.Confirm(p.now, "car-0.1", 1)
			p.advance(time.Second)
			must(p.exec.FinishTask(p.now, "car-0.1"))
		},
		"a message comes again": func(p *pair) {
			must(p.exec.Send(p.now, "car-0.1", []byte("floor")))
			p.poll()
			again := slices.Clone(p.toSched)
			p.exchange()
			p.toSched = again
		},
	} {
		p := newPair(t, Config{WindowMessages: 8, WindowBytes: 1000}, "car-0.1")
		need(p)
		p.exchange()
		st := p.exec.streams["car-0.1"]
		if st.acked != st.last() {
			t.Errorf("%s: received up to %d of %d", name, st.acked, st.last())
		}
	}
}

func TestMessageWaitsForNoAcknowledgement(t *testing.T) {
	p := newPair(t, Config{FlushDelay: 10 * time.Millisecond}, "car-0.1")
	for i := range 5 {
		p.now = p.now.Add(11 * time.Millisecond)
		must(p.exec.Send(p.now, "car-0.1", []byte("moved")))
		if n := p.poll(); n != 1 {
			t.Errorf("message %d: %d envelopes, want 1", i, n)
		}
		p.exchange()
	}
}

// A master takes milliseconds for an envelope. Acknowledgements alone would be
// as many as messages.
func TestRoundTripsCostTwoEnvelopes(t *testing.T) {
	p := newPair(t, Config{}, "car-0.1")
	p.carried = 0
	const rounds = 10
	for i := range uint64(rounds) {
		must(p.sched.Send(p.now, "car-0.1", []byte("ping")))
		p.exchange()
		texts(p.exec, "car-0.1")
		p.exec.Confirm(p.now, "car-0.1", i+1)
		must(p.exec.Send(p.now, "car-0.1", []byte("pong")))
		p.exchange()
		texts(p.sched, "car-0.1")
		p.sched.Confirm(p.now, "car-0.1", i+1)
		p.advance(50 * time.Millisecond)
	}
	if p.carried != 2*rounds {
		t.Errorf("%d envelopes for %d round trips", p.carried, rounds)
	}
}

func TestMessagesAreBatchedWhileOthersAreInFlight(t *testing.T) {
	p := newPair(t, Config{FlushDelay: 10 * time.Millisecond}, "car-0.1", "car-1.1")
	must(p.exec.Send(p.now, "car-0.1", []byte("first")))
	if p.poll() != 1 {
		t.Fatal("the first message waits")
	}
	for i := range 9 {
		p.now = p.now.Add(time.Millisecond)
		must(p.exec.Send(p.now, fmt.Sprintf("car-%d.1", i%2), []byte("more")))
		if p.poll() != 0 {
			t.Fatalf("message %d does not wait", i)
		}
	}
	p.now = p.now.Add(2 * time.Millisecond)
	if n := p.poll(); n != 1 {
		t.Fatalf("%d envelopes after the flush delay, want 1", n)
	}
	must(p.exec.Send(p.now, "car-0.1", bytes.Repeat([]byte("x"), 256<<10)))
	if n := p.poll(); n != 1 {
		t.Fatalf("%d envelopes when the cap is reached, want 1", n)
	}
}

func TestTasksOpenedInABurstAreListedTogether(t *testing.T) {
	p := newPair(t, Config{FlushDelay: 10 * time.Millisecond}, "car-0.1")
	for i := range 9 {
		p.now = p.now.Add(time.Millisecond)
		must(p.exec.OpenTask(p.now, fmt.Sprintf("car-%d.1", i+1)))
		if n := p.poll(); n != 0 {
			t.Fatalf("%d envelopes after task %d was opened", n, i+1)
		}
	}
	p.now = p.now.Add(2 * time.Millisecond)
	if n := p.poll(); n != 1 {
		t.Fatalf("%d envelopes after the flush delay, want 1", n)
	}
}

func TestEnvelopeCap(t *testing.T) {
	p := newPair(t, Config{MaxEnvelopeBytes: 1000, MaxMessageBytes: 5000}, "car-0.1")
	for range 5 {
		must(p.exec.Send(p.now, "car-0.1", make([]byte, 300)))
	}
	must(p.exec.Send(p.now, "car-0.1", make([]byte, 5000)))
	must(p.exec.Send(p.now, "car-0.1", make([]byte, 300)))
	if err := p.exec.Send(p.now, "car-0.1", make([]byte, 5001)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("5001 bytes: %v", err)
	}
	p.poll()
	var sizes []int
	for _, envelope := range p.toSched {
		sizes = append(sizes, len(envelope)/100)
	}
	if want := []int{9, 6, 50, 3}; !slices.Equal(sizes, want) {
		t.Errorf("envelopes of %v hundred bytes, want %v", sizes, want)
	}
	p.exchange()
	if n := len(texts(p.sched, "car-0.1")); n != 7 {
		t.Errorf("%d messages, want 7", n)
	}
}

func TestRetransmissionBacksOff(t *testing.T) {
	p := newPair(t, Config{}, "car-0.1")
	begin := p.now
	must(p.exec.Send(p.now, "car-0.1", []byte("a")))
	must(p.exec.Send(p.now, "car-0.1", []byte("b")))
	p.drop()
	want := 200 * time.Millisecond
	for range 8 {
		for sent := p.now; ; {
			p.now = p.nextExec
			if p.now.Sub(sent) > 20*time.Second {
				t.Fatal("no retransmission")
			}
			if p.exec.Poll(p.now, nil); p.exec.Stats(p.now).Resent > 0 {
				wait := p.now.Sub(sent)
				if wait < want || wait > want*5/4 {
					t.Errorf("retransmitted after %v, want %v and up to a quarter more", wait, want)
				}
				break
			}
			_, p.nextExec = p.exec.Poll(p.now, nil)
		}
		_, p.nextExec = p.exec.Poll(p.now, nil)
		p.exec.stats.Resent = 0
		want = min(2*want, 10*time.Second)
	}
	p.exec.Reconnected(p.now)
	p.sched.Reconnected(p.now)
	p.exchange()
	if got := texts(p.sched, "car-0.1"); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("%v after reconnection (%v later)", got, p.now.Sub(begin))
	}
}

func TestStuckTaskBlocksOnlyItself(t *testing.T) {
	p := newPair(t, Config{WindowMessages: 4}, "stuck.1", "well.1")
	for i := range 100 {
		err := p.sched.Send(p.now, "stuck.1", fmt.Appendf(nil, "%d", i))
		if i < 4 && err != nil || i >= 4 && !errors.Is(err, ErrWindowFull) {
			t.Fatalf("message %d to the stuck task: %v", i, err)
		}
		must(p.sched.Send(p.now, "well.1", []byte("x")))
		p.advance(20 * time.Millisecond)
		for m, ok := p.exec.Next(); ok; m, ok = p.exec.Next() {
			if m.Task == "well.1" {
				p.exec.Confirm(p.now, m.Task, m.Seq)
			}
		}
		p.advance(20 * time.Millisecond)
	}
	if kinds := p.events(p.sched); len(kinds) > 0 {
		t.Fatalf("events %v", kinds)
	}
	p.exec.Confirm(p.now, "stuck.1", 2)
	p.advance(20 * time.Millisecond)
	if kinds := p.events(p.sched); !slices.Equal(kinds, []EventKind{TaskWritable}) {
		t.Fatalf("events %v after the task went on", kinds)
	}
	must(p.sched.Send(p.now, "stuck.1", []byte("4")))
	must(p.sched.Send(p.now, "stuck.1", []byte("5")))
	if err := p.sched.Send(p.now, "stuck.1", nil); !errors.Is(err, ErrWindowFull) {
		t.Errorf("window is not full again: %v", err)
	}
}

// The acknowledgement that would have opened a full window is lost; a probe gets it again long before the next HELLO.
func TestProbeFindsLostCredit(t *testing.T) {
	p := newPair(t, Config{WindowMessages: 1, HelloInterval: time.Hour}, "car-0.1")
	must(p.exec.Send(p.now, "car-0.1", []byte("a")))
	p.advance(20 * time.Millisecond)
	if err := p.exec.Send(p.now, "car-0.1", []byte("b")); !errors.Is(err, ErrWindowFull) {
		t.Fatal(err)
	}
	texts(p.sched, "car-0.1")
	p.sched.Confirm(p.now, "car-0.1", 1)
	p.now = p.now.Add(15 * time.Millisecond)
	if p.drop() != 1 {
		t.Fatal("no acknowledgement to lose")
	}
	p.advance(300 * time.Millisecond)
	if kinds := p.events(p.exec); !slices.Equal(kinds, []EventKind{TaskWritable}) {
		t.Errorf("events %v", kinds)
	}
}

func TestSendErrors(t *testing.T) {
	p := newPair(t, Config{}, "car-0.1", "car-1.1")
	must(p.exec.FinishTask(p.now, "car-1.1"))
	for _, c := range []struct {
		task string
		size int
		want error
	}{
		{"car-0.1", 10, nil},
		{"car-0.1", 0, nil},
		{"car-9.1", 10, ErrUnknownTask},
		{"car-1.1", 10, ErrTaskEnded},
		{"car-0.1", 16<<20 + 1, ErrTooLarge},
	} {
		if err := p.exec.Send(p.now, c.task, make([]byte, c.size)); !errors.Is(err, c.want) {
			t.Errorf("%d bytes to %s: %v, want %v", c.size, c.task, err, c.want)
		}
	}
	if err := p.sched.FinishTask(p.now, "car-0.1"); err == nil {
		t.Error("the scheduler finished a task")
	}
}

func TestFinishingTask(t *testing.T) {
	p := newPair(t, Config{}, "car-0.1")
	must(p.exec.Send(p.now, "car-0.1", []byte("a")))
	must(p.exec.Send(p.now, "car-0.1", []byte("b")))
	must(p.exec.FinishTask(p.now, "car-0.1"))
	p.sched.Send(p.now, "car-0.1", []byte("too late"))
	p.advance(20 * time.Millisecond)
	if kinds := p.events(p.sched); len(kinds) > 0 {
		t.Errorf("events %v before the last message was handed out", kinds)
	}
	if got := texts(p.sched, "car-0.1"); !slices.Equal(got, []string{"a", "b"}) {
		t.Fatalf("got %v", got)
	}
	event, _ := p.sched.NextEvent()
	if event.Kind != TaskEnded || event.Cause != Finished || len(event.Undelivered) != 1 || event.Missing != 0 {
		t.Errorf("event %+v", event)
	}
	p.sched.Confirm(p.now, "car-0.1", 2)
	p.advance(20 * time.Millisecond)
	if kinds := p.events(p.exec); !slices.Equal(kinds, []EventKind{TaskDrained}) {
		t.Errorf("events %v", kinds)
	}
	if left := p.exec.CloseTask(p.now, "car-0.1"); left != nil {
		t.Errorf("left %v", left)
	}
}

func TestLastWords(t *testing.T) {
	p := newPair(t, Config{}, "car-0.1", "car-1.1")
	for _, text := range []string{"a", "b"} {
		must(p.exec.Send(p.now, "car-0.1", []byte(text)))
	}
	p.exchange() // received, not confirmed
	must(p.exec.Send(p.now, "car-0.1", []byte("c")))
	p.drop()
	words, omitted, err := p.exec.LastWords("car-0.1", 4096)
	if err != nil || len(omitted) > 0 {
		t.Fatal(err, omitted)
	}
	if left := p.exec.CloseTask(p.now, "car-0.1"); len(left) != 3 {
		t.Errorf("%d messages returned, want 3", len(left))
	}
	for _, c := range []struct {
		name, task string
		words      []byte
		want       error
	}{
		{"another task's", "car-1.1", words, ErrEnvelope},
		{"unknown task", "car-2.1", words, ErrUnknownTask},
		{"cut short", "car-0.1", words[:len(words)-1], ErrEnvelope},
		{"empty", "car-0.1", nil, ErrEnvelope},
	} {
		if err := p.sched.ReceiveLastWords(p.now, c.task, c.words); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	must(p.sched.ReceiveLastWords(p.now, "car-0.1", words))
	if got := texts(p.sched, "car-0.1"); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("got %v", got)
	}
	if kinds := p.events(p.sched); !slices.Equal(kinds, []EventKind{TaskEnded}) {
		t.Errorf("events %v", kinds)
	}
}

func TestLastWordsThatDoNotFitAreReported(t *testing.T) {
	p := newPair(t, Config{}, "car-0.1")
	for range 10 {
		must(p.exec.Send(p.now, "car-0.1", make([]byte, 1000)))
	}
	p.drop()
	words, omitted, err := p.exec.LastWords("car-0.1", 4096)
	if err != nil || len(words) > 4096 || len(omitted) != 6 || omitted[0].Seq != 5 {
		t.Fatalf("%d bytes, %d omitted, %v", len(words), len(omitted), err)
	}
	must(p.sched.ReceiveLastWords(p.now, "car-0.1", words))
	if n := len(texts(p.sched, "car-0.1")); n != 4 {
		t.Errorf("%d messages, want 4", n)
	}
	if event, _ := p.sched.NextEvent(); event.Kind != TaskEnded || event.Missing != 6 {
		t.Errorf("event %+v, want 6 missing", event)
	}
}

func TestSchedulerRestart(t *testing.T) {
	for _, journal := range []bool{false, true} {
		p := newPair(t, Config{}, "car-0.1")
		for _, text := range []string{"a", "b", "c"} {
			must(p.exec.Send(p.now, "car-0.1", []byte(text)))
		}
		must(p.sched.Send(p.now, "car-0.1", []byte("old")))
		p.exchange()
		texts(p.sched, "car-0.1")
		p.sched.Confirm(p.now, "car-0.1", 1)
		p.advance(100 * time.Millisecond) // the executor knows of this one
		p.sched.Confirm(p.now, "car-0.1", 2)

		p.sched = mustSession(t, Config{Side: Scheduler, Epoch: 8})
		p.sched.Reconnected(p.now)
		p.exchange()
		if kinds := p.events(p.sched); !slices.Equal(kinds, []EventKind{PeerUp, PeerTask}) {
			t.Errorf("events %v", kinds)
		}
		want := []string{"b", "c"}
		if journal {
			must(p.sched.ResumeTask(p.now, "car-0.1", 2))
			want = []string{"c"}
		} else {
			must(p.sched.OpenTask(p.now, "car-0.1"))
		}
		must(p.sched.Send(p.now, "car-0.1", []byte("new")))
		p.exchange()
		if got := texts(p.sched, "car-0.1"); !slices.Equal(got, want) {
			t.Errorf("journal %v: got %v, want %v", journal, got, want)
		}
		if got := texts(p.exec, "car-0.1"); !slices.Equal(got, []string{"old", "new"}) {
			t.Errorf("the task got %v", got)
		}
		if kinds := p.events(p.exec); !slices.Equal(kinds, []EventKind{PeerRestarted, PeerUp}) {
			t.Errorf("events at the executor %v", kinds)
		}
	}
}

func TestExecutorRestart(t *testing.T) {
	p := newPair(t, Config{}, "car-0.1")
	for _, text := range []string{"a", "b", "c"} {
		must(p.sched.Send(p.now, "car-0.1", []byte(text)))
	}
	must(p.exec.Send(p.now, "car-0.1", []byte("up")))
	p.exchange()
	texts(p.exec, "car-0.1")
	p.exec.Confirm(p.now, "car-0.1", 1)
	p.advance(100 * time.Millisecond)

	p.exec = mustSession(t, Config{Side: Executor, Epoch: 101, Build: "newer"})
	must(p.sched.OpenTask(p.now, "car-0.2"))
	must(p.sched.Send(p.now, "car-0.2", []byte("waits")))
	p.exec.Reconnected(p.now)
	p.exchange()
	if got := texts(p.sched, "car-0.1"); !slices.Equal(got, []string{"up"}) {
		t.Errorf("got %v", got)
	}
	var ended Event
	for event, ok := p.sched.NextEvent(); ok; event, ok = p.sched.NextEvent() {
		if event.Kind == TaskEnded {
			ended = event
		}
	}
	if ended.Cause != PeerIsGone || len(ended.Undelivered) != 2 || string(ended.Undelivered[0].Data) != "b" || ended.Undelivered[1].Seq != 3 {
		t.Errorf("event %+v", ended)
	}
	if err := p.sched.Send(p.now, "car-0.1", nil); !errors.Is(err, ErrTaskEnded) {
		t.Errorf("sending to the old task: %v", err)
	}
	must(p.exec.OpenTask(p.now, "car-0.2"))
	p.advance(20 * time.Millisecond)
	if got := texts(p.exec, "car-0.2"); !slices.Equal(got, []string{"waits"}) {
		t.Errorf("the new task got %v", got)
	}
}

func TestClosedTaskIsReportedToPeer(t *testing.T) {
	for _, lost := range []bool{false, true} {
		p := newPair(t, Config{}, "car-0.1")
		must(p.sched.Send(p.now, "car-0.1", []byte("a")))
		p.exchange()
		p.exec.CloseTask(p.now, "car-0.1")
		if lost {
			p.drop()
		}
		p.advance(6 * time.Second)
		event, _ := p.sched.NextEvent()
		if event.Kind != TaskEnded || event.Cause != Closed || len(event.Undelivered) != 1 {
			t.Errorf("notice lost %v: event %+v", lost, event)
		}
	}
}

func TestVersionMismatch(t *testing.T) {
	p := newPair(t, Config{}, "car-0.1")
	foreign := appendHeader(nil, header{side: Executor, from: 101})
	foreign = appendHello(foreign, hello{minVersion: 2, maxVersion: 3, wantsAnswer: true, windowMessages: 1, windowBytes: 1, build: []byte("v9")})
	foreign = append(foreign, 99, 1, 2, 3) // frames of a version we do not know
	must(p.sched.Receive(p.now, foreign))
	if n := p.poll(); n != 1 {
		t.Errorf("%d envelopes in answer, want 1", n)
	}
	var mismatch Event
	for event, ok := p.sched.NextEvent(); ok; event, ok = p.sched.NextEvent() {
		if event.Kind == VersionMismatch {
			mismatch = event
		}
	}
	if mismatch.Build != "v9" || !strings.Contains(fmt.Sprint(mismatch.Err), `versions 2 to 3, this scheduler (build "sched-build") speaks 1 to 1`) {
		t.Errorf("event %+v", mismatch)
	}
	if p.sched.Stats(p.now).InSync {
		t.Error("in sync with a peer of another version")
	}
}

func TestStalePeerIsToldOnce(t *testing.T) {
	p := newPair(t, Config{}, "car-0.1")
	stale := append(appendHello(appendHeader(nil, header{side: Scheduler, from: 6}), hello{minVersion: 1, maxVersion: 1, windowMessages: 1, windowBytes: 1}), 0)
	must(p.exec.Receive(p.now, stale))
	must(p.exec.Receive(p.now, stale))
	if kinds := p.events(p.exec); !slices.Equal(kinds, []EventKind{StalePeer}) {
		t.Errorf("events %v", kinds)
	}
}

// The machine's clock was set back before an executor was started again: its life has the smaller number, until it is
// told of the one before.
func TestALifeAfterTheClockWasSetBack(t *testing.T) {
	p := newPair(t, Config{}, "car-0.1")
	must(p.sched.OpenTask(p.now, "car-0.2"))
	p.exec = mustSession(t, Config{Side: Executor, Epoch: 3, Build: "exec-build"})
	p.toExec = nil
	must(p.exec.OpenTask(p.now, "car-0.2"))
	p.exec.Reconnected(p.now)
	p.advance(10 * time.Second)
	if kinds := p.events(p.sched); !slices.Contains(kinds, StalePeer) {
		t.Fatalf("events %v: the life is not taken for an earlier one", kinds)
	}
	before := p.sched.Peer()
	p.exec.Outlive(p.now, before)
	p.exec.Outlive(p.now, before) // told by each of the tasks that are launched together
	must(p.exec.Send(p.now, "car-0.2", []byte("a")))
	must(p.sched.Send(p.now, "car-0.2", []byte("b")))
	p.exchange()
	for _, s := range []*Session{p.sched, p.exec} {
		if m, ok := s.Next(); !ok || m.Task != "car-0.2" {
			t.Errorf("the %v got message %+v, %v", s.cfg.Side, m, ok)
		}
	}
	if after := p.sched.Peer(); after <= before {
		t.Errorf("life %d follows %d", after, before)
	}
}

func TestEnvelopesOfOwnSideAreRefused(t *testing.T) {
	p := newPair(t, Config{}, "car-0.1")
	must(p.exec.Send(p.now, "car-0.1", []byte("a")))
	p.poll()
	if err := p.exec.Receive(p.now, p.toSched[0]); !errors.Is(err, ErrEnvelope) {
		t.Errorf("own envelope: %v", err)
	}
}

func TestConfigErrors(t *testing.T) {
	for _, cfg := range []Config{
		{},
		{Side: Executor},
		{Side: 3, Epoch: 1},
		{Side: Executor, Epoch: 1, WindowMessages: -1},
		{Side: Executor, Epoch: 1, RetransmitMin: time.Minute},
		{Side: Executor, Epoch: 1 << 63},
	} {
		if _, err := NewSession(cfg); err == nil {
			t.Errorf("accepted %+v", cfg)
		}
	}
	s := mustSession(t, Config{Side: Executor, Epoch: 1})
	for _, id := range []string{"", strings.Repeat("x", 256)} {
		if err := s.OpenTask(epochStart, id); err == nil {
			t.Errorf("accepted a task id of %d bytes", len(id))
		}
	}
}

// Both ends together hold an idle task in well under 2 KiB, also after it has been busy.
func TestIdleTaskIsSmall(t *testing.T) {
	const tasks = 2000
	var before, after runtime.MemStats
	ids := make([]string, tasks)
	for i := range ids {
		ids[i] = fmt.Sprintf("car-%d.3f2a", i)
	}
	runtime.GC()
	runtime.ReadMemStats(&before)
	p := newPair(t, Config{}, ids...)
	for range 20 {
		for _, id := range ids {
			must(p.exec.Send(p.now, id, make([]byte, 100)))
			must(p.sched.Send(p.now, id, make([]byte, 100)))
		}
	}
	p.exchange()
	for _, s := range []*Session{p.sched, p.exec} {
		for m, ok := s.Next(); ok; m, ok = s.Next() {
			s.Confirm(p.now, m.Task, m.Seq)
		}
	}
	p.advance(time.Second)
	runtime.GC()
	runtime.ReadMemStats(&after)
	perTask := (int64(after.HeapAlloc) - int64(before.HeapAlloc)) / tasks
	t.Logf("%d bytes a task", perTask)
	if perTask > 1536 {
		t.Errorf("%d bytes a task", perTask)
	}
	runtime.KeepAlive(p)
}
