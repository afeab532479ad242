package link

import (
	"slices"
	"testing"
	"time"
)

// The executor's listing is under way, and says less than the scheduler remembers, when the scheduler resumes the task.
func TestResumeCrossesListing(t *testing.T) {
	p := newPair(t, Config{}, "car-0.1")
	for _, text := range []string{"a", "b", "c"} {
		must(p.exec.Send(p.now, "car-0.1", []byte(text)))
	}
	p.exchange()
	texts(p.sched, "car-0.1")
	p.sched.Confirm(p.now, "car-0.1", 2) // the executor never hears of it
	p.sched = mustSession(t, Config{Side: Scheduler, Epoch: 8})
	p.sched.Reconnected(p.now)
	p.exchange()
	p.now = p.now.Add(time.Second)
	p.toSched, _ = p.exec.Poll(p.now, nil) // lists the task again
	must(p.sched.ResumeTask(p.now, "car-0.1", 2))
	p.exchange()
	if got := texts(p.sched, "car-0.1"); !slices.Equal(got, []string{"c"}) {
		t.Errorf("got %v", got)
	}
}

// A listing addressed to the scheduler's last life says where that life was; it must not be taken for the present.
func TestListingForFormerLifeIsIgnored(t *testing.T) {
	p := newPair(t, Config{}, "car-0.1")
	p.now = p.now.Add(5 * time.Second)
	old, _ := p.exec.Poll(p.now, nil) // a HELLO with its listings
	must(p.sched.Send(p.now, "car-0.1", []byte("a")))
	p.exchange()
	p.sched = mustSession(t, Config{Side: Scheduler, Epoch: 8})
	must(p.sched.OpenTask(p.now, "car-0.1"))
	p.sched.Reconnected(p.now)
	must(p.sched.Receive(p.now, old[0]))
	must(p.sched.Send(p.now, "car-0.1", []byte("b")))
	p.exchange()
	if got := texts(p.exec, "car-0.1"); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("the task got %v", got)
	}
	if n := p.sched.Stats(p.now).Stale; n != 1 {
		t.Errorf("%d stale envelopes, want 1", n)
	}
}

// What an ended task had in flight does not count any more, though its end has not been told yet.
func TestEndedTaskLeavesNothingInFlight(t *testing.T) {
	p := newPair(t, Config{FlushDelay: time.Second}, "car-0.1", "car-1.1")
	must(p.exec.Send(p.now, "car-0.1", []byte("up")))
	p.exchange()
	must(p.sched.Send(p.now, "car-0.1", []byte("down")))
	p.toExec, _ = p.sched.Poll(p.now, nil)
	p.toExec = nil // lost
	p.exec.CloseTask(p.now, "car-0.1")
	p.exchange()
	must(p.sched.Send(p.now, "car-1.1", []byte("at once")))
	p.exchange()
	if got := texts(p.exec, "car-1.1"); !slices.Equal(got, []string{"at once"}) {
		t.Errorf("got %v", got)
	}
}

// The executor's CLOSED is about a task it had; one that it has yet to open is not meant.
func TestClosedBeforeListedIsIgnored(t *testing.T) {
	p := newPair(t, Config{})
	must(p.sched.OpenTask(p.now, "car-0.1"))
	closed := appendClosed(appendHeader(nil, header{side: Executor, from: 100, to: 7}), "car-0.1")
	must(p.sched.Receive(p.now, append(closed, byte(frameEnd))))
	if kinds := p.events(p.sched); len(kinds) > 0 {
		t.Errorf("events %v", kinds)
	}
}

// Each end may have its own window; the smaller one holds for both.
func TestSmallerWindowHolds(t *testing.T) {
	p := &pair{t: t, now: epochStart}
	p.sched = mustSession(t, Config{Side: Scheduler, Epoch: 1, WindowMessages: 2})
	p.exec = mustSession(t, Config{Side: Executor, Epoch: 1, WindowMessages: 100})
	must(p.sched.OpenTask(p.now, "car-0.1"))
	must(p.exec.OpenTask(p.now, "car-0.1"))
	for range 10 {
		must(p.exec.Send(p.now, "car-0.1", []byte("queued before the windows are known")))
	}
	p.sched.Reconnected(p.now)
	p.exec.Reconnected(p.now)
	p.exchange()
	if err := p.exec.Send(p.now, "car-0.1", nil); err == nil {
		t.Error("more than the window is taken")
	}
	for handed := 0; handed < 10; {
		m, ok := p.sched.Next()
		if !ok {
			t.Fatalf("%d messages handed out, want 10", handed)
		}
		handed++
		if in := p.sched.Stats(p.now).UnconfirmedIn; in > 2 {
			t.Fatalf("%d messages held", in)
		}
		p.sched.Confirm(p.now, m.Task, m.Seq)
		p.advance(20 * time.Millisecond)
	}
	if n := p.sched.Stats(p.now).Overflows; n > 0 {
		t.Errorf("%d messages dropped", n)
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Scheduler.String(), "scheduler"},
		{Executor.String(), "executor"},
		{Side(9).String(), "side 9"},
		{PeerUp.String(), "peer up"},
		{TaskEnded.String(), "task ended"},
		{EventKind(0).String(), "event 0"},
		{Finished.String(), "finished"},
		{PeerIsGone.String(), "peer is gone"},
		{Cause(9).String(), "cause 9"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
