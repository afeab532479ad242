package tasks

import (
	"log/slog"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/motion"
	"elevator/internal/elevator/traffic"
)

// Journal is where the scheduler function writes events; journal.Writer is one.
type Journal interface {
	Append(*elevator.Event) error // sets the event's sequence number
	Flush() error                 // after an error, writes what is still owed
	// Durable returns the number of the last event that survives the machine: a
	// disk need not have yet what was written after it.
	Durable() uint64
}

// Config says what a Scheduler runs.
type Config struct {
	Building   *elevator.Building
	Law        *motion.Law // of Building
	Dispatcher dispatch.Dispatcher
	Parker     dispatch.Parker // parks the cars instead of the Dispatcher; nil: that does
	Source     traffic.Source
	Header     elevator.Header // the journal's first line but for the wall time
	Speed      float64         // of the building's clock; over a takeover it stays the same
	Duration   time.Duration   // the run lasts at least this long, in the building's time
	Endless    bool            // the run goes on although nobody will arrive any more
	Journal    Journal
	// Resume is the run to go on with; nil begins a new one. The Journal then
	// continues the recovered one, whose group becomes the Scheduler's.
	Resume *Resume
	// Publish hands journaled events to the operators' API.
	Publish func([]elevator.Event) error
	// ClockSet is told the building's clock: when its time begins, when it is known
	// after a takeover, and when a task turns out to know better. May be nil.
	ClockSet func(Clock)
	// RestartTask has the cluster start a task anew. It is called between two
	// steps of the scheduler function and must not wait for it.
	RestartTask func(task string) error
	// Decided is told how long the dispatcher of that name took to decide. May be
	// nil.
	Decided func(dispatcher string, took time.Duration)
	Logger  *slog.Logger
}
