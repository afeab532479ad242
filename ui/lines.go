package ui

import (
	"context"
	"errors"
	"fmt"
	"io"

	"elevator/internal/elevator"
	"elevator/internal/operator"
)

// Lines writes one line an event to w, as they happen at the scheduler whose
// API is at address, until the stream ends or ctx is done. It redraws nothing
// and so suits pipes, dumb terminals and screen readers.
func Lines(ctx context.Context, address string, w io.Writer) error {
	client, err := operator.NewClient(address)
	if err != nil {
		return err
	}
	defer client.Close()
	var b *elevator.Building
	handle := func(e *elevator.Event) error {
		switch e.Kind {
		case elevator.BuildingLoaded:
			b = e.Detail.Header.Building
		case elevator.SnapshotTaken:
			b = e.Detail.Snapshot.Building
			return nil
		}
		_, err := fmt.Fprintln(w, Sentence(b, e))
		return err
	}
	err = client.Stream(ctx, nil, 0, handle, func() {})
	if errors.Is(err, io.EOF) || ctx.Err() != nil {
		return nil
	}
	return err
}
