package ui

import (
	"context"
	"errors"
	"fmt"
	"io"

	"elevator/internal/elevator"
)

// Lines writes one line an event to w, as they happen at the first of the
// config's schedulers, until the stream ends or ctx is done. It redraws nothing
// and so suits pipes, dumb terminals and screen readers.
func Lines(ctx context.Context, cfg Config, w io.Writer) error {
	if err := cfg.validate(); err != nil {
		return err
	}
	client, err := cfg.client(cfg.URLs[0])
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
