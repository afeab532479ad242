// Package alarm says what is abnormal about a group: a pure fold of the events
// that the group itself is the fold of.
//
// A Watch stands between the events and the group: Apply folds an event into
// the group and into group.Alarms. What became abnormal by time alone before
// the event (a long wait, a car that does not arrive) is raised first, at the
// time at which it became so; what the event changes follows. So every reader
// of the same events has the same alarms, whenever it looks, and a snapshot of
// the group hands them on. At adds, for the time that a reader shows, what has
// become abnormal since the last event; it changes nothing, for an event that
// is still on its way may tell that it did not.
//
// An alarm is named by what it is about (stuck:A), and each time that it comes
// again is an entry of its own. Acknowledging is by name and meets all entries
// up to then. It is a command like any other: its event is in the journal, and
// folded here.
//
// A Watch belongs to one goroutine, like its group.
package alarm
