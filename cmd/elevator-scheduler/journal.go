package main

import (
	"cmp"
	"slices"

	"elevator/internal/elevator"
	"elevator/internal/journal"
	"elevator/internal/metrics"
	"elevator/internal/operator"
)

// publisher hands journaled events on to the hub. What the journal puts at the
// beginning of a new file stands among the events of the batch in which the
// last one became full, and is published with them, in the order of the
// numbers. It belongs to whoever writes the journal.
type publisher struct {
	hub     *operator.Hub
	rotated []elevator.Event // building and snapshot lines that were not published yet
}

// keep is the journal's Rotated.
func (p *publisher) keep(e *elevator.Event) { p.rotated = append(p.rotated, *e) }

// publish publishes events and whatever was kept.
func (p *publisher) publish(events []elevator.Event) error {
	if len(p.rotated) == 0 {
		return p.hub.Publish(events)
	}
	all := append(p.rotated, events...)
	p.rotated = nil
	slices.SortFunc(all, func(a, b elevator.Event) int { return cmp.Compare(a.Seq, b.Seq) })
	return p.hub.Publish(all)
}

// journalConfig says how a run's journal is written.
func (p *runPlan) journalConfig(timing *metrics.Journal, publisher *publisher) journal.Config {
	return journal.Config{
		Path: p.state.journal, Building: p.building,
		MaxBytes: int64(p.options.journalSize) << 20, Keep: p.options.journalKeep,
		Checksums: true, SyncInBackground: !p.state.temporary, Synced: timing.Synced, Rotated: publisher.keep,
	}
}
