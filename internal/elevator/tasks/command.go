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

// Command hands a command to the scheduler function and returns what became of
// it once the group has decided: group.Accepted, or why not. It fails with
// ErrNotStarted while the group does not run, and with ctx's error.
func (s *Scheduler) Command(ctx context.Context, cmd group.Command) (string, error) {
	return inTurn(ctx, s, "the command", func() string { return s.obey(cmd) })
}

// Explain returns why the lit calls have the cars that they have. It fails as
// Command does.
func (s *Scheduler) Explain(ctx context.Context) (group.Explanation, error) {
	return inTurn(ctx, s, "the question", func() group.Explanation { return s.group.Explain(s.now()) })
}

// inTurn has the scheduler function do something between two of its steps.
func inTurn[T any](ctx context.Context, s *Scheduler, what string, do func() T) (T, error) {
	type answer struct {
		result T
		err    error
	}
	reply := make(chan answer, 1)
	request := func() {
		if !s.started {
			reply <- answer{err: ErrNotStarted}
			return
		}
		reply <- answer{result: do()}
	}
	var none T
	select {
	case s.requests <- request:
	case <-s.ended:
		return none, ErrNotStarted
	case <-ctx.Done():
		return none, fmt.Errorf("hand %s to the group: %w", what, ctx.Err())
	}
	select {
	case a := <-reply:
		return a.result, a.err
	case <-s.ended:
		return none, ErrNotStarted
	case <-ctx.Done():
		return none, fmt.Errorf("wait for the group's answer to %s: %w", what, ctx.Err())
	}
}

// obey steps the group control with a command and returns what became of it.
func (s *Scheduler) obey(cmd group.Command) string {
	s.step(s.now(), &group.Input{From: group.Operator, Command: &cmd})
	for i := range s.outputs {
		if e := &s.outputs[i].Event; e.Kind == elevator.CommandGiven {
			return e.Detail.Result
		}
	}
	return group.Accepted // one that was given before is not journaled again
}
