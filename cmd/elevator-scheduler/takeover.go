package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"elevator/internal/elevator"
	"elevator/internal/elevator/tasks"
	"elevator/internal/gotask"
	"elevator/internal/journal"
)

// openRun opens the journal: of the run that a predecessor has left in the
// state directory, which is returned, or else of a new one. A run can be taken
// over as long as its framework is known and was not torn down.
func (p *runPlan) openRun(config journal.Config, publisher *publisher) (*journal.Writer, *tasks.Resume, error) {
	stored, err := gotask.NewFileStore(filepath.Join(p.state.path, frameworkFile)).Load()
	if err != nil {
		return nil, nil, badInputf("--state-dir: %w", err)
	}
	if p.local || stored.FrameworkID == "" {
		log, err := p.newJournal(config)
		return log, nil, err
	}
	last, err := p.state.loadSettings()
	if err != nil {
		return nil, nil, err
	}
	if last.Journal != "" && last.Journal != p.state.journal {
		return nil, nil, p.differs("journal", last.Journal, p.state.journal)
	}
	resume, err := tasks.Recover(p.state.journal)
	if err != nil {
		return nil, nil, badInputf("--state-dir %s: %w; want that file as it was, or 'elevator-scheduler teardown' to end its run", p.state.path, err)
	}
	if resume == nil { // its tasks had not all begun
		log, err := p.newJournal(config)
		return log, nil, err
	}
	if err := p.checkSameRun(resume.Recovered.Header, last); err != nil {
		return nil, nil, err
	}
	if !last.Epoch.IsZero() {
		resume.Epoch = last.Epoch
	}
	p.tellDamage(resume.Recovered)
	// Who was put in charge by a command stays so, unless the one who starts this
	// scheduler says otherwise.
	if chosen := resume.Recovered.Group.Dispatcher; chosen != "" && !p.options.dispatcherGiven {
		if p.entry, err = parkedDispatcher(chosen, p.options.parking, p.building); err != nil {
			return nil, nil, err
		}
	}
	header := p.header()
	header.WallTime = resume.Recovered.Header.WallTime
	log, err := journal.Continue(config, resume.Recovered, header)
	if errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EIO) {
		return nil, nil, err // no fault of who started it, and worth another try
	}
	if err != nil {
		return nil, nil, badInputf("--state-dir %s: %w", p.state.path, err)
	}
	if err := publisher.publish(nil); err != nil {
		p.log.Error("publish the recovered group", "error", err)
	}
	return log, resume, nil
}

// tellDamage logs what of the journal is not as it was written. Whatever tasks
// know of what is lost, they are asked for.
func (p *runPlan) tellDamage(r *journal.Recovered) {
	for _, place := range r.Mended {
		p.log.Warn("the journal is damaged, nothing is lost", "place", place)
	}
	for _, err := range r.Lost {
		p.log.Error("the journal is damaged, events are lost", "error", err)
	}
	if r.Torn > 0 {
		p.log.Warn("the journal's end was torn and is cut off; tasks tell again what was in it", "bytes", r.Torn)
	}
	if r.Passed > 0 {
		p.log.Warn("the journal is of a later version; what only that knows is passed over", "version", r.Header.Version, "lines", r.Passed)
	}
	if err := r.Refused; err != nil {
		p.log.Warn("an event of the journal contradicts those before it and is left out", "error", err)
	}
}

// newJournal begins the journal of a new run. That of the last one keeps its
// content under another name.
func (p *runPlan) newJournal(config journal.Config) (*journal.Writer, error) {
	if err := setJournalAside(p.state.journal); err != nil {
		return nil, badInputf("--journal: %w", err)
	}
	if err := p.saveSettings(time.Time{}); err != nil {
		return nil, err
	}
	log, err := journal.New(config)
	if err != nil {
		return nil, badInputf("--journal: %w", err)
	}
	return log, nil
}

// saveSettings keeps what a successor has to share, and the epoch where the
// journal's is not that of the wall clock.
func (p *runPlan) saveSettings(epoch time.Time) error {
	return p.state.saveSettings(settings{Journal: p.state.journal, Traffic: p.traffic.String(), Epoch: epoch})
}

// header describes the run that the options ask for.
func (p *runPlan) header() elevator.Header {
	return elevator.Header{
		Building: p.building, Speed: p.options.speed, Seed: p.options.seed, Dispatcher: p.entry.Name, Version: version,
		Format: elevator.JournalFormat,
	}
}

// checkSameRun refuses options that would make another run of the one to be
// taken over. Dispatcher and duration may change.
func (p *runPlan) checkSameRun(was *elevator.Header, last settings) error {
	o := &p.options
	switch {
	case !sameBuilding(was.Building, p.building):
		return p.differs("building", "that of the journal ("+cmp.Or(was.Building.Name, "without a name")+")",
			cmp.Or(o.building, "the built-in one"))
	case was.Speed != o.speed:
		return p.differs("speed", was.Speed, o.speed)
	case was.Seed != o.seed:
		return p.differs("seed", was.Seed, o.seed)
	case last.Traffic != "" && last.Traffic != p.traffic.String():
		return p.differs("traffic", last.Traffic, p.traffic)
	}
	return nil
}

func (p *runPlan) differs(flag string, was, is any) error {
	return badInputf("--%s: the run of --state-dir %s goes on with %v, not %v; want the options it was started with, another directory, or 'elevator-scheduler teardown' to end it",
		flag, p.state.path, was, is)
}

// sameBuilding reports whether the journal tells the two buildings apart.
func sameBuilding(a, b *elevator.Building) bool {
	line := func(b *elevator.Building) []byte {
		e := elevator.NewEvent(0, elevator.BuildingLoaded)
		e.Detail = &elevator.Detail{Header: &elevator.Header{Building: b}}
		return elevator.AppendEvent(nil, b, &e)
	}
	return bytes.Equal(line(a), line(b))
}

// takenOver says where a run goes on.
func takenOver(r *tasks.Resume) string {
	g := r.Recovered.Group
	return fmt.Sprintf("goes on with a run at %s s: %d passengers carried, %d waiting, %d riding",
		elevator.AppendSeconds(nil, g.T), g.Carried, g.WaitingTotal(), g.Riding())
}
