package link

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// world runs two sessions with their applications over two carriers in simulated time, and knows what is right.
type world struct {
	rng      *rand.Rand
	now      time.Duration
	opt      worldOptions
	down, up *carrier // to the executor, to the scheduler
	sched    *Session
	exec     *Session
	dueSched time.Time
	dueExec  time.Time
	epoch    uint64

	tasks   []*taskModel // of the current executor process
	retired []*taskModel
	started int
	sent    int
	log     []string
}

type worldOptions struct {
	tasks     int
	messages  int // in all
	loss      float64
	truncate  float64
	cuts      float64 // chance for each step
	restarts  float64 // of either side, chance for each step
	finishes  float64 // of a task, chance for each step
	journal   bool    // the scheduler remembers what it confirmed
	window    int
	slowTasks bool // some tasks confirm rarely
}

// taskModel is one incarnation of a task and what each application knows of it.
type taskModel struct {
	id   string
	slow bool

	// Executor to scheduler. Message i of the task, from 1, carries i.
	upSent      uint64
	upConfirmed uint64 // by the scheduler's application, in any epoch
	upHanded    uint64 // in this epoch of the scheduler
	upAny       bool   // upHanded is set

	// Scheduler to executor. Messages carry the scheduler's epoch and a count within it.
	downSent      uint64 // in this epoch
	downEpoch     uint64 // of the last message handed out
	downHanded    uint64 // count of that
	downSeq       uint64
	downConfirmed map[[2]uint64]bool // by the task
	downAll       [][2]uint64        // sent in this epoch
	queueUp       []uint64           // numbers handed out and not confirmed
	queueDown     []Message
	words         []byte // the data of the terminal status update, nil before

	finishing bool // FinishTask called
	closed    bool // at the executor
	told      bool // TaskEnded seen by the scheduler
	orphaned  bool // its executor died; the scheduler has yet to notice
}

var epochStart = time.Date(2024, 8, 1, 0, 0, 0, 0, time.UTC)

func newWorld(seed uint64, opt worldOptions) *world {
	rng := rand.New(rand.NewPCG(seed, 1))
	w := &world{rng: rng, opt: opt, epoch: 1}
	w.down = &carrier{rng: rng, loss: opt.loss, truncate: opt.truncate, maxDelay: 10 * time.Millisecond}
	w.up = &carrier{rng: rng, loss: opt.loss, truncate: opt.truncate, maxDelay: 10 * time.Millisecond}
	w.sched = w.session(Scheduler)
	w.exec = w.session(Executor)
	for range opt.tasks {
		w.startTask()
	}
	w.sched.Reconnected(w.time())
	w.exec.Reconnected(w.time())
	return w
}

func (w *world) time() time.Time { return epochStart.Add(w.now) }

func (w *world) session(side Side) *Session {
	s, err := NewSession(Config{
		Side: side, Epoch: w.epoch, Build: "test", Seed: w.rng.Uint64(),
		WindowMessages: w.opt.window, MaxEnvelopeBytes: 2048, WindowBytes: 8192, MaxInFlightBytes: 16384,
	})
	if err != nil {
		panic(err)
	}
	return s
}

func (w *world) startTask() {
	w.started++
	tm := &taskModel{id: fmt.Sprintf("car-%d.%x", w.started%w.opt.tasks, w.started), downConfirmed: map[[2]uint64]bool{}}
	tm.slow = w.opt.slowTasks && w.rng.IntN(3) == 0
	w.tasks = append(w.tasks, tm)
	must(w.sched.OpenTask(w.time(), tm.id))
	must(w.exec.OpenTask(w.time(), tm.id))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func (w *world) failf(format string, args ...any) error {
	return fmt.Errorf("at %v: %s\n%s", w.now, fmt.Sprintf(format, args...), strings.Join(w.log[max(0, len(w.log)-40):], "\n"))
}

func (w *world) note(format string, args ...any) {
	w.log = append(w.log, fmt.Sprintf("%v ", w.now)+fmt.Sprintf(format, args...))
	if len(w.log) > 1000 {
		w.log = slices.Delete(w.log, 0, 900)
	}
}

func (w *world) find(id string) *taskModel {
	for _, list := range [][]*taskModel{w.tasks, w.retired} {
		for _, tm := range list {
			if tm.id == id {
				return tm
			}
		}
	}
	return nil
}

// run sends all messages and waits until everything has settled.
func (w *world) run() error {
	for w.sent < w.opt.messages {
		if err := w.step(true); err != nil {
			return err
		}
	}
	for _, tm := range w.retired {
		if tm.orphaned && !tm.told {
			if err := w.closeOrphan(tm); err != nil {
				return err
			}
		}
	}
	for limit := w.now + 10*time.Minute; w.unsettled() != ""; {
		if w.now > limit {
			return w.failf("not settled after ten minutes: %s", w.unsettled())
		}
		if err := w.step(false); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) unsettled() string {
	for _, tm := range w.tasks {
		if tm.upConfirmed < tm.upSent {
			return fmt.Sprintf("%s: %d of %d confirmed by the scheduler", tm.id, tm.upConfirmed, tm.upSent)
		}
		for _, key := range tm.downAll {
			if !tm.downConfirmed[key] {
				return fmt.Sprintf("%s: message %v not confirmed by the task", tm.id, key)
			}
		}
		if n := len(w.sched.Unacknowledged(tm.id)); n > 0 {
			return fmt.Sprintf("%s: %d messages kept by the scheduler", tm.id, n)
		}
		if n := len(w.exec.Unacknowledged(tm.id)); n > 0 {
			return fmt.Sprintf("%s: %d messages kept by the executor", tm.id, n)
		}
	}
	for _, tm := range w.retired {
		if !tm.orphaned && tm.upConfirmed < tm.upSent {
			return fmt.Sprintf("%s: %d of %d last messages confirmed", tm.id, tm.upConfirmed, tm.upSent)
		}
		if tm.closed && !tm.told {
			return fmt.Sprintf("%s: its end was not told", tm.id)
		}
	}
	return ""
}

// step advances time to the next thing that happens and lets it happen.
func (w *world) step(busy bool) error {
	next := w.now + time.Hour
	if busy {
		next = w.now + time.Duration(w.rng.Int64N(int64(2*time.Millisecond)))
	}
	for _, c := range []*carrier{w.down, w.up} {
		c.sort()
		if len(c.under) > 0 {
			next = min(next, c.under[0].at)
		}
	}
	next = min(next, w.dueSched.Sub(epochStart), w.dueExec.Sub(epochStart), w.now+100*time.Millisecond)
	w.now = max(w.now, next)

	for _, envelope := range w.up.arrivals(w.now) {
		_ = w.sched.Receive(w.time(), envelope) // damaged ones are as good as lost
	}
	for _, envelope := range w.down.arrivals(w.now) {
		_ = w.exec.Receive(w.time(), envelope)
	}
	if busy {
		if err := w.disturb(); err != nil {
			return err
		}
		w.produce()
	}
	if err := w.consume(!busy); err != nil {
		return err
	}
	w.flush()
	return nil
}

func (w *world) flush() {
	var out [][]byte
	out, w.dueSched = w.sched.Poll(w.time(), nil)
	for _, envelope := range out {
		w.down.send(w.now, envelope)
	}
	out, w.dueExec = w.exec.Poll(w.time(), nil)
	for _, envelope := range out {
		w.up.send(w.now, envelope)
	}
}

func (w *world) disturb() error {
	switch {
	case w.rng.Float64() < w.opt.cuts:
		w.note("cut")
		w.down.cut(w.now)
		w.up.cut(w.now)
		if w.rng.IntN(2) == 0 {
			w.sched.Reconnected(w.time())
		}
		if w.rng.IntN(2) == 0 {
			w.exec.Reconnected(w.time())
		}
	case w.rng.Float64() < w.opt.restarts:
		if w.rng.IntN(2) == 0 {
			w.restartScheduler()
		} else {
			return w.restartExecutor()
		}
	case w.rng.Float64() < w.opt.finishes:
		w.finishTask(w.rng.IntN(len(w.tasks)))
	}
	return nil
}

func (w *world) restartScheduler() {
	w.epoch++
	w.note("scheduler restarts as %d", w.epoch)
	w.down.cut(w.now)
	w.up.cut(w.now)
	w.sched = w.session(Scheduler)
	for _, tm := range append(slices.Clone(w.tasks), w.retired...) {
		tm.downSent, tm.downAll, tm.queueUp, tm.upAny = 0, nil, nil, false
		if tm.closed && tm.words == nil {
			continue
		}
		if w.opt.journal {
			must(w.sched.ResumeTask(w.time(), tm.id, tm.upConfirmed))
		} else {
			must(w.sched.OpenTask(w.time(), tm.id))
		}
	}
	w.retired = slices.DeleteFunc(w.retired, func(tm *taskModel) bool { return tm.orphaned || tm.closed && tm.words == nil })
	w.sched.Reconnected(w.time())
}

func (w *world) restartExecutor() error {
	if err := w.consume(false); err != nil {
		return err
	}
	w.epoch++
	w.note("executor restarts as %d", w.epoch)
	w.down.cut(w.now)
	w.up.cut(w.now)
	w.exec = w.session(Executor)
	w.exec.Reconnected(w.time())
	old, orphans := slices.Clone(w.tasks), []*taskModel(nil)
	for _, tm := range w.retired {
		if tm.closed {
			orphans = append(orphans, tm)
		} else {
			old = append(old, tm)
		}
	}
	w.retired = orphans
	for range w.tasks {
		w.startTask()
	}
	w.tasks = w.tasks[w.opt.tasks:]
	patient := w.rng.IntN(2) == 0
	for _, tm := range old {
		tm.orphaned, tm.closed, tm.queueDown = true, true, nil
		if patient {
			w.retired = append(w.retired, tm)
		} else if err := w.closeOrphan(tm); err != nil {
			return err
		}
	}
	return nil
}

// closeOrphan is what an application does when Mesos tells it that the task has failed.
func (w *world) closeOrphan(tm *taskModel) error {
	undelivered := w.sched.CloseTask(w.time(), tm.id)
	if tm.told {
		return nil
	}
	tm.told = true
	return w.bury(tm, undelivered)
}

// finishTask ends a task in one of the two ways and starts its successor.
func (w *world) finishTask(i int) {
	tm := w.tasks[i]
	w.tasks = slices.Delete(w.tasks, i, i+1)
	w.retired = append(w.retired, tm)
	w.startTask()
	if w.rng.IntN(2) == 0 {
		w.note("%s finishes", tm.id)
		tm.finishing = true
		must(w.exec.FinishTask(w.time(), tm.id))
		return
	}
	w.note("%s says its last words", tm.id)
	words, omitted, err := w.exec.LastWords(tm.id, 1<<20)
	must(err)
	if len(omitted) > 0 {
		panic("last words did not fit")
	}
	tm.queueDown = nil
	w.exec.CloseTask(w.time(), tm.id)
	tm.closed, tm.words = true, words
}

// updateStatus delivers terminal status updates, which Mesos does reliably.
func (w *world) updateStatus(all bool) {
	for _, tm := range w.retired {
		if tm.words != nil && (all || w.rng.IntN(10) == 0) {
			must(w.sched.ReceiveLastWords(w.time(), tm.id, tm.words))
			tm.words = nil
		}
	}
}

func (w *world) produce() {
	for range w.rng.IntN(4) {
		tm := w.tasks[w.rng.IntN(len(w.tasks))]
		padding := strings.Repeat("x", w.rng.IntN(40))
		if w.rng.IntN(50) == 0 {
			padding = strings.Repeat("y", w.rng.IntN(4000))
		}
		if w.rng.IntN(2) == 0 {
			if w.exec.Send(w.time(), tm.id, fmt.Appendf(nil, "%d %s", tm.upSent+1, padding)) == nil {
				tm.upSent++
				w.sent++
			}
			continue
		}
		key := [2]uint64{w.sched.cfg.Epoch, tm.downSent + 1}
		if w.sched.Send(w.time(), tm.id, fmt.Appendf(nil, "%d %d %s", key[0], key[1], padding)) == nil {
			tm.downSent++
			tm.downAll = append(tm.downAll, key)
			w.sent++
		}
	}
}

func (w *world) consume(all bool) error {
	w.updateStatus(all)
	for m, ok := w.sched.Next(); ok; m, ok = w.sched.Next() {
		if err := w.handUp(m); err != nil {
			return err
		}
	}
	for m, ok := w.exec.Next(); ok; m, ok = w.exec.Next() {
		if err := w.handDown(m); err != nil {
			return err
		}
	}
	for _, tm := range append(slices.Clone(w.tasks), w.retired...) {
		if !all && (w.rng.IntN(4) == 0 || tm.slow && w.rng.IntN(200) > 0) {
			continue
		}
		if len(tm.queueUp) > 0 {
			n := 1 + w.rng.IntN(len(tm.queueUp))
			tm.upConfirmed = tm.queueUp[n-1]
			w.sched.Confirm(w.time(), tm.id, tm.upConfirmed)
			tm.queueUp = slices.Delete(tm.queueUp, 0, n)
		}
		if len(tm.queueDown) > 0 && !tm.closed {
			n := 1 + w.rng.IntN(len(tm.queueDown))
			for _, m := range tm.queueDown[:n] {
				var key [2]uint64
				fmt.Sscanf(string(m.Data), "%d %d", &key[0], &key[1])
				tm.downConfirmed[key] = true
			}
			w.exec.Confirm(w.time(), tm.id, tm.queueDown[n-1].Seq)
			tm.queueDown = slices.Delete(tm.queueDown, 0, n)
		}
	}
	return w.consumeEvents()
}

// handUp checks a message that the scheduler's application gets.
func (w *world) handUp(m Message) error {
	tm := w.find(m.Task)
	if tm == nil {
		return w.failf("scheduler: message of unknown task %s", m.Task)
	}
	var number uint64
	fmt.Sscanf(string(m.Data), "%d", &number)
	if number != m.Seq {
		return w.failf("scheduler: %s: message %d has number %d", m.Task, number, m.Seq)
	}
	want := tm.upHanded + 1
	switch {
	case !tm.upAny && w.opt.journal:
		want = tm.upConfirmed + 1
	case !tm.upAny:
		want = min(m.Seq, tm.upConfirmed+1)
	}
	if m.Seq != want {
		return w.failf("scheduler: %s: got message %d, want %d", m.Task, m.Seq, want)
	}
	tm.upHanded, tm.upAny = m.Seq, true
	if m.Seq > tm.upConfirmed {
		tm.queueUp = append(tm.queueUp, m.Seq)
	} else {
		w.sched.Confirm(w.time(), tm.id, m.Seq)
	}
	return nil
}

// handDown checks a message that a task gets.
func (w *world) handDown(m Message) error {
	tm := w.find(m.Task)
	if tm == nil || tm.closed {
		return w.failf("executor: message of unknown task %s", m.Task)
	}
	var epoch, count uint64
	fmt.Sscanf(string(m.Data), "%d %d", &epoch, &count)
	if epoch < tm.downEpoch || epoch == tm.downEpoch && count != tm.downHanded+1 || epoch > tm.downEpoch && count != 1 {
		return w.failf("executor: %s: message %d/%d after %d/%d", m.Task, epoch, count, tm.downEpoch, tm.downHanded)
	}
	if m.Seq != tm.downSeq+1 {
		return w.failf("executor: %s: number %d after %d", m.Task, m.Seq, tm.downSeq)
	}
	tm.downEpoch, tm.downHanded, tm.downSeq = epoch, count, m.Seq
	tm.queueDown = append(tm.queueDown, m)
	return nil
}

func (w *world) consumeEvents() error {
	for event, ok := w.exec.NextEvent(); ok; event, ok = w.exec.NextEvent() {
		switch event.Kind {
		case TaskDrained:
			tm := w.find(event.Task)
			w.note("%s drained", tm.id)
			if tm.upConfirmed != tm.upSent {
				return w.failf("%s drained with %d of %d confirmed", tm.id, tm.upConfirmed, tm.upSent)
			}
			words, _, err := w.exec.LastWords(tm.id, 1<<20)
			must(err)
			tm.queueDown, tm.closed, tm.words = nil, true, words
			if left := w.exec.CloseTask(w.time(), tm.id); len(left) > 0 {
				return w.failf("%s drained with %d messages left", tm.id, len(left))
			}
		case TaskEnded, VersionMismatch:
			return w.failf("executor: unexpected %v %+v", event.Kind, event)
		}
	}
	for event, ok := w.sched.NextEvent(); ok; event, ok = w.sched.NextEvent() {
		if event.Kind != TaskEnded {
			continue
		}
		tm := w.find(event.Task)
		w.note("%s ended: %v", event.Task, event.Cause)
		if tm == nil {
			return w.failf("unknown task %s ended", event.Task)
		}
		if event.Cause != Finished && !tm.closed {
			return w.failf("%s ended, %v", event.Task, event.Cause)
		}
		if event.Cause == Finished && (event.Missing > 0 || tm.upHanded != tm.upSent && tm.upConfirmed != tm.upSent) {
			return w.failf("%s ended with %d missing, %d of %d handed out", event.Task, event.Missing, tm.upHanded, tm.upSent)
		}
		if err := w.bury(tm, event.Undelivered); err != nil {
			return err
		}
		tm.told = true
	}
	return nil
}

// bury checks that nothing sent to a task that is over vanished: each message was confirmed or is returned.
func (w *world) bury(tm *taskModel, undelivered []Message) error {
	returned := map[[2]uint64]bool{}
	for _, m := range undelivered {
		var key [2]uint64
		fmt.Sscanf(string(m.Data), "%d %d", &key[0], &key[1])
		returned[key] = true
	}
	for _, key := range tm.downAll {
		if !tm.downConfirmed[key] && !returned[key] {
			return w.failf("%s: message %v neither confirmed nor returned", tm.id, key)
		}
	}
	return nil
}
