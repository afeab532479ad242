// Package operator is the building operators' HTTP API, its server and its
// client, and the metrics that Prometheus scrapes.
//
// The scheduler function publishes every journaled event to a Hub. The Hub
// folds the events into its own Group and statistics, like any other reader of
// the journal, and keeps the newest of them encoded in a ring. Snapshots and
// metrics are read from the fold; every reader of the event stream walks the
// ring at its own pace and is cut off when it falls out of it, so a slow
// dashboard costs the scheduler nothing. Data flows out only, but for commands,
// which are handed to the scheduler function and answered by it.
//
// A Hub may be used from any goroutine. Publish never waits for a reader.
package operator
