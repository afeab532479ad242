package gotask

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"elevator/internal/gotask/link"
)

// Bounds of what waits in a task's outbox, before the link's own window.
const (
	maxOutboxMessages = 1024
	maxOutboxBytes    = 4 << 20
)

type peerKey struct{ agent, executor string }

func comparePeers(a, b peerKey) int {
	return cmp.Or(strings.Compare(a.agent, b.agent), strings.Compare(a.executor, b.executor))
}

// peer is one executor as the message lane sees it.
type peer struct {
	key     peerKey
	session *link.Session
	due     time.Time // when to poll the session next
}

// peerOf returns the peer that has, or will have, the present attempt of t.
func (s *GoTaskScheduler) peerOf(now time.Time, t *task) *peer {
	key := peerKey{t.agent.ID, t.exec}
	if p := s.peers[key]; p != nil {
		return p
	}
	session, err := link.NewSession(link.Config{
		Side: link.Scheduler, Epoch: s.epoch, Seed: s.epoch + uint64(len(s.peers)), MaxMessageBytes: 2 * MaxMessageBytes,
		FlushDelay: flushDelay, HelloInterval: helloInterval,
	})
	if err != nil {
		panic(fmt.Sprintf("link configuration without free choices is refused: %v", err)) // cannot happen
	}
	p := &peer{key: key, session: session, due: now}
	if s.connected {
		session.Reconnected(now)
	}
	s.peers[key] = p
	return p
}

// knownLife returns which life of the executor that t is launched in was heard last, 0 for none.
func (s *GoTaskScheduler) knownLife(t *task) uint64 {
	if p := s.peers[peerKey{t.agent.ID, t.exec}]; p != nil {
		return p.session.Peer()
	}
	return 0
}

// openLink lets messages flow between the scheduler function and the present attempt of t.
func (s *GoTaskScheduler) openLink(now time.Time, t *task) {
	p := s.peerOf(now, t)
	if err := p.session.OpenTask(now, t.id()); err != nil {
		s.log.Error("messages of a task cannot be carried", "task", t.name, "err", err)
	}
	s.flushOutbox(now, t)
}

// closeLink ends the messages of the present attempt. What the attempt had sent is handed on first; what it had not taken
// is dropped, for it was meant for this attempt.
func (s *GoTaskScheduler) closeLink(now time.Time, t *task) {
	p := s.peers[peerKey{t.agent.ID, t.exec}]
	if p == nil {
		return
	}
	s.takeIn(now, p)
	if n := len(p.session.CloseTask(now, t.id())); n > 0 {
		s.log.Info("messages to an ended task dropped", "task", t.name, "attempt", t.attempt, "count", n)
	}
	if t.intent != intentRestart {
		s.clearOutbox(t)
	}
	s.touch(p)
}

// clearOutbox drops what the link has not taken yet.
func (s *GoTaskScheduler) clearOutbox(t *task) {
	if len(t.outbox) == 0 {
		return
	}
	s.log.Info("messages to an ending task dropped", "task", t.name, "attempt", t.attempt, "count", len(t.outbox))
	t.outbox, t.outboxBytes = nil, 0
	s.roomMade()
}

// lastWords takes in the messages that rode in a terminal update, before the end itself is told.
func (s *GoTaskScheduler) lastWords(now time.Time, t *task, words []byte) {
	p := s.peers[peerKey{t.agent.ID, t.exec}]
	if p == nil || len(words) == 0 {
		return
	}
	if err := p.session.ReceiveLastWords(now, t.id(), words); err != nil {
		s.log.Warn("last messages of a task are unreadable", "task", t.name, "err", err)
		return
	}
	s.takeIn(now, p)
}

// message takes an envelope of an executor in.
func (s *GoTaskScheduler) message(now time.Time, m *scheduler.Event_Message) {
	p := s.peers[peerKey{m.AgentID.Value, m.ExecutorID.Value}]
	if p == nil {
		return // of an executor without tasks of ours
	}
	if err := p.session.Receive(now, m.Data); err != nil {
		s.log.Warn("envelope refused", "agent", m.AgentID.Value, "err", err)
		return
	}
	s.takeIn(now, p)
	s.touch(p)
}

// takeIn passes on what the session of p has received.
func (s *GoTaskScheduler) takeIn(now time.Time, p *peer) {
	for {
		m, ok := p.session.Next()
		if !ok {
			break
		}
		name, _, _ := splitTaskID(m.Task)
		message := TaskMsg{TaskName: name, MessageData: string(m.Data)}
		if s.cfg.ExplicitConfirm {
			s.unconfirmed[name] = append(s.unconfirmed[name], receipt{p, m.Task, m.Seq})
			s.inPump.push(message, nil)
			continue
		}
		s.inPump.push(message, func() { s.confirm(p, m.Task, m.Seq) })
	}
	for {
		event, ok := p.session.NextEvent()
		if !ok {
			break
		}
		switch event.Kind {
		case link.TaskWritable:
			if t := s.current(event.Task); t != nil {
				s.flushOutbox(now, t)
			}
		case link.VersionMismatch:
			s.emit(SchedEvent{
				Kind: EventError, Time: now, Agent: s.agentRef(p.key.agent), Executor: p.key.executor,
				Reason: "VERSION_MISMATCH", Text: fmt.Sprintf("executor speaks another version of the message protocol: %v", event.Err),
			})
		case link.StalePeer:
			s.log.Warn("messages of an earlier executor process ignored", "agent", p.key.agent)
		}
	}
}

func (s *GoTaskScheduler) confirm(p *peer, id string, seq uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.session.Confirm(time.Now(), id, seq)
	s.touch(p)
}

// receipt is a message that was handed to the scheduler function.
type receipt struct {
	peer *peer
	id   string
	seq  uint64
}

// confirmTaken confirms the oldest count messages of a task. Those of an attempt that has ended need no confirmation any
// more, but count.
func (s *GoTaskScheduler) confirmTaken(name string, count int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	receipts := s.unconfirmed[name]
	count = min(count, len(receipts))
	if count <= 0 {
		return
	}
	now := time.Now()
	for _, r := range receipts[:count] {
		r.peer.session.Confirm(now, r.id, r.seq)
		s.touch(r.peer)
	}
	if s.unconfirmed[name] = receipts[count:]; count == len(receipts) {
		delete(s.unconfirmed, name)
	}
}

// current returns the task whose present attempt has the id.
func (s *GoTaskScheduler) current(id string) *task {
	name, attempt, ok := splitTaskID(id)
	if t := s.tasks[name]; ok && t != nil && t.attempt == attempt && t.live() {
		return t
	}
	return nil
}

// send queues a message for its task and waits while the task's outbox is full.
func (s *GoTaskScheduler) send(ctx context.Context, m TaskMsg) error {
	if len(m.MessageData) > MaxMessageBytes {
		return fmt.Errorf("message to %s: %w", m.TaskName, tooLarge(len(m.MessageData)))
	}
	for {
		room, err := s.trySend(m)
		if room == nil {
			return err
		}
		select {
		case <-room:
		case <-s.ending:
			return fmt.Errorf("message to %s: %w", m.TaskName, ErrStopped)
		case <-ctx.Done():
			return fmt.Errorf("message to %s: %w", m.TaskName, context.Cause(ctx))
		}
	}
}

// trySend queues m, or returns a channel that is closed when it is worth trying again.
func (s *GoTaskScheduler) trySend(m TaskMsg) (room <-chan struct{}, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tasks[m.TaskName]
	switch {
	case s.ended:
		return nil, fmt.Errorf("message to %s: %w", m.TaskName, ErrStopped)
	case t == nil:
		return nil, fmt.Errorf("message to %q: %w", m.TaskName, ErrUnknownTask)
	case t.state.Terminal(), t.intent == intentKill:
		return nil, fmt.Errorf("message to %s: %w", m.TaskName, ErrTaskEnded)
	case len(t.outbox) >= maxOutboxMessages || t.outboxBytes >= maxOutboxBytes:
		return s.room, nil
	}
	t.outbox = append(t.outbox, m.MessageData)
	t.outboxBytes += len(m.MessageData)
	if t.live() {
		s.flushOutbox(time.Now(), t)
	}
	return nil, nil
}

// flushOutbox hands the link what it has room for. A task that was told to return gets nothing more: what still comes is
// for its next attempt.
func (s *GoTaskScheduler) flushOutbox(now time.Time, t *task) {
	if len(t.outbox) == 0 || t.state == TaskKilling {
		return
	}
	p := s.peerOf(now, t)
	n := 0
	for _, data := range t.outbox {
		err := p.session.Send(now, t.id(), []byte(data))
		if errors.Is(err, link.ErrWindowFull) {
			break
		}
		if err != nil {
			s.log.Info("message dropped", "task", t.name, "attempt", t.attempt, "err", err)
		}
		t.outboxBytes -= len(data)
		n++
	}
	if n == 0 {
		return
	}
	clear(t.outbox[:n])
	t.outbox = t.outbox[n:]
	s.roomMade()
	s.touch(p)
}

func (s *GoTaskScheduler) roomMade() {
	close(s.room)
	s.room = make(chan struct{})
}

// touch has the message lane look at p.
func (s *GoTaskScheduler) touch(p *peer) {
	p.due = time.Time{}
	poke(s.wakeLink)
	poke(s.settled)
}

// sendMessages is the lane of the link's envelopes. One at a time is on its way; what comes up meanwhile goes together. Once
// last is closed it makes the calls that it has begun with, and ends.
func (s *GoTaskScheduler) sendMessages(ctx context.Context, last <-chan struct{}) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		calls, next := s.dueMessages(time.Now())
		for _, call := range calls {
			if err := s.driver.Call(ctx, call); err != nil && ctx.Err() == nil {
				s.log.Debug("message not delivered; it will be sent again", "err", err)
			}
		}
		if isClosed(last) {
			return
		}
		if len(calls) > 0 {
			continue
		}
		timer.Reset(untilNext(next))
		select {
		case <-last:
			return
		case <-s.wakeLink:
		case <-timer.C:
		case <-ctx.Done():
			return
		}
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// sendConfirmations tells the executors what the scheduler function has taken, so that they do not hand it to a successor.
// It waits for the end of the message lane, which may have confirmations on their way.
func (s *GoTaskScheduler) sendConfirmations(ctx context.Context, deadline time.Time, laneEnded <-chan struct{}) {
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	select {
	case <-laneEnded:
	case <-ctx.Done():
		return // the successor sees some messages twice
	}
	s.mu.Lock()
	for _, p := range s.peers {
		p.due = time.Time{}
	}
	s.mu.Unlock()
	calls, _ := s.dueMessages(time.Now().Add(link.DefaultAckDelay)) // for which they would have waited
	for _, call := range calls {
		if err := s.driver.Call(ctx, call); err != nil {
			return // the successor sees some messages twice
		}
	}
}

// dueMessages returns the MESSAGE calls to make now, and when to look again.
func (s *GoTaskScheduler) dueMessages(now time.Time) (calls []*scheduler.Call, next time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.connected {
		return nil, time.Time{}
	}
	for _, p := range s.peers {
		if now.Before(p.due) {
			next = earlier(next, p.due)
			continue
		}
		envelopes, due := p.session.Poll(now, nil)
		for _, data := range envelopes {
			calls = append(calls, &scheduler.Call{
				Type: scheduler.Call_MESSAGE, FrameworkID: &mesosv1.FrameworkID{Value: s.frameworkID},
				Message: &scheduler.Call_Message{
					AgentID: mesosv1.AgentID{Value: p.key.agent}, ExecutorID: mesosv1.ExecutorID{Value: p.key.executor}, Data: data,
				},
			})
		}
		p.due = due
		next = earlier(next, due)
	}
	return calls, next
}

// earlier returns the earlier of two times; the zero time is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

// flushed reports whether everything sent to live tasks is confirmed.
func (s *GoTaskScheduler) flushed() bool {
	for _, t := range s.order {
		if t.live() && len(t.outbox) > 0 {
			return false
		}
		if p := s.peers[peerKey{t.agent.ID, t.exec}]; t.live() && p != nil && len(p.session.Unacknowledged(t.id())) > 0 {
			return false
		}
	}
	return true
}
