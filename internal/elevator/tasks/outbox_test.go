package tasks

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"

	"elevator/internal/elevator"
	"elevator/internal/elevator/control"
	"elevator/internal/gotask"
)

// A task that does not read holds up its own outbox only; what has piled up
// leaves together and in order once it reads, and a restart forgets it.
func TestOutbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		reading := make(chan toTask)
		send := func(ctx context.Context, m gotask.TaskMsg) error {
			decoded, err := gotask.Decode[toTask](m)
			if err != nil {
				t.Error(err)
			}
			select {
			case reading <- decoded:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		o := newOutbox("car-0", send, slog.New(slog.DiscardHandler))
		go o.run(ctx)

		message := func(f elevator.FloorIndex) control.Message {
			m := control.NewMessage(control.Park)
			m.Floor = f
			return m
		}
		o.put(0, message(7)) // nobody is there yet
		o.restart(&hello{Speed: 1})
		if m := <-reading; m.Hello == nil || len(m.Messages) > 0 {
			t.Errorf("first came %+v, want a hello", m)
		}
		for f := range elevator.FloorIndex(sendAtOnce + 11) {
			o.put(0, message(f))
			synctest.Wait()
		}
		var floors []elevator.FloorIndex
		for len(floors) < sendAtOnce+11 {
			m := <-reading
			if len(m.Messages) > sendAtOnce {
				t.Errorf("%d messages at once, at most %d", len(m.Messages), sendAtOnce)
			}
			for _, in := range m.Messages {
				floors = append(floors, in.Floor)
			}
		}
		for i, f := range floors {
			if int(f) != i {
				t.Fatalf("message %d is for floor %d", i, f)
			}
		}

		o.put(0, message(1)) // taken by run, which waits for the reader
		synctest.Wait()
		o.put(0, message(2)) // piles up
		o.down()
		o.put(0, message(4)) // nobody is there
		o.restart(&hello{Speed: 1})
		o.put(0, message(3))
		if m := <-reading; m.Messages[0].Floor != 1 {
			t.Errorf("first came %v", m)
		}
		m := <-reading
		if m.Hello == nil || len(m.Messages) != 1 || m.Messages[0].Floor != 3 {
			t.Errorf("after a restart came %+v, want a hello and the message that followed", m)
		}
		stop()
		synctest.Wait()
	})
}
