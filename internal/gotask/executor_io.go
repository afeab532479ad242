package gotask

import (
	"context"
	"io"
	"log/slog"
)

// taskIO is the TaskIO of a running task, on top of its channels.
type taskIO struct{ t *execTask }

func (t taskIO) Name() string           { return t.t.data.Name }
func (t taskIO) Index() int             { return t.t.data.Index }
func (t taskIO) Attempt() int           { return t.t.data.Attempt }
func (t taskIO) Args() []string         { return t.t.args }
func (t taskIO) Env() map[string]string { return t.t.env }
func (t taskIO) Logger() *slog.Logger   { return t.t.log }

func (t taskIO) Recv(ctx context.Context) (TaskMsg, error) {
	select {
	case m, ok := <-t.t.in:
		if !ok {
			return TaskMsg{}, io.EOF
		}
		return m, nil
	case <-ctx.Done():
		if t.t.ctx.Err() != nil {
			return TaskMsg{}, io.EOF // ctx may well be derived from the task's own
		}
		return TaskMsg{}, ctx.Err()
	}
}

func (t taskIO) Send(ctx context.Context, data string) error {
	if len(data) > MaxMessageBytes {
		return tooLarge(len(data))
	}
	if ctx == t.t.ctx {
		ctx = context.WithoutCancel(ctx) // last words may be sent after the task was told to return
	}
	select {
	case t.t.out <- TaskMsg{TaskName: t.t.data.Name, MessageData: data}:
		return nil
	case <-t.t.hurry:
		return ErrStopped
	case <-t.t.returned:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
}
