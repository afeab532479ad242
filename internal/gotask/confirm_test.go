package gotask_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"elevator/internal/gotask"
	"elevator/internal/gotask/gotasktest"
)

// contextSched is a scheduler function in its context form.
type contextSched func(ctx context.Context, io gotask.SchedIO) error

func (f contextSched) RunSchedContext(ctx context.Context, io gotask.SchedIO) error {
	return f(ctx, io)
}

// A scheduler function that confirms messages itself leaves the others to its
// successor, whichever way it ends, and has nothing sent again meanwhile.
func TestSuccessorGetsWhatWasNotConfirmed(t *testing.T) {
	play(t, gotasktest.ClusterConfig{}, func(sc *scene) {
		const sent, confirmed = 100, 37
		sc.config.OnExit = gotask.KeepOnExit
		sc.config.ExplicitConfirm = true
		observer := &linkObserver{}
		sc.config.Observer = observer
		scheduler := func(f contextSched) *gotask.GoTaskScheduler {
			sc.config.Driver = sc.cluster.Driver()
			s, err := gotask.NewGoTaskScheduler(sc.config)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.RegisterSchedContext(f); err != nil {
				t.Fatal(err)
			}
			spawn(t, s, gotask.TaskSpec{Name: "echo", Count: 1})
			return s
		}
		ctx, stop := context.WithCancel(sc.t.Context())
		first := scheduler(func(ctx context.Context, io gotask.SchedIO) error {
			<-io.In // hello
			for i := range sent {
				if err := io.Send(ctx, gotask.TaskMsg{TaskName: "echo-0", MessageData: fmt.Sprint(i)}); err != nil {
					return err
				}
			}
			for range sent {
				<-io.In
			}
			io.Confirm("echo-0", 1+confirmed)
			io.Confirm("echo-1", 1) // there is no such task
			time.Sleep(time.Minute) // virtual: nothing is sent again
			stop()
			<-ctx.Done()
			return nil
		})
		if err := first.Run(ctx); ctx.Err() == nil {
			t.Fatalf("first Run: %v", err)
		}
		if observer.resent > 0 {
			t.Errorf("%d messages were sent again for want of a confirmation", observer.resent)
		}
		second := scheduler(func(ctx context.Context, io gotask.SchedIO) error {
			for i := confirmed; i < sent; i++ {
				if m := <-io.In; m.MessageData != fmt.Sprint(i) {
					t.Errorf("message %q, want %d", m.MessageData, i)
				}
			}
			io.Confirm("echo-0", 1000) // more than there are
			return nil
		})
		if err := second.Run(sc.t.Context()); err != nil {
			t.Errorf("second Run: %v", err)
		}
	})
}

// linkObserver keeps the greatest number of messages sent again.
type linkObserver struct {
	gotask.NopObserver
	resent uint64
}

func (o *linkObserver) Link(_ string, s gotask.LinkStats) { o.resent = max(o.resent, s.Resent) }
