package tasks

import (
	"context"
	"errors"
	"fmt"

	"elevator/internal/elevator"
	"elevator/internal/elevator/group"
)

// ErrNotStarted says that the group takes no commands yet: its tasks do not
// run, or it has ended.
var ErrNotStarted = errors.New("the group does not run")

// request is an operator's command on its way to the scheduler function.
type request struct {
	command group.Command
	answer  chan<- answer // of capacity 1
}

type answer struct {
	result string
	err    error
}

// Command hands a command to the scheduler function and returns what became of
// it once the group has decided: group.Accepted, or why not. It fails with
// ErrNotStarted while the group does not run, and with ctx's error.
func (s *Scheduler) Command(ctx context.Context, cmd group.Command) (string, error) {
	reply := make(chan answer, 1)
	select {
	case s.requests <- request{cmd, reply}:
	case <-s.ended:
		return "", ErrNotStarted
	case <-ctx.Done():
		return "", fmt.Errorf("hand the command to the group: %w", ctx.Err())
	}
	select {
	case a := <-reply:
		return a.result, a.err
	case <-s.ended:
		return "", ErrNotStarted
	case <-ctx.Done():
		return "", fmt.Errorf("wait for the group's answer: %w", ctx.Err())
	}
}

// obey steps the group control with a command and answers it.
func (s *Scheduler) obey(r request) {
	if !s.started {
		r.answer <- answer{err: ErrNotStarted}
		return
	}
	cmd := r.command
	s.step(s.now(), &group.Input{From: group.Operator, Command: &cmd})
	result := group.Accepted // one that was given before is not journaled again
	for i := range s.outputs {
		if e := &s.outputs[i].Event; e.Kind == elevator.CommandGiven {
			result = e.Detail.Result
			break
		}
	}
	r.answer <- answer{result: result}
}
