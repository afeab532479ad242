package link

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// An agent that comes back takes its executors' calls before it can pass them on: what an executor says first is lost. Both
// ends have sent in vain for long by then, and must not wait for the end of their back-off.
func TestFlowsSoonAfterAnAgentIsBack(t *testing.T) {
	for _, away := range []time.Duration{100 * time.Millisecond, time.Second, 4 * time.Second, time.Minute} {
		for _, recovery := range []time.Duration{0, 300 * time.Millisecond, 2 * time.Second, 5 * time.Second} {
			t.Run(fmt.Sprintf("away %v, recovery %v", away, recovery), func(t *testing.T) {
				p := newPair(t, Config{}, "car-0.1")
				must(p.sched.Send(p.now, "car-0.1", []byte("stop at 7")))
				must(p.exec.Send(p.now, "car-0.1", []byte("passing 5")))
				p.lose(away)
				p.exec.Reconnected(p.now)
				p.lose(recovery)
				begin := p.now
				p.advance(time.Second)
				if got := texts(p.exec, "car-0.1"); !slices.Equal(got, []string{"stop at 7"}) {
					t.Errorf("the task got %v", got)
				}
				if got := texts(p.sched, "car-0.1"); !slices.Equal(got, []string{"passing 5"}) {
					t.Errorf("the scheduler got %v, %v after the agent was back", got, p.now.Sub(begin))
				}
			})
		}
	}
}

// Neither need wait for the next HELLO once anything gets through.
func TestFlowsWithTheFirstEnvelopeAfterSilence(t *testing.T) {
	p := newPair(t, Config{RetransmitMax: time.Minute}, "car-0.1", "car-1.1")
	must(p.sched.Send(p.now, "car-0.1", []byte("stop at 7")))
	p.lose(4 * time.Second)
	must(p.exec.Send(p.now, "car-1.1", []byte("passing 5")))
	p.advance(50 * time.Millisecond)
	if got := texts(p.exec, "car-0.1"); !slices.Equal(got, []string{"stop at 7"}) {
		t.Errorf("the task got %v", got)
	}
}

// A new stream shows by whatever comes through it that the way is free; then it is as if it had never been broken.
func TestReconnectedCostsLittle(t *testing.T) {
	p := newPair(t, Config{}, "car-0.1", "car-1.1")
	p.carried = 0
	p.sched.Reconnected(p.now)
	p.advance(time.Second)
	if p.carried > 3 {
		t.Errorf("%d envelopes, want a HELLO, its answer and a listing", p.carried)
	}
	if kinds := slices.Concat(p.events(p.sched), p.events(p.exec)); len(kinds) > 0 {
		t.Errorf("events %v of a new stream between two lives that know each other", kinds)
	}
}
