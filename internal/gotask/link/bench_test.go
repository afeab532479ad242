package link

import (
	"fmt"
	"testing"
	"time"
)

// benchPair is a scheduler's and an executor's session with a perfect carrier between them.
type benchPair struct {
	sched, exec *Session
	out         [][]byte
}

func newBenchPair(b *testing.B, epoch uint64, tasks []string, now time.Time) *benchPair {
	p := &benchPair{
		sched: mustSession(b, Config{Side: Scheduler, Epoch: epoch}),
		exec:  mustSession(b, Config{Side: Executor, Epoch: epoch}),
	}
	for _, task := range tasks {
		must(p.sched.OpenTask(now, task))
		must(p.exec.OpenTask(now, task))
	}
	p.sched.Reconnected(now)
	p.exec.Reconnected(now)
	for range 5 {
		p.carry(now)
	}
	return p
}

func (p *benchPair) carry(now time.Time) (envelopes int) {
	p.out, _ = p.exec.Poll(now, p.out[:0])
	for _, envelope := range p.out {
		must(p.sched.Receive(now, envelope))
	}
	envelopes = len(p.out)
	p.consume(p.sched, now)
	p.out, _ = p.sched.Poll(now, p.out[:0])
	for _, envelope := range p.out {
		must(p.exec.Receive(now, envelope))
	}
	p.consume(p.exec, now)
	return envelopes + len(p.out)
}

func (p *benchPair) consume(s *Session, now time.Time) {
	for m, ok := s.Next(); ok; m, ok = s.Next() {
		s.Confirm(now, m.Task, m.Seq)
	}
}

// BenchmarkMessages sends 100-byte messages up through 20 sessions of 100 tasks, each task 10 a second in simulated
// time. Both ends are counted. ns/op is for one message; 20,000 of them make a simulated second.
func BenchmarkMessages(b *testing.B) {
	now := epochStart
	tasks := make([]string, 100)
	for i := range tasks {
		tasks[i] = fmt.Sprintf("car-%d.3f2a", i)
	}
	var pairs []*benchPair
	for i := range 20 {
		pairs = append(pairs, newBenchPair(b, uint64(i+1), tasks, now))
	}
	data := make([]byte, 100)
	begin, envelopes := now, 0
	b.ReportAllocs()
	b.ResetTimer()
	for sent := 0; sent < b.N; {
		now = now.Add(time.Millisecond)
		for _, p := range pairs {
			must(p.exec.Send(now, tasks[sent/20%100], data))
			sent++
			envelopes += p.carry(now)
		}
	}
	b.ReportMetric(float64(envelopes)/now.Sub(begin).Seconds()/20, "envelopes/s/executor")
}

// BenchmarkPollWithNothingDue is what a wake-up too early costs.
func BenchmarkPollWithNothingDue(b *testing.B) {
	p := newBenchPair(b, 1, []string{"car-0.1"}, epochStart)
	b.ReportAllocs()
	for b.Loop() {
		p.out, _ = p.exec.Poll(epochStart, p.out[:0])
	}
}
