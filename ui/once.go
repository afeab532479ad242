package ui

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"elevator/internal/elevator"
)

// OnceFormats are the formats that Once knows.
var OnceFormats = []string{"text", "picture", "json"}

// Once writes the state of the groups at cfg.URLs to w and returns: as "text",
// in plain lines that a screen reader can read; as "picture", the group page for a
// terminal of the given size; or as "json", one object a line in the form of GET
// /api/v1/group. It waits for a run that has not begun until ctx is done.
func Once(ctx context.Context, cfg Config, format string, w io.Writer, width, height int) error {
	if err := cfg.validate(); err != nil {
		return err
	}
	if !slices.Contains(OnceFormats, format) {
		return fmt.Errorf("format %q: want %s", format, strings.Join(OnceFormats, " or "))
	}
	if format == "picture" && (width < leastWidth || height < leastHeight) {
		return fmt.Errorf("size %d x %d: want at least %d x %d", width, height, leastWidth, leastHeight)
	}
	for _, address := range cfg.URLs {
		text, err := once(ctx, cfg, address, format, width, height)
		if err != nil {
			return fmt.Errorf("%s: %w", address, err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
	}
	return nil
}

// errSeen ends a stream of which enough was read.
var errSeen = errors.New("seen enough")

func once(ctx context.Context, cfg Config, address, format string, width, height int) (string, error) {
	client, err := cfg.client(address)
	if err != nil {
		return "", err
	}
	defer client.Close()
	m := newModel([]string{address})
	m.readOnly = cfg.ReadOnly
	if cfg.ASCII {
		m.glyphs = asciiGlyphs
	}
	m.update(tickMessage{time.Now()})
	err = client.Stream(ctx, nil, 0, func(e *elevator.Event) error {
		m.update(eventsMessage{0, []elevator.Event{*e}})
		if e.Kind == elevator.SnapshotTaken {
			return errSeen
		}
		return nil
	}, func() {})
	if !errors.Is(err, errSeen) {
		return "", fmt.Errorf("read the group's state: %w", err)
	}
	state, err := client.Group(ctx)
	if err != nil {
		return "", fmt.Errorf("read the group's state: %w", err)
	}
	if format == "json" {
		line, err := json.Marshal(state)
		return string(line) + "\n", err
	}
	var report taskReport
	if err := client.Tasks(ctx, &report); err == nil {
		m.update(tasksMessage{0, report})
	}
	now := time.Now()
	m.update(runMessage{site: 0, now: time.Duration(state.T * float64(time.Second)), at: now, stats: state.Stats})
	m.live().refresh()
	if format == "text" {
		return m.live().description(), nil
	}
	return view(m, width, height).text(), nil
}
