// Package journal is the event log on disk: NDJSON, one event a line, in the
// form of elevator.AppendEvent.
//
// A Writer numbers events as they are appended and keeps their lines until
// Flush, which writes them with one system call; Sync makes them survive a
// power failure. Each file begins with a building line. A Writer belongs to one
// goroutine.
package journal
