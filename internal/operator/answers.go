package operator

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

// mostAnswers is how many commands are remembered by their request ids.
const mostAnswers = 1024

// answer is what became of a command.
type answer struct {
	status     int
	body       any
	retryAfter time.Duration
}

// refusal returns the answer to a command that was not carried out.
func refusal(status int, format string, args ...any) answer {
	return answer{status: status, body: errorBody{fmt.Sprintf(format, args...)}}
}

// answers remembers the latest commands and what became of them, so that a
// command that is sent again after a broken connection is answered and not
// carried out again.
type answers struct {
	mu    sync.Mutex // guards all below
	byID  map[string]*remembered
	order []*remembered // a ring of all that were ever remembered, the oldest at next
	next  int
}

// remembered is one command that was given.
type remembered struct {
	command Command
	by      string
	done    chan struct{} // closed when answer is there
	answer  answer
}

func newAnswers(most int) *answers {
	return &answers{byID: make(map[string]*remembered), order: make([]*remembered, most)}
}

// begin returns the record of the command's request id, and whether it is new,
// so that the caller must carry the command out and call end. It is nil, with
// an answer, where the id was used for another command, or where all that is
// remembered is still being carried out.
func (a *answers) begin(by string, c *Command) (r *remembered, first bool, refused answer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if r := a.byID[c.RequestID]; r != nil {
		if r.by != by || !r.command.same(c) {
			return nil, false, refusal(http.StatusConflict, "request_id %s was used for another command; want one that no other command has", c.RequestID)
		}
		return r, false, answer{}
	}
	if oldest := a.order[a.next]; oldest != nil {
		select {
		case <-oldest.done:
		default:
			refused = refusal(http.StatusServiceUnavailable, "%d commands are being carried out, which is all that are taken at a time", len(a.order))
			refused.retryAfter = time.Second
			return nil, false, refused
		}
		// Its id may have been used again after it was forgotten.
		if a.byID[oldest.command.RequestID] == oldest {
			delete(a.byID, oldest.command.RequestID)
		}
	}
	r = &remembered{command: *c, by: by, done: make(chan struct{})}
	a.byID[c.RequestID] = r
	a.order[a.next] = r
	a.next = (a.next + 1) % len(a.order)
	return r, true, answer{}
}

// end gives the answer to those who wait for it. One that is not final is
// forgotten: the same command may be given again.
func (a *answers) end(r *remembered, got answer, final bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	r.answer = got
	close(r.done)
	if !final {
		delete(a.byID, r.command.RequestID)
	}
}
