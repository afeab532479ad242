// Package journal keeps a run's events on disk: one JSON object a line, the
// same from a simulation and from a cluster (see elevator.AppendEvent).
//
// A Writer numbers events, holds their lines in memory and writes them in
// groups: Append costs some hundred nanoseconds, Flush one write. What was
// flushed survives the process; what was synced survives the machine. Where a
// limit is set, the Writer goes on in a new file from time to time: run.ndjson
// becomes run.1.ndjson, the next time run.2.ndjson, and the new run.ndjson
// begins with a building line and a snapshot of the group, so that each file
// can be read by itself.
//
// A Reader goes through one or several files and checks that they are a
// journal: that lines are whole, numbers without gaps, times not decreasing.
// Where lines carry checksums (Config.Checksums: those of a run do, those of a
// simulation, which can be repeated, do not) it sees every other damage, too: one
// flipped bit it flips back, and lines beyond that it names and passes over.
// Without them a changed digit that leaves a possible event goes unseen.
//
// A journal of a later format (see elevator.JournalFormat) is read as far as this
// version knows what it says; how many lines said more is counted.
//
// A process that dies while it writes leaves its last line torn; that is no
// error but reported, and Recover cuts it off and returns the group as it was
// then, with what cannot be read any more.
//
// The file being written is locked (flock) against a second Writer and against
// Recover. A Writer and a Reader each belong to one goroutine, but for a Writer's
// Counts, Durable and Failing, which anybody may ask. A Writer that syncs in the
// background owns a second goroutine, which Close waits for.
package journal
