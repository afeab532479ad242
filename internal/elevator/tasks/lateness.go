package tasks

import "time"

const (
	// shortestWindow and longestWindow bound how long, in wall time, an event is
	// held back from the journal so that events of other tasks that happened
	// before can still arrive.
	shortestWindow = 250 * time.Millisecond
	longestWindow  = 2 * time.Second
	// lateMemory is how long a late message lengthens the window.
	lateMemory = 10 * time.Second
)

// lateness measures how late messages arrive, by their owners' times, and how
// long events have to be held back for it: twice the worst of late. On a
// machine with time to spare that is the shortest window.
type lateness struct {
	worst, before time.Duration // since the time below, and in the period before
	since         time.Time
}

// arrived takes note of a message that arrived late by the wall time given.
func (l *lateness) arrived(wall time.Time, late time.Duration) {
	if wall.Sub(l.since) >= lateMemory {
		l.before, l.worst, l.since = l.worst, 0, wall
	}
	l.worst = max(l.worst, late)
}

// window returns how long events are to be held back.
func (l *lateness) window() time.Duration {
	return min(max(shortestWindow, 2*max(l.worst, l.before)), longestWindow)
}
